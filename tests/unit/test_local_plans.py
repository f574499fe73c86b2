"""Plans of the local service: documents, echoes, versions, refusals in AWS's words."""

from __future__ import annotations

import json

import pytest

from backupkit import errors
from backupkit.emulator import Choices, LocalService
from backupkit.emulator.api.plans import MOST_PLANS, MOST_VERSIONS

ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
DR = "arn:aws:backup:eu-west-1:123456789012:backup-vault:dr"


def ask(service, operation, **params):
    return json.loads(service.call(operation, params))


def document(name="prod-plan", *rules, **more):
    return {"BackupPlanName": name, "Rules": list(rules) or [rule()], **more}


def rule(name="daily", vault="prod", **more):
    return {"RuleName": name, "TargetBackupVaultName": vault, **more}


def create(service, plan=None, **params):
    return ask(service, "CreateBackupPlan", BackupPlan=plan or document(), **params)


def get(service, made, **params):
    return ask(service, "GetBackupPlan", BackupPlanId=made["BackupPlanId"], **params)


def listed(service, **params):
    return ask(service, "ListBackupPlans", **params)["BackupPlansList"]


@pytest.fixture
def service():
    return LocalService()


class TestEchoes:
    def test_what_a_rule_leaves_out_comes_back_as_the_default(self, service):
        """AWS fills in schedule, windows, zone and continuous, and gives an id."""
        echoed = get(service, create(service))["BackupPlan"]["Rules"][0]
        assert echoed.pop("RuleId")
        assert echoed == rule(
            ScheduleExpression="cron(0 5 ? * * *)",
            StartWindowMinutes=480,
            CompletionWindowMinutes=10_080,
            ScheduleExpressionTimezone="Etc/UTC",
            EnableContinuousBackup=False,
        )

    def test_what_is_given_comes_back_as_given(self, service):
        """Copies, tags and lifecycles keep their values; rules keep their order."""
        lifecycle = {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120}
        copies = [{"DestinationBackupVaultArn": DR, "Lifecycle": {"DeleteAfterDays": 35}}]
        plan = document(
            "p", rule("z", Lifecycle=lifecycle, CopyActions=copies, RecoveryPointTags={"a": "b"}), rule("a")
        )
        rules = get(service, create(service, plan))["BackupPlan"]["Rules"]
        assert [item["RuleName"] for item in rules] == ["z", "a"]
        assert (rules[0]["Lifecycle"], rules[0]["CopyActions"]) == (lifecycle, copies)

    def test_advanced_settings_come_back_beside_the_document(self, service):
        """They are at the top level of every answer and absent in the body."""
        settings = [{"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}]
        made = create(service, document(AdvancedBackupSettings=settings))
        seen = get(service, made)
        assert made["AdvancedBackupSettings"] == seen["AdvancedBackupSettings"] == settings
        assert "AdvancedBackupSettings" not in seen["BackupPlan"]

    def test_what_the_caller_changes_afterwards_does_not_reach_the_plan(self, service):
        """The service keeps its own copy of a request."""
        plan = document()
        made = create(service, plan)
        plan["Rules"][0]["RuleName"] = "changed"
        assert get(service, made)["BackupPlan"]["Rules"][0]["RuleName"] == "daily"

    def test_the_preview_of_runs_is_of_all_rules_together(self, service):
        """The soonest come first, at most as many as asked for."""
        plan = document("p", rule("at-5"), rule("at-4", ScheduleExpression="cron(0 4 ? * * *)"))
        runs = get(service, create(service, plan), MaxScheduledRunsPreview=3)["ScheduledRunsPreview"]
        start = service.clock.now().timestamp()
        assert [(run["ExecutionTime"] - start) / 3600 for run in runs] == [4, 5, 28]
        assert "ScheduledRunsPreview" not in get(service, create(service, document("q")))

    def test_a_schedule_that_ends_has_no_runs_after_its_end(self, service):
        """A rule for one day of one year is previewed once, beside those that go on."""
        plan = document("p", rule("once", ScheduleExpression="cron(0 4 2 1 ? 2026)"), rule("daily"))
        runs = get(service, create(service, plan), MaxScheduledRunsPreview=4)["ScheduledRunsPreview"]
        start = service.clock.now().timestamp()
        assert [(run["ExecutionTime"] - start) / 3600 for run in runs] == [5, 28, 29, 53]


REFUSED = [
    (rule(Lifecycle={"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 35}), "cannot be less than 90 days apart"),
    (rule(Lifecycle={"DeleteAfterDays": 0}), "cannot be less than 1 or more than 36500 days"),
    (rule(Lifecycle={"DeleteAfterDays": 36_501}), "cannot be less than 1 or more than 36500 days"),
    (rule(Lifecycle={"DeleteAfterDays": 9, "DeleteAfterEvent": "DELETE_AFTER_COPY"}), "DeleteAfterEvent"),
    (rule(EnableContinuousBackup=True), "Lifecycle must be specified for backup rule enabled continuous backup"),
    (rule(EnableContinuousBackup=True, Lifecycle={"DeleteAfterDays": 36}), "less than 1 or more than 35 days"),
    (
        rule(EnableContinuousBackup=True, Lifecycle={"DeleteAfterDays": 35, "MoveToColdStorageAfterDays": 1}),
        "MoveToColdStorageAfterDays is unavailable",
    ),
    (rule(vault="Random Backups"), "Backup vault name Random Backups is not valid"),
    (rule(vault=""), "Backup vault name is null"),
    (rule(ScheduleExpression="rate(1 day)"), "schedule"),
    (rule(ScheduleExpression="cron(61 5 ? * * *)"), "schedule"),
    (rule(ScheduleExpression="0 5 ? * * *"), "schedule"),
    (rule(ScheduleExpressionTimezone="Mars/Base"), "schedule"),
    (rule(StartWindowMinutes=59), "StartWindowMinutes"),
    (rule(CompletionWindowMinutes=52_560_001), "CompletionWindowMinutes"),
    (rule(RecoveryPointTags={str(n): "" for n in range(11)}), "10 recovery point tags"),
    (rule(RecoveryPointTags={"aws:owner": "me"}), "aws:"),
    (rule(CopyActions=[{"DestinationBackupVaultArn": DR}] * 6), "5 copy actions"),
    (rule(CopyActions=[{"DestinationBackupVaultArn": "dr"}]), "dr is not valid"),
    (
        rule(
            CopyActions=[
                {
                    "DestinationBackupVaultArn": DR,
                    "Lifecycle": {"MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 90},
                }
            ]
        ),
        "90 days apart",
    ),
    (rule(IndexActions=[{"ResourceTypes": ["EBS", "S3"]}]), "index action"),
]


class TestRefusals:
    @pytest.mark.parametrize(("refused", "words"), REFUSED, ids=[words for _, words in REFUSED])
    def test_a_wrong_rule_is_refused_in_aws_words_and_nothing_is_made(self, service, refused, words):
        """The code is that of a wrong parameter; the plan does not exist afterwards."""
        with pytest.raises(errors.RejectedError, match=words) as caught:
            create(service, document("p", refused))
        assert caught.value.code == "InvalidParameterValueException"
        assert listed(service) == []

    def test_exactly_90_days_in_cold_storage_are_accepted(self, service):
        """The boundary belongs to what AWS takes."""
        create(service, document("p", rule(Lifecycle={"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120})))
        create(service, document("q", rule(Lifecycle={"MoveToColdStorageAfterDays": 1})))
        create(service, document("r", rule(EnableContinuousBackup=True, Lifecycle={"DeleteAfterDays": 35})))

    def test_a_wrong_update_leaves_the_plan_as_it_was(self, service):
        """No version is made."""
        made = create(service)
        with pytest.raises(errors.RejectedError):
            ask(service, "UpdateBackupPlan", BackupPlanId=made["BackupPlanId"], BackupPlan=document("p", REFUSED[0][0]))
        assert get(service, made)["VersionId"] == made["VersionId"]

    def test_a_plan_holds_10_rules(self, service):
        """One more is over the quota; none is not a plan."""
        create(service, document("p", *(rule(f"r{n}") for n in range(10))))
        with pytest.raises(errors.LimitError):
            create(service, document("q", *(rule(f"r{n}") for n in range(11))))
        with pytest.raises(errors.RejectedError):
            create(service, {"BackupPlanName": "r", "Rules": []})

    def test_the_account_holds_300_plans(self, service):
        """Deleted ones do not count."""
        for number in range(MOST_PLANS):
            made = create(service, document(f"p{number}"))
        with pytest.raises(errors.LimitError):
            create(service, document("one-more"))
        ask(service, "DeleteBackupPlan", BackupPlanId=made["BackupPlanId"])
        create(service, document("one-more"))

    def test_a_plan_holds_2000_versions(self, service):
        """One more is over the quota, and the plan stays as it was."""
        plan_id = create(service)["BackupPlanId"]
        for number in range(1, MOST_VERSIONS):
            last = ask(service, "UpdateBackupPlan", BackupPlanId=plan_id, BackupPlan=document(f"p{number}"))
        with pytest.raises(errors.LimitError):
            ask(service, "UpdateBackupPlan", BackupPlanId=plan_id, BackupPlan=document("one-more"))
        assert get(service, last)["VersionId"] == last["VersionId"]

    @pytest.mark.parametrize(
        "setting",
        [
            {"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "Enabled"}},
            {"ResourceType": "S3", "BackupOptions": {"WindowsVSS": "enabled"}},
            {"ResourceType": "RDS", "BackupOptions": {}},
        ],
    )
    def test_wrong_advanced_settings_are_refused(self, service, setting):
        """AWS blames the type, whatever is wrong."""
        with pytest.raises(errors.RejectedError, match=f"Invalid Resource Type : {setting['ResourceType']}"):
            create(service, document(AdvancedBackupSettings=[setting]))

    def test_a_missing_vault_is_no_reason_to_refuse_unless_chosen(self, service):
        """The jobs fail later; a choice refuses at once."""
        create(service)
        strict = LocalService(choices=Choices(target_vault_must_exist=True))
        with pytest.raises(errors.RejectedError, match="Backup vault prod does not exist"):
            create(strict)


class TestIdentity:
    def test_only_an_equal_document_is_taken(self, service):
        """Names are not unique; a second plan of one name is made."""
        create(service)
        with pytest.raises(errors.AlreadyExistsError, match="Backup plan with the same plan document already exists"):
            create(service, document("prod-plan", rule(StartWindowMinutes=480)))
        create(service, document("prod-plan", rule("other")))
        assert len(listed(service)) == 2

    def test_the_same_request_again_answers_the_same_plan(self, service):
        """The creator's request id makes a repeated creation harmless."""
        first = create(service, CreatorRequestId="once")
        assert create(service, CreatorRequestId="once") == first
        with pytest.raises(errors.AlreadyExistsError):
            create(service, CreatorRequestId="twice")

    def test_an_update_replaces_everything_and_keeps_old_versions_readable(self, service):
        """What the new document leaves out is gone; the old version is still there by its id."""
        made = create(service, document("p", rule("a", Lifecycle={"DeleteAfterDays": 9}), rule("b")))
        service.clock.advance(hours=1)
        updated = ask(
            service, "UpdateBackupPlan", BackupPlanId=made["BackupPlanId"], BackupPlan=document("p2", rule("a"))
        )
        now, then = get(service, made), get(service, made, VersionId=made["VersionId"])
        assert now["VersionId"] == updated["VersionId"] != made["VersionId"]
        assert now["CreationDate"] == then["CreationDate"] + 3600
        assert [item["RuleName"] for item in then["BackupPlan"]["Rules"]] == ["a", "b"]
        assert "Lifecycle" not in now["BackupPlan"]["Rules"][0]
        versions = ask(service, "ListBackupPlanVersions", BackupPlanId=made["BackupPlanId"])["BackupPlanVersionsList"]
        assert [item["BackupPlanName"] for item in versions] == ["p", "p2"]

    def test_rule_ids_over_an_update_are_a_choice(self, service):
        """No source says whether a rule keeps its id."""
        for survive in (True, False):
            chosen = LocalService(choices=Choices(rule_ids_survive_update=survive))
            made = create(chosen)
            before = get(chosen, made)["BackupPlan"]["Rules"][0]["RuleId"]
            ask(chosen, "UpdateBackupPlan", BackupPlanId=made["BackupPlanId"], BackupPlan=document("other"))
            assert (get(chosen, made)["BackupPlan"]["Rules"][0]["RuleId"] == before) is survive

    def test_unknown_plans_and_versions_are_not_found(self, service):
        """With AWS's own sentence."""
        made = create(service)
        for params in ({"BackupPlanId": "nope"}, {"BackupPlanId": made["BackupPlanId"], "VersionId": "nope"}):
            with pytest.raises(errors.NotFoundError, match="Failed reading Backup plan with provided version"):
                ask(service, "GetBackupPlan", **params)

    def test_a_plan_goes_after_its_selections(self, service):
        """Then it is no longer listed, unless deleted ones are asked for."""
        made = create(service)
        selection = ask(
            service,
            "CreateBackupSelection",
            BackupPlanId=made["BackupPlanId"],
            BackupSelection={"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]},
        )
        with pytest.raises(errors.RejectedError, match="Related backup plan selections must be deleted prior"):
            ask(service, "DeleteBackupPlan", BackupPlanId=made["BackupPlanId"])
        ask(
            service,
            "DeleteBackupSelection",
            BackupPlanId=made["BackupPlanId"],
            SelectionId=selection["SelectionId"],
        )
        gone = ask(service, "DeleteBackupPlan", BackupPlanId=made["BackupPlanId"])
        assert listed(service) == []
        assert listed(service, IncludeDeleted=True)[0]["DeletionDate"] == gone["DeletionDate"]
        version = {"BackupPlanId": made["BackupPlanId"], "VersionId": made["VersionId"]}
        assert ask(service, "GetBackupPlan", **version)["DeletionDate"] == gone["DeletionDate"]
        with pytest.raises(errors.NotFoundError, match="Failed reading Backup plan with provided version"):
            get(service, made)
        with pytest.raises(errors.NotFoundError):
            ask(service, "DeleteBackupPlan", BackupPlanId=made["BackupPlanId"])

    def test_reading_a_version_of_a_deleted_plan_is_a_choice(self):
        """The guide says that versions remain; a choice makes them not found."""
        strict = LocalService(choices=Choices(deleted_plan_readable=False))
        made = create(strict)
        ask(strict, "DeleteBackupPlan", BackupPlanId=made["BackupPlanId"])
        with pytest.raises(errors.NotFoundError):
            ask(strict, "GetBackupPlan", BackupPlanId=made["BackupPlanId"], VersionId=made["VersionId"])


class TestTemplates:
    def test_an_exported_plan_reads_back(self, service):
        """The template holds the plan without ids."""
        made = create(service)
        text = ask(service, "ExportBackupPlanTemplate", BackupPlanId=made["BackupPlanId"])["BackupPlanTemplateJson"]
        plan = ask(service, "GetBackupPlanFromJSON", BackupPlanTemplateJson=text)["BackupPlan"]
        assert plan["BackupPlanName"] == "prod-plan"
        assert "RuleId" not in plan["Rules"][0]

    def test_a_changed_template_is_refused(self, service):
        """The signature covers the whole plan."""
        made = create(service)
        text = ask(service, "ExportBackupPlanTemplate", BackupPlanId=made["BackupPlanId"])["BackupPlanTemplateJson"]
        for wrong in (text.replace("480", "60"), "{}", "{", "[" * 100_000):
            with pytest.raises(errors.RejectedError):
                ask(service, "GetBackupPlanFromJSON", BackupPlanTemplateJson=wrong)


class TestChoices:
    """Where AWS's behaviour is not known, either side can be had."""

    def update(self, service, plan):
        made = create(service)
        return ask(service, "UpdateBackupPlan", BackupPlanId=made["BackupPlanId"], BackupPlan=plan)

    def test_renaming_a_plan(self, service):
        """By default an update may rename; the choice refuses."""
        assert self.update(service, document("renamed"))
        with pytest.raises(errors.RejectedError, match="name cannot be changed"):
            self.update(LocalService(choices=Choices(plan_renames=False)), document("renamed"))

    def test_an_update_that_changes_nothing(self, service):
        """By default it makes a version; the choice refuses."""
        assert self.update(service, document())
        with pytest.raises(errors.AlreadyExistsError):
            self.update(LocalService(choices=Choices(identical_update_makes_version=False)), document())

    def test_rules_of_one_name(self, service):
        """By default they are refused; the choice takes them."""
        twice = document("p", rule(), rule(StartWindowMinutes=60))
        with pytest.raises(errors.RejectedError, match="daily is not unique"):
            create(service, twice)
        assert create(LocalService(choices=Choices(rule_names_unique=False)), twice)

    def test_a_plan_without_rules(self):
        """By default it is refused; the choice takes it."""
        assert create(LocalService(choices=Choices(empty_rules_accepted=True)), {"BackupPlanName": "p", "Rules": []})

    def test_a_bare_cron_body_is_echoed_whole(self):
        """Where it is taken, it is read as cron(...), and fires."""
        service = LocalService(choices=Choices(bare_cron_accepted=True))
        made = create(service, document("p", rule(ScheduleExpression="0 4 ? * * *")))
        assert get(service, made)["BackupPlan"]["Rules"][0]["ScheduleExpression"] == "cron(0 4 ? * * *)"
        service.clock.advance(days=2)
        assert get(service, made)["LastExecutionDate"] == service.clock.now().timestamp() - 20 * 3600

    def test_the_same_request_for_another_plan(self, service):
        """By default the request id decides; the choice lets the document decide."""
        first = create(service, CreatorRequestId="once")
        assert create(service, document("other"), CreatorRequestId="once") == first
        strict = LocalService(choices=Choices(same_token_returns_plan=False))
        create(strict, CreatorRequestId="once")
        assert create(strict, document("other"), CreatorRequestId="once")
        assert len(listed(strict)) == 2
