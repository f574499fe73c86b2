"""What stands beside AWS Backup in other services: over moto, added to what is there and compared by meaning."""

from __future__ import annotations

import io
import json
import os
import zipfile
from itertools import count

import attrs
import pytest

import backupkit as bk
from backupkit.catalog import role_policies
from backupkit.emulator import SessionWorld, private_moto_session
from backupkit.errors import NeighbourError

ACCOUNT, REGION = "123456789012", "us-east-1"
_NUMBERS = count()


def fresh(word):
    # What moto holds is shared by the whole process, so each test has names of its own.
    return f"{word}-{os.getpid()}-{next(_NUMBERS)}"


@pytest.fixture(scope="module")
def session():
    return private_moto_session(region_name=REGION)


@pytest.fixture
def client(session):
    return lambda service: session.client(service, region_name=REGION)


@pytest.fixture
def aws(session):
    with bk.local(world=SessionWorld(session, account_id=ACCOUNT)) as connection:
        yield connection


def preview(aws, *things):
    return bk.Stack("s", *things).preview(aws)


def apply(aws, *things):
    """Apply, and make sure that nothing is left to do."""
    done = preview(aws, *things).apply().done
    assert not list(preview(aws, *things)), str(preview(aws, *things))
    return done


def calls(changes):
    return [call.operation for change in changes for call in change.calls]


def test_without_a_session_nobody_is_asked():
    """A connection that has no session says so, with the way out; nothing is taken for absent."""
    with bk.local() as aws, pytest.raises(NeighbourError, match="no boto3 session to ask it; connect with"):
        preview(aws, bk.BackupRole("backups"))


class TestRoles:
    @pytest.fixture
    def iam(self, client):
        """IAM with AWS's managed policies, which moto otherwise leaves out."""
        models = pytest.importorskip("moto.iam.models")
        published = json.loads(models.aws_managed_policies_data)
        made = client("iam")
        made.list_roles()
        backend = models.iam_backends[ACCOUNT]["aws"]
        for name in role_policies._policies():
            policy = models.AWSManagedPolicy.from_data(name, ACCOUNT, REGION, published[name])
            backend.managed_policies[policy.arn] = policy
        return made

    def attached(self, iam, name):
        found = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        return {each["PolicyName"] for each in found}

    @pytest.mark.slow
    def test_it_is_made_with_what_its_types_need(self, aws, iam):
        """AWS Backup may take it on, and it has the managed policies of its types and the roles it may pass."""
        role = bk.BackupRole(
            fresh("role"), types=("EC2", "S3"), pass_roles=f"arn:aws:iam::{ACCOUNT}:role/app", path="/service-role/"
        )
        apply(aws, role)
        found = iam.get_role(RoleName=role.name)["Role"]
        assert found["Arn"] == str(role.arn(account_id=ACCOUNT))
        assert found["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "backup.amazonaws.com"}
        assert self.attached(iam, role.name) == set(role.managed_policies)
        inline = iam.get_role_policy(RoleName=role.name, PolicyName="backupkit")["PolicyDocument"]
        assert [each["Sid"] for each in inline["Statement"]] == ["PassInstanceRoles"]

    def test_what_it_has_beside_stays(self, aws, iam):
        """A role that is there gains what it lacks; its other trust, policies and inline policies are not touched."""
        name = fresh("role")
        trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": trust})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
        own = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
        written = json.dumps({"Version": "2012-10-17", "Statement": own})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=written)
        apply(aws, bk.BackupRole(name, types="S3"))
        apply(aws, bk.BackupRole(name, types="RDS"))
        statements = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
        assert {each["Principal"]["Service"] for each in statements} == {"ec2.amazonaws.com", "backup.amazonaws.com"}
        assert self.attached(iam, name) == {
            *bk.BackupRole(name, types="S3").managed_policies,
            *bk.BackupRole(name, types="RDS").managed_policies,
        }
        assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["own"]

    def test_the_least_privilege_takes_the_place_of_no_more_than_itself(self, aws, iam):
        """The inline policy holds the statements of the types; another choice of types changes it by statement ids."""
        name = fresh("role")
        apply(aws, bk.BackupRole(name, types="EFS", least_privilege=True))
        assert self.attached(iam, name) == set()
        changes = preview(aws, bk.BackupRole(name, types="DynamoDB", least_privilege=True))
        paths = {each.path for change in changes for each in change.differences}
        assert {"statement.BackupEFSPermissions", "statement.BackupDynamoDBPermissions"} <= paths
        assert calls(changes) == ["put_role_policy"]
        changes.apply()
        apply(aws, bk.BackupRole(name, types="DynamoDB"))
        assert iam.list_role_policies(RoleName=name)["PolicyNames"] == []

    def test_other_partitions_have_policies_of_their_own(self, session):
        """In China, the managed policies and the statements name that partition, from the first role on."""
        with bk.local(region_name="cn-north-1", world=SessionWorld(session, account_id=ACCOUNT)) as aws:
            role = bk.BackupRole(fresh("role"), types="EFS")
            least = bk.BackupRole(fresh("role"), types="EFS", least_privilege=True)
            told = [call.params for change in preview(aws, role, least) for call in change.calls]
        arns = [params["PolicyArn"] for params in told if "PolicyArn" in params]
        assert arns
        assert all(arn.startswith("arn:aws-cn:iam::aws:policy/service-role/") for arn in arns)
        [written] = [params["PolicyDocument"] for params in told if "PolicyDocument" in params]
        assert "arn:aws-cn:" in written
        assert "arn:aws:" not in written


