"""Access policies of vaults decide: who may do what with a vault and its points, and who may copy into it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, Stage, table_arn, vault_arn

from backupkit import errors
from backupkit.emulator import Identity, LocalService
from backupkit.emulator.iam.authorize import BY_VAULT
from backupkit.emulator.kernel import shapes
from backupkit.emulator.kernel.behavior import Choices

OTHER = "210987654321"
ORDERS = table_arn("orders")
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/admin"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/me"
INTERN = f"arn:aws:sts::{ACCOUNT}:assumed-role/intern/me"
DENY_DELETE = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
COPY_DENIED = "Access Denied trying to call AWS Backup service"


def put(stage: Stage, *statements: dict[str, Any], vault: str = "prod") -> None:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    stage.call("PutBackupVaultAccessPolicy", BackupVaultName=vault, Policy=json.dumps(document))


def called_by(stage: Stage, arn: str, user_id: str = "") -> Stage:
    """The same place, called by somebody else of the account."""
    other = Stage.__new__(Stage)
    other.service, other.clock = stage.service.as_caller(Identity(arn, user_id)), stage.clock
    return other


def beside(stage: Stage, account: str = OTHER) -> Stage:
    other = Stage.__new__(Stage)
    other.service, other.clock = stage.service.as_account(account), stage.clock
    return other


def deletes(stage: Stage, point: str) -> bool:
    """Whether deleting the point is let through by the policy; the point is gone afterwards, or untouched."""
    before = stage.call("GetRecoveryPointRestoreMetadata", BackupVaultName="prod", RecoveryPointArn=point)
    try:
        stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)
    except errors.ServiceError as error:
        said = (error.code, error.status)
    else:
        return True
    assert said == ("AccessDeniedException", 403)
    assert stage.call("GetRecoveryPointRestoreMetadata", BackupVaultName="prod", RecoveryPointArn=point) == before
    return False


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def point(stage: Stage) -> str:
    stage.world.add(ORDERS)
    arn: str = stage.back_up(ORDERS)["RecoveryPointArn"]
    return arn


class TestDenied:
    def test_a_denied_deletion_does_not_delete(self, stage, point):
        """The caller reads AWS's sentence with who, what and on which point; the point stays, and stays for weeks."""
        put(stage, DENY_DELETE)
        with pytest.raises(errors.ServiceError) as caught:
            stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)
        assert caught.value.message == (
            f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: backup:DeleteRecoveryPoint on resource: "
            f"{point} with an explicit deny in a resource-based policy"
        )
        stage.clock.advance(days=30)
        assert stage.point(point)["Status"] == "COMPLETED"

    def test_without_the_policy_all_is_as_before(self, stage, point):
        """Deleting the policy gives deletion back."""
        put(stage, DENY_DELETE)
        stage.call("DeleteBackupVaultAccessPolicy", BackupVaultName="prod")
        assert deletes(stage, point)

    def test_other_vaults_are_not_concerned(self, stage, point):
        """A policy is its own vault's alone."""
        stage.call("CreateBackupVault", BackupVaultName="other")
        put(stage, {**DENY_DELETE, "Action": "backup:DeleteBackupVault"}, vault="other")
        assert deletes(stage, point)
        with pytest.raises(errors.ServiceError, match=r"backup:DeleteBackupVault on resource: .*:backup-vault:other"):
            stage.call("DeleteBackupVault", BackupVaultName="other")

    def test_expiry_is_no_callers(self, stage):
        """What a lifecycle does is not asked of the policy."""
        stage.world.add(ORDERS)
        stage.back_up(ORDERS, Lifecycle={"DeleteAfterDays": 1})
        put(stage, DENY_DELETE)
        stage.clock.advance(days=2)
        assert stage.points() == []

    def test_an_allow_changes_nothing_against_a_deny(self, stage, point):
        """An explicit Deny wins."""
        put(stage, {**DENY_DELETE, "Effect": "Allow", "Principal": {"AWS": ACCOUNT}}, DENY_DELETE)
        assert not deletes(stage, point)

    def test_the_guides_whole_list_is_denied(self, stage, point):
        """Every operation of the guide's example is stopped, for that role and nobody else."""
        actions = {
            "DescribeBackupVault": {},
            "DeleteBackupVault": {},
            "PutBackupVaultAccessPolicy": {"Policy": "{}"},
            "DeleteBackupVaultAccessPolicy": {},
            "GetBackupVaultAccessPolicy": {},
            "StartBackupJob": {"ResourceArn": ORDERS, "IamRoleArn": ROLE},
            "GetBackupVaultNotifications": {},
            "PutBackupVaultNotifications": {"SNSTopicArn": "t", "BackupVaultEvents": ["COPY_JOB_FAILED"]},
            "DeleteBackupVaultNotifications": {},
            "ListRecoveryPointsByBackupVault": {},
        }
        put(
            stage,
            {
                "Effect": "Deny",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/intern"},
                "Action": [f"backup:{name}" for name in actions],
                "Resource": vault_arn("prod"),
            },
        )
        intern = called_by(stage, INTERN)
        for operation, more in actions.items():
            with pytest.raises(errors.ServiceError, match="explicit deny"):
                intern.call(operation, BackupVaultName="prod", **more)
        stage.call("DescribeBackupVault", BackupVaultName="prod")

    def test_a_restore_is_denied_by_the_points_vault(self, stage, point):
        """StartRestoreJob names no vault; the one that the point is in decides."""
        put(stage, {**DENY_DELETE, "Action": "backup:StartRestoreJob"})
        with pytest.raises(errors.ServiceError, match="backup:StartRestoreJob"):
            stage.call("StartRestoreJob", RecoveryPointArn=point, Metadata={"targetTableName": "t"}, IamRoleArn=ROLE)

    def test_tagging_is_denied_by_the_vault_of_what_is_tagged(self, stage, point):
        """It names a vault or a point by ARN; plans have no policy."""
        put(stage, {**DENY_DELETE, "Action": ["backup:TagResource"]})
        for arn in (point, vault_arn("prod")):
            with pytest.raises(errors.ServiceError, match="backup:TagResource"):
                stage.call("TagResource", ResourceArn=arn, Tags={"a": "b"})
            stage.call("ListTags", ResourceArn=arn)
        rule = {"RuleName": "r", "TargetBackupVaultName": "prod"}
        plan = stage.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [rule]})
        stage.call("TagResource", ResourceArn=plan["BackupPlanArn"], Tags={"a": "b"})

    def test_a_shared_vaults_policy_holds_for_the_other_account(self, stage):
        """The owner restricts what a share gives: nothing can be restored."""
        stage.call(
            "CreateLogicallyAirGappedBackupVault", BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=9
        )
        stage.clock.advance(minutes=5)
        stage.service.accounts.share("gapped", with_account=OTHER)
        put(stage, {**DENY_DELETE, "Action": "backup:ListRecoveryPointsByBackupVault"}, vault="gapped")
        other = beside(stage)
        other.call("DescribeBackupVault", BackupVaultName="gapped", BackupVaultAccountId=ACCOUNT)
        with pytest.raises(errors.ServiceError, match=f"User: arn:aws:iam::{OTHER}:root is not authorized"):
            other.call("ListRecoveryPointsByBackupVault", BackupVaultName="gapped", BackupVaultAccountId=ACCOUNT)

    def test_every_operation_that_names_a_vault_is_asked_for(self):
        """The table misses none of the model, so that a new operation turns up here."""
        makers = {"CreateBackupVault", "CreateLogicallyAirGappedBackupVault", "CreateRestoreAccessBackupVault"}
        named = {
            operation
            for operation in shapes.operation_names()
            for shape in [shapes.model().operation_model(operation).input_shape]
            if shape is not None and {"BackupVaultName", "SourceBackupVaultName"} & set(shape.members)
        }
        assert set(BY_VAULT) == named - makers


