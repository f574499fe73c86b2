"""Observed records hold every member of the API's model, and lose nothing beyond it."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime

import botocore.session
import msgspec
import pytest
from rich.pretty import pretty_repr

from backupkit import observe
from backupkit.observe import decode, states
from backupkit.observe.record import Record

MODEL = botocore.session.get_session().get_service_model("backup")

SHAPES = {
    "AccessPoint": ["DescribeBackupAccessPointResponse", "ListAccessPointsMember"],
    "AdvancedBackupSetting": ["AdvancedBackupSetting"],
    "AggregatedScanResult": ["AggregatedScanResult"],
    "ApprovalTeamUpdate": ["LatestMpaApprovalTeamUpdate"],
    "BackupJob": ["BackupJob", "DescribeBackupJobOutput"],
    "BackupJobSummary": ["BackupJobSummary"],
    "BackupRule": ["BackupRule"],
    "CalculatedLifecycle": ["CalculatedLifecycle"],
    "Condition": ["Condition"],
    "ConditionParameter": ["ConditionParameter"],
    "Conditions": ["Conditions"],
    "ContinuousScan": ["GetPITRMalwareScanResultsOutput"],
    "ControlParameter": ["ControlInputParameter"],
    "ControlScope": ["ControlScope"],
    "CopyAction": ["CopyAction"],
    "CopyJob": ["CopyJob"],
    "CopyJobSummary": ["CopyJobSummary"],
    "Creator": ["RecoveryPointCreator", "ScanJobCreator"],
    "DateRange": ["DateRange"],
    "Framework": ["Framework", "DescribeFrameworkOutput"],
    "FrameworkControl": ["FrameworkControl"],
    "GlobalSettings": ["DescribeGlobalSettingsOutput"],
    "HoldSelection": ["RecoveryPointSelection"],
    "IndexAction": ["IndexAction"],
    "IndexedRecoveryPoint": ["IndexedRecoveryPoint", "GetRecoveryPointIndexDetailsOutput"],
    "InferredMetadata": ["GetRestoreTestingInferredMetadataOutput"],
    "KeyValue": ["KeyValue"],
    "LegalHold": ["LegalHold", "GetLegalHoldOutput"],
    "Lifecycle": ["Lifecycle"],
    "Plan": ["BackupPlansListMember", "GetBackupPlanOutput"],
    "PlanDocument": ["BackupPlan"],
    "PlanTemplate": ["BackupPlanTemplatesListMember"],
    "PointSelection": ["RestoreTestingRecoveryPointSelection"],
    "ProtectedResource": ["ProtectedResource", "DescribeProtectedResourceOutput"],
    "RecoveryPoint": [
        "RecoveryPointByBackupVault",
        "DescribeRecoveryPointOutput",
        "RecoveryPointByResource",
        "RecoveryPointMember",
    ],
    "RegionSettings": ["DescribeRegionSettingsOutput"],
    "ReportDeliveryChannel": ["ReportDeliveryChannel"],
    "ReportDestination": ["ReportDestination"],
    "ReportJob": ["ReportJob"],
    "ReportPlan": ["ReportPlan"],
    "ReportSetting": ["ReportSetting"],
    "ResourceConditions": ["ProtectedResourceConditions"],
    "RestoreAccessVault": ["RestoreAccessBackupVaultListMember"],
    "RestoreJob": ["RestoreJobsListMember", "DescribeRestoreJobOutput"],
    "RestoreJobCreator": ["RestoreJobCreator"],
    "RestoreJobMetadata": ["GetRestoreJobMetadataOutput"],
    "RestoreJobSummary": ["RestoreJobSummary"],
    "RestoreMetadata": ["GetRecoveryPointRestoreMetadataOutput"],
    "RestoreTestingPlan": ["RestoreTestingPlanForList", "RestoreTestingPlanForGet"],
    "RestoreTestingSelection": ["RestoreTestingSelectionForList", "RestoreTestingSelectionForGet"],
    "RevokeRequest": ["LatestRevokeRequest"],
    "ScanAction": ["ScanAction"],
    "ScanJob": ["ScanJob", "DescribeScanJobOutput"],
    "ScanJobSummary": ["ScanJobSummary"],
    "ScanResult": ["ScanResult"],
    "ScanSetting": ["ScanSetting"],
    "ScanVerdict": ["ScanResultInfo"],
    "ScheduledRun": ["ScheduledPlanExecutionMember"],
    "Selection": ["BackupSelectionsListMember", "GetBackupSelectionOutput"],
    "SelectionDocument": ["BackupSelection"],
    "SupportedResourceTypes": ["GetSupportedResourceTypesOutput"],
    "TieringConfiguration": ["TieringConfigurationsListMember", "TieringConfiguration"],
    "TieringSelection": ["ResourceSelection"],
    "Vault": ["BackupVaultListMember", "DescribeBackupVaultOutput"],
    "VaultAccessPolicy": ["GetBackupVaultAccessPolicyOutput"],
    "VaultNotifications": ["GetBackupVaultNotificationsOutput"],
}

NOT_MODELLED: dict[str, str] = {
    # Documents that users declare; records keep them as they are, and `bk.Plan.from_json` reads the first.
    "BackupPlan": "a document",
    "BackupSelection": "a document",
    # Answers that are nothing but a list, a map of tags, or one record under a name.
    "GetBackupPlanFromJSONOutput": "one document under a name",
    "GetBackupPlanFromTemplateOutput": "one document under a name",
    "DescribeCopyJobOutput": "one record under a name",
    "DescribeReportJobOutput": "one record under a name",
    "DescribeReportPlanOutput": "one record under a name",
    "GetRestoreTestingPlanOutput": "one record under a name",
    "GetRestoreTestingSelectionOutput": "one record under a name",
    "GetTieringConfigurationOutput": "one record under a name",
    "ListTagsOutput": "a map",
}

PAIRS = [(name, shape) for name, shapes in SHAPES.items() for shape in shapes]
RECORDS = [getattr(observe, name) for name in SHAPES]


def test_every_record_is_held_against_the_model():
    """No record class escapes the comparison with the API's model."""
    ours = {
        cls.__name__
        for name in observe.__all__
        if isinstance(cls := getattr(observe, name), type) and issubclass(cls, Record)
    }
    assert ours - {"Record"} == set(SHAPES)


