"""Where the caller gets news: of one account in one Region, kept, heard, or delivered to the services of a session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from backupkit.checks import listed, text_of
from backupkit.emulator.events.publisher import Publisher, closed, opened, publisher_of
from backupkit.emulator.events.subscribers import Failure, Forwarder
from backupkit.emulator.kernel.event_records import METRIC_DIMENSIONS, EmittedEvent, Listener, Notification, Notified
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.errors import ConfigurationError, InvalidValueError
from backupkit.problems import Problem, located, quote, typed

if TYPE_CHECKING:
    import boto3

    from backupkit.emulator.kernel.resource_protocol import World

__all__ = ["EventLog"]


_LONGEST_SOURCE, _LONGEST_NAMESPACE = 256, 255
"""Characters: of the source of events (EventBridge API, partner events), of a namespace (CloudWatch API, Namespace)."""
_DIMENSIONS = ("BackupVaultName", "ResourceType")
_METRICS_BY = "deliver_to/metrics_by"


@runtime_checkable
class _OfSession(Protocol):
    @property
    def session(self) -> boto3.Session: ...


class EventLog:
    """What the local AWS Backup tells the outside, as seen from one account in one Region.

    Nothing is told until `listen` or `deliver_to` is called: with nobody to hear, a backup costs no more for it.
    """

    def __init__(self, simulation: Simulation, account_id: str, region_name: str) -> None:
        self._simulation = simulation
        self._account_id = account_id
        self._region_name = region_name

    @property
    def listening(self) -> bool:
        """Whether anything is told."""
        return self._simulation.publisher is not None

    def listen(self, events: Listener | None = None, *, notifications: Notified | None = None) -> None:
        """Keep from now on what is told, and let functions hear of it.

        They hear of this account in this Region, in the order of the events, once each change is whole; so they may
        call the service. What they raise is counted and logged, and does not reach the clock. They are in no snapshot.

        Args:
            events: Called with every event.
            notifications: Called with every notification of a vault.

        Raises:
            InvalidValueError: One of them cannot be called.
        """
        for name, heard in (("events", events), ("notifications", notifications)):
            if heard is not None and not callable(heard):
                what = f"{quote(heard)} is not a function"
                raise InvalidValueError(Problem(f"listen/{name}", what, "give one that takes one argument"))
        with self._simulation.lock:
            publisher = opened(self._simulation)
            if events is not None or notifications is not None:
                publisher.subscribers.add_callbacks(self._account_id, self._region_name, events, notifications)

    def deliver_to(
        self,
        session: boto3.Session | None = None,
        *,
        source: str = "aws.backup",
        namespace: str = "AWS/Backup",
        metrics_by: Iterable[tuple[str, ...]] | None = None,
    ) -> Forwarder:
        """Deliver from now on what this account tells in any Region to the services behind a session.

        Notifications are published to the topics of the vaults, events put on the default bus, metrics put into
        CloudWatch. What fails is counted and logged, and does not reach the clock. The session is in no snapshot.

        Args:
            session: Where to; None is the session of the world's own resources.
            source: The source of the events. AWS itself takes none that begins with ``aws.``; emulators do.
            namespace: The namespace of the metrics. AWS itself takes none that begins with ``AWS/``; emulators do.
            metrics_by: Under which sets of the dimensions ``BackupVaultName`` and ``ResourceType`` metrics are told;
                None is as AWS tells them: by vault, by vault and type, and by type.

        Returns:
            The forwarder, which tells how much it has delivered.

        Raises:
            ConfigurationError: No session was given, and the world has none.
            InvalidValueError: The session is not one, ``source`` or ``namespace`` is a name that no service takes, or
                ``metrics_by`` names other dimensions.
        """
        _must_be_session(session)
        source, namespace = (
            _named("source", source, _LONGEST_SOURCE),
            _named("namespace", namespace, _LONGEST_NAMESPACE),
        )
        by = _sets(metrics_by) if metrics_by is not None else METRIC_DIMENSIONS
        with self._simulation.lock:
            found = session if session is not None else _session_of(self._simulation.world)
            publisher, choices = opened(self._simulation), self._simulation.choices
            bare = ((),) if metrics_by is None and choices.metrics_without_dimensions else ()
            forwarder = Forwarder(
                found, self._account_id, source, namespace, publisher.subscribers.lost, by=(*by, *bare)
            )
            publisher.subscribers.add_forwarder(forwarder)
            return forwarder

    def silence(self) -> None:
        """Tell nothing to anybody in this simulation any more; what was kept is gone."""
        with self._simulation.lock:
            closed(self._simulation)

    @property
    def failed(self) -> int:
        """How much somebody did not get, in the whole simulation and in all; none where nobody listens."""
        publisher = publisher_of(self._simulation)
        return publisher.subscribers.failed if publisher is not None else 0

    def events(self) -> list[EmittedEvent]:
        """The latest events here, the oldest first; 10,000 of the whole simulation are kept.

        Raises:
            ConfigurationError: Nothing was told, because nobody listens.
        """
        with self._simulation.lock:
            return [event for event in self._publisher().log.events if self._here(event)]

    def notifications(self) -> list[Notification]:
        """The latest notifications of vaults here, the oldest first; 10,000 of the whole simulation are kept.

        Raises:
            ConfigurationError: Nothing was told, because nobody listens.
        """
        with self._simulation.lock:
            return [record for record in self._publisher().log.notifications if self._here(record)]

    def failures(self) -> list[Failure]:
        """The latest that somebody did not get, in the whole simulation, the oldest first; 1,000 are kept.

        Raises:
            ConfigurationError: Nothing was told, because nobody listens.
        """
        with self._simulation.lock:
            return list(self._publisher().subscribers.failures)

    def _publisher(self) -> Publisher:
        publisher = publisher_of(self._simulation)
        if publisher is None:
            raise ConfigurationError("nobody listens, so nothing was told: call events.listen() first")
        return publisher

    def _here(self, record: EmittedEvent | Notification) -> bool:
        return (record.account_id, record.region_name) == (self._account_id, self._region_name)


def _refused(argument: str, what: str, hint: str) -> InvalidValueError:
    return InvalidValueError(Problem(f"deliver_to/{argument}", what, hint))


def _must_be_session(session: object) -> None:
    if session is not None and not callable(getattr(session, "client", None)):
        raise _refused("session", f"{typed(session)} is not a boto3 session", "give boto3.Session(...)")


def _named(argument: str, name: str, longest: int) -> str:
    problems = tuple(located(f"deliver_to/{argument}", text_of(longest)(name)))
    if problems:
        raise InvalidValueError(problems)
    if name.startswith(":"):
        raise _refused(argument, f"{quote(name)} begins with a colon", "take that out")
    return str.__str__(name)


def _sets(metrics_by: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """The sets of dimensions to tell metrics under; of one that came twice, sums would count all things twice."""
    hint = f"give some of {', '.join(map(str, METRIC_DIMENSIONS))}"
    sets = tuple(listed(each, _METRICS_BY) for each in listed(metrics_by, _METRICS_BY))
    for names in sets:
        if any(name not in _DIMENSIONS or names.count(name) > 1 for name in names):
            what = f"({', '.join(map(quote, names))}) is not a set of {' and '.join(_DIMENSIONS)}"
            raise _refused("metrics_by", what, hint)
    if len({frozenset(names) for names in sets}) < len(sets):
        raise _refused("metrics_by", "one set of dimensions is given twice", hint)
    return sets


def _session_of(world: World) -> boto3.Session:
    others: Iterable[object] = getattr(world, "others", ())
    found = next((one.session for one in (world, *others) if isinstance(one, _OfSession)), None)
    if found is None:
        raise ConfigurationError("there is no session to deliver to: give one, or a SessionWorld as the world")
    return found
