"""Words that are True or False: whoever says ``"no"`` is told so, for it would count as yes."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import pytest

import backupkit as bk
from backupkit import collections
from backupkit.emulator import LocalClock, SyntheticWorld
from backupkit.emulator.faults.faults import Faults
from backupkit.errors import InvalidValueError
from backupkit.restore_testing import checks

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
ROLE = "arn:aws:iam::123456789012:role/backup"
OTHER = "arn:aws:backup:us-east-1:123456789012:backup-vault:other"
COPY = bk.restore.DynamoDBTable("copy")
PLAN = bk.Plan("nightly", bk.Rule("daily", "prod").keep(days=35))
STACK = bk.Stack("shop", PLAN)


@pytest.fixture(scope="module")
def stage():
    aws = bk.local()
    aws.resources.add(TABLE)
    for name in ("prod", "other"):
        aws.call("CreateBackupVault", BackupVaultName=name)
    job = aws.back_up(TABLE, vault="prod", role=ROLE).wait()
    return SimpleNamespace(
        aws=aws,
        job=job,
        point=job.recovery_point,
        copy=job.recovery_point.copy_to(OTHER, role=ROLE),
        quiesced=bk.QuiescedBackup(job=job, instance_id="i-1", execution_id="e-1", runs=()),
        validator=bk.restore_testing.Validator(lambda *_: None),
    )


def seen(aws: bk.LocalConnection) -> tuple[object, ...]:
    """What a verb that went through would have changed."""
    jobs = (aws.backup_jobs(), aws.copy_jobs(), aws.restore_jobs(), aws.scan_jobs(), aws.recovery_points())
    return aws.clock.now(), *map(list, jobs), list(aws.vaults), list(aws.plans), list(aws.faults), list(aws.resources)


# By owner and verb: what calls it with a word.
VERBS = {
    "AdvancedBackupSetting.s3": lambda _, **word: bk.AdvancedBackupSetting.s3(**word),
    "AdvancedBackupSetting.windows_vss": lambda _, **word: bk.AdvancedBackupSetting.windows_vss(**word),
    "Rule.cold_after": lambda _, **word: PLAN.rules[0].cold_after(days=3, **word),
    "BackupJob.wait": lambda stage, **word: stage.job.wait(**word),
    "CopyJob.wait_at": lambda stage, **word: stage.copy.wait_at(stage.aws, **word),
    "QuiescedBackup.wait": lambda stage, **word: stage.quiesced.wait(**word),
    "Changes.apply": lambda stage, **word: STACK.preview(stage.aws).apply(**word),
    "Connection.recover": lambda stage, **word: stage.aws.recover(TABLE, **word),
    "Connection.preview_recovery": lambda stage, **word: stage.aws.preview_recovery(TABLE, **word),
    "Connection.recovery_points": lambda stage, **word: stage.aws.recovery_points(**word),
    "Coverage.require": lambda stage, **word: bk.coverage(stage.aws, plans=PLAN).require(**word),
    "Deletion.wait": lambda stage, **word: bk.Deletion(point=stage.point).wait(**word),
    "PointChanges.apply": lambda stage, **word: (
        stage.aws.recovery_points().preview_deletion(keep_last=0).apply(**{"allow_delete": True, **word})
    ),
    "RecoveryPoint.copy_to": lambda stage, **word: stage.point.copy_to(OTHER, **word),
    "RecoveryPoint.delete": lambda stage, **word: stage.point.delete(**word),
    "RecoveryPoint.index": lambda stage, **word: stage.point.index(**word),
    "RecoveryPoint.preview_restore": lambda stage, **word: stage.point.preview_restore(COPY, **word),
    "RecoveryPoint.restore": lambda stage, **word: stage.point.restore(COPY, **word),
    "RecoveryPoint.update_lifecycle": lambda stage, **word: stage.point.update_lifecycle(keep_days=9, **word),
    "RecoveryPoints.where": lambda stage, **word: stage.aws.recovery_points().where(**word),
    "RecoveryPreview.apply": lambda stage, **word: stage.aws.preview_recovery(TABLE).apply(**word),
    "RestorePreview.looked_at": lambda stage, **word: stage.point.preview_restore(COPY).looked_at(**word),
    "ReturnPreview.apply": lambda stage, **word: stage.point.preview_return(to=stage.aws).apply(**word),
    "Stack.preview": lambda stage, **word: STACK.preview(stage.aws, **word),
    "as_completed": lambda stage, **word: bk.as_completed([stage.job], **word),
    "coverage": lambda stage, **word: bk.coverage(stage.aws, plans=PLAN, **word),
    "local": lambda _, **word: bk.local(**word),
    "wait_all": lambda stage, **word: bk.wait_all([stage.job], **word),
    "Plans.listed": lambda stage, **word: stage.aws.plans.listed(**word),
    "Vaults.listed": lambda stage, **word: list(stage.aws.vaults.listed(**word)),
    "Faults.cut": lambda stage, **word: stage.aws.faults.cut(**word),
    "Faults.outage": lambda stage, **word: stage.aws.faults.outage("EBS", **word),
    "LocalClock.advance": lambda stage, **word: stage.aws.clock.advance(days=1, **word),
    "LocalClock.until": lambda stage, **word: stage.aws.clock.until(stage.aws.clock.now(), **word),
    "SyntheticWorld.add": lambda stage, **word: stage.aws.resources.add(f"{TABLE}-2", **word),
    "Validator.validate": lambda stage, **word: stage.validator.validate("job", stage.aws, **word),
    **{
        f"checks.{name}": lambda _, name=name, **word: getattr(checks, name)(**word)
        for name in ("aurora", "ec2", "efs", "rds")
    },
}
ELSEWHERE = {
    # A job of another kind waits by the same function.
    **{f"{kind}.wait": "BackupJob.wait" for kind in ("CopyJob", "ReportJob", "RestoreJob", "ScanJob")},
    **{f"{kind}.{verb}": f"Connection.{verb}" for kind in ("AWSConnection", "LocalConnection")
       for verb in ("recover", "preview_recovery", "recovery_points")},
}  # fmt: skip
OWNERS = (collections.Plans, collections.Vaults, Faults, LocalClock, SyntheticWorld, bk.restore_testing.Validator)


def words():
    """Each argument of a public verb that is True or False."""
    public = [*(getattr(bk, name) for name in bk.__all__), *OWNERS]
    owned = [(f"{each.__name__}.", each) for each in public if inspect.isclass(each)]
    verbs = [(each.__name__, each) for each in public if inspect.isfunction(each)]
    verbs += [(f"checks.{name}", getattr(checks, name)) for name in checks.__all__]
    verbs += [
        (prefix + name, getattr(owner, name))
        for prefix, owner in owned
        for name in dir(owner)
        if not name.startswith("_")
    ]
    for name, verb in verbs:
        if (inspect.isfunction(verb) or inspect.ismethod(verb)) and verb.__module__.startswith("backupkit"):
            for word, parameter in inspect.signature(verb).parameters.items():
                # How JSON is written needs no consent.
                if parameter.annotation in ("bool", "bool | None") and word != "json":
                    yield name, word


WORDS = sorted({(ELSEWHERE.get(name, name), word) for name, word in words()})


@pytest.mark.parametrize(("verb", "word"), WORDS)
@pytest.mark.parametrize("odd", ["no", 0, 1, [], "False"], ids=repr)
def test_a_word_that_is_neither_true_nor_false_is_refused(stage, verb, word, odd):
    """Before anything is asked, started or deleted, and with the name of the argument."""
    before = seen(stage.aws)
    with pytest.raises(InvalidValueError) as caught:
        VERBS[verb](stage, **{word: odd})
    assert [problem.address.rpartition("/")[2] for problem in caught.value.problems] == [word]
    assert seen(stage.aws) == before


def test_every_verb_with_such_a_word_is_in_the_table():
    """And nothing is in it that is not there any more."""
    assert {verb for verb, _ in WORDS} == VERBS.keys()
