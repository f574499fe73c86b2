"""Plans by what they are for: generations, the CDK's four, continuous backup, tiers; and selections for some rules only."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import backupkit as bk
from backupkit.errors import InvalidValueError

ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
DR = "arn:aws:backup:eu-west-1:123456789012:backup-vault:dr"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/{}"
NEW_YEAR = datetime(2028, 1, 1, tzinfo=UTC)


def gfs(**numbers):
    return bk.Plan.gfs("prod", "main", **{"daily_days": 35, "weekly_days": 90, "monthly_days": 365, **numbers})


def protecting(plan, *names, rules=()):
    arns = [TABLE.format(name) for name in names]
    return plan.protecting(bk.Selection("-".join(names), ROLE, resources=arns), rules=rules)


def applied(aws, *things):
    bk.Stack("s", *things).preview(aws).apply(allow_delete=True)


def test_generations_give_one_backup_a_day_kept_as_long_as_the_rarest_rule_of_that_day_says():
    """1 January is kept as a yearly backup, the 1st of a month as a monthly one, a Sunday as a weekly one."""
    plan = protecting(gfs(daily_days=401, weekly_days=402, monthly_days=403, yearly_days=404), "orders")
    with bk.local(start=datetime(2027, 12, 20, tzinfo=UTC)) as aws:
        aws.resources.add(TABLE.format("orders"))
        applied(aws, bk.Vault("main"), plan)
        aws.clock.advance(days=80)
        points = list(aws.recovery_points(vault="main"))
        days = {point.creation_date.date(): point.lifecycle.delete_after_days for point in points}
    assert len(points) == len(days) == 80

    def expected(day):
        if (day.month, day.day) == (1, 1):
            return 404
        return 403 if day.day == 1 else 402 if day.isoweekday() == 7 else 401

    assert days == {day: expected(day) for day in days}


@pytest.mark.parametrize(
    ("numbers", "address", "words"),
    [
        ({"weekly_days": 35}, "plan.prod/weekly_days", "give 36 days or more"),
        ({"monthly_days": 80}, "plan.prod/monthly_days", "weekly"),
        ({"weekly_days": None, "monthly_days": 35}, "plan.prod/monthly_days", "daily"),
        ({"yearly_days": 365}, "plan.prod/yearly_days", "366"),
        ({"daily_days": None}, "plan.prod/daily_days", "whole number"),
        ({"cold_after_days": 276}, "plan.prod/cold_after_days", "366 days or longer"),
        ({"cold_after_days": 0}, "plan.prod/cold_after_days", "1 to 36,500"),
        ({"at": "5"}, "plan.prod/schedule/at", "05:00"),
    ],
)
def test_generations_that_make_no_sense_are_refused(numbers, address, words):
    """What would never run, or never go cold, is told where it is written."""
    with pytest.raises(InvalidValueError) as caught:
        gfs(**numbers)
    (problem,) = caught.value.problems
    assert problem.address == address
    assert words in str(problem)


def test_only_rules_that_keep_long_enough_go_cold():
    """Cold storage begins where 90 days are left, to the day."""
    cold = [rule.lifecycle.cold_after_days for rule in gfs(cold_after_days=275, yearly_days=366).rules]
    assert cold == [None, None, 275, 275]


# The rules as the CDK's own tests and sources have them (aws-cdk-lib 2.276.0, aws-backup/lib/rule.ts and plan.ts).
DAILY = ("Daily", "cron(0 5 * * ? *)", {"DeleteAfterDays": 35})
WEEKLY = ("Weekly", "cron(0 5 ? * SAT *)", {"DeleteAfterDays": 90})
MONTHLY = {
    1: ("Monthly1Year", "cron(0 5 1 * ? *)", {"DeleteAfterDays": 365, "MoveToColdStorageAfterDays": 30}),
    5: ("Monthly5Year", "cron(0 5 1 * ? *)", {"DeleteAfterDays": 1825, "MoveToColdStorageAfterDays": 90}),
    7: ("Monthly7Year", "cron(0 5 1 * ? *)", {"DeleteAfterDays": 2555, "MoveToColdStorageAfterDays": 90}),
}


@pytest.mark.parametrize(
    ("preset", "rules"),
    [
        (bk.Plan.daily35_day_retention, [DAILY]),
        (bk.Plan.daily_monthly1_year_retention, [DAILY, MONTHLY[1]]),
        (bk.Plan.daily_weekly_monthly5_year_retention, [DAILY, WEEKLY, MONTHLY[5]]),
        (bk.Plan.daily_weekly_monthly7_year_retention, [DAILY, WEEKLY, MONTHLY[7]]),
    ],
)
def test_the_presets_of_the_cdk_have_its_rules(preset, rules):
    """A plan that moves here from the CDK keeps its rules, so nothing changes in AWS."""
    sent = preset("p", bk.Vault("main")).to_dict()["Rules"]
    assert [(rule["RuleName"], rule["ScheduleExpression"], rule["Lifecycle"]) for rule in sent] == rules
    assert {rule["TargetBackupVaultName"] for rule in sent} == {"main"}
    assert preset("p", "main").check() == ()


def test_continuous_backup_is_kept_35_days():
    """The preset is continuous, and the longest that AWS takes is what it keeps."""
    (rule,) = bk.Plan.continuous("pitr", "main").rules
    assert (rule.continuous, rule.lifecycle.delete_after_days) == (True, 35)
    with pytest.raises(InvalidValueError, match=r"plan\.pitr/rule\.continuous/lifecycle: .*keep it 1 to 35 days"):
        bk.Plan.continuous("pitr", "main", keep_days=36)


@pytest.mark.parametrize(("tier", "kept", "cold"), [(1, 400, 35), (2, 14, None), (3, 7, None)])
def test_tiers_keep_what_they_promise(tier, kept, cold):
    """Tier 1 is 35 days warm and then a year cold; tiers 2 and 3 stay warm."""
    (rule,) = bk.Plan.for_tier("p", "main", tier=tier).rules
    assert (rule.lifecycle.delete_after_days, rule.lifecycle.cold_after_days) == (kept, cold)


@pytest.mark.parametrize(("tier", "words"), [(4, "left out of backups"), (0, "use 1, 2 or 3"), ([1], "not a tier")])
def test_there_is_no_plan_for_what_is_not_backed_up(tier, words):
    """Tier 4 is the tier of what has no plan, and the message says how selections leave it out."""
    with pytest.raises(InvalidValueError, match=f"plan.p/tier: .*{words}"):
        bk.Plan.for_tier("p", "main", tier=tier)


def test_a_copy_of_a_whole_plan_lives_as_long_as_the_points_of_each_rule():
    """Without a retention of their own, copies have that of their rule, in its own words; forever stays forever."""
    forever = bk.Rule("audit", "main").keep_forever()
    archived = bk.Rule("ebs", "main").cold_after(days=30, archive=True).keep(days=400)
    plan = gfs(cold_after_days=30).with_rules(forever, archived).copy_to(DR)
    for rule in plan.rules[:3] + plan.rules[4:]:
        assert [copy.lifecycle for copy in rule.copies] == [rule.lifecycle]
    assert [copy.lifecycle.delete_after_days for copy in plan.rules[3].copies] == [36_500]


def test_a_copy_of_a_whole_plan_may_have_a_retention_of_its_own():
    """keep_days is for the copies of all rules; those that were there stay."""
    arn = bk.Vault("dr").arn(region_name="eu-west-1", account_id="123456789012")
    plan = gfs().copy_to(DR + "-2").copy_to(arn, keep_days=7)
    assert [[copy.vault for copy in rule.copies] for rule in plan.rules] == [[DR + "-2", DR]] * 3
    assert {rule.copies[1].lifecycle for rule in plan.rules} == {bk.Lifecycle(delete_after_days=7)}
    with pytest.raises(InvalidValueError, match=r"plan\.prod/rule\.daily/copy\.dr/lifecycle"):
        gfs().copy_to(DR, keep_days=0)


@pytest.mark.parametrize(
    ("region_name", "account_id", "arn"),
    [
        ("eu-west-1", "123456789012", DR),
        ("cn-north-1", "123456789012", "arn:aws-cn:backup:cn-north-1:123456789012:backup-vault:dr"),
    ],
)
def test_a_declared_vault_has_its_arn_in_each_place(region_name, account_id, arn):
    """Where it is has to be said, for a value is nowhere; the partition follows from the Region."""
    assert str(bk.Vault("dr").arn(region_name=region_name, account_id=account_id)) == arn


@pytest.mark.parametrize("place", [("Ireland", "123456789012"), ("eu-west-1", "1234"), (None, None)])
def test_a_vault_has_no_arn_where_there_is_no_place(place):
    """A wrong Region or account is told, and the way out is one that works."""
    region_name, account_id = place
    with pytest.raises(InvalidValueError, match=r"^vault\.dr/arn: ") as caught:
        bk.Vault("dr").arn(region_name=region_name, account_id=account_id)
    (problem,) = caught.value.problems
    assert eval(f'bk.Vault("dr"){problem.hint.removeprefix("write ")}', {"bk": bk})


def overlap(first, second):
    return any("overlaps" in str(problem) for problem in bk.Plan("p", first, second).check())


def test_a_rule_that_takes_the_place_of_another_is_not_warned_about():
    """Generations are meant to overlap. What loses a copy, another vault, or the longer retention, is not."""
    daily = bk.Rule("daily", "main").scheduled(bk.Schedule.daily()).keep(days=35)
    monthly = bk.Rule("monthly", "main").scheduled(bk.Schedule.monthly()).keep(days=365)
    assert not overlap(daily, monthly)
    assert not overlap(daily.copy_to(DR, keep_days=7), monthly.copy_to(DR, keep_days=7))
    assert overlap(daily.copy_to(DR, keep_days=7), monthly)
    assert overlap(daily.copy_to(DR, keep_days=7), monthly.copy_to(DR, keep_days=6))
    assert overlap(daily, bk.Rule("monthly", "other").scheduled(bk.Schedule.monthly()).keep(days=365))
    assert overlap(daily, monthly.keep(days=35))
    assert overlap(daily, monthly.scheduled(bk.Schedule.monthly(at="06:00")))
    assert overlap(bk.Rule("daily", "main").continuously(keep_days=35), monthly)


def two_rules():
    hourly = bk.Rule("hourly", "main", start_window_minutes=60).scheduled(bk.Schedule.hourly()).keep(days=2)
    return bk.Plan("prod", bk.Rule("daily", "main", start_window_minutes=60).keep(days=35), hourly)


def test_a_selection_for_some_rules_gets_backups_by_these_rules_only():
    """One table is backed up daily, another hourly as well, out of one declared plan."""
    plan = protecting(protecting(two_rules(), "all"), "some", rules=["daily"])
    with bk.local() as aws:
        for name in ("all", "some"):
            aws.resources.add(TABLE.format(name))
        applied(aws, bk.Vault("main"), plan)
        assert not bk.Stack("s", bk.Vault("main"), plan).preview(aws)
        aws.clock.advance(days=2)
        points = list(aws.recovery_points(vault="main"))
    kept = {"all": set(), "some": set()}
    for point in points:
        kept[point.resource_arn.rpartition("/")[2]].add(point.lifecycle.delete_after_days)
    assert kept == {"all": {2, 35}, "some": {35}}


def test_the_plans_of_a_split_plan_keep_their_names_when_rules_are_added():
    """Only the plan for all rules changes; what is for some of them is untouched."""
    plan = protecting(protecting(two_rules(), "all"), "some", rules=["daily"])
    weekly = bk.Rule("a-weekly", "main", start_window_minutes=60).scheduled(bk.Schedule.weekly("SUN", "11:00"))
    with bk.local() as aws:
        applied(aws, bk.Vault("main"), plan)
        changes = bk.Stack("s", bk.Vault("main"), plan.with_rules(weekly.keep(days=90))).preview(aws)
        assert [(change.address, str(change.action)) for change in changes] == [("plan.prod", "update")]


def test_selections_for_the_same_rules_share_a_plan():
    """The order and repetition of the names says nothing; where all selections are limited, nothing else is left."""
    plan = protecting(two_rules(), "a", rules=["hourly", "daily"])
    plan = protecting(plan, "b", rules=("daily", "hourly", "daily"))
    plan = protecting(plan, "c", rules="hourly")
    found = [(each.name, [s.name for s in each.selections], [r.name for r in each.rules]) for each in plan.split()]
    assert found == [("prod-daily-hourly", ["a", "b"], ["daily", "hourly"]), ("prod-hourly", ["c"], ["hourly"])]
    assert all(not selection.rules for each in plan.split() for selection in each.selections)


def test_a_plan_that_is_for_all_rules_is_not_split():
    """Splitting is for those that need it."""
    plan = protecting(two_rules(), "a")
    assert plan.split() == (plan,)


def test_a_rule_that_a_selection_names_must_be_there():
    """The nearest name is the way out; a rule may be added after it was named."""
    wrong = protecting(two_rules(), "a", rules=["dayly"])
    with pytest.raises(InvalidValueError, match=r"plan.prod/selection.a/rules: .*no rule 'dayly'; write daily"):
        bk.Stack("s", bk.Vault("main"), wrong).check()
    later = protecting(bk.Plan("prod"), "a", rules=["daily"]).with_rules(*two_rules().rules)
    assert later == protecting(two_rules(), "a", rules=["daily"])


def test_a_split_plan_that_would_be_called_like_another_is_refused():
    """Two plans of one name are told before anything is sent."""
    plan = protecting(two_rules(), "a", rules=["daily"])
    with pytest.raises(InvalidValueError, match="2 plans of the stack carry this name"):
        bk.Stack("s", bk.Vault("main"), plan, bk.Plan("prod-daily", *two_rules().rules)).check()


def test_coverage_knows_that_a_selection_is_for_some_rules():
    """A resource that only the daily rule protects is not promised the hourly one's recovery point objective."""
    plan = protecting(protecting(two_rules(), "all"), "some", rules=["daily"])
    with bk.local() as aws:
        found = [aws.resources.add(TABLE.format(name)) for name in ("all", "some")]
        assert found
        report = bk.coverage(aws, plans=plan)
        rules = {row.resource_arn.rpartition("/")[2]: set(row.rules) for row in report}
    assert rules == {"all": {"daily", "hourly"}, "some": {"daily"}}


def test_an_air_gapped_vault_has_the_same_verbs():
    """It is copied into by its ARN, and tells of failures as any other vault."""
    gap = bk.AirGappedVault("dr", min_days=7, max_days=365)
    assert str(gap.arn(region_name="eu-west-1", account_id="123456789012")) == DR
    topic = "arn:aws:sns:us-east-1:123456789012:alerts"
    assert gap.notifying_failures(topic).notifications == bk.Vault("dr").notifying_failures(topic).notifications
