"""The local service beside a plain model: hundreds of operations and moves of the clock, and no difference."""

from __future__ import annotations

import copy
import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from plain_backup import Ordered, Plain, Plan

from backupkit import errors
from backupkit.emulator import LocalService

BEGIN = datetime(2026, 1, 1, 0, 45, tzinfo=UTC)
ROLE = "arn:aws:iam::123456789012:role/backup"
DENIED = "arn:aws:iam::123456789012:role/gone"
ROLES = st.sampled_from([ROLE, ROLE, ROLE, DENIED])
VAULTS = ["alpha", "beta", "gamma"]
ARNS = [
    f"arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcde{number}" for number in range(4)
]
TAGS = ["daily", "hourly", "never"]
KEEP = st.sampled_from([None, 1, 2, 7, 100])
LOCKS = st.sampled_from([(1, 7), (2, 100), (3, 1000)])
MOVES = st.sampled_from([1, 1, 2, 5, 24, 24, 49, 240])
SIZES = st.integers(min_value=1, max_value=40)
SHOWN = timedelta(days=29)
MOST_HOLDS, MOST_BY_TAG = 3, 10


def lifecycle(keep, cold=None):
    said = {"DeleteAfterDays": keep, "MoveToColdStorageAfterDays": cold}
    return {name: days for name, days in said.items() if days is not None}


