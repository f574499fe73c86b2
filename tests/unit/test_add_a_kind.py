"""A kind of declared thing is a class and a row: everything else is the same for all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

import attrs
import pytest

import backupkit as bk
from backupkit.declare.declared import Declared
from backupkit.declare.fields import LEFT_TO_AWS, flags
from backupkit.declare.tags import Tags
from backupkit.errors import BackupKitError, InvalidValueError
from backupkit.provider import kinds
from backupkit.provider.kinds import Kind, Settling
from backupkit.schedule import Schedule

ROLE = "arn:aws:iam::123456789012:role/Backup"


@attrs.frozen(kw_only=True)
class Setting(Declared):
    _KIND: ClassVar[str] = "setting"

    template: str = attrs.field(metadata=flags(wire="ReportTemplate"))
    accounts: tuple[str, ...] = attrs.field(default=(), metadata=flags())


@attrs.frozen(kw_only=True)
class Channel(Declared):
    _KIND: ClassVar[str] = "channel"

    bucket: str = attrs.field(metadata=flags(wire="S3BucketName"))
    formats: tuple[str, ...] = attrs.field(default=(), metadata=flags(assumed=("CSV",)))


@attrs.frozen
class Report(Declared):
    _KIND: ClassVar[str] = "report"

    name: str = attrs.field(metadata=flags(wire="ReportPlanName", replaces=True))
    channel: Channel = attrs.field(metadata=flags(wire="ReportDeliveryChannel"))
    setting: Setting = attrs.field(metadata=flags(wire="ReportSetting"))
    description: str | None = attrs.field(default=None, metadata=flags(wire="ReportPlanDescription", cleared=""))
    tags: Tags = attrs.field(factory=Tags, converter=Tags, metadata=flags(document=False))


REPORT = Kind(
    cls=Report,
    list="ListReportPlans",
    get="DescribeReportPlan",
    got="ReportPlan",
    id="ReportPlanName",
    arn="ReportPlanArn",
    create="CreateReportPlan",
    update="UpdateReportPlan",
    delete="DeleteReportPlan",
    tags="ReportPlanTags",
    settled=Settling(
        state="ReportPlan/DeploymentStatus",
        done=frozenset({"COMPLETED"}),
        failed=frozenset({"FAILED"}),
    ),
)


@attrs.frozen(kw_only=True)
class Points(Declared):
    _KIND: ClassVar[str] = "points"

    algorithm: str = attrs.field(default="LATEST_WITHIN_WINDOW")
    include_vaults: tuple[str, ...] = attrs.field(default=("*",))
    recovery_point_types: tuple[str, ...] = attrs.field(default=("SNAPSHOT",))
    selection_window_days: int | None = attrs.field(default=None, metadata=flags(assumed=30))


@attrs.frozen(kw_only=True)
class Test(Declared):
    __test__ = False
    _KIND: ClassVar[str] = "test"

    name: str = attrs.field(metadata=flags(wire="RestoreTestingSelectionName", replaces=True))
    type: str = attrs.field(default="EBS", metadata=flags(wire="ProtectedResourceType", replaces=True))
    role: str = attrs.field(default=ROLE, metadata=flags(wire="IamRoleArn"))
    resources: tuple[str, ...] = attrs.field(default=("*",), metadata=flags(wire="ProtectedResourceArns"))
    hours: int | None = attrs.field(default=None, metadata=flags(wire="ValidationWindowHours", assumed=LEFT_TO_AWS))


@attrs.frozen(kw_only=True)
class Testing(Declared):
    __test__ = False
    _KIND: ClassVar[str] = "testing"

    name: str = attrs.field(metadata=flags(wire="RestoreTestingPlanName", replaces=True))
    schedule: Schedule = attrs.field(factory=Schedule.daily, metadata=flags())
    points: Points = attrs.field(factory=Points, metadata=flags(wire="RecoveryPointSelection"))
    start_window_hours: int | None = attrs.field(default=None, metadata=flags(assumed=24))
    tests: tuple[Test, ...] = attrs.field(default=(), metadata=flags(document=False))
    tags: Tags = attrs.field(factory=Tags, converter=Tags, metadata=flags(document=False))


TESTING = Kind(
    cls=Testing,
    list="ListRestoreTestingPlans",
    get="GetRestoreTestingPlan",
    body="RestoreTestingPlan",
    id="RestoreTestingPlanName",
    arn="RestoreTestingPlanArn",
    computed=frozenset(
        {"CreationTime", "CreatorRequestId", "LastExecutionTime", "LastUpdateTime", "RestoreTestingPlanArn"}
    ),
    create="CreateRestoreTestingPlan",
    update="UpdateRestoreTestingPlan",
    delete="DeleteRestoreTestingPlan",
    tags="Tags",
    children=(
        Kind(
            cls=Test,
            list="ListRestoreTestingSelections",
            get="GetRestoreTestingSelection",
            body="RestoreTestingSelection",
            id="RestoreTestingSelectionName",
            computed=frozenset({"CreationTime", "CreatorRequestId", "RestoreTestingPlanName"}),
            create="CreateRestoreTestingSelection",
            update="UpdateRestoreTestingSelection",
            delete="DeleteRestoreTestingSelection",
            field="tests",
            parent="RestoreTestingPlanName",
        ),
    ),
)


@attrs.frozen(kw_only=True)
class Settings(Declared):
    _KIND: ClassVar[str] = "settings"
    _KEY: ClassVar[str] = ""

    opt_in: Mapping[str, bool] = attrs.field(
        factory=dict, hash=False, metadata=flags(wire="ResourceTypeOptInPreference", partial=True)
    )


SETTINGS = Kind(cls=Settings, id="", get="DescribeRegionSettings", update="UpdateRegionSettings")


@pytest.fixture(autouse=True)
def _rows(monkeypatch):
    """The table, with rows for the classes above."""
    monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS[:1], SETTINGS, REPORT, TESTING))


def report(**other: object) -> Report:
    told = {"channel": Channel(bucket="reports"), "setting": Setting(template="BACKUP_JOB_REPORT")}
    return Report("daily", **{**told, **other})


def actions(changes: bk.Changes) -> dict[str, str]:
    return {change.address: str(change.action) for change in changes}


def settled(aws: bk.LocalConnection, *things: Declared, name: str = "mine") -> None:
    """Apply a stack, and see that it then shows nothing."""
    stack = bk.Stack(name, *things)
    stack.preview(aws).apply(allow_delete=True)
    assert not stack.preview(aws)


def test_a_kind_is_made_changed_in_place_and_deleted_by_its_row():
    """What is declared is made and waited for, changed by the API's update, and deleted once it is dropped."""
    with bk.local() as aws:
        settled(aws, report(description="all jobs"))
        changed = bk.Stack("mine", report(tags={"Team": "a"}, channel=Channel(bucket="other", formats=("CSV", "JSON"))))
        (change,) = changed.preview(aws)
        assert {each.path for each in change.differences} == {
            "tags.Team",
            "channel/bucket",
            "channel/formats",
            "description",
        }
        assert [call.operation for call in change.calls] == ["TagResource", "UpdateReportPlan"]
        settled(aws, *changed.things)
        assert actions(bk.Stack("mine").preview(aws)) == {"report.daily": "delete"}
        settled(aws)