class TestStatements:
    def test_principals_are_roles_users_sessions_accounts_and_ids(self, stage, point):
        """Each way of naming the caller denies it; naming another does not."""
        put(stage, DENY_DELETE)
        caller = called_by(stage, SESSION, "AROAEXAMPLEEXAMPLE1:me")
        for name, denied in (
            ("*", True),
            (ACCOUNT, True),
            (f"arn:aws:iam::{ACCOUNT}:root", True),
            (ADMIN, True),
            (SESSION, True),
            ("AROAEXAMPLEEXAMPLE1", True),
            (INTERN, False),
            (f"arn:aws:iam::{ACCOUNT}:user/admin", False),
            (OTHER, False),
            ("AROAEXAMPLEEXAMPLE2", False),
        ):
            put(stage, {**DENY_DELETE, "Action": "backup:DescribeBackupVault", "Principal": {"AWS": [name]}})
            assert self.described(caller) is not denied, name

    def described(self, stage):
        try:
            stage.call("DescribeBackupVault", BackupVaultName="prod")
        except errors.ServiceError:
            return False
        return True

    @pytest.mark.parametrize(
        ("statement", "let_through"),
        [
            ({"Principal": None, "NotPrincipal": {"AWS": ADMIN}}, True),
            ({"Principal": None, "NotPrincipal": {"AWS": INTERN}}, False),
            ({"Principal": {"Service": "backup.amazonaws.com"}}, True),
            ({"Action": None, "NotAction": "backup:DescribeBackupVault"}, True),
            ({"Action": None, "NotAction": "backup:DeleteBackupVault"}, False),
            ({"Action": "backup:describebackupvault"}, False),
            ({"Resource": vault_arn("prod")}, False),
            ({"Resource": vault_arn("p*d")}, False),
            ({"Resource": vault_arn("other")}, True),
            ({"Resource": None, "NotResource": vault_arn("prod")}, True),
            ({"Resource": None, "NotResource": vault_arn("other")}, False),
            ({"Resource": None}, False),
        ],
    )
    def test_elements_and_their_opposites(self, stage, statement, let_through):
        """NotPrincipal, NotAction and NotResource turn round; actions are compared without case, ARNs by pattern."""
        whole = {**DENY_DELETE, "Action": "backup:DescribeBackupVault", **statement}
        put(stage, {name: value for name, value in whole.items() if value is not None})
        assert self.described(called_by(stage, SESSION)) is let_through

    @pytest.mark.parametrize(
        ("condition", "let_through"),
        [
            ({"ArnNotEquals": {"aws:PrincipalArn": [ADMIN, f"arn:aws:iam::{ACCOUNT}:root"]}}, True),
            ({"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/other"}}, False),
            ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/adm*"}}, False),
            ({"ArnLike": {"aws:PrincipalArn": "arn:*:admin"}}, True),
            ({"StringNotEquals": {"aws:userId": ["AROAEXAMPLEEXAMPLE1:me", ACCOUNT]}}, True),
            ({"StringNotLike": {"aws:userid": "AROAEXAMPLEEXAMPLE1:*"}}, True),
            ({"StringNotLike": {"aws:userid": "AROAEXAMPLEEXAMPLE2:*"}}, False),
            ({"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}, False),
            ({"StringNotEquals": {"AWS:PrincipalOrgId": "o-exampleorgid"}}, True),
            ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-exampleorgid/r-*/ou-a/*"}}, False),
            ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-exampleorgid/r-*/ou-b/*"}}, True),
            ({"StringEquals": {"aws:PrincipalAccount": OTHER}}, True),
            ({"StringEqualsIgnoreCase": {"aws:ResourceTag/Team": "PLATFORM"}}, False),
            ({"StringEquals": {"aws:ResourceTag/Absent": "x"}}, True),
            ({"StringNotEquals": {"aws:ResourceTag/Absent": "x"}}, False),
            ({"StringNotEqualsIfExists": {"aws:ResourceTag/Team": "platform"}}, True),
            ({"StringEqualsIfExists": {"aws:ResourceTag/Absent": "x"}}, False),
            ({"Null": {"aws:ResourceTag/Absent": "true"}}, False),
            ({"Null": {"aws:username": "false"}}, True),
            ({"Bool": {"aws:SecureTransport": False}}, True),
            ({"DateGreaterThan": {"aws:CurrentTime": "2026-06-01T00:00:00Z"}}, True),
            ({"DateLessThan": {"aws:CurrentTime": "2026-06-01T00:00:00Z"}}, False),
            ({"DateGreaterThan": {"aws:CurrentTime": "1780272000"}}, True),
            ({"DateLessThan": {"aws:CurrentTime": 1780272000}}, False),
            ({"DateLessThan": {"aws:CurrentTime": "soon"}}, True),
            ({"NumericGreaterThan": {"aws:EpochTime": 1}}, False),
            ({"NumericGreaterThan": {"aws:EpochTime": "soon"}}, True),
            ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}, "Bool": {"aws:ViaAWSService": "true"}}, True),
            ({}, False),
        ],
    )
    def test_conditions(self, stage, condition, let_through):
        """The operators and keys of the guide's examples, with keys that are absent, and all of them must hold."""
        stage.service.accounts.organize(OTHER, organization_id="o-exampleorgid", units={ACCOUNT: "ou-a"})
        stage.call("TagResource", ResourceArn=vault_arn("prod"), Tags={"Team": "platform"})
        statement = {**DENY_DELETE, "Action": "backup:DescribeBackupVault", "Condition": condition}
        put(stage, statement)
        assert self.described(called_by(stage, SESSION, "AROAEXAMPLEEXAMPLE1:me")) is let_through

    def test_what_is_asked_for_can_be_a_condition(self, stage):
        """The guide's keys of AWS Backup itself: a lock may be put on with enough days to think about it."""
        condition = {"NumericLessThan": {"backup:ChangeableForDays": "10"}}
        put(stage, {**DENY_DELETE, "Action": "backup:PutBackupVaultLockConfiguration", "Condition": condition})
        with pytest.raises(errors.ServiceError, match="explicit deny"):
            stage.call("PutBackupVaultLockConfiguration", BackupVaultName="prod", ChangeableForDays=9)
        stage.call("PutBackupVaultLockConfiguration", BackupVaultName="prod", ChangeableForDays=10)

    @pytest.mark.parametrize(
        ("condition", "tags", "let_through"),
        [
            ({"ForAllValues:StringEquals": {"aws:TagKeys": ["Team", "Env"]}}, {"Team": "a", "Env": "b"}, False),
            ({"ForAllValues:StringEquals": {"aws:TagKeys": ["Team", "Env"]}}, {"Team": "a", "Cost": "b"}, True),
            ({"ForAnyValue:StringNotLike": {"aws:TagKeys": "T*"}}, {"Team": "a", "Cost": "b"}, False),
            ({"ForAnyValue:StringNotLike": {"aws:TagKeys": "T*"}}, {"Team": "a"}, True),
            ({"StringEquals": {"aws:RequestTag/team": "a"}}, {"Team": "a"}, False),
            ({"StringEquals": {"aws:RequestTag/Team": "a"}}, {"Team": "b"}, True),
        ],
    )
    def test_keys_of_many_values(self, stage, condition, tags, let_through):
        """All or any of the tags that a request gives decide, as the set operator says; keys are taken without case."""
        put(stage, {**DENY_DELETE, "Action": "backup:TagResource", "Condition": condition})
        if let_through:
            stage.call("TagResource", ResourceArn=vault_arn("prod"), Tags=tags)
        else:
            with pytest.raises(errors.ServiceError, match="explicit deny"):
                stage.call("TagResource", ResourceArn=vault_arn("prod"), Tags=tags)

    @pytest.mark.parametrize(
        ("operator", "denied"),
        [
            ("ForAnyValue:StringNotLike", False),
            ("ForAnyValue:StringLike", False),
            ("ForAllValues:StringNotLike", True),
            ("StringNotLike", True),
            ("ForAnyValue:StringNotLikeIfExists", True),
        ],
    )
    def test_a_key_that_a_request_does_not_have(self, stage, point, operator, denied):
        """ForAnyValue needs a value to hold, negated or not; ForAllValues and opposites hold without one (IAM guide)."""
        put(stage, {**DENY_DELETE, "Condition": {operator: {"aws:TagKeys": "T*"}}})
        if denied:
            with pytest.raises(errors.ServiceError, match="explicit deny"):
                stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)
        else:
            assert deletes(stage, point)

    def test_points_are_named_by_their_own_arns(self, stage, point):
        """A statement on one type of points is about those points, and about no others."""
        put(stage, {**DENY_DELETE, "Resource": "arn:aws:ec2:*:*:snapshot/*"})
        volume = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0f1e2d3c4b5a69788"
        stage.world.add(volume)
        snapshot = stage.back_up(volume)["RecoveryPointArn"]
        assert not deletes(stage, snapshot)
        assert deletes(stage, point)

    @pytest.mark.parametrize("covers", [True, False])
    def test_a_statement_on_the_vault_covers_its_points_by_choice(self, covers):
        """The guide's older example denies deletion on the vault's ARN, its newer ones on the points'."""
        stage = Stage(choices=Choices(policy_on_vault_covers_points=covers))
        stage.world.add(ORDERS)
        arn = stage.back_up(ORDERS)["RecoveryPointArn"]
        put(stage, {**DENY_DELETE, "Resource": vault_arn("prod")})
        assert deletes(stage, arn) is not covers


class TestPut:
    @pytest.mark.parametrize(
        "condition",
        [
            {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            {"StringEquals": {"aws:PrincipalTag/team": "a"}},
            {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:root"}},
            {"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}},
        ],
    )
    def test_what_cannot_be_evaluated_here_is_not_kept(self, stage, condition):
        """An address, tags of a caller, the age of a sign-in and variables are not known in this process: the local service says so."""
        with pytest.raises(errors.NotEmulatedError, match="leave it out"):
            put(stage, {**DENY_DELETE, "Condition": condition})
        with pytest.raises(errors.NotFoundError):
            stage.call("GetBackupVaultAccessPolicy", BackupVaultName="prod")

    @pytest.mark.parametrize(
        "statement",
        [
            {"Condition": {"StringIs": {"aws:userid": "x"}}},
            {"Condition": ["x"]},
            {"Condition": {"StringEquals": "x"}},
            {"Condition": {"StringEquals": {"aws:userid": {"a": "b"}}}},
            {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"}},
        ],
    )
    def test_what_iam_does_not_know_is_refused(self, stage, statement):
        """Operators, values and principals are checked when the policy is put, not when it is needed."""
        with pytest.raises(errors.RejectedError) as caught:
            put(stage, {**DENY_DELETE, **statement})
        assert caught.value.code == "InvalidParameterValueException"

    @pytest.mark.parametrize("principal", ["*", {"AWS": OTHER}, {"AWS": f"arn:aws:iam::{OTHER}:role/{ACCOUNT}"}])
    def test_other_accounts_are_allowed_nothing_but_copies(self, stage, principal):
        """AWS refuses such a policy, whatever its conditions are; for one's own account it takes it."""
        allow = {"Effect": "Allow", "Principal": principal, "Action": "backup:StartRestoreJob", "Resource": "*"}
        with pytest.raises(errors.ServiceError, match="cross-account sharing restrictions") as caught:
            put(stage, allow)
        assert (caught.value.code, caught.value.status) == ("AccessDeniedException", 403)
        put(stage, {**allow, "Action": "backup:CopyIntoBackupVault"})
        # Nobody can tell whose a unique id is.
        put(stage, {**allow, "Principal": {"AWS": [ACCOUNT, ADMIN, "AROAEXAMPLEEXAMPLE1"]}})
        put(Stage(choices=Choices(foreign_grants_refused=False)), allow)


class TestCopies:
    def copied(self, stage, point, destination):
        asked = {"RecoveryPointArn": point, "SourceBackupVaultName": "prod", "IamRoleArn": ROLE}
        started = stage.call("StartCopyJob", **asked, DestinationBackupVaultArn=destination)
        job = stage.ended(lambda: stage.call("DescribeCopyJob", CopyJobId=started["CopyJobId"])["CopyJob"], "State")
        return job["StatusMessage"] if job["State"] == "FAILED" else job["State"]

    @pytest.fixture
    def pair(self, stage, point):
        """Two accounts of one organization, with cross-account backup; the other's vault and the point."""
        stage.service.accounts.organize(OTHER, organization_id="o-exampleorgid", units={ACCOUNT: "ou-a"})
        stage.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})
        other = beside(stage)
        other.call("CreateBackupVault", BackupVaultName="dr")
        return stage, other, point

    @pytest.mark.parametrize(
        ("statement", "allowed"),
        [
            ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}, True),
            ({"Principal": {"AWS": ROLE}}, True),
            ({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}}, True),
            (
                {
                    "Principal": "*",
                    "Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-exampleorgid/r-*/ou-a/*"}},
                },
                True,
            ),
            ({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-anotherorgid"}}}, False),
            ({"Principal": {"AWS": "333333333333"}}, False),
            ({"Principal": {"AWS": ADMIN}}, False),
            ({"Principal": "*", "Resource": vault_arn("other", account=OTHER)}, False),
        ],
    )
    def test_another_account_needs_an_allow(self, pair, statement, allowed):
        """The patterns of the guide let a copy in; without one that fits, the job fails with AWS's sentence."""
        stage, other, point = pair
        destination = vault_arn("dr", account=OTHER)
        assert self.copied(stage, point, destination) == COPY_DENIED
        allow = {"Effect": "Allow", "Action": "backup:CopyIntoBackupVault", "Resource": "*", **statement}
        put(other, allow, vault="dr")
        assert self.copied(stage, point, destination) == ("COMPLETED" if allowed else COPY_DENIED)
        assert len(other.points("dr")) == int(allowed)

    def test_a_deny_stops_copies_into_and_out_of_a_vault(self, stage, point):
        """Within an account nothing need be allowed, and what is denied is not done."""
        stage.call("CreateBackupVault", BackupVaultName="dr")
        assert self.copied(stage, point, vault_arn("dr")) == "COMPLETED"
        put(stage, {**DENY_DELETE, "Action": "backup:CopyIntoBackupVault"}, vault="dr")
        assert self.copied(stage, point, vault_arn("dr")) == COPY_DENIED
        stage.call("DeleteBackupVaultAccessPolicy", BackupVaultName="dr")
        paths = {"backup:CopyTargetOrgPaths": "o-backupkit00/*"}
        condition = {"ArnLike": {"backup:CopyTargets": vault_arn("dr")}, "ForAnyValue:StringLike": paths}
        put(stage, {**DENY_DELETE, "Action": "backup:CopyFromBackupVault", "Condition": condition})
        assert self.copied(stage, point, vault_arn("dr")) == COPY_DENIED
        stage.call("CreateBackupVault", BackupVaultName="allowed")
        assert self.copied(stage, point, vault_arn("allowed")) == "COMPLETED"

    def test_a_deny_for_another_account_wins_over_its_allow(self, pair):
        """Both statements fit, and the copy fails."""
        stage, other, point = pair
        allow = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "backup:CopyIntoBackupVault"}
        put(other, allow, {**allow, "Effect": "Deny"}, vault="dr")
        assert self.copied(stage, point, vault_arn("dr", account=OTHER)) == COPY_DENIED


class TestCallers:
    def test_a_role_is_named_with_its_path_where_that_is_known(self, stage):
        """A session's ARN lacks the path of its role; an `Identity` can tell it, and a role's own ARN has it."""
        role = f"arn:aws:iam::{ACCOUNT}:role/team/admin"
        put(stage, {**DENY_DELETE, "Action": "backup:DescribeBackupVault", "Principal": {"AWS": role}})
        for caller, denied in ((Identity(SESSION, role_arn=role), True), (role, True), (SESSION, False)):
            place = stage.service.as_caller(caller)
            if denied:
                with pytest.raises(errors.ServiceError, match="explicit deny"):
                    place.call("DescribeBackupVault", {"BackupVaultName": "prod"})
            else:
                place.call("DescribeBackupVault", {"BackupVaultName": "prod"})

    def test_the_account_is_the_callers(self):
        """A caller needs no account beside it; another account's is refused, and so is what calls nobody."""
        service = LocalService()
        assert service.as_caller(f"arn:aws:iam::{OTHER}:role/restore").account_id == OTHER
        for arn, account in ((ADMIN, OTHER), ("admin", None), (f"arn:aws:s3:::{ACCOUNT}", None), (7, None)):
            with pytest.raises(errors.ConfigurationError):
                service.scoped(caller=arn, account_id=account)

    def test_a_caller_stays_in_its_account_and_goes_with_it_to_other_regions(self, stage):
        """Another Region is called by the same role; another account by its own root."""
        put(stage, {**DENY_DELETE, "Action": "backup:DescribeBackupVault", "Principal": {"AWS": ADMIN}})
        admin = stage.service.as_caller(SESSION)
        with pytest.raises(errors.ServiceError, match=f"User: {SESSION}"):
            admin.in_region("eu-west-1").in_region(REGION).call("DescribeBackupVault", {"BackupVaultName": "prod"})
        back = admin.as_account(OTHER).as_account(ACCOUNT)
        assert json.loads(back.call("DescribeBackupVault", {"BackupVaultName": "prod"}))["BackupVaultName"] == "prod"
