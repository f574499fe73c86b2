"""Whatever is asked, with every family on the same points: nothing is lost, and all records agree with each other."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backupkit import errors
from backupkit.emulator import LocalService
from backupkit.emulator.kernel.behavior import Choices

STORY = Path(__file__).parents[1] / "contract" / "story_together.py"
OTHER_SIDES = Choices(
    legal_holds_take_later_points=True,
    legal_hold_criteria_intersect=False,
    emptied_composite_is_deleted=True,
    composite_members_air_gapped=True,
    access_point_protects_at_once=False,
    deleted_index_told=True,
)
ROLE = "arn:aws:iam::123456789012:role/backup"
VAULT = "arn:aws:backup:us-east-1:123456789012:backup-vault:"
VAULTS = ["prod", "other", "locked", "gapped"]
ENDED = {"COMPLETED", "PARTIAL", "FAILED", "ABORTED", "EXPIRED"}
MOVES = st.sampled_from([0, 1, 20, 60, 90, 600, 3_600, 21_600, 86_400])


@cache
def snapshot(choices):
    """A service in which every family is under way."""

    class AuthRequest:
        service = LocalService(choices=choices)

        def __call__(self, operation, **params):
            return json.loads(self.service.call(operation, params))

    spec = importlib.util.spec_from_file_location(STORY.stem, STORY)
    story = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(story)
    ask = AuthRequest()
    story.play(ask)
    return ask.service.save_state()


class Town:
    """A service, and which of its points somebody let go."""

    def __init__(self, choices):
        self.service = LocalService()
        self.service.load_state(snapshot(choices))
        self.let_go = set()
        self.seen = {}

    @property
    def place(self):
        return self.service.simulation.scope("123456789012", "us-east-1")

    def points(self):
        return {arn: point for vault in self.place.vaults.values() for arn, point in vault.points.items()}

    def ask(self, operation, **params):
        """Whether it was done."""
        try:
            self.service.call(operation, params)
        except errors.ServiceError:
            return False
        return True

    def delete(self, point, number):
        if self.ask("DeleteRecoveryPoint", **named(point)):
            assert not point.holds
            self.let_go |= {point.arn, *children(point)}

    def disassociate(self, point, number):
        if self.ask("DisassociateRecoveryPoint", **named(point)):
            self.let_go.add(point.arn)

    def take_out(self, point, number):
        self.ask("DisassociateRecoveryPointFromParent", **named(point))

    def change(self, point, number):
        lifecycle = [{"DeleteAfterDays": 1}, {"DeleteAfterDays": 30}, {}][number % 3]
        self.ask("UpdateRecoveryPointLifecycle", **named(point), Lifecycle=lifecycle)

    def copy(self, point, number):
        asked = {"RecoveryPointArn": point.arn, "SourceBackupVaultName": point.vault_name, "IamRoleArn": ROLE}
        target = {"DestinationBackupVaultArn": VAULT + VAULTS[number % 4], "Lifecycle": {"DeleteAfterDays": 8}}
        self.ask("StartCopyJob", **asked, **target)

    def back_up(self, point, number):
        gapped = {"LogicallyAirGappedBackupVaultArn": f"{VAULT}gapped"} if number % 2 else {}
        asked = {"BackupVaultName": VAULTS[number % 3], "ResourceArn": point.resource_arn, "IamRoleArn": ROLE}
        self.ask("StartBackupJob", **asked, **gapped, Lifecycle={"DeleteAfterDays": 8})

    def stop(self, point, number):
        for job in list(self.place.backup_jobs.values())[-1 - number % 5 :][:1]:
            self.ask("StopBackupJob", BackupJobId=job.id)

    def restore(self, point, number):
        metadata = {**point.restore_metadata, "clusterName": f"new-{number}", "newCluster": "true"}
        self.ask("StartRestoreJob", RecoveryPointArn=point.arn, Metadata=metadata, IamRoleArn=ROLE)

    def hold(self, point, number):
        chosen = [{}, {"VaultNames": [point.vault_name]}, {"ResourceIdentifiers": [point.resource_arn]}][number % 3]
        self.ask("CreateLegalHold", Title="t", Description="d", RecoveryPointSelection=chosen)

    def cancel(self, point, number):
        for hold in list(self.place.legal_holds.values())[number % 3 :][:1]:
            self.ask("CancelLegalHold", LegalHoldId=hold.id, CancelDescription="over")

    def open(self, point, number):
        self.ask("CreateBackupAccessPoint", Name=f"door-{number}", RecoveryPointArn=point.arn)

    def close(self, point, number):
        for door in list(self.place.access_points.values())[number % 3 :][:1]:
            self.ask("DeleteBackupAccessPoint", AccessPointArn=door.arn)

    def drop_vault(self, point, number):
        self.ask("DeleteBackupVault", BackupVaultName=point.vault_name)

    def index(self, point, number):
        wanted = ["ENABLED", "DISABLED"][number % 2]
        self.ask("UpdateRecoveryPointIndexSettings", **named(point), Index=wanted)

    def lose_role(self, point, number):
        (self.service.faults.deny if number % 3 == 0 else self.service.faults.admit)(ROLE)

    def move_house(self, point, number):
        state = self.service.save_state()
        self.service, self.seen = LocalService(), {}
        self.service.load_state(state)


DOINGS = sorted(name for name, made in vars(Town).items() if callable(made) and name[0] != "_")
DOINGS = [name for name in DOINGS if name not in {"ask", "points"}]


def named(point):
    return {"BackupVaultName": point.vault_name, "RecoveryPointArn": point.arn}


def children(point):
    return (point.family.children or []) if point.family is not None else []


def check_records(place, points):
    """Each thing that is written in two places is written the same in both."""
    of_resources = {arn: point for held in place.points_of.values() for arn, point in held.items()}
    assert of_resources == points
    assert len(points) == sum(len(vault.points) for vault in place.vaults.values())
    for point in points.values():
        assert [when for when, _ in point.history] == sorted(when for when, _ in point.history)
        if point.continuous and point.status == "AVAILABLE":
            assert place.continuous[point.resource_arn] is point
        for arn in children(point):
            assert arn not in points or points[arn].family.parent == point.arn
    assert all(points[point.arn] is point for point in place.continuous.values())
    assert all(points[index.point.arn] is index.point for index in place.indexes.values())


def check_holds(place, points):
    """What is held is there, and not on its way out."""
    for hold in place.active_holds.values():
        for arn, point in hold.points.items():
            assert points[arn] is point
            assert hold.id in point.holds
            assert point.status != "DELETING"
    for door in place.access_points.values():
        assert door.status != "AVAILABLE" or door.arn in points[door.point_arn].holds


def check_jobs(place, points):
    """A job that is under way has what it reads and what it makes."""
    copying = Counter(job.source_point_arn for job in place.copy_jobs.values() if job.state not in ENDED)
    assert {arn: point.copies_running for arn, point in points.items() if point.copies_running} == copying
    filled = {job.point_arn for job in place.backup_jobs.values() if job.state == "RUNNING"}
    assert filled <= points.keys()
    stopping = {job.point_arn for job in place.backup_jobs.values() if job.state == "ABORTING"}
    assert {arn for arn, point in points.items() if point.status == "CREATING"} <= filled | stopping
    for arn, job_id in place.running.items():
        job = place.backup_jobs[job_id]
        assert (job.resource_arn, job.state in {"RUNNING", "ABORTING"}) == (arn, True)


def check_kept(town, points):
    """Nothing goes before its retention ends, unless somebody let it go, or it was there to be copied only."""
    now = town.service.clock.now()
    for arn, point in town.seen.items():
        if arn not in points and arn not in town.let_go and point.status != "CREATING":
            days = point.lifecycle.get("DeleteAfterDays")
            over = days is not None and (point.rolled or point.created) + timedelta(days=days) <= now
            emptied = town.service.choices.emptied_composite_is_deleted and point.family is not None
            assert over or "DeleteAfterEvent" in point.lifecycle or (emptied and point.family.children == [])
    town.seen = points


@pytest.mark.parametrize("choices", [Choices(), OTHER_SIDES], ids=["default", "other sides"])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(DOINGS), st.integers(0, 400), st.integers(0, 30), MOVES), min_size=15, max_size=40
    )
)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_nothing_is_lost_and_all_records_agree(choices, steps):
    """Points are deleted, copied, held, opened, restored and let go at once, vaults and roles go, snapshots are taken:
    after each step all that must be there is there, and in the end everything can end.
    """
    town = Town(choices)
    for doing, which, number, seconds in steps:
        points = list(town.points().values())
        getattr(town, doing)(points[which % len(points)], number)
        town.service.clock.advance(seconds=seconds)
        check(town)
    town.service.clock.advance(days=12)
    check(town)


def check(town):
    points = town.points()
    check_records(town.place, points)
    check_holds(town.place, points)
    check_jobs(town.place, points)
    check_kept(town, points)
