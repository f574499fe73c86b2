"""boto3 as a transport: it signs, sends and knows the endpoints; backupkit reads the answers.

Importing this room imports boto3.
"""

from __future__ import annotations

from backupkit.boto.session import Boto3Transport
from backupkit.transport.system_clock import SystemClock

__all__ = ["Boto3Transport", "SystemClock"]
