"""Unwraps what AWS wraps events in: EventBridge, SNS, SQS, and each of them in another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from backupkit.errors import InvalidValueError
from backupkit.events.eventbridge import from_eventbridge
from backupkit.events.members import Members, as_mapping, moment
from backupkit.events.records import Event, UnknownEvent
from backupkit.events.sns import from_sns
from backupkit.problems import Problem, quote, typed

__all__ = ["parse", "parse_all"]

_MOST_WRAPPINGS = 5


def parse(event: Mapping[str, object] | str | bytes) -> Event:
    """Return one event of AWS Backup as a typed record; what is not known comes back as an `UnknownEvent`.

    Args:
        event: An event of EventBridge, an SNS message or a record of one, an SQS message or a record of one, as a map
            or as its JSON text.

    Raises:
        InvalidValueError: It is neither a map nor the JSON text of one, or a batch that does not hold just one.

    Example:
        >>> import backupkit as bk
        >>> detail = {"restoreJobId": "1", "status": "FAILED", "statusMessage": "Access denied"}
        >>> event = bk.events.parse({"detail-type": "Restore Job State Change", "detail": detail})
        >>> event.kind, event.state, event.reason
        ('restore', 'FAILED', 'access_denied')
    """
    found = parse_all(event)
    if len(found) != 1:
        what = f"a batch of {len(found)} events is not one event"
        raise InvalidValueError(Problem("events.parse", what, "use bk.events.parse_all"))
    return found[0]


def parse_all(event: Mapping[str, object] | Iterable[Mapping[str, object]] | str | bytes) -> tuple[Event, ...]:
    """Return all events that a Lambda function was called with, in their order.

    Args:
        event: What the function is given: one EventBridge event, or a batch of SNS or SQS records, in which messages
            may be wrapped in each other (EventBridge to SNS to SQS). Also a list of events, as from EventBridge Pipes.

    Raises:
        InvalidValueError: It is neither a map, nor a list of maps, nor the JSON text of one.
    """
    read = _json(event) if isinstance(event, str | bytes) else event
    if isinstance(read, Mapping):
        records = Members(as_mapping(read)).get("Records", "Messages")
        return tuple(map(_one, records)) if isinstance(records, list) else (_one(read),)
    if isinstance(read, list | tuple):
        return tuple(map(_one, read))
    what = f"{typed(event)} is not an event" if read is None else f"{quote(event)} is not an event"
    raise InvalidValueError(Problem("events.parse", what, "give the map that EventBridge, SNS or SQS hand over"))


def _one(record: object) -> Event:
    return _unwrapped(as_mapping(record), _MOST_WRAPPINGS)


def _unwrapped(record: Mapping[str, object], wrappings: int) -> Event:
    members = Members(record)
    if "detail-type" in record:
        return from_eventbridge(record)
    inner = members.get("Sns")
    if isinstance(inner, Mapping):
        return _of_message(inner, record, wrappings)
    if members.text("Message") is not None and members.get("TopicArn", "MessageAttributes") is not None:
        return _of_message(record, record, wrappings)
    body = members.text("Body")
    if body is not None:
        return _of_body(body, record, wrappings)
    return UnknownEvent(kind="unknown", source="unknown", raw=record)


def _of_message(message: Mapping[str, object], raw: Mapping[str, object], wrappings: int) -> Event:
    """The event of an SNS message, which may itself be one of EventBridge."""
    members = Members(message)
    text = members.text("Message") or ""
    wrapped = _json(text)
    if isinstance(wrapped, Mapping) and wrappings:
        return _unwrapped(wrapped, wrappings - 1)
    return from_sns(
        text,
        _attributes(members.get("MessageAttributes")),
        topic_arn=members.text("TopicArn"),
        time=moment(members.text("Timestamp")),
        raw=raw,
    )


def _of_body(body: str, record: Mapping[str, object], wrappings: int) -> Event:
    """The event of an SQS message: an envelope in JSON, or with raw delivery the message itself."""
    wrapped = _json(body)
    if isinstance(wrapped, Mapping) and wrappings:
        return _unwrapped(wrapped, wrappings - 1)
    attributes = _attributes(Members(record).get("messageAttributes"))
    return from_sns(body, attributes, topic_arn=None, time=None, raw=record)


def _attributes(given: object) -> dict[str, str]:
    """Message attributes as texts: SNS has them as ``Value``, SQS as ``stringValue``."""
    found = {name: Members(as_mapping(each)).text("Value", "StringValue") for name, each in as_mapping(given).items()}
    return {name: value for name, value in found.items() if value is not None}


def _json(text: str | bytes) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
