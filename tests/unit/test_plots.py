"""Pictures: what is in a chart can be read from it."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import backupkit as bk
from backupkit import observe
from backupkit.display import size
from backupkit.errors import ConfigurationError, InvalidValueError
from backupkit.insight.protections import protecting_plan
from backupkit.insight.runs import planned_runs
from backupkit.plots import drawing
from backupkit.plots.sampling import evenly, levels
from backupkit.recover.point_table import tier_of

START = datetime(2026, 1, 1, tzinfo=UTC)
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
FILES = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-01234567"
ROLE = "arn:aws:iam::123456789012:role/backup"
DAILY = bk.Rule("daily", "prod").scheduled("cron(0 5 ? * * *)").keep(days=14)
WEEKLY = bk.Rule("weekly", "prod").scheduled("cron(0 5 ? * 1 *)").cold_after(days=7).keep(days=120)


@pytest.fixture
def alt():
    return pytest.importorskip("altair", reason="altair is not installed: pip install 'backupkit[plots]'")


@pytest.fixture(scope="module")
def aws():
    with bk.local() as aws:
        for arn in (TABLE, FILES):
            aws.resources.add(arn, size_bytes=10**9, tags={"Backup": "daily"})
        aws.resources.add("arn:aws:s3:::pictures", size_bytes=10**9)
        plan = bk.Plan("prod", DAILY, WEEKLY).protecting(bk.Selection("tagged", ROLE).any_tag(Backup="daily"))
        bk.Stack("shop", bk.Vault("prod"), plan).preview(aws).apply()
        aws.clock.advance(days=30)
        yield aws


def values(chart):
    """All rows that are embedded in a chart."""
    found = []

    def walk(node):
        if isinstance(node, dict):
            found.extend(node.get("values", ()) if isinstance(node.get("values"), list) else ())
            for each in node.values():
                walk(each)
        elif isinstance(node, list):
            for each in node:
                walk(each)

    walk(chart.to_dict())
    return [each for each in found if isinstance(each, dict)]


def many(resources, each):
    return [
        observe.RecoveryPoint(
            recovery_point_arn=f"arn:aws:backup:us-east-1:123456789012:recovery-point:{resource}-{day}",
            resource_arn=f"{TABLE}-{resource}",
            resource_type="DynamoDB",
            creation_date=START + timedelta(days=day),
            backup_size_in_bytes=10**9,
            lifecycle=observe.Lifecycle(delete_after_days=35),
            calculated_lifecycle=observe.CalculatedLifecycle(delete_at=START + timedelta(days=day + 35)),
        )
        for resource in range(resources)
        for day in range(each)
    ]


def test_the_timeline_has_each_point_from_creation_to_expiry(alt, aws):
    """A point that goes cold has a bar for each tier; where one ends, the other begins."""
    for points in (aws.recovery_points(), list(aws.recovery_points(vault="prod"))):
        rows = [row for row in values(bk.plots.timeline(points)) if "tier" in row]
        by_point = {}
        for row in rows:
            by_point.setdefault((row["resource"], row["point"]), []).append(row)
        assert len(by_point) == len(list(points))
        assert {row["resource"] for row in rows} == {"orders", "fs-01234567"}
        for point in points:
            bars = by_point[point.resource_arn.rpartition("/")[2], point.recovery_point_arn.rpartition(":")[2]]
            weekly = point.lifecycle.delete_after_days == 120
            assert [bar["tier"] for bar in bars] == (["warm", "cold"] if weekly else ["warm"])
            assert bars[0]["since"] == point.creation_date.isoformat()
            assert bars[-1]["until"] == point.calculated_lifecycle.delete_at.isoformat()
            assert bars[0]["until"] == bars[-1]["since"] if weekly else True


def test_a_list_by_resource_is_drawn_with_lifecycles(alt, aws):
    """AWS leaves lifecycles out of that list; the picture shows expiry and tier all the same."""
    rows = [row for row in values(bk.plots.timeline(aws.recovery_points(resource=TABLE))) if "tier" in row]
    assert {row["tier"] for row in rows} == {"warm", "cold"}
    assert "not told" not in {row["expires"] for row in rows}


def test_a_point_that_is_kept_forever_is_warm_and_never_expires(alt):
    """AWS says no lifecycle of it, in a list or by itself; a list by resource alone does not tell that of any point."""
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.resources.add(FILES)
        aws.back_up(FILES, vault="prod").wait()
        sets = (aws.recovery_points(), aws.recovery_points(resource=FILES))
        elsewhere = pickle.loads(pickle.dumps(list(aws.recovery_points())))
        for points, tier, expires in (
            *((each, "warm", "never") for each in (*sets, list(sets[0]), elsewhere)),
            (list(sets[1]), "not told", "not told"),
        ):
            [bar] = [row for row in values(bk.plots.timeline(points)) if "tier" in row]
            assert (bar["tier"], bar["expires"]) == (tier, expires)
        assert [tier_of(point, aws.clock.now()) for point in sets[0]] == ["WARM"]


@pytest.mark.slow
@pytest.mark.parametrize("resources", [1, 20, 25, 10_000])
def test_pictures_hold_a_bounded_amount(alt, resources):
    """However many resources there are, a chart has no more than some thousand rows, and none gets lost in it."""
    each = 40 if resources < 10_000 else 4
    points = many(resources, each)
    timeline, storage = bk.plots.timeline(points), bk.plots.storage(points)
    assert f"{len(points):,} recovery points of {resources:,} resource" in str(timeline.to_dict()["title"])
    for chart in (timeline, storage):
        assert 0 < len(values(chart)) < 5_000
    for row in values(storage):
        if "at" in row:
            at = datetime.fromisoformat(row["at"])
            kept = sum(START + timedelta(days=day) <= at < START + timedelta(days=day + 35) for day in range(each))
            assert row["bytes"] == size(kept * resources * 10**9)


SPANS = st.lists(st.tuples(st.integers(0, 100), st.none() | st.integers(0, 100), st.integers(0, 9)))


@given(SPANS, st.lists(st.integers(0, 100), min_size=1))
def test_levels_are_what_is_there_at_each_moment(spans, moments):
    """As a count of each moment by itself says: from the beginning, and at the end no more."""
    moments = sorted({START + timedelta(hours=hour) for hour in moments})
    given_ = [
        (START + timedelta(hours=a), None if b is None else START + timedelta(hours=max(a, b)), float(n))
        for a, b, n in spans
    ]
    for at, level in zip(moments, levels(given_, moments), strict=True):
        assert level == sum(n for since, until, n in given_ if since <= at and (until is None or at < until))


@given(st.timedeltas(timedelta(0), timedelta(days=20_000)), st.integers(1, 200))
def test_moments_lie_evenly_and_are_few(span, most):
    """The whole span is covered, by no more moments than there is room for."""
    moments = evenly(START, START + span, most)
    assert (moments[0], len(moments) <= most + 2, moments[-1] >= START + span) == (START, True, True)
    assert len({later - earlier for earlier, later in pairwise(moments)}) == 1


@pytest.mark.slow
def test_storage_is_never_added_up_over_types(alt, aws):
    """Each type has a panel of its own, which says what its bytes are."""
    chart = bk.plots.storage(aws.recovery_points())
    panels = {panel["title"]["text"]: panel for panel in chart.to_dict()["vconcat"]}
    assert {name: panel["title"]["subtitle"] for name, panel in panels.items()} == {
        "DynamoDB": ["bytes of the points"],
        "EFS": ["bytes that each backup transferred"],
    }


def test_the_calendar_shows_which_run_gives_way(alt):
    """Where start windows overlap, AWS runs the rule that keeps longer: on Sundays the daily run is pale."""
    chart = bk.plots.calendar(bk.Plan("prod", DAILY, WEEKLY), start=START, days=14)
    rows = values(chart)
    assert len(rows) == 14 + 2
    pale = [row for row in rows if row["run"].startswith("gives way")]
    assert {(row["rule"], row["day"][-3:]) for row in pale} == {("daily", "Sun")}
    assert {(row["from"], row["to"]) for row in rows} == {(5.0, 13.0)}
    days = chart.to_dict()["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert (len(days), days[0]) == (14, "2026-01-01 Thu")


def test_a_window_over_midnight_is_drawn_on_both_days(alt):
    """The day after a late run shows that its backup may still start then; so does the first day of the picture."""
    late = bk.Rule("late", "prod", start_window_minutes=120).scheduled("cron(0 23 ? * * *)").keep(days=3)
    rows = values(bk.plots.calendar(bk.Plan("prod", late), start=START, days=2))
    assert [(row["day"][8:10], row["from"], row["to"]) for row in rows] == [
        ("01", 0.0, 1.0),
        ("01", 23.0, 24.0),
        ("02", 0.0, 1.0),
        ("02", 23.0, 24.0),
    ]


def test_a_run_that_is_outlived_by_one_outside_the_picture_is_pale():
    """Whether a run makes a backup does not depend on where the picture begins and ends."""
    hourly = bk.Rule("hourly", "prod", start_window_minutes=60).scheduled(bk.Schedule.hourly()).keep(days=3)
    nightly = bk.Rule("nightly", "prod", start_window_minutes=120).scheduled("cron(30 23 ? * * *)").keep(days=30)
    plan = protecting_plan(bk.Plan("prod", hourly, nightly))
    whole = list(planned_runs(plan, START - timedelta(days=2), START + timedelta(days=2)))
    for hour in range(24):
        since, until = START + timedelta(hours=hour), START + timedelta(hours=hour + 1)
        part = list(planned_runs(plan, since, until))
        assert part == [run for run in whole if run.begins < until and run.ends > since]


def test_a_calendar_of_a_plan_in_aws_is_that_of_the_declared_one(alt, aws):
    """What AWS holds is drawn as what was declared."""
    declared = bk.plots.calendar(bk.Plan("prod", DAILY, WEEKLY), start=START)
    assert bk.plots.calendar(aws.plans.get("prod"), start=START).to_dict() == declared.to_dict()


@pytest.mark.slow
def test_a_calendar_of_very_many_runs_is_cut(alt):
    """Ten hourly rules over a year are not 87,600 bars, and the title says so."""
    rules = [bk.Rule(f"r{at}", "prod").scheduled(bk.Schedule.hourly(at)).keep(days=3) for at in range(10)]
    chart = bk.plots.calendar(bk.Plan("prod", *rules), start=START, days=366)
    assert len(values(chart)) <= 1_500
    assert "only the first days" in str(chart.to_dict()["title"])


@pytest.mark.parametrize("days", [0, 367, 1.5, True, "7"])
def test_a_calendar_of_no_number_of_days_is_refused(alt, days):
    """The message says what may be given."""
    with pytest.raises(InvalidValueError, match=r"calendar/days: .*; give 1 to 366"):
        bk.plots.calendar(bk.Plan("prod", DAILY), days=days)
    with pytest.raises(InvalidValueError, match="has no time zone"):
        bk.plots.calendar(bk.Plan("prod", DAILY), start=START.replace(tzinfo=None))


def test_a_calendar_of_several_plans_shows_each_in_its_lanes(alt, aws):
    """A stack or a list of plans is one picture: plans know nothing of each other, so no run gives way to another's."""
    nightly = bk.Plan("nightly", DAILY)
    chart = bk.plots.calendar([bk.Plan("prod", DAILY, WEEKLY), nightly], start=START, days=14)
    rows = values(chart)
    assert len(rows) == 14 + 2 + 14
    assert {row["lane"] for row in rows} == {"prod: daily", "prod: weekly", "nightly: daily"}
    assert {row["plan"] for row in rows if row["run"].startswith("gives way")} == {"prod"}
    drawn = chart.to_dict()
    assert drawn["layer"][0]["encoding"]["color"]["scale"]["domain"] == ["prod", "nightly"]
    assert drawn["title"]["text"] == "2 plans: 30 runs in 14 days"
    assert "prod: daily gives way" in str(drawn["title"]["subtitle"])
    stack = bk.Stack("shop", bk.Vault("prod"), bk.Plan("prod", DAILY, WEEKLY), nightly)
    assert bk.plots.calendar(stack, start=START, days=14).to_dict() == drawn
    assert bk.plots.calendar([aws.plans.get("prod"), nightly], start=START, days=14).to_dict() == drawn
    alone = bk.plots.calendar(nightly, start=START)
    assert bk.plots.calendar([nightly], start=START).to_dict() == alone.to_dict()
    assert {row["plan"] for row in values(bk.plots.calendar([nightly, nightly], start=START))} == {
        "nightly",
        "nightly (2)",
    }


