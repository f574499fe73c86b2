"""Laws of reports: what is written is read back, and every job that ends is in the report of one day."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backupkit.emulator.reports.rows import Period
from backupkit.emulator.reports.writing import COLUMNS, header, written

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)

# RFC 4180 and the csv module have no way to keep a NUL.
values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@st.composite
def reports(draw):
    template = draw(st.sampled_from(sorted(COLUMNS)))
    row = st.dictionaries(st.sampled_from(COLUMNS[template]), values)
    return template, draw(st.lists(row, max_size=5))


@given(reports())
def test_a_csv_reader_finds_what_was_written(report):
    """Whatever names contain, a report read back with the csv module has the same rows; members without value are empty."""
    template, rows = report
    body = written(template, rows, "CSV").decode()
    found = list(csv.reader(io.StringIO(body, newline=""), strict=True))
    members = COLUMNS[template]
    assert found[0] == [header(member) for member in members]
    assert found[1:] == [[row.get(member, "") for member in members] for row in rows]


@given(reports())
def test_a_json_reader_finds_what_was_written(report):
    """JSON has every row, in order, without the members that have no value."""
    template, rows = report
    assert json.loads(written(template, rows, "JSON")) == {"reportItems": rows}


@attrs.frozen
class Job:
    created: datetime
    completed: datetime | None


seconds = st.integers(0, 5 * 86_400)


@given(created=seconds, lasting=st.none() | seconds)
def test_a_job_that_ended_is_in_the_report_of_exactly_one_day(created, lasting):
    """Days follow each other without gap or overlap, however long a job ran; one under way is in all since it began."""
    begun = START + timedelta(seconds=created)
    ended = None if lasting is None else begun + timedelta(seconds=lasting)
    job = Job(begun, ended)
    days = [Period(START + (day - 1) * DAY, START + day * DAY) for day in range(12)]
    holding = [period for period in days if period.holds(job)]
    if ended is None:
        assert holding == [period for period in days if begun <= period.end]
    else:
        assert len(holding) == 1
        assert holding[0].start < ended <= holding[0].end


def test_no_two_columns_of_a_report_have_one_name():
    """Programs read columns by their headers."""
    for members in COLUMNS.values():
        assert len({header(member) for member in members}) == len(members)
