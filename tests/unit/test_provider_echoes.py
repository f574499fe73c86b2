"""What AWS fills in and echoes is not a difference; what a person wrote is."""

from __future__ import annotations

import pytest

from backupkit import CopyAction, Lifecycle, Plan, Rule, Selection, tag
from backupkit.declare.codec.documents import document
from backupkit.provider.flatten import unknown_members
from backupkit.provider.forms import Form, differences
from backupkit.provider.kinds.body import body_form
from backupkit.provider.kinds.plan import PLAN as ROW
from backupkit.provider.kinds.selection import selection_form
from backupkit.provider.policy import policy_form

VAULT = "arn:aws:backup:eu-west-1:123456789012:backup-vault:far"
TWIN = "arn:aws:backup:eu-west-2:123456789012:backup-vault:far"
ROLE = "arn:aws:iam::123456789012:role/Backup"
ECHOED_RULE = {
    "RuleName": "r",
    "TargetBackupVaultName": "main",
    "RuleId": "0a1b",
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "ScheduleExpressionTimezone": "Etc/UTC",
    "StartWindowMinutes": 480,
    "CompletionWindowMinutes": 10080,
    "EnableContinuousBackup": False,
    "Lifecycle": {"DeleteAfterDays": 30, "OptInToArchiveForSupportedResources": False},
    "RecoveryPointTags": {},
    "CopyActions": [],
    "IndexActions": [],
    "ScanActions": None,
}
PLAN = Plan("p", Rule("r", "main").keep(days=30))


def plan_form(body: dict, settings: object = ()) -> Form:
    """What GetBackupPlan answers, as it is compared."""
    return body_form(ROW, ROW.read({"BackupPlan": body, "AdvancedBackupSettings": settings}))


def seen(**rule: object) -> dict[str, object]:
    return {"BackupPlanName": "p", "Rules": [{**ECHOED_RULE, **rule}], "AdvancedBackupSettings": None}


@pytest.mark.parametrize(
    "echo",
    [
        {},
        {"RuleId": "another"},
        {"ScheduleExpressionTimezone": None},
        {"ScheduleExpressionTimezone": "UTC"},
        {"StartWindowMinutes": None, "CompletionWindowMinutes": None},
        {"Lifecycle": {"DeleteAfterDays": 30, "MoveToColdStorageAfterDays": 0}},
        {"Lifecycle": {"DeleteAfterDays": 30, "MoveToColdStorageAfterDays": None}},
        {"Lifecycle": {"DeleteAfterDays": 30, "DeleteAfterEvent": "DELETE_AFTER_COPY"}},
        {"CopyActions": None, "RecoveryPointTags": None},
    ],
)
def test_echoes_of_a_plan_never_show(echo):
    """Defaults, empty lists, zeros, ids and false flags that AWS adds are no drift."""
    assert differences(plan_form(seen(**echo)), plan_form(document(PLAN))) == ()


@pytest.mark.parametrize(
    ("by_hand", "path"),
    [
        ({"ScheduleExpression": "cron(0 6 ? * * *)"}, "schedule"),
        ({"ScheduleExpressionTimezone": "Europe/Berlin"}, "timezone"),
        ({"StartWindowMinutes": 60}, "start_window_minutes"),
        ({"CompletionWindowMinutes": 600}, "completion_window_minutes"),
        ({"EnableContinuousBackup": True}, "continuous"),
        ({"Lifecycle": {"DeleteAfterDays": 31}}, "lifecycle/delete_after_days"),
        ({"Lifecycle": None}, "lifecycle/delete_after_days"),
        ({"RecoveryPointTags": {"a": "b"}}, "point_tags.a"),
        ({"CopyActions": [{"DestinationBackupVaultArn": VAULT}]}, "copy.far/vault"),
        ({"IndexActions": [{"ResourceTypes": ["EBS"]}]}, "index_actions"),
        ({"ScanActions": [{"MalwareScanner": "GUARDDUTY", "ScanMode": "FULL_SCAN"}]}, "scan_actions"),
        ({"TargetLogicallyAirGappedBackupVaultArn": VAULT}, "air_gapped_vault"),
        ({"TargetBackupVaultName": "other"}, "vault"),
    ],
)
def test_what_a_person_changed_always_shows(by_hand, path):
    """Whatever is set by hand in a rule, and not declared, is drift at its own address."""
    found = differences(plan_form(seen(**by_hand)), plan_form(document(PLAN)))
    assert [each.path for each in found] == [f"rule.r/{path}"]
    assert found[0].old != found[0].new


