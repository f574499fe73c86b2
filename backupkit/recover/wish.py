"""What a recovery is asked for: which resource, of which moment, to what, and what is checked about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import attrs

from backupkit.arn import Arn
from backupkit.catalog import RestoreRequest, is_point_arn
from backupkit.catalog.usual import source_name
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote
from backupkit.recover.restore_job import RestoreJob

__all__ = ["Check", "Wish", "check_wish", "default_name", "names_of_other_times"]

Check = Callable[[RestoreJob], object]
"""A check of what came back: raising or returning False fails it, a returned text is its message."""


@attrs.frozen(kw_only=True)
class Wish:
    """What is to come back, and how.

    Args:
        resource_arn: The resource whose data is wanted; it need not exist any more.
        as_of: Data from before this aware moment; None: the newest.
        to: What to restore to: a request, a name, or None for a name made of the resource, the moment and the run.
        role: The role that AWS Backup takes on; None: the one that made the point.
        run: None: an earlier restore to the same target is taken up; any text: one more, once for each text.
        verify: A check of what came back.
        rto: What the whole may take.
        cleanup: Whether what this recovery creates is deleted again at the end.
        allow_threats: Whether a point in which a scan found malware is restored.
        preflight: Whether everything that can be looked at is looked at first.
        accept_issues: Whether a job that completed with issues is good enough.
    """

    resource_arn: str
    as_of: datetime | None = None
    to: RestoreRequest | str | None = None
    role: str | None = None
    run: str | None = None
    verify: Check | None = None
    rto: timedelta | None = None
    cleanup: bool = False
    allow_threats: bool = False
    preflight: bool = True
    accept_issues: bool = False


def check_wish(wish: Wish) -> None:
    """Refuse what would be noticed only after the restore was started."""
    found = [
        Problem(name, f"{quote(value)} is not a boolean", "give True or False")
        for name in ("cleanup", "allow_threats", "preflight", "accept_issues")
        if not isinstance(value := getattr(wish, name), bool)
    ]
    if wish.verify is not None and not callable(wish.verify):
        found.append(Problem("verify", f"{quote(wish.verify)} cannot be called", "give a function of the finished job"))
    if wish.rto is not None and not (isinstance(wish.rto, timedelta) and wish.rto > timedelta(0)):
        found.append(Problem("rto", f"{quote(wish.rto)} is not a span of time above 0", "give a timedelta"))
    if wish.run is not None and not (isinstance(wish.run, str) and wish.run):
        found.append(Problem("run", f"{quote(wish.run)} is not the name of a run", 'give a text such as "2", or None'))
    if wish.to is not None and (isinstance(wish.to, type) or not isinstance(wish.to, (str, RestoreRequest))):
        got = wish.to.__name__ if isinstance(wish.to, type) else type(wish.to).__name__
        found.append(Problem("to", f"{got} does not say what to restore to", "give a name or a request"))
    elif wish.to == "":
        found.append(Problem("to", "an empty text is not a name", "give a name, or None for one that is made"))
    found += _not_a_resource(wish.resource_arn)
    if found:
        raise InvalidValueError(found)


def _not_a_resource(arn: object) -> Iterator[Problem]:
    """What is wrong with the ARN of something else than what was backed up."""
    hint = "give the ARN of the resource; restore a point by aws.recovery_point(arn, vault=...).restore(...)"
    if not isinstance(arn, str) or not arn.startswith("arn:"):
        form, known = "arn:partition:service:region:account:resource", "aws.protected_resources lists what has points"
        yield Problem("resource", f"{quote(arn)} is not an ARN", f"write it as {form}; {known}")
    elif arn.split(":")[2:3] == ["backup"]:
        yield Problem("resource", f"{quote(arn)} is of AWS Backup, not what was backed up", hint)
    elif is_point_arn(arn):
        yield Problem("resource", f"{quote(arn)} is a backup, not what was backed up", hint)
    elif arn.startswith("arn:") and arn.split(":")[2:3] == ["s3"] and "/" in arn:
        yield Problem("resource", f"{quote(arn)} is in a bucket", f"give the bucket's own ARN, {arn.partition('/')[0]}")


def names_of_other_times(wish: Wish) -> re.Pattern[str] | None:
    """What the default name is at another time, where the latest moment is asked for; None where it is another wish."""
    if wish.to is not None or wish.as_of is not None:
        return None
    stamp = "20000101-000000"
    name = default_name(wish.resource_arn, datetime(2000, 1, 1, tzinfo=UTC), wish.run)
    return re.compile(re.escape(name).replace(re.escape(stamp), r"\d{8}-\d{6}"))


def default_name(resource_arn: str, data_moment: datetime | None, run: str | None) -> str:
    """Return a name made of the resource, the moment of its data, and the run; letters, digits and hyphens only."""
    arn = Arn.parse(resource_arn)
    stamp = f"{data_moment.astimezone(UTC):%Y%m%d-%H%M%S}" if data_moment is not None else "restored"
    parts = [source_name(arn.resource), stamp, *([run] if run else ())]
    name = re.sub(r"[^a-z0-9]+", "-", "-".join(parts).casefold()).strip("-")
    # What AWS takes everywhere is 63 characters that begin with a letter; the end tells most.
    return name if name[:1].isalpha() and len(name) <= 63 else f"r-{name[-60:].lstrip('-')}"
