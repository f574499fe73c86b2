"""What AWS Backup tells the outside: events, notifications of vaults, and metrics.

- `event_details`: the ``detail`` of each event
- `sns_messages`: what the notifications of vaults say
- `publisher`: where changes of state are told
- `subscribers`: who hears of them, and when; the services behind a session among them
- `log`: where callers get all of it: `LocalService.events`

The records and the metrics are in `backupkit.emulator.kernel.event_records`.
"""

from __future__ import annotations

from backupkit.emulator.kernel.event_records import EmittedEvent, Listener, Notification, Notified

__all__ = ["EmittedEvent", "Listener", "Notification", "Notified"]
