"""Who hears of events and notifications, and when: callbacks, and the services behind a session."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import attrs
import msgspec

from backupkit.arn import Arn
from backupkit.emulator.kernel.event_records import (
    METRIC_DIMENSIONS,
    SUBJECT,
    Counts,
    EmittedEvent,
    Listener,
    Notification,
    Notified,
)
from backupkit.emulator.model import Document

if TYPE_CHECKING:
    import boto3

    from backupkit.emulator.kernel.simulation import Simulation

__all__ = ["Failure", "Forwarder", "Lost", "Subscribers", "code_of"]

# ---- Delivery to the services behind a session ----
# Events go ten to a call, as many as EventBridge takes; metrics go in their windows of five minutes, up to a thousand
# points to a call. What cannot be delivered is lost, counted and logged: AWS, too, delivers to its best effort only.


_EVENTS_OF_A_CALL = 10
_METRICS_OF_A_CALL = 1_000
_CONNECT_SECONDS, _READ_SECONDS = 5, 20

_Client: TypeAlias = Any  # boto3 makes its clients at run time


class Lost(Protocol):
    """Told of what could not be delivered: to whom, how many, and the error's code."""

    def __call__(self, where: str, number: int, code: str, /) -> None:
        """Note it."""
        ...


def code_of(error: Exception) -> str:
    """The error as it may be logged: AWS's code, or else its class; its text may tell more than it should."""
    response = getattr(error, "response", None)
    record = response.get("Error") if isinstance(response, Mapping) else None
    code = record.get("Code") if isinstance(record, Mapping) else None
    return str(code) if code else type(error).__name__


@attrs.define(eq=False)
class Forwarder:
    """Delivers what one account's AWS Backup tells, in all Regions.

    Args:
        session: Where to.
        account_id: Whose news.
        source: The source of the events. Only emulators take one that begins with ``aws.``.
        namespace: The namespace of the metrics. Only emulators take one that begins with ``AWS/``.
        lost: Told of what could not be delivered.
        by: Under which sets of dimensions metrics are told.
    """

    session: boto3.Session
    account_id: str
    source: str
    namespace: str
    lost: Lost
    by: tuple[tuple[str, ...], ...] = METRIC_DIMENSIONS
    sent: Counter[str] = attrs.field(factory=Counter, init=False)
    """How much was delivered: ``events``, ``notifications`` and ``metrics`` (data points)."""
    calls: Counter[str] = attrs.field(factory=Counter, init=False)
    """How many calls that took: to ``events``, ``sns`` and ``cloudwatch``."""
    _counts: Counts = attrs.field(init=False)
    _events: dict[str, list[Document]] = attrs.field(factory=dict, init=False)
    _clients: dict[tuple[str, str], _Client] = attrs.field(factory=dict, init=False)
    _down: set[tuple[str, str]] = attrs.field(factory=set, init=False)
    """What could not be reached since the clock last stood still, and is not tried again until it does."""

    def __attrs_post_init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Drop what is not yet delivered; the clock goes back before it."""
        self._counts = Counts(self.by)
        self._events.clear()

    def hear(self, record: EmittedEvent | Notification) -> None:
        """Deliver what the account tells, sooner or later."""
        if record.account_id != self.account_id:
            return
        if isinstance(record, EmittedEvent):
            self._take(record)
        else:
            self._publish(record)

    def _take(self, publisher: EmittedEvent) -> None:
        self._counts.count(publisher)
        waiting = self._events.setdefault(publisher.region_name, [])
        waiting.append(self._entry(publisher))
        if len(waiting) >= _EVENTS_OF_A_CALL:
            self._put_events(publisher.region_name)
        for region_name, data in self._counts.ready(_METRICS_OF_A_CALL):
            self._put_metrics(region_name, data)

    def _publish(self, notification: Notification) -> None:
        topic = Arn.parse(notification.topic_arn)
        answer = self._call(
            "sns",
            topic.region,
            "publish",
            1,
            TopicArn=notification.topic_arn,
            Subject=SUBJECT,
            Message=notification.message,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in notification.attributes.items()
            },
        )
        self.sent["notifications"] += answer is not None

    def settle(self, now: datetime) -> None:
        """Deliver everything that waits, except the metrics of the window that is still open."""
        self._down.clear()
        for region_name in list(self._events):
            self._put_events(region_name)
        self._counts.close(now)
        for region_name, data in self._counts.ready(_METRICS_OF_A_CALL, whole=True):
            self._put_metrics(region_name, data)

    def _entry(self, publisher: EmittedEvent) -> Document:
        return {
            "Time": publisher.moment,
            "Source": self.source,
            "Resources": list(publisher.resources),
            "DetailType": publisher.kind,
            "Detail": msgspec.json.encode(publisher.detail).decode(),
        }

    def _put_events(self, region_name: str) -> None:
        entries = self._events.pop(region_name)
        answer = self._call("events", region_name, "put_events", len(entries), Entries=entries)
        if answer is None:
            return
        codes = [str(entry["ErrorCode"]) for entry in answer.get("Entries", []) if entry.get("ErrorCode")]
        for code, number in Counter(codes).items():
            self.lost("events", number, code)
        self.sent["events"] += len(entries) - len(codes)

    def _put_metrics(self, region_name: str, data: list[Document]) -> None:
        answer = self._call(
            "cloudwatch", region_name, "put_metric_data", len(data), Namespace=self.namespace, MetricData=data
        )
        self.sent["metrics"] += len(data) if answer is not None else 0

    def _call(self, service: str, region_name: str, method: str, number: int, **params: Any) -> Document | None:
        """One call; None where it failed. Whatever it raises, the clock goes on."""
        key = (service, region_name)
        if key in self._down:
            self.lost(service, number, "NotTriedAgain")
            return None
        self.calls[service] += 1
        try:
            answer: Document = getattr(self._client(service, region_name), method)(**params)
        except Exception as error:  # noqa: BLE001 - as said
            if getattr(error, "response", None) is None:
                self._down.add(key)
            self.lost(service, number, code_of(error))
            return None
        return answer

    def _client(self, service: str, region_name: str) -> _Client:
        key = (service, region_name)
        if key not in self._clients:
            self._clients[key] = _made(self.session, service, region_name)
        return self._clients[key]


def _made(session: boto3.Session, service: str, region_name: str) -> _Client:
    from botocore.config import Config  # noqa: PLC0415 - only whoever gives a session needs it

    # Short, because the local clock waits for it.
    config = Config(connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, retries={"total_max_attempts": 2})
    # The service's name is a value here, so no overload of the stubs fits.
    make: _Client = session.client
    return make(service, region_name=region_name, config=config)


# ---- Subscribers ----
# Nobody hears of anything in the middle of its happening, when half of the state is changed and half is not. What is
# told waits until the event that tells it is over, on the agenda, or until the call that tells it is answered.


_FAILURES_KEPT = 1_000
_LOG = logging.getLogger(__name__)


@attrs.frozen
class Failure:
    """Something that somebody did not get."""

    moment: datetime
    """On the service's clock."""
    where: str
    """``sns``, ``events``, ``cloudwatch``, ``listener``, or ``session`` where its answer made no sense."""
    number: int
    """How many messages, events or data points."""
    code: str
    """AWS's error code, or the class of the error."""


