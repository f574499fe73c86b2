"""boto3 as a transport: it signs, sends and knows the endpoints; backupkit reads the answers.

Importing this room imports boto3.
"""

from __future__ import annotations

from backupkit.connect.boto import Boto3Transport
from backupkit.connect.clock import SystemClock

__all__ = ["Boto3Transport", "SystemClock"]
