"""Our fields against botocore's model of AWS Backup: every member is declared, or listed with the reason."""

from __future__ import annotations

import botocore.session
import pytest
from api_shapes import INSIDE, SHAPES

from backupkit import ComplianceLock, GovernanceLock
from backupkit.declare import names
from backupkit.declare.actions import ScanAction
from backupkit.declare.codec.documents import members
from backupkit.declare.codec.reading import why_omitted
from backupkit.declare.restore_testing import ALGORITHMS, POINT_TYPES
from backupkit.declare.selection import OPERATORS
from backupkit.declare.vault import EVENTS

MODEL = botocore.session.get_session().get_service_model("backup")


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_every_member_is_declared_or_listed(shape: str) -> None:
    """A member of the API is a field or on the list, never both, and we send nothing that the API does not know."""
    cls, theirs = SHAPES[shape], set(MODEL.shape_for(shape).members)
    assert members(cls) <= theirs
    assert {member for member in theirs if not why_omitted(cls, member)} == members(cls)


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_what_is_omitted_exists(shape: str) -> None:
    """A reason is given for a member that the API has and that no field holds."""
    cls = SHAPES[shape]
    assert set(cls._OMITTED) <= set(MODEL.shape_for(shape).members) - members(cls)


@pytest.mark.parametrize("shape", sorted(INSIDE))
def test_every_member_of_a_structure_inside_is_declared_or_listed(shape: str) -> None:
    """Where the API nests and the value does not, no member is lost either."""
    counted = {"NumberOfFrameworks"} if shape == "ReportSetting" else set()  # by AWS
    assert members(*INSIDE[shape]) == set(MODEL.shape_for(shape).members) - counted


@pytest.mark.parametrize(
    ("create", "update", "fixed"),
    [
        ("CreateFrameworkInput", "UpdateFrameworkInput", set()),
        ("CreateReportPlanInput", "UpdateReportPlanInput", set()),
        ("TieringConfigurationInputForCreate", "TieringConfigurationInputForUpdate", {"TieringConfigurationName"}),
    ],
)
def test_what_is_made_is_what_can_be_changed(create: str, update: str, fixed: set[str]) -> None:
    """An update takes all that a creation takes but for the tags: a member that AWS adds to one shows up here."""
    tags = {member for member in SHAPES[create]._OMITTED if member.endswith("Tags")}
    assert set(MODEL.shape_for(update).members) == set(MODEL.shape_for(create).members) - tags - fixed


@pytest.mark.parametrize(
    "shape",
    [
        "CreateBackupPlanInput",
        "CreateBackupSelectionInput",
        "CreateTieringConfigurationInput",
        "PutBackupVaultAccessPolicyInput",
        "Condition",
        "ConditionParameter",
    ],
)
def test_what_stands_around_documents_is_known(shape: str) -> None:
    """Requests that carry a document hold nothing else than what the provider gives."""
    known = {
        "CreateBackupPlanInput": {"BackupPlan", "BackupPlanTags", "CreatorRequestId"},
        "CreateBackupSelectionInput": {"BackupPlanId", "BackupSelection", "CreatorRequestId"},
        "CreateTieringConfigurationInput": {
            "TieringConfiguration",
            "TieringConfigurationTags",
            "CreatorRequestId",
        },
        "PutBackupVaultAccessPolicyInput": {"BackupVaultName", "Policy"},
        "Condition": {"ConditionType", "ConditionKey", "ConditionValue"},
        "ConditionParameter": {"ConditionKey", "ConditionValue"},
    }
    assert set(MODEL.shape_for(shape).members) == known[shape]


@pytest.mark.parametrize(
    ("pattern", "shape"),
    [
        (names.VAULT_NAME, "BackupVaultName"),
        (names.RULE_NAME, "BackupRuleName"),
        (names.SELECTION_NAME, "BackupSelectionName"),
        (names.OPTION, "ResourceType"),
        (names.ACCESS_POINT_NAME, "AccessPointName"),
        (names.TIERING_NAME, "TieringConfigurationName"),
        (names.TIERED_VAULT, "BackupVaultNameOrWildcard"),
    ],
)
def test_patterns_are_those_of_the_model(pattern: names.Pattern, shape: str) -> None:
    """A name is refused by the expression that the API's model gives."""
    assert pattern.expression == MODEL.shape_for(shape).metadata["pattern"].removeprefix("^").removesuffix("$")


def test_points_of_a_restore_testing_plan_are_chosen_by_all_that_the_model_knows() -> None:
    """Every word of the selection of points is accepted."""
    assert set(ALGORITHMS) == set(MODEL.shape_for("RestoreTestingRecoveryPointSelectionAlgorithm").enum)
    assert set(POINT_TYPES) == set(MODEL.shape_for("RestoreTestingRecoveryPointType").enum)


@pytest.mark.parametrize("shape", ["FrameworkName", "ReportPlanName"])
def test_names_of_audit_manager_are_those_of_the_model(shape: str) -> None:
    """The model gives the pattern and the length apart from each other; ours holds both."""
    said = MODEL.shape_for(shape).metadata
    assert names.AUDIT_NAME.expression == said["pattern"].replace("*", f"{{{said['min'] - 1},{said['max'] - 1}}}")


@pytest.mark.parametrize("shape", ["FrameworkDescription", "ReportPlanDescription"])
def test_descriptions_are_as_long_as_the_model_says(shape: str) -> None:
    """The longest description that the model takes is taken, and one that is longer is not."""
    most = MODEL.shape_for(shape).metadata["max"]
    assert not list(names.is_description("x" * most))
    assert list(names.is_description("x" * (most + 1)))


def test_the_model_has_no_pattern_for_plan_names() -> None:
    """When AWS adds one, ours must follow it."""
    assert "pattern" not in MODEL.shape_for("BackupPlanName").metadata


def test_events_are_those_of_the_model() -> None:
    """Every event of the model can be asked for; an older botocore knows fewer."""
    assert set(EVENTS) >= set(MODEL.shape_for("BackupVaultEvent").enum)
    assert len(EVENTS) == len(set(EVENTS))


def test_operators_are_those_of_the_model() -> None:
    """Every operator of conditions has its verb."""
    assert set(OPERATORS) == set(MODEL.shape_for("Conditions").members)


def test_a_governance_lock_sends_a_part_of_a_compliance_lock() -> None:
    """Only the grace time tells the two locks apart."""
    assert members(ComplianceLock) - members(GovernanceLock) == {"ChangeableForDays"}


@pytest.mark.parametrize(("field", "shape"), [("scan_mode", "ScanMode"), ("malware_scanner", "MalwareScanner")])
def test_scan_words_are_those_of_the_model(field: str, shape: str) -> None:
    """Every word of the model's enums is accepted."""
    for word in MODEL.shape_for(shape).enum:
        assert getattr(ScanAction(**{field: word}), field) == word
