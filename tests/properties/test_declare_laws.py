"""Laws of declared values: a chain equals its keyword form, nothing mutates, values survive what Python does with them."""

from __future__ import annotations

import copy
import io
import pickle

import attrs
import pytest
import rich
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backupkit as bk
from backupkit import CopyAction, GovernanceLock, Lifecycle, Plan, Rule, Selection, Vault, tag, testing
from backupkit.arn import Arn
from backupkit.declare.declared import Declared
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem
from backupkit.provider import Stack
from backupkit.schedule import Schedule

ANYTHING = st.one_of(
    testing.plans(most_rules=2),
    testing.rules(),
    testing.lifecycles(),
    testing.copy_actions(),
    testing.vaults(),
    testing.governance_locks(),
    testing.compliance_locks(),
    testing.notifications(),
    testing.selections(),
    testing.tag_conditions(),
    testing.index_actions(),
    testing.scan_actions(),
    testing.scan_settings(),
    testing.advanced_settings(),
    testing.controls(),
    testing.frameworks(),
    testing.report_plans(),
    testing.region_settings(),
    testing.tiering_configurations(),
    testing.legal_holds(),
    testing.air_gapped_vaults(),
    testing.restore_access_vaults(),
    testing.access_points(),
    testing.restore_testing_plans(),
    testing.global_settings(),
    testing.topic_policies(),
    testing.efs_backup_policies(),
    testing.dynamodb_continuous_backups(),
    testing.restore_validations(),
    testing.backup_roles(),
    testing.alarms(),
)
PARTS = st.one_of(
    testing.tags(),
    testing.schedules(),
    testing.vault_arns().map(Arn.parse),
    testing.names().map(tag),
    testing.rules().map(lambda rule: Problem(rule.address, "wrong", "right it")),
)
DESTINATION = "arn:aws:backup:eu-west-1:123456789012:backup-vault:dr"
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(ANYTHING)
def test_what_the_strategies_yield_is_accepted(value: Declared) -> None:
    """Whatever the public strategies yield has no errors, only warnings."""
    assert all(problem.severity == "warning" for problem in value.check())


@quick
@given(ANYTHING)
def test_values_survive_evolving_and_repr(value: Declared) -> None:
    """A value is equal, with an equal hash, after evolving, and after evaluating its repr where that hides nothing."""
    names = {name: getattr(bk, name) for name in bk.__all__} | {"Schedule": Schedule}
    whole = not repr(value).startswith("<") and "***" not in repr(value)
    for other in (attrs.evolve(value), *([eval(repr(value), names)] if whole else [])):
        assert other == value
        assert hash(other) == hash(value)
        assert type(other) is type(value)


TAGGED = {"tags": {"Team": "hunter2"}, "point_tags": {"Team": "hunter2"}, "value": "hunter2"}


@quick
@given(st.one_of(ANYTHING, testing.stacks()))
def test_a_repr_is_one_short_line_without_values_of_tags(value: Declared) -> None:
    """What stands in a log, or in the message of a test, is read at a glance and tells no tag's value."""
    own = {name: said for name, said in TAGGED.items() if name in attrs.fields_dict(type(value))}
    if isinstance(value, Selection):
        own["tags"] = TAGGED["tags"].items()
    shown = repr(attrs.evolve(value, **own) if not isinstance(value, Stack) else value.__class__(value.name, **own))
    assert "\n" not in shown
    assert "hunter2" not in shown
    if isinstance(value, Stack | Plan | Rule | Selection | Vault):
        assert len(shown) < 500


@quick
@given(st.one_of(ANYTHING, testing.stacks()))
def test_every_declared_value_has_a_display(value: Declared) -> None:
    """Whatever can be declared can be looked at, as text, in a terminal, and in a notebook without a script."""
    assert str(value)
    assert "<script" not in value._repr_html_()
    rich.print(value, file=io.StringIO())


@quick
@given(st.one_of(ANYTHING, PARTS))
def test_values_survive_pickle_and_copy(value: object) -> None:
    """A value is equal, with an equal hash, after pickling under every protocol, and after copying."""
    pickled = (pickle.dumps(value, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1))
    for other in (*map(pickle.loads, pickled), copy.copy(value), copy.deepcopy(value)):
        assert other == value
        assert hash(other) == hash(value)
        assert type(other) is type(value)


@quick
@given(ANYTHING)
def test_values_are_frozen(value: Declared) -> None:
    """No field can be set after the value is made."""
    name = attrs.fields(type(value))[0].name
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, name, None)


@given(testing.names(), st.integers(1, 36_410), st.data())
def test_a_chain_of_rule_verbs_equals_its_keyword_form(name: str, cold: int, data: st.DataObject) -> None:
    """Every verb of a rule says the same as its keyword."""
    days = data.draw(st.integers(cold + 90, 36_500))
    chain = (
        Rule(name, "prod")
        .scheduled("cron(0 5 ? * * *)", timezone="Europe/Berlin")
        .cold_after(days=cold, archive=True)
        .keep(days=days)
        .copy_to(DESTINATION, keep_days=35)
        .tagging(Team="platform")
    )
    assert chain == Rule(
        name,
        "prod",
        schedule=Schedule("cron(0 5 ? * * *)", "Europe/Berlin"),
        lifecycle=Lifecycle(
            delete_after_days=days, move_to_cold_storage_after_days=cold, opt_in_to_archive_for_supported_resources=True
        ),
        copies=(CopyAction(DESTINATION, lifecycle=Lifecycle(delete_after_days=35)),),
        point_tags={"Team": "platform"},
    )


