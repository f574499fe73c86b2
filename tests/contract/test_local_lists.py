"""Every filter of every list against a plain filter over the whole list, and the pages of all of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache

import all_lists
import pytest
import story_together
from all_lists import LISTS, PAGED, member_of, needed, whole

from backupkit import errors
from backupkit.emulator import LocalService
from backupkit.emulator.kernel import shapes

OTHER_ACCOUNT = "210987654321"
JOBS = {"ByAccountId": "AccountId", "ByResourceArn": "ResourceArn", "ByResourceType": "ResourceType"}
CREATED = {"ByCreatedAfter": (">", "CreationDate"), "ByCreatedBefore": ("<", "CreationDate")}
COMPLETED = {"ByCompleteAfter": (">", "CompletionDate"), "ByCompleteBefore": ("<", "CompletionDate")}
FILTERS = {
    "ListBackupJobs": {
        **JOBS,
        **CREATED,
        **COMPLETED,
        "ByState": "State",
        "ByBackupVaultName": "BackupVaultName",
        "ByParentJobId": "ParentJobId",
        "ByMessageCategory": "MessageCategory",
    },
    "ListCopyJobs": {
        **JOBS,
        **CREATED,
        **COMPLETED,
        "ByState": "State",
        "ByDestinationVaultArn": "DestinationBackupVaultArn",
        "ByParentJobId": "ParentJobId",
        "ByMessageCategory": "MessageCategory",
        "BySourceRecoveryPointArn": "SourceRecoveryPointArn",
    },
    "ListRestoreJobs": {
        **CREATED,
        **COMPLETED,
        "ByAccountId": "AccountId",
        "ByResourceType": "ResourceType",
        "ByStatus": "Status",
        "ByRestoreTestingPlanArn": ("=", "CreatedBy", "RestoreTestingPlanArn"),
        "ByParentJobId": "ParentJobId",
    },
    "ListRestoreJobsByProtectedResource": {
        "ByStatus": "Status",
        "ByRecoveryPointCreationDateAfter": (">", "RecoveryPointCreationDate"),
        "ByRecoveryPointCreationDateBefore": ("<", "RecoveryPointCreationDate"),
    },
    "ListScanJobs": {
        **JOBS,
        **COMPLETED,
        "ByBackupVaultName": "BackupVaultName",
        "ByMalwareScanner": "MalwareScanner",
        "ByRecoveryPointArn": "RecoveryPointArn",
        "ByScanResultStatus": ("=", "ScanResult", "ScanResultStatus"),
        "ByState": "State",
    },
    "ListReportJobs": {
        "ByReportPlanName": ("=", "ReportPlanArn"),
        "ByCreationAfter": (">", "CreationTime"),
        "ByCreationBefore": ("<", "CreationTime"),
        "ByStatus": "Status",
    },
    "ListIndexedRecoveryPoints": {
        "SourceResourceArn": "SourceResourceArn",
        "CreatedAfter": (">", "BackupCreationDate"),
        "CreatedBefore": ("<", "BackupCreationDate"),
        "ResourceType": "ResourceType",
        "IndexStatus": "IndexStatus",
    },
    "ListRecoveryPointsByBackupVault": {
        **CREATED,
        "ByResourceArn": "ResourceArn",
        "ByResourceType": "ResourceType",
        "ByBackupPlanId": ("=", "CreatedBy", "BackupPlanId"),
        "ByParentRecoveryPointArn": "ParentRecoveryPointArn",
    },
    "ListBackupVaults": {"ByVaultType": "VaultType"},
}
# Each of these is held against a plain count, or against a second account, in the tests of its own family.
ELSEWHERE = {
    "ListBackupVaults": {"ByShared"},
    "ListBackupPlans": {"IncludeDeleted"},
    "ListRecoveryPointsByBackupVault": {"BackupVaultAccountId"},
    "ListProtectedResourcesByBackupVault": {"BackupVaultAccountId"},
    "ListRecoveryPointsByResource": {"ManagedByAWSBackupOnly"},
    **{
        f"List{kind}JobSummaries": {
            "AccountId",
            "State",
            "ResourceType",
            "AggregationPeriod",
            "MessageCategory",
            "MalwareScanner",
            "ScanResultStatus",
        }
        for kind in ("Backup", "Copy", "Restore", "Scan")
    },
}


class AuthRequest:
    def __init__(self):
        self.service = LocalService()

    def __call__(self, operation, **params):
        return json.loads(self.service.call(operation, params))


@cache
def service():
    """One in which everything is under way; beside it, another account of its organization has a job, too."""
    ask = AuthRequest()
    story_together.play(ask)
    other = ask.service.as_account(OTHER_ACCOUNT)
    other.call("CreateBackupVault", {"BackupVaultName": "prod"})
    arn = f"arn:aws:dynamodb:us-east-1:{OTHER_ACCOUNT}:table/orders"
    ask.service.resources.add(arn)
    other.call("StartBackupJob", {"BackupVaultName": "prod", "ResourceArn": arn, "IamRoleArn": story_together.ROLE})
    return ask.service


@cache
def everything():
    return all_lists.everything(service())


def value_of(item, *path):
    for name in path:
        item = item.get(name) if item is not None else None
    return item


def asked_about(operation):
    """What the list can be asked about, with all that it then tells."""
    for (name, thing), items in everything().items():
        if name == operation and len(items) > 1:
            yield ({needed(name): thing} if thing else {}), items


def fits(how, path, item, wanted):
    """Whether an item fits a filter, by what the item itself tells."""
    found = value_of(item, *path)
    if found is None:
        return False
    match how:
        case ">":
            return found > wanted
        case "<":
            return found < wanted
    # A plan's name is in its ARN.
    return found == wanted or (path == ("ReportPlanArn",) and f":{wanted}-" in found)


def as_asked(how, path, value):
    if how != "=":
        return datetime.fromtimestamp(value, UTC)
    return value.rpartition(":")[2].partition("-")[0] if path == ("ReportPlanArn",) else value


CASES = [(operation, member) for operation, filters in sorted(FILTERS.items()) for member in sorted(filters)]


def test_every_filter_of_every_list_is_in_the_table():
    """No filter that the model has goes without a test."""
    for operation in LISTS:
        shape = shapes.model().operation_model(operation).input_shape
        has = set(shape.members) - PAGED - {needed(operation)} if shape is not None else set()
        assert has <= FILTERS.get(operation, {}).keys() | ELSEWHERE.get(operation, set()), operation


@pytest.mark.parametrize(("operation", "member"), CASES)
def test_a_filter_shows_all_that_fits_and_nothing_else(operation, member):
    """What a filtered list shows is what a plain loop over the whole list finds, in the same order, page by page."""
    rule = FILTERS[operation][member]
    how, *path = ("=", rule) if isinstance(rule, str) else rule
    path, tried, left_out = tuple(path), 0, 0
    for about, items in asked_about(operation):
        values = dict.fromkeys(value for item in items if (value := value_of(item, *path)) is not None)
        for value in list(values)[:: max(1, len(values) // 25)]:
            asked = as_asked(how, path, value)
            expected = [item for item in items if fits(how, path, item, value if how != "=" else asked)]
            found = whole(service(), operation, **about, **{member: asked})
            assert found == expected, asked
            assert whole(service(), operation, **about, **{member: asked, "MaxResults": 20}) == expected
            tried, left_out = tried + 1, left_out + len(items) - len(found)
    assert tried
    # Where all items are alike, another value finds none; of scanners and report plans there is one alone.
    if not left_out and member not in {"ByMalwareScanner", "ByReportPlanName"}:
        assert whole(service(), operation, **about, **{member: nothing(operation, member)}) == []


def nothing(operation, member):
    """A value that no item has."""
    shape = shapes.model().operation_model(operation).input_shape.members[member]
    other = {"ByAccountId": "999999999999", "IndexStatus": "FAILED"}
    return other.get(member) or shape.metadata.get("enum", ["none"])[-1]


def test_filters_are_combined():
    """Each filter more leaves out what does not fit it."""
    items = everything()["ListCopyJobs", ""]
    chosen = {"ByState": "FAILED", "ByResourceType": "EBS", "ByCreatedAfter": datetime(2026, 1, 2, 3, tzinfo=UTC)}
    found = whole(service(), "ListCopyJobs", **chosen)
    assert found == [
        item
        for item in items
        if (item["State"], item["ResourceType"]) == ("FAILED", "EBS")
        and item["CreationDate"] > chosen["ByCreatedAfter"].timestamp()
    ]
    assert 0 < len(found) < len(items)


@pytest.mark.parametrize("operation", ["ListBackupJobs", "ListCopyJobs", "ListRestoreJobs", "ListScanJobs"])
def test_job_lists_show_the_account_that_is_asked_for(operation):
    """Alone, together with ``*``, and nothing of an account that there is not."""
    own = everything()[operation, ""]
    other = whole(service().as_account(OTHER_ACCOUNT), operation)
    assert len(other) == (operation == "ListBackupJobs")
    assert whole(service(), operation, ByAccountId=OTHER_ACCOUNT) == other
    assert whole(service(), operation, ByAccountId="*") == other + own
    assert whole(service(), operation, ByAccountId="999999999999") == []


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_together_are_the_whole_list(operation, size):
    """Whatever the size of a page, nothing comes twice, nothing is left out, and only the last page has no token."""
    for (name, thing), items in everything().items():
        if name != operation or len(items) > 320:
            continue
        params, seen = {"MaxResults": size, **({needed(name): thing} if thing else {})}, []
        while True:
            page = json.loads(service().call(name, params))
            part = page[member_of(name)]
            seen += part.items() if isinstance(part, dict) else part
            if "NextToken" not in page:
                break
            assert len(part) == size
            params["NextToken"] = page["NextToken"]
        assert seen == items


@pytest.mark.parametrize("operation", LISTS)
def test_a_token_that_the_list_did_not_give_is_refused(operation):
    """One that is not a token, one of another list, and one that was changed."""
    given = json.loads(service().call("ListBackupPlanTemplates", {"MaxResults": 1}))["NextToken"]
    if operation == "ListBackupPlanTemplates":
        given = json.loads(service().call("ListBackupPlans", {"MaxResults": 1}))["NextToken"]
    named = needed(operation)
    about = {named: next(thing for name, thing in asked_things(operation))} if named is not None else {}
    own = json.loads(service().call(operation, {**about, "MaxResults": 1})).get("NextToken")
    changed = [] if own is None else [f"!{own}", f"{own[:-3]}AA=", own[:-1], f"{own}{own}"]
    for token in ["", "AAAA", "ä", given, *changed]:
        with pytest.raises((errors.ServiceError, errors.InvalidValueError)):
            service().call(operation, {**about, "MaxResults": 1, "NextToken": token})


def asked_things(operation):
    """What the list was asked about; what it can be asked about at all, where there was nothing."""
    found = [key for key in everything() if key[0] == operation]
    return found or [(operation, "gapped")]