@pytest.mark.slow
def test_a_calendar_of_many_plans_is_cut(alt):
    """Plans that run seldom enough one by one are still no more bars than a picture has room for."""
    plans = [bk.Plan(f"p{at}", bk.Rule("r", "prod").scheduled(bk.Schedule.hourly(at)).keep(days=3)) for at in range(9)]
    chart = bk.plots.calendar(plans, start=START, days=28)
    rows = values(chart)
    assert len(rows) <= 1_500
    assert {row["plan"] for row in rows} == {plan.name for plan in plans}
    assert "only the first days" in str(chart.to_dict()["title"])


@pytest.mark.slow
@pytest.mark.parametrize("plans", [1, 6])
def test_a_calendar_that_is_cut_is_that_of_the_days_which_it_shows(alt, plans):
    """Every run of the days that are drawn is there and none of a later one, of one plan as of several."""
    drawn = [
        bk.Plan(f"p{plan}", *[bk.Rule(f"r{at}", "prod").scheduled(bk.Schedule.hourly(at)).keep(days=3) for at in rules])
        for plan, rules in enumerate([range(6)] if plans == 1 else [range(1)] * plans)
    ]
    cut = bk.plots.calendar(drawn, start=START, days=28)
    days = cut.to_dict()["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert 1 < len(days) < 28
    whole = bk.plots.calendar(drawn, start=START, days=len(days))
    assert values(cut) == values(whole)
    assert "only the first days" not in str(whole.to_dict()["title"])


POINTS_WANTED = r"is not (a )?recovery points?; give aws\.recovery_points\(\)"
JOBS_WANTED = r"is not (a )?jobs?; give aws\.backup_jobs\(\)"
PLANS_WANTED = r"is not (a )?plans?; give a bk\.Plan, a bk\.Stack"
WRONG = (None, 7, "orders", b"orders", {"a": 1}, object())


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: type(wrong).__name__)
def test_what_cannot_be_drawn_is_refused_with_the_way_out(alt, wrong):
    """Every function says which argument is wrong, what it got, and what to give; also of one in a list."""
    for what in (wrong, [wrong]):
        place = r"\[0\]" if isinstance(what, list) else ""
        for draw, name, wanted in (
            (bk.plots.timeline, "timeline/points", POINTS_WANTED),
            (bk.plots.storage, "storage/points", POINTS_WANTED),
            (bk.plots.jobs, "jobs/found", JOBS_WANTED),
            (bk.plots.calendar, "calendar/plan", PLANS_WANTED),
        ):
            with pytest.raises(InvalidValueError, match=rf"{name}{place}: .*{wanted}"):
                draw(what)
        with pytest.raises(
            InvalidValueError, match=r"coverage/report: .* is not coverage; give what bk\.coverage\(aws\)"
        ):
            bk.plots.coverage(what)


