"""Forms of documents that can be compared: leaves by their path, and list items that are matched by what they say.

AWS tells the items of a list apart by names that it does not always hold unique: two copy actions may go to one vault.
So items are not looked up by name: those that say the same are paired first, then those of one name, in their order.
What is left stands alone, so nothing that AWS holds hides behind a double.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import attrs

from backupkit.provider.change import Difference, Leaf

__all__ = ["Flat", "Form", "Item", "Pair", "aligned", "differences"]

Flat: TypeAlias = "dict[str, Leaf]"
"""Fields by their path, for example ``lifecycle/delete_after_days``."""


@attrs.frozen
class Form:
    """A document in comparable form.

    Args:
        leaves: Its own fields, by path.
        items: The items of its lists.
    """

    leaves: Mapping[str, Leaf] = attrs.field(factory=dict)
    items: tuple[Item, ...] = ()


@attrs.frozen
class Item:
    """An item of a list.

    Args:
        kind: What it is, for example ``rule``.
        name: What AWS calls it; several items may carry one name.
        form: What it says.
        short: A shorter name, used where it tells the items of a kind apart as well.
    """

    kind: str
    name: str
    form: Form
    short: str = ""


class Pair(NamedTuple):
    """An item before and after; None where it comes or goes."""

    label: str
    old: Form | None
    new: Form | None


def differences(old: Form | Flat, new: Form | Flat) -> tuple[Difference, ...]:
    """The fields that differ, in the order of their declaration, then of their observation."""
    return tuple(_differences(_form(old), _form(new), ""))


def _form(form: Form | Flat) -> Form:
    return form if isinstance(form, Form) else Form(form)


def _differences(old: Form, new: Form, prefix: str) -> Iterator[Difference]:
    for path in dict.fromkeys((*new.leaves, *old.leaves)):
        before, after = old.leaves.get(path), new.leaves.get(path)
        if before != after:
            yield Difference(f"{prefix}{path}", before, after)
    for pair in aligned(old, new):
        yield from _differences(pair.old or Form(), pair.new or Form(), f"{prefix}{pair.label}/")


def aligned(old: Form, new: Form) -> list[Pair]:
    """The items of both, paired; each pair has its own label, for example ``rule.daily`` or ``rule.daily#2``."""
    items = (*new.items, *old.items)
    names = dict.fromkeys((item.kind, item.name, item.short or item.name) for item in items)
    shared = Counter((kind, short) for kind, _, short in names)
    found: list[Pair] = []
    for kind, name, short in names:
        label = f"{kind}.{short if shared[kind, short] == 1 else name}"
        before, after = ([i.form for i in form.items if (i.kind, i.name) == (kind, name)] for form in (old, new))
        pairs = enumerate(_paired(before, after), 1)
        found += [Pair(label if number == 1 else f"{label}#{number}", *pair) for number, pair in pairs]
    return found


def _paired(old: Sequence[Form], new: Sequence[Form]) -> list[tuple[Form | None, Form | None]]:
    left, pairs, alone = list(old), list[tuple[Form | None, Form | None]](), list[Form]()
    for form in new:
        same = next((each for each in left if not differences(each, form)), None)
        if same is None:
            alone.append(form)
        else:
            left.remove(same)
            pairs.append((same, form))
    both = min(len(left), len(alone))
    changed = list(zip(left[:both], alone[:both], strict=True))
    return [*pairs, *changed, *((each, None) for each in left[both:]), *((None, each) for each in alone[both:])]
