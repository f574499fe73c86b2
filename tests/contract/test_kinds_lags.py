"""Services that have not caught up with themselves yet while a stack is applied: waited for, and not for too long."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import attrs
import pytest
from beside_world import FILE_SYSTEM, FUNCTIONS, TABLE, Refusal, beside, client, refuse
from kinds_all import EXAMPLES
from kinds_beside import drop_role, rules
from kinds_table import REGION, TOPIC
from watched import Watched

import backupkit as bk
from backupkit.declare.declared import Declared
from backupkit.errors import ApplyError
from backupkit.transport import lags


def stack(*things: Declared) -> bk.Stack:
    return bk.Stack("mine", *things)


def applied(aws: object, *things: Declared) -> None:
    """Apply a stack, and see that nothing is left to do."""
    stack(*things).preview(aws).apply()
    assert not stack(*things).preview(aws)


@attrs.frozen
class Lagging:
    """A service that refuses what it will take after a while.

    Args:
        kind: Of which example.
        operation: The call that is refused.
        code: The service's code.
        sentence: Its sentence.
        seconds: How long it is waited for.
        changed: The example's thing, otherwise.
        deleted: Deletes what the call is about, so that the service does not find it for good.
    """

    kind: str
    operation: str
    code: str
    sentence: str
    seconds: float
    changed: Callable[[Declared], Declared] = lambda thing: thing
    deleted: Callable[[], object] | None = None

    def ready(self) -> tuple[bk.LocalConnection, tuple[Declared, ...]]:
        """An AWS in which the thing can be made, and what the stack declares."""
        example = EXAMPLES[self.kind]
        return example.service(), (*example.parents, self.changed(example.thing))

    def refuse(self, times: float) -> Refusal:
        """Let the service refuse so many calls."""
        return refuse(self.operation, self.code, self.sentence, times=times)


NO_ROLE = "The role with name Backup cannot be found."
BUSY = f"The operation cannot be performed at this time. An update is in progress for resource: {FUNCTIONS[0]}"
LAGS = {
    "a new role gets its policies": Lagging("backup_role", "iam.AttachRolePolicy", "NoSuchEntity", NO_ROLE, 120),
    "a new role gets its inline policy": Lagging(
        "backup_role",
        "iam.PutRolePolicy",
        "NoSuchEntity",
        NO_ROLE,
        120,
        changed=lambda role: attrs.evolve(role, least_privilege=True),
    ),
    "a new table": Lagging(
        "continuous_backups",
        "dynamodb.UpdateContinuousBackups",
        "ContinuousBackupsUnavailableException",
        "Backups are being enabled for the table: orders. Please retry later",
        1_200,
        # moto's default is what the example declares.
        changed=lambda backups: attrs.evolve(backups, recovery_period_days=7),
    ),
    "a new file system": Lagging(
        "efs_backup_policy",
        "efs.PutBackupPolicy",
        "IncorrectFileSystemLifeCycleState",
        "The file system is creating.",
        600,
    ),
    "a new topic": Lagging(
        "topic_policy",
        "sns.SetTopicAttributes",
        "NotFound",
        "Topic does not exist",
        120,
        deleted=lambda: client("sns").delete_topic(TopicArn=TOPIC),
    ),
    "a new rule gets its target": Lagging(
        "restore_validation",
        "events.PutTargets",
        "ResourceNotFoundException",
        "Rule check does not exist on EventBus default.",
        120,
    ),
    "a new function": Lagging(
        "restore_validation",
        "lambda.AddPermission",
        "ResourceNotFoundException",
        f"Function not found: {FUNCTIONS[0]}",
        300,
        deleted=lambda: client("lambda").delete_function(FunctionName=FUNCTIONS[0]),
    ),
    "a function that changes": Lagging(
        "restore_validation", "lambda.AddPermission", "ResourceConflictException", BUSY, 300
    ),
}
ALL = pytest.mark.parametrize("name", LAGS)


@ALL
def test_what_a_service_does_not_know_yet_is_waited_for(name):
    """A call that a neighbour refuses only for now is made again, and the thing ends as declared, once."""
    lagging = LAGS[name]
    aws, things = lagging.ready()
    refusal = lagging.refuse(4)
    begin = aws.clock.monotonic()
    applied(aws, *things)
    assert refusal.seen >= 5
    assert 0 < aws.clock.monotonic() - begin < lagging.seconds
    assert EXAMPLES[lagging.kind].count(aws) == 1


@ALL
def test_what_stays_unknown_ends_in_what_the_service_says(name):
    """What takes too long is an error with the service's own sentence; the next run ends what was begun."""
    lagging = LAGS[name]
    aws, things = lagging.ready()
    refusal = lagging.refuse(math.inf)
    begin = aws.clock.monotonic()
    with pytest.raises(ApplyError) as caught:
        stack(*things).preview(aws).apply()
    assert lagging.sentence in str(caught.value)
    assert f"for {lagging.seconds:g} seconds" in str(caught.value)
    assert lagging.seconds <= aws.clock.monotonic() - begin < lagging.seconds + 60
    refusal.times = 0
    applied(aws, *things)
    assert EXAMPLES[lagging.kind].count(aws) == 1


