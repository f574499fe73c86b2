"""What every kind of thing that a stack can hold does alike; the kinds are the rows of `kinds_table` and beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future

import attrs
import pytest
from kinds_restoring import EXAMPLES as RESTORING
from kinds_table import EXAMPLES as TABLE
from kinds_table import Example

import backupkit as bk
from backupkit.declare import Declared
from backupkit.declare.thing import Thing
from backupkit.errors import ApplyError, UnreachableError
from backupkit.provider import OWNER_TAG
from backupkit.provider.kinds import KINDS
from backupkit.provider.kinds.restore_testing import RESTORE_TESTING_SELECTION
from backupkit.provider.kinds.selection import SELECTION
from backupkit.transport.fault_injection import FaultInjection
from backupkit.transport.protocol import Params, Transport
from backupkit.transport.retry import Retrying, RetryPolicy

EXAMPLES = {**TABLE, **RESTORING}
ALL = pytest.mark.parametrize("kind", EXAMPLES)


def having(wanted: Callable[[Example], object]):
    """The kinds of which something is told."""
    return pytest.mark.parametrize("kind", [name for name, example in EXAMPLES.items() if wanted(example)])


def each(member: str):
    """Every entry of one member of every example."""
    found = [(kind, entry) for kind, example in EXAMPLES.items() for entry in getattr(example, member)]
    return pytest.mark.parametrize(("kind", "entry"), found, ids=[f"{kind}: {entry}" for kind, entry in found])


def stack(*things: Declared, **more: object) -> bk.Stack:
    return bk.Stack("mine", *things, **more)


class Inline(Executor):
    """Runs what it is given at once, in the thread of the caller."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            future.set_exception(error)
        return future


def applied(aws: object, *things: Declared, **more: object) -> bk.Changes:
    """Apply a stack, and see that nothing is left to do."""
    changes = stack(*things, **more).preview(aws)
    changes.apply(allow_delete=True, allow_irreversible=True, executor=Inline())
    assert not stack(*things, **more).preview(aws)
    return changes


def change_of(changes: Iterable[bk.Change], example: Example) -> bk.Change | None:
    """The change of the example's thing."""
    return next((change for change in changes if change.address == address(example)), None)


def address(example: Example) -> str:
    return example.inside or example.thing.address


def ready(kind: str) -> tuple[Example, bk.LocalConnection]:
    """The example, applied."""
    example = EXAMPLES[kind]
    aws = example.service()
    applied(aws, *example.things)
    return example, aws


def with_thing(example: Example, thing: Declared) -> tuple[Declared, ...]:
    return (*example.parents, thing)


ELSEWHERE = {
    "alarm",
    "backup_role",
    "continuous_backups",
    "efs_backup_policy",
    "restore_validation",
    "topic_policy",
}
"""Kinds of other services, which the emulator is not: `tests/unit/test_kinds_beside.py` has them, over moto."""


def test_every_kind_is_in_the_table():
    """A row of the table of kinds comes with an example for the contract, and so do its children."""
    words = {kind.word for row in KINDS for kind in (row, *row.children)}
    assert words - set(EXAMPLES) == ELSEWHERE


@ALL
def test_what_is_made_needs_no_change(kind):
    """After applying, a preview is empty, and there is one of it."""
    example = EXAMPLES[kind]
    aws = example.service()
    before = example.count(aws)
    changes = applied(aws, *example.things)
    assert change_of(changes, example) is not None
    assert example.count(aws) == (1 if not example.stays else before)


@ALL
def test_what_was_reviewed_as_json_is_made_by_another_process(kind):
    """Changes that were written as JSON, and read elsewhere, look the same and leave nothing to do."""
    example = EXAMPLES[kind]
    aws = example.service()
    changes = stack(*example.things).preview(aws)
    read = bk.Changes.from_json(changes.to_json(), aws)
    assert str(read) == str(changes)
    read.apply(allow_delete=True, allow_irreversible=True)
    assert not stack(*example.things).preview(aws)


@having(lambda example: example.gone)
def test_what_was_deleted_behind_its_back_is_made_again(kind):
    """What is gone shows as a creation, and is there again after applying."""
    example, aws = ready(kind)
    example.gone(aws)
    changes = stack(*example.things).preview(aws)
    assert change_of(changes, example).action is bk.Action.CREATE
    applied(aws, *example.things)
    assert example.count(aws) == 1


@having(lambda example: example.parent_gone)
def test_what_it_needs_was_deleted_behind_its_back(kind):
    """What it needs is made again, the thing after it, and nothing is left to do."""
    example, aws = ready(kind)
    example.parent_gone(aws)
    changes = stack(*example.things).preview(aws)
    assert {change.address for change in changes if change.action is bk.Action.CREATE} >= {
        parent.address for parent in example.parents
    }
    applied(aws, *example.things)
    assert example.count(aws) == 1


