"""What would happen to many points: a value that can be looked at, saved, and applied, also in another process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Literal, TypeAlias

import attrs
import msgspec

from backupkit.checks import must_be_bools
from backupkit.display import Block, Facts, Notes, Rows, moment, size
from backupkit.errors import ConfigurationError, ConsentError, InvalidValueError
from backupkit.problems import Problem, counted, typed
from backupkit.recover.caller import Caller, caller_at
from backupkit.recover.lifecycle_change import LifecycleChange
from backupkit.recover.point_report import PointReport
from backupkit.recover.point_work_tables import point_changes_form
from backupkit.recover.saved_work import SavedWork, loaded
from backupkit.serialization import Serializable
from backupkit.tables import RecordForm, Table
from backupkit.transport.connected import Connected

__all__ = ["PointChange", "PointChanges", "PointTask", "Verb"]

Verb: TypeAlias = Literal["delete", "lifecycle", "tags", "copy"]


class PointChange(Serializable, msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What would happen to one point, and why not where it would not.

    Sizes are bytes as AWS Backup tells them, times in UTC.
    """

    recovery_point_arn: str
    vault: str
    resource_arn: str = ""
    resource_type: str = ""
    status: str = ""
    created: datetime | None = None
    size_bytes: int | None = None
    parent: str = ""
    """The composite that it is nested in."""
    with_parent: bool = False
    """Whether it goes with its parent, without its own call."""
    refusal: str = ""
    """Why nothing is done to it, in a stable word such as ``locked`` or ``last_points``; empty: it is done."""
    reason: str = ""
    """The same as a sentence."""
    notes: tuple[str, ...] = ()
    """What else is worth knowing before it is done."""
    lifecycle: LifecycleChange | None = None
    role: str = ""


class PointTask(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked for, alike for all points."""

    verb: Verb
    keep_last: int = 0
    orphans: bool = False
    """Whether only points go whose source is gone, also by then."""
    keep_days: int | None = None
    cold_after_days: int | None = None
    tags: dict[str, str] = {}
    remove_tags: tuple[str, ...] = ()
    vault: str = ""
    role: str = ""

    def __repr__(self) -> str:
        # Values of tags are not shown.
        keys = f", tags={sorted(self.tags)}" if self.tags else ""
        return f"PointTask(verb={self.verb!r}{keys})"

    def __str__(self) -> str:
        match self.verb:
            case "delete":
                return f"delete, keeping the last {self.keep_last} of each resource" if self.keep_last else "delete"
            case "lifecycle":
                return "change the lifecycle"
            case "tags":
                return (
                    f"tag with {', '.join(self.tags) or 'nothing'}, take away {', '.join(self.remove_tags) or 'none'}"
                )
            case "copy":
                return f"copy to {self.vault}"


class _Saved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["backupkit.PointChanges/1"] = "backupkit.PointChanges/1"
    id: str
    region_name: str
    question: str
    previewed_at: datetime
    task: PointTask
    changes: tuple[PointChange, ...]
    notes: tuple[str, ...]


_TITLES = {"delete": "delete", "lifecycle": "change the lifecycle of", "tags": "tag", "copy": "copy"}


@attrs.frozen(kw_only=True, repr=False)
class PointChanges(SavedWork, Table[PointChange]):
    """What a preview of many points found. True where anything is to do; iterating gives the points that it is done to.

    As a table it has every point, with the ``refusal`` of those to which nothing is done. Its JSON holds the values of
    tags that are to be set.

    Args:
        id: Tells this preview from others; a report belongs to one.
        region_name: Where.
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
            workers: How many calls are under way at once.
            timeout: Seconds to wait at most; what is not over then is in the report's ``started``.

        Raises:
            ConsentError: One of these was needed and not given; nothing was changed.
            InvalidValueError: The report is of another preview.
            ConfigurationError: The changes were loaded without a connection.
            PointsInterrupted: Ctrl-C; a KeyboardInterrupt with the report in ``report``. Calls under way were ended.
        """
        from backupkit.recover.point_apply import run  # noqa: PLC0415 - it applies these values

        must_be_bools("apply", allow_delete=allow_delete, wait=wait)
        caller = self._caller
        if caller is None:
            hint = "load them with bk.PointChanges.from_json(text, aws)"
            raise ConfigurationError(f"these changes have no connection: {hint}")
        if resume is not None and not isinstance(resume, PointReport):
            what = f"{typed(resume)} is not the report of an earlier run"
            raise InvalidValueError(Problem("apply/resume", what, "give the PointReport that apply() returned"))
        if resume is not None and resume.changes_id != self.id:
            what = "the report is of another preview"
            raise InvalidValueError(Problem("resume", what, "apply the changes that it is of, or leave it out"))
        if self.deletes and not allow_delete:
            what = "delete" if self.task.verb == "delete" else "bring nearer the deletion of"
            raise ConsentError(
                f"nothing was changed: these changes {what} {counted(len(self.deletes), 'point')}, for example "
                f"{self.deletes[0].recovery_point_arn}; to agree, say apply(allow_delete=True)"
            )
        return run(self, caller, wait=wait, resume=resume, progress=progress, workers=workers, timeout=timeout)

    def _saved(self) -> _Saved:
        return _Saved(
            id=self.id,
            region_name=self.region_name,
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
            text: The JSON.
            aws: The connection to apply them with; None: they can only be looked at.

        Raises:
            InvalidValueError: It is not such a text, or the connection is to another Region.
        """
        caller = None if aws is None else caller_at(aws, "from_json")
        found = loaded(text, _Saved, "changes", cls)
        if caller is not None and caller.transport.region_name != found.region_name:
            what = f"they are of {found.region_name}, the connection is to {caller.transport.region_name}"
            raise InvalidValueError(Problem("changes", what, "connect to the Region that they were previewed in"))
        return cls(
            id=found.id,
            region_name=found.region_name,
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
