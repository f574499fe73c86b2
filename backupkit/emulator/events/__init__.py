"""What AWS Backup tells the outside: events, notifications of vaults, and metrics.

- records   what is told, and who hears it
- details   the ``detail`` of each event
- notices   what the notifications of vaults say
- desk      where changes of state are told
- hearers   who hears of them, and when
- courier   delivery to the services behind a session
- counts    metrics
- stand     where callers get all of it: `LocalService.news`
"""

from __future__ import annotations

from backupkit.emulator.kernel.event_records import Listener, News, Notification, Notified

__all__ = ["Listener", "News", "Notification", "Notified"]
