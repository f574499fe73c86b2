"""What a stack says about its things before anything is asked of AWS."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given

from backupkit import (
    ComplianceLock,
    CopyAction,
    GovernanceLock,
    Lifecycle,
    Plan,
    RestoreTestingPlan,
    Rule,
    Selection,
    Vault,
    local,
    testing,
)
from backupkit.errors import InvalidValueError
from backupkit.problems import Severity
from backupkit.provider import Stack
from backupkit.provider.selectable import selects_nothing
from backupkit.schedule import Schedule

ROLE = "arn:aws:iam::123456789012:role/Backup"
BUCKET, TABLE = "arn:aws:s3:::bucket", "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
VOLUME, DATABASE = "arn:aws:ec2:us-east-1:123456789012:volume/*", "arn:aws:rds:us-east-1:123456789012:db:main"
RULE = Rule("r", "main").keep(days=35)
HERE = "arn:aws:backup:us-east-1:123456789012:backup-vault:main"


def told(stack: Stack) -> dict[str, Severity]:
    """Addresses of all problems, with how sure each is."""
    return {problem.address: problem.severity for problem in stack.problems()}


def protecting(rule: Rule, *arns: str, **more: object) -> Stack:
    return Stack("s", Vault("main"), Plan("p", rule).protecting(Selection("x", ROLE, resources=arns, **more)))


def test_all_problems_come_at_once_with_their_addresses():
    """One check names every retention that its vault's lock refuses."""
    vault = Vault("main").locked(GovernanceLock(min_days=30, max_days=90))
    plan = Plan(
        "p", Rule("short", vault).keep(days=29), Rule("long", vault).keep(days=91), Rule("fit", vault).keep(days=30)
    )
    with pytest.raises(InvalidValueError) as caught:
        Stack("s", vault, plan).check()
    assert {problem.address for problem in caught.value.problems if problem.severity is Severity.ERROR} == {
        "plan.p/rule.short/lifecycle",
        "plan.p/rule.long/lifecycle",
    }
    assert "29 days is shorter than the lock's 30 days in vault 'main'" in str(caught.value)


def test_for_ever_under_a_longest_retention_is_a_warning():
    """That "forever" breaks a lock's longest retention is not stated by AWS, so it is only warned about."""
    for rule in (Rule("r", "main"), Rule("r", "main").keep_forever()):
        capped = Stack("s", Vault("main").locked(GovernanceLock(max_days=90)), Plan("p", rule))
        assert told(capped)["plan.p/rule.r/lifecycle"] is Severity.WARNING
        assert any("kept forever is longer than the lock's 90 days" in str(problem) for problem in capped.check())
    open_ended = Stack(
        "s", Vault("main").locked(GovernanceLock(min_days=7)), Plan("p", Rule("r", "main").keep_forever())
    )
    assert "plan.p/rule.r/lifecycle" not in told(open_ended)


@pytest.mark.parametrize(
    ("lifecycle", "warned"),
    [
        (Lifecycle(delete_after_days=6), True),
        (Lifecycle(delete_after_days=7), False),
        (Lifecycle(delete_after_days=-1), True),
        (Lifecycle(), False),
        (None, False),
    ],
)
def test_copies_are_held_against_a_lock_by_name_only_as_a_warning(lifecycle, warned):
    """A destination's name is not a proof that it is the stack's vault; -1 keeps the source's expiry; silence is not judged."""
    vault = Vault("main").locked(GovernanceLock(min_days=7))
    rule = Rule("r", "other", copies=(CopyAction(HERE, lifecycle=lifecycle),)).keep(days=3)
    stack = Stack("s", vault, Vault("other"), Plan("p", rule))
    assert ("plan.p/rule.r/copy.main/lifecycle" in told(stack)) is warned
    stack.check()


def test_names_are_given_once():
    """Two vaults or plans of one name in a stack are refused."""
    stack = Stack(
        "s", Vault("a1"), Vault("a1"), Plan("p", Rule("r", "a1").keep(days=1)), Plan("p", Rule("q", "a1").keep(days=1))
    )
    with pytest.raises(InvalidValueError) as caught:
        stack.check()
    assert [problem.address for problem in caught.value.problems] == ["vault.a1", "plan.p"]


