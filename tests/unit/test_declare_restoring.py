"""Every rule on air-gapped and restore access vaults, restore testing and access points, at its boundary."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import backupkit as bk
from backupkit.catalog import TYPES
from backupkit.declare.codec.documents import document
from backupkit.declare.restore_testing import TESTED_TYPES
from backupkit.errors import InvalidValueError

ROLE = "arn:aws:iam::123456789012:role/restores"
GAP = "arn:aws:backup:us-east-1:123456789012:backup-vault:gap"
TEAM = "arn:aws:mpa:us-east-1:123456789012:approval-team/restores"
TOPIC = "arn:aws:sns:us-east-1:123456789012:backups"
POINT = "arn:aws:backup:us-east-1:123456789012:recovery-point:photos-1a2b3c4d"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
MOMENT = datetime(2026, 1, 31, 5, tzinfo=UTC)


def gap(name="gap", low=7, high=365, **more):
    return bk.AirGappedVault(name, min_days=low, max_days=high, **more)


def plan(name="weekly", schedule="cron(0 6 ? * 1 *)", vaults="*", **more):
    return bk.RestoreTestingPlan(name, schedule=schedule, vaults=vaults, **more)


def tables(name="tables", resource_type="DynamoDB", **more):
    return bk.RestoreTestingSelection(name, resource_type=resource_type, role=ROLE, **more)


def conditions(count):
    return tables().where(*(bk.tag(f"k{number}").equals("v") for number in range(count)))


def access(name="photos", point=POINT, **more):
    return bk.AccessPoint(name, point=point, **more)


ACCEPTED = {
    "the shortest bounds": lambda: gap(low=7, high=7),
    "the longest bounds": lambda: gap(high=36_500),
    "a team": lambda: gap(approval_team=TEAM),
    "a vault of another account": lambda: bk.RestoreAccessVault("restores", source=GAP, comment="INC-1"),
    "names of 50": lambda: plan("a" * 50).testing(tables("b" * 50)),
    "30 vaults": lambda: plan(vaults=[f"{GAP}{number}" for number in range(30)]).testing(tables()),
    "a wildcard in a vault's ARN": lambda: plan(vaults="arn:aws:backup:*:*:backup-vault:prod-*").testing(tables()),
    "the longest windows": lambda: plan(start_window_hours=168, selection_window_days=365).testing(tables()),
    "the shortest windows": lambda: plan(start_window_hours=1, selection_window_days=1).testing(tables()),
    "snapshots alone": lambda: plan(point_types="SNAPSHOT").testing(tables()),
    "one table": lambda: tables(resources=TABLE),
    "30 tables": lambda: tables(resources=[f"{TABLE}{number}" for number in range(30)]),
    "30 conditions": lambda: conditions(30),
    "no validation": lambda: tables(validation_window_hours=0),
    "a week of validation": lambda: tables(validation_window_hours=168),
    "an override in any case": lambda: tables(overrides={"ENCRYPTIONTYPE": "KMS"}),
    "the shortest name": lambda: access("a1b"),
    "a name of 50": lambda: access("a" * 50),
    "a moment": lambda: access(at=MOMENT),
    "a policy": lambda: access(policy={"Statement": [{"Effect": "Allow"}]}),
    **{f"a test of {name}": lambda name=name: tables(resource_type=name) for name in TESTED_TYPES if name != "FSx"},
}
REFUSED = {
    "6 days": (lambda: gap(low=6), "7 to 36,500 days"),
    "36,501 days": (lambda: gap(high=36_501), "7 to 36,500 days"),
    "bounds the wrong way round": (lambda: gap(low=30, high=29), "longer than the longest"),
    "no longest bound": (lambda: gap(high=None), "not a whole number"),
    "a name of 1": (lambda: gap("g"), "2 to 50"),
    "an alias": (lambda: gap(key="alias/backups"), "an alias will not do"),
    "a team that is a role": (lambda: gap(approval_team=ROLE), "not the ARN of a multi-party approval team"),
    "a policy without statements": (lambda: gap(policy={}), "at least one Statement"),
    "51 tags": (lambda: gap(tags={str(n): "" for n in range(51)}), "at most 50"),
    "a source by its value": (lambda: bk.RestoreAccessVault("restores", source=gap()), "is not the ARN"),
    "a source by its name": (lambda: bk.RestoreAccessVault("restores", source="gap"), "is not the ARN"),
    "a comment that is a number": (lambda: bk.RestoreAccessVault("restores", source=GAP, comment=1), "not text"),
    "a name with a hyphen": (lambda: plan("week-ly"), "1 to 50 letters, digits and _"),
    "a name of 51": (lambda: plan("a" * 51), "1 to 50 letters"),
    "a selection's name with a hyphen": (lambda: tables("my-tables"), "1 to 50 letters, digits and _"),
    "a rate": (lambda: plan(schedule="rate(1 day)"), "cron"),
    "no vaults": (lambda: plan(vaults=()), 'give "*"'),
    "31 vaults": (lambda: plan(vaults=[f"{GAP}{number}" for number in range(31)]), "at most 30"),
    "a vault's name": (lambda: plan(vaults="prod"), "neither * nor the ARN"),
    "an unknown algorithm": (lambda: plan(algorithm="LATEST"), "LATEST_WITHIN_WINDOW"),
    "no types of points": (lambda: plan(point_types=()), "SNAPSHOT"),
    "an unknown type of points": (lambda: plan(point_types="COPY"), "SNAPSHOT"),
    "169 hours to start": (lambda: plan(start_window_hours=169), "1 to 168 hours"),
    "0 hours to start": (lambda: plan(start_window_hours=0), "1 to 168 hours"),
    "366 days": (lambda: plan(selection_window_days=366), "1 to 365 days"),
    "169 hours to validate": (lambda: tables(validation_window_hours=169), "0 to 168 hours"),
    "two selections of one name": (lambda: plan().testing(tables(), tables()), "name each once"),
    "a selection that is none": (lambda: plan().testing(TABLE), "not a RestoreTestingSelection"),
    "a type in lower case": (lambda: tables(resource_type="dynamodb"), "write DynamoDB"),
    "no resources": (lambda: tables(resources=()), 'give ("*",)'),
    "31 tables": (lambda: tables(resources=[f"{TABLE}{number}" for number in range(31)]), "at most 30"),
    "a wildcard in a resource": (lambda: tables(resources=f"{TABLE}*"), "not the ARN of one resource"),
    "conditions beside a table": (lambda: tables(resources=TABLE).where(bk.tag("a").equals("b")), "all resources"),
    "31 conditions": (lambda: conditions(31), "at most 30"),
    "a pattern": (lambda: tables().where(bk.tag("a").like("b*")), "equals() or differs()"),
    "overrides that are no mapping": (lambda: tables(overrides=["a"]), "not a mapping"),
    "an override without a key": (lambda: tables(overrides={1: "a"}), "not a metadata key"),
    "an override that is a set": (
        lambda: tables(overrides={"kmsMasterKeyArn": {"a"}}),
        "is a set, which cannot be written as text",
    ),
    "an override with a set": (
        lambda: tables(overrides={"kmsMasterKeyArn": {"a": {"b"}}}),
        "is a dict, which cannot be written as text",
    ),
    "an override that is no number": (lambda: tables(overrides={"kmsMasterKeyArn": float("nan")}), "as text"),
    "an override that is not a value": (lambda: tables(overrides={"kmsMasterKeyArn": object()}), "as text"),
    "a name of 2": (lambda: access("ab"), "3 to 50"),
    "a name in capitals": (lambda: access("Photos"), "lower-case"),
    "S3's ending": (lambda: access("photos-s3alias"), "-s3alias"),
    "a name that ends with a hyphen": (lambda: access("photos-"), "either end"),
    "a snapshot of EC2": (lambda: access(point="arn:aws:ec2:us-east-1::snapshot/snap-1"), "as those of S3"),
    "a moment without a zone": (lambda: access(at=datetime(2026, 1, 31)), "time zone"),
    "a part of a second": (lambda: access(at=MOMENT.replace(microsecond=1)), "whole seconds"),
    "a policy that is no JSON": (lambda: access(policy="{"), "Statement"),
    "a policy too long": (lambda: access(policy={"Statement": "x" * 200_000}), "200,000"),
}
WARNED = {
    "nothing tested": (plan, "nothing is tested"),
    "31 selections": (lambda: plan().testing(*(tables(f"s{n}") for n in range(31))), "quota is 30"),
    "all vaults and one more": (lambda: plan(vaults=("*", GAP)).testing(tables()), "takes all vaults"),
    "a type that is not tested": (lambda: tables(resource_type="Redshift"), "not a type that restore testing"),
    "an unknown override": (lambda: tables(overrides={"encriptionType": "KMS"}), "write encryptionType"),
    "an override that AWS infers alone": (lambda: tables(overrides={"targetTableName": "x"}), "not known to be"),
    "FSx without subnets": (lambda: tables(resource_type="FSx"), "every test fails"),
    "another type's resource": (lambda: tables(resource_type="EFS", resources=TABLE), "is of DynamoDB"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_aws_takes_is_accepted(name):
    """A value on the right side of each boundary is made, and nothing is said about it."""
    assert ACCEPTED[name]().check() == ()


@pytest.mark.parametrize("name", REFUSED)
def test_what_aws_refuses_is_refused_with_the_way_out(name):
    """A value on the wrong side is refused where it is written, in words that name the rule."""
    make, words = REFUSED[name]
    with pytest.raises(InvalidValueError) as caught:
        make()
    assert words in str(caught.value)
    assert all(problem.hint for problem in caught.value.problems)


@pytest.mark.parametrize("name", WARNED)
def test_what_is_rarely_meant_is_told_and_never_refused(name):
    """A value that AWS takes, or may take tomorrow, is made; its check warns."""
    make, words = WARNED[name]
    assert any(words in str(problem) for problem in make().check())


def test_the_types_that_can_be_tested_are_those_of_the_catalog():
    """The list of types is the same in both places."""
    assert set(TESTED_TYPES) == {each.name for each in TYPES.values() if each.restore_testing is not None}


@pytest.mark.parametrize(
    ("kind", "overrides", "hint"),
    [
        ("FSx", {"subnetIds": "subnet-0123456789abcdef0"}, """write it as in '["one", "two"]'"""),
        ("RDS", {"dbInstanceClass": "t3.micro"}, "use a class such as db.t4g.medium"),
        ("RDS", {"multiAZ": "yes"}, 'write it as in "true"'),
        ("EFS", {"performanceMode": "fast"}, "spell it exactly like that"),
    ],
)
def test_values_of_overrides_that_would_fail_every_test_are_warned_of_and_not_shown(kind, overrides, hint):
    """AWS looks at them when it restores, at night; the same tables that check restores check them when written."""
    [problem] = tables(resource_type=kind, overrides=overrides).check()
    assert hint in problem.hint
    assert not set(overrides.values()) & set(str(problem).replace("'", " ").split())


def test_good_values_of_overrides_are_not_warned_of():
    """Also where they are lists, which are written as JSON, or empty."""
    overrides = {"subnetIds": ["subnet-0123456789abcdef0"], "securityGroupIds": ["sg-0123456789abcdef0"]}
    assert tables(resource_type="FSx", overrides=overrides).check() == ()
    assert tables(resource_type="EC2", overrides={"iamInstanceProfileName": ""}).check() == ()


def test_a_type_of_aws_backup_that_is_not_tested_is_not_taken_for_another():
    """EKS is not a misspelt EFS."""
    [problem] = tables(resource_type="EKS").check()
    assert problem.hint.startswith("use some of Aurora")


def test_overrides_are_written_as_aws_reads_them_and_never_shown():
    """Lists and mappings become JSON, booleans and numbers text; a repr holds the keys alone."""
    given = {
        "subnetIds": ["subnet-1"],
        "multiAz": False,
        "port": 5432,
        "x": {"a": 1.5},
        "encryptionType": "KMS",
        "y": 0.5,
    }
    selection = tables(overrides=given)
    assert dict(selection.overrides) == {
        "subnetIds": '["subnet-1"]',
        "multiAz": "false",
        "port": "5432",
        "x": '{"a": 1.5}',
        "y": "0.5",
        "encryptionType": "KMS",
    }
    assert "subnet-1" not in repr(selection)
    assert "KMS" not in repr(selection)
    with pytest.raises(InvalidValueError) as caught:
        tables(overrides={"password": b"hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_comment_for_the_approval_team_is_not_shown():
    """AWS marks the comment sensitive, so the repr leaves it out."""
    assert "INC-1" not in repr(bk.RestoreAccessVault("restores", source=GAP, comment="INC-1"))


def test_verbs_add_to_what_is_there():
    """Tags, events, selections and conditions come on top, and the value before stays as it was."""
    plain = gap()
    full = plain.tagged(Team="platform").notifying(TOPIC, "COPY_JOB_STARTED").notifying(TOPIC, "COPY_JOB_FAILED")
    assert full.tags == {"Team": "platform"}
    assert full.notifications.events == ("COPY_JOB_STARTED", "COPY_JOB_FAILED")
    assert (plain.tags, plain.notifications) == ({}, None)
    shared = bk.RestoreAccessVault("restores", source=GAP, tags={"a": "b"})
    assert shared.tagged({"cost:center": "7"}, Team="platform").tags == {
        "a": "b",
        "cost:center": "7",
        "Team": "platform",
    }
    with pytest.raises(InvalidValueError, match=r"restore_access_vault\.restores/tags: .*begins with aws:"):
        shared.tagged({"aws:x": "1"})
    weekly = plan().testing(tables("a")).testing(tables("b")).tagged(Team="platform")
    assert [each.name for each in weekly.selections] == ["a", "b"]
    assert len(tables().where(bk.tag("a").equals("b")).where(bk.tag("c").differs("d")).conditions) == 2


def test_a_declared_vault_can_be_tested_without_its_account_being_known():
    """A vault of the same stack is named by an ARN whose Region and account are wildcards."""
    weekly = plan(vaults=bk.Vault("prod"), exclude_vaults=[gap(), bk.Arn.parse(GAP)])
    assert bk.RestoreAccessVault("restores", source=bk.Arn.parse(GAP)).source == GAP
    assert weekly.vaults == ("arn:aws:backup:*:*:backup-vault:prod",)
    assert weekly.exclude_vaults == ("arn:aws:backup:*:*:backup-vault:gap", GAP)


def landing(vault="prod", keep=35, **more):
    plan = bk.Plan("daily", bk.Rule("daily", vault, **more).keep(days=keep))
    return bk.Stack("s", bk.Vault("prod"), gap(low=30, high=60), plan)


def test_a_name_is_not_a_vault_of_both_types():
    """A vault that a rule backs up to is a standard one, so that no rule of the plan takes it for an air-gapped one."""
    gapped = "arn:aws:backup:us-east-1:123456789012:backup-vault:prod"
    with pytest.raises(
        InvalidValueError, match=r"rule\.b/air_gapped_vault: 'prod' is the first vault of a rule as well"
    ):
        bk.Plan("nightly", bk.Rule("a", "prod"), bk.Rule("b", "other", air_gapped_vault=gapped))
    assert bk.Plan("nightly", bk.Rule("a", "main"), bk.Rule("b", "other", air_gapped_vault=gapped)).rules


def test_a_rule_cannot_name_an_air_gapped_vault():
    """AWS takes it as the target beside a standard vault, or of a copy; the stack says so before anything is sent."""
    with pytest.raises(InvalidValueError, match="logically air-gapped vault, which a rule cannot name"):
        landing(vault="gap").check()


@pytest.mark.parametrize(
    ("keep", "words"), [(29, "shorter than the lock's 30 days"), (61, "longer than the lock's 60")]
)
def test_retention_is_held_against_an_air_gapped_vault_of_the_stack(keep, words):
    """Its bounds hold for the points of rules that land in it; AWS would take the plan and fail every job."""
    with pytest.raises(InvalidValueError, match=words):
        landing(keep=keep, air_gapped_vault=GAP).check()
    assert not any("lock" in str(each) for each in landing(keep=30, air_gapped_vault=GAP).check())


def test_conditions_go_beside_all_resources_under_the_apis_names():
    """Conditions are grouped by operator and carry the API's prefix; all resources are named with them."""
    sent = document(tables().where(bk.tag("a").equals("b"), bk.tag("c").differs("d")))
    assert sent["ProtectedResourceArns"] == ["*"]
    assert sent["ProtectedResourceConditions"] == {
        "StringEquals": [{"Key": "aws:ResourceTag/a", "Value": "b"}],
        "StringNotEquals": [{"Key": "aws:ResourceTag/c", "Value": "d"}],
    }


