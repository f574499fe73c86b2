"""Recovery points as handles: find the right one, ask what it holds, restore it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Self, TypeAlias

import attrs
import msgspec

from backupkit import observe
from backupkit.catalog import Raw, RestoreRequest, type_named
from backupkit.catalog.usual import usual_request
from backupkit.display import SHOWN
from backupkit.errors import AccessDeniedError, InvalidValueError, NotFoundError, RejectedError
from backupkit.observe import RestoreMetadata
from backupkit.problems import Problem, counted
from backupkit.recover.arguments import check_role
from backupkit.recover.caller import Caller, Connected, caller_at, caller_of
from backupkit.recover.copy_job import CopyJob
from backupkit.recover.point_facts import aware, continuous, facts_of, reach
from backupkit.recover.point_set import PointSet, Survey, surveyed
from backupkit.recover.point_table import POINTS
from backupkit.recover.point_verbs import PointVerbs
from backupkit.recover.restore_job import RestoreJob
from backupkit.recover.restore_preview import RestorePreview, check_type, draft
from backupkit.recover.scan_job import ScanJob
from backupkit.recover.where import PointTest, Words, tests_of
from backupkit.tables import LazyTable, RecordForm
from backupkit.transport.protocol import Params

if TYPE_CHECKING:
    from backupkit.recover.copy_preview import CopyPreview
    from backupkit.recover.point_return import ReturnPreview

__all__ = ["WHOLE", "RecoveryPoint", "RecoveryPoints", "request_for"]

WHOLE = frozenset({"COMPLETED", "AVAILABLE", "STOPPED", "EXPIRED"})
"""The statuses of points whose data is whole. EXPIRED: AWS could not delete it; STOPPED: continuous, grows no more."""

Pages: TypeAlias = "Callable[[], Iterator[Sequence[RecoveryPoint]]]"

_TICK = timedelta(microseconds=1)


class RecoveryPoint(PointVerbs, observe.RecoveryPoint, frozen=True, kw_only=True, gc=False):
    """A recovery point. Sizes are bytes, times aware datetimes in UTC; a member that AWS did not send is None."""

    _aws: object = msgspec.field(default=None, name="-aws")

    def refresh(self) -> Self:
        """The point as it is now, with everything AWS says of it."""
        return self._caller.fetch("DescribeRecoveryPoint", type(self), self._where())

    @property
    def is_continuous(self) -> bool:
        """Whether the point can be restored to any moment of its window, as far as its ARN and status tell."""
        return continuous(self)

    @property
    def age(self) -> timedelta | None:
        """How long ago the point was made; a continuous point holds newer data. None where AWS did not say when."""
        return self.clock.now() - self.creation_date if self.creation_date is not None else None

    def restore_metadata(self) -> dict[str, str]:
        """What AWS Backup knows of the resource as it was; never a ready restore request by itself.

        Nulls, which AWS answers for some keys, are left out; `preview_restore` shows what becomes of each key.
        """
        return {key: value for key, value in self.raw_restore_metadata().items() if value is not None}

    def raw_restore_metadata(self) -> dict[str, str | None]:
        """The same, with the nulls."""
        answer = self._caller.fetch("GetRecoveryPointRestoreMetadata", RestoreMetadata, self._where())
        return answer.restore_metadata or {}

    def preview_restore(
        self,
        request: RestoreRequest,
        *,
        as_of: datetime | None = None,
        role: str | None = None,
        copy_source_tags: bool = False,
        allow_threats: bool = False,
        preflight: bool = True,
    ) -> RestorePreview:
        """Show what a restore would send, key by key, and what is wrong with it; nothing is started.

        Args:
            request: What to restore the point to, for example ``bk.restore.DynamoDBTable("orders-restored")``.
            as_of: The aware moment to go back to. A continuous point is restored to it; a snapshot must not be newer.
                None: the latest moment that a continuous point holds, where its type has a key for that.
            role: The ARN of the role AWS Backup takes on. None: the one that made the point, which then needs the
                rights to restore as well.
            copy_source_tags: Whether the restored resource gets the source's tags. Several types fail with it, DynamoDB
                and S3 among them.
            allow_threats: Whether a point in which a scan found malware is restored all the same.
            preflight: Whether the target, the network, the key and the role are looked at as well, through the
                connection's own session; False where the hurry is great.

        Returns:
            The preview; its ``apply()`` starts the job.

        Raises:
            InvalidValueError: The request is of another type than the point; ``as_of`` has no time zone.
        """
        if isinstance(request, type) or not isinstance(request, RestoreRequest):
            got = request.__name__ if isinstance(request, type) else f"a {type(request).__name__}"
            what = f"{got} does not say what to restore the point to"
            raise InvalidValueError(Problem("restore", what, 'give for example bk.restore.DynamoDBTable("name")'))
        check_role(role, "restore/role")
        as_of = aware(as_of, "as_of")
        point = self if self.says_enough else self.refresh()
        check_type(point.resource_type, request.resource_type)
        held = {} if isinstance(request, Raw) else point.raw_restore_metadata()
        made = draft(request, facts_of(point, held, self.clock.now()), as_of)
        preview = RestorePreview(
            point=point,
            resource_type=request.resource_type,
            role=role or point.iam_role_arn,
            copy_source_tags=copy_source_tags,
            as_of=as_of,
            sent=made.sent,
            dropped=made.dropped,
            problems=made.problems,
            caller=self._caller,
        )
        return preview.looked_at(allow_threats=allow_threats) if preflight else preview

    def restore_request(self, name: str | None = None) -> RestoreRequest:
        """Return the request of the right class for the point, with all that can be inferred filled in.

        What the request leaves out is as the point has it; `preview_restore` shows it.

        Args:
            name: The name of the new resource, of a type that has names. None: the source's, with the date and time of
                the point.

        Raises:
            InvalidValueError: Something must be chosen, such as a zone or a subnet; lists all of it, and the request to
                write.
        """
        return request_for(self, name)

    def restore(
        self,
        request: RestoreRequest,
        *,
        as_of: datetime | None = None,
        role: str | None = None,
        copy_source_tags: bool = False,
        allow_threats: bool = False,
        preflight: bool = True,
    ) -> RestoreJob:
        """Start restoring the point: send exactly what `preview_restore` shows for the same arguments.

        Args:
            request: What to restore the point to, for example ``bk.restore.DynamoDBTable("orders-restored")``.
            as_of: The aware moment to go back to. A continuous point is restored to it; a snapshot must not be newer.
                None: the latest moment that a continuous point holds, where its type has a key for that.
            role: The ARN of the role AWS Backup takes on. None: the one that made the point, which then needs the
                rights to restore as well.
            copy_source_tags: Whether the restored resource gets the source's tags. Several types fail with it, DynamoDB
                and S3 among them.
            allow_threats: Whether a point in which a scan found malware is restored all the same.
            preflight: Whether the target, the network, the key and the role are looked at as well, through the
                connection's own session; False where the hurry is great.

        Returns:
            The job; its ``wait()`` tells how it ends.

        Raises:
            PreflightError: What was looked at beforehand stands against it; nothing was sent.
            InvalidValueError: The request does not fit the point, or the job would surely fail; nothing was sent.
        """
        preview = self.preview_restore(
            request,
            as_of=as_of,
            role=role,
            copy_source_tags=copy_source_tags,
            allow_threats=allow_threats,
            preflight=preflight,
        )
        return preview.apply()

    def preview_copy(
        self,
        vault: str,
        *,
        keep_days: int | None = None,
        cold_after_days: int | None = None,
        role: str | None = None,
        destination: Connected | None = None,
    ) -> CopyPreview:
        """Show what stands against a copy of the point: type, storage, destination, organization, policies, keys, lock.

        Args:
            vault: The ARN of the vault that takes the copy, in any Region or account.
            keep_days: Days from the creation of this point to the deletion of the copy. None: as long as this point.
            cold_after_days: Days in warm storage.
            role: The ARN of the role AWS Backup takes on. None: the one that made the point, or the account's default
                one where that is another account's.
            destination: A connection to the account and Region of the vault, through which the other side is looked at.
                None: only what this side tells is known, unless the vault is of this account and Region.

        Returns:
            The preview; its ``apply()`` starts the job.

        Raises:
            InvalidValueError: A day number that AWS would refuse, or a destination that is not the vault's.
        """
        return self._preview_copy(vault, keep_days, cold_after_days, role, destination, preflight=True)

    def _preview_copy(
        self,
        vault: str,
        keep_days: int | None,
        cold_after_days: int | None,
        role: str | None,
        destination: Connected | None,
        *,
        preflight: bool,
    ) -> CopyPreview:
        from backupkit.recover.copy_preview import check_copy, preview_copy  # noqa: PLC0415 - copies are points again

        check_copy(vault, keep_days=keep_days, cold_after_days=cold_after_days, role=role, where="copy_to")
        enough = self.says_enough and self.backup_vault_arn is not None and not preflight
        return preview_copy(
            self._caller,
            self if enough else self.refresh(),
            vault,
            keep_days=keep_days,
            cold_after_days=cold_after_days,
            role=role,
            destination=None if destination is None else caller_at(destination, "copy_to/destination"),
            preflight=preflight,
        )

    def copy_to(
        self,
        vault: str,
        *,
        keep_days: int | None = None,
        cold_after_days: int | None = None,
        role: str | None = None,
        destination: Connected | None = None,
        preflight: bool = True,
        token: str | None = None,
    ) -> CopyJob:
        """Start copying the point to the vault with this ARN. AWS cannot copy cold or continuous points on demand.

        Args:
            vault: In any Region or account.
            keep_days: Days from the creation of this point to the deletion of the copy. None: as long as this point.
            cold_after_days: Days in warm storage.
            role: The ARN of the role AWS Backup takes on. None: the one that made the point, or the account's default
                one where that is another account's.
            destination: A connection to the account and Region of the vault, through which the other side is looked at.
            preflight: Whether what stands against the copy is looked at first, as `preview_copy` shows it.
            token: Calls with one token start one job. None: a new one for this call, kept over its retries.

        Returns:
            The job; its ``wait()`` tells how it ends, its ``wait_at(destination)`` gives the copy on the other side.

        Raises:
            PreflightError: What was looked at beforehand stands against it; nothing was sent.
            InvalidValueError: A day number that AWS would refuse; nothing was sent.
        """
        preview = self._preview_copy(vault, keep_days, cold_after_days, role, destination, preflight=preflight)
        return preview.apply(token=token)

    def preview_return(
        self,
        *,
        to: Connected,
        connections: Iterable[Connected] = (),
        vault: str | None = None,
        keep_days: int | None = None,
        roles: Mapping[str, str] | None = None,
    ) -> ReturnPreview:
        """Show the way of the point to where it can be restored: the fewest copies that AWS takes.

        A point in an air-gapped vault that is shared with the account, or behind its restore access vault, needs none.

        Args:
            to: A connection to the account and Region where it is to be restored.
            connections: Connections to the other accounts and Regions that it may go through. The point's own is always
                among them.
            vault: The name of the vault that takes the last copy. None: one that can.
            keep_days: Days from the creation of the point to the deletion of each copy. None: as long as this point.
            roles: The ARN of the role that AWS Backup takes on, by the id of the account that a copy starts in. None:
                the one that made the point in its own account, elsewhere the account's default one.

        Returns:
            The preview; its ``apply()`` makes the copies, and the same again after a kill takes up what there is.

        Raises:
            InvalidValueError: Something is not a connection or a role.
        """
        from backupkit.recover.point_return import preview_return  # noqa: PLC0415 - copies are points again

        point = self.refresh()
        callers = [self._caller, *(caller_at(each, "preview_return/connections") for each in connections)]
        target = caller_at(to, "preview_return/to")
        return preview_return(point, target, callers, vault=vault, keep_days=keep_days, roles=dict(roles or {}))

    def scan(
        self,
        *,
        scanner_role: str,
        role: str | None = None,
        base: Self | str | None = None,
        until: datetime | None = None,
        scanner: str = "GUARDDUTY",
        token: str | None = None,
    ) -> ScanJob:
        """Start a malware scan of the point. AWS scans points of EBS, EC2 and S3.

        Args:
            scanner_role: The ARN of the role that the scanner takes on.
            role: The ARN of the role that AWS Backup takes on. None: the one that made the point.
            base: An earlier point of the same resource, or its ARN: only what changed since is scanned. None: all.
            until: Of a continuous point, scan up to this aware moment. None: to its end.
            scanner: The scanner; AWS knows ``GUARDDUTY``.
            token: Calls with one token start one job. None: a new one for this call, kept over its retries.

        Returns:
            The job; its ``wait()`` tells how it ends, and then ``found_threats`` what it found.

        Raises:
            InvalidValueError: ``until`` has no time zone; nothing was sent.
        """
        until = aware(until, "scan/until")
        check_role(role, "scan/role")
        check_role(scanner_role, "scan/scanner_role")
        caller = self._caller
        point = self if self.says_enough else self.refresh()
        params: Params = {
            "BackupVaultName": self._vault_name(),
            "RecoveryPointArn": self.recovery_point_arn,
            "IamRoleArn": role or point.iam_role_arn,
            "ScannerRoleArn": scanner_role,
            "MalwareScanner": scanner,
            "ScanMode": "FULL_SCAN" if base is None else "INCREMENTAL_SCAN",
            "ScanBaseRecoveryPointArn": base if isinstance(base, str | None) else base.recovery_point_arn,
            "ContinuousScanEndTime": until,
            "IdempotencyToken": token,
        }
        known = {"recovery_point_arn": self.recovery_point_arn, "resource_arn": point.resource_arn}
        started = caller.started("StartScanJob", ScanJob, params)
        return caller.attached(msgspec.structs.replace(started, state=started.state or "CREATED", **known))

    def tags(self) -> dict[str, str]:
        """The point's tags; AWS Backup has them only for points with ARNs of its own."""
        return self._caller.tags(self.recovery_point_arn or "")

    @property
    def says_enough(self) -> bool:
        """Whether the record has all that a restore or copy needs."""
        # ListRecoveryPointsByResource leaves out the role, and for most types the vault.
        return None not in {self.resource_type, self.iam_role_arn, self.backup_vault_name, self.resource_arn}

    def _where(self) -> dict[str, str | None]:
        return {
            "BackupVaultName": self._vault_name(),
            "RecoveryPointArn": self.recovery_point_arn,
            "BackupVaultAccountId": self._caller.vault_account_id,
        }

    def _vault_name(self) -> str:
        if self.backup_vault_name is not None:
            return self.backup_vault_name
        return _holding_vault(self._caller, self.recovery_point_arn)


