"""All list operations, whole and lazily; nobody sees a token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from backupkit.errors import InvalidValueError, UnreachableError
from backupkit.observe import decode
from backupkit.observe.record import Record
from backupkit.problems import Problem
from backupkit.transport.protocol import Params, Transport, Value
from backupkit.transport.reading import read

__all__ = ["LISTS", "PAGE_SIZES", "Pages", "listed", "pages", "tags"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")

LISTS: dict[str, str] = {
    "ListBackupAccessPoints": "BackupAccessPoints",
    "ListBackupAccessPointsByRecoveryPoint": "BackupAccessPoints",
    "ListBackupAccessPointsByResource": "BackupAccessPoints",
    "ListBackupJobSummaries": "BackupJobSummaries",
    "ListBackupJobs": "BackupJobs",
    "ListBackupPlanTemplates": "BackupPlanTemplatesList",
    "ListBackupPlanVersions": "BackupPlanVersionsList",
    "ListBackupPlans": "BackupPlansList",
    "ListBackupSelections": "BackupSelectionsList",
    "ListBackupVaults": "BackupVaultList",
    "ListCopyJobSummaries": "CopyJobSummaries",
    "ListCopyJobs": "CopyJobs",
    "ListFrameworks": "Frameworks",
    "ListIndexedRecoveryPoints": "IndexedRecoveryPoints",
    "ListLegalHolds": "LegalHolds",
    "ListProtectedResources": "Results",
    "ListProtectedResourcesByBackupVault": "Results",
    "ListRecoveryPointsByBackupVault": "RecoveryPoints",
    "ListRecoveryPointsByLegalHold": "RecoveryPoints",
    "ListRecoveryPointsByResource": "RecoveryPoints",
    "ListReportJobs": "ReportJobs",
    "ListReportPlans": "ReportPlans",
    "ListRestoreAccessBackupVaults": "RestoreAccessBackupVaults",
    "ListRestoreJobSummaries": "RestoreJobSummaries",
    "ListRestoreJobs": "RestoreJobs",
    "ListRestoreJobsByProtectedResource": "RestoreJobs",
    "ListRestoreTestingPlans": "RestoreTestingPlans",
    "ListRestoreTestingSelections": "RestoreTestingSelections",
    "ListScanJobSummaries": "ScanJobSummaries",
    "ListScanJobs": "ScanJobs",
    "ListTags": "Tags",
    "ListTieringConfigurations": "TieringConfigurations",
}
"""The member that holds the result, for every list operation of the API. That of ListTags is a map."""

PAGE_SIZES: dict[str, int] = {
    "ListBackupAccessPoints": 100,
    "ListBackupAccessPointsByRecoveryPoint": 100,
    "ListBackupAccessPointsByResource": 100,
    # The guide says 500 for summaries, the model 1,000: the smaller is right either way.
    "ListBackupJobSummaries": 500,
    "ListCopyJobSummaries": 500,
    "ListRestoreJobSummaries": 500,
    "ListScanJobSummaries": 500,
}
"""Items a page, where the API allows fewer than `PAGE_SIZE`."""

PAGE_SIZE = 1000
"""Items a page, the most that the API allows: a call by itself costs 1 ms of CPU, as much as reading 250 items."""


def listed(transport: Transport, operation: str, cls: type[R], params: Params) -> Iterator[R]:
    """Every record of a list, each page asked for when the one before is used up.

    Args:
        transport: What answers.
        operation: A list operation, for example ``ListBackupVaults``.
        cls: The class of its records.
        params: The API's input members: filters. ``MaxResults`` is the size of a page, not of the list.

    Raises:
        ServiceError: The service answered no.
        UnreachableError: No usable answer came, or the service repeats a page.
    """
    for page in Pages(transport, operation, cls, params):
        yield from page


class Pages(Iterator[list[R]]):
    """The records of a list as `listed` gives them, a page at a time.

    Args:
        transport: What answers.
        operation: A list operation.
        cls: The class of its records.
        params: The API's input members.
        prepare: Called with each page before it is given.
    """

    def __init__(
        self,
        transport: Transport,
        operation: str,
        cls: type[R],
        params: Params,
        prepare: Callable[[list[R]], object] | None = None,
    ) -> None:
        self._walk = _Walk(transport, operation, params)
        self._cls = cls
        self._prepare = prepare

    @property
    def more(self) -> bool:
        """Whether there is a next page."""
        return self._walk.goes_on

    def __next__(self) -> list[R]:
        if not self._walk.goes_on:
            raise StopIteration
        page = self._walk.ask(lambda body: decode.page(body, self._walk.key, self._cls))
        self._walk.follow(page.next_token)
        if self._prepare is not None:
            self._prepare(page.items)
        return page.items


def pages(transport: Transport, operation: str, params: Params) -> Iterator[bytes]:
    """The JSON text of every page of a list, lazily.

    Args:
        transport: What answers.
        operation: A list operation.
        params: The API's input members.

    Raises:
        ServiceError: The service answered no.
        UnreachableError: No usable answer came, or the service repeats a page.
    """
    walk = _Walk(transport, operation, params)
    while walk.goes_on:
        body, token = walk.ask(lambda body: (body, decode.listing(body, walk.key)[1]))
        walk.follow(token)
        yield body


def tags(transport: Transport, arn: str) -> dict[str, str]:
    """Every tag of a vault, plan, recovery point, framework, ...

    Args:
        transport: What answers.
        arn: Whose tags.

    Raises:
        ServiceError: The service answered no.
        UnreachableError: No usable answer came, or the service repeats a page.
    """
    found: dict[str, str] = {}
    walk = _Walk(transport, "ListTags", {"ResourceArn": arn})
    while walk.goes_on:
        some, token = walk.ask(decode.tags)
        walk.follow(token)
        found.update(some)
    return found


class _Walk:
    """Where one list stands: what to ask next, and which tokens have been seen."""

    def __init__(self, transport: Transport, operation: str, params: Params) -> None:
        if operation not in LISTS:
            raise InvalidValueError(
                Problem(operation, "is not a list operation of AWS Backup", f"there are {', '.join(sorted(LISTS))}")
            )
        self.key = LISTS[operation]
        self.goes_on = True
        self._transport = transport
        self._operation = operation
        self._params: dict[str, Value] = {"MaxResults": PAGE_SIZES.get(operation, PAGE_SIZE), **params}
        self._seen: set[str] = set()

    def ask(self, parse: Callable[[bytes], T]) -> T:
        """The next page."""
        return read(self._transport, self._operation, dict(self._params), parse)

    def follow(self, token: str | None) -> None:
        """Go to the page of ``token``; a page may be empty and still have a next one."""
        if token in self._seen:
            raise UnreachableError(f"{self._operation} repeats a page without end, so its list cannot be complete")
        self.goes_on = token is not None
        if token is not None:
            self._seen.add(token)
            self._params["NextToken"] = token
