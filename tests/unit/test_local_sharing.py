"""Accounts among each other: organizations, shared vaults, approval teams and restore access vaults."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, Stage, table_arn, vault_arn

from backupkit import errors
from backupkit.emulator import LocalService
from backupkit.emulator.api.vaults import MOST_VAULTS
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.neighbours import LocalNeighbours

OTHER, THIRD = "210987654321", "333333333333"
ORDERS = table_arn("orders")
TEAM = "arn:aws:mpa:us-east-1:123456789012:approval-team/guardians"
SECOND_TEAM = "arn:aws:mpa:us-east-1:123456789012:approval-team/night-shift"
TOGETHER = "Copy job failed. Both source and destination account must be a member of the same organization."


def beside(stage: Stage, account: str = OTHER, region: str = REGION) -> Stage:
    """The same world from another account."""
    other = Stage.__new__(Stage)
    other.service, other.clock = stage.service.scoped(account_id=account, region_name=region), stage.clock
    return other


def refused(stage: Stage, operation: str, **params: Any) -> str:
    with pytest.raises(errors.ServiceError) as caught:
        stage.call(operation, **params)
    return caught.value.code


def backed_up(stage: Stage, arn: str = ORDERS) -> str:
    if arn not in stage.world:
        stage.world.add(arn)
    point: str = stage.back_up(arn, Lifecycle={"DeleteAfterDays": 20})["RecoveryPointArn"]
    return point


def copied(stage: Stage, point: str, destination: str, source: str = "prod") -> dict[str, Any]:
    asked = {"RecoveryPointArn": point, "SourceBackupVaultName": source, "DestinationBackupVaultArn": destination}
    started = stage.call("StartCopyJob", **asked, IamRoleArn=ROLE)
    return stage.ended(lambda: stage.call("DescribeCopyJob", CopyJobId=started["CopyJobId"])["CopyJob"], "State")


def gapped(stage: Stage, name: str = "gapped") -> str:
    """A logically air-gapped vault with one point in it; that point's ARN."""
    stage.call("CreateLogicallyAirGappedBackupVault", BackupVaultName=name, MinRetentionDays=7, MaxRetentionDays=30)
    stage.clock.advance(minutes=5)
    job = copied(stage, backed_up(stage), vault_arn(name, account=stage.service.account_id))
    assert job["State"] == "COMPLETED", job.get("StatusMessage")
    arn: str = job["DestinationRecoveryPointArn"]
    return arn


@pytest.fixture
def stage() -> Stage:
    return Stage()


class TestOrganizations:
    def test_every_account_is_in_one_organization_until_told_otherwise(self, stage):
        """Nobody has to found one to copy from account to account; each account has settings of its own."""
        assert stage.service.accounts.organization_of(ACCOUNT) == stage.service.accounts.organization_of(OTHER)
        stage.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})
        seen = beside(stage).call("DescribeGlobalSettings")["GlobalSettings"]
        assert seen["isCrossAccountBackupEnabled"] == "false"

    def test_members_read_the_settings_that_the_management_account_writes(self, stage):
        """One organization has one set of settings; a member that writes is refused."""
        stage.service.accounts.organize(OTHER)
        stage.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
        member = beside(stage)
        assert member.call("DescribeGlobalSettings")["GlobalSettings"]["isMpaEnabled"] == "true"
        assert refused(member, "UpdateGlobalSettings", GlobalSettings={}) == "InvalidRequestException"

    def test_outside_of_an_organization_there_are_no_settings(self):
        """An account in none is refused both, and AWS Organizations itself knows of none."""
        lonely = Stage(choices=Choices(manages_organization=False))
        assert refused(lonely, "DescribeGlobalSettings") == "InvalidRequestException"
        assert refused(lonely, "UpdateGlobalSettings", GlobalSettings={}) == "InvalidRequestException"
        with pytest.raises(errors.NeighbourError) as caught:
            LocalNeighbours(lonely.service).ask("organizations", "describe_organization", {})
        assert caught.value.code == "AWSOrganizationsNotInUseException"

    def test_copies_stay_within_the_organization(self, stage):
        """A copy to an account of another organization fails with AWS's sentence, whatever its vault allows."""
        stage.service.accounts.organize(OTHER)
        third = beside(stage, THIRD)
        third.call("CreateBackupVault", BackupVaultName="dr")
        job = copied(stage, backed_up(stage), vault_arn("dr", account=THIRD))
        assert (job["State"], job["StatusMessage"]) == ("FAILED", TOGETHER)

    def test_an_account_belongs_to_one_organization(self, stage):
        """Whoever is put into a second one leaves the first."""
        accounts = stage.service.accounts
        first = accounts.organize(OTHER)
        second = accounts.organize(OTHER, management=THIRD, organization_id="o-secondorgid")
        assert (accounts.organization_of(ACCOUNT), accounts.organization_of(OTHER)) == (first, second)

    def test_an_organization_told_again_begins_anew(self, stage):
        """Who is left out is out, and who loses its management account is, too."""
        accounts = stage.service.accounts
        implied = accounts.organization_of(OTHER)
        told = accounts.organize(OTHER, THIRD)
        assert accounts.organize(OTHER) == told
        assert accounts.organization_of(THIRD) == implied
        accounts.organize(ACCOUNT, management=THIRD)
        assert accounts.organization_of(OTHER) == implied
        assert accounts.organization_of(ACCOUNT) == accounts.organization_of(THIRD)

    @pytest.mark.parametrize(
        ("members", "more"),
        [
            (["12"], {}),
            ([OTHER], {"delegated": [THIRD]}),
            ([OTHER], {"units": {THIRD: "ou-a"}}),
            ([OTHER], {"organization_id": "org"}),
            ([], {"management": "me"}),
        ],
    )
    def test_what_is_no_organization_is_refused(self, stage, members, more):
        """Accounts have 12 digits, and delegated accounts and those below units are members."""
        with pytest.raises(errors.ConfigurationError):
            stage.service.accounts.organize(*members, **more)