def test_a_long_name_is_one_name():
    """Addresses cut long names; a thing that is declared under one is not taken for one that is not."""
    with bk.local() as aws:
        settled(aws, attrs.evolve(report(), name="r" * 250))


def test_what_aws_fills_in_is_no_change():
    """Defaults that a row's class calls assumed, in any order, are what leaving them out means."""
    with bk.local() as aws:
        settled(aws, report())
        assert not bk.Stack("mine", report(channel=Channel(bucket="reports", formats=("CSV",)))).preview(aws)


def test_what_aws_cannot_change_is_made_again():
    """A name that differs is another thing; what a field calls replaced says so."""
    with bk.local() as aws:
        settled(aws, Testing(name="weekly", tests=(Test(name="a"),)))
        changes = bk.Stack("mine", Testing(name="weekly", tests=(Test(name="a", type="EFS"),))).preview(aws)
        (change,) = changes
        assert str(change.action) == "replace"
        assert change.reason == "AWS cannot change the type of a test: it is deleted and made again"
        changes.apply(allow_delete=True)
        assert not bk.Stack("mine", Testing(name="weekly", tests=(Test(name="a", type="EFS"),))).preview(aws)


def test_what_is_inside_a_kind_is_made_changed_and_deleted():
    """Children come after their parent and go before it."""
    with bk.local() as aws:
        settled(aws, Testing(name="weekly", tests=(Test(name="a"), Test(name="b"))))
        other = Testing(name="weekly", tests=(Test(name="a", hours=5), Test(name="c")), start_window_hours=8)
        assert actions(bk.Stack("mine", other).preview(aws)) == {
            "testing.weekly": "update",
            "testing.weekly/test.a": "update",
            "testing.weekly/test.c": "create",
            "testing.weekly/test.b": "delete",
        }
        settled(aws, other)
        assert list(actions(bk.Stack("mine").preview(aws)))[-1] == "testing.weekly"
        settled(aws)


def test_settings_are_compared_only_where_they_are_named():
    """Of settings that AWS always has, only the keys that are named are read, changed and shown."""
    with bk.local() as aws:
        stack = bk.Stack("mine", Settings(opt_in={"EFS": False, "EBS": True}))
        (change,) = stack.preview(aws)
        assert (change.address, str(change.action)) == ("settings", "update")
        assert all(each.path in {"opt_in.EFS", "opt_in.EBS"} for each in change.differences)
        settled(aws, *stack.things)
        # Nothing owns them: what is dropped stays as it is.
        assert not bk.Stack("mine").preview(aws)


def test_an_existing_thing_is_adopted_by_its_tag_alone():
    """What somebody else made is refused without adopt=True, and taken over with it by nothing but its tags."""
    with bk.local() as aws:
        settled(aws, report(), name="theirs")
        (found,) = json.loads(aws.transport.call("ListReportPlans", {}))["ReportPlans"]
        aws.transport.call("UntagResource", {"ResourceArn": found["ReportPlanArn"], "TagKeyList": ["backupkit:stack"]})
        stack = bk.Stack("mine", report())
        with pytest.raises(InvalidValueError, match=r"report\.daily: it exists, but no stack owns it"):
            stack.preview(aws).apply()
        (change,) = stack.preview(aws, adopt=True)
        assert [call.operation for call in change.calls] == ["TagResource"]


def test_only_kinds_of_the_table_belong_to_a_stack():
    """Something that no row knows is refused where the stack is made."""
    with pytest.raises(InvalidValueError, match="a Rule is not something that a stack holds"):
        bk.Stack("mine", bk.Rule("daily", "prod"))
    with pytest.raises(BackupKitError):
        bk.Stack("mine", bk.Plan("p", bk.Rule("daily", "prod")))
