"""Restore metadata for test restores in place of what AWS infers: how it is written, and what is likely wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from backupkit.arn import spelled
from backupkit.checks import LONGEST_TEXT, LONGEST_WORD, text_of
from backupkit.declare.tags import Tags
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, label, located, nearest, quote, typed, warning

if TYPE_CHECKING:
    from backupkit.catalog import MetadataKey, ResourceType

__all__ = ["check_overrides", "normal_overrides", "override_warnings", "written"]

_FSX_NEEDS = (
    "Lustre and Windows need subnetIds, Windows activeDirectoryId in windowsConfiguration, too, and ONTAP "
    "storageVirtualMachineId in ontapConfiguration"
)


def written(overrides: Mapping[str, object]) -> Tags:
    """Return restore metadata as AWS takes it, all as text.

    Raises:
        InvalidValueError: It is not a mapping of keys to values that can be written. Values are not shown.
    """
    if not isinstance(overrides, Mapping):
        what = f"{typed(overrides)} is not a mapping of metadata keys to values"
        raise InvalidValueError(Problem("selection/overrides", what, 'write {"encryptionType": "KMS"}'))
    return Tags({_key(key): _text(key, value) for key, value in overrides.items()})


def check_overrides(overrides: object) -> Iterator[Problem]:
    """Keys and values that can be sent; a value may be empty, and is never shown."""
    for key, value in overrides.items() if isinstance(overrides, Mapping) else ():
        yield from text_of(LONGEST_WORD)(key)
        if value:
            yield from located(label(key), text_of(LONGEST_TEXT, lines=True, hidden=True)(value))


def normal_overrides(overrides: Mapping[str, str]) -> dict[str, str]:
    """One form of all ways to write the same overrides; a preview that shows it shows no value.

    The case of keys does not matter to AWS (developer guide, inferred metadata), and neither does the spelling of JSON.
    """
    return {key.casefold(): f"(hidden, {_digest(_meaning(value))})" for key, value in sorted(overrides.items())}


def _meaning(text: str) -> str:
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except (ValueError, RecursionError):
        return text


def _digest(text: str) -> str:
    # It tells two values apart, and not what they are; but whoever guesses a value can check the guess.
    return hashlib.blake2b(text.encode(errors="backslashreplace"), digest_size=4).hexdigest()


def _key(key: object) -> str:
    if not isinstance(key, str) or not key:
        raise InvalidValueError(
            Problem("selection/overrides", f"{quote(key)} is not a metadata key", "write it in quotes")
        )
    return key


def _text(key: str, given: object) -> str:
    value = spelled(given)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        if isinstance(value, (int, float, list, tuple, Mapping)):
            return json.dumps(dict(value) if isinstance(value, Mapping) else value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        pass
    raise InvalidValueError(
        Problem(
            "selection/overrides",
            f"the value of {quote(key)} is {typed(value)}, which cannot be written as text",
            "give a text, number, boolean, list or mapping",
        )
    )


def override_warnings(resource_type: str, resources: Iterable[str], overrides: Mapping[str, str]) -> Iterator[Problem]:
    """What is likely wrong with the overrides of a selection. AWS finds it when it restores, not before."""
    from backupkit.catalog import TYPES  # noqa: PLC0415 - who tests no restores does not pay for the catalog

    tested = TYPES.get(resource_type)
    if tested is None or tested.restore_testing is None:
        return
    known = {key.name.casefold(): key for key in tested.restore_keys}
    testing = (tested.restore_testing, *tested.testing_by_kind.values())
    overridable = frozenset[str]().union(*(each.overridable for each in testing))
    for key, text in overrides.items():
        if key.casefold() not in overridable:
            names = [known[each].name if each in known else each for each in sorted(overridable)]
            yield warning(
                "overrides", f"{quote(key)} is not known to be an override of {resource_type}", nearest(key, names)
            )
        elif key.casefold() in known and text:
            yield from _value_warnings(key, known[key.casefold()], text)
    if resource_type == "FSx" and not {"subnetids", "ontapconfiguration"} & {key.casefold() for key in overrides}:
        yield warning("overrides", f"no subnets: {_FSX_NEEDS}", "give what the file systems need, or every test fails")
    yield from _arns_of_others(tested, resources)


def _value_warnings(name: str, key: MetadataKey, text: str) -> Iterator[Problem]:
    """What is likely wrong with the value of an override, which is not shown."""
    try:
        value = key.decode(text)
    except ValueError:
        yield warning(
            "overrides", f"the value of {quote(name)} is not a {key.encoding}", f"write it as in {key.encoding.example}"
        )
        return
    for problem in key.problems(value, show=False):
        yield warning("overrides", f"{quote(name)}: {problem.message}", problem.hint)


def _arns_of_others(tested: ResourceType, resources: Iterable[str]) -> Iterator[Problem]:
    from backupkit.catalog import types_of  # noqa: PLC0415 - as above

    for arn in resources:
        found = types_of(arn) if arn != "*" else ()
        if found and tested.name not in {each.name for each in found}:
            yield warning(
                "resources", f"{quote(arn)} is of {found[0].name}, not of {tested.name}", "select it by its own type"
            )