class TestJobsOfOtherAccounts:
    def accounts_in(self, stage, **asked):
        return {job["AccountId"] for job in stage.jobs(**asked)}

    @pytest.fixture
    def world(self, stage):
        """Two members with a backup job each."""
        stage.service.accounts.organize(OTHER, THIRD, delegated=[THIRD])
        member = beside(stage)
        member.call("CreateBackupVault", BackupVaultName="prod")
        backed_up(stage)
        backed_up(member, f"arn:aws:dynamodb:{REGION}:{OTHER}:table/theirs")
        return stage, member, beside(stage, THIRD)

    def test_administrators_see_all_accounts_and_members_their_own(self, world):
        """The management account and delegated administrators may ask for any account or all; nobody else may."""
        manager, member, delegated = world
        assert self.accounts_in(manager) == {ACCOUNT}
        for administrator in (manager, delegated):
            assert self.accounts_in(administrator, ByAccountId="*") == {ACCOUNT, OTHER}
            assert self.accounts_in(administrator, ByAccountId=OTHER) == {OTHER}
        assert self.accounts_in(member, ByAccountId="*") == {OTHER}
        assert self.accounts_in(member, ByAccountId=ACCOUNT) == set()
        assert self.accounts_in(manager, ByAccountId="999999999999") == set()

    def test_summaries_follow_the_same_rule(self, world):
        """A member's summary counts its own jobs, whatever it asks for."""
        manager, member, _ = world

        def counted(stage: Stage) -> int:
            found = stage.call("ListBackupJobSummaries", AccountId="AGGREGATE_ALL")["BackupJobSummaries"]
            return sum(group["Count"] for group in found)

        assert (counted(manager), counted(member)) == (2, 1)

    def test_a_delegated_administrator_may_need_the_setting(self):
        """By choice isDelegatedAdministratorEnabled decides."""
        stage = Stage(choices=Choices(delegated_administrators_need_setting=True))
        stage.service.accounts.organize(OTHER, delegated=[OTHER])
        backed_up(stage)
        delegated = beside(stage)
        assert delegated.jobs(ByAccountId="*") == []
        stage.call("UpdateGlobalSettings", GlobalSettings={"isDelegatedAdministratorEnabled": "true"})
        assert len(delegated.jobs(ByAccountId="*")) == 1

    def test_copy_and_restore_jobs_are_listed_across_accounts_too(self, world):
        """Each job tells whose it is."""
        manager, member, _ = world
        [point] = member.points()
        member.restore(point["RecoveryPointArn"], {"targetTableName": "again"})
        copied(member, point["RecoveryPointArn"], vault_arn("prod", account=OTHER))
        for operation, name in (("ListRestoreJobs", "RestoreJobs"), ("ListCopyJobs", "CopyJobs")):
            assert manager.every(operation, name) == []
            assert {job["AccountId"] for job in manager.every(operation, name, ByAccountId="*")} == {OTHER}


