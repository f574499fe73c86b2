"""What a restore would send, key by key, and what is wrong with it; nothing is started before `apply`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

import attrs
import msgspec

from backupkit import observe
from backupkit.arn import Arn
from backupkit.catalog import Request, ResourceType, RestoreRequest, type_named
from backupkit.catalog.draft import Draft, Dropped, Sent, Source
from backupkit.catalog.merge import merged, moment_key, too_new
from backupkit.catalog.metadata_check import check_metadata
from backupkit.catalog.metadata_key import MetadataKey, moment_text
from backupkit.catalog.neighbour import Target
from backupkit.catalog.point_facts import PointFacts
from backupkit.catalog.restore_form import RestoreForm, chosen, folded
from backupkit.checks import must_be_bools
from backupkit.display import Block, Displayed, Facts, Rows
from backupkit.errors import InvalidValueError, PreflightError
from backupkit.problems import Problem, Severity, counted, errors_in, located, warning
from backupkit.recover.caller import Caller
from backupkit.recover.nested_checks import nested_checks
from backupkit.recover.point_facts import facts_of
from backupkit.recover.preflight import COLOURS, PreflightCheck, RestorePlan, Verdict, preflight
from backupkit.recover.restore_job import RestoreJob
from backupkit.serialization import Serializable
from backupkit.transport.protocol import Params
from backupkit.transport.unpicklable import Bound

__all__ = ["RestorePreview", "check_type", "draft", "start"]


@attrs.frozen(kw_only=True)
class RestorePreview(Bound, Serializable, Displayed):
    """What a restore would send. Secret values are shown as ``***``; `reveal` has them.

    Args:
        point: The point that is restored.
        resource_type: AWS Backup's type string of what it is restored as.
        role: The ARN of the role that AWS Backup takes on.
        copy_source_tags: Whether the restored resource gets the source's tags.
        as_of: The moment that was asked for.
        sent: Every key that is sent, with where its value comes from.
        dropped: Every key that the point holds and that is not sent, with the reason.
        problems: What is wrong with the metadata. Errors stop `apply`; warnings are doubts.
        checks: What was looked at besides, and what it came to; problems stop `apply`.
    """

    point: observe.RecoveryPoint = attrs.field(repr=False)
    resource_type: str
    role: str | None = None
    copy_source_tags: bool = False
    as_of: datetime | None = None
    sent: tuple[Sent, ...]
    dropped: tuple[Dropped, ...] = ()
    problems: tuple[Problem, ...] = ()
    checks: tuple[PreflightCheck, ...] = ()
    _home: Arn = attrs.field(repr=False, eq=False, alias="home")
    _caller: Caller = attrs.field(repr=False, eq=False, alias="caller")

    @property
    def metadata(self) -> dict[str, str]:
        """The Metadata of StartRestoreJob, with ``***`` in the place of secret values."""
        return {entry.key: entry.display_value for entry in self.sent}

    def reveal(self) -> dict[str, str]:
        """The Metadata exactly as it is sent, secrets included."""
        return {entry.key: entry.value for entry in self.sent}

    @property
    def creates(self) -> bool:
        """Whether the restore makes its target, and does not add to, or overwrite, one that exists."""
        kind = type_named(self.resource_type)
        if kind is None:
            return False
        form = self._form(kind)
        return not (form.adds or form.overwrites)

    def _form(self, kind: ResourceType) -> RestoreForm:
        facts = facts_of(self.point, {}, self._caller.transport.clock.now(), self._home)
        return chosen(kind.restore_forms, facts, self.reveal())

    @property
    def target_arn(self) -> str | None:
        """The ARN of what the restore makes or adds to; None where AWS picks the name."""
        target = self._target
        if target is None or (target.existing and self.creates) or not self._home.account:
            return None
        return target.arn(self._home, self.reveal())

    @property
    def target_key(self) -> str | None:
        """The key of the metadata that names what the restore makes or adds to; None where AWS picks the name."""
        return None if self._target is None else self._target.key

    @property
    def _target(self) -> Target | None:
        kind = type_named(self.resource_type)
        return None if kind is None else self._form(kind).target or kind.target

    @property
    def obstacles(self) -> tuple[Problem, ...]:
        """What stops `apply`: errors of the metadata, and what was looked at and stands against it."""
        against = (check.problem for check in self.checks if check.verdict is Verdict.PROBLEM)
        return (*errors_in(self.problems), *against)

    def looked_at(self, *, allow_threats: bool = False) -> RestorePreview:
        """Return the same preview with what can be looked at beforehand in its `checks`."""
        must_be_bools("looked_at", allow_threats=allow_threats)
        plan = RestorePlan(
            resource_type=self.resource_type,
            metadata=self.reveal(),
            target_arn=self.target_arn,
            new="" if self._target is None else self._target.new,
            creates=self.creates,
            role_arn=self.role,
            copy_source_tags=self.copy_source_tags,
            account_id=self._home.account,
            region_name=self._home.region,
            storage_class=self.point.storage_class,
            threats=[finding for result in self.point.scan_results or () for finding in result.findings or ()],
            allow_threats=allow_threats,
        )
        nested = nested_checks(self._caller, self.point, self.reveal())
        return attrs.evolve(self, checks=(*preflight(self._caller.neighbours, plan), *nested))

    def apply(self) -> RestoreJob:
        """Start the job with exactly this metadata.

        Raises:
            PreflightError: Something that was looked at stands against it; holds all the problems. Nothing was sent.
            InvalidValueError: There are problems that AWS would refuse, or that would fail the job; nothing was sent.
        """
        if any(check.verdict is Verdict.PROBLEM for check in self.checks):
            raise PreflightError(self.obstacles)
        if self.obstacles:
            raise InvalidValueError(self.obstacles)
        return start(self._caller, self)

    def to_dict(self, *, json: bool = False) -> dict[str, object]:
        """The preview as plain values, secrets hidden."""
        return {
            "recovery_point_arn": self.point.recovery_point_arn,
            "resource_type": self.resource_type,
            "role": self.role,
            "copy_source_tags": self.copy_source_tags,
            "as_of": moment_text(self.as_of) if json and self.as_of is not None else self.as_of,
            "metadata": self.metadata,
            "sources": {entry.key: str(entry.source) for entry in self.sent},
            "dropped": {each.key: each.reason for each in self.dropped},
            "checks": [
                {"name": each.name, "verdict": str(each.verdict), "message": each.message, "hint": each.hint}
                for each in self.checks
            ],
            "problems": [
                {"severity": str(each.severity), "address": each.address, "message": each.message, "hint": each.hint}
                for each in self.problems
            ],
        }

    def to_json(self) -> str:
        """The preview as JSON, secrets hidden."""
        return json.dumps(self.to_dict(json=True), indent=2)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"restore of {self.point.recovery_point_arn} as {self.resource_type}"
        width = max((len(entry.key) for entry in self.sent), default=0)
        for entry in self.sent:
            yield f"  {entry.key:<{width}} = {entry.display_value}  ({entry.source})"
        for each in self.dropped:
            yield f"  - {each.key}: {each.reason}"
        for problem in self.problems:
            yield f"  {'!' if problem.severity is Severity.ERROR else '?'} {problem}"
        for check in self.checks:
            yield f"  {'!' if check.verdict is Verdict.PROBLEM else '.'} {check}"

    def __repr__(self) -> str:
        text = f"{counted(len(self.sent), 'key')} sent, {counted(len(self.obstacles), 'obstacle')}"
        return f"<RestorePreview of {self.point.recovery_point_arn} as {self.resource_type}: {text}>"

    def _blocks(self) -> tuple[Block, ...]:
        severities = {Severity.ERROR: "bad", Severity.WARNING: "doubtful"}
        found = [
            *((str(each.severity), str(each), severities[each.severity]) for each in self.problems),
            *((f"{each.name}: {each.verdict}", each.found, COLOURS[each.verdict]) for each in self.checks),
        ]
        return (
            Facts(f"Restore of {self.point.recovery_point_arn} as {self.resource_type}"),
            Rows(
                ("key", "value", "from"),
                [
                    *((entry.key, entry.display_value, str(entry.source)) for entry in self.sent),
                    *((each.key, "not sent", each.reason) for each in self.dropped),
                ],
            ),
            Rows(
                ("check", "found"),
                [each[:2] for each in found],
                kinds=[each[2] for each in found],
            ),
        )


def check_type(held: str | None, as_type: str) -> None:
    """Stop where a point cannot become what is asked for.

    Raises:
        InvalidValueError: It is of another type, and not one that its type can become.
    """
    kind, wanted = type_named(held), type_named(as_type)
    if held is None or held == as_type or (kind is not None and wanted is not None and _becomes(kind, wanted)):
        return
    others = f" or {', '.join(sorted(kind.restored_as))}" if kind is not None and kind.restored_as else ""
    raise InvalidValueError(
        Problem(
            "restore",
            f"the point holds a resource of type {held}, not {as_type}",
            f"use a restore request of {held}{others}, or bk.restore.Raw({held!r}, ...) with its metadata",
        )
    )


def _becomes(kind: ResourceType, wanted: ResourceType) -> bool:
    return kind is wanted or wanted.name in kind.restored_as


def draft(request: RestoreRequest, facts: PointFacts, as_of: datetime | None) -> Draft:
    """What is sent for a request, and what is wrong with it; raw metadata is sent as it is, and only doubted."""
    if isinstance(request, Request):
        return merged(request, facts, as_of)
    metadata = request.requested(facts)
    kind = type_named(request.resource_type)
    doubts = [
        attrs.evolve(problem.below("restore"), severity=Severity.WARNING)
        for problem in (check_metadata(kind, facts, metadata) if kind is not None else ())
    ]
    sent = tuple(Sent(name, value, Source.REQUEST, _known(kind, name)) for name, value in metadata.items())
    wrong = (*_raw_moment(kind, facts, metadata, as_of), *_raw_overwriting(kind, facts, metadata))
    return Draft(sent, (), (*located("restore", wrong), *doubts))


def _raw_moment(
    kind: ResourceType | None, facts: PointFacts, metadata: dict[str, str], as_of: datetime | None
) -> Iterator[Problem]:
    """What is wrong with a moment beside raw metadata, into which nothing is written."""
    if (newer := too_new(facts, as_of)) is not None:
        yield newer
    if as_of is None or not facts.continuous:
        return
    form = chosen(kind.restore_forms, facts, metadata) if kind is not None and kind.restore_forms else None
    wanted = moment_key(form, facts, as_of) if form is not None else None
    if wanted is None or folded(metadata).get(wanted[0].casefold()) != wanted[1]:
        advice = f'write "{wanted[0]}": "{wanted[1]}" into it' if wanted is not None else "write the moment into it"
        yield Problem("as_of", "raw metadata is sent as it is, and does not say this moment", advice)


def _raw_overwriting(kind: ResourceType | None, facts: PointFacts, metadata: dict[str, str]) -> Iterator[Problem]:
    """What raw metadata destroys, which typed requests do not do without a word."""
    if kind is not None and kind.restore_forms and chosen(kind.restore_forms, facts, metadata).overwrites:
        yield warning("", "the restore overwrites what the target holds", "be sure of the target")


def _known(kind: ResourceType | None, name: str) -> MetadataKey | None:
    return next((key for form in kind.restore_forms if (key := form.find(name))), None) if kind is not None else None


def start(caller: Caller, preview: RestorePreview, *, token: str | None = None) -> RestoreJob:
    """Start the job that a preview shows; with a token that was sent before, AWS answers the job of that time."""
    params: Params = {
        "RecoveryPointArn": preview.point.recovery_point_arn,
        "Metadata": preview.reveal(),
        "IamRoleArn": preview.role,
        "ResourceType": preview.resource_type,
        "CopySourceTagsToRestoredResource": True if preview.copy_source_tags else None,
        "IdempotencyToken": token,
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
