"""Collections as tables: Arrow, pandas, polars and Parquet, and what is shown of them."""

from __future__ import annotations

import errno
import io
import json
import os
import pickle
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rich
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backupkit as bk
from backupkit import observe
from backupkit.errors import ConfigurationError, InvalidValueError
from backupkit.recover.point_facts import continuous
from backupkit.recover.point_table import POINTS, size_meaning, tier_of
from backupkit.tables import LazyTable, arrow, members

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
FILES = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-01234567"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def pa():
    return pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'backupkit[tables]'")


@pytest.fixture
def aws():
    with bk.local() as aws:
        for vault in ("prod", "second"):
            aws.call("CreateBackupVault", BackupVaultName=vault)
        for arn in (TABLE, FILES):
            aws.resources.add(arn, size_bytes=10**9)
        started = [
            aws.back_up(TABLE, vault="prod", keep_days=35),
            aws.back_up(FILES, vault="second", cold_after_days=1, keep_days=100),
        ]
        bk.wait_all(started)
        aws.clock.advance(days=3)
        yield aws


class Counting:
    """Counts the calls that reach a transport."""

    def __init__(self, inner):
        self.inner, self.calls = inner, []

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def call(self, operation, params):
        self.calls.append(operation)
        return self.inner.call(operation, params)


@pytest.fixture
def counted(aws):
    transport = Counting(aws.transport)
    return bk.Connection(transport), transport.calls


def collections(aws):
    stack = bk.Stack("shop", bk.Vault("third"))
    return {
        "points": aws.recovery_points(),
        "points of a resource": aws.recovery_points(resource=TABLE),
        "points that fit": aws.recovery_points().where(resource_type="EFS"),
        "backup jobs": aws.backup_jobs(),
        "jobs of states": aws.backup_jobs(state=["COMPLETED", "FAILED"]),
        "copy jobs": aws.copy_jobs(),
        "restore jobs": aws.restore_jobs(),
        "scan jobs": aws.scan_jobs(),
        "report jobs": aws.report_jobs(),
        "vaults": aws.vaults,
        "plans": aws.plans,
        "protected resources": aws.protected_resources,
        "changes": stack.preview(aws),
        "what was waited for": bk.wait_all(list(aws.backup_jobs())),
        "collected": aws.recovery_points().collect(),
        "what bulk work would do": aws.recovery_points().preview_deletion(keep_last=0),
        "what bulk work did": aws.recovery_points().where(resource_type="EFS").preview_tags({"Team": "a"}).apply(),
        "orphans": bk.find_orphans(aws),
        "expired points": bk.find_orphans(aws).expired,
        "sources of orphans": bk.find_orphans(aws).all_sources,
        "coverage": bk.coverage(aws, resources=[TABLE, FILES]),
    }


def test_every_collection_is_a_table(aws, pa):
    """A row for each record, with the types that its columns promise, also where there are no rows."""
    for name, found in collections(aws).items():
        table = found.to_arrow()
        promised = {column.name: column.type.value for column in found._form().columns}
        assert {field.name: str(field.type).replace(", ordered=0", "") for field in table.schema} == promised, name
        assert table.num_rows == sum(1 for _ in found), name
        assert pa.table(found).equals(table), name


def test_the_values_are_those_of_the_records(aws, pa):
    """Sizes are bytes, moments aware, and a point's tier and the meaning of its size are worked out."""
    rows = {row["resource_type"]: row for row in aws.recovery_points().to_arrow().to_pylist()}
    for point in aws.recovery_points():
        row = rows[point.resource_type]
        assert row["recovery_point_arn"] == point.recovery_point_arn
        assert row["creation_date"] == point.creation_date
        assert row["delete_at"] == point.calculated_lifecycle.delete_at
        assert row["backup_size_in_bytes"] == point.backup_size_in_bytes
        assert row["tier"] == point.refresh().storage_class
    assert (rows["EFS"]["tier"], rows["EFS"]["size_counts"]) == ("COLD", "changed")
    assert (rows["DynamoDB"]["tier"], rows["DynamoDB"]["size_counts"]) == ("WARM", "point")
    [copied] = bk.wait_all(list(aws.backup_jobs(resource=TABLE))).to_arrow().to_pylist()
    assert (copied["outcome"], copied["kind"], copied["percent"]) == ("completed", "backup", 100.0)


