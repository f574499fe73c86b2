"""The services whose resources AWS Backup protects: is a resource there, what does it look like, delete it."""

from backupkit.neighbours.inventory import Inventory, Resource
from backupkit.neighbours.many import look_all
from backupkit.neighbours.presence import Presence, Sighting
from backupkit.neighbours.protocol import NO_NEIGHBOURS, Neighbours, Session
from backupkit.neighbours.session import SessionNeighbours

__all__ = [
    "NO_NEIGHBOURS",
    "Inventory",
    "Neighbours",
    "Presence",
    "Resource",
    "Session",
    "SessionNeighbours",
    "Sighting",
    "look_all",
]
