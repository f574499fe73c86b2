"""AWS's own plan templates in the local AWS Backup."""

from __future__ import annotations

import pytest
from local_stage import Stage

from backupkit import Plan, errors
from backupkit.emulator.kernel.behavior import Choices

DAILY = "87c0c1ef-254d-4180-8fef-2e76a2c38aaa"


def test_aws_has_four_templates():
    """Their names are those that the console shows, and pages of one item tell them all."""
    found = Stage().every("ListBackupPlanTemplates", "BackupPlanTemplatesList", MaxResults=1)
    assert [template["BackupPlanTemplateName"] for template in found] == [
        "Daily-35day-Retention",
        "Daily-Monthly-1yr-Retention",
        "Daily-Weekly-Monthly-5yr-Retention",
        "Daily-Weekly-Monthly-7yr-Retention",
    ]


def test_the_daily_template_is_the_published_one():
    """One rule at 05:00 UTC within eight hours, kept 35 days."""
    document = Stage().call("GetBackupPlanFromTemplate", BackupPlanTemplateId=DAILY)["BackupPlanDocument"]
    assert document == {
        "BackupPlanName": "Daily-35day-Retention",
        "Rules": [
            {
                "RuleName": "DailyBackups",
                "ScheduleExpression": "cron(0 5 ? * * *)",
                "StartWindowMinutes": 480,
                "Lifecycle": {"DeleteAfterDays": 35},
                "TargetBackupVaultName": "Default",
            }
        ],
    }


def test_every_template_makes_a_plan_that_keeps_its_longest_points_as_its_name_says():
    """CreateBackupPlan takes each document unchanged, and so does `Plan.from_json`."""
    stage = Stage()
    longest = []
    for template in stage.every("ListBackupPlanTemplates", "BackupPlanTemplatesList"):
        asked = {"BackupPlanTemplateId": template["BackupPlanTemplateId"]}
        document = stage.call("GetBackupPlanFromTemplate", **asked)["BackupPlanDocument"]
        stage.call("CreateBackupPlan", BackupPlan=document)
        assert Plan.from_json({"BackupPlan": document}).name == template["BackupPlanTemplateName"]
        longest.append(max(rule["Lifecycle"]["DeleteAfterDays"] for rule in document["Rules"]))
    assert longest == [35, 365, 5 * 365, 7 * 365]


def test_plan_and_vault_are_left_out_by_choice():
    """A published answer names neither, the model says both; `templates_name_plan_and_vault` decides."""
    stage = Stage(choices=Choices(templates_name_plan_and_vault=False))
    document = stage.call("GetBackupPlanFromTemplate", BackupPlanTemplateId=DAILY)["BackupPlanDocument"]
    assert set(document) == {"Rules"}
    assert "TargetBackupVaultName" not in document["Rules"][0]


def test_an_unknown_template_is_not_found():
    """AWS answers ResourceNotFoundException."""
    with pytest.raises(errors.ServiceError) as caught:
        Stage().call("GetBackupPlanFromTemplate", BackupPlanTemplateId="none")
    assert caught.value.code == "ResourceNotFoundException"
