"""What is looked at before a restore, over moto's own services."""

from __future__ import annotations

import json

import pytest

from backupkit.emulator import private_moto_session
from backupkit.neighbours import NO_NEIGHBOURS, SessionNeighbours
from backupkit.recover.preflight import RestorePlan, Verdict, preflight

ACCOUNT, REGION = "123456789012", "us-east-1"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "rds:*", "Resource": "*"}]})
RESTORES = "AWSBackupServiceRolePolicyForRestores"
S3_RESTORES = "AWSBackupServiceRolePolicyForS3Restore"


class Account:
    """An account in moto with a network, a key and a role."""

    def __init__(self) -> None:
        self.session = private_moto_session(region_name=REGION)
        self.neighbours = SessionNeighbours(self.session, REGION, lambda _: None)
        self.kms = self.session.client("kms", region_name=REGION)
        self.key = self.kms.create_key()["KeyMetadata"]["Arn"]
        self.iam = self.session.client("iam", region_name=REGION)
        self.role: str = self.iam.create_role(RoleName="restorer", AssumeRolePolicyDocument=POLICY)["Role"]["Arn"]

    def network(self) -> None:
        """Two networks, each with a subnet and a security group."""
        ec2 = self.session.client("ec2", region_name=REGION)
        self.subnets = {}
        self.groups = []
        for number in (1, 2):
            vpc = ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
            made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{number}.1.0/24", AvailabilityZone="us-east-1a")
            self.subnets[number] = made["Subnet"]["SubnetId"]
            self.groups.append(ec2.create_security_group(GroupName="db", Description="d", VpcId=vpc)["GroupId"])

    def attach(self, name: str) -> None:
        arn = self.iam.create_policy(PolicyName=name, PolicyDocument=POLICY)["Policy"]["Arn"]
        self.iam.attach_role_policy(RoleName="restorer", PolicyArn=arn)

    def checks(self, **plan):
        found = preflight(self.neighbours, RestorePlan(**{"resource_type": "RDS", "metadata": {}, **plan}))
        return {check.name: check for check in found}


@pytest.fixture
def account():
    return Account()


@pytest.fixture
def placed(account):
    account.network()
    return account


@pytest.mark.slow
def test_subnets_and_security_groups_of_one_vpc_are_fine(placed):
    """The network agrees where all are of one VPC."""
    metadata = {"SubnetId": placed.subnets[1], "SecurityGroupIds": json.dumps([placed.groups[0]])}
    assert placed.checks(metadata=metadata)["network"].verdict is Verdict.FINE


@pytest.mark.slow
def test_a_security_group_of_another_vpc_is_a_problem_that_names_both(placed):
    """AWS would say so minutes later, in the job."""
    metadata = {"subnetid": placed.subnets[1], "vpcSecurityGroupIds": json.dumps([placed.groups[1]])}
    check = placed.checks(metadata=metadata)["network"]
    assert check.verdict is Verdict.PROBLEM
    assert placed.subnets[1] in check.message
    assert placed.groups[1] in check.message


def test_a_zone_that_is_not_the_subnets_is_a_problem(placed):
    """A zone and a subnet have to be in one place."""
    metadata = {"SubnetId": placed.subnets[1], "AvailabilityZone": "us-east-1b"}
    assert placed.checks(metadata=metadata)["network"].verdict is Verdict.PROBLEM
    assert placed.checks(metadata={**metadata, "AvailabilityZone": "us-east-1a"})["network"].verdict is Verdict.FINE


@pytest.mark.slow
def test_a_subnet_that_does_not_exist_is_a_problem(account):
    """The service's own code says that it is not there."""
    check = account.checks(metadata={"SubnetId": "subnet-0123456789abcdef0"})["network"]
    assert (check.verdict, check.hint != "") == (Verdict.PROBLEM, True)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "verdict"), [(0, Verdict.FINE), (1, Verdict.PROBLEM)])
def test_a_subnet_group_must_be_in_the_vpc_of_the_security_groups(placed, number, verdict):
    """A database is placed by its subnet group alone; a security group of another VPC fails the job."""
    placed.session.client("rds", region_name=REGION).create_db_subnet_group(
        DBSubnetGroupName="data", DBSubnetGroupDescription="d", SubnetIds=[placed.subnets[1]]
    )
    metadata = {"DBSubnetGroupName": "data", "VpcSecurityGroupIds": json.dumps([placed.groups[number]])}
    check = placed.checks(metadata=metadata)["network"]
    assert check.verdict is verdict
    if verdict is Verdict.PROBLEM:
        assert "subnet group data" in check.message
        assert placed.groups[number] in check.message


@pytest.mark.slow
def test_whether_a_role_may_pass_that_of_an_instance_is_not_claimed(account):
    """A restored instance gets its profile only if the role has iam:PassRole, which no managed policy gives."""
    account.attach(RESTORES)
    plan = RestorePlan(
        resource_type="EC2", metadata={"IamInstanceProfileName": "web"}, role_arn=account.role, region_name=REGION
    )
    told = [check for check in preflight(account.neighbours, plan) if "iam:PassRole" in check.message]
    assert [check.verdict for check in told] == [Verdict.UNKNOWN]
    assert "restorer" in told[0].message


