"""What would happen to many points: a value that can be looked at, saved, and applied, also in another process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import attrs

from backupkit.checks import must_be_bools, whole
from backupkit.display import Block, Facts, Notes, Rows, moment, size
from backupkit.errors import ConfigurationError, ConsentError, InvalidValueError
from backupkit.neighbours.identity import must_be_of, other_place
from backupkit.problems import Problem, counted, located, typed
from backupkit.recover.caller import Caller, caller_at
from backupkit.recover.point_change import PointChange, PointTask
from backupkit.recover.point_report import PointReport
from backupkit.recover.point_work_tables import point_changes_form
from backupkit.recover.saved_changes import SavedChanges, account_of_points, read_changes
from backupkit.recover.saved_work import SavedWork
from backupkit.tables import RecordForm, Table
from backupkit.transport.connected import Connected

__all__ = ["PointChanges"]

_MOST_WORKERS = 100

_TITLES = {"delete": "delete", "lifecycle": "change the lifecycle of", "tags": "tag", "copy": "copy"}


@attrs.frozen(kw_only=True, repr=False)
class PointChanges(SavedWork, Table[PointChange]):
    """What a preview of many points found. True where anything is to do; iterating gives the points that it is done to.

    As a table it has every point, with the ``refusal`` of those to which nothing is done. Its JSON holds the values of
    tags that are to be set.

    Args:
        id: Tells this preview from others; a report belongs to one.
        region_name: Where.
        account_id: The account, 12 digits; empty where nothing that was seen tells it.
        question: Which points were asked for.
        previewed_at: When they were looked at.
        task: What is to be done.
        records: Every point once, those to which nothing is done included.
        notes: What could not be read, and what was made of that.
    """

    id: str
    region_name: str
    question: str
    previewed_at: datetime
    task: PointTask
    records: tuple[PointChange, ...]
    notes: tuple[str, ...] = ()
    account_id: str = ""
    _caller: Caller | None = attrs.field(default=None, eq=False, alias="caller")

    def __bool__(self) -> bool:
        return any(True for _ in self)

    def __iter__(self) -> Iterator[PointChange]:
        return (change for change in self.records if not change.refusal)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def refused(self) -> tuple[PointChange, ...]:
        """The points to which nothing is done, each with its reason."""
        return tuple(change for change in self.records if change.refusal)

    @property
    def size_bytes(self) -> int:
        """Bytes of the points to which something is done, as AWS Backup tells them: it tells 0 for some types."""
        return sum(change.size_bytes or 0 for change in self)

    @property
    def deletes(self) -> tuple[PointChange, ...]:
        """The points that go, or go sooner: these need the caller's word."""
        if self.task.verb == "delete":
            return tuple(self)
        return tuple(change for change in self if change.lifecycle is not None and change.lifecycle.sooner)

    def apply(
        self,
        *,
        allow_delete: bool = False,
        wait: bool = True,
        resume: PointReport | None = None,
        progress: bool = False,
        workers: int = 8,
        timeout: float | None = None,
    ) -> PointReport:
        """Do it, to no other points than these, and report of each point what became of it.

        Every point is looked at again before. Applying again, also after the program was killed, does nothing twice.

        Args:
            allow_delete: Allow points to be deleted, or deleted sooner.
            wait: Whether to wait until points are really gone and copies are done.
            resume: The report of an earlier run: what was done there is kept, the rest is tried.
            progress: Whether to draw a bar.
            workers: How many calls are under way at once, 1 to 100.
            timeout: Seconds to wait at most; what is not over then is in the report's ``started``.

        Raises:
            ConsentError: One of these was needed and not given; nothing was changed.
            InvalidValueError: The report is of another preview, Region or account, or an argument is of the wrong kind.
            ConfigurationError: The changes were loaded without a connection.
            PointsInterrupted: Ctrl-C; a KeyboardInterrupt with the report in ``report``. Calls under way were ended.
        """
        from backupkit.recover.point_apply import run  # noqa: PLC0415 - it applies these values

        must_be_bools("apply", allow_delete=allow_delete, wait=wait, progress=progress)
        if wrong := tuple(located("apply/workers", whole(1, _MOST_WORKERS, "workers")(workers))):
            raise InvalidValueError(wrong)
        caller = self._caller
        if caller is None:
            hint = "load them with bk.PointChanges.from_json(text, aws)"
            raise ConfigurationError(f"these changes have no connection: {hint}")
        if resume is not None:
            self._must_be_of_these(resume, caller)
        if self.deletes and not allow_delete:
            what = "delete" if self.task.verb == "delete" else "bring nearer the deletion of"
            raise ConsentError(
                f"nothing was changed: these changes {what} {counted(len(self.deletes), 'point')}, for example "
                f"{self.deletes[0].recovery_point_arn}; to agree, say apply(allow_delete=True)"
            )
        return run(self, caller, wait=wait, resume=resume, progress=progress, workers=workers, timeout=timeout)

    def _must_be_of_these(self, report: PointReport, caller: Caller) -> None:
        """Refuse the report of anything else; AWS is asked only where these changes do not know their account."""
        if not isinstance(report, PointReport):
            what = f"{typed(report)} is not the report of an earlier run"
            raise InvalidValueError(Problem("apply/resume", what, "give the PointReport that apply() returned"))
        if (report.changes_id, report.verb) != (self.id, self.task.verb):
            what = "the report is of another preview"
            raise InvalidValueError(Problem("resume", what, "apply the changes that it is of, or leave it out"))
        account_id = self.account_id or report.account_id
        if problem := other_place(
            ("resume", "the report is", "it was made in"),
            (report.region_name, report.account_id or account_id),
            (self.region_name, account_id),
        ):
            raise InvalidValueError(problem)
        if not self.account_id:
            must_be_of(caller.transport, caller.neighbours, self.region_name, account_id)

    def _saved(self) -> SavedChanges:
        return SavedChanges(
            id=self.id,
            region_name=self.region_name,
            account_id=self.account_id,
            question=self.question,
            previewed_at=self.previewed_at,
            task=self.task,
            changes=self.records,
            notes=self.notes,
        )

    @classmethod
    def from_json(cls, text: str | bytes, aws: Connected | None = None) -> PointChanges:
        """Load what `to_json` wrote.

        Args:
            text: The JSON. Whoever can change it decides what is done to which points.
            aws: The connection to apply them with; None: they can only be looked at.

        Raises:
            InvalidValueError: It is not such a text, or the connection is to another Region or account.
        """
        caller = None if aws is None else caller_at(aws, "from_json")
        found = read_changes(text)
        if caller is not None:
            account_id = found.account_id or account_of_points(each.recovery_point_arn for each in found.changes)
            must_be_of(caller.transport, caller.neighbours, found.region_name, account_id)
        return cls(
            id=found.id,
            region_name=found.region_name,
            account_id=found.account_id,
            question=found.question,
            previewed_at=found.previewed_at,
            task=found.task,
            records=found.changes,
            notes=found.notes,
            caller=caller,
        )

    def __reduce__(self) -> tuple[object, ...]:
        # A connection stays in its process.
        return PointChanges.from_json, (self.to_json(),)

    def _form(self) -> RecordForm:
        return point_changes_form(self.task.verb)

    def _table_rows(self) -> Iterator[object]:
        return iter(self.records)

    def __repr__(self) -> str:
        return f"<PointChanges {self.title}>"

    @property
    def title(self) -> str:
        """What would happen, in one line."""
        what = f"{_TITLES[self.task.verb]} {counted(len(self), 'point')} ({size(self.size_bytes)})"
        return f"{what}, leave {len(self.refused):,}; asked for: {self.question}"

    def _blocks(self) -> Iterator[Block]:
        yield Facts(self.title, (("task", str(self.task)), ("previewed at", moment(self.previewed_at))))
        yield _by_type(tuple(self))
        refused = Counter(change.refusal for change in self.refused)
        if refused:
            examples = {change.refusal: change.reason for change in self.refused}
            rows = [(word, f"{count:,}", examples[word]) for word, count in refused.most_common()]
            yield Rows(("left", "points", "for example"), rows, right=frozenset({1}))
        if self:
            columns = ("point", "resource", "created", "size", "what")
            yield Rows.first(columns, tuple(self), _row, right=frozenset({3}))
        yield Notes("Notes", self.notes)


def _by_type(changes: tuple[PointChange, ...]) -> Rows:
    counts: Counter[tuple[str, str]] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    for change in changes:
        counts[change.resource_type, change.vault] += 1
        sizes[change.resource_type, change.vault] += change.size_bytes or 0
    rows = [(kind, vault, f"{count:,}", size(sizes[kind, vault])) for (kind, vault), count in sorted(counts.items())]
    return Rows(("type", "vault", "points", "size"), rows, right=frozenset({2, 3}))


def _row(change: PointChange) -> tuple[str, ...]:
    what = str(change.lifecycle) if change.lifecycle is not None else change.status
    sentence = "; ".join((what, *change.notes))
    return change.recovery_point_arn, change.resource_arn, moment(change.created), size(change.size_bytes), sentence
