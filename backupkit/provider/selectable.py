"""Whether the ARNs of a selection can fit anything that AWS Backup protects."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import attrs

from backupkit.catalog import TYPES
from backupkit.declare.selection import Selection
from backupkit.problems import Problem, quote, warning

__all__ = ["selects_nothing"]

_ANY = "*"
# Names of these services' resources have neither; others have resources within resources.
_SIMPLE = frozenset({"s3", "rds", "dynamodb", "ec2", "elasticfilesystem", "redshift"})
_BARRED = ":/"


@attrs.frozen
class _Shape:
    """The ARNs of one type of resource: letters, and stars for which no barred letter may stand."""

    service: str
    resource: str
    tokens: tuple[tuple[str, str], ...]


def selects_nothing(selection: Selection) -> Iterator[Problem]:
    """A warning for each ARN that fits no resource of a type that AWS Backup knows."""
    for member, arns in (("resources", selection.resources), ("not_resources", selection.not_resources)):
        for arn in arns:
            if not _fits(arn):
                where = f"{selection.address}/{member}"
                yield warning(where, f"{quote(arn)} fits nothing that AWS Backup protects", _hint(arn))


@lru_cache(maxsize=4096)
def _fits(arn: str) -> bool:
    return any(_overlaps(arn, shape) for shape in _shapes())


def _shape(service: str, resource: str) -> _Shape:
    place = ("", "") if service == "s3" else (_ANY, _ANY)
    head = ("arn:", _ANY, f":{service}:", place[0], ":", place[1], f":{resource}")
    tokens = [(each, _BARRED) for part in head for each in part]
    return _Shape(service, resource, (*tokens, (_ANY, _BARRED if service in _SIMPLE else "")))


@lru_cache(maxsize=4)
def _shapes_of(names: tuple[str, ...]) -> frozenset[_Shape]:
    return frozenset(_shape(each.service, each.resource) for name in names for each in TYPES[name].shapes)


def _shapes() -> frozenset[_Shape]:
    return _shapes_of(tuple(TYPES))


def _overlaps(pattern: str, shape: _Shape) -> bool:
    """Whether one text fits both."""
    tokens, pending, seen = shape.tokens, [(0, 0)], {(0, 0)}
    while pending:
        mine, theirs = pending.pop()
        if mine == len(pattern) and theirs == len(tokens):
            return True
        for step in _steps(pattern, tokens, mine, theirs):
            if step not in seen:
                seen.add(step)
                pending.append(step)
    return False


def _steps(pattern: str, tokens: tuple[tuple[str, str], ...], mine: int, theirs: int) -> Iterator[tuple[int, int]]:
    letter = pattern[mine] if mine < len(pattern) else ""
    wanted, barred = tokens[theirs] if theirs < len(tokens) else ("", "")
    if letter == _ANY:
        yield mine + 1, theirs
    if wanted == _ANY:
        yield mine, theirs + 1
    if letter == _ANY and wanted and wanted != _ANY:
        yield mine, theirs + 1
    elif letter and wanted == _ANY and letter not in barred:
        yield mine + 1, theirs
    elif letter and letter == wanted:
        yield mine + 1, theirs + 1


def _hint(arn: str) -> str:
    _, partition, service, *rest = [*arn.split(":", 5), *[""] * 5][:6]
    # Who leaves a colon out has the name of the bucket in another place.
    name = next((each for each in reversed(rest) if each), "*").partition("/")[0]
    bucket = f"arn:{partition}:s3:::{name}"
    if service == "s3" and _fits(bucket):
        return f"write {bucket}: AWS Backup takes buckets whole"
    forms = sorted({f"{shape.resource}*" for shape in _shapes() if shape.service == service})
    if forms:
        return f"write {' or '.join(forms)} after the account; AWS Backup knows no other ARNs of {service}"
    return f"drop it; AWS Backup protects {', '.join(TYPES)}"