def test_a_picture_of_the_wrong_list_asks_aws_nothing(alt, aws):
    """A list of jobs given for points is refused by what it is, before a page of it is read."""

    class Silent:
        def __getattr__(self, name):
            return getattr(aws.transport, name)

        def call(self, operation, params):
            raise AssertionError(operation)

    asked = bk.Connection(Silent())
    for draw, wrong in (
        (bk.plots.timeline, asked.backup_jobs()),
        (bk.plots.storage, asked.vaults),
        (bk.plots.jobs, asked.recovery_points()),
        (bk.plots.calendar, asked.plans),
        (bk.plots.coverage, asked.recovery_points()),
        (bk.plots.timeline, asked),
    ):
        with pytest.raises(InvalidValueError, match="; give "):
            draw(wrong)


def test_a_plan_without_its_rules_is_not_drawn_as_one_that_never_runs(alt, aws):
    """A list of plans does not tell their rules; the message says how to get them, and that works."""
    [listed] = aws.plans
    with pytest.raises(InvalidValueError, match=r"listed without its rules; get it with them: aws\.plans\.get"):
        bk.plots.calendar(listed)
    with pytest.raises(InvalidValueError, match="there is no plan in it; give "):
        bk.plots.calendar(bk.Stack("empty", bk.Vault("prod")))
    assert values(bk.plots.calendar(aws.plans.get(listed.backup_plan_id), start=START))


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ("2026-01-01", "is not a moment; give an aware datetime"),
        (START.date(), "is not a moment; give an aware datetime"),
        (START.replace(tzinfo=None), "has no time zone; give an aware datetime"),
        (datetime.max.replace(tzinfo=UTC), "give a year from 1971 to 2198"),
        (datetime.min.replace(tzinfo=UTC), "give a year from 1971 to 2198"),
    ],
)
def test_a_calendar_begins_at_a_moment(alt, start, why):
    """Whatever else is given for its start is refused with the way out; the years at the ends can be drawn."""
    with pytest.raises(InvalidValueError, match=f"calendar/start: .*{why}"):
        bk.plots.calendar(bk.Plan("prod", DAILY), start=start)
    for year in (1971, 2198):
        assert bk.plots.calendar(bk.Plan("prod", DAILY), start=START.replace(year=year), days=366).to_dict()