def test_cold_storage_for_types_without_it_is_warned_about():
    """Where every named type ignores the move, that is said; where one takes it, or nobody knows, it is not."""
    cold = Rule("r", "main").cold_after(days=30).keep(days=120)
    where = "plan.p/rule.r/lifecycle"
    assert "RDS, S3 has no cold storage" in str(protecting(cold, BUCKET, DATABASE).problems())
    assert where not in told(protecting(cold, BUCKET, TABLE))
    assert where not in told(protecting(cold, BUCKET, "arn:aws:newthing:::x"))
    assert where not in told(protecting(cold, "*"))
    assert where not in told(protecting(cold, BUCKET, tags=(("a", "b"),)))
    assert where not in told(protecting(Rule("r", "main").keep(days=120), BUCKET))
    copying = Rule("r", "main").keep(days=30).copy_to(HERE, keep_days=200, cold_after_days=9)
    assert "plan.p/rule.r/copy.main/lifecycle" in told(protecting(copying, BUCKET))


def test_ebs_goes_cold_only_with_its_opt_in_and_monthly():
    """EBS needs the archive opt-in and backups monthly or rarer; each is said where it is missing."""
    monthly = Rule("r", "main").scheduled(Schedule.monthly(1)).cold_after(days=30).keep(days=120)
    opted = monthly.cold_after(days=30, archive=True)
    where = "plan.p/rule.r/lifecycle"
    assert "archive opt-in" in str(protecting(monthly, VOLUME).problems())
    assert where not in told(protecting(opted, VOLUME))
    assert "monthly or rarer" in str(protecting(opted.scheduled(Schedule.weekly("MON")), VOLUME).problems())
    assert where not in told(protecting(opted.scheduled(Schedule.weekly("MON")), TABLE))


