"""What every kind of thing that a stack can hold does alike; the kinds are the rows of `kinds_all`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future

import attrs
import pytest
from beside_world import beside
from kinds_all import EXAMPLES
from kinds_table import ELSEWHERE, REGION, ROLE, Example
from watched import Watched

import backupkit as bk
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags_of
from backupkit.declare.thing import Thing
from backupkit.errors import ApplyError, ConsentError, NeighbourError, UnreachableError
from backupkit.provider import OWNER_TAG
from backupkit.provider.kinds import KINDS
from backupkit.transport.idempotency import is_read
from backupkit.transport.retry import Retrying, RetryPolicy

ALL = pytest.mark.parametrize("kind", EXAMPLES)


def having(wanted: Callable[[Example], object]):
    """The kinds of which something is told."""
    return pytest.mark.parametrize("kind", [name for name, example in EXAMPLES.items() if wanted(example)])


def holding(case: str):
    """The kinds for which a case of the contract holds."""
    return having(lambda example: case not in example.without)


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
    return next((change for change in changes if change.address == example.address), None)


def ready(kind: str) -> tuple[Example, bk.LocalConnection]:
    """The example, applied."""
    example = EXAMPLES[kind]
    aws = example.service()
    applied(aws, *example.things)
    return example, aws


def with_thing(example: Example, thing: Declared) -> tuple[Declared, ...]:
    return (*example.parents, thing)


def test_every_kind_is_in_the_table():
    """A row of the table of kinds comes with an example for the contract, and so do its children."""
    rows = [each for row in KINDS for each in (row, *row.children)]
    examples = [example.row for example in EXAMPLES.values()]
    assert sorted(row.cls.__name__ for row in examples) == sorted(row.cls.__name__ for row in rows)
    assert all(any(each is row for each in examples) for row in rows)


@ALL
def test_every_field_is_in_its_example(kind):
    """Each field of a kind has another value in its example, where AWS takes it as the field is flagged."""
    example = EXAMPLES[kind]
    row = example.row
    inside = {child.field for child in row.children}
    fields = {field.name: flags_of(field) for field in attrs.fields(row.cls)}
    own = fields.keys() - inside - {row.key, "unmanaged_parts", "managed_parts"}
    own -= example.without.keys() - {"tags"} if row.tags is None else {"tags", *example.without}
    moved = {
        member: {field for change in getattr(example, member).values() for field in changed_fields(example, change)}
        for member in ("updates", "replaces", "refused", "same")
    }
    assert own == (moved["updates"] | moved["replaces"] | moved["refused"] | moved["same"]) - inside
    if row.update is not None or row.updating is not None:
        assert not [field for field in moved["updates"] if fields[field].replaces]
        assert all(fields[field].replaces for field in (moved["replaces"] | moved["refused"]))


def changed_fields(example: Example, change: Callable[[Declared], Declared]) -> Iterable[str]:
    """The fields that a change of an example gives another value."""
    before, after = example.declared(example.thing), example.declared(change(example.thing))
    names = [field.name for field in attrs.fields(type(before))]
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def needs_of(example: Example) -> list[str]:
    """The addresses that its rows say come first, were they declared."""
    inside = example.row.needs(example.declared(example.thing)) if example.inside else ()
    return [*example.outer.needs(example.thing), *inside]


def lacking(example: Example) -> dict[str, bool]:
    """By case of the contract: whether the row of a kind says that it cannot hold."""
    row = example.row
    flagged = any(flags_of(field).replaces for field in attrs.fields(row.cls) if field.name != row.key)
    changes = row.update is not None or row.updating is not None
    text = str([attrs.asdict(each) for each in example.variants])
    return {
        "gone": row.create is None and row.creating is None,
        "parents": not (needs_of(example) or example.inside),
        "updates": not (changes or row.parts),
        "replaces": row.delete is None or (changes and not flagged),
        "roles": ":role/" not in text,
    }


CASES = ("gone", "parents", "updates", "replaces", "roles")


@ALL
def test_what_an_example_leaves_out_is_so(kind):
    """A case that does not hold for a kind is one that its row makes impossible, and every other one has its data."""
    example = EXAMPLES[kind]
    data = (example.gone, example.parent_gone, example.updates, example.replaces, example.new_role)
    without = example.without.keys() - {"regions", *(field.name for field in attrs.fields(example.row.cls))}
    assert {case for case, given in zip(CASES, data, strict=True) if not given} == without - {"tags"}
    assert {case for case, so in lacking(example).items() if so} - {"tags"} == without - {"tags"}
    assert (example.row.tags is None) == ("tags" in example.without)


@ALL
def test_what_is_made_needs_no_change(kind):
    """After applying, a preview is empty, and there is one of it."""
    example = EXAMPLES[kind]
    aws = example.service()
    changes = applied(aws, *example.things)
    assert change_of(changes, example) is not None
    assert example.count(aws) == 1


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
    needed = {example.thing.address} if example.inside else {parent.address for parent in example.parents}
    assert needed & {change.address for change in changes if change.action is bk.Action.CREATE}
    applied(aws, *example.things)
    assert example.count(aws) == 1


@holding("parents")
def test_a_vault_comes_first_whatever_its_type_is(kind):
    """A kind that names a vault waits for it also where it is logically air-gapped."""
    needs = needs_of(EXAMPLES[kind])
    vaults = [each for each in needs if each.startswith("vault.")]
    assert {f"air_gapped_{each}" for each in vaults} <= set(needs)


@each("updates")
def test_a_field_is_changed_in_place(kind, entry):
    """AWS takes another value without the thing being made again, and nothing else differs afterwards."""
    example, aws = ready(kind)
    things = with_thing(example, example.updates[entry](example.thing))
    changes = stack(*things).preview(aws)
    (change,) = changes
    assert (change.address.partition("/")[0], change.destroys) == (example.address.partition("/")[0], False)
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
        with pytest.raises(ConsentError):
            changes.apply()
    applied(aws, *things)
    assert example.count(aws) == 1


@each("refused")
def test_a_field_that_cannot_be_had_is_a_problem(kind, entry):
    """What neither is changed in place nor made again is told, with what to declare, and nothing is called."""
    example, aws = ready(kind)
    changes = stack(*with_thing(example, example.refused[entry](example.thing))).preview(aws)
    (problem,) = changes.problems
    assert problem.address.startswith(f"{example.address}/{entry}")
    assert problem.hint
    with pytest.raises(bk.errors.InvalidValueError):
        changes.apply()
    assert not stack(*example.things).preview(aws)


@each("same")
def test_the_same_written_otherwise_is_no_change(kind, entry):
    """Order, defaults and spelling are not told as differences."""
    example, aws = ready(kind)
    assert not stack(*with_thing(example, example.same[entry](example.thing))).preview(aws)


@each("echoed")
def test_what_aws_writes_otherwise_is_no_change(kind, entry):
    """Where AWS, or somebody else, has the same in another spelling, or more beside it, nothing is to be done."""
    example, aws = ready(kind)
    example.echoed[entry](aws)
    assert not stack(*example.things).preview(aws)
    assert not stack(*example.things).drift(aws)


@holding("tags")
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


def moved(thing: Declared) -> Declared:
    """The thing with whatever it names in the other Region."""
    there: dict[str, object] = {}
    for field in attrs.fields(type(thing)):
        value = getattr(thing, field.name)
        if isinstance(value, str):
            there[field.name] = value.replace(f":{REGION}:", f":{ELSEWHERE}:")
        elif isinstance(value, tuple) and all(isinstance(each, str) for each in value):
            there[field.name] = tuple(each.replace(f":{REGION}:", f":{ELSEWHERE}:") for each in value)
    return attrs.evolve(thing, **there)


@holding("regions")
def test_another_region_is_another_place(kind):
    """The same stack in two Regions is two stacks: changing one leaves the other as it is."""
    example, aws = ready(kind)
    there = aws.in_region(ELSEWHERE)
    made = applied(there, *map(moved, example.things))
    assert change_of(made, attrs.evolve(example, thing=moved(example.thing))) is not None
    assert made.region_name == ELSEWHERE
    assert example.count(there) == 1
    applied(there)
    assert not stack(*example.things).preview(aws)


@pytest.mark.parametrize("kind", [kind for kind, example in EXAMPLES.items() if "regions" in example.without])
def test_what_is_not_of_a_region_is_the_same_from_every_one(kind):
    """What an account has once is as declared from every Region; what is bound to one names that Region."""
    example, aws = ready(kind)
    bound = f":{REGION}:" in str(attrs.asdict(example.thing))
    assert bound or not stack(*example.things).preview(aws.in_region(ELSEWHERE))


@holding("tags")
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


@pytest.mark.parametrize("kind", [kind for kind, example in EXAMPLES.items() if example.stays])
def test_what_nobody_can_own_is_compared_by_every_stack(kind):
    """What is there is taken as it is: another stack that declares the same has nothing to do."""
    example, aws = ready(kind)
    others = bk.Stack("others", *example.things).preview(aws, adopt=True)
    assert change_of(others, example) is None
    applied(aws)
    assert example.count(aws) == 1


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


LAG_SECONDS, TOO_LONG_SECONDS = 110, 600
"""How long AWS does not know a new role: up to two minutes; what takes longer is given up."""
ASKED = {"selection", "restore_testing_selection", "vault", "air_gapped_vault"}
"""Kinds of which AWS refuses those that name a role which it does not know; of the others it takes any."""
NEW = bk.BackupRole("Backup")


def beside_iam(kind: str, seconds: float) -> bk.LocalConnection:
    """An AWS where the example can be made, beside IAM; for so long it does not know the role that it names."""
    state = EXAMPLES[kind].service().save_state()
    aws = beside()
    aws.load_state(state)
    aws.faults.deny(ROLE, seconds=seconds)
    return aws


@holding("roles")
def test_a_new_role_that_aws_does_not_know_yet_is_waited_for(kind):
    """Made in one stack with the role that it names, a thing ends as declared, once, when AWS knows the role."""
    example, aws = EXAMPLES[kind], beside_iam(kind, LAG_SECONDS)
    others = () if kind == "backup_role" else (NEW,)
    begin = aws.clock.monotonic()
    changes = applied(aws, *others, *with_thing(example, example.new_role(example.thing)))
    assert (aws.clock.monotonic() - begin >= LAG_SECONDS) == (kind in ASKED)
    assert others == () or any(NEW.address in change.needs for change in changes if is_of(change, example))
    assert example.count(aws) == 1


def is_of(change: bk.Change, example: Example) -> bool:
    """Whether a change is of the example's thing, or of a part of it."""
    return change.address == example.address or change.address.startswith(f"{example.address}/")


