"""What AWS sends beyond its model is never refused and never lost."""

from __future__ import annotations

import json

import pytest

from backupkit.errors import UnreachableError
from backupkit.observe import CopyJob, RecoveryPoint, decode


def read(**members):
    """A recovery point with these members."""
    return decode.record(json.dumps(members).encode(), RecoveryPoint)


def test_an_unknown_member_is_kept_under_its_own_name():
    """A member that AWS invents later is in ``extra``, whatever it is; known ones are read as always."""
    point = read(RecoveryPointArn="arn:x", CreationDate=1700000000, Shiny={"Deep": [1, None]})
    assert point.extra == {"Shiny": {"Deep": [1, None]}}
    assert point == read(RecoveryPointArn="arn:x", CreationDate=1700000000, Shiny={"Deep": [1, None]})
    assert (point.recovery_point_arn, point.creation_date.year) == ("arn:x", 2023)


def test_an_unknown_member_inside_a_member_is_kept_there():
    """Unknown members of nested records, also in lists, are in the nested record's ``extra``."""
    point = read(
        Lifecycle={"DeleteAfterDays": 35, "Later": 1}, ScanResults=[{"Findings": ["MALWARE"], "Depth": "deep"}]
    )
    assert (point.lifecycle.delete_after_days, point.lifecycle.extra) == (35, {"Later": 1})
    assert (point.scan_results[0].findings, point.scan_results[0].extra) == (["MALWARE"], {"Depth": "deep"})
    assert point.extra == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"IsParent": "perhaps"},
        {"BackupSizeInBytes": 1.5},
        {"Status": 7},
        {"CreationDate": "yesterday"},
        {"CreationDate": "2024-01-01T00:00:00"},
        {"Lifecycle": "forever"},
        {"ScanResults": [{"Findings": ["MALWARE"]}, "odd"]},
    ],
)
def test_a_mistyped_member_is_kept_as_it_came(wrong):
    """A member of another type than the model says is in ``extra``; all others are read."""
    point = read(RecoveryPointArn="arn:x", Later=1, **wrong)
    assert point.extra == {"Later": 1, **wrong}
    assert point.recovery_point_arn == "arn:x"


def test_a_mistyped_member_inside_a_member_costs_only_itself():
    """What is wrong inside a nested record does not cost the nested record."""
    point = read(Lifecycle={"DeleteAfterDays": "many", "MoveToColdStorageAfterDays": 7, "Later": 1})
    assert point.lifecycle.move_to_cold_storage_after_days == 7
    assert point.lifecycle.extra == {"DeleteAfterDays": "many", "Later": 1}


def test_new_values_of_enumerations_pass():
    """States and types that AWS invents later are plain strings."""
    assert (read(Status="HIBERNATING").status, read(Status="HIBERNATING").extra) == ("HIBERNATING", {})


def test_a_member_that_is_null_is_none():
    """null and absent are alike."""
    assert read(Lifecycle=None, Status=None) == read()


def test_a_member_called_extra_is_no_trouble():
    """A member of any name is kept, also one that looks like our own."""
    assert read(extra={"a": 1}, Extra=2).extra == {"extra": {"a": 1}, "Extra": 2}


def test_one_odd_record_does_not_change_the_others():
    """In a page, each record is read for itself."""
    items = [
        {"RecoveryPointArn": "a"},
        {"RecoveryPointArn": "b", "Later": 1},
        {"RecoveryPointArn": "c", "IsParent": "?"},
    ]
    page = decode.page(
        json.dumps({"RecoveryPoints": items, "NextToken": "t"}).encode(), "RecoveryPoints", RecoveryPoint
    )
    assert [(item.recovery_point_arn, item.extra) for item in page.items] == [
        ("a", {}),
        ("b", {"Later": 1}),
        ("c", {"IsParent": "?"}),
    ]
    assert page.next_token == "t"


@pytest.mark.parametrize(
    "body", [b"{}", b'{"RecoveryPoints": null, "NextToken": null}', b'{"RecoveryPoints": [], "New": 1}']
)
def test_an_empty_page_is_empty(body):
    """A page without its list has no records and no next page."""
    assert decode.page(body, "RecoveryPoints", RecoveryPoint) == ([], None)


def test_a_record_under_a_name_is_found():
    """Answers that wrap their record are unwrapped; one that does not is refused."""
    assert decode.member(b'{"CopyJob": {"CopyJobId": "x", "Later": 1}}', "CopyJob", CopyJob).extra == {"Later": 1}
    with pytest.raises(UnreachableError, match="CopyJob"):
        decode.member(b'{"BackupJob": {}}', "CopyJob", CopyJob)


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"RecoveryPoints": [', b"\xff\xfe"])
def test_what_is_no_json_object_is_no_answer(body):
    """Text that is not the API's JSON ends in an UnreachableError everywhere."""
    for read_it in (
        lambda: decode.record(body, RecoveryPoint),
        lambda: decode.page(body, "RecoveryPoints", RecoveryPoint),
        lambda: decode.document(body),
        lambda: decode.tags(body),
        lambda: decode.listing(body, "RecoveryPoints"),
    ):
        with pytest.raises(UnreachableError):
            read_it()


@pytest.mark.parametrize("items", ['["text"]', "7", "[null]"])
def test_a_list_of_something_else_is_no_answer(items):
    """A list whose items are no objects is not the API's."""
    with pytest.raises(UnreachableError, match="RecoveryPoint"):
        decode.page(f'{{"RecoveryPoints": {items}}}'.encode(), "RecoveryPoints", RecoveryPoint)
