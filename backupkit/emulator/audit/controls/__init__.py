"""The controls of Audit Manager, by name; a new one is one entry in the file of its kind."""

from __future__ import annotations

from backupkit.emulator.audit.controls import coverage, plans, points, recency, restores, vaults
from backupkit.emulator.audit.controls.control import Control, Terms

__all__ = ["CONTROLS", "Control", "Terms"]

CONTROLS: dict[str, Control] = {
    control.name: control for room in (coverage, plans, points, recency, restores, vaults) for control in room.CONTROLS
}
