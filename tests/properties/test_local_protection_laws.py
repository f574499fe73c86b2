"""Laws of what keeps a point: access points and legal holds, in any order, keep it exactly as long as one is there."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from backupkit import errors
from backupkit.emulator import LocalService

ROLE = "arn:aws:iam::123456789012:role/backup"
BUCKET = "arn:aws:s3:::photos"
KEEP_DAYS = 10

steps = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.integers(0, 2)),
        st.tuples(st.just("close"), st.integers(0, 2)),
        st.tuples(st.just("hold"), st.just(0)),
        st.tuples(st.just("cancel"), st.just(0)),
        st.tuples(st.just("wait"), st.integers(1, 8)),
    ),
    max_size=12,
)


class Kept:
    """A bucket's point, kept for ten days, and whatever keeps it longer."""

    def __init__(self):
        self.service = LocalService(seed=5)
        self.service.resources.add(BUCKET, account_id="123456789012", region_name="us-east-1")
        self.call("CreateBackupVault", BackupVaultName="prod")
        asked = {"BackupVaultName": "prod", "ResourceArn": BUCKET, "IamRoleArn": ROLE}
        self.call("StartBackupJob", **asked, Lifecycle={"DeleteAfterDays": KEEP_DAYS})
        self.service.clock.advance(hours=2)
        [self.point] = self.points()
        self.ends = self.service.clock.now() + timedelta(days=KEEP_DAYS)
        self.keepers = {}
        self.free_since = self.service.clock.now()
        self.names = 0

    def call(self, operation, **params):
        return json.loads(self.service.call(operation, params))

    def points(self):
        found = self.call("ListRecoveryPointsByBackupVault", BackupVaultName="prod")["RecoveryPoints"]
        return [each["RecoveryPointArn"] for each in found]

    def open(self, slot):
        if ("door", slot) in self.keepers or not self.points():
            return
        # A name rests for a while after it was deleted, so each gets one of its own.
        self.names += 1
        made = self.call("CreateBackupAccessPoint", Name=f"door-{self.names}", RecoveryPointArn=self.point)
        self.keepers["door", slot] = made["AccessPointArn"]
        self.service.clock.advance(minutes=2)

    def close(self, slot):
        arn = self.keepers.pop(("door", slot), None)
        if arn is not None:
            self.call("DeleteBackupAccessPoint", AccessPointArn=arn)
            self.service.clock.advance(minutes=2)

    def hold(self, _):
        if "hold" not in self.keepers and self.points():
            self.keepers["hold"] = self.call("CreateLegalHold", Title="t", Description="d")["LegalHoldId"]
            self.service.clock.advance(minutes=2)

    def cancel(self, _):
        hold_id = self.keepers.pop("hold", None)
        if hold_id is not None:
            self.call("CancelLegalHold", LegalHoldId=hold_id, CancelDescription="over")
            self.service.clock.advance(minutes=2)

    def wait(self, days):
        self.service.clock.advance(days=days)

    def check(self):
        """The point is there as long as something keeps it, and gone a day and a half after nothing does."""
        now = self.service.clock.now()
        if self.keepers:
            self.free_since = now
            assert self.points() == [self.point]
            try:
                self.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=self.point)
            except errors.RejectedError:
                return
            raise AssertionError("a point that is kept was deleted")
        if now < self.ends - timedelta(hours=3):
            assert self.points() == [self.point]
        elif now > max(self.ends, self.free_since) + timedelta(hours=36):
            assert self.points() == []


@settings(max_examples=60, deadline=None)
@given(steps)
def test_a_point_is_kept_exactly_as_long_as_something_keeps_it(steps):
    """Whatever is opened, held, closed and cancelled, and however much time passes in between."""
    kept = Kept()
    for verb, argument in steps:
        getattr(kept, verb)(argument)
        kept.check()
    for slot in range(3):
        kept.close(slot)
    kept.cancel(0)
    kept.service.clock.advance(days=KEEP_DAYS + 2)
    assert kept.points() == []
