"""Audit Manager's frameworks in the local AWS Backup: their operations, states, quotas and refusals."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from audit_stage import (
    ACCOUNT_COPIES,
    DELETION,
    ENCRYPTED,
    FREQUENT,
    GAPPED,
    KEPT,
    LOCKED,
    PROTECTED,
    RECENT,
    REGION_COPIES,
    RESTORED,
    results,
)
from local_stage import Stage, table_arn

from backupkit import errors
from backupkit.emulator.audit.controls import CONTROLS
from backupkit.emulator.audit.frameworks import MOST_CONTROLS, MOST_FRAMEWORKS
from backupkit.emulator.kernel.behavior import Choices


@pytest.fixture
def stage():
    return Stage()


def control(name: str, scope: dict[str, Any] | None = None, /, **parameters: str) -> dict[str, Any]:
    return {
        "ControlName": name,
        "ControlInputParameters": [{"ParameterName": key, "ParameterValue": text} for key, text in parameters.items()],
        **({"ControlScope": scope} if scope else {}),
    }


def create(stage: Stage, *controls: dict[str, Any], name: str = "daily", **more: Any) -> dict[str, Any]:
    return stage.call(
        "CreateFramework", FrameworkName=name, FrameworkControls=list(controls or [control(PROTECTED)]), **more
    )


def described(stage: Stage, name: str = "daily") -> dict[str, Any]:
    return stage.call("DescribeFramework", FrameworkName=name)


def status(stage: Stage, name: str = "daily") -> str:
    found: str = described(stage, name)["DeploymentStatus"]
    return found


def refused(stage: Stage, operation: str, **params: Any) -> tuple[str, str]:
    with pytest.raises(errors.ServiceError) as caught:
        stage.call(operation, **params)
    return caught.value.code, caught.value.message


def bad(stage: Stage, *controls: dict[str, Any]) -> str:
    code, message = refused(stage, "CreateFramework", FrameworkName="bad", FrameworkControls=list(controls))
    assert code == "InvalidParameterValueException"
    return message


def test_a_framework_is_created_updated_and_deleted_on_the_clock(stage):
    """Each change is in progress for a minute; a deleted framework is gone after it, and not before."""
    create(stage)
    assert status(stage) == "CREATE_IN_PROGRESS"
    stage.clock.advance(minutes=1)
    assert status(stage) == "COMPLETED"
    stage.call("UpdateFramework", FrameworkName="daily", FrameworkDescription="new")
    assert status(stage) == "UPDATE_IN_PROGRESS"
    stage.clock.advance(minutes=1)
    assert status(stage) == "COMPLETED"
    stage.call("DeleteFramework", FrameworkName="daily")
    assert status(stage) == "DELETE_IN_PROGRESS"
    stage.clock.advance(minutes=1)
    code, _ = refused(stage, "DescribeFramework", FrameworkName="daily")
    assert code == "ResourceNotFoundException"
    assert stage.every("ListFrameworks", "Frameworks") == []


def test_what_is_in_progress_cannot_be_changed(stage):
    """Update and delete conflict with a deployment under way, and may be tried again after it."""
    create(stage)
    for operation in ("UpdateFramework", "DeleteFramework"):
        code, message = refused(stage, operation, FrameworkName="daily")
        assert (code, "CREATE_IN_PROGRESS" in message) == ("ConflictException", True)
    stage.clock.advance(minutes=1)
    stage.call("DeleteFramework", FrameworkName="daily")
    assert refused(stage, "DeleteFramework", FrameworkName="daily")[0] == "ConflictException"


def test_a_failed_deployment_can_only_be_deleted():
    """Where frameworks do not deploy, they end FAILED; they cannot be updated, but deleted and made again."""
    stage = Stage(choices=Choices(frameworks_deploy=False))
    create(stage)
    stage.clock.advance(minutes=1)
    assert status(stage) == "FAILED"
    assert refused(stage, "UpdateFramework", FrameworkName="daily")[0] == "ConflictException"
    stage.call("DeleteFramework", FrameworkName="daily")
    stage.clock.advance(minutes=1)
    create(stage)


def test_describe_gives_back_what_was_given(stage):
    """Controls come back as they were, with an empty list of parameters, and without a scope where none was given."""
    whole = control(FREQUENT, {"Tags": {"key1": "prod"}}, requiredRetentionDays="35", requiredFrequencyUnit="hours")
    bare, unscoped = {"ControlName": ENCRYPTED}, {"ControlName": KEPT, "ControlScope": {}}
    made = create(stage, whole, bare, unscoped, FrameworkDescription="ours", IdempotencyToken="once")
    shown = described(stage)
    assert shown["FrameworkControls"] == [whole, control(ENCRYPTED), control(KEPT)]
    assert shown["FrameworkDescription"] == "ours"
    assert shown["FrameworkStatus"] == "ACTIVE"
    assert shown["IdempotencyToken"] == "once"
    assert shown["FrameworkArn"] == made["FrameworkArn"]
    assert made["FrameworkArn"].startswith("arn:aws:backup:us-east-1:123456789012:framework:daily-")


def test_an_update_replaces_the_controls_and_leaves_what_it_does_not_name(stage):
    """Controls are replaced whole, a description alone leaves them, and an empty description clears it."""
    create(stage, control(PROTECTED), control(ENCRYPTED), FrameworkDescription="ours")
    stage.clock.advance(minutes=1)
    updated = stage.call("UpdateFramework", FrameworkName="daily", FrameworkControls=[control(KEPT)])
    assert described(stage)["FrameworkControls"] == [control(KEPT)]
    assert described(stage)["FrameworkDescription"] == "ours"
    assert updated["CreationTime"] == described(stage)["CreationTime"]
    stage.clock.advance(minutes=1)
    stage.call("UpdateFramework", FrameworkName="daily", FrameworkDescription="")
    assert described(stage)["FrameworkDescription"] == ""
    assert described(stage)["FrameworkControls"] == [control(KEPT)]


def test_a_repeated_request_does_nothing_again(stage):
    """The same token makes one framework and one update, even while that is in progress."""
    first = create(stage, IdempotencyToken="once")
    assert create(stage, IdempotencyToken="once") == first
    stage.clock.advance(minutes=1)
    change = {"FrameworkName": "daily", "FrameworkDescription": "new", "IdempotencyToken": "again"}
    answer = stage.call("UpdateFramework", **change)
    assert stage.call("UpdateFramework", **change) == answer
    stage.clock.advance(minutes=1)
    stage.call("UpdateFramework", **change)
    assert status(stage) == "COMPLETED"


def test_a_token_is_free_again_once_its_framework_is_gone(stage):
    """A token of a deleted framework makes a new one, with an ARN of its own."""
    first = create(stage, IdempotencyToken="once")
    stage.clock.advance(minutes=1)
    stage.call("DeleteFramework", FrameworkName="daily")
    stage.clock.advance(minutes=1)
    assert create(stage, IdempotencyToken="once")["FrameworkArn"] != first["FrameworkArn"]


def test_names_are_unique(stage):
    """A second framework of a name is refused, whatever its controls are."""
    create(stage)
    code, message = refused(stage, "CreateFramework", FrameworkName="daily", FrameworkControls=[control(KEPT)])
    assert (code, "daily" in message) == ("AlreadyExistsException", True)


def test_the_same_controls_with_the_same_parameters_are_refused(stage):
    """Two frameworks must differ in at least one control or parameter; their order does not count."""
    create(stage, control(ENCRYPTED), control(KEPT, requiredRetentionDays="7"))
    twin = [control(KEPT, requiredRetentionDays="7"), control(ENCRYPTED)]
    code, message = refused(stage, "CreateFramework", FrameworkName="twin", FrameworkControls=twin)
    assert (code, message) == (
        "AlreadyExistsException",
        "Controls in framework twin from account 123456789012 already exist.",
    )
    create(stage, control(KEPT, requiredRetentionDays="8"), control(ENCRYPTED), name="other")
    stage.clock.advance(minutes=1)
    code, _ = refused(stage, "UpdateFramework", FrameworkName="other", FrameworkControls=twin)
    assert code == "AlreadyExistsException"
    stage.call("UpdateFramework", FrameworkName="daily", FrameworkControls=twin)


def test_whether_scopes_tell_frameworks_apart_is_a_choice():
    """Frameworks that differ in a scope alone go together by default, and are refused by choice."""
    ec2, ebs = ({"ComplianceResourceTypes": [kind]} for kind in ("EC2", "EBS"))
    stage = Stage()
    create(stage, control(PROTECTED, ec2))
    create(stage, control(PROTECTED, ebs), name="other")
    strict = Stage(choices=Choices(scopes_tell_frameworks_apart=False))
    create(strict, control(PROTECTED, ec2))
    with pytest.raises(errors.AlreadyExistsError):
        create(strict, control(PROTECTED, ebs), name="other")


def test_an_account_has_fifteen_frameworks_in_a_region(stage):
    """The sixteenth is refused, and another Region counts for itself."""
    for number in range(MOST_FRAMEWORKS):
        create(stage, control(KEPT, requiredRetentionDays=str(number + 1)), name=f"f{number}")
    more = {"FrameworkName": "more", "FrameworkControls": [control(ENCRYPTED)]}
    assert refused(stage, "CreateFramework", **more)[0] == "LimitExceededException"
    stage.service.in_region("eu-west-1").call("CreateFramework", more)


def test_an_account_has_fifty_controls_in_a_region(stage):
    """One control in two frameworks counts twice, and an update counts what it would make of its framework."""
    numbers = itertools.count(1)

    def some(count: int) -> list[dict[str, Any]]:
        return [control(KEPT, requiredRetentionDays=str(next(numbers))) for _ in range(count)]

    create(stage, *some(MOST_CONTROLS - 10), name="most")
    create(stage, *some(10), name="rest")
    one_more = {"FrameworkName": "more", "FrameworkControls": some(1)}
    assert refused(stage, "CreateFramework", **one_more)[0] == "LimitExceededException"
    stage.clock.advance(minutes=1)
    too_many = {"FrameworkName": "rest", "FrameworkControls": some(11)}
    assert refused(stage, "UpdateFramework", **too_many)[0] == "LimitExceededException"
    stage.call("UpdateFramework", FrameworkName="rest", FrameworkControls=some(9))


def test_frameworks_are_listed_in_pages(stage):
    """Every framework is listed once, with the number of its controls."""
    for number in range(5):
        create(
            stage, *[control(KEPT, requiredRetentionDays=f"{number}{n}1") for n in range(number + 1)], name=f"f{number}"
        )
    found = stage.every("ListFrameworks", "Frameworks", MaxResults=2)
    assert [(each["FrameworkName"], each["NumberOfControls"]) for each in found] == [(f"f{n}", n + 1) for n in range(5)]
    assert {each["DeploymentStatus"] for each in found} == {"CREATE_IN_PROGRESS"}
    assert refused(stage, "ListFrameworks", NextToken="wrong")[0] == "InvalidParameterValueException"


def test_frameworks_have_tags(stage):
    """FrameworkTags are its tags, and it is tagged by its ARN like everything else; reserved keys are refused."""
    arn = create(stage, FrameworkTags={"Team": "platform"})["FrameworkArn"]
    stage.call("TagResource", ResourceArn=arn, Tags={"Stage": "prod"})
    assert stage.call("ListTags", ResourceArn=arn)["Tags"] == {"Team": "platform", "Stage": "prod"}
    code, _ = refused(
        stage,
        "CreateFramework",
        FrameworkName="other",
        FrameworkControls=[control(KEPT)],
        FrameworkTags={"aws:own": "x"},
    )
    assert code == "InvalidParameterValueException"


@pytest.mark.parametrize("operation", ["DescribeFramework", "UpdateFramework", "DeleteFramework"])
def test_what_is_not_there_is_not_found(stage, operation):
    """A framework that is not there is ResourceNotFound for each operation on it."""
    assert refused(stage, operation, FrameworkName="absent")[0] == "ResourceNotFoundException"


def test_a_framework_needs_a_control_with_a_name(stage):
    """No control, one without a name and one that Audit Manager does not know are refused."""
    assert "at least one control" in bad(stage)
    assert bad(stage, control("")) == "A control name is required."
    assert bad(stage, control("X" * 257)) == "A control name must have at most 256 characters."
    assert "OWN_CONTROL" in bad(stage, control("OWN_CONTROL"))


def test_a_control_that_nobody_knows_finds_nothing_where_it_is_taken():
    """By choice a framework holds it, and the controls beside it are evaluated all the same."""
    open_stage = Stage(choices=Choices(unknown_controls_accepted=True))
    create(open_stage, control("OWN_CONTROL"), control(DELETION))
    open_stage.clock.advance(minutes=1)
    own, known = results(open_stage, "daily")
    assert (own.name, own.findings, own.compliant) == ("OWN_CONTROL", (), None)
    assert known.compliant is False


def test_whether_a_control_may_come_twice_is_a_choice(stage):
    """A framework may hold one control with two scopes by default, and is refused by choice."""
    twice = [control(KEPT), control(KEPT, requiredRetentionDays="7")]
    create(stage, *twice)
    strict = Stage(choices=Choices(framework_repeats_controls=False))
    assert KEPT in bad(strict, *twice)


NAMES = {
    "principalArnList": "arn:aws:iam::123456789012:role/admin",
    "crossRegionList": "eu-west-1",
    "crossAccountList": "111111111111",
}


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        (FREQUENT, {"requiredFrequencyUnit": "weeks"}),
        (FREQUENT, {"requiredFrequencyUnit": "hours", "requiredFrequencyValue": "25"}),
        (FREQUENT, {"requiredFrequencyValue": "32"}),
        (FREQUENT, {"requiredFrequencyValue": "0"}),
        (FREQUENT, {"requiredRetentionDays": "0"}),
        (FREQUENT, {"requiredRetentionDays": "1.5"}),
        (DELETION, {"principalArnList": "admin"}),
        (DELETION, {"principalArnList": ",".join([NAMES["principalArnList"]] * 6)}),
        (KEPT, {"requiredRetentionDays": "-1"}),
        (ENCRYPTED, {"requiredRetentionDays": "35"}),
        (PROTECTED, {"requiredRetentionDays": "35"}),
        (REGION_COPIES, {"crossRegionList": "Ireland"}),
        (REGION_COPIES, {"crossRegionList": ""}),
        (ACCOUNT_COPIES, {"crossAccountList": "12345"}),
        (ACCOUNT_COPIES, {"crossAccountList": ",".join(["111111111111"] * 6)}),
        (LOCKED, {"minRetentionDays": "0"}),
        (LOCKED, {"minRetentionDays": "30", "maxRetentionDays": "7"}),
        (RECENT, {"recoveryPointAgeUnit": "minutes"}),
        (RECENT, {"recoveryPointAgeUnit": "hours", "recoveryPointAgeValue": "745"}),
        (RECENT, {"recoveryPointAgeValue": "32"}),
        (RESTORED, {}),
        (RESTORED, {"maxRestoreTime": "an hour"}),
        (GAPPED, {"recoveryPointAgeUnit": "hours", "recoveryPointAgeValue": "23"}),
        (GAPPED, {"recoveryPointAgeUnit": "hours", "recoveryPointAgeValue": "2185"}),
        (GAPPED, {"recoveryPointAgeValue": "92"}),
    ],
)
def test_parameters_out_of_their_limits_are_refused(stage, name, parameters):
    """What the guide does not allow for a control's parameters is refused, and the refusal names the control."""
    assert name in bad(stage, control(name, **parameters))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        (FREQUENT, {"requiredFrequencyUnit": "hours", "requiredFrequencyValue": "24", "requiredRetentionDays": "1"}),
        (FREQUENT, {"requiredFrequencyUnit": "days", "requiredFrequencyValue": "31", "requiredRetentionDays": "36500"}),
        (DELETION, {"principalArnList": ",\n         ".join([NAMES["principalArnList"]] * 5)}),
        (REGION_COPIES, {"crossRegionList": "eu-west-1, us-gov-west-1"}),
        (ACCOUNT_COPIES, {"crossAccountList": ",".join(["111111111111"] * 5)}),
        (LOCKED, {"minRetentionDays": "7"}),
        (LOCKED, {"minRetentionDays": "7", "maxRetentionDays": "7"}),
        (RECENT, {"recoveryPointAgeUnit": "hours", "recoveryPointAgeValue": "744"}),
        (RECENT, {"recoveryPointAgeUnit": "days", "recoveryPointAgeValue": "31"}),
        (RESTORED, {"maxRestoreTime": "720"}),
        (GAPPED, {"recoveryPointAgeUnit": "hours", "recoveryPointAgeValue": "24"}),
        (GAPPED, {"recoveryPointAgeUnit": "hours", "recoveryPointAgeValue": "2184"}),
        (GAPPED, {"recoveryPointAgeUnit": "days", "recoveryPointAgeValue": "91"}),
    ],
)
def test_parameters_within_their_limits_are_taken(stage, name, parameters):
    """The ends of every range of the guide are inside it."""
    create(stage, control(name, **parameters))


