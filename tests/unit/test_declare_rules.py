"""Every rule on declared values, at its boundary."""

from __future__ import annotations

import re
import threading
from decimal import Decimal

import pytest

import backupkit as bk
from backupkit import (
    AdvancedBackupSetting,
    AirGappedVault,
    ComplianceLock,
    CopyAction,
    GovernanceLock,
    IndexAction,
    Lifecycle,
    Notifications,
    Plan,
    Rule,
    ScanAction,
    ScanSetting,
    Selection,
    Vault,
    tag,
)
from backupkit.declare.codec.documents import document
from backupkit.declare.declared import unchecked
from backupkit.declare.vault import EVENTS
from backupkit.errors import InvalidValueError
from backupkit.provider import Stack

ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
KEY = "arn:aws:kms:us-east-1:123456789012:key/mrk-abc123"
TOPIC = "arn:aws:sns:us-east-1:123456789012:backups"
DR = "arn:aws:backup:eu-west-1:123456789012:backup-vault:dr"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/t{}"


def rules(count):
    return [Rule(f"r{n}", "prod").keep(days=35) for n in range(count)]


def life(delete=None, cold=None):
    return Lifecycle(delete_after_days=delete, move_to_cold_storage_after_days=cold)


def lock(low=None, high=None):
    return GovernanceLock(min_days=low, max_days=high)


def grace(days):
    return ComplianceLock(changeable_for_days=days)


def pit(days=None, **more):
    return Rule("r", "prod", continuous=True, lifecycle=Lifecycle(delete_after_days=days, **more))


def window(**minutes):
    return Rule("r", "prod", **{f"{name}_window_minutes": value for name, value in minutes.items()})


def tables(count, last=TABLE):
    return Selection("s", ROLE, resources=[TABLE.format(n) for n in range(count - 1)] + [last])


def conditions(count):
    return Selection("s", ROLE).where(*(tag(f"k{n}").equals("v") for n in range(count)))


def some_tags(count):
    return {f"k{n}": "v" for n in range(count)}


def saying(**member):
    statement = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
    return Vault("prod", policy={"Version": "2012-10-17", "Statement": [statement | member]})


class Int64:
    """A number of another library, which equals an int and is not one."""

    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return self.number == other

    def __hash__(self):
        return hash(self.number)


def vss(value):
    return AdvancedBackupSetting("EC2", {"WindowsVSS": value})