def test_never_is_told_in_two_ways():
    """-1 in a rule says what no retention says, and is not a drift; in a copy it means something else, and is."""
    for_ever = Plan("p", Rule("r", "main").keep_forever())
    assert differences(plan_form(seen(Lifecycle=None)), plan_form(document(for_ever))) == ()
    copies = [{"DestinationBackupVaultArn": VAULT, "Lifecycle": {}}]
    source_expiry = CopyAction(VAULT, lifecycle=Lifecycle(delete_after_days=-1))
    copying = Plan("p", Rule("r", "main", copies=(source_expiry,)).keep(days=30))
    (found,) = differences(plan_form(seen(CopyActions=copies)), plan_form(document(copying)))
    assert (found.path, found.old, found.new) == ("rule.r/copy.far/lifecycle/delete_after_days", None, -1)


def test_the_settings_that_aws_answers_beside_the_plan_count():
    """AdvancedBackupSettings come back beside the plan, not in it: there they are looked for."""
    settings = [{"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}]
    sent = {**document(PLAN), "AdvancedBackupSettings": settings}
    assert differences(plan_form(seen(), settings), plan_form(sent)) == ()
    (found,) = differences(plan_form(seen(), settings), plan_form(document(PLAN)))
    assert (found.path, found.old, found.new) == ("advanced_settings.EC2/WindowsVSS", "enabled", None)


def test_rules_and_copies_are_sets():
    """In which order rules and copies stand says nothing."""
    first, second = Rule("a", "main").keep(days=1), Rule("b", "main").keep(days=2).copy_to(VAULT).copy_to(TWIN)
    turned = Rule("b", "main").keep(days=2).copy_to(TWIN).copy_to(VAULT)
    one, other = Plan("p", first, second), Plan("p", turned, first)
    assert differences(plan_form(document(one)), plan_form(document(other))) == ()


def test_copies_to_vaults_of_one_name_are_told_apart():
    """Where two Regions have a vault of one name, the address holds the whole ARN."""
    both = Plan("p", Rule("r", "main").keep(days=1).copy_to(VAULT, keep_days=5).copy_to(TWIN, keep_days=6))
    one = Plan("p", Rule("r", "main").keep(days=1).copy_to(VAULT, keep_days=5))
    found = differences(plan_form(document(both)), plan_form(document(one)))
    assert {each.path for each in found} == {
        f"rule.r/copy.{TWIN}/vault",
        f"rule.r/copy.{TWIN}/lifecycle/delete_after_days",
    }


def test_a_second_rule_of_one_name_shows():
    """AWS may hold two rules of one name, made by hand: the second is not an echo of the first."""
    doubled = {**seen(), "Rules": [ECHOED_RULE, ECHOED_RULE]}
    found = differences(plan_form(doubled), plan_form(document(PLAN)))
    assert found
    assert all(each.path.startswith("rule.r#2/") and each.new is None for each in found)


SHORT, LONG = ({"DestinationBackupVaultArn": VAULT, "Lifecycle": {"DeleteAfterDays": days}} for days in (5, 50))
VSS = {"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}
SCAN = {"MalwareScanner": "GUARDDUTY", "ResourceTypes": ["EBS"], "ScannerRoleArn": ROLE}


@pytest.mark.parametrize(
    ("one", "double", "going"),
    [
        ({"CopyActions": [SHORT]}, {"CopyActions": [SHORT, LONG]}, {"rule.r/copy.far#2"}),
        ({"CopyActions": [SHORT]}, {"CopyActions": [LONG, SHORT]}, {"rule.r/copy.far#2"}),
        ({"CopyActions": [SHORT]}, {"CopyActions": [SHORT, SHORT]}, {"rule.r/copy.far#2"}),
        ({"CopyActions": [SHORT, LONG]}, {"CopyActions": [LONG, SHORT, LONG]}, {"rule.r/copy.far#3"}),
        (
            {"ScanActions": [{"MalwareScanner": "A", "ScanMode": "B"}]},
            {"ScanActions": [{"MalwareScanner": "A", "ScanMode": "B"}] * 2},
            {"rule.r/scan_actions"},
        ),
        (
            {"IndexActions": [{"ResourceTypes": ["EBS"]}]},
            {"IndexActions": [{"ResourceTypes": ["EBS"]}] * 2},
            {"rule.r/index_actions"},
        ),
    ],
)
def test_no_item_of_a_rule_hides_behind_another(one, double, going):
    """What AWS holds twice, or beside another to the same vault, shows; what is declared is paired with its like."""
    assert not differences(plan_form(seen(**one)), plan_form(seen(**{k: v[::-1] for k, v in one.items()})))
    for old, new in ((double, one), (one, double)):
        found = differences(plan_form(seen(**old)), plan_form(seen(**new)))
        assert found
        assert {each.path.rpartition("/")[0] if "copy" in each.path else each.path for each in found} <= {
            *going,
            *(f"{path}/lifecycle" for path in going),
        }


@pytest.mark.parametrize(
    ("member", "item", "other"),
    [
        ("AdvancedBackupSettings", VSS, {**VSS, "BackupOptions": {"WindowsVSS": "disabled"}}),
        ("AdvancedBackupSettings", VSS, VSS),
        ("ScanSettings", SCAN, {**SCAN, "ResourceTypes": ["S3"]}),
        ("ScanSettings", SCAN, SCAN),
        ("Rules", ECHOED_RULE, {**ECHOED_RULE, "StartWindowMinutes": 60}),
    ],
)
def test_no_item_of_a_plan_hides_behind_another(member, item, other):
    """Two settings of one type, two scanners of one name, two rules of one name: the second shows, on either side."""
    single = {**seen(), member: [item]}
    for pair in ([item, other], [other, item]):
        found = differences(plan_form({**seen(), member: pair}), plan_form(single))
        assert found
        assert all("#2/" in each.path and each.new is None for each in found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"ListOfTags": [("a", "b = c")]}, {"ListOfTags": [("a = b", "c")]}),
        ({"Conditions": [("aws:ResourceTag/a", "b")]}, {"Conditions": [("a", "b")]}),
        (
            {"Conditions": [("aws:ResourceTag/a StringEquals b", "c")]},
            {"Conditions": [("aws:ResourceTag/a", "b StringEquals c")]},
        ),
    ],
)
def test_no_tag_hides_behind_another_way_to_write_it(one, other):
    """Tags and conditions that select other resources never read alike."""
    forms = []
    for told in (one, other):
        pairs = {k: [{"ConditionKey": key, "ConditionValue": value} for key, value in v] for k, v in told.items()}
        if "Conditions" in pairs:
            pairs["Conditions"] = {"StringEquals": pairs["Conditions"]}
        forms.append(selection_form({"IamRoleArn": ROLE, **pairs}))
    assert forms[0] != forms[1]