def test_a_parameter_has_one_value(stage):
    """A parameter without a name or a value, or with two values, is refused."""
    for given in ([{"ParameterName": "requiredRetentionDays"}], [{"ParameterValue": "35"}], [{}]):
        assert KEPT in bad(stage, {"ControlName": KEPT, "ControlInputParameters": given})
    twice = [{"ParameterName": "requiredRetentionDays", "ParameterValue": days} for days in ("7", "8")]
    assert KEPT in bad(stage, {"ControlName": KEPT, "ControlInputParameters": twice})


TYPES = {"ComplianceResourceTypes": ["DynamoDB", "EBS"]}
TAG = {"Tags": {"Stage": "prod"}}
SINGLE = {"ComplianceResourceTypes": ["DynamoDB"], "ComplianceResourceIds": ["orders"]}
PLAN = {"ComplianceResourceTypes": ["AWS::Backup::BackupPlan"], "ComplianceResourceIds": ["id"]}
VAULT = {"ComplianceResourceTypes": ["AWS::Backup::BackupVault"], "ComplianceResourceIds": ["default"]}


@pytest.mark.parametrize("name", sorted(CONTROLS))
def test_each_control_takes_the_scopes_of_the_guide_and_no_others(stage, name):
    """Types, a tag or a single resource go where the guide's page on controls says so, and everything always goes."""
    allowed = {
        FREQUENT: [{}, TAG, PLAN],
        DELETION: [{}, TAG, VAULT],
        ENCRYPTED: [{}, TAG],
        KEPT: [{}, TAG],
        GAPPED: [{}, TYPES, SINGLE],
    }.get(name, [{}, TYPES, TAG, SINGLE])
    parameters = {"maxRestoreTime": "60"} if name == RESTORED else {}
    for number, scope in enumerate([{}, TYPES, TAG, SINGLE, PLAN, VAULT]):
        if scope in allowed:
            create(stage, control(name, scope, **parameters), name=f"f{number}")
        else:
            assert name in bad(stage, control(name, scope, **parameters))