class TestTopics:
    def test_aws_backup_may_publish_and_the_rest_of_the_policy_stays(self, aws, client):
        """One statement is added, once, to the policy of the topic."""
        sns = client("sns")
        topic = sns.create_topic(Name=fresh("topic"))["TopicArn"]

        def statements():
            return json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])["Statement"]

        before = statements()
        apply(aws, bk.TopicPolicy(topic))
        assert statements()[:-1] == before
        both = bk.TopicPolicy(topic, services=("backup.amazonaws.com", "events.amazonaws.com"))
        apply(aws, both)
        assert len(statements()) == len(before) + 1
        assert not list(preview(aws, bk.TopicPolicy(topic)))

    def test_what_already_may_publish_is_no_change(self, aws, client):
        """A statement that somebody else wrote counts, whatever its name and spelling; one with a condition does not."""
        sns = client("sns")
        topic = sns.create_topic(Name=fresh("topic"))["TopicArn"]
        theirs = {
            "Sid": "theirs",
            "Effect": "Allow",
            "Principal": {"Service": ["backup.amazonaws.com"]},
            "Action": ["SNS:Publish"],
            "Resource": topic,
        }

        def put(statement):
            document = json.dumps({"Version": "2012-10-17", "Statement": statement})
            sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document)

        put(theirs)
        assert not list(preview(aws, bk.TopicPolicy(topic)))
        put({**theirs, "Condition": {"StringEquals": {"aws:SourceAccount": "999999999999"}}})
        assert calls(preview(aws, bk.TopicPolicy(topic))) == ["set_topic_attributes"]

    def test_a_vault_that_is_there_hears_only_after_it(self, aws, client):
        """Notifications that a vault gets later wait for the policy of their topic as those of a new vault do."""
        topic = client("sns").create_topic(Name=fresh("topic"))["TopicArn"]
        vaults = bk.Vault("there"), bk.AirGappedVault("gap-there", min_days=7, max_days=9)
        apply(aws, *vaults)
        heard = [vault.notifying(topic, "COPY_JOB_FAILED") for vault in vaults]
        needs = {change.address: change.needs for change in preview(aws, *heard, bk.TopicPolicy(topic))}
        after = (bk.TopicPolicy(topic).address,)
        assert [needs[f"{vault.address}/notifications"] for vault in vaults] == [after, after]

    def test_a_topic_that_is_not_there_is_a_problem(self, aws):
        """backupkit makes no topics: the preview says that there is none."""
        [change] = preview(aws, bk.TopicPolicy(f"arn:aws:sns:{REGION}:{ACCOUNT}:{fresh('none')}")).records
        assert "there is no such topic" in str(change.problems[0])


class TestAlarms:
    TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:backups"

    @pytest.mark.parametrize(
        "make",
        [
            bk.Alarm.failed_jobs,
            lambda name, **more: bk.Alarm.expired_jobs(name, **more, vault="prod"),
            lambda name, **more: bk.Alarm.no_backup_for(name, hours=26, **more, vault="prod"),
            lambda name, **more: bk.Alarm.storage_growth(name, points_a_day=1000, **more, vault="prod"),
        ],
    )
    def test_each_is_made_and_then_as_declared(self, aws, make):
        """CloudWatch's own way to write an alarm down is not a difference, and another topic is changed in place."""
        name = fresh("alarm")
        apply(aws, make(name, topic=self.TOPIC))
        assert not list(preview(aws, make(name, topic=(self.TOPIC,))))
        changes = preview(aws, make(name, topic=(self.TOPIC, f"{self.TOPIC}-2")))
        assert [(str(c.action), [d.path for d in c.differences]) for c in changes] == [("update", ["topics"])]
        changes.apply()

    def test_no_backup_counts_hours_without_data(self, aws, client):
        """AWS tells no zeroes: an hour without a number is an hour without a backup, and all in a row ring."""
        name = fresh("alarm")
        apply(aws, bk.Alarm.no_backup_for(name, hours=26, topic=self.TOPIC, vault=bk.Vault("prod")))
        [made] = client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        assert (made["TreatMissingData"], made["EvaluationPeriods"], made["Period"]) == ("breaching", 26, 3600)
        assert made["Dimensions"] == [{"Name": "BackupVaultName", "Value": "prod"}]

    def test_an_update_keeps_what_is_not_declared(self, aws, client):
        """A description and other actions that somebody gave the alarm outlive a change of its threshold."""
        name = fresh("alarm")
        alarm = bk.Alarm.storage_growth(name, points_a_day=10, topic=self.TOPIC, vault="prod")
        apply(aws, alarm)
        cloudwatch = client("cloudwatch")
        [made] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        plain = ("AlarmName", "AlarmActions", "Namespace", "MetricName", "Statistic", "Period", "Dimensions")
        more = ("Threshold", "EvaluationPeriods", "ComparisonOperator", "TreatMissingData")
        held = {key: made[key] for key in (*plain, *more)}
        cloudwatch.put_metric_alarm(**held, AlarmDescription="ours", OKActions=[self.TOPIC], ActionsEnabled=False)
        apply(aws, attrs.evolve(alarm, threshold=20))
        [after] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        assert (after["AlarmDescription"], after["OKActions"], after["Threshold"]) == ("ours", [self.TOPIC], 20)
        assert after["ActionsEnabled"] is False


