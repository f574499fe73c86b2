"""Where the caller gets news: of one account in one Region, kept, heard, or delivered to the services of a session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from backupkit.emulator.events.forwarder import Courier
from backupkit.emulator.events.publisher import Desk, opened
from backupkit.emulator.events.subscribers import Failure
from backupkit.emulator.kernel.event_records import Listener, News, Notification, Notified
from backupkit.emulator.kernel.metrics import BY
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.errors import ConfigurationError

if TYPE_CHECKING:
    import boto3

    from backupkit.emulator.kernel.resource_protocol import World

__all__ = ["Newsstand"]


@runtime_checkable
class _OfSession(Protocol):
    @property
    def session(self) -> boto3.Session: ...


class Newsstand:
    """What the local AWS Backup tells the outside, as seen from one account in one Region.

    Nothing is told until `listen` or `deliver_to` is called: with nobody to hear, a backup costs no more for it.
    """

    def __init__(self, cloud: Cloud, account_id: str, region_name: str) -> None:
        self._cloud = cloud
        self._account_id = account_id
        self._region_name = region_name

    @property
    def listening(self) -> bool:
        """Whether anything is told."""
        return self._cloud.news is not None

    def listen(self, events: Listener | None = None, *, notifications: Notified | None = None) -> None:
        """Keep from now on what is told, and let functions hear of it.

        They hear of this account in this Region, in the order of the events, once each change is whole; so they may
        call the service. What they raise is counted and logged, and does not reach the clock. They are in no snapshot.

        Args:
            events: Called with every event.
            notifications: Called with every notification of a vault.
        """
        with self._cloud.lock:
            desk = opened(self._cloud)
            if events is not None or notifications is not None:
                desk.hearers.add_ear(self._account_id, self._region_name, events, notifications)

    def deliver_to(
        self,
        session: boto3.Session | None = None,
        *,
        source: str = "aws.backup",
        namespace: str = "AWS/Backup",
        metrics_by: Iterable[tuple[str, ...]] | None = None,
    ) -> Courier:
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
            The courier, which tells how much it has delivered.

        Raises:
            ConfigurationError: No session was given, and the world has none; or ``metrics_by`` names other dimensions.
        """
        with self._cloud.lock:
            found = session if session is not None else _session_of(self._cloud.world)
            desk, choices = opened(self._cloud), self._cloud.choices
            by = _checked(metrics_by) if metrics_by is not None else BY
            bare = ((),) if metrics_by is None and choices.metrics_without_dimensions else ()
            courier = Courier(found, self._account_id, source, namespace, desk.hearers.lost, by=(*by, *bare))
            desk.hearers.add_courier(courier)
            return courier

    def silence(self) -> None:
        """Tell nothing to anybody in this cloud any more; what was kept is gone."""
        with self._cloud.lock:
            self._cloud.news = None

    @property
    def failed(self) -> int:
        """How much somebody did not get, in the whole cloud and in all; none where nobody listens."""
        desk = self._cloud.news
        return desk.hearers.failed if desk is not None else 0

    def events(self) -> list[News]:
        """The latest events here, the oldest first; 10,000 of the whole cloud are kept.

        Raises:
            ConfigurationError: Nothing was told, because nobody listens.
        """
        with self._cloud.lock:
            return [news for news in self._desk().log.events if self._here(news)]

    def notifications(self) -> list[Notification]:
        """The latest notifications of vaults here, the oldest first; 10,000 of the whole cloud are kept.

        Raises:
            ConfigurationError: Nothing was told, because nobody listens.
        """
        with self._cloud.lock:
            return [told for told in self._desk().log.notifications if self._here(told)]

    def failures(self) -> list[Failure]:
        """The latest that somebody did not get, in the whole cloud, the oldest first; 1,000 are kept.

        Raises:
            ConfigurationError: Nothing was told, because nobody listens.
        """
        with self._cloud.lock:
            return list(self._desk().hearers.failures)

    def _desk(self) -> Desk:
        if self._cloud.news is None:
            raise ConfigurationError("nobody listens, so nothing was told: call news.listen() first")
        return self._cloud.news

    def _here(self, told: News | Notification) -> bool:
        return (told.account_id, told.region_name) == (self._account_id, self._region_name)


def _checked(metrics_by: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    sets = tuple(metrics_by)
    for names in sets:
        if isinstance(names, str) or not set(names) <= {"BackupVaultName", "ResourceType"}:
            raise ConfigurationError(f"metrics_by {names!r} is no set of BackupVaultName and ResourceType")
    return sets


def _session_of(world: World) -> boto3.Session:
    others: Iterable[object] = getattr(world, "others", ())
    found = next((one.session for one in (world, *others) if isinstance(one, _OfSession)), None)
    if found is None:
        raise ConfigurationError("there is no session to deliver to: give one, or a SessionWorld as the world")
    return found