@pytest.mark.parametrize(
    ("name", "kind"), [(FREQUENT, "BackupPlan"), (DELETION, "BackupVault"), (ENCRYPTED, "RecoveryPoint")]
)
def test_a_scope_may_name_the_one_type_that_its_control_evaluates(stage, name, kind):
    """To name the type that a control evaluates anyway narrows nothing and is taken."""
    create(stage, control(name, {"ComplianceResourceTypes": [f"AWS::Backup::{kind}"]}))


def test_a_scope_is_one_thing(stage):
    """Two tags, two resources, a resource without its one type, and types with a tag are refused."""
    assert "one tag" in bad(stage, control(PROTECTED, {"Tags": {"a": "1", "b": "2"}}))
    assert "one resource ID" in bad(stage, control(PROTECTED, {**SINGLE, "ComplianceResourceIds": ["a", "b"]}))
    sentence = "A single resourceType should be provided when resourceId is provided in scope"
    assert bad(stage, control(PROTECTED, {"ComplianceResourceIds": ["a"]})) == sentence
    assert bad(stage, control(PROTECTED, {**TYPES, "ComplianceResourceIds": ["a"]})) == sentence
    assert bad(stage, control(PROTECTED, {**TYPES, **TAG})) == "Scope cannot be applied to both resource and tag"
    create(Stage(choices=Choices(control_scopes_combine=True)), control(PROTECTED, {**TYPES, **TAG}))


