"""Saved changes of points, and reports of them: refused in other hands, damaged or edited, and safe on another day."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

import backupkit as bk
from backupkit.connection import Connection
from backupkit.errors import AccessDeniedError, InvalidValueError
from backupkit.transport.recording import Recording

ACCOUNT, OTHER, REGION = "123456789012", "999999999999", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-00000000000000001"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
OF_ACCOUNT = (
    f"they are of the account {ACCOUNT}, the connection is to {OTHER}; "
    "connect to the account that they were previewed in"
)
READS = ("List", "Describe", "Get")


@pytest.fixture
def aws():
    with bk.local() as aws:
        for each in (aws, aws.as_account(OTHER)):
            each.call("CreateBackupVault", BackupVaultName="prod")
        yield aws


def backed_up(aws, *arns, **more):
    for arn in arns:
        if arn not in aws.resources:
            aws.resources.add(arn, size_bytes=1000)
        aws.back_up(arn, vault="prod", role=ROLE, **more).wait()


def saved(aws, *arns):
    backed_up(aws, *(arns or (VOLUME, FILES)))
    return aws.recovery_points().preview_deletion(keep_last=0)


def watched(aws):
    """A connection, and what it calls."""
    recording = Recording(aws.transport)
    return Connection(recording, aws.neighbours), recording


def edited(text, **members):
    return json.dumps({**json.loads(text), **members})


def without_account(text):
    return json.dumps({name: value for name, value in json.loads(text).items() if name != "account_id"})


def operations(recording):
    return [call.operation for call in recording.calls]


def states(report):
    return {(each.state, each.reason) for each in report.outcomes}


@pytest.mark.parametrize("verb", ["deletion", "lifecycle", "tags", "copies"])
def test_changes_of_one_account_are_not_loaded_for_another(aws, verb):
    """Vaults of two accounts may have one name: whose the points are decides, by one call that reads."""
    backed_up(aws, VOLUME, FILES)
    points = aws.recovery_points()
    changes = {
        "deletion": points.preview_deletion,
        "lifecycle": lambda: points.preview_lifecycle(keep_days=90),
        "tags": lambda: points.preview_tags({"Case": "7"}),
        "copies": lambda: points.preview_copies(f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:second"),
    }[verb]()
    assert changes.account_id == ACCOUNT
    other, calls = watched(aws.as_account(OTHER))
    with pytest.raises(InvalidValueError) as refused:
        bk.PointChanges.from_json(changes.to_json(), other)
    assert str(refused.value) == f"changes: {OF_ACCOUNT}"
    assert operations(calls) == ["ListBackupVaults"]
    own, calls = watched(aws)
    assert bk.PointChanges.from_json(changes.to_json(), own) == changes
    assert operations(calls) == ["ListBackupVaults"]


def test_where_vaults_tell_no_account_sts_does(aws):
    """An account without a vault, and a caller who may not list them, are known all the same."""
    text = saved(aws).to_json()
    with pytest.raises(InvalidValueError, match="the connection is to 888888888888"):
        bk.PointChanges.from_json(text, aws.as_account("888888888888"))
    other = aws.as_account(OTHER)
    aws.faults.fail("ListBackupVaults", "AccessDeniedException", times=1)
    with pytest.raises(InvalidValueError, match=OF_ACCOUNT):
        bk.PointChanges.from_json(text, other)


def test_what_was_saved_without_an_account_is_known_by_the_arns_of_its_points(aws):
    """Those of recovery points have one; those of EBS snapshots have none, and are let pass as nothing tells."""
    other = aws.as_account(OTHER)
    text = without_account(saved(aws).to_json())
    with pytest.raises(InvalidValueError, match=OF_ACCOUNT):
        bk.PointChanges.from_json(text, other)
    snapshots = [each for each in json.loads(text)["changes"] if ":ec2:" in each["recovery_point_arn"]]
    other, calls = watched(other)
    loaded = bk.PointChanges.from_json(edited(text, changes=snapshots), other)
    assert (len(loaded), loaded.account_id, operations(calls)) == (1, "", [])


def test_changes_of_another_partition_are_those_of_another_region(aws):
    """Where accounts are named alike in two partitions, the Region tells them apart."""
    text = saved(aws).to_json()
    china, calls = watched(aws.in_region("cn-north-1"))
    with pytest.raises(
        InvalidValueError, match=r"of us-east-1, the connection is to cn-north-1; connect to the Region"
    ):
        bk.PointChanges.from_json(text, china)
    assert operations(calls) == []


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"account_id": OTHER}, f"the report is of the account {OTHER}, the connection is to {ACCOUNT}; connect to"),
        ({"region_name": "eu-west-1"}, "the report is of eu-west-1, the connection is to us-east-1; connect to"),
        ({"changes_id": "another"}, "the report is of another preview; apply the changes that it is of, or leave it"),
        ({"verb": "copy"}, "the report is of another preview"),
    ],
)
def test_a_report_of_something_else_is_not_resumed(aws, members, told):
    """What was done elsewhere is not done here; nothing is called before that is told."""
    changes = saved(aws)
    text = changes.apply(allow_delete=True).to_json()
    again, calls = watched(aws)
    again = bk.PointChanges.from_json(changes.to_json(), again)
    asked = len(calls.calls)
    with pytest.raises(InvalidValueError, match=told):
        again.apply(allow_delete=True, resume=bk.PointReport.from_json(edited(text, **members)))
    assert len(calls.calls) == asked
    assert again.apply(allow_delete=True, resume=bk.PointReport.from_json(text)).complete


def test_a_report_tells_the_account_of_changes_that_do_not(aws):
    """Changes without an account are not resumed in another one, where the report knows it."""
    changes = saved(aws, VOLUME)
    report = changes.apply(allow_delete=True)
    assert report.account_id == ACCOUNT
    other, calls = watched(aws.as_account(OTHER))
    loaded = bk.PointChanges.from_json(without_account(changes.to_json()), other)
    with pytest.raises(InvalidValueError, match=OF_ACCOUNT):
        loaded.apply(allow_delete=True, resume=report)
    assert operations(calls) == ["ListBackupVaults"]


def broken(text):
    """Texts that are not the one that was written, by what is wrong with them."""
    told = json.loads(text)
    name = next(each for each in ("changes", "outcomes") if each in told)
    first = told[name][0]
    return {
        "cut": text[: len(text) // 2],
        "empty": "",
        "a list": "[]",
        "a text": '"secret"',
        "null": "null",
        "nothing": None,
        "not UTF-8": b'{"format": "\xff"}',
        "half a character": text[:-3] + "\ud800",
        "nested": text[:-2] + ',"more":' + "[" * 100_000,
        "of another version": edited(text, format=told["format"][:-1] + "9"),
        "with a secret for its format": edited(text, format="secret"),
        "an unknown member": edited(text, more="secret"),
        "an unknown member of a point": edited(text, **{name: [{**first, "more": "secret"}]}),
        "a point that is a text": edited(text, **{name: ["secret"]}),
        "points that are a text": edited(text, **{name: "secret"}),
        "a Region that is a number": edited(text, region_name=7),
        "an account that is a number": edited(text, account_id=int(ACCOUNT)),
        "a moment without a zone": edited(text, previewed_at="2026-01-01T00:00:00"),
        "a size that is a text": edited(text, **{name: [{**first, "size_bytes": "secret"}]}),
    }


@pytest.mark.parametrize("cls", [bk.PointChanges, bk.PointReport])
def test_what_was_not_written_so_is_refused_with_the_way_out(aws, cls):
    """Cut, of another version, or with a member of another kind: one error of the library, that shows nothing of it."""
    changes = saved(aws)
    own, calls = watched(aws)
    text = {bk.PointChanges: changes, bk.PointReport: changes.apply(allow_delete=True)}[cls].to_json()
    way_out = {bk.PointChanges: "or preview again", bk.PointReport: "or apply without resume="}[cls]
    for what, each in broken(text).items():
        with pytest.raises(InvalidValueError, match=rf"not what {cls.__name__}\.to_json writes.*{way_out}") as refused:
            cls.from_json(each, own) if cls is bk.PointChanges else cls.from_json(each)
        assert "secret" not in str(refused.value), what
        assert refused.value.__cause__ is refused.value.__context__ is None, what
    assert operations(calls) == []


def test_a_file_of_another_class_or_version_says_what_it_is(aws):
    """Whoever mixes up two files, or two versions of backupkit, sees which."""
    changes = saved(aws)
    report = changes.apply(allow_delete=True)
    with pytest.raises(InvalidValueError, match=r"though it says backupkit\.PointReport/1"):
        bk.PointChanges.from_json(report.to_json(), aws)
    with pytest.raises(InvalidValueError, match=r"though it says backupkit\.PointChanges/1"):
        bk.PointReport.from_json(changes.to_json())


def unsound(text):
    """Whole files that no preview writes."""
    told = json.loads(text)
    first, second = told["changes"]
    one, two = first["recovery_point_arn"], second["recovery_point_arn"]
    return {
        "is in it 2 times; preview again": {"changes": [first, second, first]},
        "is not the ARN of a point; preview again": {"changes": [{**first, "recovery_point_arn": "orders"}]},
        "goes with its composite, which is not in it": {"changes": [{**first, "with_parent": True}]},
        f"{one} is nested in itself": {"changes": [{**first, "parent": two}, {**second, "parent": one}]},
        f"{two} is nested in itself": {"changes": [{**second, "parent": two}]},
        "has a time without a time zone": {"changes": [{**first, "created": "2026-01-01T00:00:00"}]},
        "-1 points is out of range": {"task": {"verb": "delete", "keep_last": -1}},
        "neither keep_days nor cold_after_days is given": {"task": {"verb": "lifecycle"}},
        "-7 days is out of range": {"task": {"verb": "lifecycle", "keep_days": -7}},
        "begins with aws:": {"task": {"verb": "tags", "tags": {"aws:x": "secret"}}},
        "'v' is not the ARN of a backup vault": {"task": {"verb": "copy", "vault": "v"}},
    }


def test_what_no_preview_says_is_refused(aws):
    """A file that was edited or put together does nothing twice, waits for nothing forever, and asks for nothing odd."""
    text = saved(aws).to_json()
    for told, members in unsound(text).items():
        with pytest.raises(InvalidValueError) as refused:
            bk.PointChanges.from_json(edited(text, **members), aws)
        assert told in str(refused.value)
        assert "secret" not in str(refused.value)
    report = saved(aws).apply(allow_delete=True).to_json()
    outcomes = json.loads(report)["outcomes"]
    with pytest.raises(InvalidValueError, match=r"is in it 2 times; apply without resume="):
        bk.PointReport.from_json(edited(report, outcomes=[*outcomes, outcomes[0]]))


def test_a_file_that_is_wrong_all_through_is_told_in_a_page(aws):
    """A hundred points with the same fault are not a hundred sentences, and what a terminal obeys is escaped."""
    text = saved(aws).to_json()
    first = json.loads(text)["changes"][0]
    wrong = [{**first, "recovery_point_arn": f"\x1b[2J{number}" + "x" * 999} for number in range(100)]
    with pytest.raises(InvalidValueError) as refused:
        bk.PointChanges.from_json(edited(text, changes=[*wrong, *wrong]), aws)
    assert len(refused.value.problems) == 20
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 10_000


def test_a_lifecycle_is_changed_only_to_what_the_file_shows(aws):
    """Whoever edits what is asked for, but not what was reviewed of each point, deletes nothing sooner by it."""
    backed_up(aws, FILES, keep_days=400)
    text = aws.recovery_points().preview_lifecycle(keep_days=900).to_json()
    assert not bk.PointChanges.from_json(text, aws).deletes
    changes = bk.PointChanges.from_json(edited(text, task={"verb": "lifecycle", "keep_days": 1}), aws)
    assert states(changes.apply()) == {("failed", "stale")}
    assert [point.lifecycle.delete_after_days for point in aws.recovery_points()] == [400]


def lock(aws):
    aws.call("PutBackupVaultLockConfiguration", BackupVaultName="prod", MinRetentionDays=1)


def hold(aws):
    held = {"VaultNames": ["prod"], "ResourceIdentifiers": [FILES]}
    aws.call("CreateLegalHold", Title="case", Description="d", RecoveryPointSelection=held)
    aws.clock.advance(hours=1)


def forbid(aws):
    denied = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"]
    denial = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": denied, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    aws.call("PutBackupVaultAccessPolicy", BackupVaultName="prod", Policy=policy)


@pytest.mark.parametrize(
    ("verb", "since", "word"),
    [
        ("delete", lock, "locked"),
        ("delete", hold, "legal_hold"),
        ("delete", forbid, "vault_policy"),
        ("lifecycle", lock, "locked"),
        ("lifecycle", forbid, "vault_policy"),
    ],
)
def test_what_came_to_be_protected_since_is_left_without_a_call(aws, verb, since, word):
    """A file of yesterday does not even try what a lock, a legal hold or a policy forbids by now."""
    backed_up(aws, FILES)
    points = aws.recovery_points()
    changes = points.preview_deletion(keep_last=0) if verb == "delete" else points.preview_lifecycle(keep_days=900)
    since(aws)
    own, calls = watched(aws)
    report = bk.PointChanges.from_json(changes.to_json(), own).apply(allow_delete=True)
    assert states(report) == {("refused", word)}
    assert all(operation.startswith(READS) for operation in operations(calls))


def test_a_legal_hold_keeps_no_point_from_being_kept_longer(aws):
    """A hold is about deletion: what is changed otherwise is not left for it."""
    backed_up(aws, FILES)
    changes = aws.recovery_points().preview_lifecycle(keep_days=900)
    hold(aws)
    assert not aws.recovery_points().preview_lifecycle(keep_days=900).refused
    assert changes.apply(allow_delete=True).complete


@pytest.fixture
def composite(aws):
    """A stack with a file system in it, and one that is backed up by itself as well."""
    aws.resources.add(FILES)
    aws.resources.add(VOLUME)
    aws.resources.add(STACK, members={"Files": FILES, "Data": VOLUME})
    backed_up(aws, STACK)
    return aws


def test_a_composite_stays_whole_where_a_hold_keeps_one_part_since_the_preview(composite):
    """Parts go before their composite: a file of yesterday must not begin with what it cannot end."""
    text = composite.recovery_points().preview_deletion(keep_last=0).to_json()
    hold(composite)
    before = len(list(composite.recovery_points()))
    own, calls = watched(composite)
    report = bk.PointChanges.from_json(text, own).apply(allow_delete=True)
    assert states(report) == {("refused", "legal_hold"), ("refused", "composite")}
    assert all(operation.startswith(READS) for operation in operations(calls))
    assert len(list(composite.recovery_points())) == before


def test_a_composite_stays_whole_where_a_part_is_the_last_of_its_resource_by_now(composite):
    """Points that went since the preview make a part the last one, so everything that it is in stays."""
    for arn in (FILES, VOLUME, STACK):
        composite.clock.advance(days=1)
        backed_up(composite, arn)
    old = composite.recovery_points().where(older_than=timedelta(days=2, hours=12))
    changes = old.preview_deletion()
    assert changes
    assert not changes.refused
    newer = composite.recovery_points(resource=FILES).where(newer_than=timedelta(days=2, hours=12))
    newer.preview_deletion(keep_last=0).apply(allow_delete=True)
    report = changes.apply(allow_delete=True)
    assert states(report) == {("refused", "last_points"), ("refused", "composite")}


def test_a_part_that_was_taken_out_of_its_composite_since_is_left(composite):
    """Somebody who disassociates a point wants to keep it; nothing of the composite goes before that is looked at."""
    changes = composite.recovery_points().preview_deletion(keep_last=0)
    [part] = [each for each in composite.recovery_points(resource=FILES) if each.parent_recovery_point_arn]
    part.disassociate()
    report = changes.apply(allow_delete=True)
    mine = next(each for each in report.outcomes if each.recovery_point_arn == part.recovery_point_arn)
    assert (mine.state, mine.reason) == ("failed", "stale")
    assert states(report) == {("failed", "stale"), ("refused", "composite")}
    assert len(list(composite.recovery_points())) == len(report)


def test_what_went_since_is_done_and_what_is_new_stays(aws):
    """A file says which points, whatever else is in the vault by now."""
    changes = saved(aws)
    first = next(iter(changes)).recovery_point_arn
    aws.recovery_point(first, vault="prod").delete(allow_last=True).wait()
    backed_up(aws, FILES)
    report = bk.PointChanges.from_json(changes.to_json(), aws).apply(allow_delete=True)
    assert states(report) == {("done", "gone"), ("done", "")}
    assert len(list(aws.recovery_points())) == 1


@pytest.mark.parametrize("number", [1, 5])
def test_a_vault_that_went_since_keeps_no_other_from_being_done(aws, number):
    """AWS answers AccessDenied for it, as if nobody might look: its points are gone, and those of others go."""
    aws.call("CreateBackupVault", BackupVaultName="old")
    aws.resources.add(FILES)
    backed_up(aws, FILES)
    for _ in range(number):
        aws.back_up(FILES, vault="old", role=ROLE).wait()
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    aws.recovery_points(vault="old").preview_deletion(keep_last=0).apply(allow_delete=True)
    aws.call("DeleteBackupVault", BackupVaultName="old")
    report = bk.PointChanges.from_json(changes.to_json(), aws).apply(allow_delete=True)
    assert states(report) == {("done", "gone"), ("done", "")}
    assert list(aws.recovery_points()) == []


def test_a_vault_that_may_not_be_looked_into_is_not_taken_for_gone(aws):
    """Points whose vault is there are not called gone because the caller has no rights; nothing is deleted."""
    changes = saved(aws)
    aws.faults.fail("DescribeRecoveryPoint", "AccessDeniedException")
    own, calls = watched(aws)
    with pytest.raises(AccessDeniedError):
        bk.PointChanges.from_json(changes.to_json(), own).apply(allow_delete=True)
    assert all(operation.startswith(READS) for operation in operations(calls))


def test_an_account_without_vaults_is_not_one_whose_points_are_gone(aws):
    """Where nothing tells the account of a connection, what is not seen there is not said to be done."""
    text = saved(aws).to_json()
    blind = Connection(aws.as_account("888888888888").transport)
    with pytest.raises(AccessDeniedError):
        bk.PointChanges.from_json(text, blind).apply(allow_delete=True)