def request_for(point: RecoveryPoint, name: str | None, *, nameless: bool = False) -> RestoreRequest:
    """The request that is usually meant for the point.

    Args:
        point: What is restored.
        name: The name of the new resource; None: one made of the source's and the point's time.
        nameless: Whether a name is left out where the type has none.

    Raises:
        InvalidValueError: Something must be chosen.
    """
    point = point if point.says_enough else point.refresh()
    kind = type_named(point.resource_type)
    if kind is None:
        what = f"backupkit knows no restore of the type {point.resource_type}"
        raise InvalidValueError(Problem("restore", what, "use bk.restore.Raw"))
    facts = facts_of(point, point.raw_restore_metadata(), point.clock.now())
    return usual_request(kind.name, facts, name, nameless=nameless)


def _holding_vault(caller: Caller, point_arn: str | None) -> str:
    """The vault that holds a point whose record does not say; a point's ARN does not tell either."""
    for vault in caller.listed("ListBackupVaults", observe.Vault, {}):
        where = {"BackupVaultName": vault.backup_vault_name, "RecoveryPointArn": point_arn}
        try:
            caller.fetch("DescribeRecoveryPoint", observe.RecoveryPoint, where)
        except (NotFoundError, AccessDeniedError, RejectedError):
            # This vault does not hold it, or may not be read; the next one may.
            continue
        if vault.backup_vault_name is not None:
            return vault.backup_vault_name
    raise NotFoundError(
        "DescribeRecoveryPoint", "ResourceNotFoundException", f"No vault here that can be read holds {point_arn}."
    )