class Beside(RuleBasedStateMachine):
    """Each rule calls an operation and tells the model; the invariants compare all that both know."""

    def __init__(self):
        super().__init__()
        self.aws = LocalService(start=BEGIN)
        self.aws.faults.deny(DENIED)
        self.plain = Plain(BEGIN)
        self.saved = None
        self.holds = {}

    def ask(self, operation, **params):
        return json.loads(self.aws.call(operation, params))

    def refused(self, code, operation, **params):
        with pytest.raises(errors.ServiceError) as caught:
            self.aws.call(operation, params)
        assert caught.value.code == code

    def every(self, operation, member, **params):
        found = []
        while True:
            page = self.ask(operation, **params)
            found += page[member]
            if "NextToken" not in page:
                return found
            params["NextToken"] = page["NextToken"]

    @initialize()
    def begin(self):
        for name in VAULTS[:2]:
            self.make_vault(name)
        for arn in ARNS[:2]:
            self.add(arn, "daily")

    # Vaults

    @rule(name=st.sampled_from(VAULTS))
    def make_vault(self, name):
        if name in self.plain.vaults:
            self.refused("AlreadyExistsException", "CreateBackupVault", BackupVaultName=name)
        else:
            self.ask("CreateBackupVault", BackupVaultName=name)
            self.plain.vaults[name] = None

    @precondition(lambda self: self.plain.vaults)
    @rule(data=st.data())
    def delete_vault(self, data):
        name = data.draw(st.sampled_from(sorted(self.plain.vaults)))
        if self.plain.in_vault(name) or self.leaving(name):
            self.refused("InvalidRequestException", "DeleteBackupVault", BackupVaultName=name)
        else:
            self.ask("DeleteBackupVault", BackupVaultName=name)
            del self.plain.vaults[name]

    def leaving(self, name):
        """Points that were deleted a moment ago are still there until the clock moves."""
        return [point for point in self.plain.points if point.deleted and point.vault == name]

    @precondition(lambda self: self.plain.vaults)
    @rule(data=st.data(), days=LOCKS)
    def lock(self, data, days):
        name = data.draw(st.sampled_from(sorted(self.plain.vaults)))
        self.ask(
            "PutBackupVaultLockConfiguration", BackupVaultName=name, MinRetentionDays=days[0], MaxRetentionDays=days[1]
        )
        self.plain.vaults[name] = days

    @precondition(lambda self: self.plain.vaults)
    @rule(data=st.data())
    def unlock(self, data):
        name = data.draw(st.sampled_from(sorted(self.plain.vaults)))
        self.ask("DeleteBackupVaultLockConfiguration", BackupVaultName=name)
        self.plain.vaults[name] = None

    # The world

    @rule(arn=st.sampled_from(ARNS), tag=st.sampled_from(TAGS))
    def add(self, arn, tag):
        if arn in self.plain.resources:
            self.aws.resources.tag(arn, backup=tag)
        else:
            self.aws.resources.add(arn, tags={"backup": tag}, daily_change=0.01)
        self.plain.resources[arn] = tag

    @precondition(lambda self: self.plain.resources)
    @rule(data=st.data())
    def lose(self, data):
        arn = data.draw(st.sampled_from(sorted(self.plain.resources)))
        self.aws.resources.remove(arn)
        del self.plain.resources[arn]

    @rule()
    def opt(self):
        self.plain.opted_in = not self.plain.opted_in
        self.ask("UpdateRegionSettings", ResourceTypeOptInPreference={"EFS": self.plain.opted_in})

    # Plans

    def document(self, plan):
        hour = "*" if plan.hour is None else plan.hour
        made = {
            "RuleName": "only",
            "TargetBackupVaultName": plan.vault,
            "ScheduleExpression": f"cron({plan.slot} {hour} ? * * *)",
            "StartWindowMinutes": 60,
        }
        if lifecycle(plan.keep, plan.cold):
            made["Lifecycle"] = lifecycle(plan.keep, plan.cold)
        return {"BackupPlanName": f"plan-{plan.slot}", "Rules": [made]}

    @rule(
        hour=st.sampled_from([None, 3, 17]),
        slot=st.sampled_from([0, 15]),
        vault=st.sampled_from(VAULTS),
        keep=KEEP,
        cold=st.sampled_from([None, 2]),
    )
    def plan(self, hour, slot, vault, keep, cold):
        fits = cold is None or keep is None or keep >= cold + 90
        wanted = Plan(slot, hour, vault, keep, cold)
        there = next((plan_id for plan_id, plan in self.plain.plans.items() if plan.slot == slot), None)
        named = {"BackupPlan": self.document(wanted)}
        if not fits:
            self.refused("InvalidParameterValueException", "CreateBackupPlan", **named)
        elif there is None:
            self.plain.plans[self.ask("CreateBackupPlan", **named)["BackupPlanId"]] = wanted
        else:
            self.ask("UpdateBackupPlan", BackupPlanId=there, **named)
            wanted.selections = self.plain.plans[there].selections
            self.plain.plans[there] = wanted

    @precondition(lambda self: self.plain.plans)
    @rule(
        data=st.data(),
        chosen=st.one_of(
            st.tuples(st.just("arn"), st.sampled_from(ARNS)), st.tuples(st.just("tag"), st.sampled_from(TAGS))
        ),
        role=ROLES,
    )
    def select(self, data, chosen, role):
        plan_id = data.draw(st.sampled_from(sorted(self.plain.plans)))
        kind, value = chosen
        condition = {"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": value}
        said = {"Resources": [value]} if kind == "arn" else {"ListOfTags": [condition]}
        selection = {"SelectionName": "s", "IamRoleArn": role, **said}
        if role == DENIED:
            self.refused(
                "InvalidParameterValueException",
                "CreateBackupSelection",
                BackupPlanId=plan_id,
                BackupSelection=selection,
            )
            return
        tagged = [each for each in self.plain.plans[plan_id].selections.values() if each[0] == "tag"]
        if kind == "tag" and len(tagged) == MOST_BY_TAG:
            named = {"BackupPlanId": plan_id, "BackupSelection": selection}
            self.refused("LimitExceededException", "CreateBackupSelection", **named)
            return
        made = self.ask("CreateBackupSelection", BackupPlanId=plan_id, BackupSelection=selection)
        self.plain.plans[plan_id].selections[made["SelectionId"]] = chosen

    @precondition(lambda self: any(plan.selections for plan in self.plain.plans.values()))
    @rule(data=st.data())
    def deselect(self, data):
        pairs = sorted((plan_id, each) for plan_id, plan in self.plain.plans.items() for each in plan.selections)
        plan_id, selection_id = data.draw(st.sampled_from(pairs))
        self.ask("DeleteBackupSelection", BackupPlanId=plan_id, SelectionId=selection_id)
        del self.plain.plans[plan_id].selections[selection_id]

    @precondition(lambda self: self.plain.plans)
    @rule(data=st.data())
    def drop_plan(self, data):
        plan_id = data.draw(st.sampled_from(sorted(self.plain.plans)))
        if self.plain.plans[plan_id].selections:
            self.refused("InvalidRequestException", "DeleteBackupPlan", BackupPlanId=plan_id)
        else:
            self.ask("DeleteBackupPlan", BackupPlanId=plan_id)
            del self.plain.plans[plan_id]

    # Jobs and points

    @precondition(lambda self: self.plain.vaults and self.plain.resources)
    @rule(data=st.data(), keep=KEEP, role=ROLES)
    def back_up(self, data, keep, role):
        vault = data.draw(st.sampled_from(sorted(self.plain.vaults)))
        arn = data.draw(st.sampled_from(sorted(self.plain.resources)))
        if any(job.resource == arn for job in self.plain.ordered):
            return
        self.ask(
            "StartBackupJob",
            BackupVaultName=vault,
            ResourceArn=arn,
            IamRoleArn=role,
            Lifecycle=lifecycle(keep),
        )
        self.plain.ordered.append(Ordered(vault, arn, self.plain.now, keep, works=role != DENIED))

    def free(self):
        """Points that surely are there, and that nothing is happening to."""
        busy = {id(point) for point, *_ in self.plain.copies}
        now = self.plain.now
        return [point for point in self.plain.points if point.must_be_there(now) and id(point) not in busy]

    def arn_of(self, point):
        named = {"BackupVaultName": point.vault, "ByResourceArn": point.resource}
        for shown in self.every("ListRecoveryPointsByBackupVault", "RecoveryPoints", **named):
            if shown["CreationDate"] == point.created.timestamp() and shown["Status"] != "DELETING":
                return shown["RecoveryPointArn"]
        raise AssertionError(point)

    def chosen(self, data):
        return self.free()[data.draw(st.integers(min_value=0, max_value=len(self.free()) - 1))]

    @precondition(lambda self: self.free())
    @rule(data=st.data())
    def delete_point(self, data):
        point = self.chosen(data)
        named = {"BackupVaultName": point.vault, "RecoveryPointArn": self.arn_of(point)}
        if point.holds or self.plain.vaults[point.vault] is not None:
            self.refused("InvalidRequestException", "DeleteRecoveryPoint", **named)
        else:
            self.ask("DeleteRecoveryPoint", **named)
            point.deleted = True

    @precondition(lambda self: any(point.cold is None and not point.holds for point in self.free()))
    @rule(data=st.data(), keep=KEEP)
    def keep(self, data, keep):
        point = self.chosen(data)
        if point.cold is not None or point.holds:
            return
        named = {"BackupVaultName": point.vault, "RecoveryPointArn": self.arn_of(point)}
        if self.plain.vaults[point.vault] is not None:
            self.refused("InvalidRequestException", "UpdateRecoveryPointLifecycle", **named, Lifecycle=lifecycle(keep))
        else:
            self.ask("UpdateRecoveryPointLifecycle", **named, Lifecycle=lifecycle(keep))
            point.keep, point.since = keep, self.plain.now

    @precondition(lambda self: self.free() and len(self.plain.vaults) > 1)
    @rule(data=st.data(), keep=st.sampled_from([1, 7, 100]))
    def copy(self, data, keep):
        point = self.chosen(data)
        others = sorted(set(self.plain.vaults) - {point.vault})
        same = [each for each in self.plain.here() if (each.resource, each.created) == (point.resource, point.created)]
        target = data.draw(st.sampled_from(others))
        if point.is_cold(self.plain.now) or any(each.vault == target for each in same):
            return
        if any((each.resource, each.created) == (point.resource, point.created) for each, *_ in self.plain.copies):
            return
        self.ask(
            "StartCopyJob",
            RecoveryPointArn=self.arn_of(point),
            SourceBackupVaultName=point.vault,
            DestinationBackupVaultArn=f"arn:aws:backup:us-east-1:123456789012:backup-vault:{target}",
            IamRoleArn=ROLE,
            Lifecycle=lifecycle(keep),
        )
        self.plain.copies.append((point, target, keep))

    # Legal holds

    @precondition(lambda self: self.plain.vaults and not self.plain.ordered and not self.plain.copies)
    @precondition(lambda self: len(self.holds) < MOST_HOLDS)
    @rule(data=st.data())
    def hold(self, data):
        vault = data.draw(st.sampled_from(sorted(self.plain.vaults)))
        made = self.ask("CreateLegalHold", Title="t", Description="d", RecoveryPointSelection={"VaultNames": [vault]})
        for point in self.plain.in_vault(vault):
            point.holds.add(made["LegalHoldId"])
            point.seen_under_hold = False
        self.holds[made["LegalHoldId"]] = vault
        # It holds from its first minute on; the model knows no CREATING.
        self.move(1)

    @precondition(lambda self: self.holds and not self.plain.ordered and not self.plain.copies)
    @rule(data=st.data())
    def let_go(self, data):
        hold_id = data.draw(st.sampled_from(sorted(self.holds)))
        self.ask("CancelLegalHold", LegalHoldId=hold_id, CancelDescription="over")
        del self.holds[hold_id]
        for point in self.plain.points:
            if hold_id in point.holds:
                point.holds.discard(hold_id)
                point.released = self.plain.now
        self.move(1)

    # Time

    @rule(hours=MOVES)
    def move(self, hours):
        self.plain.advance(hours)
        self.aws.clock.until(self.plain.now)
        self.plain.points = [point for point in self.plain.points if not point.deleted]

    @rule()
    def save(self):
        self.saved = self.aws.save_state(), copy.deepcopy(self.plain), dict(self.holds)

    @precondition(lambda self: self.saved is not None)
    @rule()
    def go_back(self):
        state, plain, holds = self.saved
        self.aws.load_state(state)
        self.plain, self.holds = copy.deepcopy(plain), dict(holds)

    # What must be the same

    @invariant()
    def same_vaults(self):
        shown = self.every("ListBackupVaults", "BackupVaultList", MaxResults=2)
        locks = {
            vault["BackupVaultName"]: (vault["MinRetentionDays"], vault["MaxRetentionDays"])
            if vault["Locked"]
            else None
            for vault in shown
        }
        assert locks == self.plain.vaults

    @invariant()
    def same_plans(self):
        shown = {plan["BackupPlanId"] for plan in self.every("ListBackupPlans", "BackupPlansList")}
        assert shown == set(self.plain.plans)
        for plan_id, plan in self.plain.plans.items():
            chosen = self.every("ListBackupSelections", "BackupSelectionsList", BackupPlanId=plan_id)
            assert {each["SelectionId"] for each in chosen} == set(plan.selections)
            [made] = self.ask("GetBackupPlan", BackupPlanId=plan_id)["BackupPlan"]["Rules"]
            assert made["TargetBackupVaultName"] == plan.vault
            assert made.get("Lifecycle", {}) == lifecycle(plan.keep, plan.cold)

    @invariant()
    def same_points(self):
        now = self.plain.now
        for vault in self.plain.vaults:
            shown = self.every(
                "ListRecoveryPointsByBackupVault", "RecoveryPoints", BackupVaultName=vault, MaxResults=50
            )
            there = {
                (each["ResourceArn"], each["CreationDate"]): each for each in shown if each["Status"] == "COMPLETED"
            }
            expected = {(point.resource, point.created.timestamp()): point for point in self.plain.in_vault(vault)}
            assert set(there) <= set(expected), "there is a point that cannot be"
            for key, point in expected.items():
                if key not in there:
                    assert not point.must_be_there(now), "a point is missing"
                    self.plain.points.remove(point)
                    continue
                point.seen_under_hold = bool(point.holds)
                assert there[key].get("Lifecycle", {}) == lifecycle(point.keep, point.cold), point
                self.same_storage(vault, there[key], point)

    def same_storage(self, vault, shown, point):
        if point.cold is not None and not point.holds and point.released is None:
            named = {"BackupVaultName": vault, "RecoveryPointArn": shown["RecoveryPointArn"]}
            cold = self.ask("DescribeRecoveryPoint", **named)["StorageClass"] == "COLD"
            assert cold is point.is_cold(self.plain.now)

    @invariant()
    def same_jobs(self):
        since = self.plain.now - SHOWN
        shown = self.every("ListBackupJobs", "BackupJobs", ByCreatedAfter=since, MaxResults=100)
        assert len({job["BackupJobId"] for job in shown}) == len(shown)
        ended = Counter(
            (job["CreationDate"], job["ResourceArn"], job["State"]) for job in shown if "CompletionDate" in job
        )
        assert ended == Counter(
            (created.timestamp(), arn, state) for created, arn, state in self.plain.ended if created > since
        )
        assert len(shown) - ended.total() == len(self.plain.ordered)

    @invariant()
    def protected_resources_are_those_with_points(self):
        shown = {each["ResourceArn"] for each in self.every("ListProtectedResources", "Results", MaxResults=1)}
        surely = {point.resource for point in self.plain.points if point.must_be_there(self.plain.now)}
        perhaps = {point.resource for point in self.plain.here()} | {
            point.resource for point in self.plain.points if point.deleted
        }
        assert surely <= shown, surely - shown
        assert shown <= perhaps, [p for p in self.plain.points if p.resource in shown - perhaps] or shown - perhaps


Beside.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
TestBesideAPlainModel = pytest.mark.timeout(300)(Beside.TestCase)