class TestAutomaticBackups:
    def test_continuous_backups_of_a_table_are_switched(self, aws, client):
        """On, with another period, and off again; DynamoDB's 35 days are what is left out."""
        name = fresh("table")
        client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"
        assert not list(preview(aws, bk.DynamoDBContinuousBackups(table, enabled=False)))
        apply(aws, bk.DynamoDBContinuousBackups(table))
        assert not list(preview(aws, bk.DynamoDBContinuousBackups(table, recovery_period_days=35)))
        apply(aws, bk.DynamoDBContinuousBackups(table, recovery_period_days=7))
        told = client("dynamodb").describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        assert told["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 7
        apply(aws, bk.DynamoDBContinuousBackups(table, enabled=False))

    @pytest.mark.slow
    def test_a_table_that_is_not_there_is_a_problem(self, aws):
        """The table must be there first, which the preview says."""
        none = bk.DynamoDBContinuousBackups(f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{fresh('none')}")
        [change] = preview(aws, none).records
        assert "there is no such table" in str(change.problems[0])


class TestValidators:
    @pytest.fixture
    def function(self, client):
        pytest.importorskip("docker", reason="moto's Lambda needs it")
        role = fresh("lambda")
        document = json.dumps({"Version": "2012-10-17", "Statement": []})
        arn = client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("check.py", "def handler(event, context): pass")
        made = client("lambda").create_function(
            FunctionName=fresh("check"),
            Runtime="python3.13",
            Role=arn,
            Handler="check.handler",
            Code={"ZipFile": code.getvalue()},
        )
        return made["FunctionArn"]

    def test_the_rule_its_target_and_the_permission_are_made(self, aws, client, function):
        """Completed tests of the plan reach the function, which may be called by that rule alone."""
        check = bk.RestoreValidation(fresh("rule"), plan="weekly", function_arn=function)
        assert calls(preview(aws, check)) == ["put_rule", "put_targets", "add_permission"]
        apply(aws, check)
        rule = client("events").describe_rule(Name=check.name)
        assert json.loads(rule["EventPattern"]) == check.event_pattern
        [target] = client("events").list_targets_by_rule(Rule=check.name)["Targets"]
        assert target["Arn"] == function
        [statement] = json.loads(client("lambda").get_policy(FunctionName=function)["Policy"])["Statement"]
        assert statement["Condition"]["ArnLike"]["AWS:SourceArn"] == rule["Arn"]

    def test_a_statement_that_is_in_the_way_is_replaced(self, aws, client, function):
        """A permission of the same name for another rule is taken away, and the right one given."""
        check = bk.RestoreValidation(fresh("rule"), plan="weekly", function_arn=function)
        named = {"FunctionName": function, "StatementId": f"backupkit-{check.name}", "Action": "lambda:InvokeFunction"}
        client("lambda").add_permission(**named, Principal="events.amazonaws.com", SourceArn=f"{check.rule_arn}-other")
        [call] = [call for change in preview(aws, check) for call in change.calls if call.service == "lambda"]
        assert [each.operation for each in call.fallback] == ["remove_permission", "add_permission"]
        apply(aws, check)

    def test_what_is_lost_of_it_is_made_again_and_what_is_beside_it_stays(self, aws, client, function):
        """A rule that was switched off is switched on, another type changes the pattern, and other targets stay."""
        check = bk.RestoreValidation(fresh("rule"), plan="weekly", function_arn=function)
        apply(aws, check)
        events = client("events")
        queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:audit"
        events.put_targets(Rule=check.name, Targets=[{"Id": "theirs", "Arn": queue}])
        assert not list(preview(aws, check))
        events.disable_rule(Name=check.name)
        changes = preview(aws, check)
        assert calls(changes) == ["put_rule", "put_targets"]
        changes.apply()
        apply(aws, attrs.evolve(check, resource_types="RDS"))
        assert {each["Arn"] for each in events.list_targets_by_rule(Rule=check.name)["Targets"]} == {queue, function}
