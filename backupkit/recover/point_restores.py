"""What a point can be restored to, and how."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from backupkit.arn import Arn
from backupkit.catalog import Raw, RestoreRequest, type_named
from backupkit.catalog.usual import usual_request
from backupkit.checks import must_be_bools
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, typed
from backupkit.recover.arguments import check_role
from backupkit.recover.home import home_of, own_role
from backupkit.recover.point_facts import aware, facts_of, is_undivided
from backupkit.recover.point_handle import PointHandle
from backupkit.recover.restore_job import RestoreJob
from backupkit.recover.restore_preview import RestorePreview, check_type, draft

if TYPE_CHECKING:
    from backupkit.recover.recovery_point import RecoveryPoint

__all__ = ["PointRestores", "request_for"]


class PointRestores(PointHandle):
    """A base of the handle of points."""

    __slots__ = ()

    def preview_restore(
        self,
        request: RestoreRequest,
        *,
        as_of: datetime | None = None,
        role: Arn | str | None = None,
        copy_source_tags: bool = False,
        allow_threats: bool = False,
        preflight: bool = True,
    ) -> RestorePreview:
        """Show what `restore` would send for the same arguments, key by key, and what is wrong with it.

        Nothing is started.

        Returns:
            The preview; its ``apply()`` starts the job.

        Raises:
            InvalidValueError: The request is of another type than the point; ``as_of`` has no time zone.
        """
        if isinstance(request, type) or not isinstance(request, RestoreRequest):
            got = request.__name__ if isinstance(request, type) else typed(request)
            what = f"{got} does not say what to restore the point to"
            raise InvalidValueError(Problem("restore", what, 'give for example bk.restore.DynamoDBTable("name")'))
        must_be_bools("restore", copy_source_tags=copy_source_tags, allow_threats=allow_threats, preflight=preflight)
        role = check_role(role, "restore/role")
        as_of = aware(as_of, "as_of")
        point = self._point if self._point.says_enough else self._point.refresh()
        check_type(point.resource_type, request.resource_type)
        held = {} if isinstance(request, Raw) else point.raw_restore_metadata()
        home = home_of(self._caller, point)
        made = draft(request, facts_of(point, held, self.clock.now(), home), as_of)
        preview = RestorePreview(
            point=point,
            resource_type=request.resource_type,
            role=role or _role(home, point),
            copy_source_tags=copy_source_tags,
            as_of=as_of,
            sent=made.sent,
            dropped=made.dropped,
            problems=(*_composite(point), *made.problems),
            home=home,
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
        return request_for(self._point, name)

    def restore(
        self,
        request: RestoreRequest,
        *,
        as_of: datetime | None = None,
        role: Arn | str | None = None,
        copy_source_tags: bool = False,
        allow_threats: bool = False,
        preflight: bool = True,
    ) -> RestoreJob:
        """Start restoring the point: send exactly what `preview_restore` shows.

        Args:
            request: What to restore the point to, for example ``bk.restore.DynamoDBTable("orders-restored")``.
            as_of: The aware moment to go back to. A continuous point is restored to it; a snapshot must not be newer.
                None: the latest moment that a continuous point holds, where its type has a key for that.
            role: The ARN of the role AWS Backup takes on. None: the one that made the point, which then needs the
                rights to restore as well, or the account's default one where that is another account's.
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
    home = home_of(point._caller, point)  # noqa: SLF001 - what the handle itself calls with
    facts = facts_of(point, point.raw_restore_metadata(), point.clock.now(), home)
    return usual_request(kind.name, facts, name, nameless=nameless)


def _role(home: Arn, point: RecoveryPoint) -> str | None:
    """The role that made the point, where it is of the account that restores; else that account's default one."""
    if not home.account:
        return None if point._caller.vault_account_id is not None else point.iam_role_arn  # noqa: SLF001
    return own_role(home.account, home.partition, point.iam_role_arn)


def _composite(point: RecoveryPoint) -> Iterator[Problem]:
    """What is wrong with restoring a composite whose type is restored part by part."""
    if is_undivided(point):
        way = f'aws.recovery_points(vault="{point.backup_vault_name}", parent="{point.recovery_point_arn}")'
        what = "the point is a composite, which AWS does not restore as a whole"
        yield Problem("restore", what, f"restore the points that are nested in it: {way}")
