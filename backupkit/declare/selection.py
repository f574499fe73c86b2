"""Which resources a plan protects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, NoReturn

import attrs

from backupkit.arn import ROLE, Arn, arn_text
from backupkit.checks import (
    arn_of,
    arn_texts,
    either,
    every,
    instance,
    is_text,
    listed,
    matches,
    tag_key,
    tag_value,
    texts,
)
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags
from backupkit.declare.names import RULE_NAME, SELECTION_NAME
from backupkit.declare.tags import HIDDEN, tags_of_call
from backupkit.documents import Value
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, label, located, quote, warning

__all__ = ["CONDITION_PREFIX", "OPERATORS", "Selection", "Tag", "TagCondition", "tag"]

OPERATORS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
"""What a condition can ask of a tag (botocore model, Conditions)."""
CONDITION_PREFIX = "aws:ResourceTag/"
"""What the API wants before the keys of conditions, and never before those of ListOfTags."""
_MAX_ARNS, _MAX_WILDCARD_ARNS, _MAX_CONDITIONS, _MAX_TAGS = 500, 30, 30, 30
_PAIR = 2
_ARN_PATTERN = re.compile(r"arn:\S+")
# A wildcard that is followed by more letters in the last part of the ARN.
_LITERAL_AFTER_WILDCARD = re.compile(r"\*[^*:/]+$")


@attrs.frozen
class TagCondition(Declared):
    """A condition on one tag of a resource; made with `tag`.

    It has no truth value: list several in `Selection.where`, which asks for all of them.
    """

    _KIND: ClassVar[str] = "condition"
    _EXAMPLE: ClassVar[str] = 'bk.tag("Environment").equals("production")'

    key: str = attrs.field(metadata=flags(tag_key))
    operator: str = attrs.field(metadata=flags(either(*OPERATORS)))
    value: str = attrs.field(repr=lambda _: HIDDEN)

    def __bool__(self) -> NoReturn:
        raise TypeError("a tag condition has no truth value: give several to where(), which asks for all of them")

    @property
    def address(self) -> str:
        """Where this condition is inside its selection."""
        return f"{self._KIND}.{label(self.key)}" if isinstance(self.key, str) else self._KIND

    def _cross_field(self) -> Iterator[Problem]:
        if self.key.startswith("aws:ResourceTag/"):
            yield Problem("key", f"{self.key!r} carries the API's prefix", f"write {self.key[16:]!r}")
        yield from located("value", tag_value(self.value, self.key))

    def _warnings(self) -> Iterator[Problem]:
        if "*" in self.value and self.operator in {"StringEquals", "StringNotEquals"}:
            yield warning("value", f"{self.operator} takes * literally", "use like() or unlike()")


@attrs.frozen
class Tag:
    """A tag's key, waiting for what is asked of it."""

    key: str

    def equals(self, value: str) -> TagCondition:
        """The tag has exactly this value; case counts."""
        return TagCondition(self.key, "StringEquals", value)

    def differs(self, value: str) -> TagCondition:
        """The tag does not have this value."""
        return TagCondition(self.key, "StringNotEquals", value)

    def like(self, pattern: str) -> TagCondition:
        """The tag's value fits the pattern, in which ``*`` stands for anything."""
        return TagCondition(self.key, "StringLike", pattern)

    def unlike(self, pattern: str) -> TagCondition:
        """The tag's value does not fit the pattern."""
        return TagCondition(self.key, "StringNotLike", pattern)


def tag(key: str) -> Tag:
    """A condition on the tag ``key``, for `Selection.where`.

    Example:
        >>> tag("Environment").equals("production").operator
        'StringEquals'
    """
    return Tag(key)


