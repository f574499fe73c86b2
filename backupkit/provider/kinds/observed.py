"""What a preview sees in AWS, the same for every kind of thing, and what it sees it beside."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from backupkit.arn import Arn
from backupkit.declare.declared import Declared
from backupkit.problems import label
from backupkit.provider.answers import Document, moment
from backupkit.provider.kinds.kind import AnyKind
from backupkit.provider.ownership import Owner

__all__ = ["Observed", "World", "age", "role_address", "roles_in", "vault_addresses"]

D = TypeVar("D", bound=Declared)
T = TypeVar("T")


_ROLE_IN_TEXT = re.compile(r"arn:[\w-]+:iam::\d+:role/[^\s\"*]+")


def role_address(arn: str) -> str:
    """The address that a role has where a stack declares it."""
    return f"backup_role.{arn.rpartition('/')[2]}"


def roles_in(policy: str | None) -> Iterator[str]:
    """The addresses of the roles that a policy names: AWS takes no principal that is not there."""
    return (role_address(arn) for arn in dict.fromkeys(_ROLE_IN_TEXT.findall(policy or "")))


def vault_addresses(names: Iterable[str]) -> Iterator[str]:
    """The addresses that vaults have where a stack declares them, of whatever type; a name may be an ARN."""
    for name in dict.fromkeys(each.rpartition(":")[2] for each in names):
        yield from (f"vault.{name}", f"air_gapped_vault.{name}")


@attrs.frozen(kw_only=True)
class Observed:
    """A thing as it is.

    Args:
        kind: Its row.
        id: What identifies it in calls.
        name: Its name; where `Kind.unique` is not so, several may carry it.
        arn: Its ARN; empty where it has none.
        tags: Its tags, without AWS's own.
        listed: Its entry in the list; empty where it was not listed.
        document: What it says, under the API's names.
        parts: The documents of its parts, by `Part.field`; absent where there is none.
        children: What is inside it, where that was read.
        inside: For a child, the parent's ``id``.
        other: Why it is of another kind, though it takes the name; empty where it is of this kind.
        state: What `Settling.state` tells; empty where its kind is there at once.
        unknown: Members that AWS holds and backupkit does not know.
        whole: Whether it was read with all that belongs to it; False for what the stack neither owns nor names.
    """

    kind: AnyKind
    id: str
    name: str
    arn: str = ""
    tags: Mapping[str, str] = attrs.field(factory=dict)
    listed: Document = attrs.field(factory=dict)
    document: Document = attrs.field(factory=dict)
    parts: Mapping[str, Document] = attrs.field(factory=dict)
    children: tuple[Observed, ...] = ()
    inside: str = ""
    other: str = ""
    state: str = ""
    unknown: tuple[str, ...] = ()
    whole: bool = False

    @property
    def address(self) -> str:
        """Its address by name."""
        return f"{self.kind.word}.{label(self.name)}" if self.kind.key else self.kind.word


def age(seen: Observed) -> tuple[float, str]:
    """What things of one name are ordered by: when each was made, and its id."""
    made = moment(seen.listed, seen.kind.created)
    return made.timestamp() if made else 0.0, seen.id


@attrs.frozen(kw_only=True, eq=False)
class World:
    """Everything that a preview of one stack looks at.

    Args:
        owner: The stack, as its changes need it.
        things: What it declares.
        seen: What is there: everything that lists show, whole where the stack owns or names it.
        notes: What could not be read, and what was made of that.
        region_name: The Region that is looked at.
    """

    owner: Owner
    things: tuple[Declared, ...] = ()
    seen: tuple[Observed, ...] = ()
    notes: tuple[str, ...] = ()
    region_name: str = ""
    _memo: dict[Callable[[World], Any], Any] = attrs.field(factory=dict, init=False, repr=False)

    def declared(self, cls: type[D]) -> tuple[D, ...]:
        """What is declared of a class."""
        return tuple(thing for thing in self.things if isinstance(thing, cls))

    def found(self, word: str, name: str | None = None) -> Sequence[Observed]:
        """What is there of a kind, for example ``vault``; with a name, what carries it."""
        return self._found.get((word, name), ())

    @functools.cached_property
    def _found(self) -> Mapping[tuple[str, str | None], Sequence[Observed]]:
        found: dict[tuple[str, str | None], list[Observed]] = {}
        for each in self.seen:
            found.setdefault((each.kind.word, None), []).append(each)
            found.setdefault((each.kind.word, each.name), []).append(each)
        return found

    def going(self, word: str) -> Iterator[Observed]:
        """What the stack owns of a kind and no longer declares."""
        declared = {thing.address for thing in self.things}
        # What is renamed does not go under its former name, unless there is one of the new name already.
        for address, former in self.owner.renamed.items():
            kind, _, name = address.partition(".")
            if not any(self.owns(each) for each in self.found(kind, name)):
                declared.add(f"{kind}.{former}")
        return (each for each in self.found(word) if each.address not in declared and self.owns(each))

    def once(self, make: Callable[[World], T]) -> T:
        """What a function makes of this world, made once."""
        if make not in self._memo:
            self._memo[make] = make(self)
        found: T = self._memo[make]
        return found

    def owns(self, seen: Observed) -> bool:
        """Whether something that is there is the stack's."""
        return not seen.other and self.owner.owns(seen.tags)

    def missing_vaults(self, names: Iterable[str]) -> tuple[str, ...]:
        """Which of some names no vault of any type carries, here or in the stack."""
        words = ("vault", "air_gapped_vault", "restore_access_vault")
        declared = {thing.address for thing in self.things}
        return tuple(
            name for name in names if not any(self.found(word, name) or f"{word}.{name}" in declared for word in words)
        )

    @property
    def account(self) -> Arn | None:
        """An ARN of this account and Region, or None where nothing is here yet."""
        arn = next((each.arn for each in self.seen if each.arn), None)
        return Arn.parse(arn) if arn else None
