"""Laws of Audit Manager: of what its controls find, and of the frameworks that hold them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from backupkit.emulator import LocalService
from backupkit.emulator.audit.control import Terms, whole
from backupkit.emulator.audit.controls import CONTROLS, _no_pause_over
from backupkit.emulator.audit.frameworks import checked_controls, same_controls
from backupkit.emulator.audit.view import Scope, View
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.model import Finding
from backupkit.schedule import Schedule

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
START = datetime(2026, 1, 1, tzinfo=UTC)

KEYS = st.sampled_from(["stage", "team"])
VALUES = st.sampled_from(["prod", "test", ""])
TAGS = st.dictionaries(KEYS, VALUES, max_size=2)
ARNS = {
    "DynamoDB": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/",
    "EBS": f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/",
    "RDS": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:",
    "Timestream": f"arn:aws:timestream:{REGION}:{ACCOUNT}:database/",
}
RESOURCES = st.dictionaries(
    st.tuples(st.sampled_from(sorted(ARNS)), st.sampled_from(["a", "b", "c"])), TAGS, max_size=8
)
SELECTIONS = st.one_of(
    st.sampled_from(sorted(ARNS)).map(lambda kind: {"Resources": [f"{ARNS[kind]}*"]}),
    st.sampled_from(["a", "b", "c"]).map(lambda name: {"Resources": [f"{ARNS['EBS']}{name}"]}),
    st.tuples(KEYS, VALUES).map(
        lambda tag: {
            "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": tag[0], "ConditionValue": tag[1]}]
        }
    ),
)
DESTINATIONS = st.lists(
    st.tuples(st.sampled_from([REGION, "eu-west-1", "us-west-2"]), st.sampled_from([ACCOUNT, "111111111111"])),
    max_size=2,
)
PLANS = st.lists(st.tuples(SELECTIONS, DESTINATIONS, st.sampled_from(["plain", "locked"])), max_size=3)
SCOPES = st.one_of(
    st.builds(Scope, types=st.frozensets(st.sampled_from(sorted(ARNS)), max_size=2)),
    st.builds(Scope, tag=st.tuples(KEYS, VALUES), any_value=st.booleans()),
    st.builds(
        Scope,
        types=st.just(frozenset({"EBS"})),
        ids=st.sampled_from(["a", f"{ARNS['EBS']}b"]).map(lambda x: frozenset({x})),
    ),
)
# Each example makes a local service; how long that takes is not the law.
quick = settings(max_examples=60, deadline=None)

ON_RESOURCES = sorted(name for name, control in CONTROLS.items() if control.daily)


def staged(resources: dict[tuple[str, str], dict[str, str]]) -> LocalService:
    service = LocalService()
    for (kind, name), tags in resources.items():
        service.resources.add(ARNS[kind] + name, tags=tags)
    for name in ("plain", "locked"):
        service.call("CreateBackupVault", {"BackupVaultName": name})
    service.call("PutBackupVaultLockConfiguration", {"BackupVaultName": "locked", "MinRetentionDays": 1})
    return service


def protect(service: LocalService, number: int, plan: tuple[dict[str, Any], list[tuple[str, str]], str]) -> None:
    selection, destinations, vault = plan
    actions = [
        {"DestinationBackupVaultArn": f"arn:aws:backup:{region}:{account}:backup-vault:copies"}
        for region, account in destinations
    ]
    rule = {"RuleName": f"r{number}", "TargetBackupVaultName": vault, "CopyActions": actions}
    made = service.simulation.scopes[ACCOUNT, REGION].plans
    service.call("CreateBackupPlan", {"BackupPlan": {"BackupPlanName": f"p{number}", "Rules": [rule]}})
    chosen = {"SelectionName": "s", "IamRoleArn": ROLE, **selection}
    service.call("CreateBackupSelection", {"BackupPlanId": list(made)[-1], "BackupSelection": chosen})


def findings(service: LocalService, name: str, scope: Scope | None = None, **parameters: str) -> list[Finding]:
    if name == "RESTORE_TIME_FOR_RESOURCES_MEET_TARGET":
        parameters = {"maxRestoreTime": "60"}
    control = CONTROLS[name]
    given = [{"ParameterName": key, "ParameterValue": text} for key, text in parameters.items()]
    view = View(service.simulation, service.simulation.scopes[ACCOUNT, REGION])
    return list(control.find(view, Terms(control.filled(given), scope or Scope())))


@quick
@given(RESOURCES, PLANS, PLANS, st.sampled_from([name for name in ON_RESOURCES if "PROTECTED" in name]))
def test_more_plans_never_make_a_resource_less_compliant(resources, plans, more, name):
    """What was compliant for a control on protection, copies or locks stays so when plans are added."""
    service = staged(resources)
    for number, plan in enumerate(plans):
        protect(service, number, plan)
    before = {each.resource_arn: each.compliant for each in findings(service, name)}
    for number, plan in enumerate(more):
        protect(service, len(plans) + number, plan)
    after = {each.resource_arn: each.compliant for each in findings(service, name)}
    assert before.keys() == after.keys()
    assert all(after[arn] or not compliant for arn, compliant in before.items())


@quick
@given(RESOURCES, PLANS, SCOPES, st.sampled_from(ON_RESOURCES))
def test_each_resource_in_scope_has_one_finding_and_no_other_has(resources, plans, scope, name):
    """A control finds something about each thing in its scope that it evaluates at all, and its scope changes no verdict."""
    service = staged(resources)
    for number, plan in enumerate(plans):
        protect(service, number, plan)
    whole_world = {each.resource_arn: each for each in findings(service, name)}
    found = findings(service, name, scope)
    assert len({each.resource_arn for each in found}) == len(found)
    assert {each.resource_arn for each in found} == {
        arn
        for kind, which in resources
        if (arn := ARNS[kind] + which) in whole_world and in_scope(scope, kind, which, resources[kind, which])
    }
    assert all(whole_world[each.resource_arn] == each for each in found)


def in_scope(scope: Scope, kind: str, name: str, tags: dict[str, str]) -> bool:
    """A naive reading of a scope."""
    if scope.types and kind not in scope.types:
        return False
    if scope.ids and name not in scope.ids and ARNS[kind] + name not in scope.ids:
        return False
    if scope.tag is None:
        return True
    key, value = scope.tag
    return key in tags and (tags[key] == value or (value == "" and scope.any_value))


@quick
@given(RESOURCES, PLANS)
def test_protection_is_what_schedules_back_up(resources, plans):
    """The resources that the control calls protected are those that the plans' schedules make points of."""
    service = staged(resources)
    for number, plan in enumerate(plans):
        protect(service, number, (plan[0], [], plan[2]))
    found = findings(service, "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN")
    service.clock.advance(days=2)
    backed_up = service.simulation.scopes[ACCOUNT, REGION].points_of
    assert {each.resource_arn for each in found if each.compliant} == {
        each.resource_arn for each in found if each.resource_arn in backed_up
    }