@pytest.mark.parametrize(
    ("arn", "hint"),
    [
        ("arn:aws:s3:::b/*", "write arn:aws:s3:::b: AWS Backup takes buckets whole"),
        ("arn:aws-cn:s3:cn-north-1:123456789012:b/logs/*", "write arn:aws-cn:s3:::b: AWS"),
        ("arn:aws:s3::photos", "write arn:aws:s3:::photos: AWS"),
        ("arn:aws:s3:photos/logs", "write arn:aws:s3:::photos: AWS"),
        ("arn:aws:s3", "write arn:aws:s3:::*: AWS"),
        ("arn:aws:rds:us-east-1:123456789012:clusterIdentifier:x", "write cluster:* or db:* after the account"),
        ("arn:aws:rds:*:*:snapshot:*", "write cluster:* or db:*"),
        ("arn:aws:ec2:*:*:snapshot/*", "write instance/* or volume/*"),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/orders/index/*", "write table/*"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f", "drop it; AWS Backup protects Aurora"),
        ("arn:aws", "drop it"),
    ],
)
def test_what_selects_nothing_is_warned_about(arn, hint):
    """AWS takes an ARN that no resource can have, and the plan then protects nothing; so says check(), left out or not."""
    [warned] = protecting(RULE, "*", arn).check()
    assert (warned.address, warned.severity) == ("plan.p/selection.x/resources", Severity.WARNING)
    assert f"{arn!r} fits nothing that AWS Backup protects; {hint}" in str(warned)
    if hint.startswith("write arn"):
        assert not protecting(RULE, warned.hint.split(" ")[1].removesuffix(":")).check()
    assert [each.address for each in protecting(RULE, BUCKET, not_resources=[arn]).check()] == [
        "plan.p/selection.x/not_resources"
    ]


@pytest.mark.parametrize(
    "arn",
    [
        *(
            "*",
            "arn:*",
            "arn:aws:s3:::*",
            "arn:aws:s3:::b-*",
            "arn:aws:rds:*",
            "arn:aws:rds:*:*:c*",
            "arn:aws:ec2:*:*:*",
        ),
        "arn:aws:timestream:us-east-1:123456789012:database/a/table/b",
        "arn:aws:fsx:us-east-1:123456789012:volume/fs-1/fsvol-1",
        "arn:aws:*:*:123456789012:table/orders",
    ],
)
def test_what_may_select_something_is_not_warned_about(arn):
    """A pattern that some resource of some type can fit passes."""
    assert not protecting(RULE, arn).check()


@given(testing.resources())
def test_no_resource_of_a_known_type_selects_nothing(resource):
    """Whatever can stand in a local world can be selected, by its ARN and by every beginning of it."""
    arn = resource["arn"]
    for pattern in (arn, *(f"{arn[:length]}*" for length in range(4, len(arn)))):
        assert not list(selects_nothing(Selection("s", ROLE, resources=[pattern])))


def test_continuous_backup_only_for_types_that_have_it():
    """A continuous rule whose selections name only other types is warned about."""
    rule = Rule("r", "main").continuously(keep_days=7)
    assert "DynamoDB has no continuous backup" in str(protecting(rule, TABLE).problems())
    assert "plan.p/rule.r/continuous" not in told(protecting(rule, TABLE, BUCKET))
    assert protecting(rule, TABLE).check()


def test_targets_that_do_not_take_a_type_are_warned_about():
    """Air-gapped vaults leave some types where they are, and some types cannot be copied; what fits is not told."""
    gap = f"{HERE.removesuffix('main')}gap"
    stays, copied = DATABASE, "arn:aws:redshift:us-east-1:123456789012:cluster:wide"
    rule = Rule("r", "main", air_gapped_vault=gap).keep(days=35)
    assert told(protecting(rule, stays, TABLE))["plan.p/rule.r/air_gapped_vault"] is Severity.WARNING
    assert "plan.p/rule.r/air_gapped_vault" not in told(protecting(rule, TABLE))
    copying = RULE.copy_to(f"{HERE}2", keep_days=35)
    assert told(protecting(copying, copied, TABLE))["plan.p/rule.r/copy.main2"] is Severity.WARNING
    assert "plan.p/rule.r/copy.main2" not in told(protecting(copying, TABLE))


def test_the_owner_tag_is_reserved():
    """Nobody writes backupkit's own tags by hand."""
    for stack in (
        lambda: Stack("s", tags={"backupkit:stack": "other"}),
        lambda: Stack("s", Vault("main", tags={"backupkit:x": "y"})),
    ):
        with pytest.raises(InvalidValueError, match="backupkit's own"):
            stack()


def test_tags_are_counted_with_those_of_the_stack():
    """AWS takes 50 tags on one thing, the stack's and the owner's among them."""
    tags = {f"k{n}": "" for n in range(49)}
    Stack("s", Vault("main", tags=tags))
    with pytest.raises(InvalidValueError, match=r"vault\.main/tags: 51 tags"):
        Stack("s", Vault("main", tags=tags), tags={"one": "more"})


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 129, 7])
def test_bad_stack_names_are_refused(name):
    """A stack's name goes into a tag and follows one pattern."""
    with pytest.raises(InvalidValueError, match="stack name"):
        Stack(name)


def test_only_what_has_a_row_is_a_thing():
    """A rule or a text is not a thing of a stack, and the message names what is."""
    with pytest.raises(InvalidValueError, match=r"a Rule is not something that a stack holds; use .*Plan, .*Vault"):
        Stack("s", Rule("r", "main"))


def test_warnings_of_things_are_warnings_of_the_stack():
    """What a vault or plan warns about comes up at its address inside the stack."""
    stack = Stack("s", Vault("main").locked(ComplianceLock(changeable_for_days=3)), Plan("p", Rule("r", "main")))
    assert {"vault.main/lock", "plan.p/rule.r/lifecycle"} <= {warning.address for warning in stack.check()}


def test_a_stack_is_a_value():
    """Equal stacks are equal and hash alike; the keyword form says the same."""
    vault, plan = Vault("main"), Plan("p", Rule("r", "main").keep(days=1))
    assert Stack("s", vault, plan) == Stack("s", things=[vault, plan])
    assert hash(Stack("s", vault)) == hash(Stack("s", vault))


@pytest.mark.parametrize(
    "thing",
    [
        Plan("p", RULE.scheduled("cron(0 5 31 2 ? *)")),
        RestoreTestingPlan("p", schedule="cron(0 5 31 2 ? *)", vaults="*"),
    ],
)
def test_a_schedule_of_days_that_never_come_is_warned_of(thing):
    """A plan on 31 February is taken by AWS and never backs anything up, so its check says so."""
    [found] = [each for each in Stack("s", thing).check() if each.address.endswith("/schedule")]
    assert found.message == "nothing ever starts: on the 31st of February at 05:00, which never comes (UTC)"
    meant = found.hint.rpartition("example ")[2]
    assert Schedule(meant).comes


@pytest.mark.parametrize(("year", "warned"), [("2025", True), ("2026", False), ("*", False)])
def test_a_preview_warns_of_a_schedule_whose_years_are_over(year, warned):
    """Whether years are over depends on the clock of the connection, so a preview says it, never a check."""
    tests = RestoreTestingPlan("t", schedule=f"cron(0 5 1 6 ? {year})", vaults="*")
    stack = Stack("s", Plan("p", RULE.scheduled(f"cron(0 5 1 6 ? {year})")), tests)
    assert not any("starts" in each.message for each in stack.check())
    with local(start=datetime(2026, 1, 1, tzinfo=UTC)) as aws:
        found = {each.address for each in stack.preview(aws).warnings if "nothing starts any more" in each.message}
    assert found == ({"plan.p/rule.r/schedule", "restore_testing_plan.t/schedule"} if warned else set())