def test_a_moment_is_sent_in_utc():
    """The moment of an access point is written as AWS reads it, from any time zone."""
    berlin = datetime.fromisoformat("2026-01-31T06:00:00+01:00")
    assert document(access(at=berlin))["AccessPointMetadata"] == {"AccessPointInTime": "2026-01-31T05:00:00Z"}
    assert "AccessPointMetadata" not in document(access())


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (gap(), "<AirGappedVault gap: 7 to 365 days>"),
        (bk.RestoreAccessVault("restores", source=GAP), f"<RestoreAccessVault restores: of {GAP}>"),
        (plan().testing(tables()), "<RestoreTestingPlan weekly: on Sundays at 06:00 (UTC), 1 selection>"),
        (tables().where(bk.tag("a").equals("b")), "<RestoreTestingSelection tables: every DynamoDB, 1 condition>"),
        (access(), f"<AccessPoint photos: of {POINT}>"),
    ],
)
def test_a_value_is_one_line_in_a_log(value, line):
    """A repr says in one line what it is, without values of tags and metadata."""
    assert repr(value) == line


def test_a_display_shows_neither_comments_nor_values_of_overrides():
    """What AWS marks sensitive is in no display: of overrides it has the keys, of comments nothing."""
    assert "INC-1" not in str(bk.RestoreAccessVault("restores", source=GAP, comment="INC-1"))
    assert "conditions     StringEquals env prod\n" in f"{tables().where(bk.tag('env').equals('prod'))}\n"
    shown = str(tables(overrides={"kmsMasterKeyArn": "hunter2"}))
    assert "kmsMasterKeyArn" in shown
    assert "hunter2" not in shown