@pytest.mark.parametrize("name", [name for name, lagging in LAGS.items() if lagging.deleted is not None])
def test_what_is_not_there_is_waited_for_by_nobody(name):
    """What is gone when the call is made is an error at once, though the service says the same as of what is new."""
    lagging = LAGS[name]
    aws, things = lagging.ready()
    changes = stack(*things).preview(gone_before(aws, lagging.operation, lagging.deleted))
    refusal = lagging.refuse(math.inf)
    begin = aws.clock.monotonic()
    with pytest.raises(ApplyError, match=lagging.code):
        changes.apply()
    assert aws.clock.monotonic() == begin
    assert refusal.seen == 1


def gone_before(aws: bk.LocalConnection, operation: str, delete: Callable[[], object]) -> Watched:
    """A connection with whose call something is deleted, a moment before it is made."""
    wanted = "".join(f"_{each.lower()}" if each.isupper() else each for each in operation.partition(".")[2]).strip("_")

    def watch(name: str, send: Callable[[], object], _: object) -> object:
        if name == wanted:
            delete()
        return send()

    return Watched(aws, watch)


ROLE = bk.BackupRole("Backup", types="EFS")
WITH_MORE = bk.BackupRole("Backup", types=("EFS", "S3"))


def test_a_role_that_an_earlier_run_made_is_known_by_iam_telling_of_it():
    """A role that is there and is not found is new, whoever made it, and is waited for."""
    aws = beside()
    applied(aws, ROLE)
    refusal = refuse("iam.AttachRolePolicy", "NoSuchEntity", NO_ROLE, times=4)
    applied(aws, WITH_MORE)
    assert refusal.seen >= 5


def trusting_nobody(aws: bk.LocalConnection) -> None:
    """Make the role and change by hand whom it trusts, so that the next run must put that right."""
    applied(aws, ROLE)
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}
    client("iam").update_assume_role_policy(RoleName="Backup", PolicyDocument=json.dumps(trust))


def test_a_role_that_is_not_found_yet_gets_its_trust_policy():
    """Whom a role trusts is put right, also where IAM does not find the role that it tells of."""
    aws = beside()
    trusting_nobody(aws)
    begin = aws.clock.monotonic()
    refusal = refuse("iam.UpdateAssumeRolePolicy", "NoSuchEntity", NO_ROLE, times=4)
    applied(aws, ROLE)
    assert refusal.seen == 5
    assert 0 < aws.clock.monotonic() - begin < 120


def test_a_role_that_stays_unfound_ends_in_what_iam_says():
    """After two minutes the run ends with IAM's sentence about the trust policy; the next one puts it right."""
    aws = beside()
    trusting_nobody(aws)
    refusal = refuse("iam.UpdateAssumeRolePolicy", "NoSuchEntity", NO_ROLE, times=math.inf)
    with pytest.raises(ApplyError, match="for 120 seconds") as caught:
        stack(ROLE).preview(aws).apply()
    assert NO_ROLE in str(caught.value)
    refusal.times = 0
    applied(aws, ROLE)