@attrs.frozen(repr=False)
class RecoveryPoints(LazyTable[RecoveryPoint], PointSet):
    """Recovery points that fit a question; asks AWS again each time it is iterated, a page at a time.

    Also a table; what is shown of it is its first page.
    """

    question: str
    _found: Callable[[], Iterator[RecoveryPoint]] = attrs.field(repr=False, eq=False)
    _caller: Caller | None = attrs.field(default=None, repr=False, eq=False, kw_only=True, alias="caller")
    _in_full: Callable[[], Iterator[RecoveryPoint]] | None = attrs.field(
        default=None, repr=False, eq=False, kw_only=True, alias="in_full"
    )
    """The same points with everything that lists say, where the first list leaves members out."""
    _all_seen: bool = attrs.field(default=False, repr=False, eq=False, kw_only=True, alias="all_seen")
    """Whether these are all points of the account and Region."""
    _tests: tuple[PointTest, ...] = attrs.field(default=(), repr=False, eq=False, kw_only=True, alias="tests")
    _pages: Pages | None = attrs.field(default=None, repr=False, eq=False, kw_only=True, alias="pages")

    def __iter__(self) -> Iterator[RecoveryPoint]:
        if not self._tests:
            return self._found()
        return (point for point, fits in self._walk() if fits)

    def _walk(self) -> Iterator[tuple[RecoveryPoint, bool]]:
        for point in (self._in_full or self._found)():
            yield point, all(test(point) for test in self._tests)

    def where(
        self,
        *predicates: PointTest,
        older_than: timedelta | None = None,
        newer_than: timedelta | None = None,
        status: Words = None,
        resource_type: Words = None,
        vault: Words = None,
        kept_forever: bool | None = None,
        continuous: bool | None = None,
        tags: Mapping[str, str | None] | None = None,
    ) -> RecoveryPoints:
        """Return those of the points that fit everything that is given. AWS is asked no sooner than they are needed.

        Args:
            predicates: Functions of a point, such as ``lambda point: point.status == "EXPIRED"``.
            older_than: Made longer ago than this.
            newer_than: Made less long ago than this.
            status: One of these statuses.
            resource_type: Of one of these types.
            vault: In one of these vaults.
            kept_forever: Whether nothing ever deletes them.
            continuous: Whether they can be restored to any moment of their window.
            tags: With these tags; a value of None is any. Takes a call for each point that fits all else, and leaves
                out points whose tags are another service's.

        Raises:
            InvalidValueError: A predicate cannot be called, a time is not one, or a resource type is misspelt.
        """
        tests = tests_of(
            predicates,
            older_than=older_than,
            newer_than=newer_than,
            status=status,
            resource_type=resource_type,
            vault=vault,
            kept_forever=kept_forever,
            continuous=continuous,
            tags=tags,
        )
        return attrs.evolve(self, tests=(*self._tests, *tests))

    def _survey(self) -> Survey:
        return surveyed(self._walk(), all_seen=self._all_seen)

    def _told(self) -> str:
        return f"{self.question}, where {counted(len(self._tests), 'condition')} hold" if self._tests else self.question

    def _client(self) -> Caller:
        return caller_of(self._caller)

    def _form(self) -> RecordForm:
        return POINTS

    def _asked(self) -> str:
        return self._told()

    def _first_page(self) -> Sequence[RecoveryPoint]:
        pages = self._pages() if self._pages is not None else iter([list(islice(self._found(), SHOWN))])
        return [point for point in next(pages, []) if all(test(point) for test in self._tests)]

    def latest(self, *, as_of: datetime | None = None, before: datetime | None = None) -> RecoveryPoint:
        """The point whose data is whole and newest.

        A continuous point holds every moment of the days that it is kept, however long ago it began, so it comes before
        all snapshots. Restore it to the same moment: ``latest(as_of=moment).restore(request, as_of=moment)``; the last
        minutes may still be on their way, of S3 about 15 (developer guide, point-in-time recovery).

        Args:
            as_of: Only data as it was at this aware moment or earlier: snapshots that were started by then, and
                continuous points that hold a moment up to then.
            before: The same, without the moment itself.

        Raises:
            NotFoundError: There is none; says what was seen instead.
            InvalidValueError: The moment has no time zone, or both are given.
        """
        if as_of is not None and before is not None:
            raise InvalidValueError(Problem("as_of", "it is given together with before=", "give one of the two"))
        moment = aware(before, "before")
        if aware(as_of, "as_of") is not None and as_of is not None:
            # Moments are told to the millisecond.
            moment = as_of + _TICK if as_of < datetime.max.replace(tzinfo=as_of.tzinfo) else as_of
        newest: RecoveryPoint | None = None
        data_until: datetime | None = None
        passed_over: Counter[str] = Counter()
        for point in self:
            until = _data_until(point, moment)
            if until is None:
                passed_over[_passed_over(point, moment)] += 1
            elif data_until is None or until > data_until:
                newest, data_until = point, until
        if newest is None:
            when = f" as of {as_of.isoformat()}" if as_of is not None else ""
            when = f" before {before.isoformat()}" if before is not None else when
            raise NotFoundError("latest", "NoRecoveryPoint", self._nothing(when, passed_over))
        return newest

    def _nothing(self, when: str, passed_over: Counter[str]) -> str:
        seen = ", ".join(f"{times} {why}" for why, times in passed_over.items()) or "no points at all"
        return f"No restorable recovery point of {self.question}{when}; seen: {seen}."


def _data_until(point: RecoveryPoint, before: datetime | None) -> datetime | None:
    """The newest moment before ``before`` that the point can bring back, or None where it has none."""
    began = point.creation_date
    if point.status not in WHOLE or began is None or (before is not None and began >= before):
        return None
    if not _grows(point):
        return began
    now = point.clock.now()
    if before is None or before >= now:
        return now
    return before if before >= now - _reach(point) else None


def _grows(point: RecoveryPoint) -> bool:
    """Whether the point is a continuous one that still takes in what changes; one that stopped counts as it began."""
    return point.status in {"AVAILABLE", "COMPLETED"} and point.is_continuous


def _reach(point: RecoveryPoint) -> timedelta:
    # ListRecoveryPointsByResource leaves the lifecycle out.
    return reach(point.lifecycle or point.refresh().lifecycle)


def _passed_over(point: RecoveryPoint, before: datetime | None) -> str:
    if point.creation_date is None or (before is not None and point.creation_date >= before):
        return "too new"
    return str(point.status) if point.status not in WHOLE else "continuous that does not reach back so far"
