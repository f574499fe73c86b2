"""What is sent for a request: what the point holds, minus what must not be sent, plus the request, key by key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

import attrs

from backupkit.catalog.draft import Draft, Dropped, Sent, Source
from backupkit.catalog.metadata_check import check_form
from backupkit.catalog.metadata_key import NEW_TOKEN, MetadataKey, Send, moment_in, moment_text
from backupkit.catalog.point_facts import PointFacts
from backupkit.catalog.request import Request
from backupkit.catalog.restore_form import ANY, RestoreForm, folded, same
from backupkit.problems import Problem, Severity, warning

__all__ = ["merged", "moment_key", "too_new"]


def merged(request: Request, facts: PointFacts, as_of: datetime | None = None) -> Draft:
    """The metadata with which a typed request restores a point.

    Keys compare without case, so none is sent in two spellings; a null that the point holds drops that key alone.

    Args:
        request: What to restore it to.
        facts: The point.
        as_of: The moment to go back to; None: the latest of a continuous point.
    """
    form = request.form(facts)
    required = request.requested(facts)
    given = {**_without(required, request.extra_metadata), **request.extra_metadata}
    conflicts = _other_moment(form, facts, as_of, given)
    moment = _moment(form, facts, as_of, given)
    given = {**_without(given, moment), **moment}
    kept, dropped = _of_point(request, form, facts, given)
    own = {*request.says(), *(moment if as_of is None else ())}
    sent = kept | {
        name: Sent(name, text, Source.DEFAULT if name in own else Source.REQUEST, form.find(name))
        for name, text in given.items()
    }
    sent |= {name: Sent(name, text, Source.DEFAULT, form.find(name)) for name, text in _defaults(form, sent)}
    _exclude(sent, dropped)
    metadata = {name: entry.value for name, entry in sent.items()}
    from_point = frozenset(name.casefold() for name, entry in sent.items() if entry.source is Source.POINT)
    checked = check_form(request.KIND, form, facts, metadata, from_point, request.naming)
    found = [
        *(each for each in checked if not conflicts or form.moment is None or each.address != form.moment.name),
        *_moment_gaps(form, facts, as_of),
        *_without_effect(form, facts, given),
        *conflicts,
    ]
    return Draft(tuple(_in_order(form, sent)), tuple(dropped), tuple(_addressed(request, facts, found)))


def too_new(facts: PointFacts, as_of: datetime | None) -> Problem | None:
    """What is wrong where a snapshot was made after the moment that is wanted."""
    if as_of is None or facts.continuous or facts.created is None or facts.created <= as_of:
        return None
    return Problem(
        "as_of",
        f"the point was made at {facts.created:%Y-%m-%d %H:%M:%S} UTC, after {moment_text(as_of)}",
        "take an older point: aws.recovery_points(resource=...).latest(as_of=...)",
    )


def moment_key(form: RestoreForm, facts: PointFacts, as_of: datetime | None) -> tuple[str, str] | None:
    """The key and value that restore a continuous point to a moment, or to its latest; None where nothing does."""
    if not facts.continuous:
        return None
    if as_of is None:
        return form.latest
    return (form.moment.name, moment_text(as_of)) if form.moment is not None else None


def _moment(form: RestoreForm, facts: PointFacts, as_of: datetime | None, given: Mapping[str, str]) -> dict[str, str]:
    found = moment_key(form, facts, as_of)
    if found is None:
        return {}
    names = {name.casefold() for name in given}
    if as_of is None and form.moment is not None and form.moment.name.casefold() in names:
        # extra_metadata says the moment itself.
        return {}
    return {found[0]: found[1]}


def _other_moment(
    form: RestoreForm, facts: PointFacts, as_of: datetime | None, given: Mapping[str, str]
) -> list[Problem]:
    """What is wrong where ``extra_metadata`` says another moment than ``as_of``."""
    if as_of is None or form.moment is None or not facts.continuous:
        return []
    latest = form.latest or ("", "")
    wrong = [
        name
        for name, text in given.items()
        if (name.casefold() == form.moment.name.casefold() and moment_in(text) != moment_in(moment_text(as_of)))
        or (name.casefold() == latest[0].casefold() and same(text, latest[1]))
    ]
    return [Problem("as_of", f"{name} of extra_metadata says another moment", "give one of the two") for name in wrong]


def _without_effect(form: RestoreForm, facts: PointFacts, given: Mapping[str, str]) -> Iterator[Problem]:
    """What is asked for in vain."""
    held = folded(facts.held)
    for name, text in given.items():
        key = form.find(name)
        if key is None:
            continue
        if key.fixed and held.get(name.casefold(), text) not in {text, None}:
            yield warning(name, "the restore takes the point's own, whatever is sent", "leave it out")
        elif key.send is Send.STRIP and not key.fails:
            yield warning(name, "it has no effect on a restore", "leave it out")


def _moment_gaps(form: RestoreForm, facts: PointFacts, as_of: datetime | None) -> Iterator[Problem]:
    if not form.suits(facts):
        yield Problem("", f"the point cannot become {form.name}", "use point.restore_request() for what it can become")
    if (newer := too_new(facts, as_of)) is not None:
        yield newer
    if facts.continuous and as_of is not None and facts.latest is not None and _is_recent(as_of, facts.latest, form):
        minutes = form.lag // timedelta(minutes=1)
        what = f"changes of the last {minutes} minutes may still be on their way to the point"
        yield warning("as_of", what, "ask for an earlier moment, or wait")
    if facts.continuous and as_of is not None and form.moment is None:
        yield Problem(
            "as_of", f"{form.name} takes no as_of=", "leave it out, and give the service's own key in extra_metadata="
        )


def _is_recent(moment: datetime, latest: datetime, form: RestoreForm) -> bool:
    """Whether what happened up to the moment may not have come to the point yet."""
    return latest - form.lag < moment <= latest


def _of_point(
    request: Request, form: RestoreForm, facts: PointFacts, given: Mapping[str, str]
) -> tuple[dict[str, Sent], list[Dropped]]:
    names = {name.casefold() for name in given}
    kept: dict[str, Sent] = {}
    dropped: list[Dropped] = []
    for name, value in facts.held.items():
        key = form.find(name)
        reason = _reason(key, name, value, names, facts, form)
        if key is None and any(other.find(name) for other in request.KIND.restore_forms):
            reason = f"it does not apply to {form.name}"
        if reason is not None or value is None:
            dropped.append(Dropped(name, reason or "AWS answered null for it"))
            continue
        if key is not None and key.strip_members:
            value, members = _stripped(value, key.strip_members)  # noqa: PLW2901 - the same value without them
            dropped.extend(Dropped(f"{name}.{member}", "it is of the source") for member in members)
        kept[name] = Sent(name, value, Source.POINT, key)
    return kept, dropped


def _reason(
    key: MetadataKey | None, name: str, value: str | None, given: set[str], facts: PointFacts, form: RestoreForm
) -> str | None:
    """Why what the point holds is not sent; None where it is."""
    if value is None:
        return "AWS answered null for it"
    if name.casefold() in given:
        return "the request says otherwise"
    return _unfit(key, given, facts, form) if key is not None else None


def _unfit(key: MetadataKey, given: set[str], facts: PointFacts, form: RestoreForm) -> str | None:
    """Why the point's own value of a key does not hold for the new resource; None where it does."""
    if key.send is Send.STRIP:
        return "a job that is sent it fails" if key.fails else "it has no effect on a restore"
    if key.send is Send.REPLACE:
        return f"it is of the source; {form.name} takes its own"
    if copied := key.strip_for & facts.traits:
        return f"it does not hold for {', '.join(sorted(copied))}"
    if yielded := [other for other in key.yields_to if other.casefold() in given]:
        return f"the request gives {', '.join(yielded)}"
    return None


