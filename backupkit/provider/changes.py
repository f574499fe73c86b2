"""What must change in AWS so that it is as a stack declares: data that can be printed, and applied."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING

import attrs

from backupkit.checks import must_be_bools, texts
from backupkit.display import Block, Facts, Notes
from backupkit.errors import ConfigurationError, InvalidValueError
from backupkit.problems import Problem, nearest, quote, typed
from backupkit.progress import bar
from backupkit.provider.applying import Applied, apply_all
from backupkit.provider.change import Action, Call, Change
from backupkit.provider.change_table import CHANGES, field_rows
from backupkit.provider.connected import reader_for
from backupkit.provider.consent import require_consent
from backupkit.provider.printing import as_rich, as_text
from backupkit.provider.saved import FORMAT, NO_CONNECTION, NoTransport, kept_dict, source_dict
from backupkit.provider.source import Source
from backupkit.serialization import Serializable, plain
from backupkit.tables import RecordForm, Table
from backupkit.tables.collection import record_rows
from backupkit.transport.connected import Connected, transport_of
from backupkit.transport.unpicklable import Bound

if TYPE_CHECKING:
    from rich.console import RenderableType

    # Whoever only declares need not wait for what recovers.
    from backupkit.recover.preflight import PreflightCheck

__all__ = ["Changes", "reading_and_writing"]

_SIDE_BY_SIDE = 16
"""How many things are read or changed at once, where the caller gives no executor."""


def reading_and_writing() -> ThreadPoolExecutor:
    """The executor that is used where the caller gives none."""
    return ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="backupkit")


@attrs.frozen(kw_only=True, repr=False)
class Changes(Table[Change], Bound, Serializable):
    """What a preview found. True where anything is to do; iterating gives the changes that are.

    Args:
        stack: The stack's name.
        region_name: Where.
        records: A change for each thing, those that are kept as they are included.
        stack_warnings: What is rarely meant, though AWS takes it, in the stack as a whole.
        notes: What could not be read, and what was made of that.
        account_id: The account, 12 digits; empty where nothing that was seen tells it.
        preflight: What was looked at beside the things themselves; a problem stands with its change as well.
    """

    stack: str
    region_name: str
    records: tuple[Change, ...]
    stack_warnings: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    account_id: str = ""
    preflight: tuple[PreflightCheck, ...] = ()
    source: Source = attrs.field(eq=False, repr=False)

    def __bool__(self) -> bool:
        return any(True for _ in self)

    def __iter__(self) -> Iterator[Change]:
        return (change for change in self.records if not change.idle)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def kept(self) -> tuple[Change, ...]:
        """The things that are as declared."""
        return tuple(change for change in self.records if change.idle)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call that applying makes, in an order that is right; independent ones may be made side by side."""
        return tuple(call for change in self for call in change.calls)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why these changes cannot be applied; nothing where they can."""
        return tuple(problem for change in self for problem in change.problems)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is rarely meant, though AWS takes it: in the stack, and in what these changes do or must wait for."""
        return (*self.stack_warnings, *(warning for change in self.records for warning in change.warnings))

    @property
    def doubts(self) -> tuple[PreflightCheck, ...]:
        """What preflight found worth knowing, or could not look at though this connection can ask; no problems."""
        codes = {"note", "unknown"} if self.source.can_ask_others else {"note"}
        return tuple(check for check in self.preflight if check.verdict in codes)

    def without_deletions(self) -> Changes:
        """Return the changes that take no protection away: none that destroys something, and none that needs one.

        A change is left out whole: of a plan that gains a rule and loses another, neither is done.
        """
        return self._left({change.address for change in self if change.destroys})

    def without(self, *addresses: str) -> Changes:
        """Return the changes but for those at these addresses, and for those that need one of them.

        Raises:
            InvalidValueError: No change has such an address.
        """
        known = [change.address for change in self]
        wrong = [each for each in addresses if each not in known]
        if wrong:
            raise InvalidValueError(
                [Problem("without", f"no change is at {quote(each)}", nearest(each, known)) for each in wrong]
            )
        return self._left(set(addresses))

    def _left(self, dropped: set[str]) -> Changes:
        left: list[Change] = []
        for change in self.records:
            if change.address in dropped or dropped.intersection(change.needs):
                dropped.add(change.address)
            else:
                left.append(change)
        checks = (check for check in self.preflight if not _above(check.address, dropped))
        return attrs.evolve(self, records=tuple(left), preflight=tuple(checks))

    def apply(
        self,
        *,
        allow_delete: bool = False,
        allow_irreversible: bool = False,
        discard_unknown: bool = False,
        allow_drain: str | Iterable[str] = (),
        progress: bool = False,
        executor: Executor | None = None,
    ) -> Applied:
        """Make the changes. Each is first looked at again, so that nothing is done that was not previewed.

        Args:
            allow_delete: Allow things to be deleted or taken away.
            allow_irreversible: Allow locks to become permanent.
            discard_unknown: Allow what backupkit does not know to be dropped from plans and selections.
            allow_drain: The names of vaults whose recovery points may be deleted before them.
            progress: Show a bar, in terminals and notebooks.
            executor: Runs independent changes side by side. None: 16 threads.

        Raises:
            ConfigurationError: They were loaded without a connection.
            InvalidValueError: Some changes cannot be made; nothing was called.
            ConsentError: One of these was needed and not given; nothing was called.
            StaleChangesError: The world moved since the preview; preview again.
            ApplyError: A change failed. What was done stays; apply again, or preview and apply again, to go on.
            ApplyInterrupted: Ctrl-C; a KeyboardInterrupt with what was made. Calls under way were ended.
        """
        if isinstance(self.source.reader.transport, NoTransport):
            raise ConfigurationError(NO_CONNECTION)
        must_be_bools(
            "apply",
            allow_delete=allow_delete,
            allow_irreversible=allow_irreversible,
            discard_unknown=discard_unknown,
            progress=progress,
        )
        if executor is not None and not callable(getattr(executor, "submit", None)):
            what = f"{typed(executor)} is not an executor"
            raise InvalidValueError(
                Problem("apply/executor", what, "give a concurrent.futures.Executor, or None for 16 threads")
            )
        todo = tuple(self)
        require_consent(
            todo,
            allow_delete=allow_delete,
            allow_irreversible=allow_irreversible,
            discard_unknown=discard_unknown,
            allow_drain=texts(allow_drain, "apply/allow_drain"),
        )
        with bar(f"Applying {self.stack}", total=len(todo), visible=progress and bool(todo)) as report:
            if executor is not None:
                return apply_all(self.source, todo, executor, report)
            with reading_and_writing() as threads:
                return apply_all(self.source, todo, threads, report)

    def to_json(self) -> str:
        """Return everything as JSON text, for `from_json`. It holds what is declared, values of tags included."""
        return json.dumps(self.to_dict(json=True), indent=2)

    def to_markdown(self) -> str:
        """Return the changes for a pull request: a table, and every field folded away; at most 60,000 characters."""
        from backupkit.provider.markdown import as_markdown  # noqa: PLC0415 - only pull requests need it

        return as_markdown(self)

    def to_dict(self, *, json: bool = False) -> dict[str, object]:
        """Return everything as plain values, moments as aware datetimes, or as ISO text where ``json`` is true."""
        return {
            "format": FORMAT,
            "stack": self.stack,
            "region_name": self.region_name,
            "account_id": self.account_id,
            "previewed_at": plain(self.source.owner.now, json=json),
            "changes": [change.to_dict(json=json) for change in self],
            "kept": [kept_dict(change, json=json) for change in self.kept],
            "warnings": plain(self.stack_warnings, json=json),
            "notes": list(self.notes),
            "declared": source_dict(self.source),
            "preflight": [check.to_dict(json=json) for check in self.preflight],
        }

    @classmethod
    def from_json(cls, text: str | bytes, aws: Connected | None = None) -> Changes:
        """Load what `to_json` wrote. Applying looks at each thing again, as it does in the process of the preview.

        Args:
            text: The JSON. Whoever can change it decides what is called: keep it as you keep the declaration.
            aws: The connection to apply them with; None: they can only be looked at.

        Raises:
            InvalidValueError: It is not such a text, or the connection is to another Region or account.
        """
        from backupkit.provider.loaded import read_saved  # noqa: PLC0415 - those who preview read nothing back

        if aws is not None:
            transport_of(aws, "from_json")
        saved = read_saved(text)
        return cls(
            stack=saved.owner.stack,
            region_name=saved.region_name,
            records=saved.records,
            stack_warnings=saved.warnings,
            notes=saved.notes,
            preflight=saved.preflight,
            account_id=saved.account_id,
            source=saved.source(reader_for(aws, saved.region_name, saved.account_id)),
        )

    def count(self, action: Action) -> int:
        """How many changes do this."""
        return sum(change.action is action for change in self)

    def _form(self) -> RecordForm:
        return CHANGES

    def __str__(self) -> str:
        return as_text(self)

    def _counts(self) -> str:
        counts = ", ".join(f"{found} to {action}" for action in Action if (found := self.count(action)))
        return counts or "nothing to do"

    def __repr__(self) -> str:
        return f"<Changes of stack {self.stack} in {self.region_name}: {self._counts()}>"

    def _blocks(self) -> tuple[Block, ...]:
        todo = tuple(self)
        title = f"{self.stack} in {self.region_name}: {self._counts()}"
        facts = [("kept as they are", f"{len(self.kept):,}")] if self.kept else []
        warnings = Notes("Warnings", [str(each) for each in self.warnings])
        problems = Notes("Cannot be made", [str(each) for each in self.problems])
        rows = (record_rows(CHANGES, todo), *([fields] if (fields := field_rows(todo)).rows else []))
        found = Notes("Notes", [*map(str, self.doubts), *self.notes])
        return Facts(title, facts), *rows, problems, warnings, found

    def __rich__(self) -> RenderableType:
        return as_rich(self)


def _above(address: str, others: set[str]) -> bool:
    """Whether an address, or one that it is inside of, is among others."""
    steps = address.split("/")
    return any("/".join(steps[:length]) in others for length in range(1, len(steps) + 1))
