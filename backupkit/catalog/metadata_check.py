"""What is wrong with a restore's metadata, by the table of its type: no calls, no guesses, no values in messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches

from backupkit.catalog.metadata_key import MetadataKey, Values, moment_in
from backupkit.catalog.naming import Naming, alternatives
from backupkit.catalog.point_facts import PointFacts
from backupkit.catalog.resource_type import ResourceType
from backupkit.catalog.restore_form import ANY, RestoreForm, chosen, folded, same
from backupkit.problems import Problem, Severity, warning

__all__ = ["check_form", "check_metadata", "relations"]


KEYS = Naming()


def check_metadata(resource_type: ResourceType, facts: PointFacts, metadata: Mapping[str, str]) -> tuple[Problem, ...]:
    """Say everything that is wrong with the Metadata of a StartRestoreJob, as far as the documents tell.

    Errors are what fails the job, warnings what may do so. Addresses are the keys; messages hold no values.

    Args:
        resource_type: The type that the point is restored as.
        facts: The point.
        metadata: The whole metadata.
    """
    forms = resource_type.restore_forms
    if not forms:
        return ()
    return tuple(check_form(resource_type, chosen(forms, facts, metadata), facts, metadata))


def check_form(
    resource_type: ResourceType,
    form: RestoreForm,
    facts: PointFacts,
    metadata: Mapping[str, str],
    trusted: frozenset[str] = frozenset(),
    naming: Naming = KEYS,
) -> Iterator[Problem]:
    """Say what is wrong with the metadata of one form.

    Args:
        resource_type: The type that the point is restored as.
        form: The form.
        facts: The point.
        metadata: The whole metadata.
        trusted: Keys, in lower case, whose values AWS itself told.
        naming: How messages call the keys.
    """
    given = {key: value for key, value in folded(metadata).items() if value is not None}
    for name, text in metadata.items():
        if name.casefold() in trusted:
            continue
        key = form.find(name)
        if key is None:
            yield _unknown(resource_type, form, name, naming)
        else:
            yield from _key_problems(key, name, text, facts, form)
    yield from _missing(form, facts, given, naming)
    yield from relations(form, metadata, naming)
    yield from _moment_problems(form, facts, metadata)


def relations(form: RestoreForm, metadata: Mapping[str, str], naming: Naming = KEYS) -> Iterator[Problem]:
    """What is wrong between the keys of one form."""
    given = {key: value for key, value in folded(metadata).items() if value is not None}
    for key in form.keys:
        if _says(given, key.name):
            yield from _beside(key, given, naming)
            continue
        for other, value in key.required_with.items():
            if same(given.get(other.casefold()), value):
                yield Problem(key.name, f"it is needed with {_pair(naming, other, value)}", naming.giving(key.name))
        if key.required_without and not any(_says(given, name) for name in key.required_without):
            others = alternatives([naming.name(name) for name in key.required_without])
            yield Problem(key.name, f"it is needed without {others}", f"{naming.giving(key.name)}, or {others}")


def _beside(key: MetadataKey, given: Mapping[str, str], naming: Naming) -> Iterator[Problem]:
    """What is wrong with a key that is given, beside the others."""
    own = naming.name(key.name)
    for other, value in key.goes_with.items():
        if not same(given.get(other.casefold()), value):
            beside = _pair(naming, other, value)
            yield Problem(key.name, f"it goes only with {beside}", f"give that as well, or leave out {own}")
    for other, value in key.excluded_by.items():
        if _says(given, other) and (value == ANY or same(given[other.casefold()], value)):
            name = naming.name(other)
            beside = name if value == ANY else _pair(naming, other, value)
            yield Problem(key.name, f"it does not go with {beside}", f"leave out {own} or {name}")
    for other, pattern in key.fits_with.items():
        text = given.get(other.casefold(), "")
        if text and not pattern.admits(text):
            what = f"it goes only with {pattern.thing} as {naming.name(other)}"
            yield Problem(key.name, what, f"leave out {own}, or use {pattern.words}")


def _pair(naming: Naming, key: str, value: Values) -> str:
    return naming.pair(key, *((value,) if isinstance(value, str) else value))


def _says(given: Mapping[str, str], name: str) -> bool:
    """Whether the metadata asks for anything by this key; an empty list or object asks for nothing."""
    return given.get(name.casefold(), "") not in {"", "[]", "{}"}


def _unknown(resource_type: ResourceType, form: RestoreForm, name: str, naming: Naming) -> Problem:
    elsewhere = next((each for each in resource_type.restore_forms if each.find(name)), None)
    severity = Severity.WARNING if resource_type.tolerates_unknown_keys else Severity.ERROR
    if elsewhere is not None:
        means = [naming.pair(key, value) for key, value in elsewhere.when.items() if value != ANY]
        hint = f"leave it out, or give {', '.join(means)} for {elsewhere.name}" if means else "leave it out"
        return Problem(name, f"it does not apply to {form.name}", hint, severity)
    known = {key.name.casefold(): key.name for key in form.keys if not key.fails}
    close = get_close_matches(name.casefold(), known, n=1)
    hint = f"write {known[close[0]]}" if close else "leave it out"
    return Problem(name, f"{resource_type.name} is not known to take it", hint, severity)


def _key_problems(key: MetadataKey, name: str, text: str, facts: PointFacts, form: RestoreForm) -> Iterator[Problem]:
    if not isinstance(text, str):
        yield Problem(name, "its value is not text", f"write it as in {key.encoding.example}")
        return
    if key.fails:
        yield Problem(name, "the service answers it, and refuses to be sent it", "leave it out")
    unfit = sorted(key.not_for & facts.traits)
    if unfit:
        if key.required:
            # Without it, the metadata would ask for something else.
            what = f"{form.name} cannot be made of {', '.join(unfit)}"
            yield Problem(name, what, "use point.restore_request() for what they can become")
            return
        yield Problem(name, f"it cannot be given for {', '.join(unfit)}", "leave it out")
    if text == "" and not key.values:
        return
    try:
        value = key.decode(text)
    except ValueError:
        yield Problem(name, f"the value is not a {key.encoding}", f"write it as in {key.encoding.example}")
        return
    if isinstance(value, bool) and text not in {"true", "false"}:
        yield warning(name, "requests were only seen to work with true and false in small letters", "write it so")
    for problem in key.problems(value, show=False):
        yield problem.below(name)


def _missing(form: RestoreForm, facts: PointFacts, given: Mapping[str, str], naming: Naming) -> Iterator[Problem]:
    for key in form.keys:
        if given.get(key.name.casefold(), "") != "":
            continue
        needed_for = sorted(key.required_for & facts.traits)
        if key.required:
            yield Problem(key.name, f"{form.name} needs it", naming.giving(key.name))
        elif needed_for:
            yield Problem(key.name, f"{', '.join(needed_for)} need it", naming.giving(key.name))


def _moment_problems(form: RestoreForm, facts: PointFacts, metadata: Mapping[str, str]) -> Iterator[Problem]:
    key = form.moment
    given = {name: value for name, value in folded(metadata).items() if value is not None}
    text = given.get(key.name.casefold(), "") if key is not None else ""
    if not facts.continuous or key is None:
        return
    if form.latest is not None:
        other, value = form.latest
        latest = same(given.get(other.casefold()), value)
        if latest and text:
            yield Problem(key.name, f"it does not go with {other} {value}", "give one of the two")
        elif not latest and not text:
            yield Problem(key.name, "a continuous point needs a moment to go back to", f"give it, or {other} {value}")
    if text and (moment := moment_in(text)) is not None:
        yield from _outside(key.name, moment, facts)


def _outside(name: str, moment: datetime, facts: PointFacts) -> Iterator[Problem]:
    low, high = facts.earliest, facts.latest
    if (low is not None and moment < low) or (high is not None and moment > high):
        span = " to ".join(_utc(each) if each is not None else "?" for each in (low, high))
        yield Problem(name, "the moment is outside the point's window", f"give a moment within {span}")


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