HOURS = st.sampled_from(["*", "5", "0", "23", "5,17", "0/6", "1-3", "0,1,22"])
DATES = st.sampled_from(
    ["? * *", "? * MON-FRI", "? * SUN", "1 * ?", "31 * ?", "1,15 * ?", "? * 2#1", "? 1-6 *", "L * ?"]
)
YEARS = st.sampled_from(["*", "2026", "2026-2028", "2027"])


@settings(max_examples=200, deadline=None)
@given(HOURS, DATES, YEARS, st.integers(1, 24 * 40))
def test_pauses_are_those_of_the_starts(hours, dates, years, most):
    """What the control reads off a schedule's fields is what its starts of the next 400 days show."""
    expression = f"cron(0 {hours} {dates} {years})"
    schedule = Schedule(expression)
    starts = list(schedule.between(START, START + timedelta(days=440)))
    limit = timedelta(hours=most)
    ends = START + timedelta(days=400)
    steady = all(later - earlier <= limit for earlier, later in pairwise(starts) if earlier <= ends)
    lasts = bool(starts) and starts[-1] > ends and starts[0] - START <= limit
    assert _no_pause_over(most, expression, "Etc/UTC", START.date().isoformat()) is (steady and lasts)


@quick
@given(st.integers(1, 36_500), st.integers(1, 36_500), st.integers(1, 31), st.integers(1, 31), DATES)
def test_asking_for_less_never_makes_a_plan_less_compliant(days, fewer, frequency, rarer, dates):
    """A plan that keeps to a retention and a frequency keeps to a shorter and a rarer one."""
    fewer, rarer = min(days, fewer), max(frequency, rarer)
    service = staged({})
    rule = {
        "RuleName": "r",
        "TargetBackupVaultName": "plain",
        "ScheduleExpression": f"cron(0 5 {dates} *)",
        "Lifecycle": {"DeleteAfterDays": (days + fewer) // 2},
    }
    service.call("CreateBackupPlan", {"BackupPlan": {"BackupPlanName": "p", "Rules": [rule]}})
    name = "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK"
    (strict,) = findings(service, name, requiredRetentionDays=str(days), requiredFrequencyValue=str(frequency))
    (loose,) = findings(service, name, requiredRetentionDays=str(fewer), requiredFrequencyValue=str(rarer))
    assert loose.compliant or not strict.compliant


@given(
    st.text(alphabet="0123456789+-. ", max_size=4) | st.integers(-5, 40).map(str),
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_whole_numbers_are_taken_in_their_range_alone(text, least, most):
    """A parameter that is a whole number takes plain digits within its limits, and nothing else."""
    plain = text.isdecimal() and text.isascii()
    assert (whole(least, most)(text) is None) is (plain and least <= int(text) <= most)


CONTROL_LISTS = st.lists(
    st.builds(
        lambda name, days: {
            "ControlName": name,
            "ControlInputParameters": [{"ParameterName": "requiredRetentionDays", "ParameterValue": str(days)}],
        },
        st.sampled_from(
            ["BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK", "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK"]
        ),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=4,
)


@given(CONTROL_LISTS, CONTROL_LISTS, st.randoms(use_true_random=False))
def test_order_tells_no_frameworks_apart(first, second, random):
    """Controls in another order are the same controls; those with other parameters are not."""
    one, other = checked_controls(first, Choices()), checked_controls(second, Choices())
    shuffled = random.sample(one, len(one))
    assert same_controls(one, shuffled, scopes=True)
    assert same_controls(one, other, scopes=True) == (sorted(map(str, one)) == sorted(map(str, other)))


@given(CONTROL_LISTS)
def test_what_describe_shows_may_be_given_again(controls):
    """The echo of controls is taken as it is, and its echo is itself."""
    echo = checked_controls(controls, Choices())
    assert checked_controls(echo, Choices()) == echo