@pytest.mark.parametrize(
    "operation", [name for name in MODEL.operation_names if name.startswith(("Describe", "Get", "List"))]
)
def test_every_answer_of_the_api_has_a_record(operation):
    """Whatever AWS Backup reports by describing, getting or listing has a record class, or is listed as left out."""
    known = {shape for shapes in SHAPES.values() for shape in shapes} | set(NOT_MODELLED)
    output = MODEL.operation_model(operation).output_shape
    parts = [member.member for member in output.members.values() if member.type_name == "list"]
    wanted = (
        {part.name for part in parts if part.type_name == "structure"}
        if operation.startswith("List")
        else {output.name}
    )
    assert wanted <= known


@pytest.mark.parametrize(("name", "shape"), PAIRS, ids=[f"{name}-{shape}" for name, shape in PAIRS])
def test_every_member_of_the_model_is_a_field(name, shape):
    """A member that AWS adds to a shape shows up here by its name."""
    fields = {field.encode_name for field in msgspec.structs.fields(getattr(observe, name))}
    assert set(MODEL.shape_for(shape).members) <= fields


@pytest.mark.parametrize("cls", RECORDS, ids=SHAPES)
def test_no_field_is_invented(cls):
    """Every field of a record is a member of one of its shapes, beside ``extra``."""
    members = {member for shape in SHAPES[cls.__name__] for member in MODEL.shape_for(shape).members}
    assert {field.encode_name for field in msgspec.structs.fields(cls)} == members | {"-extra"}


