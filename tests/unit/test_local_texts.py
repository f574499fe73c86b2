"""Nothing that the local service accepts spoils what it answers or keeps later on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_stage import ROLE, START, Stage, table_arn, vault_arn

from backupkit.emulator import Identity, LocalService
from backupkit.emulator.kernel.resource_protocol import Captured, ResourceInfo
from backupkit.emulator.resources.synthetic import SyntheticWorld
from backupkit.errors import InvalidValueError

TABLE = table_arn("orders")
HALF = "\ud800"


class Label(str):
    """A text of a class of its own, as settings libraries and enumerations give it."""

    __slots__ = ()

    def __str__(self) -> str:
        return "something else"


class Moment(datetime):
    """A datetime of a class of its own."""


class Zone(tzinfo):
    """A zone that only this module knows."""

    def utcoffset(self, _: datetime | None) -> timedelta:
        return timedelta(hours=2)

    def dst(self, _: datetime | None) -> timedelta:
        return timedelta(0)


def everything(stage: Stage) -> list[Any]:
    """What reads tell after something was accepted; a saved state is one of them."""
    copy = LocalService(start=START, seed=1)
    copy.load_state(stage.service.save_state())
    return [
        stage.call("ListTags", ResourceArn=vault_arn("prod")),
        stage.call("ListProtectedResources"),
        [json.loads(copy.call("ListTags", {"ResourceArn": point["RecoveryPointArn"]})) for point in stage.points()],
    ]


def test_a_subclass_of_text_is_kept_as_the_text_that_it_is() -> None:
    """Tags of such a class are told, and saved, as plain ones are."""
    stage = Stage()
    stage.call("TagResource", ResourceArn=Label(vault_arn("prod")), Tags={Label("Team"): Label("payments")})
    stage.world.add(Label(TABLE), tags={Label("Team"): Label("shop")})
    stage.world.tag(TABLE, Env=Label("prod"))
    stage.back_up(Label(TABLE), RecoveryPointTags={Label("Made"): Label("by-hand")})
    tags, _, [of_point] = everything(stage)
    assert tags == {"Tags": {"Team": "payments"}}
    assert of_point == {"Tags": {"Team": "shop", "Env": "prod", "Made": "by-hand"}}


class Days(IntEnum):
    """Numbers as a settings library gives them."""

    MONTH = 30


def test_a_subclass_of_a_number_is_kept_as_the_number_that_it_is() -> None:
    """A retention of such a class is told, counted and saved as a plain one is."""
    stage = Stage()
    stage.world.add(TABLE)
    rule = {"RuleName": "daily", "TargetBackupVaultName": "prod", "Lifecycle": {"DeleteAfterDays": Days.MONTH}}
    made = stage.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [rule]})
    stage.back_up(TABLE, Lifecycle={"DeleteAfterDays": Days.MONTH})
    everything(stage)
    plan = stage.call("GetBackupPlan", BackupPlanId=made["BackupPlanId"])["BackupPlan"]
    (point,) = stage.points()
    assert plan["Rules"][0]["Lifecycle"] == point["Lifecycle"] == {"DeleteAfterDays": 30}


def test_a_moment_of_any_class_and_zone_is_kept_as_a_moment() -> None:
    """What a call is given of time can be told and saved."""
    stage = Stage()
    stage.clock.advance(days=1)
    first, last = Moment(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=Zone())
    selection = {"DateRange": {"FromDate": first, "ToDate": last}}
    made = stage.call("CreateLegalHold", Title="t", Description="d", RecoveryPointSelection=selection)
    stage.service.faults.outage("EBS", starts=Moment(2027, 1, 1, tzinfo=Zone()))
    everything(stage)
    told = stage.call("GetLegalHold", LegalHoldId=made["LegalHoldId"])["RecoveryPointSelection"]["DateRange"]
    assert told == {"FromDate": START.timestamp(), "ToDate": (START + timedelta(hours=10)).timestamp()}


@pytest.mark.parametrize(
    "give",
    [
        lambda stage: stage.call("TagResource", ResourceArn=vault_arn("prod"), Tags={"Team": HALF}),
        lambda stage: stage.call("TagResource", ResourceArn=vault_arn("prod"), Tags={HALF: "a"}),
        lambda stage: stage.call("CreateLegalHold", Title=HALF, Description="d"),
        lambda stage: stage.start(TABLE, RecoveryPointTags={"a": f"b{HALF}"}),
        lambda stage: stage.world.add(table_arn("two"), tags={"Team": HALF}),
        lambda stage: stage.world.add(table_arn("two"), tags={"Team": 5}),
        lambda stage: stage.world.add(table_arn("two"), key_arn=HALF),
        lambda stage: stage.world.add(table_arn("two"), members={"a": HALF}),
        lambda stage: stage.world.add(table_arn("two"), size_bytes=float("nan")),
        lambda stage: stage.world.add(table_arn("two"), size_bytes=2**63),
        lambda stage: stage.world.add(table_arn("two"), daily_change=float("inf")),
        lambda stage: stage.world.tag(TABLE, Team=HALF),
        lambda stage: stage.world.infect(TABLE, HALF),
        lambda stage: stage.service.faults.fail("ListTags", "ThrottlingException", HALF),
        lambda stage: stage.service.faults.outage("EBS", message=HALF),
        lambda stage: stage.service.faults.deny(HALF),
        lambda stage: stage.service.faults.block_backups(HALF),
        lambda stage: stage.service.accounts.organize(units={"123456789012": HALF}),
    ],
)
def test_what_is_not_text_or_has_no_end_is_refused_where_it_comes_in(give: Callable[[Stage], object]) -> None:
    """Half of a surrogate pair, a number as a tag and a size without end are refused, and nothing was changed."""
    stage = Stage()
    stage.world.add(TABLE)
    before = everything(stage)
    with pytest.raises(InvalidValueError):
        give(stage)
    assert everything(stage) == before
    assert list(stage.service.faults) == []


def test_a_resource_that_grows_without_end_stops_at_the_largest_size_that_can_be_told() -> None:
    """However fast it grows, its points tell a size that the API can."""
    stage = Stage()
    stage.world.add(TABLE, daily_growth=1e300)
    stage.back_up(TABLE)
    stage.clock.advance(days=1)
    job_id = stage.start(TABLE)
    stage.clock.advance(minutes=5)
    assert stage.job(job_id)["BackupSizeInBytes"] == 2**63 - 1


class Foreign(SyntheticWorld):
    """A world whose resources have tags that nobody checked."""

    def capture(self, arn: str, account_id: str, region_name: str, now: datetime) -> Captured:
        return Captured("held", 5, {"name": Label("orders")}, {Label("Team"): HALF})

    def find(self, arn: str, account_id: str, region_name: str) -> ResourceInfo | None:
        return ResourceInfo(arn, "DynamoDB", {})


def test_what_a_world_of_somebody_else_tells_is_made_text() -> None:
    """Its tags come from services that take more than JSON can carry; a backup of it can be read and saved."""
    stage = Stage(Foreign())
    stage.back_up(TABLE)
    assert everything(stage)[2] == [{"Tags": {"Team": "\ufffd"}}]


def test_callers_are_kept_as_plain_text() -> None:
    """Credentials that are lent to a role of any class of text can be saved."""
    stage = Stage()
    stage.service.accounts.admit_credentials(Label("ASIAEXAMPLE"), Identity(Label(ROLE), Label("AROA:me")))
    stage.service.as_caller(Label(ROLE)).call("ListBackupVaults", {})
    everything(stage)


@pytest.mark.slow
@given(st.text(alphabet=st.characters(), max_size=20), st.integers(-23, 23))
def test_any_tag_is_refused_or_told_again(value: str, hours: int) -> None:
    """Of every text, surrogates included: either it is refused, or reads tell the very same."""
    stage = Stage()
    at = datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=hours)))
    stage.call("ListBackupJobs", ByCreatedAfter=at)
    try:
        stage.world.add(TABLE, tags={"a": value})
    except InvalidValueError:
        assert any("\ud800" <= letter <= "\udfff" for letter in value)
        return
    stage.back_up(TABLE)
    assert everything(stage)[2] == [{"Tags": {"a": value}}]
