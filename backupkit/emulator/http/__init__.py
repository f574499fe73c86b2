"""The local service over HTTP: any client of AWS Backup can call it, on this machine alone.

- `serving` is the URL of a service as long as a block lasts; `LocalServer` is what serves it.
- `Face` makes an answer of a request without any socket.

``python -m backupkit local`` does it on the command line.
"""

from backupkit.emulator.http.app import App
from backupkit.emulator.http.messages import Answer, Request
from backupkit.emulator.http.server import LocalServer, serving

__all__ = ["Answer", "App", "LocalServer", "Request", "serving"]