def _stripped(value: str, members: tuple[str, ...]) -> tuple[str, list[str]]:
    """A JSON object without some members, and without nulls."""
    try:
        found: object = json.loads(value)
    except (ValueError, RecursionError):
        return value, []
    if not isinstance(found, dict):
        return value, []
    gone = [member for member in members if found.get(member) is not None]
    left = {name: each for name, each in found.items() if name not in members and each is not None}
    return json.dumps(left), gone


def _defaults(form: RestoreForm, sent: Mapping[str, Sent]) -> Iterator[tuple[str, str]]:
    names = {name.casefold(): entry.value for name, entry in sent.items()}
    for key in form.keys:
        if key.default is None or key.name.casefold() in names:
            continue
        if key.default_with and not any(other.casefold() in names for other in key.default_with):
            continue
        yield key.name, str(uuid4()) if key.default == NEW_TOKEN else key.default


def _exclude(sent: dict[str, Sent], dropped: list[Dropped]) -> None:
    """Take out what the point holds and what does not go with the rest."""
    values = {name.casefold(): entry.value for name, entry in sent.items()}
    for name, entry in list(sent.items()):
        if entry.known is None or entry.source is not Source.POINT:
            continue
        if (reason := _misfit(entry.known, values)) is not None:
            del sent[name]
            dropped.append(Dropped(name, reason))


def _misfit(key: MetadataKey, values: Mapping[str, str]) -> str | None:
    """Why a value of the point does not go with what else is sent; None where it does."""
    for other, value in key.excluded_by.items():
        text = values.get(other.casefold(), "")
        if text not in {"", "[]", "{}"} and (value == ANY or same(text, value)):
            return f"it does not go with {other}"
    for other, pattern in key.fits_with.items():
        text = values.get(other.casefold(), "")
        if text and not pattern.admits(text):
            return f"it goes only with {pattern.thing} as {other}"
    return None


def _in_order(form: RestoreForm, sent: Mapping[str, Sent]) -> list[Sent]:
    order = {key.name.casefold(): place for place, key in enumerate(form.keys)}
    return sorted(sent.values(), key=lambda entry: order.get(entry.key.casefold(), len(order)))


def _addressed(request: Request, facts: PointFacts, found: list[Problem]) -> Iterator[Problem]:
    """Problems by the request's fields; what extra_metadata says is the caller's own business, and only a doubt."""
    extra = {name.casefold() for name in request.extra_metadata}
    moment = request.form(facts).moment
    for problem in found:
        if moment is not None and problem.address == moment.name and problem.address.casefold() not in extra:
            yield attrs.evolve(problem, address="restore/as_of", hint=_moment_hint(facts))
        elif problem.address.casefold() in extra:
            yield attrs.evolve(problem, address=f"restore/extra_metadata/{problem.address}", severity=Severity.WARNING)
        else:
            yield (
                problem.below("restore")
                if not problem.address
                else attrs.evolve(problem, address=f"restore/{request.field_of(problem.address)}")
            )


def _moment_hint(facts: PointFacts) -> str:
    held = "that the point holds"
    if facts.earliest is not None and facts.latest is not None:
        held = f"from {facts.earliest:%Y-%m-%d %H:%M:%S} to {facts.latest:%Y-%m-%d %H:%M:%S} UTC"
    return f"give as_of= a moment {held}, or take another point"


def _without(metadata: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    names = {name.casefold() for name in others}
    return {name: value for name, value in metadata.items() if name.casefold() not in names}
