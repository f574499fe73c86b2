"""What is sent is read back as what was declared, and botocore takes it."""

from __future__ import annotations

import functools
import json

import attrs
import botocore.session
from api_shapes import SHAPES
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backupkit import Plan, Selection, testing
from backupkit.declare.codec.documents import document
from backupkit.declare.codec.reading import from_document
from backupkit.declare.declared import Declared
from backupkit.errors import InvalidValueError

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PARTS = st.one_of(
    testing.rules(),
    testing.lifecycles(),
    testing.copy_actions(),
    testing.compliance_locks(),
    testing.governance_locks(),
    testing.notifications(),
    testing.index_actions(),
    testing.scan_actions(),
    testing.scan_settings(),
    testing.advanced_settings(),
)


@functools.cache
def model():
    return botocore.session.get_session().get_service_model("backup")


def botocore_takes(value: Declared, shape: str, **beside: str) -> None:
    report = ParamValidator().validate({**document(value), **beside}, model().shape_for(shape))
    assert not report.has_errors(), report.generate_report()


@quick
@given(PARTS)
def test_a_part_is_read_back_as_it_was_declared(value: Declared) -> None:
    """Reading what is sent gives the declared value, with nothing to complain of; JSON in between changes nothing."""
    sent = document(value)
    assert json.loads(json.dumps(sent)) == sent
    assert from_document(type(value), sent) == (value, ())


@quick
@given(testing.plans(most_rules=2))
def test_a_plan_is_read_back_as_it_was_declared(plan: Plan) -> None:
    """to_json and from_json are inverse for all that the API's document holds."""
    alone = attrs.evolve(plan, selections=(), tags={})
    assert Plan.from_json(plan.to_json()) == alone
    assert Plan.from_json({"BackupPlan": plan.to_dict(), "BackupPlanTags": dict(plan.tags)}).tags == plan.tags


@quick
@given(testing.selections())
def test_a_selection_is_read_back_with_its_resources_explicit(selection: Selection) -> None:
    """A selection is read back equal, except that resources left to backupkit are then written out."""
    read, noted = from_document(Selection, document(selection))
    assert not noted
    assert read == attrs.evolve(selection, resources=selection.sent_resources)
    assert document(read) == document(selection)


@quick
@given(testing.plans(most_rules=2), testing.selections(), testing.vaults())
def test_botocore_takes_what_is_sent(plan: Plan, selection: Selection, vault: testing.vaults) -> None:
    """botocore's own validator accepts every document."""
    botocore_takes(plan, "BackupPlanInput")
    botocore_takes(selection, "BackupSelection")
    botocore_takes(vault, "CreateBackupVaultInput")
    if vault.lock is not None:
        botocore_takes(vault.lock, "PutBackupVaultLockConfigurationInput", BackupVaultName=vault.name)
    if vault.notifications is not None:
        botocore_takes(vault.notifications, "PutBackupVaultNotificationsInput", BackupVaultName=vault.name)


@quick
@given(PARTS)
def test_parts_of_plans_are_what_botocore_expects(value: Declared) -> None:
    """botocore's own validator accepts every part by itself."""
    shape = next((name for name, cls in SHAPES.items() if cls is type(value)), None)
    if shape is not None and "Vault" not in shape:
        botocore_takes(value, shape)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
MEMBERS = ("BackupPlanName", "Rules", "AdvancedBackupSettings", "ScanSettings", "BackupPlan", "rules")
RULE_MEMBERS = tuple(
    name
    for name in (
        "RuleName",
        "TargetBackupVaultName",
        "ScheduleExpression",
        "Lifecycle",
        "CopyActions",
        "IndexActions",
        "ScanActions",
        "StartWindowMinutes",
        "CompletionWindowMinutes",
        "EnableContinuousBackup",
        "RecoveryPointTags",
        "ScheduleExpressionTimezone",
    )
)
LIFECYCLE = st.dictionaries(
    st.sampled_from(("DeleteAfterDays", "MoveToColdStorageAfterDays", "DeleteAt")), JSON, max_size=3
)
RULE = st.dictionaries(st.sampled_from(RULE_MEMBERS), st.one_of(JSON, LIFECYCLE), max_size=8)
WRECKED = st.dictionaries(
    st.sampled_from(MEMBERS), st.one_of(JSON, st.lists(st.one_of(RULE, JSON), max_size=3)), max_size=5
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(WRECKED, JSON))
def test_any_json_ends_in_a_plan_or_in_our_error(given_json: object) -> None:
    """No document, however wrong, ends in anything but a plan or InvalidValueError with located problems."""
    try:
        Plan.from_json(given_json).check()
    except InvalidValueError as error:
        told = error.problems
    else:
        return
    assert told
    assert all(problem.address.startswith("plan") and problem.hint for problem in told)


WRECKED_SELECTION = st.dictionaries(
    st.sampled_from(("SelectionName", "IamRoleArn", "Resources", "NotResources", "ListOfTags", "Conditions")),
    st.one_of(
        JSON,
        st.dictionaries(
            st.sampled_from(("StringEquals", "StringLike", "Equals")),
            st.lists(st.dictionaries(st.sampled_from(("ConditionKey", "ConditionValue")), JSON), max_size=2),
        ),
    ),
)


@settings(max_examples=200, deadline=None)
@given(WRECKED_SELECTION)
def test_any_selection_document_can_be_read(given_json: dict[str, object]) -> None:
    """Reading a wrong selection notes what is wrong and never breaks."""
    selection, noted = from_document(Selection, given_json)
    assert all(problem.message for problem in (*noted, *selection.problems()))
