"""What became of many points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal, TypeAlias

import attrs
import msgspec

from backupkit.display import Block, Facts, Notes, Rows, size
from backupkit.errors import InvalidValueError
from backupkit.recover.point_work_tables import POINT_OUTCOMES
from backupkit.recover.saved_work import SavedWork, loaded, twice
from backupkit.serialization import Serializable
from backupkit.tables import RecordForm, Table

__all__ = ["OutcomeState", "PointOutcome", "PointReport", "PointsInterrupted"]

OutcomeState: TypeAlias = Literal["done", "started", "refused", "failed", "not_started"]


class PointOutcome(
    Serializable, msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What became of one point. Sizes are bytes."""

    recovery_point_arn: str
    vault: str
    resource_arn: str = ""
    resource_type: str = ""
    size_bytes: int | None = None
    state: OutcomeState
    reason: str = ""
    """A stable word for why it is so, where it is not done."""
    message: str = ""
    """The same as a sentence: AWS's own where AWS said one."""
    job_id: str = ""
    """The copy job that was started."""


class _Saved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["backupkit.PointReport/1"] = "backupkit.PointReport/1"
    changes_id: str
    verb: str
    region_name: str
    account_id: str = ""
    stopped: str
    outcomes: tuple[PointOutcome, ...]


_WITHOUT = "apply without resume=, which looks at every point again"


@attrs.frozen(kw_only=True, repr=False)
class PointReport(SavedWork, Table[PointOutcome]):
    """What became of the points of one preview; holds every point exactly once. Iterating gives the outcomes.

    Args:
        changes_id: Which preview it is of.
        verb: ``delete``, ``lifecycle``, ``tags`` or ``copy``.
        region_name: Where.
        outcomes: One for each point, in the order of the preview.
        stopped: Why the run ended early; empty where it did not.
        account_id: The account, 12 digits; empty where nothing that was seen tells it.
    """

    changes_id: str
    verb: str
    region_name: str
    outcomes: tuple[PointOutcome, ...]
    stopped: str = ""
    account_id: str = ""

    def __iter__(self) -> Iterator[PointOutcome]:
        return iter(self.outcomes)

    def __len__(self) -> int:
        return len(self.outcomes)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<PointReport {self.summary}>"

    def _form(self) -> RecordForm:
        return POINT_OUTCOMES

    @property
    def done(self) -> tuple[PointOutcome, ...]:
        """Confirmed: the point is gone, the copy is there, the change was answered."""
        return self._in("done")

    @property
    def started(self) -> tuple[PointOutcome, ...]:
        """AWS took it, and it was not over when the run ended."""
        return self._in("started")

    @property
    def refused(self) -> tuple[PointOutcome, ...]:
        """Left as they are, as the preview says."""
        return self._in("refused")

    @property
    def failed(self) -> tuple[PointOutcome, ...]:
        """Tried, and AWS refused or could not."""
        return self._in("failed")

    @property
    def not_started(self) -> tuple[PointOutcome, ...]:
        """Not tried: apply the same changes with ``resume=`` this report."""
        return self._in("not_started")

    def _in(self, state: str) -> tuple[PointOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.state == state)

    @property
    def complete(self) -> bool:
        """Whether nothing is left to try: no point failed, is under way or was not started."""
        return not self.stopped and all(outcome.state in {"done", "refused"} for outcome in self.outcomes)

    @property
    def summary(self) -> str:
        """How many are how, in one line."""
        counts = Counter(outcome.state for outcome in self.outcomes)
        states: tuple[OutcomeState, ...] = ("done", "started", "refused", "failed", "not_started")
        counted = ", ".join(f"{counts[state]:,} {state.replace('_', ' ')}" for state in states)
        return f"{self.verb}: {counted}" + (f"; stopped: {self.stopped}" if self.stopped else "")

    def _saved(self) -> _Saved:
        return _Saved(
            changes_id=self.changes_id,
            verb=self.verb,
            region_name=self.region_name,
            account_id=self.account_id,
            stopped=self.stopped,
            outcomes=self.outcomes,
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> PointReport:
        """Load what `to_json` wrote.

        Raises:
            InvalidValueError: It is not such a text.
        """
        saved = loaded(text, _Saved, "report", cls.__name__, f"give all that it wrote, or {_WITHOUT}")
        doubled = twice((outcome.recovery_point_arn for outcome in saved.outcomes), "report", _WITHOUT)
        if doubled:
            raise InvalidValueError(doubled)
        return cls(
            changes_id=saved.changes_id,
            verb=saved.verb,
            region_name=saved.region_name,
            account_id=saved.account_id,
            outcomes=saved.outcomes,
            stopped=saved.stopped,
        )

    def _blocks(self) -> Iterator[Block]:
        freed = sum(outcome.size_bytes or 0 for outcome in self.done)
        yield Facts(self.summary, (("bytes of what is done", size(freed)),))
        open_ones = [*self.failed, *self.started, *self.not_started]
        reasons = Counter(outcome.reason for outcome in (*self.refused, *self.failed) if outcome.reason)
        yield Notes("Why", [f"{word}: {count:,}" for word, count in reasons.most_common()])
        if open_ones:
            yield Rows.first(
                ("state", "reason", "point", "message"),
                open_ones,
                lambda each: (each.state, each.reason, each.recovery_point_arn, each.message),
                mark=lambda each: "bad" if each.state == "failed" else "doubtful",
            )


class PointsInterrupted(KeyboardInterrupt):
    """Ctrl-C while points were changed: calls under way were ended, and nothing is lost.

    Args:
        report: What became of each point until then; give it to ``apply(resume=...)``.
    """

    def __init__(self, report: PointReport) -> None:
        self.report = report
        super().__init__(report)

    def __str__(self) -> str:
        return f"interrupted; {self.report.summary}"
