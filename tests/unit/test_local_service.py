"""The local service as a transport: its seam, clock, pages, tags, settings, snapshots and threads."""

from __future__ import annotations

import base64
import copy
import json
import math
import pickle
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from backupkit import errors
from backupkit.emulator import START, Choices, LocalService
from backupkit.emulator.kernel.shapes import operation_names
from backupkit.emulator.wiring import OPERATIONS
from backupkit.transport.protocol import Transport

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
PLAN = {"BackupPlanName": "p", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "prod"}]}


def ask(service, operation, **params):
    return json.loads(service.call(operation, params))


@pytest.fixture
def service():
    return LocalService()


def protected(service):
    """A vault and a plan that protects a table."""
    service.resources.add(TABLE)
    ask(service, "CreateBackupVault", BackupVaultName="prod")
    plan = ask(service, "CreateBackupPlan", BackupPlan=PLAN)["BackupPlanId"]
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]}
    ask(service, "CreateBackupSelection", BackupPlanId=plan, BackupSelection=selection)
    return service


def names(service, **params):
    return [item["BackupVaultName"] for item in ask(service, "ListBackupVaults", **params)["BackupVaultList"]]


class TestSeam:
    def test_it_is_a_transport(self, service):
        """Whatever wraps or takes a transport takes the local service."""
        assert isinstance(service, Transport)
        assert (service.region_name, service.account_id, service.clock.now()) == ("us-east-1", "123456789012", START)

    def test_what_is_not_emulated_says_so_and_names_itself(self, service, monkeypatch):
        """Every operation that AWS has is answered or named in the error, never answered with a lie."""
        # As an operation that AWS makes tomorrow: in its model, and not yet in the table.
        monkeypatch.delitem(OPERATIONS, "CreateFramework")
        with pytest.raises(errors.NotEmulatedError, match="CreateFramework"):
            ask(service, "CreateFramework")

    def test_an_operation_that_aws_does_not_have_is_a_mistake(self, service):
        """The nearest name is offered."""
        with pytest.raises(errors.InvalidValueError, match="did you mean DescribeBackupVault"):
            ask(service, "DescribeVault")

    def test_what_botocore_would_not_send_is_told_all_at_once(self, service):
        """Unknown members, missing ones and wrong types come in one error, each with its path."""
        rules = [{"RuleName": 1, "Target": "x"}]
        with pytest.raises(errors.InvalidValueError) as caught:
            ask(service, "CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": rules}, Tags={})
        assert {problem.address for problem in caught.value.problems} == {
            "CreateBackupPlan.BackupPlan.Rules[0].RuleName",
            "CreateBackupPlan.BackupPlan.Rules[0].Target",
            "CreateBackupPlan.BackupPlan.Rules[0].TargetBackupVaultName",
            "CreateBackupPlan.Tags",
        }

    def test_a_refused_call_does_not_shift_later_ids(self):
        """Two services of one seed stay alike, whatever one of them is refused."""
        calm, troubled = LocalService(seed=7), LocalService(seed=7)
        for _ in range(3):
            with pytest.raises(errors.AccessDeniedError):
                ask(troubled, "DescribeBackupVault", BackupVaultName="nowhere")
        assert ask(calm, "CreateBackupPlan", BackupPlan=PLAN) == ask(troubled, "CreateBackupPlan", BackupPlan=PLAN)
        assert ask(LocalService(seed=8), "CreateBackupPlan", BackupPlan=PLAN) != ask(
            LocalService(seed=7), "CreateBackupPlan", BackupPlan=PLAN
        )

    @pytest.mark.parametrize(
        "arguments",
        [{"region_name": "Frankfurt"}, {"account_id": "1"}, {"start": datetime(2026, 1, 1)}],
    )
    def test_a_place_that_cannot_be_is_refused(self, arguments):
        """A Region, an account and an aware start."""
        with pytest.raises(errors.ConfigurationError):
            LocalService(**arguments)

    def test_other_partitions_have_their_own_arns(self):
        """A vault in China is aws-cn's."""
        made = ask(LocalService("cn-north-1"), "CreateBackupVault", BackupVaultName="prod")
        assert made["BackupVaultArn"].startswith("arn:aws-cn:backup:cn-north-1:")

    def test_threads_may_call_at_once(self, service):
        """Each call is whole; nothing is lost."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: ask(service, "CreateBackupVault", BackupVaultName=f"vault-{n}"), range(200)))
        assert len(names(service, MaxResults=1000)) == 200


class TestClock:
    def test_it_never_goes_back(self, service):
        """A negative step and an earlier or naive moment are refused."""
        service.clock.advance(days=1)
        for wrong in (START, datetime(2027, 1, 1), "2027-01-01", None):
            with pytest.raises(errors.InvalidValueError):
                service.clock.until(wrong)
        for step in (-1, math.inf, math.nan, 1e12, "1", None):
            with pytest.raises(errors.InvalidValueError):
                service.clock.advance(hours=step)
        assert service.clock.now() == datetime(2026, 1, 2, tzinfo=UTC)

    def test_schedules_fire_and_stop_with_their_plan(self, service):
        """A day makes a point; a plan without rules at that time, or deleted, makes none."""
        protected(service)
        service.clock.advance(days=3)
        assert ask(service, "DescribeBackupVault", BackupVaultName="prod")["NumberOfRecoveryPoints"] == 3
        (plan,) = ask(service, "ListBackupPlans")["BackupPlansList"]
        assert plan["LastExecutionDate"] == datetime(2026, 1, 3, 5, tzinfo=UTC).timestamp()
        ask(
            service,
            "UpdateBackupPlan",
            BackupPlanId=plan["BackupPlanId"],
            BackupPlan={**PLAN, "Rules": [{**PLAN["Rules"][0], "ScheduleExpression": "cron(0 5 1 1 ? 2030)"}]},
        )
        service.clock.advance(days=3)
        assert ask(service, "DescribeBackupVault", BackupVaultName="prod")["NumberOfRecoveryPoints"] == 3


class TestPages:
    @pytest.fixture
    def vaults(self, service):
        for letter in "edcba":
            ask(service, "CreateBackupVault", BackupVaultName=f"vault-{letter}")
        return service

    def test_pages_hold_what_was_asked_for_and_end(self, vaults):
        """MaxResults is honoured; the last page has no token."""
        seen, params = [], {"MaxResults": 2}
        while True:
            page = ask(vaults, "ListBackupVaults", **params)
            seen.append([item["BackupVaultName"] for item in page["BackupVaultList"]])
            if "NextToken" not in page:
                break
            params["NextToken"] = page["NextToken"]
        assert seen == [["vault-a", "vault-b"], ["vault-c", "vault-d"], ["vault-e"]]

    def test_pages_neither_repeat_nor_skip_when_the_list_changes(self, vaults):
        """Deleting what was shown, or making something before it, does not move what follows."""
        page = ask(vaults, "ListBackupVaults", MaxResults=2)
        ask(vaults, "DeleteBackupVault", BackupVaultName="vault-a")
        ask(vaults, "DeleteBackupVault", BackupVaultName="vault-b")
        ask(vaults, "CreateBackupVault", BackupVaultName="vault-a0")
        assert names(vaults, NextToken=page["NextToken"]) == ["vault-c", "vault-d", "vault-e"]

    @pytest.mark.parametrize("token", ["", "nonsense", "AAAA", "é"])
    def test_a_bad_token_is_refused(self, vaults, token):
        """Also one of another operation, and one that somebody made with a right checksum."""
        with pytest.raises(errors.RejectedError, match="NextToken"):
            ask(vaults, "ListBackupVaults", NextToken=token)
        own = ask(vaults, "ListBackupVaults", MaxResults=1)["NextToken"]
        for operation, wrong in (("ListBackupVaults", [5]), ("ListBackupVaults", {}), ("ListBackupJobs", ["a"])):
            body = json.dumps([operation, wrong], separators=(",", ":")).encode()
            forged = base64.urlsafe_b64encode(zlib.crc32(body).to_bytes(4, "big") + body).decode()
            with pytest.raises(errors.RejectedError, match="NextToken"):
                ask(vaults, operation, NextToken=forged)
        with pytest.raises(errors.RejectedError, match="NextToken"):
            ask(vaults, "ListBackupPlans", NextToken=own)

    def test_page_sizes_have_bounds(self, vaults):
        """botocore refuses 0; AWS refuses 1001."""
        with pytest.raises(errors.InvalidValueError):
            ask(vaults, "ListBackupVaults", MaxResults=0)
        with pytest.raises(errors.RejectedError):
            ask(vaults, "ListBackupVaults", MaxResults=1001)

    def test_without_a_size_the_choice_decides(self):
        """AWS's default is not documented."""
        small = LocalService(choices=Choices(page_size=1))
        for name in ("vault-a", "vault-b"):
            ask(small, "CreateBackupVault", BackupVaultName=name)
        assert names(small) == ["vault-a"]


