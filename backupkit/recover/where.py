"""What AWS's lists cannot be asked for, as tests of points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from backupkit.checks import must_be_bools_or_none, tag_key, tag_value, texts
from backupkit.declare.vault_name import VaultOrName, vault_names
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, located, quote
from backupkit.recover.arguments import check_resource_type, check_vault
from backupkit.recover.lifecycle_change import kept_forever
from backupkit.recover.point_verbs import has_own_tags

if TYPE_CHECKING:
    from backupkit.recover.recovery_point import RecoveryPoint

__all__ = ["PointTest", "Vaults", "Words", "tests_of"]

PointTest: TypeAlias = "Callable[[RecoveryPoint], bool]"
Words: TypeAlias = str | Iterable[str] | None
Vaults: TypeAlias = VaultOrName | Iterable[VaultOrName] | None


def tests_of(
    predicates: Iterable[PointTest],
    *,
    older_than: timedelta | None,
    newer_than: timedelta | None,
    status: Words,
    resource_type: Words,
    vault: Vaults,
    kept_forever: bool | None,
    continuous: bool | None,
    tags: Mapping[str, str | None] | None,
) -> tuple[PointTest, ...]:
    """Return the tests of points for the words of ``where``; those that cost a call come last.

    Raises:
        InvalidValueError: A predicate cannot be called, a time is not one, or a resource type is misspelt.
    """
    given = tuple(predicates)
    for predicate in given:
        if not callable(predicate):
            what = f"{quote(predicate)} cannot be asked about a point"
            raise InvalidValueError(Problem("where", what, "give a function of a point that returns a bool"))
    types = _words(resource_type, "resource_type")
    for name in types or ():
        check_resource_type(name, "where/resource_type")
    _check_tags(tags)
    must_be_bools_or_none("where", kept_forever=kept_forever, continuous=continuous)
    _check_span(older_than, "older_than")
    _check_span(newer_than, "newer_than")
    return (
        *_of_words(_words(status, "status"), types, _vaults(vault)),
        *_of_age(older_than, newer_than),
        *(() if kept_forever is None else (_forever(kept_forever),)),
        *(() if continuous is None else (lambda point: point.is_continuous is continuous,)),
        *given,
        *((_tagged(tags),) if tags else ()),
    )


def _words(given: Words, name: str) -> frozenset[str] | None:
    if given is None:
        return None
    found = texts(given, f"where/{name}")
    wrong = [Problem(f"where/{name}", f"{quote(each)} is not text") for each in found if not isinstance(each, str)]
    if wrong:
        raise InvalidValueError(wrong)
    return frozenset(found)


def _vaults(given: Vaults) -> frozenset[str] | None:
    if given is None:
        return None
    return frozenset(check_vault(each, "where/vault") for each in vault_names(given, "where/vault"))


def _check_span(span: object, name: str) -> None:
    # Of a span below 0, every point is older, and would be deleted with the others.
    if span is not None and not (isinstance(span, timedelta) and span >= timedelta(0)):
        hint = f"give {name}=timedelta(days=400)"
        raise InvalidValueError(Problem(f"where/{name}", f"{quote(span)} is not a span of time of 0 or more", hint))


def _check_tags(tags: object) -> None:
    hint = 'give {"Team": "platform"}, or {"Team": None} for any value'
    if tags is not None and not isinstance(tags, Mapping):
        raise InvalidValueError(Problem("where/tags", f"{quote(tags)} is not a mapping of tags", hint))
    for key, value in (tags or {}).items():
        wrong = (*tag_key(key), *(() if value is None else tag_value(value, key)))
        if wrong:
            raise InvalidValueError(located("where/tags", wrong))


def _of_words(
    status: frozenset[str] | None, types: frozenset[str] | None, vaults: frozenset[str] | None
) -> Iterator[PointTest]:
    if status is not None:
        yield lambda point: point.status in status
    if types is not None:
        yield lambda point: point.resource_type in types
    if vaults is not None:
        yield lambda point: point.backup_vault_name in vaults


def _of_age(older_than: timedelta | None, newer_than: timedelta | None) -> Iterator[PointTest]:
    if older_than is not None:
        yield lambda point: _made(point) < point.clock.now() - older_than
    if newer_than is not None:
        yield lambda point: _made(point) > point.clock.now() - newer_than


def _made(point: RecoveryPoint) -> datetime:
    # A point whose age AWS does not tell is not older than anything.
    return point.creation_date if point.creation_date is not None else point.clock.now()


def _forever(wanted: bool) -> PointTest:
    return lambda point: kept_forever(point) is wanted


def _tagged(tags: Mapping[str, str | None]) -> PointTest:
    def fits(point: RecoveryPoint) -> bool:
        if not has_own_tags(point.recovery_point_arn):
            return False
        held = point.tags()
        return all(key in held and value in {None, held[key]} for key, value in tags.items())

    return fits
