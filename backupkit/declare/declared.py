"""What all declared values share: they are checked when made, and can be asked for every problem below them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import ClassVar

import attrs

from backupkit.arn import ArnForm
from backupkit.declare.fields import flags_of
from backupkit.display import Block, Displayed
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, Severity, errors_in, label, located

__all__ = ["TAGS_BESIDE", "Declared", "placed", "unchecked"]

TAGS_BESIDE = "tags travel beside the document"
"""Why the tags of most kinds are no member of their documents."""

_CHECKED: ContextVar[bool] = ContextVar("checked", default=True)


@contextlib.contextmanager
def unchecked() -> Iterator[None]:
    """Make values without refusing bad ones, so that all their problems can be collected at once."""
    token = _CHECKED.set(False)
    try:
        yield
    finally:
        _CHECKED.reset(token)


@contextlib.contextmanager
def placed(address: str) -> Iterator[None]:
    """Let errors say which value they are in."""
    try:
        yield
    except InvalidValueError as error:
        raise InvalidValueError(located(address, error.problems)) from None


@attrs.frozen(repr=False)
class Declared(Displayed):
    """The base of declared values: frozen attrs classes that say what is wrong with them, and can be looked at.

    Their repr is one line and shows no values of tags.
    """

    _KIND: ClassVar[str] = ""
    """The first word of its address."""
    _KEY: ClassVar[str] = "name"
    """The field by which those in one list are told apart."""
    _COMPUTED: ClassVar[frozenset[str]] = frozenset()
    """Members of the API's document that AWS adds to what it was sent."""
    _OMITTED: ClassVar[dict[str, str]] = {}
    """Members of the API's document that it does not hold, and why."""
    _ARN: ClassVar[ArnForm | None] = None
    """The form of its ARN, where its name, an account and a Region make it."""
    _EXAMPLE: ClassVar[str] = ""
    """One as it is written, for messages where something else stands in its place."""

    def __attrs_post_init__(self) -> None:
        if not _CHECKED.get():
            return
        found = errors_in(self._own_problems())
        if found:
            raise InvalidValueError(located(self.address, found))

    @property
    def address(self) -> str:
        """Where this value is inside its parent, for example ``rule.daily``."""
        name = getattr(self, self._KEY, None)
        return f"{self._KIND}.{label(name)}" if isinstance(name, str) else self._KIND

    def _blocks(self) -> Iterable[Block]:
        from backupkit.declare.words import blocks  # noqa: PLC0415 - validating needs no words

        return blocks(self)

    def __repr__(self) -> str:
        from backupkit.declare.words import one_line  # noqa: PLC0415

        return one_line(self)

    @property
    def _arn_call(self) -> str:
        """The call that makes its ARN, for messages; empty where there is none."""
        return ""

    def _summary(self) -> str:
        """What it says, in a few words without values of tags; empty where its address says enough."""
        return ""

    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with this value and the values in it, errors and warnings, each with its address."""
        return tuple(located(self.address, self._all_problems()))

    def check(self) -> tuple[Problem, ...]:
        """The warnings, once it is sure that nothing is wrong.

        Raises:
            InvalidValueError: AWS would surely refuse this, or every job would surely fail; holds all the problems.
        """
        found = self.problems()
        if errors_in(found):
            raise InvalidValueError(found)
        return found

    def _all_problems(self) -> Iterator[Problem]:
        yield from self._own_problems()
        yield from self._missing()
        # What is unwise is asked only of values that make sense.
        if self.is_sound():
            yield from self._warnings()
        for value in self._children():
            yield from value.problems()

    def is_sound(self) -> bool:
        """Whether this value and the values in it may be made; what is still lacking does not count."""
        return not errors_in(self._own_problems()) and all(map(Declared.is_sound, self._children()))

    def _own_problems(self) -> Iterator[Problem]:
        sound = True
        for field in attrs.fields(type(self)):
            check = flags_of(field).check
            for problem in check(getattr(self, field.name)) if check else ():
                sound = sound and problem.severity is not Severity.ERROR
                yield problem.below(field.name)
        # Relations between fields are asked only where each field makes sense by itself.
        if sound:
            yield from self._cross_field()

    def _cross_field(self) -> Iterator[Problem]:
        """What is wrong between the fields; asked when the value is made."""
        return iter(())

    def _missing(self) -> Iterator[Problem]:
        """What must still be added before the value is used; asked by `check` alone."""
        return iter(())

    def _warnings(self) -> Iterator[Problem]:
        """What AWS accepts and is rarely meant; asked by `check` alone."""
        return iter(())

    def _placing(self) -> contextlib.AbstractContextManager[None]:
        """Let errors of inner values say which value they are in."""
        return placed(self.address)

    def _children(self) -> Iterator[Declared]:
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, Declared):
                    yield each
