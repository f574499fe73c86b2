"""Records as plain values: dictionaries, JSON, pickles, and return values of web handlers."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta

import pytest

import backupkit as bk
from backupkit import observe
from backupkit.observe import Record

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
HANDLES = [bk.BackupJob, bk.CopyJob, bk.RestoreJob, bk.ReportJob, bk.ScanJob]
RECORDS = [
    *(one for name in observe.__all__ if isinstance(one := getattr(observe, name), type) and issubclass(one, Record)),
    bk.RecoveryPoint,
    *HANDLES,
]


@pytest.fixture
def aws():
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.resources.add(TABLE)
        yield aws


@pytest.fixture
def stack():
    vault = bk.Vault("prod")
    rule = bk.Rule("daily", vault).scheduled(bk.Schedule.daily(at="05:00")).keep(days=35)
    return bk.Stack("shop", vault, bk.Plan("daily", rule))


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_every_record_is_a_row(cls):
    """All records of a class have the same members, none of them private, and can be pickled and written as JSON."""
    record = cls(extra={"Later": 1})
    members = record.to_dict()
    assert list(members) == [name for name in cls.__struct_fields__ if not name.startswith("_")] == list(dict(record))
    assert not [name for name in members if name.startswith("_")]
    assert json.loads(json.dumps(record, default=bk.jsonable))["extra"] == {"Later": 1}
    assert pickle.loads(pickle.dumps(record)) == record


def test_a_record_with_everything_in_it_becomes_plain(aws):
    """Moments are aware datetimes, or ISO text for JSON; records inside it become dictionaries."""
    point = aws.back_up(TABLE, vault="prod", keep_days=35).wait().recovery_point.refresh()
    row = point.to_dict()
    assert row["creation_date"] == point.creation_date
    assert row["creation_date"].tzinfo is not None
    assert row["lifecycle"]["delete_after_days"] == 35
    assert row["backup_size_in_bytes"] == point.backup_size_in_bytes
    assert "_aws" not in row
    text = point.to_dict(json=True)
    assert datetime.fromisoformat(text["creation_date"]) == point.creation_date
    assert text == json.loads(json.dumps([point], default=bk.jsonable))[0]
    assert dict(point)["recovery_point_arn"] == point["recovery_point_arn"] == point.recovery_point_arn


def test_a_record_is_not_iterated_by_numbers(aws):
    """A record that stands where a list is wanted is a TypeError, and an unknown member a KeyError."""
    [vault] = [each for each in aws.vaults if each.backup_vault_name == "prod"]
    with pytest.raises(TypeError, match="not iterable"):
        list(vault)
    with pytest.raises(KeyError, match="nothing"):
        vault["nothing"]
    with pytest.raises(KeyError, match="_aws"):
        aws.back_up(TABLE, vault="prod")["_aws"]


def test_what_backupkit_reports_becomes_json(aws, stack):
    """Changes, previews, evidence, deletions and results of waiting are objects of JSON, as records are."""
    changes = stack.preview(aws, adopt=True)
    job = aws.back_up(TABLE, vault="prod")
    waited = bk.wait_all([job])
    point = waited.completed[0].recovery_point
    restore = point.preview_restore(bk.restore.DynamoDBTable("orders-back"))
    evidence = aws.recover(TABLE)
    deletion = point.delete(allow_last=True)
    applied = changes.apply()
    everything = [changes, *changes, waited, restore, evidence, deletion, applied, *evidence.not_restored]
    for each in everything:
        assert json.loads(json.dumps(each, default=bk.jsonable)) == each.to_dict(json=True), type(each)
        assert dict(each) == each.to_dict(), type(each)
    assert json.loads(json.dumps(deletion, default=bk.jsonable))["state"] == "DELETING"
    assert evidence.to_dict()["started"] == evidence.started
    for each in (*changes, waited, evidence, deletion, applied):
        assert pickle.loads(pickle.dumps(each)) == each


def test_json_knows_spans_sets_and_declared_plans_and_refuses_the_rest(stack):
    """What nothing is known to say of is the TypeError that json raises itself."""
    [plan] = [value for value in stack.things if isinstance(value, bk.Plan)]
    given = {"span": timedelta(minutes=2), "names": {"b", "a"}, "plan": plan, "at": datetime(2026, 1, 1, tzinfo=UTC)}
    told = json.loads(json.dumps(given, default=bk.jsonable))
    assert told == {"span": 120.0, "names": ["a", "b"], "plan": plan.to_dict(), "at": "2026-01-01T00:00:00+00:00"}
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(object(), default=bk.jsonable)


@pytest.mark.slow
def test_fastapi_takes_records_as_they_are(aws, stack):
    """A handler returns records, annotated or not, and its OpenAPI document can be made."""
    fastapi = pytest.importorskip("fastapi", reason="FastAPI is not installed")
    client = pytest.importorskip("fastapi.testclient", reason="httpx is not installed")
    app = fastapi.FastAPI()
    job = aws.back_up(TABLE, vault="prod").wait()

    def points() -> list[bk.RecoveryPoint]:
        return list(aws.recovery_points(vault="prod"))

    def changes():
        return {"changes": stack.preview(aws), "job": job}

    app.get("/points")(points)
    app.get("/changes")(changes)
    with client.TestClient(app) as web:
        [point] = web.get("/points").json()
        assert point["recovery_point_arn"] == job.recovery_point_arn
        told = web.get("/changes").json()
        assert told["changes"]["stack"] == "shop"
        assert told["job"]["creation_date"] == job.creation_date.isoformat()
        assert web.get("/openapi.json").status_code == 200


def test_reports_that_are_tables_as_well_are_written_as_objects(aws, stack):
    """A handler annotated with a report returns it without a warning, and tools get its totals beside its rows."""
    pydantic = pytest.importorskip("pydantic", reason="pydantic is not installed")
    job = aws.back_up(TABLE, vault="prod").wait()
    points = aws.recovery_points(vault="prod")
    reports = [
        stack.preview(aws),
        bk.wait_all([job]),
        bk.coverage(aws, resources=[TABLE]),
        points.preview_deletion(),
        bk.restore_testing.evidence(aws),
    ]
    for report in reports:
        written = pydantic.TypeAdapter(type(report)).dump_json(report)
        assert json.loads(written) == json.loads(json.dumps(report.to_dict(json=True)))
    assert isinstance(json.loads(pydantic.TypeAdapter(type(points)).dump_json(points)), list)


def test_a_record_in_a_notebook_hides_what_its_repr_hides():
    """Sizes and moments are as people write them, values of maps are not shown, and nothing becomes markup."""
    job = observe.BackupJob(backup_job_id="<script>", backup_size_in_bytes=2**30, backup_options={"key": "secret"})
    shown = job._repr_html_()
    assert "1.0 GiB" in shown
    assert "&lt;script&gt;" in shown
    assert "secret" not in shown
    assert "<script" not in shown


def test_a_record_in_a_notebook_has_no_code_in_it():
    """What is inside a record is told in words as well: no class names, no quotes, and moments as people write them."""
    point = observe.RecoveryPoint(
        recovery_point_arn="arn",
        is_encrypted=True,
        calculated_lifecycle=observe.CalculatedLifecycle(delete_at=datetime(2026, 1, 2, tzinfo=UTC)),
    )
    shown = point._repr_html_()
    assert "delete at 2026-01-02 00:00:00 UTC" in shown
    assert "<td>is_encrypted</td><td>yes</td>" in shown
    assert "datetime" not in shown
    assert "CalculatedLifecycle" not in shown


def test_lists_in_a_record_are_told_item_by_item():
    """The rules of a plan stand one after the other, and values of tags are shown nowhere."""
    rules = [
        observe.BackupRule(rule_name="daily", start_window_minutes=60, recovery_point_tags={"Team": "hush"}),
        observe.BackupRule(rule_name="weekly"),
    ]
    shown = observe.Plan(backup_plan_id="1", backup_plan=observe.PlanDocument(rules=rules))._repr_html_()
    assert "rules rule name daily, start window minutes 60" in shown
    assert "; rule name weekly" in shown
    assert "Team" in shown
    assert "hush" not in shown
    assert "BackupRule" not in shown