def contrast(one, other):
    """As WCAG 2 has it."""
    bright = [
        sum(
            share * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
            for share, part in zip(
                (0.2126, 0.7152, 0.0722), (int(each[at : at + 2], 16) / 255 for at in (1, 3, 5)), strict=True
            )
        )
        for each in (one, other)
    ]
    return (max(bright) + 0.05) / (min(bright) + 0.05)


PAGES = ("#ffffff", "#131416", "#111111")
"""White, and the dark pages of Sphinx and of JupyterLab."""
READABLE = 4.5
"""The least contrast of a text (WCAG 2, AA)."""


def test_no_colour_can_be_read_on_light_and_on_dark_pages():
    """That is why pictures have a background: of all greys, none is far enough from both kinds of page."""
    greys = [f"#{part:02x}{part:02x}{part:02x}" for part in range(256)]
    assert max(min(contrast(grey, page) for page in PAGES) for grey in greys) < READABLE


@pytest.mark.slow
def test_what_is_written_in_pictures_can_be_read_on_every_page(alt, aws):
    """A picture brings the background that its texts stand out from, so the page that it is on does not matter."""
    charts = [
        bk.plots.timeline(aws.recovery_points()),
        bk.plots.timeline(many(40, 80)),
        bk.plots.timeline([]),
        bk.plots.storage(aws.recovery_points()),
        bk.plots.calendar(bk.Plan("prod", DAILY), start=START),
        bk.plots.calendar(bk.Plan("prod")),
        bk.plots.coverage(bk.coverage(aws)),
        bk.plots.jobs(aws.backup_jobs()),
        bk.plots.jobs([]),
    ]
    for chart in charts:
        config = chart.to_dict()["config"]
        paper = config["background"]
        written = {config[of][part] for of in ("axis", "legend") for part in ("labelColor", "titleColor")}
        written |= {config["title"]["color"], config["title"]["subtitleColor"], config["text"]["color"]}
        assert min(contrast(ink, paper) for ink in written) >= READABLE