def test_echoes_of_a_selection_never_show():
    """Empty lists and four empty conditions are what AWS answers for nothing; lists are sets."""
    selection = Selection("s", ROLE, resources=("arn:aws:s3:::b", "arn:aws:s3:::a")).where(tag("e").equals("p"))
    echoed = {
        "SelectionName": "s",
        "IamRoleArn": ROLE,
        "Resources": ["arn:aws:s3:::a", "arn:aws:s3:::b"],
        "NotResources": [],
        "ListOfTags": [],
        "Conditions": {
            "StringEquals": [{"ConditionKey": "aws:ResourceTag/e", "ConditionValue": "p"}],
            "StringNotEquals": [],
            "StringLike": [],
            "StringNotLike": [],
        },
    }
    assert selection_form(echoed) == selection_form(document(selection))
    emptied = {**echoed, "Conditions": {"StringEquals": []}}
    assert [each.path for each in differences(selection_form(emptied), selection_form(echoed))] == ["conditions"]


def test_unknown_members_are_found_wherever_they_are():
    """A member that backupkit does not know is named by its path; an empty one says nothing."""
    body = seen(Guardian={"Level": "high"}, Blank={"Nothing": [], "No": False})
    body["Rules"][0]["CopyActions"] = [{"DestinationBackupVaultArn": VAULT, "Lifecycle": {"Speed": 3}}]
    body["Weather"] = "fair"
    assert set(unknown_members(Plan, body)) == {
        "Weather",
        "rule.r/Guardian",
        "rule.r/CopyActions/Lifecycle/Speed",
    }


STATEMENT = {"Sid": "A", "Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}


@pytest.mark.parametrize(
    "other",
    [
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["*"]}},
        {"Action": ["backup:deleterecoverypoint"]},
        {"Resource": ["*", "*"]},
    ],
)
def test_one_policy_in_two_wordings_is_one(other):
    """Lists of one, case of actions and the two ways to say everybody make no other policy."""
    one = {"Version": "2012-10-17", "Statement": [STATEMENT]}
    two = {"Statement": {**STATEMENT, **other}, "Version": "2012-10-17"}
    assert policy_form(_text(one)) == policy_form(_text(two))


@pytest.mark.parametrize("other", [{"Effect": "Allow"}, {"Resource": "arn:x"}, {"Condition": {"Bool": {"k": True}}}])
def test_two_policies_are_two(other):
    """Another effect, resource or condition is another policy."""
    one, two = {"Statement": [STATEMENT]}, {"Statement": [{**STATEMENT, **other}]}
    assert policy_form(_text(one)) != policy_form(_text(two))


def test_an_account_is_its_root():
    """AWS writes an account's number down as the ARN of its root."""
    number, root = "123456789012", "arn:aws:iam::123456789012:root"
    forms = [policy_form(_text({"Statement": [{**STATEMENT, "Principal": {"AWS": who}}]})) for who in (number, root)]
    assert forms[0] == forms[1]


def _text(policy: object) -> str:
    import json

    return json.dumps(policy)