@holding("roles")
def test_a_thing_that_gets_a_new_role_is_there_all_the_time(kind):
    """Changed to name a role that is new, a thing waits for it, and stands as it was until then."""
    example, aws = EXAMPLES[kind], beside_iam(kind, 0)
    new = example.new_role(example.thing)
    old = example.thing if new != example.thing else {**example.updates, **example.replaces}["role"](new)
    others = () if kind == "backup_role" else (NEW,)
    applied(aws, *with_thing(example, old))
    aws.faults.deny(ROLE, seconds=LAG_SECONDS)

    def look(_: str, send: Callable[[], object], __: object) -> object:
        answer = send()
        assert example.count(aws) >= 1
        return answer

    changes = applied(Watched(aws, look), *others, *with_thing(example, new))
    mine = [change for change in changes if is_of(change, example)]
    assert not mine or others == () or any(NEW.address in change.needs for change in mine)
    assert example.count(aws) == 1


@pytest.mark.parametrize("kind", sorted(ASKED))
def test_a_role_that_stays_unknown_ends_in_what_aws_says(kind):
    """A role that AWS does not know in time is an error; once it does, the next run ends what was begun."""
    example, aws = EXAMPLES[kind], beside_iam(kind, TOO_LONG_SECONDS)
    things = NEW, *with_thing(example, example.new_role(example.thing))
    with pytest.raises(ApplyError, match=r"cannot be assumed by AWS Backup|Provided principal is not valid"):
        stack(*things).preview(aws).apply()
    aws.clock.advance(seconds=TOO_LONG_SECONDS)
    applied(aws, *things)
    assert example.count(aws) == 1