class TestSharedVaults:
    def seen(self, stage, point):
        named = {"BackupVaultName": "gapped", "BackupVaultAccountId": ACCOUNT}
        return [
            stage.call("DescribeBackupVault", **named)["BackupVaultArn"],
            stage.call("ListRecoveryPointsByBackupVault", **named)["RecoveryPoints"][0]["RecoveryPointArn"],
            stage.call("DescribeRecoveryPoint", **named, RecoveryPointArn=point)["RecoveryPointArn"],
            stage.call("GetRecoveryPointRestoreMetadata", **named, RecoveryPointArn=point)["RecoveryPointArn"],
            stage.call("ListProtectedResourcesByBackupVault", **named)["Results"][0]["LastRecoveryPointArn"],
            stage.call("ListBackupVaults", ByShared=True)["BackupVaultList"][0]["BackupVaultArn"],
            stage.call("GetRestoreTestingInferredMetadata", **named, RecoveryPointArn=point) and point,
            *(stage.call("ListTags", ResourceArn=arn)["Tags"] for arn in (vault_arn("gapped"), point)),
        ]

    def test_another_account_sees_what_is_shared_and_restores_it(self, stage):
        """The vault and its points are read with BackupVaultAccountId; the restored table is the other account's."""
        point, other = gapped(stage), beside(stage)
        stage.service.accounts.share("gapped", with_account=OTHER)
        vault = vault_arn("gapped")
        stage.call("TagResource", ResourceArn=vault, Tags={"Team": "platform"})
        assert self.seen(other, point) == [vault, point, point, point, point, vault, point, {"Team": "platform"}, {}]
        job = other.restore(point, {"targetTableName": "rescued"})
        assert (job["Status"], job["BackupVaultArn"], job["AccountId"]) == ("COMPLETED", vault, OTHER)
        assert job["CreatedResourceArn"] == f"arn:aws:dynamodb:{REGION}:{OTHER}:table/rescued"
        assert stage.world[job["CreatedResourceArn"]].size_bytes == stage.world[ORDERS].size_bytes

    def test_without_the_share_nothing_is_seen(self, stage):
        """Before it, and after it was taken back, AWS answers as if access were denied."""
        point, other = gapped(stage), beside(stage)
        for _ in range(2):
            asked = {"BackupVaultName": "gapped", "BackupVaultAccountId": ACCOUNT}
            assert refused(other, "DescribeBackupVault", **asked) == "AccessDeniedException"
            assert refused(other, "DescribeBackupVault", BackupVaultName="gapped") == "AccessDeniedException"
            assert refused(other, "DescribeRecoveryPoint", **asked, RecoveryPointArn=point) == "AccessDeniedException"
            assert refused(other, "StartRestoreJob", RecoveryPointArn=point, Metadata={}) == "ResourceNotFoundException"
            assert other.call("ListBackupVaults", ByShared=True)["BackupVaultList"] == []
            stage.service.accounts.share("gapped", with_account=OTHER)
            stage.service.accounts.unshare("gapped", with_account=OTHER)

    def test_a_share_is_for_reading_and_restoring_alone(self, stage):
        """The guide: accounts with which a vault is shared can view and restore, and not copy or delete."""
        point, other = gapped(stage), beside(stage)
        stage.service.accounts.share("gapped", with_account=OTHER)
        other.call("CreateBackupVault", BackupVaultName="mine")
        asked = {"RecoveryPointArn": point, "SourceBackupVaultName": "gapped", "IamRoleArn": ROLE}
        destination = vault_arn("mine", account=OTHER)
        assert refused(other, "StartCopyJob", **asked, DestinationBackupVaultArn=destination) == "AccessDeniedException"
        named = {"BackupVaultName": "gapped", "RecoveryPointArn": point}
        assert refused(other, "DeleteRecoveryPoint", **named) == "AccessDeniedException"
        assert stage.point(point, "gapped")["Status"] == "COMPLETED"

    @pytest.mark.parametrize("reaches", [True, False])
    def test_restore_testing_tests_a_shared_vault(self, reaches):
        """The other account's plan restores the shared point there and deletes the result; by choice it does not."""
        stage = Stage(choices=Choices(restore_tests_reach_shared_vaults=reaches))
        point, other = gapped(stage), beside(stage)
        stage.service.accounts.share("gapped", with_account=OTHER)
        points = {"Algorithm": "LATEST_WITHIN_WINDOW", "RecoveryPointTypes": ["SNAPSHOT"], "IncludeVaults": ["*"]}
        plan = {"RestoreTestingPlanName": "drill", "ScheduleExpression": "cron(0 12 ? * * *)"}
        other.call("CreateRestoreTestingPlan", RestoreTestingPlan={**plan, "RecoveryPointSelection": points})
        other.call(
            "CreateRestoreTestingSelection",
            RestoreTestingPlanName="drill",
            RestoreTestingSelection={
                "RestoreTestingSelectionName": "tables",
                "ProtectedResourceType": "DynamoDB",
                "ProtectedResourceArns": ["*"],
                "IamRoleArn": ROLE,
            },
        )
        stage.clock.advance(days=1)
        jobs = other.every("ListRestoreJobs", "RestoreJobs")
        assert [(job["Status"], job["RecoveryPointArn"]) for job in jobs] == ([("COMPLETED", point)] if reaches else [])
        assert all(f":{OTHER}:table/" in job["CreatedResourceArn"] for job in jobs)

    def test_a_share_is_seen_in_its_own_region(self, stage):
        """The same account does not see it from another Region."""
        gapped(stage)
        stage.service.accounts.share("gapped", with_account=OTHER)
        assert beside(stage, region="eu-west-1").call("ListBackupVaults", ByShared=True)["BackupVaultList"] == []

    def test_the_owner_lists_what_it_shares_by_choice(self):
        """No source says whether ByShared shows one's own shares; a switch decides."""
        for own in (False, True):
            stage = Stage(choices=Choices(by_shared_lists_own_shares=own))
            gapped(stage)
            stage.service.accounts.share("gapped", with_account=OTHER)
            found = stage.call("ListBackupVaults", ByShared=True)["BackupVaultList"]
            assert [vault["BackupVaultName"] for vault in found] == (["gapped"] if own else [])

    @pytest.mark.parametrize(
        ("vault", "account"), [("absent", OTHER), ("prod", OTHER), ("gapped", "1"), ("gapped", ACCOUNT)]
    )
    def test_only_air_gapped_vaults_are_shared_and_with_others(self, stage, vault, account):
        """AWS RAM shares no standard vault, and nothing with oneself."""
        gapped(stage)
        with pytest.raises(errors.ConfigurationError):
            stage.service.accounts.share(vault, with_account=account)


