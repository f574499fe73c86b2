"""Lists are whole, lazy, and never ask for a token."""

from __future__ import annotations

import itertools
import json

import botocore.session
import pytest

from backupkit import errors
from backupkit.emulator import LocalService
from backupkit.observe import RecoveryPoint, Vault
from backupkit.transport.paging import LISTS, PAGE_SIZES, listed, pages, tags
from backupkit.transport.recording import Recording

MODEL = botocore.session.get_session().get_service_model("backup")


class Pages:
    """A service that answers these pages in turn, whatever is asked."""

    region_name = "us-east-1"
    clock = LocalService().clock

    def __init__(self, *answers):
        self.answers = itertools.chain(answers)
        self.asked = []

    def call(self, _operation, params, /):
        self.asked.append(params)
        return json.dumps(next(self.answers)).encode()


def of(names, token=None):
    """A page of vaults."""
    return {"BackupVaultList": [{"BackupVaultName": name} for name in names], "NextToken": token}


def names_of(transport):
    """All names that the list gives."""
    return [vault.backup_vault_name for vault in listed(transport, "ListBackupVaults", Vault, {})]


def test_the_table_has_every_list_of_the_model():
    """Each of the API's list operations is in the table, with the member that holds its result."""
    lists = {
        name: MODEL.operation_model(name).output_shape.members
        for name in MODEL.operation_names
        if name.startswith("List")
    }
    found = {
        name: next(key for key, member in members.items() if member.type_name in {"list", "map"})
        for name, members in lists.items()
    }
    assert found == LISTS
    assert len(LISTS) == 32


@pytest.mark.parametrize("operation", sorted(LISTS))
def test_pages_are_no_larger_than_the_model_allows(operation):
    """The size of a page is within the bounds of the model."""
    assert (
        PAGE_SIZES.get(operation, 1000)
        <= MODEL.operation_model(operation).input_shape.members["MaxResults"].metadata["max"]
    )


def test_an_empty_page_with_a_token_goes_on():
    """Filters may leave a page empty; the list goes on as long as there is a token."""
    assert names_of(Pages(of(["a"], "1"), of([], "2"), of([], "3"), of(["b"]))) == ["a", "b"]


def test_an_empty_token_ends_a_list():
    """Some services end a list with an empty token."""
    assert names_of(Pages(of(["a"], "1"), of(["b"], ""))) == ["a", "b"]


@pytest.mark.parametrize("tokens", [["1", "1"], ["1", "2", "1"]])
def test_a_list_that_never_ends_is_an_error(tokens):
    """A token that comes again would go on forever: the list ends in an error, not in a loop."""
    with pytest.raises(errors.UnreachableError, match="ListBackupVaults"):
        names_of(Pages(*(of(["a"], token) for token in tokens)))


def test_pages_are_asked_for_when_they_are_needed():
    """Taking the first record asks for the first page only."""
    service = Pages(of(["a", "b"], "1"), of(["c"]))
    vaults = listed(service, "ListBackupVaults", Vault, {})
    assert service.asked == []
    assert next(vaults).backup_vault_name == "a"
    assert len(service.asked) == 1
    assert [vault.backup_vault_name for vault in vaults] == ["b", "c"]
    assert service.asked[1] == {"MaxResults": 1000, "NextToken": "1"}


def test_raw_pages_are_the_bytes_of_the_answers():
    """``pages`` hands on the JSON of each page."""
    answers = [of(["a"], "1"), of(["b"])]
    assert [json.loads(body) for body in pages(Pages(*answers), "ListBackupVaults", {})] == answers


def test_tags_of_all_pages_are_one_map():
    """ListTags, whose result is a map, is put together from its pages."""
    service = Pages({"Tags": {"a": "1"}, "NextToken": "t"}, {"Tags": {}, "NextToken": "u"}, {"Tags": {"b": "2"}})
    assert tags(service, "arn:x") == {"a": "1", "b": "2"}


def test_what_is_no_list_is_refused():
    """An operation that lists nothing is named before anything is sent."""
    recording = Recording(LocalService())
    with pytest.raises(errors.InvalidValueError, match="DescribeBackupVault"):
        next(listed(recording, "DescribeBackupVault", RecoveryPoint, {}))
    assert recording.calls == []