@pytest.mark.parametrize(
    ("kind", "archive", "cold_in", "told", "tier"),
    [
        ("EFS", None, -1, None, "COLD"),
        ("EFS", None, 1, None, "WARM"),
        ("EBS", None, -1, None, "WARM"),
        ("EBS", True, -1, None, "COLD"),
        ("RDS", None, -1, None, "WARM"),
        ("RDS", None, None, None, "WARM"),
        ("EFS", None, None, None, None),
        ("EFS", None, 1, "COLD", "COLD"),
    ],
)
def test_the_tier_follows_from_lifecycle_and_type(kind, archive, cold_in, told, tier):
    """AWS ignores cold storage for some types, wants an opt-in for others, and what no list tells is null."""
    point = observe.RecoveryPoint(resource_type=kind, storage_class=told)
    if cold_in is not None:
        at = NOW + timedelta(days=cold_in)
        point = observe.RecoveryPoint(
            resource_type=kind,
            storage_class=told,
            lifecycle=observe.Lifecycle(opt_in_to_archive_for_supported_resources=archive),
            calculated_lifecycle=observe.CalculatedLifecycle(move_to_cold_storage_at=at),
        )
    assert tier_of(point, NOW) == tier


MOMENTS = st.integers(-(10**15), 10**16).map(
    lambda count: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=count)
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.none() | MOMENTS), st.lists(st.none() | st.integers(0, 2**63 - 1)))
def test_moments_and_sizes_come_back_as_they_were(moments, sizes):
    """No microsecond and no byte is lost on the way to Arrow and back, and nothing becomes of what is not there."""
    pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'backupkit[tables]'")
    points = [observe.RecoveryPoint(creation_date=at) for at in moments]
    points += [observe.RecoveryPoint(backup_size_in_bytes=size) for size in sizes]
    table = arrow.reader(POINTS.columns, points).read_all()
    assert table["creation_date"].to_pylist() == [*moments, *(None for _ in sizes)]
    assert table["backup_size_in_bytes"].to_pylist() == [*(None for _ in moments), *sizes]


WORDS = st.none() | st.sampled_from(["a", "b", "EBS", "EFS", "RDS", "Aurora", ""]) | st.text("xyé", max_size=3)
NUMBERS = st.none() | st.integers(-1, 2**63 - 1)
POINT_RECORDS = st.builds(
    observe.RecoveryPoint,
    recovery_point_arn=WORDS,
    resource_arn=WORDS,
    resource_type=WORDS,
    status=st.none() | st.sampled_from(["COMPLETED", "STOPPED"]),
    storage_class=st.none() | st.sampled_from(["WARM", "COLD"]),
    creation_date=st.none() | MOMENTS,
    backup_size_in_bytes=NUMBERS,
    is_parent=st.none() | st.booleans(),
    created_by=st.none() | st.builds(observe.Creator, backup_plan_id=WORDS, backup_rule_name=WORDS),
    lifecycle=st.none()
    | st.builds(
        observe.Lifecycle,
        delete_after_days=NUMBERS,
        opt_in_to_archive_for_supported_resources=st.none() | st.booleans(),
    ),
    calculated_lifecycle=st.none()
    | st.builds(
        observe.CalculatedLifecycle, move_to_cold_storage_at=st.none() | MOMENTS, delete_at=st.none() | MOMENTS
    ),
)
OF_INNER = {column.name: column.values.path for column in POINTS.columns if isinstance(column.values, members)} | {
    column.name: column.name for column in POINTS.columns if column.values is None
}


def inner(told, path):
    for name in path.split("."):
        told = None if told is None else told[name]
    return told


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(POINT_RECORDS, min_size=1, max_size=8), st.integers(1, 3))
@pytest.mark.slow
def test_a_table_is_what_its_records_say_one_by_one(points, times):
    """Whatever is looked up once for a page, shared or repeated: every row is the record's ``to_dict``, in its types."""
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'backupkit[tables]'")
    points = points * times
    table = arrow.reader(POINTS.columns, points).read_all()
    table.validate(full=True)
    for name, path in OF_INNER.items():
        values = [inner(point.to_dict(), path) for point in points]
        assert table[name].to_pylist() == values
        assert (
            table[name].combine_chunks().equals(pa.chunked_array([pa.array(values, table[name].type)]).combine_chunks())
        )
    alone = [arrow.reader(POINTS.columns, [point]).read_all().to_pylist()[0] for point in points]
    assert table.to_pylist() == alone
    assert table["size_counts"].to_pylist() == [size_meaning(point.resource_type) for point in points]
    assert table["is_continuous"].to_pylist() == [continuous(point) for point in points]
    now = datetime.now(UTC)
    assert table["tier"].to_pylist() == [tier_of(point, now) for point in points]