@pytest.mark.slow
def test_coverage_is_drawn_by_type_and_account(alt, aws):
    """The bars have the numbers of the rows; a bucket, whose ARN tells no account, is in the only one."""
    chart = bk.plots.coverage(bk.coverage(aws))
    bars = {(row["type"], row["status"]): row["resources"] for row in values(chart) if "status" in row}
    assert bars == {("DynamoDB", "protected"): 1, ("EFS", "protected"): 1, ("S3", "unprotected"): 1}
    assert [panel["title"]["text"] for panel in chart.to_dict()["vconcat"]] == ["123456789012"]
    arns = [TABLE.replace("123456789012", f"{number:012d}") for number in range(20)]
    chart = bk.plots.coverage(bk.coverage(aws, resources=[*arns, "arn:aws:s3:::pictures"]))
    assert len(chart.to_dict()["vconcat"]) == 8
    assert "not drawn: 13 accounts, 0 of 13 protected" in chart.to_dict()["title"]["subtitle"]


@pytest.mark.slow
def test_jobs_are_drawn_with_their_ends_durations_and_reasons(alt, aws):
    """The numbers over time add up to the jobs; a failure is told by colour and shape, and by its reason."""
    with bk.local() as local:
        local.call("CreateBackupVault", BackupVaultName="prod")
        local.resources.add(TABLE, size_bytes=10**9)
        for _ in range(3):
            local.back_up(TABLE, vault="prod").wait()
        local.back_up(FILES, vault="prod")
        local.clock.advance(hours=1)
        chart = bk.plots.jobs(local.backup_jobs())
        numbers = [row for row in values(chart) if "from" in row]
        ended = [job.state for job in local.backup_jobs()]
    assert sum(row["jobs"] for row in numbers) == len(ended) == 4
    assert sum(row["jobs"] for row in numbers if row["outcome"] == "completed") == ended.count("COMPLETED") == 3
    many_jobs = [
        bk.BackupJob(
            backup_job_id=str(at),
            state="FAILED" if at % 10 == 0 else "COMPLETED",
            creation_date=START + timedelta(minutes=at),
            completion_date=START + timedelta(minutes=at + 10),
            status_message="Access denied" if at % 20 else "Lock",
        )
        for at in range(20_000)
    ]
    chart = bk.plots.jobs(many_jobs)
    assert chart.to_dict()["title"]["text"] == "20,000 jobs: 18,000 completed, 2,000 failed"
    assert len(values(chart)) < 500
    assert sum(row["jobs"] for row in values(chart) if "reason" in row) == 2_000
    assert {round(row["median"]) for row in values(chart) if "median" in row} == {10}