@pytest.mark.parametrize("kind", [kind for kind, example in EXAMPLES.items() if "roles" in example.without])
def test_what_names_no_role_waits_for_none(kind):
    """A kind that names no role is made as fast beside a role that AWS does not know."""
    example = EXAMPLES[kind]
    seconds = []
    for denied in (False, True):
        aws = example.service()
        if denied:
            aws.faults.deny(ROLE)
        begin = aws.clock.monotonic()
        applied(aws, *example.things)
        seconds.append(aws.clock.monotonic() - begin)
    assert seconds[0] == seconds[1]


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
    """What a stack no longer declares goes, what needs it first; what cannot be owned stays, and the preview says so."""
    example, aws = ready(kind)
    destroying = stack(*example.things).preview_destroy(aws)
    stays = f"{example.thing.address}: nobody can own it, so it stays as it is"
    assert (stays in destroying.notes) == example.stays
    addresses = [change.address for change in destroying]
    assert (example.address in addresses) == (not example.stays)
    if example.parents and not example.stays:
        assert addresses.index(example.address) < min(addresses.index(each.address) for each in example.parents)
    changes = applied(aws)
    assert [change.address for change in changes] == addresses
    assert all(change.action is bk.Action.DELETE for change in changes)
    assert example.count(aws) == (1 if example.stays else 0)


@ALL
def test_what_another_run_has_deleted_is_deleted(kind):
    """Of two runs that take the same away at once, the later one finds it gone, and ends well."""
    example = EXAMPLES[kind]

    def faster(operation: str, send: Callable[[], object], _: object) -> object:
        if operation.startswith(("Delete", "Cancel", "delete_", "remove_")):
            send()
        return send()

    for old, new in versions(example):
        aws = prepared(example, old)
        once(Watched(aws, faster), new)
        assert not stack(*new).preview(aws)


