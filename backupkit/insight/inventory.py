"""The resources that coverage is asked about, in the forms in which people have them."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from backupkit.arn import Arn, spelled
from backupkit.catalog import TYPES, types_of
from backupkit.errors import InvalidValueError
from backupkit.files import read_file
from backupkit.neighbours import Resource
from backupkit.problems import Problem, label, typed

__all__ = ["ResourceSource", "given"]

ResourceSource: TypeAlias = (
    Mapping[str, Mapping[str, str]]
    | Mapping[Arn, Mapping[str, str]]
    | Mapping[str, object]
    | Path
    | Iterable[Arn | str | tuple[Arn | str, Mapping[str, str]] | Mapping[str, object]]
)
"""ARNs, pairs of ARN and tags, tags by ARN, records of Resource Explorer, AWS Config or the tagging API, or a file."""
_LISTS = ("resources", "configurationitems", "resourcetagmappinglist", "results")
_ARNS = ("arn", "resourcearn", "resource_arn")
_CONFIG = {kind.config_type: kind.name for kind in TYPES.values() if kind.config_type}


def given(source: ResourceSource) -> tuple[list[Resource], int]:
    """The resources of a source, each once, and how many records are of types that AWS Backup does not know.

    Records of an export name everything there is; what was named by its ARN alone stays, whatever it is.

    Raises:
        InvalidValueError: Something in it names no resource, or the file is not JSON.
        ConfigurationError: The file cannot be read.
    """
    entries = list(_entries(source))
    # A view of Resource Explorer that does not include tags shows none for any resource.
    tags_shown = any(isinstance(entry, Mapping) and _raw_tags(_lower(entry)) is not None for entry in entries)
    found: dict[str, Resource] = {}
    left_out = 0
    for number, entry in enumerate(entries):
        resource = _resource(entry, number, tags_shown=tags_shown)
        if isinstance(entry, Mapping) and (_member(entry) or not (resource.resource_type or types_of(resource.arn))):
            left_out += 1
        else:
            found[resource.arn] = resource
    return list(found.values()), left_out


def _entries(source: object) -> Iterator[object]:
    if isinstance(source, Path):
        yield from _entries(_read(source))
    elif isinstance(source, Mapping):
        low = _lower(source)
        listed = next((low[name] for name in _LISTS if isinstance(low.get(name), (list, tuple))), None)
        if listed is not None:
            yield from _entries(listed)
        elif any(name in low for name in _ARNS):
            yield source
        else:
            yield from source.items()
    elif isinstance(source, Iterable) and not isinstance(source, (str, bytes)):
        # SelectResourceConfig answers with a JSON text for each resource.
        yield from (_parsed(each) if isinstance(each, str) and each.startswith("{") else each for each in source)
    else:
        raise _problem("", f"{typed(source)} is not a list of resources")


def _read(path: Path) -> object:
    data = read_file(path)
    try:
        return _parsed(gzip.decompress(data) if path.suffix == ".gz" else data)
    except (OSError, EOFError, zlib.error):
        raise _problem("", f"{path} is not compressed by gzip") from None


def _parsed(text: str | bytes) -> object:
    try:
        read: object = json.loads(text)
    except (ValueError, RecursionError):
        # Its text is left out: it may hold tags.
        raise _problem("", "this is not JSON") from None
    return read


def _resource(entry: object, number: int, *, tags_shown: bool) -> Resource:
    where = f"[{number}]"
    match entry:
        case str() | Arn():
            return Resource(_arn(entry, where))
        case Mapping():
            low = _lower(entry)
            tags = _tags(low, where)
            return Resource(
                _arn(next((low[name] for name in _ARNS if low.get(name)), None), where),
                _type(low.get("resourcetype") or low.get("resource_type")),
                {} if tags is None and tags_shown else tags,
            )
        case (arn, tags) if tags is None or isinstance(tags, Mapping):
            return Resource(_arn(arn, where), None, None if tags is None else _plain(tags.items(), where))
        case _:
            raise _problem(where, f"{typed(entry)} names no resource")


def _member(entry: Mapping[Any, object]) -> bool:
    """Whether AWS Config tells of an instance of a database cluster, which is backed up as the cluster."""
    configuration = _lower(entry).get("configuration")
    return isinstance(configuration, Mapping) and bool(_lower(configuration).get("dbclusteridentifier"))


def _lower(entry: Mapping[Any, object]) -> dict[str, object]:
    return {str(name).lower(): value for name, value in entry.items()}


def _type(raw: object) -> str | None:
    """AWS Backup's string for a type that it or AWS Config names; clusters of databases are told from the ARN."""
    if not isinstance(raw, str):
        return None
    return raw if raw in TYPES else _CONFIG.get(raw) if not raw.startswith("AWS::RDS::") else None


def _raw_tags(low: Mapping[str, object]) -> Mapping[Any, object] | Sequence[object] | None:
    """The tags of a record as it has them; None where it does not say."""
    raw = low.get("tags")
    if raw is None:
        properties = low.get("properties")
        if isinstance(properties, (list, tuple)):
            named = (_lower(each) for each in properties if isinstance(each, Mapping))
            raw = next((each.get("data") for each in named if each.get("name") == "tags"), None)
    return raw if isinstance(raw, (Mapping, list, tuple)) else None


def _tags(low: Mapping[str, object], where: str) -> dict[str, str] | None:
    """The tags of a record; None where it does not say."""
    raw = _raw_tags(low)
    if raw is None:
        return None
    if isinstance(raw, Mapping):
        return _plain(raw.items(), where)
    pairs = (_lower(each) for each in raw if isinstance(each, Mapping))
    # An export may have null for a tag with an empty value.
    return _plain(((each["key"], _text_or_empty(each.get("value"))) for each in pairs if "key" in each), where)


def _text_or_empty(value: object) -> object:
    return "" if value is None else value


def _plain(tags: Iterable[tuple[object, object]], where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in tags:
        if not isinstance(key, str):
            raise _tag_problem(f"{where}/tags", f"{typed(key)} is not the key of a tag")
        if not isinstance(value, str):
            raise _tag_problem(f"{where}/tags/{label(key)}", f"{typed(value)} is not the value of a tag")
        found[key] = value
    return found


def _tag_problem(where: str, what: str) -> InvalidValueError:
    return InvalidValueError(Problem(f"coverage/resources{where}", what, "write it as text, in quotes"))


def _arn(given: object, where: str) -> str:
    raw = spelled(given)
    if not isinstance(raw, str):
        raise _problem(where, "there is no ARN in it")
    try:
        Arn.parse(raw)
    except InvalidValueError as error:
        raise InvalidValueError(problem.below(f"coverage/resources{where}") for problem in error.problems) from None
    return raw


def _problem(where: str, what: str) -> InvalidValueError:
    return InvalidValueError(
        Problem(
            f"coverage/resources{where}",
            what,
            "give ARNs, pairs of ARN and tags, or records of Resource Explorer or AWS Config",
        )
    )
