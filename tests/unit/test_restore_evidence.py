"""Evidence of restore tests: RTO and RPO of each run and resource, as a table, for CI and for auditors."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_restore_testing import TABLE, plan_tests

import backupkit as bk
from backupkit.errors import EvidenceError, InvalidValueError
from backupkit.restore_testing import Evidence, EvidenceRow, TestVerdict, evidence, validator

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
BUCKET = "arn:aws:s3:::photos"


def row(number=0, *, minutes=10, age=timedelta(hours=7), resource=TABLE, **more):
    started = T0 + timedelta(days=number)
    whole = {
        "run": f"{resource}-{number}",
        "resource_arn": resource,
        "resource_type": "DynamoDB",
        "data_moment": started - age,
        "started": started,
        "ended": started + timedelta(minutes=minutes),
        "status": "COMPLETED",
        "validation_status": "SUCCESSFUL",
        "deletion_status": "SUCCESSFUL",
    }
    return EvidenceRow(**{**whole, **more})


def daily(name):
    return bk.RestoreTestingPlan(name, schedule="cron(0 12 ? * * *)", vaults="*")


def of(*rows, made=T0 + timedelta(days=30)):
    return Evidence(rows=rows, made=made, regions=("us-east-1",))


@pytest.fixture(scope="module")
def aws():
    """Four tests of a table: the second finds a fault, and nobody validates the last one."""
    aws = bk.local()
    aws.resources.add(TABLE)
    aws.plan = plan_tests(aws)
    calls = iter([True, False, True])
    handler = validator(lambda job: [("rows", each) for each in islice(calls, 1)]).using(aws)
    aws.events.listen(lambda told: handler(told.event(), None))
    aws.clock.advance(days=4)
    [point] = aws.recovery_points()
    point.restore(bk.restore.DynamoDBTable("orders-2")).wait()
    return aws


def test_each_restore_test_is_a_row(aws):
    """RTO is how long the restore job took, RPO the age of its point; restores of people are not evidence."""
    found = evidence(aws)
    assert [str(each.verdict) for each in found] == ["passed", "failed", "passed", "not validated"]
    jobs = {job.id: job for job in aws.restore_jobs()}
    [point] = aws.recovery_points()
    for each in found:
        job = jobs[each.run]
        assert each.rto == job.completion_date - job.creation_date
        assert each.rpo == job.creation_date - point.creation_date
        assert (each.resource_arn, each.resource_type) == (TABLE, "DynamoDB")
        assert each.restore_testing_plan_arn == aws.plan
    assert [each.validation_status for each in found] == ["SUCCESSFUL", "FAILED", "SUCCESSFUL", "TIMED_OUT"]
    assert found.rows[1].validation_message == "1 of 1 check failed: rows: failed"


def test_evidence_can_be_of_one_plan_type_or_time(aws):
    """Auditors ask about one plan or quarter."""
    assert len(evidence(aws, plan=aws.plan)) == 4
    assert len(evidence(aws, plan=f"{aws.plan}x")) == 0
    name = aws.plan.rpartition(":")[2].partition("-")[0]
    assert len(evidence(aws, plan=name)) == len(evidence(aws, plan=daily(name))) == 4
    assert len(evidence(aws, plan=f"{name}_2")) == 0
    assert len(evidence(aws, resource_type="S3")) == 0
    assert len(evidence(aws, started_after=aws.clock.now() - timedelta(days=2))) == 2


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"plan": "not-a-name"}, "evidence/plan: 'not-a-name' is not the name of a restore testing plan; use"),
        ({"plan": 5}, "evidence/plan: 5 is not the name of a restore testing plan"),
        ({"started_after": datetime(2026, 1, 1)}, "evidence/started_after: .* aware datetime"),
    ],
)
def test_what_cannot_be_asked_is_told_in_the_words_of_the_call(aws, wish, words):
    """Who asks for evidence knows nothing of how jobs are listed."""
    with pytest.raises(InvalidValueError, match=words):
        evidence(aws, **wish)


def test_a_continuous_point_is_as_old_as_the_moment_it_went_back_to():
    """Its creation is when continuous backups began, which may be weeks before the data."""
    aws = bk.local()
    aws.resources.add(BUCKET, account_id=aws.account_id, region_name=aws.region_name)
    vault = bk.Vault("continuous")
    rule = bk.Rule("all", vault).scheduled(bk.Schedule.hourly()).continuously(keep_days=35)
    role = "arn:aws:iam::123456789012:role/backup"
    plan = bk.Plan("p", rule).protecting(bk.Selection("all", role, resources=[BUCKET]))
    bk.Stack("s", vault, plan).preview(aws).apply()
    aws.clock.advance(days=8)
    plan_tests(aws, BUCKET, "S3")
    aws.clock.advance(days=1)
    rows = [each for each in evidence(aws) if ":continuous:" in (each.recovery_point_arn or "")]
    assert [each.rpo is not None and each.rpo < timedelta(hours=1) for each in rows] == [True]


def test_by_resource_has_the_worst_and_the_percentile():
    """One slow restore in twenty shows as the worst, and not at the 95th percentile."""
    found = of(
        *(row(n, minutes=10 + n % 3) for n in range(19)),
        row(19, minutes=90, age=timedelta(days=3)),
        row(resource=BUCKET),
    )
    photos, orders = sorted(found.by_resource(), key=lambda each: each.tests)
    assert (photos.resource_arn, photos.tests, photos.rto) == (BUCKET, 1, timedelta(minutes=10))
    assert (orders.rto, orders.rto_worst) == (timedelta(minutes=12), timedelta(minutes=90))
    assert (orders.rpo, orders.rpo_worst) == (timedelta(hours=7), timedelta(days=3))
    assert (orders.tests, orders.passed, orders.last) == (20, 20, TestVerdict.PASSED)
    assert found.by_resource(percentile=50)[0].rto == timedelta(minutes=11)


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=40), st.floats(0.001, 100))
def test_a_percentile_is_a_time_that_was_measured_and_holds_for_its_share(minutes, percentile):
    """By the nearest rank: at least that share of the tests took no longer, and with the next shorter time fewer did."""
    [found] = of(*(row(n, minutes=each) for n, each in enumerate(minutes))).by_resource(percentile=percentile)
    spans = sorted(timedelta(minutes=each) for each in minutes)
    assert found.rto in spans
    assert sum(span <= found.rto for span in spans) / len(spans) >= percentile / 100 - 1e-9
    assert sum(span < found.rto for span in spans) / len(spans) < percentile / 100 + 1e-9


VERDICTS = [
    ({"status": "RUNNING", "validation_status": None, "deletion_status": None}, "running"),
    ({"status": "FAILED", "validation_status": None, "deletion_status": None}, "failed"),
    ({"validation_status": None, "deletion_status": None}, "running"),
    ({"validation_status": "VALIDATING", "deletion_status": None}, "running"),
    ({"validation_status": None, "deletion_status": "DELETING"}, "not validated"),
    ({"validation_status": "TIMED_OUT"}, "not validated"),
    ({"validation_status": "FAILED"}, "failed"),
    ({}, "passed"),
]


@pytest.mark.parametrize(("more", "verdict"), VERDICTS)
def test_only_what_was_restored_and_validated_passed(more, verdict):
    """A restore that nobody looked at proves little, and one under way nothing yet."""
    assert str(row(**more).verdict) == verdict


# For CI


def shortfall(found, **wanted):
    with pytest.raises(EvidenceError) as caught:
        found.require(**wanted)
    return caught.value


def test_evidence_that_is_good_enough_is_returned():
    """So that one expression reads, requires and goes on."""
    found = of(row(0), row(1))
    assert found.require(rto=timedelta(minutes=10), rpo=timedelta(hours=7), within=timedelta(days=30)) is found
    assert found.require(resources=[TABLE]) is found


SHORT = [
    ((row(0), row(1, minutes=11)), {"rto": timedelta(minutes=10)}, "a restore took 11 min, and 10 min may pass"),
    ((row(0),), {"rpo": timedelta(hours=6)}, "restored data was 7 h old, and 6 h may be lost"),
    ((row(0, data_moment=None),), {"rpo": timedelta(hours=6)}, "how old its restored data was is not known"),
    ((row(0), row(1, data_moment=None)), {"rpo": timedelta(days=6)}, "how old its restored data was is not known"),
    ((row(0), row(1, ended=None)), {"rto": timedelta(hours=6)}, "how long its restores take is not known"),
    (
        (row(0), row(1, validation_status="FAILED", validation_message="no rows")),
        {},
        "its last test: failed (no rows)",
    ),
    ((row(0, validation_status="TIMED_OUT"),), {}, "its last test: not validated"),
    (
        (row(0, status="FAILED", status_message="No default VPC", validation_status=None),),
        {},
        "its last test: failed (No default VPC)",
    ),
    ((row(0, status="RUNNING"),), {}, "no test of it is over"),
    (
        (row(0),),
        {"within": timedelta(days=7)},
        "the last test that passed began 30 d ago, and 7 d may pass",
    ),
]


@pytest.mark.parametrize(("rows", "wanted", "short"), SHORT)
def test_what_falls_short_or_is_not_known_fails(rows, wanted, short):
    """A CI job fails with what is missing, by resource."""
    error = shortfall(of(*rows), **wanted)
    assert error.shortfalls == {TABLE: short}
    assert str(error) == f"1 of 1 resource fall short\n{TABLE}: {short}"
    assert error.rows[0].resource_arn == TABLE


def test_what_was_never_tested_fails():
    """No evidence is not good evidence."""
    assert shortfall(of(row(0)), resources=[TABLE, BUCKET]).shortfalls == {BUCKET: "it was never tested"}
    assert "nothing is known" in str(shortfall(of()))


def test_a_test_under_way_does_not_hide_the_last_result():
    """A nightly check that runs while a test does must not fail for it."""
    running = row(1, status="RUNNING", ended=None, validation_status=None, deletion_status=None)
    assert of(row(0), running).require(rto=timedelta(hours=1))


def test_a_percentile_lets_some_tests_be_slower():
    """A target of 95 of 100 restores is not missed by one."""
    found = of(*(row(n) for n in range(19)), row(19, minutes=90))
    found.require(rto=timedelta(minutes=10), percentile=95)
    assert shortfall(found, rto=timedelta(minutes=10), percentile=96)


@pytest.mark.parametrize(
    "wanted",
    [
        {"rto": 10},
        {"rpo": timedelta(0)},
        {"within": "7d"},
        {"percentile": 0},
        {"percentile": 101},
        {"resources": ["x"]},
    ],
    ids=str,
)
def test_what_cannot_be_required_is_refused(wanted):
    """A number without a unit would be a guess."""
    with pytest.raises(InvalidValueError):
        of(row(0)).require(**wanted)


# Tables, displays, exports


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("pyarrow"), reason="pyarrow is not installed")
def test_evidence_is_a_table_with_stable_columns():
    """The same columns and types, whether there are rows or not; spans are seconds."""
    full, empty = of(row(0)).to_arrow(), of().to_arrow()
    assert full.schema == empty.schema
    assert full["rto_seconds"].to_pylist() == [600.0]
    assert full["rpo_seconds"].to_pylist() == [7 * 3600.0]
    assert full["verdict"].to_pylist() == ["passed"]
    summed = of(row(0), row(1, minutes=30)).by_resource().to_arrow()
    assert summed["rto_worst_seconds"].to_pylist() == [1800.0]
    assert summed.schema == of().by_resource().to_arrow().schema


def test_evidence_shows_the_resources_and_then_the_tests(aws):
    """A notebook shows what people ask first; text of AWS and of checks is escaped."""
    assert "rto worst" in str(evidence(aws))
    html = of(row(0, validation_message="<script>"))._repr_html_()
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    assert repr(of(row(0))) == "<Evidence of 1 restore test: 1 passed>"
    assert repr(of()) == "<Evidence of 0 restore tests: none>"
    assert str(of())
    assert pickle.loads(pickle.dumps(of(row(0)))) == of(row(0))


def test_an_export_comes_back_as_it_was(aws):
    """What an auditor got can be read again, with every moment."""
    found = evidence(aws)
    text = found.to_json()
    assert Evidence.from_json(text) == found
    told = json.loads(text)
    assert told["tests"][0]["rto"] == found.rows[0].rto.total_seconds()
    assert [each["tests"] for each in told["resources"]] == [4]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not evidence"),
        ("[]", "not evidence"),
        ('{"format": "other", "version": 1, "made": "2026-03-01T12:00:00Z", "regions": [], "tests": []}', "'other'"),
        (of(row(0)).to_json().replace('"version": 1', '"version": 2'), "version 2"),
        (of(row(0)).to_json().replace("+00:00", ""), "time zone"),
        (of(row(0)).to_json().replace('"run"', '"walk"'), "run"),
        (of(row(0)).to_json()[:-100], "truncated"),
        (of(row(0)).to_json()[:-3] + "\ud800", "surrogates"),
        (of(row(0)).to_json()[:-2] + ',"more":' + "[" * 100_000, "depth"),
        (of(row(0), row(0)).to_json(), "in it 2 times; give what to_json"),
    ],
)
def test_what_is_not_an_export_is_refused(text, why):
    """A wrong file is told from an empty one."""
    with pytest.raises(InvalidValueError, match=why):
        Evidence.from_json(text)


def test_exports_outlive_the_thirty_days_of_aws(aws):
    """Merged into the next, an export keeps what AWS has forgotten, and what was read last counts."""
    earlier = Evidence.from_json(evidence(aws).to_json())
    state = aws.save_state()
    aws.clock.advance(days=40)
    now = evidence(aws)
    assert not {each.run for each in now} & {each.run for each in earlier}
    both = now.merge(earlier)
    assert len(both) == len(now) + 4
    assert [each.started for each in both] == sorted(each.started for each in both)
    assert both.made == now.made
    aws.load_state(state)
    stale = of(row(0, validation_status=None, deletion_status=None), made=T0)
    fresh = of(row(0), made=T0 + timedelta(days=1))
    assert [str(each.verdict) for each in stale.merge(fresh)] == ["passed"]
    assert [str(each.verdict) for each in fresh.merge(stale)] == ["passed"]
