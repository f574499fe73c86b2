"""What a restore would send, key by key, and what is wrong with it; nothing is started before `apply`."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from datetime import datetime

import attrs
import msgspec

from backupkit import observe
from backupkit.catalog import Request, ResourceType, RestoreRequest, type_named
from backupkit.catalog.merge import Draft, Dropped, Sent, Source, merged, too_new
from backupkit.catalog.metadata_check import check_metadata
from backupkit.catalog.metadata_key import MetadataKey, moment_text
from backupkit.catalog.point_facts import PointFacts
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, Severity, errors_in, located
from backupkit.recover.caller import Caller
from backupkit.recover.restore_job import RestoreJob
from backupkit.transport.bound import Bound
from backupkit.transport.seam import Params

__all__ = ["RestorePreview", "check_type", "draft", "refused", "start"]


@attrs.frozen(kw_only=True)
class RestorePreview(Bound):
    """What a restore would send. Secret values are shown as ``***``; `reveal` has them.

    Args:
        point: The point that is restored.
        resource_type: AWS Backup's type string of what it is restored as.
        role: The ARN of the role that AWS Backup takes on.
        copy_source_tags: Whether the restored resource gets the source's tags.
        as_of: The moment that was asked for.
        sent: Every key that is sent, with where its value comes from.
        dropped: Every key that the point holds and that is not sent, with the reason.
        problems: What is wrong. Errors stop `apply`; warnings are doubts.
    """

    point: observe.RecoveryPoint = attrs.field(repr=False)
    resource_type: str
    role: str | None = None
    copy_source_tags: bool = False
    as_of: datetime | None = None
    sent: tuple[Sent, ...]
    dropped: tuple[Dropped, ...] = ()
    problems: tuple[Problem, ...] = ()
    _start: Callable[[RestorePreview], RestoreJob] = attrs.field(repr=False, eq=False)

    @property
    def metadata(self) -> dict[str, str]:
        """The Metadata of StartRestoreJob, with ``***`` in the place of secret values."""
        return {entry.key: entry.shown for entry in self.sent}

    def reveal(self) -> dict[str, str]:
        """The Metadata exactly as it is sent, secrets included."""
        return {entry.key: entry.value for entry in self.sent}

    def apply(self) -> RestoreJob:
        """Start the job with exactly this metadata.

        Raises:
            InvalidValueError: There are problems that AWS would refuse, or that would fail the job; nothing was sent.
        """
        refused(self.problems)
        return self._start(self)

    def to_dict(self) -> dict[str, object]:
        """The preview as plain values, secrets hidden."""
        return {
            "recovery_point_arn": self.point.recovery_point_arn,
            "resource_type": self.resource_type,
            "role": self.role,
            "copy_source_tags": self.copy_source_tags,
            "as_of": moment_text(self.as_of) if self.as_of is not None else None,
            "metadata": self.metadata,
            "sources": {entry.key: str(entry.source) for entry in self.sent},
            "dropped": {each.key: each.reason for each in self.dropped},
            "problems": [
                {"severity": str(each.severity), "address": each.address, "message": each.message, "hint": each.hint}
                for each in self.problems
            ],
        }

    def to_json(self) -> str:
        """The preview as JSON, secrets hidden."""
        return json.dumps(self.to_dict(), indent=2)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"restore of {self.point.recovery_point_arn} as {self.resource_type}"
        width = max((len(entry.key) for entry in self.sent), default=0)
        for entry in self.sent:
            yield f"  {entry.key:<{width}} = {entry.shown}  ({entry.source})"
        for each in self.dropped:
            yield f"  - {each.key}: {each.reason}"
        for problem in self.problems:
            yield f"  {'!' if problem.severity is Severity.ERROR else '?'} {problem}"

    def _repr_html_(self) -> str:
        sent = "".join(_row(entry.key, entry.shown, str(entry.source)) for entry in self.sent)
        dropped = "".join(_row(each.key, "not sent", each.reason) for each in self.dropped)
        problems = "".join(f"<li>{each.severity}: {html.escape(str(each))}</li>" for each in self.problems)
        title = html.escape(f"Restore of {self.point.recovery_point_arn} as {self.resource_type}")
        head = "<tr><th>Key</th><th>Value</th><th>From</th></tr>"
        return f"<table><caption>{title}</caption>{head}{sent}{dropped}</table><ul>{problems}</ul>"


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


def refused(problems: tuple[Problem, ...]) -> None:
    """Stop where something is wrong for sure.

    Raises:
        InvalidValueError: There is an error among the problems.
    """
    if found := errors_in(problems):
        raise InvalidValueError(found)


def check_type(held: str | None, asked: str) -> None:
    """Stop where a point cannot become what is asked for.

    Raises:
        InvalidValueError: It is of another type, and not one that its type can become.
    """
    kind, wanted = type_named(held), type_named(asked)
    if held is None or held == asked or (kind is not None and wanted is not None and _becomes(kind, wanted)):
        return
    others = f" or {', '.join(sorted(kind.becomes))}" if kind is not None and kind.becomes else ""
    raise InvalidValueError(
        Problem(
            "restore",
            f"the point holds a resource of type {held}, not {asked}",
            f"use a restore request of {held}{others}, or bk.restore.Raw with its metadata",
        )
    )


def _becomes(kind: ResourceType, wanted: ResourceType) -> bool:
    return kind is wanted or wanted.name in kind.becomes


def draft(request: RestoreRequest, facts: PointFacts, as_of: datetime | None) -> Draft:
    """What is sent for a request, and what is wrong with it; raw metadata is sent as it is, and only doubted."""
    if isinstance(request, Request):
        return merged(request, facts, as_of)
    metadata = request.asked(facts)
    kind = type_named(request.resource_type)
    doubts = [
        attrs.evolve(problem.below("restore"), severity=Severity.WARNING)
        for problem in (check_metadata(kind, facts, metadata) if kind is not None else ())
    ]
    sent = tuple(Sent(name, value, Source.REQUEST, _known(kind, name)) for name, value in metadata.items())
    newer = too_new(facts, as_of)
    return Draft(sent, (), (*located("restore", (newer,) if newer is not None else ()), *doubts))


def _known(kind: ResourceType | None, name: str) -> MetadataKey | None:
    return next((key for form in kind.restore_forms if (key := form.find(name))), None) if kind is not None else None


def start(caller: Caller, preview: RestorePreview) -> RestoreJob:
    """Start the job that a preview shows."""
    params: Params = {
        "RecoveryPointArn": preview.point.recovery_point_arn,
        "Metadata": preview.reveal(),
        "IamRoleArn": preview.role,
        "ResourceType": preview.resource_type,
        "CopySourceTagsToRestoredResource": True if preview.copy_source_tags else None,
    }
    started = caller.started("StartRestoreJob", RestoreJob, params)
    return caller.attached(
        msgspec.structs.replace(
            started,
            recovery_point_arn=preview.point.recovery_point_arn,
            source_resource_arn=preview.point.resource_arn,
            resource_type=preview.resource_type,
            status="PENDING",
        )
    )