class TestApprovalTeams:
    @pytest.fixture
    def guarded(self, stage):
        """An air-gapped vault with its first team."""
        stage.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
        gapped(stage)
        self.associate(stage, TEAM)
        return stage

    def associate(self, stage, team):
        stage.call("AssociateBackupVaultMpaApprovalTeam", BackupVaultName="gapped", MpaApprovalTeamArn=team)

    def disassociate(self, stage):
        stage.call("DisassociateBackupVaultMpaApprovalTeam", BackupVaultName="gapped")

    def described(self, stage):
        return stage.call("DescribeBackupVault", BackupVaultName="gapped")

    def test_the_first_team_is_there_at_once(self, guarded):
        """Nobody is asked, and naming the same team again changes nothing."""
        self.associate(guarded, TEAM)
        assert self.described(guarded)["MpaApprovalTeamArn"] == TEAM
        assert "LatestMpaApprovalTeamUpdate" not in self.described(guarded)
        assert guarded.service.accounts.pending() == []

    def test_another_team_needs_the_present_ones_word(self, guarded):
        """Until it approves, the old team stays; the update tells its session, state and end."""
        self.associate(guarded, SECOND_TEAM)
        seen = self.described(guarded)
        update = seen["LatestMpaApprovalTeamUpdate"]
        assert (seen["MpaApprovalTeamArn"], update["Status"]) == (TEAM, "PENDING")
        assert update["ExpiryDate"] - update["InitiationDate"] == timedelta(hours=24).total_seconds()
        assert update["MpaSessionArn"].startswith("arn:aws:mpa:us-east-1:123456789012:session/guardians/")
        guarded.service.accounts.approve(update["MpaSessionArn"])
        seen = self.described(guarded)
        assert (seen["MpaApprovalTeamArn"], seen["LatestMpaApprovalTeamUpdate"]["Status"]) == (SECOND_TEAM, "APPROVED")

    def test_a_denied_or_unanswered_change_fails(self, guarded):
        """After a no, and after 24 hours of silence, the team is the one from before."""
        self.associate(guarded, SECOND_TEAM)
        [asked] = guarded.service.accounts.pending()
        guarded.service.accounts.deny(asked)
        assert self.described(guarded)["LatestMpaApprovalTeamUpdate"]["Status"] == "FAILED"
        self.disassociate(guarded)
        guarded.clock.advance(hours=23.9)
        assert self.described(guarded)["LatestMpaApprovalTeamUpdate"]["Status"] == "PENDING"
        guarded.clock.advance(hours=0.2)
        seen = self.described(guarded)
        assert (seen["MpaApprovalTeamArn"], seen["LatestMpaApprovalTeamUpdate"]["Status"]) == (TEAM, "FAILED")
        assert "expired" in seen["LatestMpaApprovalTeamUpdate"]["StatusMessage"]

    def test_a_team_goes_when_it_says_so(self, guarded):
        """Disassociation is the present team's to approve, too; afterwards another is the first again."""
        self.disassociate(guarded)
        assert self.described(guarded)["MpaApprovalTeamArn"] == TEAM
        guarded.service.accounts.approve(guarded.service.accounts.pending()[0])
        assert "MpaApprovalTeamArn" not in self.described(guarded)
        self.associate(guarded, SECOND_TEAM)
        assert self.described(guarded)["MpaApprovalTeamArn"] == SECOND_TEAM

    def test_teams_may_approve_by_themselves_after_a_while(self):
        """By choice nobody has to speak for them."""
        stage = Stage(choices=Choices(approval_seconds=600))
        stage.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
        gapped(stage)
        self.associate(stage, TEAM)
        self.associate(stage, SECOND_TEAM)
        stage.clock.advance(minutes=9)
        assert self.described(stage)["MpaApprovalTeamArn"] == TEAM
        stage.clock.advance(minutes=2)
        assert self.described(stage)["MpaApprovalTeamArn"] == SECOND_TEAM

    def test_one_change_at_a_time(self, guarded):
        """While one is pending, another is refused; a session is answered once."""
        self.associate(guarded, SECOND_TEAM)
        [asked] = guarded.service.accounts.pending()
        named = {"BackupVaultName": "gapped"}
        assert refused(guarded, "DisassociateBackupVaultMpaApprovalTeam", **named) == "InvalidRequestException"
        guarded.service.accounts.approve(asked)
        with pytest.raises(errors.ConfigurationError, match="pending"):
            guarded.service.accounts.deny(asked)

    def test_what_has_no_team_takes_none(self, stage):
        """A standard vault, an organization without multi-party approval, and an ARN of something else are refused."""
        gapped(stage)
        asked = {"BackupVaultName": "gapped", "MpaApprovalTeamArn": TEAM}
        assert refused(stage, "AssociateBackupVaultMpaApprovalTeam", **asked) == "InvalidRequestException"
        stage.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
        for changed, code in (
            ({"BackupVaultName": "prod"}, "InvalidRequestException"),
            ({"BackupVaultName": "absent"}, "AccessDeniedException"),
            ({"MpaApprovalTeamArn": ROLE}, "InvalidParameterValueException"),
        ):
            assert refused(stage, "AssociateBackupVaultMpaApprovalTeam", **{**asked, **changed}) == code
        code = refused(stage, "DisassociateBackupVaultMpaApprovalTeam", BackupVaultName="gapped")
        assert code == "InvalidRequestException"