def test_where_there_is_nothing_to_draw_the_chart_says_so(alt, aws):
    """No picture fails because there is nothing yet: programs draw them every night."""
    with bk.local() as empty:
        drawn = {
            "No recovery points": bk.plots.timeline(empty.recovery_points()),
            "No recovery points with a size": bk.plots.storage([]),
            "No jobs": bk.plots.jobs(empty.backup_jobs()),
            "No resources": bk.plots.coverage(bk.coverage(empty, resources=[])),
            "prod does not run in these 28 days": bk.plots.calendar(bk.Plan("prod")),
        }
    for said, chart in drawn.items():
        assert {row.get("text") for row in values(chart)} == {said}


@pytest.mark.slow
def test_charts_are_drawn(alt, aws):
    """What altair takes, Vega draws too: the texts are in the picture."""
    vl_convert = pytest.importorskip("vl_convert", reason="vl-convert-python is not installed")
    drawn = {
        "recovery points of 2 resources": bk.plots.timeline(aws.recovery_points()),
        "Bytes of recovery points by type": bk.plots.storage(aws.recovery_points()),
        "2026-01-28 Wed": bk.plots.calendar(aws.plans.get("prod"), start=START),
        "2 of 3 resources protected": bk.plots.coverage(bk.coverage(aws)),
        "how long they took": bk.plots.jobs(aws.backup_jobs()),
        "3,200 recovery points of 40 resources": bk.plots.timeline(many(40, 80)),
    }
    for said, chart in drawn.items():
        assert said in vl_convert.vegalite_to_svg(chart.to_dict())


# Viénot, Brettel and Mollon 1999, "Digital video colourmaps for checking the legibility of displays by dichromats";
# for tritanopia Machado, Oliveira and Fernandes 2009. On linear RGB.
SEEN_AS = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
    "deuteranopia": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def lab(colour, seen):
    """A colour as CIE L*a*b*, as somebody sees it."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    r, g, b = (min(max(sum(a * c for a, c in zip(row, linear, strict=True)), 0), 1) for row in seen)
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    x, y, z = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("seen", SEEN_AS)
@pytest.mark.parametrize("colours", ["TIERS", "OUTCOMES", "RULES"])
def test_colours_of_one_picture_can_be_told_apart(seen, colours):
    """Also by those who see two colours instead of three: 10 is what is seen at a glance."""
    known = getattr(drawing, colours)
    shown = [lab(each, SEEN_AS[seen]) for each in (known.values() if isinstance(known, dict) else known)]
    apart = {
        (one, other): sum((a - b) ** 2 for a, b in zip(shown[one], shown[other], strict=True)) ** 0.5
        for one in range(len(shown))
        for other in range(one)
    }
    assert min(apart.values()) > (10 if colours == "RULES" else 30), apart


def test_pictures_say_what_is_missing(monkeypatch):
    """Without altair, the error names the extra."""
    monkeypatch.setitem(sys.modules, "altair", None)
    for draw in (lambda: bk.plots.timeline([]), lambda: bk.plots.calendar(bk.Plan("prod", DAILY))):
        with pytest.raises(ConfigurationError, match=r"pip install 'backupkit\[plots\]'"):
            draw()


@pytest.mark.slow
def test_naming_the_room_loads_no_altair():
    """Whoever only completes ``bk.`` in a shell does not wait for altair."""
    code = "import sys, backupkit as bk\nbk.plots.timeline\nprint('altair' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"