def test_a_role_that_is_gone_gets_no_trust_policy():
    """A role that somebody deletes in between is not waited for."""
    aws = beside()
    trusting_nobody(aws)
    changes = stack(ROLE).preview(gone_before(aws, "iam.UpdateAssumeRolePolicy", lambda: drop_role(aws)))
    begin = aws.clock.monotonic()
    with pytest.raises(ApplyError, match="NoSuchEntity"):
        changes.apply()
    assert aws.clock.monotonic() == begin


def test_a_role_that_this_run_made_is_new_though_nothing_tells_of_it():
    """What the same run has made is waited for, also where reading it does not find it either."""
    aws = beside()
    changes = stack(ROLE).preview(aws)
    refusal = refuse("iam.AttachRolePolicy", "NoSuchEntity", NO_ROLE, times=4)
    untold = refuse("iam.GetRole", "NoSuchEntity", NO_ROLE, times=3)
    changes.apply()
    assert refusal.seen == 5 + len(ROLE.managed_policies) - 1
    assert untold.seen > 3
    assert not stack(ROLE).preview(aws)


def test_a_run_ends_when_its_work_can_be_read():
    """What a service took and does not tell of yet is read again until it does, so that the next preview is empty."""
    aws = beside()
    changes = stack(ROLE).preview(aws)
    # The first reading is the look before the change.
    untold = refuse("iam.GetRole", "NoSuchEntity", NO_ROLE, times=6)
    changes.apply()
    assert untold.seen == 7
    assert not stack(ROLE).preview(aws)


def test_what_is_never_told_is_an_error_that_says_so():
    """A service that does not tell of what it took within two minutes is an error; the next run finds it there."""
    aws = beside()
    changes = stack(ROLE).preview(aws)
    untold = refuse("iam.GetRole", "NoSuchEntity", NO_ROLE, times=math.inf)
    with pytest.raises(ApplyError, match="iam took the change, and after 120 seconds does not tell of it"):
        changes.apply()
    untold.times = 0
    assert not stack(ROLE).preview(aws)


def test_a_role_that_is_gone_is_an_error_at_once():
    """A role that somebody deletes in between is not waited for."""
    aws = beside()
    applied(aws, ROLE)
    changes = stack(WITH_MORE).preview(gone_before(aws, "iam.AttachRolePolicy", lambda: drop_role(aws)))
    refusal = refuse("iam.AttachRolePolicy", "NoSuchEntity", NO_ROLE, times=math.inf)
    begin = aws.clock.monotonic()
    with pytest.raises(ApplyError, match="NoSuchEntity"):
        changes.apply()
    assert aws.clock.monotonic() == begin
    assert refusal.seen == 1


def test_a_policy_that_is_not_there_is_an_error_at_once():
    """Of a new role, only the role itself is waited for; a managed policy that AWS does not have stays away."""
    aws = beside()
    sentence = "Policy arn:aws:iam::aws:policy/none does not exist or is not attachable."
    refusal = refuse("iam.AttachRolePolicy", "NoSuchEntity", sentence, times=math.inf)
    with pytest.raises(ApplyError, match="NoSuchEntity") as caught:
        stack(ROLE).preview(aws).apply()
    assert refusal.seen == 1
    # Only sentences that are known to quote no more than names are told.
    assert "attachable" not in str(caught.value)


STATEMENT = {
    "FunctionName": FUNCTIONS[0],
    "StatementId": "backupkit-check",
    "Action": "lambda:InvokeFunction",
    "Principal": "events.amazonaws.com",
    "SourceArn": f"arn:aws:events:{REGION}:123456789012:rule/another",
}


def test_a_statement_that_was_just_taken_away_may_still_be_there():
    """A permission of the same name for another rule is replaced, also where Lambda still sees the old one."""
    example = EXAMPLES["restore_validation"]
    aws = example.service()
    client("lambda").add_permission(**STATEMENT)
    sentence = "The statement id (backupkit-check) provided already exists."
    refusal = refuse("lambda.AddPermission", "ResourceConflictException", sentence, times=4, after=1)
    applied(aws, *example.things)
    assert refusal.seen == 6
    assert rules(aws) == 1
    found = json.loads(client("lambda").get_policy(FunctionName=FUNCTIONS[0])["Policy"])["Statement"]
    assert [each["Sid"] for each in found] == ["backupkit-check"]