def sample(shape, depth=0):
    """A value that fits a shape."""
    match shape.type_name:
        case "structure":
            return {name: sample(member, depth + 1) for name, member in shape.members.items()}
        case "list":
            return [sample(shape.member, depth + 1)]
        case "map":
            return {"key": sample(shape.value, depth + 1)}
    return {"timestamp": 1700000000.123, "boolean": True, "integer": 7, "long": 2**40}.get(shape.type_name, "text")


@pytest.mark.parametrize(("name", "shape"), PAIRS, ids=[f"{name}-{shape}" for name, shape in PAIRS])
def test_an_answer_with_every_member_fits(name, shape):
    """An answer that has all members of the model, of the model's types, leaves nothing over."""
    record = decode.record(json.dumps(sample(MODEL.shape_for(shape))).encode(), getattr(observe, name))
    assert record.extra == {}
    assert all(
        getattr(record, field.name) is not None
        for field in msgspec.structs.fields(type(record))
        if field.encode_name in MODEL.shape_for(shape).members
    )


def test_times_are_aware_and_in_utc():
    """Epoch seconds become aware UTC datetimes, to the millisecond."""
    point = decode.record(b'{"CreationDate": 1700000000.123}', observe.RecoveryPoint)
    assert point.creation_date == datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)
    assert point.creation_date.tzinfo is UTC


def test_the_size_has_one_name():
    """Lists by resource say BackupSizeBytes, all others BackupSizeInBytes: one field has it either way."""
    for name in ("BackupSizeBytes", "BackupSizeInBytes"):
        assert decode.record(json.dumps({name: 7}).encode(), observe.RecoveryPoint).backup_size_in_bytes == 7


def test_records_are_values():
    """Equal records are equal and hash alike, cannot be changed, and survive pickling."""
    body = b'{"RecoveryPointArn": "arn:x", "Lifecycle": {"DeleteAfterDays": 35}, "Later": [1]}'
    one, other = (decode.record(body, observe.RecoveryPoint) for _ in range(2))
    assert one == other
    assert len({one, other}) == 1
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(AttributeError):
        one.status = "COMPLETED"


def test_a_record_prints_what_is_set_and_no_secrets():
    """What a record prints has the fields that are set; maps show their keys alone, also through rich."""
    body = {"RecoveryPointArn": "arn:x", "RestoreMetadata": {"password": "hunter2"}, "Later": {"token": "hunter3"}}
    record = decode.record(json.dumps(body).encode(), observe.RestoreMetadata)
    for text in (repr(record), pretty_repr(record)):
        assert "arn:x" in text
        assert "password" in text
        assert "resource_type" not in text
        assert "hunter" not in text


@pytest.mark.parametrize(
    ("states_class", "shape"),
    [
        (states.BackupJobState, "BackupJobState"),
        (states.CopyJobState, "CopyJobState"),
        (states.RestoreJobStatus, "RestoreJobStatus"),
        (states.ScanJobState, "ScanState"),
        (states.RecoveryPointStatus, "RecoveryPointStatus"),
        (states.StorageClass, "StorageClass"),
        (states.VaultState, "VaultState"),
        (states.VaultType, "VaultType"),
    ],
)
def test_states_are_those_of_the_model(states_class, shape):
    """A state that AWS adds shows up here by its name."""
    assert {state.value for state in states_class} == set(MODEL.shape_for(shape).enum)


def test_a_job_never_ends_in_a_state_that_goes_on():
    """The sets of final states hold no state in which a job still moves."""
    ends = states.BACKUP_JOB_ENDED | states.COPY_JOB_ENDED | states.RESTORE_JOB_ENDED | states.SCAN_JOB_ENDED
    assert not ends & {"CREATED", "PENDING", "RUNNING", "ABORTING"}