NOT_REPEATED = [
    ("access_point", "CreateBackupAccessPoint", lambda example: (example.parents, example.things)),
    (
        "air_gapped_vault",
        "AssociateBackupVaultMpaApprovalTeam",
        lambda example: (example.things, with_thing(example, example.updates["approval_team"](example.thing))),
    ),
    (
        "air_gapped_vault",
        "DisassociateBackupVaultMpaApprovalTeam",
        lambda example: (with_thing(example, example.updates["approval_team"](example.thing)), example.things),
    ),
    (
        "plan",
        "UpdateBackupPlan",
        lambda example: (example.things, with_thing(example, example.updates["rules"](example.thing))),
    ),
]


@pytest.mark.parametrize("sent", [False, True], ids=["not carried out", "carried out"])
@pytest.mark.parametrize(("kind", "operation", "versions"), NOT_REPEATED, ids=[each[1] for each in NOT_REPEATED])
def test_a_call_that_must_not_be_repeated_is_looked_for(kind, operation, versions, sent):
    """Where its answer is lost, one run looks whether it was carried out, and ends as declared all the same."""
    old, new = versions(EXAMPLES[kind])
    aws = prepared(EXAMPLES[kind], old)
    seen: list[bool] = []

    def lose(called: str, send: Callable[[], object], _: object) -> object:
        if called != operation:
            return send()
        seen.append(not seen)
        if len(seen) > 1:
            return send()
        if sent:
            send()
        raise UnreachableError("lost")

    once(Watched(aws, lose, lambda transport: Retrying(transport, RetryPolicy(attempts=3))), new)
    assert not stack(*new).preview(aws)
    assert len(seen) == (1 if sent else 2)


class Killed(BaseException):
    """The process ends here."""


class Killing:
    """Ends the process before or after one call that writes: at a read, all is as after the last call that wrote."""

    def __init__(self, at: int, moment: str) -> None:
        self._at, self._moment, self._count, self._dead = at, moment, 0, False

    def __call__(self, operation: str, send: Callable[[], object], _: object) -> object:
        if self._dead:
            raise Killed
        if is_read(operation) or operation.startswith(("describe_", "get_", "list_")):
            return send()
        self._count += 1
        self._dead = self._count > self._at
        if self._dead and self._moment == "before":
            raise Killed
        answer = send()
        if self._dead:
            raise Killed
        return answer


@pytest.mark.parametrize("lost", [1, 2])
@ALL
def test_an_answer_that_is_lost_makes_nothing_twice(kind, lost):
    """Where it was made and no answer came, asking again, or applying again, finds what is there."""
    example = EXAMPLES[kind]
    aws = example.service()
    changes = stack(*example.things).preview(aws)
    call = change_of(changes, example).calls[0]
    left = [lost]

    def lose(operation: str, send: Callable[[], object], _: object) -> object:
        answer = send()
        if operation == call.operation and left[0]:
            left[0] -= 1
            raise UnreachableError("lost") if call.service == "backup" else NeighbourError(f"{operation}: lost")
        return answer

    losing = Watched(aws, lose, lambda transport: Retrying(transport, RetryPolicy(attempts=2)))
    for _ in range(3):
        try:
            stack(*example.things).preview(losing).apply()
        except ApplyError:
            continue
        break
    assert left[0] < lost
    assert not stack(*example.things).preview(aws)
    assert example.count(aws) == 1


def once(aws: object, things: Iterable[Declared]) -> None:
    """Preview and apply, with the calls of applying in one order."""
    stack(*things).preview(aws).apply(allow_delete=True, allow_irreversible=True, executor=Inline())


def prepared(example: Example, things: tuple[Declared, ...]) -> bk.LocalConnection:
    """A fresh AWS with some things in it."""
    aws = example.service()
    if things:
        once(aws, things)
    return aws


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
        start = prepared(example, old).save_state()
        at, ended = 0, False
        while not ended:
            # What is beside AWS Backup is not in its state, and is made again.
            aws = example.service()
            if aws.neighbours.has_session and old:
                once(aws, old)
            else:
                aws.load_state(start)
            try:
                once(Watched(aws, Killing(at, moment)), new)
            except Killed:
                once(aws, new)
            else:
                ended = True
            assert not stack(*new).preview(aws)
            aws.clock.advance(minutes=1)
            assert example.count(aws) == (1 if new != example.parents or (old and example.stays) else 0)
            at += 1
        assert at > 1 or (example.stays and new == example.parents)
