"""Laws of what is told outside: for any story, each job's events follow its states and end in its last one."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from backupkit.emulator import LocalService
from backupkit.emulator.kernel import event_records
from backupkit.emulator.kernel.event_records import METRIC_DIMENSIONS, Counts

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0a1b2c3d"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout"
COPIES = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:copies"

ENDS = {"COMPLETED", "PARTIAL", "FAILED", "EXPIRED", "ABORTED"}
FOLLOWS = {
    event_records.BACKUP_JOB: {None: {"CREATED"}, "CREATED": {"RUNNING", "FAILED", "EXPIRED", "ABORTED"}, "RUNNING": ENDS},
    event_records.COPY_JOB: {None: {"CREATED"}, "CREATED": {"RUNNING"}, "RUNNING": {"COMPLETED", "PARTIAL", "FAILED"}},
    event_records.RESTORE_JOB: {
        None: {"CREATED"}, "CREATED": {"PENDING"}, "PENDING": {"RUNNING"}, "RUNNING": {"COMPLETED", "FAILED"}
    },
    event_records.POINT: {
        None: {"CREATING", "COMPLETED"},
        "CREATING": {"COMPLETED", "PARTIAL", "AVAILABLE"},
        "AVAILABLE": {"STOPPED", "DELETING"},
        "COMPLETED": {"PARTIAL", "COLD", "DELETING", "EXPIRED"},
        "PARTIAL": {"COLD", "DELETING", "EXPIRED"},
        "COLD": {"DELETING", "EXPIRED"},
        "DELETING": {"EXPIRED", "DELETED"},
        "EXPIRED": {"DELETING", "COLD"},
    },
}  # fmt: skip

ACTIONS = st.one_of(
    st.tuples(st.just("back up"), st.sampled_from([TABLE, FILES, STACK]), st.integers(1, 40)),
    st.tuples(st.just("stop"), st.integers(0, 9)),
    st.tuples(st.just("copy"), st.integers(0, 9), st.sampled_from(["copies", "nowhere"])),
    st.tuples(st.just("restore"), st.integers(0, 9), st.sampled_from(["orders", "again"])),
    st.tuples(st.just("delete"), st.integers(0, 9)),
    st.tuples(st.sampled_from(["deny", "admit", "block backups", "release"])),
    st.tuples(st.just("plan"), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([600, 10_000])),
    st.tuples(st.just("go back")),
)
# Most of what happens does so because time passes after it was asked for; 12 steps tell less than the log keeps.
STEPS = st.tuples(ACTIONS, st.sampled_from([0, 1, 5, 90, 90, 1600]))
STORIES = st.lists(STEPS, min_size=1, max_size=12).map(
    lambda steps: [("back up", FILES, 40), *(one for action, minutes in steps for one in (action, ("wait", minutes)))]
)


class Played:
    """A local service on which a story is played; whatever AWS refuses is part of the story."""

    def __init__(self, story, *, listens=True):
        self.service = LocalService(seed=3)
        self.heard = []
        if listens:
            self.service.events.listen(self.heard.append)
        self.service.resources.add(TABLE)
        self.service.resources.add(FILES)
        self.service.resources.add(STACK, members={"Files": FILES, "Function": FUNCTION})
        for name in ("prod", "copies"):
            self.call("CreateBackupVault", BackupVaultName=name)
        self.kept = None
        for action, *values in story:
            getattr(self, action.replace(" ", "_"))(*values)

    def call(self, operation, **params):
        try:
            return json.loads(self.service.call(operation, params))
        except Exception as error:
            if not hasattr(error, "code"):
                raise
            return {}

    def every(self, operation, member, **params):
        return self.call(operation, MaxResults=1000, **params)[member]

    def _job(self, number):
        jobs = self.every("ListBackupJobs", "BackupJobs")
        return jobs[number % len(jobs)] if jobs else {}

    def _point(self, number):
        points = self.every("ListRecoveryPointsByBackupVault", "RecoveryPoints", BackupVaultName="prod")
        return points[number % len(points)]["RecoveryPointArn"] if points else None

    def back_up(self, arn, days):
        cold = {"MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 91} if days == 40 else {"DeleteAfterDays": days}
        self.call("StartBackupJob", BackupVaultName="prod", ResourceArn=arn, IamRoleArn=ROLE, Lifecycle=cold)

    def stop(self, number):
        if job := self._job(number):
            self.call("StopBackupJob", BackupJobId=job["BackupJobId"])

    def copy(self, number, vault):
        if point := self._point(number):
            self.call(
                "StartCopyJob",
                RecoveryPointArn=point,
                SourceBackupVaultName="prod",
                DestinationBackupVaultArn=COPIES.replace("copies", vault),
                IamRoleArn=ROLE,
            )

    def restore(self, number, name):
        if point := self._point(number):
            metadata = {"targetTableName": name, "newFileSystem": "true", "PerformanceMode": "generalPurpose"}
            self.call("StartRestoreJob", RecoveryPointArn=point, Metadata=metadata, IamRoleArn=ROLE)

    def delete(self, number):
        if point := self._point(number):
            self.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)

    def deny(self):
        self.service.faults.deny(ROLE)

    def admit(self):
        self.service.faults.admit(ROLE)

    def block_backups(self):
        self.service.faults.block_backups(FILES)

    def release(self):
        self.service.faults.release(FILES)

    def plan(self, continuous):
        rule = {
            "RuleName": "rule",
            "TargetBackupVaultName": "prod",
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "StartWindowMinutes": 60,
            "Lifecycle": {"DeleteAfterDays": 7},
            "EnableContinuousBackup": continuous,
        }
        made = self.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})
        if made:
            selection = {"SelectionName": "all", "IamRoleArn": ROLE, "Resources": ["*"]}
            self.call("CreateBackupSelection", BackupPlanId=made["BackupPlanId"], BackupSelection=selection)

    def wait(self, minutes):
        self.service.clock.advance(minutes=minutes)

    def go_back(self):
        if self.kept is None:
            self.kept = self.service.save_state()
        else:
            self.service.load_state(self.kept)

    def states(self):
        """The state of every job that is on record, by its kind and id."""
        return {
            **{(event_records.BACKUP_JOB, job["BackupJobId"]): job["State"] for job in self.every("ListBackupJobs", "BackupJobs")},
            **{(event_records.COPY_JOB, job["CopyJobId"]): job["State"] for job in self.every("ListCopyJobs", "CopyJobs")},
            **{(event_records.RESTORE_JOB, job["RestoreJobId"]): job["Status"] for job in self.every("ListRestoreJobs", "RestoreJobs")},
        }  # fmt: skip


@given(STORIES)
@settings(max_examples=150, deadline=None)
def test_the_events_of_each_job_and_point_follow_its_states(story):
    """Nothing is told twice, out of order, or left out."""
    played = Played(story)
    told = defaultdict(list)
    for news in played.service.events.events():
        if news.kind in FOLLOWS:
            told[news.kind, news.subject].append(news.state)
    for (kind, _), states in told.items():
        for before, after in pairwise([None, *states]):
            assert after in FOLLOWS[kind][before], states


@given(STORIES)
@settings(max_examples=150, deadline=None)
def test_every_job_on_record_was_told_up_to_the_state_it_is_in(story):
    """Whoever follows the events knows what whoever lists the jobs sees; ABORTING alone has no event."""
    played = Played(story)
    last = {(news.kind, news.subject): news.state for news in played.service.events.events()}
    on_record = played.states()
    for key, state in on_record.items():
        assert last[key] == state or (state == "ABORTING" and last[key] in {"CREATED", "RUNNING"})
    # AWS forgets jobs after 30 days, and the events do not.
    assert set(on_record) <= set(last)


@given(STORIES)
@settings(max_examples=40, deadline=None)
def test_what_is_heard_is_what_is_kept_in_the_order_of_time(story):
    """Numbers and moments grow; a listener hears each event once."""
    played = Played([step for step in story if step[0] != "go back"])
    events = played.service.events.events()
    assert played.heard == events
    assert all(before.number < after.number and before.moment <= after.moment for before, after in pairwise(events))
    assert not played.service.events.failures()


@given(STORIES)
@settings(max_examples=30, deadline=None)
def test_the_same_story_is_the_same_whether_anybody_listens(story):
    """Listening draws nothing from the seed."""
    assert Played(story).states() == Played(story, listens=False).states()


@given(STORIES)
@settings(max_examples=40, deadline=None)
def test_metrics_add_up_to_the_events_and_are_never_zero(story):
    """Over all windows, each vault's points of a metric sum up to the events that it counts."""
    events = Played([step for step in story if step[0] != "go back"]).service.events.events()
    counts, summed = Counts(METRIC_DIMENSIONS), Counter()
    for news in events:
        counts.count(news)
    if events:
        counts.close(events[-1].moment.replace(year=events[-1].moment.year + 1))
    windows = []
    for region_name, data in counts.ready(1000, whole=True):
        assert region_name == REGION
        assert len(data) <= 1000
        for datum in data:
            names = tuple(dimension["Name"] for dimension in datum["Dimensions"])
            assert datum["Value"] > 0
            assert int(datum["Timestamp"].timestamp()) % 300 == 0
            windows.append((datum["Timestamp"], datum["MetricName"], tuple(map(str, datum["Dimensions"]))))
            summed[names, datum["MetricName"]] += datum["Value"]
    assert len(windows) == len(set(windows))
    backups = Counter(news.state for news in events if news.kind == event_records.BACKUP_JOB)
    for names in METRIC_DIMENSIONS:
        for state, number in backups.items():
            assert summed[names, f"NumberOfBackupJobs{state.title()}"] == number