@each("updates")
def test_a_field_is_changed_in_place(kind, entry):
    """AWS takes another value without the thing being made again, and nothing else differs afterwards."""
    example, aws = ready(kind)
    things = with_thing(example, example.updates[entry](example.thing))
    changes = stack(*things).preview(aws)
    (change,) = changes
    assert (change.address.partition("/")[0], change.destroys) == (address(example).partition("/")[0], False)
    assert change.action in example.in_place
    applied(aws, *things)
    applied(aws, *example.things)
    assert example.count(aws) == 1


@each("replaces")
def test_a_field_that_aws_cannot_change_replaces_the_thing(kind, entry):
    """The preview says so and why, asks for consent where protection goes, and the thing is made again."""
    example, aws = ready(kind)
    things = with_thing(example, example.replaces[entry](example.thing))
    changes = stack(*things).preview(aws)
    change = change_of(changes, example)
    assert change.action is bk.Action.REPLACE
    assert "AWS cannot change" in change.reason
    if change.destroys:
        with pytest.raises(bk.errors.ConsentError):
            changes.apply()
    applied(aws, *things)
    assert example.count(aws) == 1


@each("same")
def test_the_same_written_otherwise_is_no_change(kind, entry):
    """Order, defaults and spelling are not told as differences."""
    example, aws = ready(kind)
    assert not stack(*with_thing(example, example.same[entry](example.thing))).preview(aws)


@having(lambda example: example.tagged)
def test_tags_are_added_changed_and_removed(kind):
    """Its own tags win over the stack's; what is not declared any more goes."""
    example, aws = ready(kind)
    for own, of_stack in (
        ({"a": "1", "b": "2"}, {}),
        ({"a": "1", "b": "3"}, {"b": "stack", "c": "stack"}),
        ({}, {"c": "other"}),
        ({f"t{number}": "" for number in range(48)}, {"c": "other"}),
        ({}, {}),
    ):
        thing = attrs.evolve(example.thing, tags=own)
        changes = stack(*with_thing(example, thing), tags=of_stack).preview(aws)
        change = change_of(changes, example)
        assert {found.path.partition(".")[0] for found in change.differences} == {"tags"}
        assert not change.destroys
        applied(aws, *with_thing(example, thing), tags=of_stack)


@ALL
def test_another_region_is_another_place(kind):
    """The same stack in two Regions is two stacks: changing one leaves the other as it is."""
    example, aws = ready(kind)
    if not example.regional:
        return
    there = aws.in_region("eu-west-1")
    made = applied(there, *example.things)
    assert change_of(made, example) is not None
    assert made.region_name == "eu-west-1"
    applied(there)
    assert not stack(*example.things).preview(aws)


@having(lambda example: example.tagged)
def test_what_is_there_is_taken_over_without_a_change(kind):
    """Adopting what nobody owns changes its tags alone; without being told to, a stack does not touch it."""
    example, aws = ready(kind)
    for arn in example.arns(aws):
        aws.call("UntagResource", ResourceArn=arn, TagKeyList=[OWNER_TAG])
    assert stack(*example.things).preview(aws).problems
    changes = stack(*example.things).preview(aws, adopt=True)
    assert {found.path for change in changes for found in change.differences} == {f"tags.{OWNER_TAG}"}
    changes.apply()
    assert not stack(*example.things).preview(aws)


def looked_after(example: Example) -> str:
    """The field of which the example's drift is a part; empty where it cannot be left to others."""
    field = example.drift[0].partition("/")[0].partition(".")[0]
    field = {"rule": "rules"}.get(field, field)
    return field if isinstance(example.thing, Thing) and not example.inside and hasattr(example.thing, field) else ""


@having(looked_after)
def test_a_part_that_others_look_after_is_left_alone(kind):
    """What they change is not a difference, and stays as they left it when the stack changes something else."""
    example, aws = ready(kind)
    field = looked_after(example)
    example.altered(aws)
    thing = example.thing.unmanaged(field if field != "tags" else example.drift[0])
    assert not stack(*with_thing(example, thing)).preview(aws)
    for change in example.updates.values():
        other = change(thing)
        if getattr(other, field) == getattr(thing, field):
            applied(aws, *with_thing(example, other))
            break
    mine = attrs.evolve(thing, unmanaged_parts=())
    drifted = change_of(stack(*with_thing(example, mine)).preview(aws), example)
    assert bk.Difference(*example.drift) in drifted.differences


