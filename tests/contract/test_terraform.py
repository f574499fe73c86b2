"""Terraform's AWS provider against ``python -m backupkit local`` with its default running clock."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from http_programs import ACCOUNT, client, program
from loopback import always, serving

HERE = Path(__file__).parent
PROVIDER = "*/hashicorp/aws"
PLACES = ("~/.terraform.d/plugins", "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins", "/opt/*")
"""Where Terraform itself looks for a mirror of its providers, and where images put one."""

IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:root</Arn><UserId>{ACCOUNT}</UserId><Account>{ACCOUNT}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""
"""The one answer of AWS STS that the provider asks for: its settings are named after the account."""


def _mirror():
    """A folder that holds the AWS provider for `terraform init`, or None."""
    named = os.environ.get("TF_PLUGIN_MIRROR")
    patterns = [Path(place).expanduser() for place in ([named] if named else PLACES)]
    found = [path for each in patterns for path in sorted(each.parent.glob(each.name))]
    return next((path for path in found if any(path.glob(f"{PROVIDER}/**/terraform-provider-aws*"))), None)


class Terraform:
    """Terraform in a folder of its own, with nothing of the machine's settings and without the network."""

    def __init__(self, place, mirror, **variables):
        self._place = place
        shutil.copy(HERE / "every_kind.tf", place)
        (place / "cli.tfrc").write_text(f'provider_installation {{ filesystem_mirror {{ path = "{mirror}" }} }}')
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        self._environment = {
            **kept,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
            # The provider makes its 1,500 schemas in each command: half of that is its garbage collection.
            "GOGC": "800",
            "TF_CLI_CONFIG_FILE": str(place / "cli.tfrc"),
            "TF_IN_AUTOMATION": "1",
        }
        self.say(**variables)
        self.run("init")

    def say(self, **variables):
        """Set what ``every_kind.tf`` leaves open."""
        (self._place / "terraform.tfvars.json").write_text(json.dumps(variables))

    def run(self, command, *options, fine=(0,)):
        """One command; what it said is shown where it failed."""
        line = ["terraform", command, "-no-color", "-input=false", *options]
        ended = subprocess.run(
            line, cwd=self._place, env=self._environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert ended.returncode in fine, f"{command}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        return ended


def _there(aws):
    """The names of everything that there is, by kind."""
    plans = aws.list_backup_plans()["BackupPlansList"]
    testing = aws.list_restore_testing_plans()["RestoreTestingPlans"]
    selections = [
        each["SelectionName"]
        for plan in plans
        for each in aws.list_backup_selections(BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"]
    ]
    tested = [
        each["RestoreTestingSelectionName"]
        for plan in testing
        for each in aws.list_restore_testing_selections(RestoreTestingPlanName=plan["RestoreTestingPlanName"])[
            "RestoreTestingSelections"
        ]
    ]
    return {
        "vaults": sorted(each["BackupVaultName"] for each in aws.list_backup_vaults()["BackupVaultList"]),
        "plans": [plan["BackupPlanName"] for plan in plans],
        "selections": sorted(selections),
        "frameworks": [each["FrameworkName"] for each in aws.list_frameworks()["Frameworks"]],
        "report plans": sorted(each["ReportPlanName"] for each in aws.list_report_plans()["ReportPlans"]),
        "testing plans": [plan["RestoreTestingPlanName"] for plan in testing],
        "testing selections": sorted(tested),
    }


ALL = {
    "vaults": ["gapped", "plain", "prod"],
    "plans": ["nightly"],
    "selections": ["conditions", "tagged"],
    "frameworks": ["audit"],
    "report plans": ["compliance", "jobs"],
    "testing plans": ["weekly"],
    "testing selections": ["databases", "tables"],
}


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_terraform_creates_reads_updates_and_deletes_every_kind(tmp_path):
    """Every kind that the provider knows goes the full way, and after each apply the plan is empty."""
    mirror = _mirror()
    if shutil.which("terraform") is None or mirror is None:
        pytest.skip("there is no terraform, or no mirror with the AWS provider: TF_PLUGIN_MIRROR may name one")
    with program("--clock-rate", "default") as running, serving(always(200, IDENTITY.encode())) as sts:
        aws = client(running.url)
        opt_in = aws.describe_region_settings()["ResourceTypeOptInPreference"]
        first = {"url": running.url, "sts": sts, "days": 35, "opt_in": opt_in, "tags": {"Environment": "production"}}
        terraform = Terraform(tmp_path, mirror, **first)
        terraform.run("apply", "-auto-approve", "-parallelism=20")
        assert _there(aws) == ALL
        terraform.run("plan", "-detailed-exitcode")

        opt_in = {**opt_in, "DynamoDB": not opt_in["DynamoDB"]}
        terraform.say(**{**first, "days": 36, "opt_in": opt_in, "tags": {"Environment": "test", "Team": "data"}})
        terraform.run("apply", "-auto-approve", "-parallelism=20", "-refresh=false")
        assert _there(aws) == ALL
        [plan] = aws.list_backup_plans()["BackupPlansList"]
        rules = aws.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"]
        assert {rule["Lifecycle"]["DeleteAfterDays"] for rule in rules} == {35, 36}
        assert aws.describe_backup_vault(BackupVaultName="prod")["MinRetentionDays"] == 8
        assert aws.describe_region_settings()["ResourceTypeOptInPreference"] == opt_in
        assert aws.describe_global_settings()["GlobalSettings"]["isCrossAccountBackupEnabled"] == "false"
        terraform.run("plan", "-detailed-exitcode")

        terraform.run("destroy", "-auto-approve", "-parallelism=20", "-refresh=false")
        assert _there(aws) == {kind: [] for kind in ALL}