def test_a_misspelt_type_in_a_scope_is_refused(stage):
    """A type that a control does not evaluate is refused, and by choice accepted."""
    wrong = control(PROTECTED, {"ComplianceResourceTypes": ["Dynamo"]})
    assert "Dynamo" in bad(stage, wrong)
    create(Stage(choices=Choices(unknown_scope_types_accepted=True)), wrong)


def test_a_refused_request_changes_nothing(stage):
    """After a refused update a framework is as it was, and COMPLETED."""
    create(stage)
    stage.clock.advance(minutes=1)
    before = described(stage)
    refused(
        stage,
        "UpdateFramework",
        FrameworkName="daily",
        FrameworkDescription="new",
        FrameworkControls=[control("OWN_CONTROL")],
    )
    assert described(stage) == before


def test_frameworks_outlive_a_snapshot(stage):
    """A restored snapshot deploys what was being deployed, and evaluates from then on."""
    stage.world.add(table_arn("orders"))
    create(stage)
    saved = stage.service.save_state()
    stage.clock.advance(minutes=1)
    stage.call("DeleteFramework", FrameworkName="daily")
    stage.service.load_state(saved)
    assert status(stage) == "CREATE_IN_PROGRESS"
    stage.clock.advance(minutes=1)
    assert status(stage) == "COMPLETED"
    again = stage.service.save_state()
    stage.service.load_state(again)
    assert stage.service.save_state() == again


def test_findings_of_a_framework_that_is_not_there_name_those_that_are():
    """A misspelt name is not an empty audit."""
    with pytest.raises(errors.InvalidValueError, match="make it with CreateFramework"):
        Stage().service.findings("baseline")