def test_pandas_and_polars_take_them_as_they_are(aws):
    """Types of a DataFrame do not depend on whether a value is missing."""
    pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'backupkit[tables]'")
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = aws.recovery_points().to_pandas()
    assert str(frame["backup_size_in_bytes"].dtype) == "Int64"
    assert str(frame["delete_after_days"].dtype) == "Int64"
    assert str(frame["creation_date"].dtype) == "datetime64[us, UTC]"
    assert isinstance(frame["resource_type"].dtype, pd.CategoricalDtype)
    sizes = frame.groupby("resource_type", observed=True)["backup_size_in_bytes"].sum()
    assert sizes["DynamoDB"] == 10**9
    pl = pytest.importorskip("polars", reason="polars is not installed")
    for found in (aws.recovery_points(), aws.recovery_points().collect()):
        assert pl.DataFrame(found).height == found.to_polars().height == 2


@pytest.mark.slow
def test_dictionaries_of_many_pages_become_one_category(aws, pa, tmp_path):
    """Values that come only on later pages are in the table, the DataFrame and the file."""
    points = [observe.RecoveryPoint(recovery_point_arn=str(n), resource_arn=f"arn:{n // 900}") for n in range(2_500)]
    table = arrow.reader(POINTS.columns, iter(points)).read_all()
    assert table["resource_arn"].num_chunks == 3
    assert table["resource_arn"].to_pylist() == [point.resource_arn for point in points]
    assert arrow.write_parquet(arrow.reader(POINTS.columns, iter(points)), tmp_path / "points.parquet") == 2_500
    parquet = pytest.importorskip("pyarrow.parquet")
    read = parquet.read_table(tmp_path / "points.parquet")
    assert read.schema.equals(table.schema)
    assert read["resource_arn"].to_pylist() == table["resource_arn"].to_pylist()


def test_a_parquet_file_is_there_when_it_is_whole(aws, pa, tmp_path):
    """A list that fails halfway leaves the file that was there, and nothing beside it."""
    target = tmp_path / "points.parquet"
    assert aws.recovery_points().to_parquet(target) == 2
    before = target.read_bytes()

    def broken():
        yield observe.RecoveryPoint()
        raise ConnectionError("the list broke off")

    with pytest.raises(ConnectionError, match="broke off"):
        arrow.write_parquet(arrow.reader(POINTS.columns, broken()), target)
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


def test_a_parquet_file_that_cannot_be_written_is_an_error_of_ours(aws, pa, tmp_path, monkeypatch):
    """What the system refuses says which file it is and why, and nothing is left beside it."""
    points = aws.recovery_points()
    with pytest.raises(ConfigurationError, match=r"cannot be written: File name too long$"):
        points.to_parquet(tmp_path / f"{'x' * 300}.parquet")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a temporary name")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ConfigurationError, match=r"/points\.parquet cannot be written: No space left on device$"):
        points.to_parquet(tmp_path / "points.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_nobody_may_write_to_is_an_error_of_ours(aws, pa, tmp_path):
    """A read-only directory is told as one."""
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigurationError, match=r"/points\.parquet cannot be written: Permission denied$"):
        aws.recovery_points().to_parquet(tmp_path / "points.parquet")


def test_rows_are_read_as_they_are_needed(pa):
    """A stream asks for the next page when it is read so far, and holds no page for longer."""
    asked = []

    def rows():
        for number in range(10_000):
            asked.append(number)
            yield observe.RecoveryPoint(recovery_point_arn=str(number))

    stream = arrow.reader(POINTS.columns, rows())
    assert not asked
    stream.read_next_batch()
    assert len(asked) == 1_000


def test_a_collection_asks_again_and_collect_asks_once(counted):
    """What was collected is read without AWS, has a length and places, is true or false, and can be pickled."""
    aws, calls = counted
    points = aws.recovery_points(vault="prod")
    assert [len(list(points)), len(list(points))] == [1, 1]
    assert len(calls) == 2
    found = points.collect()
    assert len(calls) == 3
    assert (len(found), list(found), found[0], found[-1], list(found[:1])) == (1, [*found], *[found[0]] * 2, [found[0]])
    assert found
    assert not found[1:]
    assert pickle.loads(pickle.dumps(found)) == found
    assert json.loads(json.dumps(found, default=bk.jsonable))[0]["resource_arn"] == TABLE
    assert len(calls) == 3