class TestTags:
    def test_tags_of_vaults_and_plans_come_and_go(self, service):
        """Adding replaces values; taking away passes over what is not there."""
        vault = ask(service, "CreateBackupVault", BackupVaultName="prod", BackupVaultTags={"a": "1"})["BackupVaultArn"]
        plan = ask(service, "CreateBackupPlan", BackupPlan=PLAN, BackupPlanTags={"a": "1"})["BackupPlanArn"]
        for arn in (vault, plan):
            ask(service, "TagResource", ResourceArn=arn, Tags={"a": "2", "b": ""})
            ask(service, "UntagResource", ResourceArn=arn, TagKeyList=["b", "absent"])
            assert ask(service, "ListTags", ResourceArn=arn) == {"Tags": {"a": "2"}}

    def test_tags_come_in_pages_of_a_mapping(self, service):
        """By key."""
        arn = ask(service, "CreateBackupVault", BackupVaultName="prod", BackupVaultTags=dict.fromkeys("cab", ""))
        first = ask(service, "ListTags", ResourceArn=arn["BackupVaultArn"], MaxResults=2)
        rest = ask(service, "ListTags", ResourceArn=arn["BackupVaultArn"], NextToken=first["NextToken"])
        assert (list(first["Tags"]), rest) == (["a", "b"], {"Tags": {"c": ""}})

    def test_the_fifty_first_tag_is_refused_and_none_is_added(self, service):
        """Also keys of AWS's own."""
        arn = ask(service, "CreateBackupVault", BackupVaultName="prod")["BackupVaultArn"]
        ask(service, "TagResource", ResourceArn=arn, Tags={str(n): "" for n in range(50)})
        with pytest.raises(errors.LimitError):
            ask(service, "TagResource", ResourceArn=arn, Tags={"one": "", "more": ""})
        with pytest.raises(errors.RejectedError):
            ask(service, "TagResource", ResourceArn=arn, Tags={"aws:mine": ""})
        assert len(ask(service, "ListTags", ResourceArn=arn)["Tags"]) == 50

    def test_only_things_of_aws_backup_have_tags_here(self, service):
        """A table's ARN is wrong; a vault that is not there is not found."""
        with pytest.raises(errors.RejectedError):
            ask(service, "ListTags", ResourceArn=TABLE)
        with pytest.raises(errors.NotFoundError):
            ask(service, "ListTags", ResourceArn="arn:aws:backup:us-east-1:123456789012:backup-vault:nowhere")