@ALL
def test_drift_is_told_with_both_values(kind):
    """What was changed by hand shows what AWS has and what is declared, and applying takes it back."""
    example, aws = ready(kind)
    example.altered(aws)
    change = change_of(stack(*example.things).preview(aws), example)
    path, found, declared = example.drift
    assert bk.Difference(path, found, declared) in change.differences
    applied(aws, *example.things)


@ALL
def test_a_stack_is_destroyed_in_order(kind):
    """What a stack no longer declares goes, what needs it first; what cannot be owned stays as it is."""
    example, aws = ready(kind)
    left = example.count(aws)
    changes = applied(aws)
    assert all(change.action is bk.Action.DELETE for change in changes)
    assert example.count(aws) == (left if example.stays else 0)


class Killed(BaseException):
    """The process ends here."""


class Killing:
    """A transport whose process ends before or after one call; looks at the same, one after the other, count once."""

    def __init__(self, inner: Transport, at: int, moment: str) -> None:
        self._inner, self._at, self._moment = inner, at, moment
        self._lock, self._count, self._dead, self._last = threading.Lock(), 0, False, ("", "")
        self.region_name, self.clock = inner.region_name, inner.clock

    @property
    def transport(self) -> Transport:
        return self

    def call(self, operation: str, params: Params, /) -> bytes:
        with self._lock:
            this = operation, str(params)
            self._count, self._last = self._count + (this != self._last), this
            number = self._count - 1
            if self._dead or (number == self._at and self._moment == "before"):
                self._dead = True
                raise Killed
        body = self._inner.call(operation, params)
        if number == self._at:
            self._dead = True
            raise Killed
        return body


@ALL
def test_changes_that_were_reviewed_as_json_are_applied_elsewhere(kind):
    """A preview survives as text: another process makes, changes, replaces and destroys the thing from it."""
    example = EXAMPLES[kind]
    for old, new in versions(example):
        aws = example.service()
        if old:
            applied(aws, *old)
        text = stack(*new).preview(aws).to_json()
        bk.Changes.from_json(text, aws).apply(allow_delete=True, allow_irreversible=True, executor=Inline())
        assert not stack(*new).preview(aws)


def creation(kind: str) -> str:
    """The operation that makes a thing of a kind."""
    rows = {each.word: each for row in KINDS for each in (row, *row.children)}
    # Two kinds have selections.
    rows |= {"selection": SELECTION, "restore_testing_selection": RESTORE_TESTING_SELECTION}
    return rows[kind].create or rows[kind].update or ""


@pytest.mark.parametrize("lost", [1, 2])
@ALL
def test_an_answer_that_is_lost_makes_nothing_twice(kind, lost):
    """Where AWS made it and no answer came, asking again, or applying again, finds what is there."""
    example = EXAMPLES[kind]
    aws = example.service()
    faulty = FaultInjection(
        aws.transport, operation=creation(kind), times=lost, after=True, error=UnreachableError("lost")
    )
    losing = Wrapped(Retrying(faulty, RetryPolicy(attempts=2)))
    try:
        stack(*example.things).preview(losing).apply()
    except ApplyError:
        applied(losing, *example.things)
    assert not stack(*example.things).preview(aws)
    assert example.count(aws) == 1


@attrs.frozen
class Wrapped:
    """A connection over a transport."""

    transport: Transport


def once(aws: object, things: Iterable[Declared]) -> None:
    """Preview and apply, with the calls of applying in one order."""
    stack(*things).preview(aws).apply(allow_delete=True, allow_irreversible=True, executor=Inline())


def versions(example: Example) -> list[tuple[tuple[Declared, ...], tuple[Declared, ...]]]:
    """From which things to which others: made, changed, made again, destroyed."""
    changes = [next(iter(found.values())) for found in (example.updates, example.replaces) if found]
    changed = [(example.things, with_thing(example, change(example.thing))) for change in changes]
    return [(example.parents, example.things), (example.things, example.parents), *changed]


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
@ALL
def test_killed_at_every_call_the_next_run_ends_it(kind, moment):
    """Killed before or after any call while it is made, changed, replaced or destroyed, it ends as declared, once."""
    example = EXAMPLES[kind]
    for old, new in versions(example):
        first = example.service()
        if old:
            once(first, old)
        start, at, ended = first.save_state(), 0, False
        while not ended:
            aws = example.service()
            aws.load_state(start)
            try:
                once(Killing(aws.transport, at, moment), new)
            except Killed:
                once(aws, new)
            else:
                ended = True
            assert not stack(*new).preview(aws)
            aws.clock.advance(minutes=1)
            assert example.count(aws) == (1 if new != example.parents or example.stays else 0)
            at += 1
        assert at > 1