@attrs.frozen
class _Callbacks:
    """A function of the caller's, in one place."""

    account_id: str
    region_name: str
    events: Listener | None
    notifications: Notified | None

    def hear(self, record: EmittedEvent | Notification) -> None:
        if (self.account_id, self.region_name) != (record.account_id, record.region_name):
            return
        if isinstance(record, EmittedEvent):
            if self.events is not None:
                self.events(record)
        elif self.notifications is not None:
            self.notifications(record)


@attrs.frozen(eq=False)
class HandOut:
    """On the agenda: what was told is handed out. It is noted right after what tells it."""

    def happen(self, simulation: Simulation) -> None:
        """Hand out what waits."""
        if simulation.publisher is not None:
            simulation.publisher.hand_out()


class Subscribers:
    """All who hear of what one simulation tells."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._callbacks: list[_Callbacks] = []
        self._forwarders: list[Forwarder] = []
        self._waiting: deque[EmittedEvent | Notification] = deque()
        self._handing = False
        self.failures: deque[Failure] = deque(maxlen=_FAILURES_KEPT)
        self.failed = 0

    def __len__(self) -> int:
        return len(self._callbacks) + len(self._forwarders)

    def add_callbacks(
        self, account_id: str, region_name: str, events: Listener | None, notifications: Notified | None
    ) -> None:
        """Let functions hear of one place."""
        self._callbacks.append(_Callbacks(account_id, region_name, events, notifications))

    def add_forwarder(self, forwarder: Forwarder) -> None:
        """Let a forwarder deliver."""
        self._forwarders.append(forwarder)

    def tell(self, record: EmittedEvent | Notification) -> None:
        """Hand something out once what is happening is over."""
        if not len(self):
            return
        if not self._waiting:
            self._simulation.agenda.schedule(self._simulation.clock.now(), HandOut())
        self._waiting.append(record)

    def hand_out(self) -> None:
        """Hand out what waits, also what is told meanwhile."""
        if self._handing:
            return
        self._handing = True
        try:
            while self._waiting:
                self._hand(self._waiting.popleft())
        finally:
            self._handing = False

    def settle(self, now: datetime) -> None:
        """Hand out and deliver everything: the clock stands still again at ``now``, or a call is answered."""
        if self._handing or not len(self):
            return
        self.hand_out()
        for forwarder in self._forwarders:
            with self._held_back("session"):
                forwarder.settle(now)

    def forget(self) -> None:
        """Drop what waits and what is not yet delivered: the clock goes back before it."""
        self._waiting.clear()
        for forwarder in self._forwarders:
            forwarder.forget()

    def lost(self, where: str, number: int, code: str, /) -> None:
        """Count what somebody did not get, and log it."""
        self.failed += number
        self.failures.append(Failure(self._simulation.clock.now(), where, number, code))
        _LOG.warning("%d not delivered to %s: %s", number, where, code)

    def _hand(self, record: EmittedEvent | Notification) -> None:
        for callbacks in tuple(self._callbacks):
            with self._held_back("listener"):
                callbacks.hear(record)
        for forwarder in self._forwarders:
            with self._held_back("session"):
                forwarder.hear(record)

    @contextmanager
    def _held_back(self, where: str) -> Iterator[None]:
        """Whatever is raised, the clock goes on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - as said
            self.lost(where, 1, code_of(error))
            _LOG.debug("%s failed", where, exc_info=True)