class TestSettings:
    def test_updates_of_a_region_merge(self, service):
        """What is left out stays; an unknown type is refused and changes nothing."""
        before = ask(service, "DescribeRegionSettings")["ResourceTypeOptInPreference"]
        ask(service, "UpdateRegionSettings", ResourceTypeOptInPreference={"Aurora": True})
        with pytest.raises(errors.RejectedError):
            ask(service, "UpdateRegionSettings", ResourceTypeOptInPreference={"RDS": False, "Floppy": True})
        after = ask(service, "DescribeRegionSettings")["ResourceTypeOptInPreference"]
        assert before["Aurora"] is False
        assert after == {**before, "Aurora": True}
        assert set(after) == set(ask(service, "GetSupportedResourceTypes")["ResourceTypes"])

    def test_global_settings_are_the_accounts_in_all_regions(self, service):
        """Their values are text; outside an organization they are refused."""
        ask(service, "UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})
        seen = ask(service.in_region("eu-west-1"), "DescribeGlobalSettings")["GlobalSettings"]
        assert (seen["isCrossAccountBackupEnabled"], seen["isMpaEnabled"]) == ("true", "false")
        with pytest.raises(errors.RejectedError):
            ask(LocalService(choices=Choices(manages_organization=False)), "DescribeGlobalSettings")


class _Harmful:
    def __reduce__(self):
        return print, ("harm",)


class TestSnapshots:
    def test_everything_is_as_it_was(self, service):
        """Clock, points, resources and what is yet to happen; going on from there gives the same again."""
        protected(service)
        service.clock.advance(days=2)
        kept = service.save_state()
        service.clock.advance(days=40)
        expected = service.call("ListRecoveryPointsByBackupVault", {"BackupVaultName": "prod"})
        service.resources.remove(TABLE)
        service.load_state(kept)
        assert service.clock.now() == datetime(2026, 1, 3, tzinfo=UTC)
        assert TABLE in service.resources
        service.clock.advance(days=40)
        assert service.call("ListRecoveryPointsByBackupVault", {"BackupVaultName": "prod"}) == expected

    def test_another_service_may_take_it_over(self, service):
        """A snapshot outlives the service that took it."""
        protected(service)
        other = LocalService(seed=99)
        other.load_state(service.save_state())
        assert names(other) == ["prod"]
        assert ask(other, "CreateBackupPlan", BackupPlan={**PLAN, "BackupPlanName": "q"}) == ask(
            service, "CreateBackupPlan", BackupPlan={**PLAN, "BackupPlanName": "q"}
        )

    def test_foreign_bytes_are_refused_and_change_nothing(self, service, capsys):
        """No snapshot, a damaged one, one of another version, and one that would run code."""
        protected(service)
        kept = service.save_state()
        header = kept[: kept.index(b"snapshot ") + len(b"snapshot ")]
        for wrong in (b"", b"pickle", kept[:-1], kept[:-1] + b"x", header + b"\xff\xff" + kept[len(header) + 2 :]):
            with pytest.raises(errors.InvalidValueError, match="snapshot"):
                service.load_state(wrong)
        assert names(service) == ["prod"]

    @pytest.mark.parametrize("harm", [_Harmful(), [_Harmful()], (getattr, "x")], ids=["function", "nested", "getattr"])
    def test_a_snapshot_that_would_run_code_is_refused(self, service, capsys, harm):
        """Even with a right checksum, only plain values and backupkit's own records come in."""
        import hashlib

        kept = service.save_state()
        start = kept.index(b"snapshot ") + len(b"snapshot ") + 2
        body = pickle.dumps(harm)
        with pytest.raises(errors.InvalidValueError):
            service.load_state(kept[:start] + hashlib.sha256(body).digest() + body)
        assert capsys.readouterr().out == ""

    def test_what_could_not_be_restored_is_not_taken(self, service):
        """A snapshot is read back when it is taken; a point that holds a function is told then, not later."""
        protected(service)
        service.clock.advance(days=1)
        (point,) = service.simulation.scope("123456789012", "us-east-1").vaults["prod"].points.values()
        for unkept in (print, lambda: None):
            point.content = unkept
            with pytest.raises(errors.InvalidValueError, match="cannot be kept"):
                service.save_state()

    def test_errors_of_the_service_survive_pickling(self, service):
        """They may cross to another process."""
        with pytest.raises(errors.AccessDeniedError) as caught:
            ask(service, "DescribeBackupVault", BackupVaultName="nowhere")
        assert str(copy.copy(pickle.loads(pickle.dumps(caught.value)))) == str(caught.value)


@pytest.mark.slow
def test_the_local_service_comes_without_boto3_and_moto():
    """Importing it loads neither; botocore's model is read at the first call."""
    import subprocess
    import sys

    code = (
        "import sys; from backupkit.emulator import LocalService; service = LocalService(); "
        "print({'boto3', 'botocore', 'moto'} & set(sys.modules)); service.call('ListBackupVaults', {}); "
        "print({'boto3', 'moto'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[:2] == ["set()", "set()"]


def test_synthetic_resources_stand_beside_those_of_another_world():
    """Whatever world is given, resources can be added to what the service protects."""
    from backupkit.emulator.resources.session import SessionWorld, private_moto_session

    service = LocalService(world=SessionWorld(private_moto_session("us-east-1")))
    service.resources.add(TABLE)
    ask(service, "CreateBackupVault", BackupVaultName="prod")
    ask(service, "StartBackupJob", BackupVaultName="prod", ResourceArn=TABLE, IamRoleArn=ROLE)
    service.clock.advance(days=1)
    assert ask(service, "DescribeBackupVault", BackupVaultName="prod")["NumberOfRecoveryPoints"] == 1


def test_every_operation_in_the_table_is_one_of_aws():
    """A misspelled name would never be called."""
    from backupkit.emulator.wiring import OPERATIONS

    assert set(OPERATIONS) <= operation_names()