@pytest.mark.slow
def test_all_that_is_missing_of_a_network_is_told_at_once(placed):
    """A security group and a subnet group that are not there are two problems, and each names what was asked for."""
    metadata = {"DBSubnetGroupName": "gone", "VpcSecurityGroupIds": json.dumps(["sg-0123456789abcdef0"])}
    found = preflight(placed.neighbours, RestorePlan(resource_type="RDS", metadata=metadata))
    told = [check.message for check in found if check.name == "network" and check.verdict is Verdict.PROBLEM]
    assert len(told) == 2
    assert "(of sg-0123456789abcdef0)" in told[0]
    assert "(of gone)" in told[1]


def test_a_key_is_fine_only_while_it_is_enabled(account):
    """A key that is disabled, or not there, fails the job; here it is told before."""
    assert account.checks(metadata={"KmsKeyId": account.key})["key"].verdict is Verdict.FINE
    account.kms.disable_key(KeyId=account.key.rpartition("/")[2])
    check = account.checks(metadata={"KmsKeyId": account.key})["key"]
    assert (check.verdict, "Disabled" in check.message) == (Verdict.PROBLEM, True)
    missing = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
    assert account.checks(metadata={"kmsKeyId": missing})["key"].verdict is Verdict.PROBLEM


@pytest.mark.slow
@pytest.mark.parametrize(
    "other", ["arn:aws:iam::999999999999:role/restorer", f"arn:aws:iam::{ACCOUNT}:role/a/restorer"]
)
def test_a_role_is_known_by_its_whole_arn(account, other):
    """A role of another account or path is a problem, though one with the same name here has what is needed."""
    account.attach(RESTORES)
    check = account.checks(role_arn=other)["role"]
    assert check.verdict is Verdict.PROBLEM
    assert other in check.message
    assert account.role in check.message


@pytest.mark.slow
def test_a_role_needs_the_policy_of_its_type(account):
    """S3 has a restore policy of its own; with other policies it is not known whether they do."""
    assert account.checks(role_arn=account.role)["role"].verdict is Verdict.PROBLEM
    account.attach(RESTORES)
    assert account.checks(role_arn=account.role)["role"].verdict is Verdict.FINE
    s3 = account.checks(role_arn=account.role, resource_type="S3")["role"]
    assert (s3.verdict, S3_RESTORES in s3.message) == (Verdict.PROBLEM, True)
    account.attach(S3_RESTORES)
    assert account.checks(role_arn=account.role, resource_type="S3")["role"].verdict is Verdict.FINE
    account.attach("of-our-own")
    account.iam.detach_role_policy(RoleName="restorer", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/{RESTORES}")
    assert account.checks(role_arn=account.role)["role"].verdict is Verdict.UNKNOWN
    nobody = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    assert account.checks(role_arn=nobody)["role"].verdict is Verdict.PROBLEM


@pytest.mark.slow
def test_the_target_must_be_free_or_there(account):
    """A name that is taken, and an existing target that is not there, are problems; both ways round it is fine."""
    rds = account.session.client("rds", region_name=REGION)
    assert account.checks(target_arn=DATABASE)["target"].verdict is Verdict.FINE
    assert account.checks(target_arn=DATABASE, creates=False)["target"].verdict is Verdict.PROBLEM
    rds.create_db_instance(
        DBInstanceIdentifier="shop",
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        MasterUsername="admin1",
        MasterUserPassword="secret-99",
    )
    assert account.checks(target_arn=DATABASE)["target"].verdict is Verdict.PROBLEM
    assert account.checks(target_arn=DATABASE, creates=False)["target"].verdict is Verdict.FINE


def test_tags_scans_and_cold_storage_need_nobody_to_ask(account):
    """Tags that fail the job and malware are problems; cold storage is a note with its time."""
    checks = account.checks(resource_type="S3", copy_source_tags=True, threats=("MALWARE",), storage_class="COLD")
    assert checks["copy_source_tags"].verdict is checks["malware"].verdict is Verdict.PROBLEM
    assert "4 hours" in checks["storage"].message
    assert account.checks(threats=("MALWARE",), allow_threats=True)["malware"].verdict is Verdict.NOTE
    assert "72 hours" in account.checks(resource_type="EBS", storage_class="COLD")["storage"].message


def test_what_cannot_be_looked_at_is_unknown_and_never_fine():
    """Without a session every look that needs one says so."""
    plan = RestorePlan(
        resource_type="RDS",
        metadata={"KmsKeyId": "alias/a", "SubnetId": "subnet-1"},
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/r",
        target_arn=DATABASE,
    )
    found = {check.name: check.verdict for check in preflight(NO_NEIGHBOURS, plan)}
    assert found == dict.fromkeys(("target", "network", "key", "role"), Verdict.UNKNOWN)
