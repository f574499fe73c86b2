"""What the local service takes and answers, held against botocore's model of AWS Backup."""

from __future__ import annotations

import importlib
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.validate import ParamValidator

from backupkit import errors
from backupkit.emulator import LocalService
from backupkit.emulator.http import requests
from backupkit.emulator.http.reading import in_query
from backupkit.emulator.kernel import shapes
from backupkit.emulator.wiring import OPERATIONS

MODEL = ServiceModel(Loader().load_service_model("backup", "service-2"), "backup")


class AuthRequest:
    """A local service that holds every answer against the model, and remembers what was asked."""

    def __init__(self) -> None:
        self.service = LocalService()
        self.operations: set[str] = set()

    def __call__(self, operation, **params):
        self.operations.add(operation)
        body = self.service.call(operation, params)
        answer = json.loads(body)
        assert shapes.output_check(operation)(answer) is None, operation
        shape = MODEL.operation_model(operation).output_shape
        parsed = create_parser("rest-json").parse({"status_code": 200, "headers": {}, "body": body}, shape)
        assert set(parsed) - {"ResponseMetadata"} >= set(answer), operation
        return answer


def stories():
    """The stories beside this file: each plays one family of operations on a service of its own."""
    for path in sorted(Path(__file__).parent.glob("story_*.py")):
        yield importlib.import_module(path.stem)


@pytest.fixture(scope="module")
def asked():
    """The operations that the stories asked, each answer held against the model."""
    found = set()
    for story in stories():
        ask = AuthRequest()
        story.play(ask)
        found |= ask.operations
    return found


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_answer_follows_the_model(asked, operation):
    """Each operation was called, its answer fits botocore's output shape, and botocore's parser keeps all of it."""
    assert operation in asked


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("CreateBackupVault", {}),
        ("CreateBackupVault", {"BackupVaultName": 1}),
        ("CreateBackupVault", {"BackupVaultName": "prod", "BackupVaultTags": ["a"]}),
        ("CreateBackupVault", {"BackupVaultName": "prod", "BackupVaultTags": {"a": 1}}),
        ("CreateBackupVault", {"BackupVaultName": "prod", "Tags": {}}),
        ("CreateBackupVault", {"BackupVaultName": None}),
        ("ListBackupVaults", {"MaxResults": 0}),
        ("ListBackupVaults", {"MaxResults": "5"}),
        ("ListBackupVaults", {"ByShared": "yes"}),
        ("CreateBackupPlan", {"BackupPlan": {"BackupPlanName": "p", "Rules": [{}]}}),
        ("CreateBackupPlan", {"BackupPlan": {"BackupPlanName": "p", "Rules": {}}}),
        ("ListBackupJobs", {"ByCreatedAfter": object()}),
        ("CreateBackupVault", {"BackupVaultName": "prod", "CreatorRequestId": 1}),
        (
            "CreateFramework",
            {
                "FrameworkName": "f",
                "FrameworkControls": [{"ControlName": "c", "ControlScope": {"ComplianceResourceIds": []}}],
            },
        ),
        ("GetBackupPlan", {"BackupPlanId": "p", "MaxScheduledRunsPreview": -1}),
    ],
)
def test_what_botocore_would_not_send_is_an_invalid_value(operation, params):
    """The local service refuses, before anything else, all that botocore's own validator does."""
    shape = MODEL.operation_model(operation).input_shape
    assert ParamValidator().validate(params, shape).has_errors()
    with pytest.raises(errors.InvalidValueError, match=operation):
        LocalService().call(operation, params)


def test_moments_without_a_zone_or_a_calendar_are_invalid_values():
    """botocore would take the zone of this machine, and cannot send a moment that UTC has not."""
    edge = datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))
    for odd, word in ((datetime(2026, 1, 1), "has no time zone"), (edge, "beyond the calendar")):
        with pytest.raises(errors.InvalidValueError, match=word):
            LocalService().call("ListBackupJobs", {"ByCreatedAfter": odd})


def test_an_operation_without_members_takes_none():
    """GetSupportedResourceTypes is asked for nothing in particular."""
    assert LocalService().call("GetSupportedResourceTypes", {})
    with pytest.raises(errors.InvalidValueError, match="it takes no members"):
        LocalService().call("GetSupportedResourceTypes", {"MaxResults": 5})


def test_an_answer_that_is_not_the_models_is_noticed():
    """What holds the answers of stories against the model can find a fault: a moment that is text, a missing list."""
    for answer in ({"CreationDate": "2026-01-01"}, {"BackupVaultName": 5}, {"Locked": "no"}):
        assert shapes.output_check("DescribeBackupVault")(answer)
    assert shapes.output_check("ListBackupVaults")({"BackupVaultList": {}})


def test_what_botocore_sends_and_the_model_forbids_is_refused_by_the_service():
    """Patterns, maxima and enums are not botocore's to check."""
    many = {"ComplianceResourceIds": [str(number) for number in range(101)]}
    wrong = {
        "CreateFramework": {
            "FrameworkName": "f",
            "FrameworkControls": [{"ControlName": "c", "ControlScope": many}],
        },
        "CreateBackupVault": {"BackupVaultName": "a b"},
        "ListBackupVaults": {"ByVaultType": "CUPBOARD"},
        "ListBackupPlans": {"MaxResults": 1001},
    }
    for operation, params in wrong.items():
        assert not ParamValidator().validate(params, MODEL.operation_model(operation).input_shape).has_errors()
        with pytest.raises(errors.RejectedError) as caught:
            LocalService().call(operation, params)
        assert caught.value.code == "InvalidParameterValueException"


def test_every_operation_of_the_model_compiles():
    """The check of any operation can be made, also of those that are not emulated yet, and the reader of its queries."""
    for operation in shapes.operation_names():
        for _, kind in requests._form(operation).in_query.values():
            assert in_query(kind)
        assert (
            shapes.input_check(operation)({}) is None or MODEL.operation_model(operation).input_shape.required_members
        )
        assert shapes.output_check(operation)({}) is None