ACCEPTED = {
    "exactly 90 days of cold storage": lambda: life(120, 30),
    "cold storage without deletion": lambda: life(None, 30),
    "one day": lambda: life(1),
    "a hundred years": lambda: life(36_500),
    "forever, said": lambda: life(-1, -1),
    "forever, in one number": lambda: life(-1),
    "90 days on a copy": lambda: CopyAction(DR, lifecycle=life(91, 1)),
    "continuous for a day": lambda: pit(1),
    "continuous for 35 days": lambda: pit(35),
    "start window of an hour": lambda: window(start=60),
    "start window of a hundred years": lambda: window(start=52_560_000),
    "completion window of a hundred years": lambda: window(completion=52_560_000),
    "completion sooner than start": lambda: window(start=480, completion=30),
    "vault name of 2": lambda: Vault("ab"),
    "vault name of 50": lambda: Vault("a" * 50),
    "rule name with a dot": lambda: Rule("a.b", "prod"),
    "rule name of 50": lambda: Rule("a" * 50, "prod"),
    "plan name of 200": lambda: Plan("a" * 200, *rules(1)),
    "selection name with a dot": lambda: Selection("a.b", ROLE, resources="*"),
    "10 rules": lambda: Plan("p", *rules(10)),
    "5 copies": lambda: Rule("r", "prod", copies=[CopyAction(f"{DR}{n}") for n in range(5)]),
    "two copies to one vault": lambda: Rule("r", "prod", copies=[CopyAction(DR)] * 2),
    "an index of S3": lambda: Rule("r", "prod", index_actions=[IndexAction("S3")]),
    "10 point tags": lambda: Rule("r", "prod", point_tags=some_tags(10)),
    "50 vault tags": lambda: Vault("prod", tags=some_tags(50)),
    "tag key of 128, value of 256": lambda: Vault("prod", tags={"k" * 128: "v" * 256}),
    "a key that holds aws:": lambda: Vault("prod", tags={"my-aws:key": ""}),
    "equal lock bounds": lambda: lock(30, 30),
    "widest lock bounds": lambda: lock(1, 36_500),
    "a lock without bounds": lock,
    "grace of 3 days": lambda: grace(3),
    "grace of a hundred years": lambda: grace(36_500),
    "500 ARNs": lambda: tables(500),
    "30 ARNs with a wildcard": lambda: tables(30, "arn:aws:ec2:*:*:instance/*"),
    "everything": lambda: Selection("s", ROLE, resources="*"),
    "30 conditions": lambda: conditions(30),
    "30 tags": lambda: Selection("s", ROLE, tags=some_tags(30).items()),
    "a condition on a tag of AWS": lambda: conditions(1).where(tag("aws:cloudformation:stack-name").like("x*")),
    "a ListOfTags key with the prefix": lambda: Selection("s", ROLE, tags=[("aws:ResourceTag/a", "b")]),
    "a key ARN": lambda: Vault("prod", key=KEY),
    "every event": lambda: Notifications(TOPIC, EVENTS),
    "VSS": lambda: vss("enabled"),
    "no VSS": lambda: vss("disabled"),
    "no options": lambda: AdvancedBackupSetting("S3"),
    "S3 options": lambda: AdvancedBackupSetting.s3(acls=False),
    "a key of several Regions": lambda: Vault("prod", key=KEY.replace("abc123", "1234abcd12ab34cd56ef1234567890ab")),
    "a role with a path": lambda: Selection("s", "arn:aws:iam::123456789012:role/a/b/c+=,.@-_", resources="*"),
    "a copy in China": lambda: CopyAction(DR.replace("aws", "aws-cn").replace("eu-west-1", "cn-north-1")),
    "a policy that denies": lambda: saying(Condition={"StringNotLikeIfExists": {"aws:PrincipalArn": ["a*", "b*"]}}),
    "a policy for a service": lambda: saying(Principal={"Service": "backup.amazonaws.com"}),
    "a scan": lambda: ScanSetting(resource_types="ALL", scanner_role_arn=ROLE),
    "an air-gapped target": lambda: Rule("r", "prod", air_gapped_vault=DR),
    "100 selections": lambda: Plan(
        "p", *rules(1), selections=[Selection(f"s{n}", ROLE, resources="*") for n in range(100)]
    ),
}
REFUSED = {
    "89 days of cold storage": (lambda: life(119, 30), "30 + 90"),
    "0 days": (lambda: life(0), "1 to 36,500"),
    "0 cold days": (lambda: life(None, 0), "1 to 36,500 days"),
    "-2 days": (lambda: life(-2), "1 to 36,500"),
    "36,501 days": (lambda: life(36_501), "1 to 36,500"),
    "a bool for days": (lambda: life(True), "whole number"),
    "text for days": (lambda: life("35"), "whole number"),
    "half a day": (lambda: life(1.5), "whole number"),
    "36,501 cold days": (lambda: life(None, 36_501), "1 to 36,500"),
    "a float that equals forever": (lambda: life(-1.0), "-1.0 is not a whole number"),
    "a cold float that equals forever": (lambda: life(-1, -1.0), "-1.0 is not a whole number"),
    "a Decimal that equals forever": (lambda: life(Decimal(-1)), "a Decimal is not a whole number"),
    "a number of another library that equals forever": (lambda: life(Int64(-1)), "an Int64 is not a whole number"),
    "a number that Python does not write out": (
        lambda: life(10**5000),
        "a number of some 5,000 digits is out of range",
    ),
    "minutes that Python does not write out": (lambda: window(start=10**5000), "60 to 52,560,000"),
    "89 days on a copy": (lambda: CopyAction(DR, lifecycle=life(90, 1)), "1 + 90"),
    "continuous for 36 days": (lambda: pit(36), "1 to 35"),
    "continuous without retention": (pit, "no retention"),
    "continuous forever": (lambda: pit(-1), "1 to 35"),
    "continuous with cold storage alone": (
        lambda: pit(move_to_cold_storage_after_days=1),
        "continuous backup has no cold storage",
    ),
    "continuous with cold storage": (lambda: pit(35, move_to_cold_storage_after_days=1), "90"),
    "start window of 59 minutes": (lambda: window(start=59), "60 to 52,560,000"),
    "start window too long": (lambda: window(start=52_560_001), "60 to 52,560,000"),
    "completion window too long": (lambda: window(completion=52_560_001), "52,560,000"),
    "vault name of 1": (lambda: Vault("a"), "2 to 50"),
    "vault name of 51": (lambda: Vault("a" * 51), "2 to 50"),
    "vault name with a dot": (lambda: Vault("a.b"), "2 to 50"),
    "vault name with a line break": (lambda: Vault("prod\n"), "2 to 50"),
    "target vault with a slash": (lambda: Rule("r", "aws/efs"), "2 to 50"),
    "rule name of 51": (lambda: Rule("a" * 51, "prod"), "1 to 50"),
    "rule name empty": (lambda: Rule("", "prod"), "1 to 50"),
    "plan name of 201": (lambda: Plan("a" * 201), "1 to 200"),
    "selection name with a space": (lambda: Selection("a b", ROLE), "1 to 50"),
    "no rules": (lambda: Plan("p").check(), "no rules"),
    "11 rules": (lambda: Plan("p", *rules(11)), "at most 10"),
    "two rules of one name": (lambda: Plan("p", *rules(1), *rules(1)), "name each once"),
    "6 copies": (lambda: Rule("r", "prod", copies=[CopyAction(f"{DR}{n}") for n in range(6)]), "at most 5"),
    "a copy to no vault": (lambda: CopyAction(TABLE), "backup vault"),
    "a copy to a vault without a name": (lambda: CopyAction(DR[:-2]), "its name is not 2 to 50"),
    "a copy to a vault of one letter": (lambda: CopyAction(DR[:-1]), "its name is not 2 to 50"),
    "a copy to an account of 11 digits": (
        lambda: CopyAction(DR.replace("9012", "901")),
        "its account is not 12 digits",
    ),
    "a copy to digits of another script": (lambda: CopyAction(DR.replace("123456789012", "\u0661" * 12)), "12 digits"),
    "a copy to a policy's variable": (lambda: CopyAction(DR.replace("123456789012", "$account")), "Organizations"),
    "a copy without a Region": (lambda: CopyAction(DR.replace("eu-west-1", "")), "it has no Region"),
    "a copy to another partition": (lambda: CopyAction(DR.replace("aws", "aws-cn")), "is in the partition aws"),
    "a copy with a line break": (lambda: CopyAction(f"{DR}\n"), "backup vault"),
    "a copy to None": (lambda: CopyAction(None), "backup vault"),
    "an air-gapped target that is not a vault": (lambda: Rule("r", "prod", air_gapped_vault=KEY), "air-gapped"),
    "two index actions": (lambda: Rule("r", "prod", index_actions=[IndexAction("S3")] * 2), "at most 1"),
    "an index of two types": (lambda: IndexAction(("S3", "EBS")), "exactly one"),
    "an index of a misspelt type": (lambda: IndexAction("s3"), "write S3"),
    "a misspelt scan": (lambda: ScanAction(scan_mode="full_scan"), "write FULL_SCAN"),
    "a scan of nothing": (lambda: ScanSetting(resource_types=(), scanner_role_arn=ROLE), "EBS"),
    "a scan of a misspelt type": (lambda: ScanSetting(resource_types="all", scanner_role_arn=ROLE), "write ALL"),
    "a scan as nobody": (lambda: ScanSetting(resource_types="ALL", scanner_role_arn=None), "IAM role"),
    "11 point tags": (lambda: Rule("r", "prod", point_tags=some_tags(11)), "at most 10"),
    "51 vault tags": (lambda: Vault("prod", tags=some_tags(51)), "at most 50"),
    "an aws: key": (lambda: Vault("prod", tags={"aws:x": ""}), "aws:"),
    "an AWS: key": (lambda: Vault("prod", tags={"AWS:x": ""}), "aws:"),
    "tag key of 129": (lambda: Vault("prod", tags={"k" * 129: ""}), "128"),
    "tag value of 257": (lambda: Vault("prod", tags={"k": "v" * 257}), "256"),
    "lock from 0": (lambda: lock(0), "1 to 36,500"),
    "lock to 36,501": (lambda: lock(None, 36_501), "1 to 36,500"),
    "lock bounds crossed": (lambda: lock(31, 30), "longer than the longest"),
    "grace of 2 days": (lambda: grace(2), "3 to 36,500"),
    "grace of 36,501 days": (lambda: grace(36_501), "3 to 36,500"),
    "no grace": (lambda: grace(None), "3 to 36,500"),
    "a lock of another kind": (lambda: Vault("prod", lock=()), "GovernanceLock"),
    "501 ARNs": (lambda: tables(501), "at most 500"),
    "31 ARNs with a wildcard": (lambda: tables(31, "*"), "at most 30"),
    "501 left out": (lambda: Selection("s", ROLE, not_resources=[TABLE] * 501), "at most 500"),
    "a name for an ARN": (lambda: Selection("s", ROLE, resources="orders"), "neither an ARN"),
    "31 conditions": (lambda: conditions(31), "at most 30"),
    "31 tags": (lambda: Selection("s", ROLE, tags=some_tags(31).items()), "at most 30"),
    "a condition with the API's prefix": (lambda: tag("aws:ResourceTag/a").equals("b"), "write 'a'"),
    "a selection of nothing": (lambda: Selection("s", ROLE).check(), "selects nothing"),
    "a role without a name": (lambda: Selection("s", "arn:aws:iam::123456789012:role/"), "its name is not 1 to 64"),
    "a role that is a path": (lambda: Selection("s", "arn:aws:iam::123456789012:role/a/"), "its name is not 1 to 64"),
    "a role of 11 digits": (lambda: Selection("s", ROLE.replace("9012", "901")), "its account is not 12 digits"),
    "a role of a policy's variable": (
        lambda: Selection("s", ROLE.replace("123456789012", "$account")),
        "Organizations",
    ),
    "a role in a Region": (lambda: Selection("s", ROLE.replace("iam::", "iam:us-east-1:")), "iam has no Regions"),
    "a key without a name": (lambda: Vault("prod", key=KEY[:-10]), "its name is not a key id"),
    "a key without an account": (lambda: Vault("prod", key=KEY.replace("123456789012", "")), "12 digits"),
    "an ARN with a blank": (lambda: Selection("s", ROLE, resources="arn:aws:s3:::a b"), "neither an ARN"),
    "half of a surrogate pair in a tag": (lambda: Vault("prod", tags={"k": "\ud800"}), "surrogate"),
    "half of a surrogate pair in a condition": (lambda: tag("k").equals("\ud800"), "half of a surrogate pair"),
    "a number for a tag's value": (
        lambda: Vault("prod", tags={"Cost": 5}),
        "is of type int, not text; write it in quotes",
    ),
    "a number for a tag's key": (lambda: Vault("prod", tags={5: "Cost"}), "tag key 5 is not text; write it in quotes"),
    "a role that is none": (lambda: Selection("s", KEY), "IAM role"),
    "a key alias": (lambda: Vault("prod", key="arn:aws:kms:us-east-1:123456789012:alias/a"), "alias will not do"),
    "a bare alias": (lambda: Vault("prod", key="alias/aws/backup"), "alias will not do"),
    "a FIFO topic": (lambda: Notifications(f"{TOPIC}.fifo", "BACKUP_JOB_STARTED"), "FIFO"),
    "no events": (lambda: Notifications(TOPIC, ()), "no events"),
    "a misspelt event": (lambda: Notifications(TOPIC, "backup_job_completed"), "write BACKUP_JOB_COMPLETED"),
    "no event": (lambda: Notifications(TOPIC, ""), "is not an event of AWS Backup"),
    "a capital Enabled": (lambda: vss("Enabled"), "write enabled"),
    "a misspelt option": (lambda: AdvancedBackupSetting("EC2", {"WindowsVss": "enabled"}), "write WindowsVSS"),
    "options of a misspelt type": (lambda: AdvancedBackupSetting("ec2"), "write EC2"),
    "a policy that is no JSON": (lambda: Vault("prod", policy="{"), "IAM policy"),
    "a policy without a statement": (lambda: Vault("prod", policy={"Statement": []}), "at least one Statement"),
    "a policy of another effect": (lambda: saying(Effect="Maybe"), "Effect Allow or Deny"),
    "a policy with what is not a number": (lambda: saying(Sid=float("nan")), "JSON"),
    "a policy without end": (lambda: Vault("prod", policy="[" * 100_000), "nested too deeply"),
    "a policy of a text": (
        lambda: Vault("prod", policy={"Statement": ["Deny"]}),
        "Every Statement of the policy must be",
    ),
    "a policy of an action and all others": (lambda: saying(NotAction="backup:DeleteRecoveryPoint"), "both Action and"),
    "a policy with a condition of text": (lambda: saying(Condition="aws:SourceVpc"), "Every Condition of the policy"),
    "a policy with a test of text": (lambda: saying(Condition={"StringEquals": "a"}), "Every Condition of the policy"),
    "a policy of all actions": (lambda: saying(Action="backup:*"), "Wildcards are not supported"),
    "a policy for nobody": (lambda: saying(Principal={}), "must contain a principal"),
    "a policy with an unknown operator": (
        lambda: saying(Condition={"StringIs": {"a": "b"}}),
        "condition operator StringIs",
    ),
    "a rule that is none": (lambda: Plan("p", None), "not a Rule"),
    "an impossible schedule": (lambda: Rule("r", "prod").scheduled("rate(1 day)"), "cron"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_aws_takes_is_accepted(name):
    """A value at the inner side of a limit is made, and checking it finds no error."""
    ACCEPTED[name]().check()


@pytest.mark.parametrize("name", REFUSED)
def test_what_aws_refuses_is_refused(name):
    """A value beyond a limit is refused by a ValueError of ours that names the rule and the way out."""
    make, words = REFUSED[name]
    with pytest.raises(InvalidValueError) as caught:
        make()
    assert words in str(caught.value)
    assert all(problem.hint for problem in caught.value.problems)


WARNED = {
    "forever without a word": (lambda: Rule("r", "prod"), "kept forever"),
    "-1 for one number": (lambda: life(-1), "-1 is given for one"),
    "a copy without lifecycle": (lambda: CopyAction(DR), "no lifecycle"),
    "a copy without retention": (lambda: CopyAction(DR, lifecycle=life(None, 1)), "no retention"),
    "a copy forever": (lambda: CopyAction(DR, lifecycle=life(-1, -1)), "keeps the source's expiry"),
    "two copies to one vault": (lambda: Rule("r", "prod", copies=[CopyAction(DR)] * 2), "2 copies go to"),
    "a tight completion window": (lambda: window(start=60, completion=119), "under an hour"),
    "a long plan name": (lambda: Plan("a" * 51, *rules(1)), "console"),
    "scans without settings": (lambda: Plan("p", Rule("r", "prod", scan_actions=[ScanAction()])), "no scan settings"),
    "101 selections": (
        lambda: Plan("p", *rules(1), selections=[Selection(f"s{n}", ROLE, resources="*") for n in range(101)]),
        "quota is 100",
    ),
    "overlapping rules": (lambda: Plan("p", *rules(2)), "overlaps"),
    "hourly with a window of 8 hours": (
        lambda: Plan("p", Rule("r", "prod").scheduled("cron(0 * ? * * *)")),
        "next backup is due",
    ),
    "a deprecated event": (lambda: Notifications(TOPIC, "BACKUP_JOB_FAILED"), "deprecated"),
    "an unknown event": (lambda: Notifications(TOPIC, "BACKUP_JOB_COMPLETE"), "write BACKUP_JOB_COMPLETED"),
    "an index of EFS": (lambda: IndexAction("EFS"), "not a type with indexes that backupkit knows"),
    "an unknown scan": (lambda: ScanAction(scan_mode="FULL_SCANS"), "write FULL_SCAN"),
    "a scan of EFS": (lambda: ScanSetting(resource_types="EFS", scanner_role_arn=ROLE), "that backupkit knows"),
    "an unknown option": (lambda: AdvancedBackupSetting("EC2", {"BackupACLs": "enabled"}), "WindowsVSS"),
    "an unknown setting": (lambda: vss("sometimes"), "use some of disabled, enabled"),
    "options of RDS": (lambda: AdvancedBackupSetting("RDS"), "EC2, S3"),
    "a prefix in ListOfTags": (lambda: Selection("s", ROLE, tags=[("aws:ResourceTag/a", "b")]), "fits conditions only"),
    "a wildcard in ListOfTags": (lambda: Selection("s", ROLE, tags=[("a", "b*")]), "literally"),
    "a wildcard in equals": (lambda: tag("a").equals("b*"), "like()"),
    "text after a wildcard": (lambda: Selection("s", ROLE, resources="arn:aws:s3:::*-logs"), "last wildcard"),
    "a compliance lock": (lambda: grace(3), "irreversible"),
}


@pytest.mark.parametrize("name", WARNED)
def test_what_is_unwise_is_warned_about(name):
    """What AWS accepts and is rarely meant can be made, and check() returns a warning."""
    make, words = WARNED[name]
    assert any(words in str(problem) for problem in make().check())


def test_saying_for_ever_is_not_warned_about():
    """keep_forever() is the caller's word; a later keep() takes it back whole."""
    assert not Rule("r", "prod").keep_forever().check()
    assert Rule("r", "prod").keep_forever().keep(days=35) == Rule("r", "prod").keep(days=35)


def test_every_overlapping_pair_is_warned_about():
    """A window that reaches over several later rules is told for each of them, once."""
    hours = {"a": 5, "b": 6, "c": 7}
    plan = Plan(
        "p",
        Rule("a", "prod", start_window_minutes=180).scheduled("cron(0 5 ? * * *)").keep(days=1),
        *(Rule(n, "prod", start_window_minutes=60).scheduled(f"cron(0 {hours[n]} ? * * *)").keep(days=1) for n in "bc"),
    )
    assert [problem.address for problem in plan.check()] == ["plan.p/rule.a/start_window_minutes"] * 2


def test_the_guides_example_names_the_rule_the_sum_and_the_way_out():
    """Cold at 30 and deletion at 35 is refused in one sentence."""
    with pytest.raises(ValueError) as caught:
        Rule("daily", "prod").cold_after(days=30).keep(days=35)
    assert str(caught.value) == (
        "rule.daily/lifecycle: deletion after 35 days is sooner than cold storage after 30 + 90 days; "
        "keep it 120 days or longer, or drop cold storage"
    )


def test_fluent_errors_say_where_they_are():
    """A wrong copy, schedule or event is placed in the rule or vault that it was said of."""
    for make, address in (
        (lambda: Rule("daily", "prod").copy_to("dr"), "rule.daily/copy.dr/vault"),
        (lambda: Rule("daily", "prod").copy_to(DR, keep_days=0), "rule.daily/copy.dr/lifecycle/delete_after_days"),
        (lambda: Rule("daily", "prod").copy_to(DR, keep_days=90, cold_after_days=30), "rule.daily/copy.dr/lifecycle"),
        (lambda: Vault("prod").notifying("topic", "BACKUP_JOB_STARTED"), "vault.prod/notifications/topic"),
    ):
        with pytest.raises(InvalidValueError) as caught:
            make()
        assert caught.value.problems[0].address == address


def test_conditions_have_no_truth_value():
    """`and` between conditions would silently drop one of them, so it is refused."""
    with pytest.raises(TypeError, match="where"):
        bool(tag("a").equals("b"))


def test_conditions_alone_are_sent_with_all_resources():
    """AWS refuses conditions alone, so Resources ["*"] is made explicit, and keys are prefixed; ListOfTags keys are bare."""
    assert document(Selection("s", ROLE).where(tag("Env").equals("prod"))) == {
        "SelectionName": "s",
        "IamRoleArn": ROLE,
        "Resources": ["*"],
        "Conditions": {"StringEquals": [{"ConditionKey": "aws:ResourceTag/Env", "ConditionValue": "prod"}]},
    }
    assert document(Selection("s", ROLE).any_tag(Env="prod"))["ListOfTags"] == [
        {"ConditionType": "STRINGEQUALS", "ConditionKey": "Env", "ConditionValue": "prod"}
    ]
    assert document(Selection("s", ROLE).excluding(TABLE))["Resources"] == ["*"]


def test_a_tag_beside_conditions_does_not_widen_to_all_resources():
    """With tags given, conditions narrow those; Resources stays empty."""
    assert "Resources" not in document(Selection("s", ROLE).any_tag(a="b").where(tag("c").equals("d")))


def test_messages_hold_no_tag_values():
    """A value in the wrong place, or a wrong tag, is reported without the tag values that it holds."""
    secret = "hunter2"
    wrong = (
        lambda: Plan("p", Vault("prod", tags={"password": secret})),
        lambda: Vault("prod", tags={"password": secret * 100}),
        lambda: Rule("r", "prod", point_tags={"aws:password": secret}),
        lambda: Rule("r", {"password": secret}),
        lambda: Plan.from_json({"BackupPlanName": "p", "Rules": [{"RuleName": {"password": secret}}]}),
        lambda: Plan.from_json({"BackupPlanName": "p", "Rules": [{"RecoveryPointTags": [secret]}]}),
    )
    for make in wrong:
        with pytest.raises(InvalidValueError) as caught:
            make()
        assert secret not in str(caught.value)
    assert secret not in str(Selection("s", ROLE, tags=[("password", f"{secret}*")]).check())


def test_making_values_unchecked_is_private_to_its_thread():
    """While one thread collects problems of wrong values, another is still refused."""
    inside, done = threading.Event(), threading.Event()
    made = []

    def collecting():
        with unchecked():
            inside.set()
            done.wait(10)
            made.append(life(0))

    thread = threading.Thread(target=collecting)
    thread.start()
    assert inside.wait(10)
    with pytest.raises(InvalidValueError):
        life(0)
    done.set()
    thread.join()
    assert made[0].problems()
    with pytest.raises(InvalidValueError):
        life(0)


def test_checking_comes_back_after_an_error_while_unchecked():
    """An exception inside does not leave checking switched off."""
    with pytest.raises(RuntimeError), unchecked():
        raise RuntimeError
    with pytest.raises(InvalidValueError):
        life(0)


def test_tags_that_are_no_mapping_are_refused_as_ours() -> None:
    """A list of tags is a common slip; the message says what is taken."""
    with pytest.raises(
        InvalidValueError, match=r'^tags: a list is not a mapping of keys to values; write \{"Team": "platform"\}$'
    ):
        Vault("prod", tags=["Team"])


@pytest.mark.parametrize("wrong", [None, 5, b"x", Plan("other")])
@pytest.mark.parametrize(
    ("made_with", "where"),
    [
        (lambda wrong: Plan("p", rules=wrong), "plan/rules"),
        (lambda wrong: Plan("p", selections=wrong), "plan/selections"),
        (lambda wrong: Plan("p", advanced_settings=wrong), "plan/advanced_settings"),
        (lambda wrong: Plan("p", scan_settings=wrong), "plan/scan_settings"),
        (lambda wrong: Rule("r", "prod", copies=wrong), "rule/copies"),
        (lambda wrong: Rule("r", "prod", index_actions=wrong), "rule/index_actions"),
        (lambda wrong: Rule("r", "prod", scan_actions=wrong), "rule/scan_actions"),
        (lambda wrong: Selection("s", ROLE, resources=wrong), ""),
        (lambda wrong: Selection("s", ROLE, tags=wrong), "selection/tags"),
        (lambda wrong: Selection("s", ROLE, conditions=wrong), "selection/conditions"),
        (lambda wrong: Stack("s", things=wrong), "stack/things"),
    ],
)
def test_what_is_no_list_is_refused_as_ours(made_with, where, wrong):
    """One thing in the place of a list of things is a common slip; the message says where it is."""
    with pytest.raises(InvalidValueError, match=f"^{where}.*is not a list; give a list or a tuple"):
        made_with(wrong)


@pytest.mark.parametrize(
    "made",
    [
        lambda: Selection("s", ROLE, tags="ab c"),
        lambda: Selection("s", ROLE, tags=[("a", "b", "c")]),
        lambda: Vault("prod", policy=b"{}"),
        lambda: Vault("prod", policy=Plan("p")),
        lambda: Vault("prod").notifying("arn:aws:sns:us-east-1:123456789012:t", ["BACKUP_JOB_COMPLETED"]),
        lambda: Vault("prod").tagged(5),
        lambda: Plan("p").tagged("Team"),
        lambda: Rule("r", "prod").tagging([("a", "b")]),
    ],
)
def test_values_of_other_types_are_refused_as_ours(made):
    """Whatever is written, the error is of one kind, which a program can catch."""
    with pytest.raises(InvalidValueError):
        made()


WAYS_OUT = {
    "a list for tags of a selection": lambda: Selection("s", ROLE).any_tag(["a"]),
    "a text for tags of a vault": lambda: Vault("prod").tagged("Team"),
    "a list for tags of a plan": lambda: Plan("p").tagged([("a", "b")]),
    "a list for tags of points": lambda: Rule("r", "prod").tagging(["a"]),
    "a vault for a destination": lambda: Rule("r", "prod").copy_to(Vault("prod-dr")),
    "an air-gapped vault for a destination": lambda: Rule("r", "prod").copy_to(
        AirGappedVault("gap", min_days=7, max_days=90)
    ),
    "an expression for a schedule": lambda: Rule("r", "prod", schedule="cron(0 20 1 * ? *)"),
    "a wrong expression for a schedule": lambda: Rule("r", "prod", schedule="daily"),
    "days for a lifecycle": lambda: Rule("r", "prod", lifecycle=35),
    "an ARN for a copy": lambda: Rule("r", "prod", copies=[DR]),
    "a type for an index": lambda: Rule("r", "prod", index_actions=["S3"]),
    "a mode for a scan": lambda: Rule("r", "prod", scan_actions=["FULL_SCAN"]),
    "a text for a flag": lambda: Rule("r", "prod", continuous="yes"),
    "a name for a rule": lambda: Plan("p", "daily"),
    "a name for a selection": lambda: Plan("p", selections=["all"]),
    "a type for a setting": lambda: Plan("p", advanced_settings=["EC2"]),
    "a type for scan settings": lambda: Plan("p", scan_settings=["EC2"]),
    "a text for a condition": lambda: Selection("s", ROLE).where("Environment"),
    "days for a lock": lambda: Vault("prod").locked(7),
    "a topic for notifications": lambda: Vault("prod", notifications=TOPIC),
    "a policy of nothing": lambda: Vault("prod", policy={}),
}


@pytest.mark.parametrize("name", WAYS_OUT)
def test_a_wrong_type_shows_the_call_to_write(name):
    """The way out is Python that makes what belongs there."""
    with pytest.raises(InvalidValueError) as caught:
        WAYS_OUT[name]()
    [problem] = caught.value.problems
    assert problem.hint.startswith(("write ", "give a document like "))
    call = problem.hint.removeprefix("write ").removeprefix("give a document like ").partition(", with its own")[0]
    verbs = {
        "any_tag": Selection("s", ROLE).any_tag,
        "tagged": Vault("prod").tagged,
        "tagging": Rule("r", "prod").tagging,
    }
    for each in re.split(r", or | or ", call):
        assert eval(each, {"bk": bk, "copy_to": Rule("r", "prod").copy_to, **verbs}) is not None


def test_a_schedule_that_was_meant_is_written_out():
    """An expression in the place of a schedule is shown in the call that makes it one."""
    with pytest.raises(InvalidValueError, match=r"write bk\.Schedule\('cron\(0 20 1 \* \? \*\)'\)"):
        WAYS_OUT["an expression for a schedule"]()


def test_one_is_singular():
    """Messages say 1 day, and 2 days."""
    with pytest.raises(InvalidValueError, match=r"deletion after 1 day is sooner than cold storage after 1 \+ 90 days"):
        life(1, 1)
    assert lock(2, None).refuses(1) == "1 day is shorter than the lock's 2 days"
    assert lock(None, 1).refuses(2) == "2 days is longer than the lock's 1 day"
    assert lock(None, 1).refuses(None) == "kept forever is longer than the lock's 1 day"
    with pytest.raises(InvalidValueError, match=r"1 minute is out of range"):
        window(start=1)


@pytest.mark.parametrize("verb", ["keep", "cold_after"])
def test_days_that_are_missing_are_refused(verb):
    """A setting that is not there must not turn a retention into forever without a word."""
    with pytest.raises(InvalidValueError, match=r"^rule.daily/lifecycle/\w+: None is not a number of days; give"):
        getattr(Rule("daily", "prod").keep(days=35), verb)(days=None)


def test_a_vault_in_the_place_of_an_arn_is_refused_without_its_tags():
    """A vault does not know its Region, so a copy needs the ARN; the message shows nothing of what the vault holds."""
    with pytest.raises(InvalidValueError, match="a Vault is not the ARN of a backup vault") as caught:
        Rule("daily", "prod").copy_to(Vault("dr", tags={"Token": "not-to-be-shown"}))
    assert "not-to-be-shown" not in str(caught.value)