def test_what_was_not_read_is_neither_true_nor_false(aws):
    """``if aws.recovery_points():`` would always be true; the message has the way out."""
    for name, found in collections(aws).items():
        if not isinstance(found, LazyTable):
            continue
        with pytest.raises(InvalidValueError, match=r"\.collect\(\)"):
            bool(found)
        assert bool(found.collect()) == any(True for _ in found), name


@pytest.mark.slow
def test_what_is_shown_is_the_first_page():
    """A display of a hundred thousand points asks for one page and never walks on."""
    with bk.local() as local:
        local.call("CreateBackupVault", BackupVaultName="prod")
        tables = [f"{TABLE}-{number}" for number in range(1_001)]
        for arn in tables:
            local.resources.add(arn)
        bk.wait_all([local.back_up(arn, vault="prod") for arn in tables])
        transport = Counting(local.transport)
        aws = bk.Connection(transport)
        points = aws.recovery_points(vault="prod")
        for show in (repr, str, type(points)._repr_html_, type(points).__rich__):
            transport.calls.clear()
            shown = show(points)
            assert transport.calls == ["ListRecoveryPointsByBackupVault"]
            if isinstance(shown, str):
                assert "1,000" in shown
                assert "first page" in shown
                assert shown.count("orders-") <= 50


def test_a_repr_is_one_line_and_raises_nothing(aws):
    """What stands in a log or a debugger never fails because AWS cannot be asked."""
    for found in (*collections(aws).values(), *aws.recovery_points().collect()):
        assert "\n" not in repr(found)
    points = aws.recovery_points()
    aws.close()
    assert repr(points) == "<RecoveryPoints of any vault with any type: not read, ConfigurationError on the first page>"


def test_every_collection_can_be_looked_at(aws):
    """As text, in a terminal and in a notebook; nothing of it is a script, and no display fails."""
    for name, found in collections(aws).items():
        assert str(found), name
        rich.print(found, file=io.StringIO())
        assert found._repr_html_().count("<script") == 0, name


def test_what_people_look_for_first_is_in_sight():
    """The lock of a vault and what kind it is, when a plan last ran, and why jobs failed."""
    with bk.local() as aws:
        for name, lock in (("loose", {}), ("held", {"MinRetentionDays": 1}), ("shut", {"ChangeableForDays": 3})):
            aws.call("CreateBackupVault", BackupVaultName=name)
            if lock:
                aws.call("PutBackupVaultLockConfiguration", BackupVaultName=name, **{"MinRetentionDays": 1, **lock})
        gap = {"BackupVaultName": "gapped", "MinRetentionDays": 7, "MaxRetentionDays": 400}
        aws.call("CreateLogicallyAirGappedBackupVault", **gap)
        rule = {"RuleName": "daily", "TargetBackupVaultName": "loose"}
        aws.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "nightly", "Rules": [rule]})
        shown = {line.split()[0]: line.split() for line in str(aws.vaults).splitlines() if line.strip()}
        locks = {name: shown[name][3] for name in ("loose", "held", "shut", "gapped")}
        assert locks == {"loose": "none", "held": "governance", "shut": "compliance", "gapped": "compliance"}
        assert "nightly" in str(aws.plans)
        aws.faults.deny("arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole")
        bk.wait_all([aws.back_up(TABLE, vault="loose")])
        assert "reasons  1 role_not_assumable\n" in str(aws.backup_jobs())


def test_what_bulk_work_would_do_has_a_row_for_each_point(aws, pa):
    """The points that are left are in the table as well, with the reason: that is what one groups by."""
    aws.call("CreateBackupVault", BackupVaultName="third")
    changes = aws.recovery_points().preview_deletion(keep_last=1)
    rows = changes.to_arrow().to_pylist()
    assert [len(changes), len(rows)] == [0, 2]
    assert {row["refusal"] for row in rows} == {"last_points"}
    assert {row["action"] for row in rows} == {None}
    done = aws.recovery_points().preview_deletion(keep_last=0).to_arrow().to_pylist()
    assert {(row["action"], row["refusal"], row["backup_size_in_bytes"]) for row in done} == {("delete", None, 10**9)}
    sooner = aws.recovery_points().where(resource_type="DynamoDB").preview_lifecycle(keep_days=20).to_arrow()
    [row] = sooner.to_pylist()
    assert row["was_delete_at"] - row["delete_at"] == timedelta(days=15)


