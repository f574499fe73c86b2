"""What is true of previewed points by now: a preview may be applied on another day. Nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import TypeAlias

import attrs
import msgspec

from backupkit import observe
from backupkit.neighbours import Presence
from backupkit.recover.caller import Caller
from backupkit.recover.point_change import PointChange, Verb
from backupkit.recover.point_changes import PointChanges
from backupkit.recover.point_lookup import look_up, staying
from backupkit.recover.point_preview import Judge, held_back, keep_composites_whole
from backupkit.recover.point_report import OutcomeState
from backupkit.recover.point_sources import look_at_sources
from backupkit.recover.vault_facts import read_facts

__all__ = ["Found", "look_again", "when_gone"]

Found: TypeAlias = "dict[str, tuple[OutcomeState, str, str]]"
"""What became of points without any call for them, by their ARNs: the state, and why in a word and a sentence."""


def look_again(
    caller: Caller, changes: PointChanges, todo: Collection[PointChange]
) -> tuple[dict[str, observe.RecoveryPoint], Found]:
    """Return the points as they are, as far as the task needs it, and those to which nothing is to be done by now.

    Args:
        caller: Whom to ask.
        changes: The preview.
        todo: What is left of it.
    """
    look = _Look(caller, changes, todo)
    verb = changes.task.verb
    if verb != "tags":
        look.at_points()
    if changes.task.orphans:
        look.at_sources()
    if verb in {"delete", "lifecycle"}:
        look.at_protection()
    if verb == "delete":
        look.at_what_remains()
        look.at_composites()
    return look.current, look.found


def when_gone(verb: Verb) -> tuple[OutcomeState, str, str]:
    """Return what became of a point that is not there any more."""
    if verb == "delete":
        return "done", "gone", "it was gone already"
    return "failed", "gone", "the point is not there any more"


@attrs.define(eq=False)
class _Look:
    caller: Caller
    changes: PointChanges
    todo: Collection[PointChange]
    current: dict[str, observe.RecoveryPoint] = attrs.field(factory=dict)
    found: Found = attrs.field(factory=dict)

    def _left(self) -> list[PointChange]:
        return [change for change in self.todo if change.recovery_point_arn not in self.found]

    def at_points(self) -> None:
        """Look at every point again."""
        wanted: dict[str, list[str]] = defaultdict(list)
        for change in self.todo:
            wanted[change.vault].append(change.recovery_point_arn)
        self.current = look_up(self.caller, wanted)
        for change in self.todo:
            arn = change.recovery_point_arn
            now = self.current.get(arn)
            if now is None:
                self.found[arn] = when_gone(self.changes.task.verb)
            elif self.changes.task.verb != "delete":
                continue
            elif now.status == "DELETING":
                self.found[arn] = "started", "deleting", "it was being deleted already"
            elif (now.parent_recovery_point_arn or "") != change.parent:
                self.found[arn] = "failed", "stale", "it is not nested in what it was nested in: preview again"

    def at_sources(self) -> None:
        """Leave points whose source came back since the preview, or of which that cannot be told, and their nested."""
        above = {change.recovery_point_arn: change.parent for change in self.changes}
        of_source: dict[str, list[observe.RecoveryPoint]] = defaultdict(list)
        for change in self.todo:
            point = self.current.get(change.recovery_point_arn)
            # What is nested goes with its composite, whether its own source is there or not.
            if change.parent not in above and point is not None:
                of_source[change.resource_arn].append(point)
        left: dict[str, str] = {}
        for source, sighting in look_at_sources(self.caller, of_source).items():
            if sighting.presence is Presence.GONE:
                continue
            what = f"{source} is there by now"
            if sighting.reason:
                what = f"nobody can tell whether {source} is gone by now: {sighting.reason}"
            left |= {point.recovery_point_arn or "": what for point in of_source[source]}
        for change in self._left():
            root = change.recovery_point_arn
            while above.get(root, "") in above:
                root = above[root]
            if root in left:
                self.found[change.recovery_point_arn] = "refused", "not_orphaned", left[root]

    def at_protection(self) -> None:
        """Leave points that a lock, a legal hold, an access point or a policy protects by now."""
        left = self._left()
        if not left:
            return
        facts = read_facts(self.caller, {change.vault for change in left})
        judge = Judge(task=self.changes.task, facts=facts, now=self.caller.transport.clock.now(), points={}, copied={})
        for change in left:
            against = next(judge.protected(self.current[change.recovery_point_arn], change), None)
            if against is not None:
                self.found[change.recovery_point_arn] = "refused", *against

    def at_what_remains(self) -> None:
        """Hold back what would by now be the last points of a resource, whatever went since the preview."""
        keep_last, going = self.changes.task.keep_last, self._left()
        if not keep_last or not going:
            return
        stays = staying(self.caller, {change.resource_arn for change in going})
        for arn in held_back(going, stays, keep_last):
            self.found[arn] = "refused", "last_points", "by now one of the last points of its resource"

    def at_composites(self) -> None:
        """Leave whole composites of which a part stays by now."""
        known: dict[str, PointChange] = {}
        for change in self.todo:
            state, word, _ = self.found.get(change.recovery_point_arn, ("not_started", "", ""))
            stays = word if state in {"refused", "failed"} else ""
            known[change.recovery_point_arn] = msgspec.structs.replace(change, refusal=stays)
        keep_composites_whole(known)
        for change in self._left():
            now = known[change.recovery_point_arn]
            if now.refusal:
                self.found[change.recovery_point_arn] = "refused", now.refusal, now.reason