@given(testing.names(), st.integers(1, 35))
def test_a_continuous_chain_equals_its_keyword_form(name: str, days: int) -> None:
    """continuously() is the flag and the retention."""
    keyword = Rule(name, "prod", continuous=True, lifecycle=Lifecycle(delete_after_days=days))
    assert Rule(name, "prod").continuously(keep_days=days) == keyword


VERBS = {
    "scheduled": lambda rule: rule.scheduled(Schedule.daily(at="07:00")),
    "keep": lambda rule: rule.keep(days=400),
    "cold_after": lambda rule: rule.cold_after(days=30),
    "copy_to": lambda rule: rule.copy_to(DESTINATION, keep_days=35),
    "tagging": lambda rule: rule.tagging(Team="platform"),
}


@given(st.permutations(sorted(VERBS)))
def test_rule_verbs_commute(order: list[str]) -> None:
    """Verbs on different things may come in any order."""
    rule = expected = Rule("daily", "prod")
    for verb in sorted(VERBS):
        expected = VERBS[verb](expected)
    for verb in order:
        rule = VERBS[verb](rule)
    assert rule == expected


@given(st.permutations(["keep_forever", "cold_after"]))
def test_keeping_for_ever_and_cold_storage_commute(order: list[str]) -> None:
    """keep_forever() and cold_after() may come in any order."""
    rule = Rule("daily", "prod")
    for verb in order:
        rule = rule.keep_forever() if verb == "keep_forever" else rule.cold_after(days=30)
    assert rule.lifecycle == Lifecycle(delete_after_days=-1, move_to_cold_storage_after_days=30)


@quick
@given(testing.vaults(), testing.tags(3), testing.governance_locks(), testing.notifications())
def test_vault_verbs_commute_and_leave_their_receiver(
    vault: Vault, tags: dict[str, str], lock: GovernanceLock, sends: bk.Notifications
) -> None:
    """Vault verbs may come in any order, and the vault they are asked of stays as it was."""
    before = pickle.dumps(vault)
    bare = attrs.evolve(vault, tags={}, notifications=None)
    one = bare.tagged(tags).locked(lock).notifying(sends.topic, *sends.events)
    other = bare.notifying(sends.topic, *sends.events).locked(lock).tagged(tags)
    assert one == other == attrs.evolve(bare, tags=tags, lock=lock, notifications=sends)
    assert pickle.dumps(vault) == before


@quick
@given(testing.plans(most_rules=1), testing.rules(), testing.selections())
def test_plan_verbs_leave_their_receiver(plan: Plan, rule: Rule, selection: Selection) -> None:
    """Plan verbs make a new plan, equal to the keyword form."""
    before = pickle.dumps(plan)
    empty = Plan(plan.name)
    chain = empty.with_rules(rule).protecting(selection).tagged(Team="platform")
    assert chain == empty.tagged(Team="platform").protecting(selection).with_rules(rule)
    assert chain == Plan(plan.name, rule, selections=[selection], tags={"Team": "platform"})
    assert Plan(plan.name, rule) == Plan(plan.name, rules=[rule])
    assert pickle.dumps(plan) == before
    assert empty == Plan(plan.name)


@quick
@given(testing.role_arns(), st.permutations(["including", "excluding", "any_tag", "where"]))
def test_selection_verbs_commute(role: str, order: list[str]) -> None:
    """Selection verbs may come in any order."""
    condition = tag("Environment").equals("production")
    said = {"including": ("*",), "excluding": ("arn:aws:s3:::logs",), "where": (condition,)}
    selection = Selection("s", role)
    for verb in order:
        selection = selection.any_tag(Backup="daily") if verb == "any_tag" else getattr(selection, verb)(*said[verb])
    assert selection == Selection(
        "s",
        role,
        resources="*",
        not_resources=("arn:aws:s3:::logs",),
        tags=[("Backup", "daily")],
        conditions=[condition],
    )


@given(testing.invalid_lifecycles())
def test_impossible_lifecycles_are_refused(given_days: dict[str, int]) -> None:
    """No lifecycle outside the rules of the API can be made, on a rule or on a copy."""
    with pytest.raises(InvalidValueError):
        Lifecycle(**given_days)


@given(
    st.one_of(st.none(), st.integers(1, 36_500), st.just(-1)), st.one_of(st.none(), st.integers(1, 36_500), st.just(-1))
)
def test_a_lifecycle_is_refused_for_the_90_days_alone(delete: int | None, cold: int | None) -> None:
    """Of day numbers in range, only those break a rule that delete sooner than 90 days after the cold move."""
    both = delete not in {None, -1} and cold not in {None, -1}
    try:
        Lifecycle(delete_after_days=delete, move_to_cold_storage_after_days=cold)
        accepted = True
    except InvalidValueError:
        accepted = False
    assert accepted == (not both or delete >= cold + 90)
