"""The declared side and the local service refuse the same documents: what one takes, the other takes, too."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backupkit as bk
from backupkit import testing
from backupkit.declare.codec.documents import document
from backupkit.declare.codec.reading import from_document
from backupkit.declare.declared import Declared
from backupkit.documents import Document

DR = "arn:aws:backup:eu-west-1:123456789012:backup-vault:dr"
KEY = "arn:aws:kms:us-east-1:123456789012:key/mrk-abc123"
TOPIC = "arn:aws:sns:us-east-1:123456789012:backups"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
HERE = {"account_id": "123456789012", "region_name": "us-east-1"}
NUMBERS = (-2, -1, 0, 1, 2, 3, 35, 36, 59, 60, 90, 119, 36_500, 36_501, 52_560_000, 52_560_001, 10**20, 10**5000)
NOT_NUMBERS = (-1.0, 1.5, float("nan"), float("inf"), Decimal(-1), True, "35", [], {})
NAMES = ("", "a", "ab", "a.b", "a b", "x" * 50, "x" * 51, "x" * 200, "x" * 201, "prod\n", "\ud800", "ä", "*")
CRONS = (
    "cron(0 5 * * ? *)",
    "cron(010 5 ? * * *)",
    "cron(0 5 * * * *)",
    "cron(*/5 5 ? * * *)",
    "rate(1 day)",
    "cron()",
)
WORDS = (
    "ALL",
    "EFS",
    "S3",
    "enabled",
    "Enabled",
    "GUARDDUTY",
    "FULL_SCAN",
    "Europe/Rome",
    "Mars/Olympus",
    "STRINGEQUALS",
)
PARTS = (
    ("arn", "urn", ""),
    ("aws", "aws-cn", "azure", ""),
    ("backup", "iam", "kms", "sns", ""),
    ("", "us-east-1", "us east 1", "$region", "us-east-1\n"),
    ("", "12345678901", "1234567890123", "$account", "\u0661" * 12),
    (
        *(
            "",
            "prod",
            "topic.fifo",
            "a" * 257,
            "backup-vault:",
            "backup-vault:a",
            "backup-vault:a.b",
            "backup-vault:$a",
        ),
        *("key/", "key/a b", "alias/a", "role/", "role/a/", "role/a b", "role/p/r", "role/" + "r" * 65, "role/ä"),
    ),
)


def _paths(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Every place in a document, itself left out."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield (*path, key)
        yield from _paths(part, (*path, key))


def _wrong(value: object) -> Iterator[object]:
    """What may stand in the place of ``value``: near a limit, beyond it, or of another type."""
    if isinstance(value, str) and value.startswith("arn:"):
        parts = value.split(":", 5)
        for position, others in enumerate(PARTS):
            yield from (":".join((*parts[:position], other, *parts[position + 1 :])) for other in others)
        yield from (f"{value}\n", f" {value}", "*", "")
    if isinstance(value, str):
        yield from (*NAMES, *CRONS, *WORDS, 5, True, ["a"], {"a": "b"})
    elif isinstance(value, list):
        yield from ([], value * 2, value * 11, "text", {"a": "b"}, [*value, 5], ["a"], [{}])
    elif isinstance(value, dict):
        yield from ({}, {**value, "Other": 1}, "text", ["a"], {"aws:a": "b"}, {"AWS:a": "b"}, {"": "b"}, {5: "b"})
        yield from ({"a": "b" * 257}, {"a" * 129: "b"}, {"a": 5}, {"\ud800": "b"})
        yield from ({f"k{number}": "" for number in range(most)} for most in (10, 11, 50, 51))
        yield from ({name: part for name, part in value.items() if name != left_out} for left_out in value)
    else:
        yield from (*NUMBERS, *NOT_NUMBERS, False)


def _variants(whole: Document) -> Iterator[Document]:
    """The document with one place changed, in every way, and without each of its members."""
    for path in _paths(whole):
        for wrong in _wrong(_at(whole, path)):
            yield _changed(whole, path, wrong)
    for left_out in whole:
        yield {name: part for name, part in whole.items() if name != left_out}


def _changed(whole: Document, path: tuple[object, ...], wrong: object) -> Document:
    changed = copy.deepcopy(whole)
    _at(changed, path[:-1])[path[-1]] = wrong
    return changed


def _at(value: object, path: tuple[object, ...]) -> object:
    for key in path:
        value = value[key]
    return value


def _refusal(call: Callable[[], object]) -> str | None:
    """Why a call is refused; None where it is taken."""
    try:
        call()
    except bk.errors.BackupKitError as error:
        return str(error)
    return None


def _differing(cls: type[Declared], documents: Iterable[Document], send: Callable[[Document], object]) -> list[object]:
    """What one side takes and the other refuses, with what each said.

    A document that the declared side takes is sent as the declared value sends it.
    """
    found = []
    for each in documents:
        value, noted = from_document(cls, each)
        ours = _refusal(value.check) or "; ".join(map(str, noted)) or None
        theirs = _refusal(lambda: send(each if ours else document(value)))  # noqa: B023 - called at once
        if _disagree(ours, theirs) and not (ours is None and _may_be_newer(value)):
            found.append((ours, theirs))
    return found


def _may_be_newer(value: Declared) -> bool:
    """Whether it has a word that AWS may have added since: that is warned about, and left to AWS to decide."""
    return any("that backupkit knows" in str(each) for each in value.problems())


def _disagree(ours: str | None, theirs: str | None) -> bool:
    # AWS takes a condition that can match nothing; a policy is also held against the account that it is put in; and
    # the local service says where it cannot evaluate one.
    excused = "matches nothing" in str(ours) or any(
        words in str(theirs) for words in ("cross-account sharing restrictions", "the local service cannot evaluate")
    )
    return (ours is None) is not (theirs is None) and not excused


def _plan_taker(aws: bk.Connection) -> Callable[[Document], object]:
    def send(given: Document) -> None:
        made = aws.call("CreateBackupPlan", BackupPlan=given)
        aws.call("DeleteBackupPlan", BackupPlanId=made["BackupPlanId"])

    return send


WHOLE_PLAN = document(
    bk.Plan(
        "plan",
        bk.Rule("daily", "prod")
        .scheduled("cron(0 5 ? * * *)", timezone="Europe/Berlin")
        .cold_after(days=30, archive=True)
        .keep(days=120)
        .copy_to(DR, keep_days=120, cold_after_days=30)
        .tagging(Team="shop"),
        bk.Rule(
            "continuous",
            "prod",
            start_window_minutes=60,
            completion_window_minutes=120,
            air_gapped_vault="arn:aws:backup:us-east-1:123456789012:backup-vault:gapped",
            index_actions=[bk.IndexAction("S3")],
            scan_actions=[bk.ScanAction()],
        ).continuously(keep_days=35),
        advanced_settings=[bk.AdvancedBackupSetting.windows_vss()],
        scan_settings=[bk.ScanSetting(resource_types=("EC2", "S3"), scanner_role_arn=ROLE)],
    )
)
WHOLE_SELECTION = document(
    bk.Selection("web", ROLE)
    .including("arn:aws:ec2:*:*:instance/*", "arn:aws:s3:::b")
    .excluding("arn:aws:s3:::logs")
    .any_tag(Backup="daily")
    .where(bk.tag("Environment").equals("production"), bk.tag("Team").unlike("test*"))
)
WHOLE_VAULT = document(bk.Vault("prod", key=KEY).tagged(Team="shop"))
WHOLE_LOCK = document(bk.ComplianceLock(min_days=7, max_days=365, changeable_for_days=14))
WHOLE_POLICY = {
    "Version": "2012-10-17",
    "Id": "prod",
    "Statement": [
        {
            "Sid": "keep",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "backup:DeleteRecoveryPoint",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ["123456789012", "210987654321"]}},
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["210987654321", "arn:aws:iam::210987654321:role/copy"]},
            "Action": ["backup:CopyIntoBackupVault"],
            "Resource": ["*"],
        },
    ],
}
WHOLE_NOTIFICATIONS = document(bk.Notifications(TOPIC, ("BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED")))


@pytest.mark.slow
def test_both_take_the_same_plans():
    """A plan document with one place changed, in whatever way, is taken by both sides or by neither."""
    with bk.local() as aws:
        assert _differing(bk.Plan, _variants(WHOLE_PLAN), _plan_taker(aws)) == []


def test_both_take_the_same_selections():
    """So is a selection."""
    with bk.local() as aws:
        rules = [{"RuleName": "r", "TargetBackupVaultName": "prod"}]
        plan = aws.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": rules})["BackupPlanId"]

        def send(given):
            made = aws.call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=given)
            aws.call("DeleteBackupSelection", BackupPlanId=plan, SelectionId=made["SelectionId"])

        assert _differing(bk.Selection, _variants(WHOLE_SELECTION), send) == []


def test_both_take_the_same_vaults():
    """So is a vault."""
    with bk.local() as aws:

        def send(given):
            made = aws.call("CreateBackupVault", **given)
            aws.call("DeleteBackupVault", BackupVaultName=made["BackupVaultName"])

        assert _differing(bk.Vault, _variants(WHOLE_VAULT), send) == []


def test_both_take_the_same_locks():
    """So is a lock, of compliance with its grace time and of governance without."""
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        for cls in (bk.ComplianceLock, bk.GovernanceLock):
            final = cls is bk.ComplianceLock
            those = (given for given in _variants(WHOLE_LOCK) if ("ChangeableForDays" in given) is final)
            assert _differing(cls, those, lambda given: _put(aws, "LockConfiguration", **given)) == []


def test_both_take_the_same_notifications():
    """So are notifications."""
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        variants = _variants(WHOLE_NOTIFICATIONS)
        assert _differing(bk.Notifications, variants, lambda given: _put(aws, "Notifications", **given)) == []


def test_both_take_the_same_access_policies():
    """So is an access policy, also one whose text is not JSON."""
    texts = [json.dumps(each) for each in _variants(WHOLE_POLICY)]
    texts += ["{", "[]", "5", "null", "", '{"Statement": NaN}', '{"Statement": 1e400}', "[" * 100_000]
    differing = []
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        for text in texts:
            ours = _refusal(lambda: bk.Vault("prod", policy=text))  # noqa: B023 - called at once
            theirs = _refusal(lambda: _put(aws, "AccessPolicy", Policy=text))  # noqa: B023 - called at once
            if _disagree(ours, theirs):
                differing.append((text[:200], ours, theirs))
    assert differing == []


def _put(aws, what, **params):
    aws.call(f"PutBackupVault{what}", BackupVaultName="prod", **params)


@given(testing.plans(**HERE).map(document), st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_both_take_the_same_drawn_plans(drawn, data):
    """Any plan that the strategies yield is taken by both, and with one of its places changed by both or neither."""
    path = data.draw(st.sampled_from(list(_paths(drawn))))
    changed = _changed(drawn, path, data.draw(st.sampled_from(list(_wrong(_at(drawn, path))))))
    with bk.local() as aws:
        assert _differing(bk.Plan, [drawn, changed], _plan_taker(aws)) == []
