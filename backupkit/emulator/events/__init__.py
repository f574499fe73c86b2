"""What AWS Backup tells the outside: events, notifications of vaults, and metrics.

- records   what is told, and who hears it
- details   the ``detail`` of each event
- notices   what the notifications of vaults say
- publisher      where changes of state are told
- subscribers   who hears of them, and when
- forwarder   delivery to the services behind a session
- counts    metrics
- stand     where callers get all of it: `LocalService.news`
"""

from __future__ import annotations

from backupkit.emulator.kernel.event_records import EmittedEvent, Listener, Notification, Notified

__all__ = ["EmittedEvent", "Listener", "Notification", "Notified"]