def _pairs(tags: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    pairs = listed(tags, "selection/tags")
    if not all(isinstance(pair, (tuple, list)) and len(pair) == _PAIR for pair in pairs):
        raise InvalidValueError(Problem("selection/tags", "a tag is not a pair", "give pairs of key and value"))
    return tuple((key, value) for key, value in pairs)


def _conditions(conditions: Iterable[TagCondition]) -> tuple[TagCondition, ...]:
    """In the API's order, which groups them by operator; all must hold, so the order has no meaning."""
    return tuple(sorted(listed(conditions, "selection/conditions"), key=_operator_order))


def _operator_order(condition: object) -> int:
    operator = getattr(condition, "operator", None)
    return OPERATORS.index(operator) if operator in OPERATORS else len(OPERATORS)


def _list_of_tags(tags: Iterable[tuple[str, str]]) -> list[Value]:
    return [{"ConditionType": "STRINGEQUALS", "ConditionKey": key, "ConditionValue": value} for key, value in tags]


def _encoded(conditions: Iterable[TagCondition]) -> dict[str, Value]:
    lists: dict[str, list[Value]] = {}
    for each in conditions:
        found = lists.setdefault(each.operator, [])
        found.append({"ConditionKey": CONDITION_PREFIX + each.key, "ConditionValue": each.value})
    return {**lists}


@attrs.frozen(repr=False)
class Selection(Declared):
    """Resources for a plan: (any of ``resources`` or ``tags``) and all ``conditions``, and none of ``not_resources``.

    Args:
        name: 1 to 50 letters, digits, -, _ and .
        role: The ARN of the role that AWS Backup takes on.
        resources: ARNs; ``*`` stands for anything. Up to 500, or 30 where any holds a wildcard.
        not_resources: ARNs that are left out, whatever else says.
        tags: Any one of these tags is enough; a key may come with several values.
        conditions: All of these must hold.
        rules: The names of the rules that are meant; empty for all of the plan. AWS has no such thing: a stack gives
            these rules their own plan (`Plan.split`).

    A selection with conditions alone is refused by AWS, so it is sent with the resources ``["*"]``.

    Raises:
        InvalidValueError: Something AWS would refuse.
    """

    _KIND: ClassVar[str] = "selection"
    _EXAMPLE: ClassVar[str] = f'bk.Selection("all", "{ROLE.example}").including("*")'

    name: str = attrs.field(metadata=flags(matches(SELECTION_NAME), wire="SelectionName", replaces=True))
    role: str = attrs.field(converter=arn_text, metadata=flags(arn_of(ROLE), wire="IamRoleArn", replaces=True))
    resources: tuple[str, ...] = attrs.field(
        default=(), converter=arn_texts, kw_only=True, metadata=flags(replaces=True)
    )
    not_resources: tuple[str, ...] = attrs.field(
        default=(), converter=arn_texts, kw_only=True, metadata=flags(replaces=True)
    )
    tags: tuple[tuple[str, str], ...] = attrs.field(
        default=(),
        converter=_pairs,
        kw_only=True,
        metadata=flags(wire="ListOfTags", replaces=True, encode=_list_of_tags),
    )
    conditions: tuple[TagCondition, ...] = attrs.field(
        default=(),
        converter=_conditions,
        kw_only=True,
        metadata=flags(every(instance(TagCondition)), replaces=True, encode=_encoded),
    )
    rules: tuple[str, ...] = attrs.field(
        default=(), converter=texts, kw_only=True, metadata=flags(every(matches(RULE_NAME)), document=False)
    )

    def including(self, *arns: Arn | str) -> Selection:
        """Also these resources; ``*`` stands for anything."""
        return attrs.evolve(self, resources=(*self.resources, *arns))

    def excluding(self, *arns: Arn | str) -> Selection:
        """Never these resources, whatever else says."""
        return attrs.evolve(self, not_resources=(*self.not_resources, *arns))

    def any_tag(self, tags: Mapping[str, str] | None = None, /, **more: str) -> Selection:
        """Also every resource that carries any one of these tags."""
        with self._placing():
            new_tags = tags_of_call("any_tag", tags, more)
        return attrs.evolve(self, tags=(*self.tags, *new_tags.items()))

    def where(self, *conditions: TagCondition) -> Selection:
        """Only resources for which all of these hold."""
        return attrs.evolve(self, conditions=(*self.conditions, *conditions))

    @property
    def sent_resources(self) -> tuple[str, ...]:
        """The resources as they are sent: ``("*",)`` where only conditions or exclusions are given."""
        narrows = self.conditions or self.not_resources
        return ("*",) if narrows and not self.resources and not self.tags else self.resources

    def _cross_field(self) -> Iterator[Problem]:
        for key, value in self.tags:
            bare = key.removeprefix(CONDITION_PREFIX) if isinstance(key, str) else key
            yield from located("tags", (*tag_key(bare), *tag_value(value, key)))
        yield from _arn_problems("resources", self.resources)
        yield from _arn_problems("not_resources", self.not_resources)
        if len(self.tags) > _MAX_TAGS:
            yield Problem("tags", f"{len(self.tags)} tags", f"AWS takes at most {_MAX_TAGS} in one selection")
        if len(self.conditions) > _MAX_CONDITIONS:
            yield Problem(
                "conditions",
                f"{len(self.conditions)} conditions",
                f"AWS takes at most {_MAX_CONDITIONS} in one selection",
            )

    def _missing(self) -> Iterator[Problem]:
        if not self.sent_resources and not self.tags:
            yield Problem("", "selects nothing, which AWS refuses", "name resources or tags")

    def _warnings(self) -> Iterator[Problem]:
        for key, value in self.tags:
            if key.startswith("aws:ResourceTag/"):
                yield warning("tags", f"{key!r} carries a prefix that fits conditions only", f"write {key[16:]!r}")
            if "*" in value:
                yield warning(
                    "tags", f"the * in the value of {key!r} is compared literally", "use where(tag(...).like(...))"
                )
        for arn in (*self.resources, *self.not_resources):
            if _LITERAL_AFTER_WILDCARD.search(arn):
                yield warning(
                    "resources",
                    f"{arn!r} has text after its last wildcard, which AWS's texts disagree about",
                    "end the ARN with the wildcard, or select by tag",
                )


def _arn_problems(address: str, arns: Iterable[str]) -> Iterator[Problem]:
    listed = tuple(arns)
    for arn in listed:
        if not is_text(arn) or (arn != "*" and not _ARN_PATTERN.fullmatch(arn)):
            yield Problem(address, f"{quote(arn)} is neither an ARN nor *", "write it as arn:partition:service:…")
    wild = any(isinstance(arn, str) and "*" in arn for arn in listed)
    most = _MAX_WILDCARD_ARNS if wild else _MAX_ARNS
    if len(listed) > most:
        having = " where any holds a wildcard" if wild else ""
        yield Problem(address, f"{len(listed)} ARNs", f"AWS takes at most {most}{having}; split the selection")