def test_a_function_that_changes_is_waited_for_to_take_a_permission_away():
    """A permission of the same name for another rule is replaced, once Lambda can change the function again."""
    example = EXAMPLES["restore_validation"]
    aws = example.service()
    client("lambda").add_permission(**STATEMENT)
    begin = aws.clock.monotonic()
    refusal = refuse("lambda.RemovePermission", "ResourceConflictException", BUSY, times=4)
    applied(aws, *example.things)
    assert refusal.seen == 5
    assert 0 < aws.clock.monotonic() - begin < 300
    found = json.loads(client("lambda").get_policy(FunctionName=FUNCTIONS[0])["Policy"])["Statement"]
    assert [each["Condition"]["ArnLike"]["AWS:SourceArn"].rpartition("/")[2] for each in found] == ["check"]


def test_a_function_that_changes_for_too_long_keeps_the_permission_that_it_has():
    """After five minutes the run ends with Lambda's sentence; the next one replaces the permission."""
    example = EXAMPLES["restore_validation"]
    aws = example.service()
    client("lambda").add_permission(**STATEMENT)
    refusal = refuse("lambda.RemovePermission", "ResourceConflictException", BUSY, times=math.inf)
    with pytest.raises(ApplyError, match="for 300 seconds") as caught:
        stack(*example.things).preview(aws).apply()
    assert BUSY in str(caught.value)
    found = json.loads(client("lambda").get_policy(FunctionName=FUNCTIONS[0])["Policy"])["Statement"]
    assert [each["Sid"] for each in found] == ["backupkit-check"]
    refusal.times = 0
    applied(aws, *example.things)


def test_a_function_that_changes_loses_no_permission():
    """That a function cannot be changed just now is not taken for a statement in the way: none is taken away."""
    example = EXAMPLES["restore_validation"]
    aws = example.service()
    refuse("lambda.AddPermission", "ResourceConflictException", BUSY, times=math.inf)
    removed = refuse("lambda.RemovePermission", "", "", times=0)
    with pytest.raises(ApplyError, match="An update is in progress"):
        stack(*example.things).preview(aws).apply()
    assert removed.seen == 0


ROLE_LAG = "IAM Role arn:aws:iam::123456789012:role/Backup cannot be assumed by AWS Backup"
PRINCIPAL_LAG = "Provided principal is not valid"
NAMING = {
    "a plan": ("plan", "CreateBackupPlan", ROLE_LAG),
    "a plan that gets a scanner": ("plan", "UpdateBackupPlan", ROLE_LAG),
    "an access point": ("access_point", "CreateBackupAccessPoint", PRINCIPAL_LAG),
}


@pytest.mark.parametrize("name", NAMING)
def test_what_names_a_new_role_waits_as_selections_do(name):
    """A plan with a scanner's role and an access point for a role are tried again until AWS knows the role."""
    kind, operation, sentence = NAMING[name]
    example = EXAMPLES[kind]
    aws = bk.local()
    aws.load_state(example.service().save_state())
    if operation.startswith("Update"):
        applied(aws, *example.things)
    fault = aws.faults.fail(operation, "InvalidParameterValueException", sentence, times=3)
    applied(aws, *example.parents, example.new_role(example.thing))
    assert fault.fired == 3
    assert example.count(aws) == 1


def test_every_row_for_other_services_has_an_example():
    """No row of the table of lags is there that no test reaches."""
    reached = {(*lagging.operation.lower().split("."), lagging.code) for lagging in LAGS.values()}
    rows = {
        (row.service, each.replace("_", ""), row.code)
        for row in lags._LAGS
        if row.service != "backup"
        for each in row.operations
    }
    # A trust policy is changed of roles that are there, and a permission is taken away as one is given: above.
    others = {
        ("iam", "updateassumerolepolicy", "NoSuchEntity"),
        ("lambda", "removepermission", "ResourceConflictException"),
    }
    assert rows - others == reached


def test_the_world_refuses_nothing_by_itself():
    """The services of these tests do what they are asked where nothing else was said."""
    aws = beside("tables", "file systems")
    applied(aws, bk.DynamoDBContinuousBackups(TABLE, recovery_period_days=7), bk.EFSBackupPolicy(FILE_SYSTEM))