def test_what_became_of_points_is_a_table(aws, pa):
    """One row for each point, with its state, its reason and AWS's sentence."""
    report = aws.recovery_points().preview_deletion(keep_last=0).apply(allow_delete=True)
    rows = report.to_arrow().to_pylist()
    assert [row["state"] for row in rows] == ["done", "done"]
    assert {row["recovery_point_arn"] for row in rows} == {each.recovery_point_arn for each in report}
    assert repr(report) == "<PointReport delete: 2 done, 0 started, 0 refused, 0 failed, 0 not started>"
    assert len(json.loads(json.dumps(report, default=bk.jsonable))["outcomes"]) == 2


def test_coverage_is_a_table(aws, pa):
    """Whether, by what, until when and how well each resource is protected, in columns to filter by."""
    role = "arn:aws:iam::123456789012:role/backup"
    plan = bk.Plan("nightly", bk.Rule("daily", "prod").keep(days=35)).protecting(
        bk.Selection("tables", role).including(TABLE)
    )
    rows = {row["resource_arn"]: row for row in bk.coverage(aws, plans=plan).to_arrow().to_pylist()}
    table, files = rows[TABLE], rows[FILES]
    assert (table["status"], table["protected"], table["plans"], table["keep_days"]) == (
        "protected",
        True,
        "nightly",
        35.0,
    )
    assert table["next_run"].hour == 5
    assert (files["status"], files["reason"], files["next_run"]) == ("unprotected", "no tag", None)
    assert table["rpo_worst_seconds"] == timedelta(hours=32).total_seconds()


def test_duckdb_asks_a_collection_in_sql(aws, pa):
    """By Arrow's C stream, without a copy on the way: a name in SQL is the variable of that name."""
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    asked = "select resource_type, sum(backup_size_in_bytes)::bigint from points group by all order by 1"
    for points in (aws.recovery_points(), aws.recovery_points().collect(), aws.recovery_points().preview_deletion()):
        assert duckdb.sql(asked).fetchall() == [("DynamoDB", 10**9), ("EFS", 10**9)], points


def test_tables_say_what_is_missing(aws, monkeypatch):
    """Without pyarrow, everything else works, and the error names the extra."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'backupkit\[tables\]'"):
        aws.recovery_points().to_arrow()
    assert len(aws.recovery_points().collect()) == 2


@pytest.mark.slow
def test_listing_loads_no_tables():
    """Reading points as records imports neither pyarrow nor pandas, which take longer than all of backupkit."""
    code = (
        "import sys, backupkit as bk\n"
        "with bk.local() as aws: aws.recovery_points().collect()\n"
        "print(sorted({'pyarrow', 'pandas', 'polars'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_changes_in_a_notebook_are_rows(aws):
    """What a preview found is a table of a bounded length, with its counts."""
    vaults = [bk.Vault(f"vault-{number}") for number in range(60)]
    shown = bk.Stack("shop", *vaults).preview(aws)._repr_html_()
    assert "60 to create" in shown
    assert shown.count("<td>vault.vault-") == 50
    assert "... and 10 more" in shown


def test_an_update_in_a_notebook_shows_each_field_with_both_values(aws):
    """Whoever looks at a preview sees what a field was, and what it is then; of what is made anew, the counts do."""
    kept = bk.Rule("daily", "prod").keep(days=35)
    bk.Stack("shop", bk.Plan("nightly", kept)).preview(aws).apply()
    changes = bk.Stack("shop", bk.Plan("nightly", kept.keep(days=60)), bk.Vault("fourth")).preview(aws)
    shown = changes._repr_html_()
    field = "rule.daily/lifecycle/delete_after_days"
    assert re.search(rf"<td>plan.nightly</td><td>.*{field}.*</td><td>35</td><td>60</td>", shown)
    assert shown.count("<td>35</td>") == 1
    assert "was" not in re.findall(r"<th>(\w+)</th>", bk.Stack("other", bk.Vault("fifth")).preview(aws)._repr_html_())