class TestRestoreAccess:
    @pytest.fixture
    def guarded(self, stage):
        """An air-gapped vault with a team, and its point."""
        stage.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
        point = gapped(stage)
        stage.call("AssociateBackupVaultMpaApprovalTeam", BackupVaultName="gapped", MpaApprovalTeamArn=TEAM)
        return stage, beside(stage), point

    def ask(self, other, name="rescue", **more):
        asked = {"SourceBackupVaultArn": vault_arn("gapped"), **more}
        return other.call("CreateRestoreAccessBackupVault", **asked, **({"BackupVaultName": name} if name else {}))

    def approve(self, stage):
        [asked] = stage.service.accounts.pending()
        stage.service.accounts.approve(asked)

    def listed(self, stage):
        return stage.every(
            "ListRestoreAccessBackupVaults", "RestoreAccessBackupVaults", BackupVaultName="gapped", MaxResults=1
        )

    def test_it_is_creating_until_the_team_approves(self, guarded):
        """The requester sees no point before; the owner sees when it was approved."""
        stage, other, point = guarded
        made = self.ask(other, RequesterComment="orders is gone")
        assert made["VaultState"] == "CREATING"
        assert other.points("rescue") == []
        assert "ApprovalDate" not in self.listed(stage)[0]
        assert stage.service.accounts.pending()[0].comment == "orders is gone"
        self.approve(stage)
        vault = other.call("DescribeBackupVault", BackupVaultName="rescue")
        assert (vault["VaultState"], vault["VaultType"]) == ("AVAILABLE", "RESTORE_ACCESS_BACKUP_VAULT")
        assert (vault["SourceBackupVaultArn"], vault["NumberOfRecoveryPoints"]) == (vault_arn("gapped"), 1)
        assert [each["RecoveryPointArn"] for each in other.points("rescue")] == [point]
        assert (self.listed(stage)[0]["VaultState"], "ApprovalDate" in self.listed(stage)[0]) == ("AVAILABLE", True)

    def test_its_points_are_restored_and_copied_by_the_requester(self, guarded):
        """The restored table is the requester's, and a copy stands in its own vault."""
        stage, other, point = guarded
        self.ask(other)
        self.approve(stage)
        arn = vault_arn("rescue", account=OTHER)
        job = other.restore(point, {"targetTableName": "rescued"})
        assert (job["Status"], job["BackupVaultArn"]) == ("COMPLETED", arn)
        other.call("CreateBackupVault", BackupVaultName="kept")
        copy = copied(other, point, vault_arn("kept", account=OTHER), source="rescue")
        assert (copy["State"], copy["SourceBackupVaultArn"]) == ("COMPLETED", arn)
        assert len(other.points("kept")) == 1
        assert other.call("GetRecoveryPointRestoreMetadata", BackupVaultName="rescue", RecoveryPointArn=point)

    def test_nothing_is_put_into_it_or_deleted_through_it(self, guarded):
        """It gives access for reading: points come in through the vault behind it alone, and go there alone."""
        stage, other, point = guarded
        self.ask(other)
        self.approve(stage)
        named = {"BackupVaultName": "rescue", "RecoveryPointArn": point}
        assert refused(other, "DeleteRecoveryPoint", **named) == "ResourceNotFoundException"
        assert refused(other, "UpdateRecoveryPointLifecycle", **named) == "ResourceNotFoundException"
        table = f"arn:aws:dynamodb:{REGION}:{OTHER}:table/theirs"
        other.world.add(table)
        assert other.back_up(table, BackupVaultName="rescue")["State"] == "FAILED"
        other.call("CreateBackupVault", BackupVaultName="prod")
        arn = other.back_up(table)["RecoveryPointArn"]
        assert copied(other, arn, vault_arn("rescue", account=OTHER))["State"] == "FAILED"
        assert len(other.points("rescue")) == 1

    def test_a_denied_or_unanswered_request_fails(self, guarded):
        """The vault is FAILED, shows nothing, and can be deleted."""
        stage, other, point = guarded
        self.ask(other)
        stage.clock.advance(hours=24)
        assert other.call("DescribeBackupVault", BackupVaultName="rescue")["VaultState"] == "FAILED"
        assert other.points("rescue") == []
        assert refused(other, "StartRestoreJob", RecoveryPointArn=point, Metadata={}) == "ResourceNotFoundException"
        other.call("DeleteBackupVault", BackupVaultName="rescue")
        assert self.listed(stage) == []

    def test_revoking_is_the_teams_to_approve(self, guarded):
        """Until it does, access stays and the request is PENDING or FAILED; then the vault is gone."""
        stage, other, point = guarded
        arn = self.ask(other)["RestoreAccessBackupVaultArn"]
        asked = {"BackupVaultName": "gapped", "RestoreAccessBackupVaultArn": arn}
        assert refused(stage, "RevokeRestoreAccessBackupVault", **asked) == "InvalidRequestException"
        self.approve(stage)
        stage.call("RevokeRestoreAccessBackupVault", **asked)
        assert refused(stage, "RevokeRestoreAccessBackupVault", **asked) == "InvalidRequestException"
        assert self.listed(stage)[0]["LatestRevokeRequest"]["Status"] == "PENDING"
        stage.service.accounts.deny(stage.service.accounts.pending()[0])
        assert self.listed(stage)[0]["LatestRevokeRequest"]["Status"] == "FAILED"
        assert other.points("rescue")
        stage.call("RevokeRestoreAccessBackupVault", **asked)
        self.approve(stage)
        assert (self.listed(stage), refused(other, "DescribeBackupVault", BackupVaultName="rescue")) == (
            [],
            "AccessDeniedException",
        )
        assert refused(stage, "RevokeRestoreAccessBackupVault", **asked) == "ResourceNotFoundException"
        assert stage.point(point, "gapped")["Status"] == "COMPLETED"

    def test_without_a_team_nobody_can_revoke(self, guarded):
        """A vault whose team is gone keeps what it opened, until another team can be asked."""
        stage, other, _ = guarded
        asked = {
            "BackupVaultName": "gapped",
            "RestoreAccessBackupVaultArn": self.ask(other)["RestoreAccessBackupVaultArn"],
        }
        self.approve(stage)
        stage.call("DisassociateBackupVaultMpaApprovalTeam", BackupVaultName="gapped")
        self.approve(stage)
        assert refused(stage, "RevokeRestoreAccessBackupVault", **asked) == "InvalidRequestException"
        assert other.points("rescue")
        stage.call("AssociateBackupVaultMpaApprovalTeam", BackupVaultName="gapped", MpaApprovalTeamArn=SECOND_TEAM)
        stage.call("RevokeRestoreAccessBackupVault", **asked)
        self.approve(stage)
        assert self.listed(stage) == []

    def test_restore_access_vaults_count_among_the_vaults_of_the_account(self, guarded):
        """The 301st vault is refused, of whatever kind, and nobody is asked."""
        stage, other, _ = guarded
        for number in range(MOST_VAULTS):
            other.call("CreateBackupVault", BackupVaultName=f"vault-{number}")
        asked = {"SourceBackupVaultArn": vault_arn("gapped")}
        assert refused(other, "CreateRestoreAccessBackupVault", **asked) == "LimitExceededException"
        assert stage.service.accounts.pending() == []

    def test_a_new_vault_of_the_same_name_is_another(self, stage):
        """What was approved or asked of a vault that is gone is nothing to the one that took its name."""
        stage.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
        for _ in range(2):
            gap = {"BackupVaultName": "gapped", "MinRetentionDays": 7, "MaxRetentionDays": 30}
            stage.call("CreateLogicallyAirGappedBackupVault", **gap)
            stage.clock.advance(minutes=5)
            for team in (TEAM, SECOND_TEAM):
                asked = {"BackupVaultName": "gapped", "MpaApprovalTeamArn": team}
                stage.call("AssociateBackupVaultMpaApprovalTeam", **asked)
            if "rescue" not in stage.service.simulation.scope(OTHER, REGION).vaults:
                other = beside(stage)
                self.ask(other)
                change, opening = stage.service.accounts.pending()
                stage.service.accounts.approve(opening)
                stage.call("DeleteBackupVault", BackupVaultName="gapped")
        stage.service.accounts.approve(change)
        assert stage.call("DescribeBackupVault", BackupVaultName="gapped")["MpaApprovalTeamArn"] == TEAM
        job = copied(stage, backed_up(stage), vault_arn("gapped"))
        assert job["State"] == "COMPLETED"
        assert other.points("rescue") == []
        point = job["DestinationRecoveryPointArn"]
        assert refused(other, "StartRestoreJob", RecoveryPointArn=point, Metadata={}) == "ResourceNotFoundException"

    def test_a_repeated_request_makes_no_second_vault(self, guarded):
        """The token names the request; without a name the service gives one, made of the source's."""
        stage, other, _ = guarded
        first = self.ask(other, name=None, CreatorRequestId="once")
        assert self.ask(other, name=None, CreatorRequestId="once") == first
        second = self.ask(other, name=None, CreatorRequestId="twice")
        assert first["RestoreAccessBackupVaultName"].startswith("gapped")
        assert first["RestoreAccessBackupVaultName"] != second["RestoreAccessBackupVaultName"]
        assert len(self.listed(stage)) == 2

    def test_what_cannot_be_asked_for_is_refused(self, guarded):
        """A vault that is not there, has no team, or is elsewhere; and a name that is taken."""
        stage, other, _ = guarded
        other.call("CreateBackupVault", BackupVaultName="taken")
        for asked, code in (
            ({"SourceBackupVaultArn": vault_arn("absent")}, "ResourceNotFoundException"),
            ({"SourceBackupVaultArn": vault_arn("prod")}, "InvalidRequestException"),
            ({"SourceBackupVaultArn": vault_arn("gapped", "eu-west-1")}, "InvalidParameterValueException"),
            ({"SourceBackupVaultArn": ROLE}, "InvalidParameterValueException"),
            ({"SourceBackupVaultArn": vault_arn("gapped"), "BackupVaultName": "taken"}, "AlreadyExistsException"),
        ):
            assert refused(other, "CreateRestoreAccessBackupVault", **asked) == code
        assert stage.service.accounts.pending() == []

    def test_the_policy_behind_it_decides_by_choice(self):
        """An owner who is not to be trusted must not lock the rescuer out; a switch decides otherwise."""
        for heeded in (False, True):
            stage = Stage(choices=Choices(restore_access_heeds_source_policy=heeded, approval_seconds=60))
            stage.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
            point = gapped(stage)
            stage.call("AssociateBackupVaultMpaApprovalTeam", BackupVaultName="gapped", MpaApprovalTeamArn=TEAM)
            other = beside(stage)
            self.ask(other)
            stage.clock.advance(minutes=2)
            actions = ["backup:StartRestoreJob", "backup:DescribeRecoveryPoint"]
            deny = {"Effect": "Deny", "Principal": "*", "Action": actions, "Resource": "*"}
            policy = json.dumps({"Statement": [deny]})
            stage.call("PutBackupVaultAccessPolicy", BackupVaultName="gapped", Policy=policy)
            if heeded:
                named = {"BackupVaultName": "rescue", "RecoveryPointArn": point}
                assert refused(other, "DescribeRecoveryPoint", **named) == "AccessDeniedException"
                assert refused(other, "StartRestoreJob", RecoveryPointArn=point, Metadata={}) == "AccessDeniedException"
            else:
                assert other.point(point, "rescue")
                assert other.restore(point, {"targetTableName": "rescued"})["Status"] == "COMPLETED"

    def test_points_name_the_vault_behind_it_by_choice(self):
        """No source says which name they show; a switch decides."""
        for behind in (False, True):
            stage = Stage(choices=Choices(restore_access_points_name_source=behind, approval_seconds=60))
            stage.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
            gapped(stage)
            stage.call("AssociateBackupVaultMpaApprovalTeam", BackupVaultName="gapped", MpaApprovalTeamArn=TEAM)
            other = beside(stage)
            self.ask(other)
            stage.clock.advance(minutes=2)
            assert other.points("rescue")[0]["BackupVaultName"] == ("gapped" if behind else "rescue")

    def test_a_snapshot_keeps_shares_sessions_and_organizations(self, guarded):
        """What was pending can be approved afterwards, also in another service."""
        stage, other, _ = guarded
        organization = stage.service.accounts.organize(OTHER)
        stage.service.accounts.share("gapped", with_account=THIRD)
        self.ask(other)
        again = LocalService()
        again.load_state(stage.service.save_state())
        self.approve(stage)
        assert again.accounts.organization_of(OTHER) == organization
        again.accounts.approve(again.accounts.pending()[0])
        there = json.loads(again.as_account(THIRD).call("ListBackupVaults", {"ByShared": True}))
        assert [vault["BackupVaultName"] for vault in there["BackupVaultList"]] == ["gapped"]
        rescue = again.as_account(OTHER).call("DescribeBackupVault", {"BackupVaultName": "rescue"})
        assert json.loads(rescue)["VaultState"] == "AVAILABLE"
