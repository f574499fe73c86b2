"""Coverage: what protects a resource, why nothing does, and what CI can require."""

from __future__ import annotations

import gzip
import json
import pickle
from datetime import timedelta

import pytest

import backupkit as bk
from backupkit.emulator import private_moto_session
from backupkit.errors import ConfigurationError, CoverageError, InvalidValueError, NeighbourError
from backupkit.neighbours import NO_NEIGHBOURS, SessionNeighbours
from backupkit.neighbours.roles import usable_roles

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
ORDERS = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop"
BUCKET = "arn:aws:s3:::invoices"
TAGGED = {"backup": "daily", "env": "prod"}
KEEP = bk.Rule("daily", "prod", start_window_minutes=60).scheduled(bk.Schedule.daily(at="05:00")).keep(days=35)
BY_TAG = bk.Selection("tagged", ROLE).any_tag(backup="daily").where(bk.tag("env").equals("prod"))
PLAN = bk.Plan("shop", KEEP).protecting(BY_TAG)


@pytest.fixture
def aws():
    return bk.local()


def one(aws, plan=PLAN, resource=(ORDERS, TAGGED)):
    (row,) = bk.coverage(aws, plans=plan, resources=[resource])
    return row


def test_a_protected_resource_tells_by_what(aws):
    """The row names plan, rule, selection and the tag that selects, before anything is applied."""
    row = one(aws, bk.Stack("shop", bk.Vault("prod"), PLAN))
    assert row.protected
    assert (row.plans, row.rules, row.selections) == (("shop",), ("daily",), ("tagged",))
    assert row.why == "plan 'shop', selection 'tagged': tag backup=daily and StringEquals env prod"
    assert row.next_run == aws.clock.now() + timedelta(hours=5)
    assert (row.last_point, row.rpo_now, row.rpo_worst) == (None, None, timedelta(hours=25))


@pytest.mark.parametrize(
    ("plan", "resource", "reason", "why"),
    [
        (PLAN, (ORDERS, {}), "no tag", "no selection"),
        (PLAN, (ORDERS, {"backup": "daily"}), "no tag", "it has no tag 'env'"),
        (PLAN, (ORDERS, {"backup": "daily", "env": "test"}), "condition", "wants StringEquals env prod"),
        (bk.Plan("shop", KEEP).protecting(BY_TAG.excluding(ORDERS)), (ORDERS, TAGGED), "excluded", "NotResources"),
        (PLAN, (ORDERS.replace(REGION, "eu-west-1"), TAGGED), "elsewhere", "another Region"),
        (PLAN, (ORDERS.replace(ACCOUNT, "210987654321"), TAGGED), "elsewhere", "account"),
        (PLAN, (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f", TAGGED), "not supported", "does not know its type"),
        (PLAN, (f"{ORDERS[:-6]}awsbackup-restore-test-1", TAGGED), "restore test", "restore test made it"),
        (
            bk.Plan("shop", KEEP.scheduled("cron(0 5 1 1 ? 2020)")).protecting(BY_TAG),
            (ORDERS, TAGGED),
            "no run",
            "never runs",
        ),
    ],
)
def test_an_unprotected_resource_tells_why(aws, plan, resource, reason, why):
    """Each row that is not protected has a word for why, and a sentence with the selection that came nearest."""
    row = one(aws, plan, resource)
    assert (row.status, row.reason, row.protected) == ("unprotected", reason, False)
    assert why in row.why
    assert row.next_run is row.rpo_worst is None


def selecting(aws, *conditions):
    """A plan that was made elsewhere, with a selection of everything for each condition."""
    aws.call("CreateBackupVault", BackupVaultName="prod")
    rules = [{"RuleName": "r", "TargetBackupVaultName": "prod"}]
    plan = aws.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": rules})["BackupPlanId"]
    for number, (key, value) in enumerate(conditions):
        asked = {"StringEquals": [{"ConditionKey": key, "ConditionValue": value}]}
        selection = {"SelectionName": f"s{number}", "IamRoleArn": ROLE, "Resources": ["*"], "Conditions": asked}
        aws.call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=selection)


def test_a_condition_that_can_never_hold_is_told(aws):
    """AWS takes the key of a tag without its prefix, and matches nothing by it: no tag of the resource is missing."""
    selecting(aws, ("env", "prod"), ("aws:ResourceTag/env", "test"))
    for tags, missing in (({"env": "prod"}, ""), ({}, ", and it has no tag 'env'")):
        (row,) = bk.coverage(aws, resources=[(ORDERS, tags)])
        assert row.reason == "condition"
        assert set(row.why.split("; ")) == {
            "plan 'p', selection 's0': wants tag condition 'env', which matches nothing without aws:ResourceTag/",
            f"plan 'p', selection 's1': wants StringEquals env test{missing}",
        }


def test_of_many_selections_that_come_near_three_are_told(aws):
    """The sentence stays readable, and does not pretend that these are all."""
    selecting(aws, *(("aws:ResourceTag/env", f"test{number}") for number in range(9)))
    (row,) = bk.coverage(aws, resources=[(ORDERS, {"env": "prod"})])
    *near, more = row.why.split("; ")
    assert (len(near), more) == (3, "and more selections")


def test_copies_are_of_types_that_aws_copies(aws):
    """A rule copies no points of Redshift, whatever it says."""
    dwh = f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:dwh"
    far = f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:far"
    plan = bk.Plan("shop", KEEP.copy_to(far)).protecting(bk.Selection("both", ROLE).including(dwh, ORDERS))
    rows = bk.coverage(aws, plans=plan, resources=[dwh, ORDERS])
    assert {row.resource_arn: row.copies for row in rows} == {dwh: (), ORDERS: (far,)}


def test_a_type_that_is_not_opted_in_is_not_protected_by_tag(aws):
    """Opt-in settings hold for tags and whole services; an ARN of the type overrides them."""
    aws.call("UpdateRegionSettings", ResourceTypeOptInPreference={"DynamoDB": False})
    assert one(aws).reason == "not opted in"
    named = bk.Plan("shop", KEEP).protecting(bk.Selection("tables", ROLE).including("arn:aws:dynamodb:*:*:table/*"))
    assert one(aws, named).protected


def test_clusters_of_unknown_engine_are_unknown_where_the_settings_differ(aws):
    """Aurora, DocumentDB and Neptune share their ARNs: where only some are opted in, nobody can tell."""
    cluster = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:shop"
    types = ("Aurora", "DocumentDB", "Neptune")
    aws.call("UpdateRegionSettings", ResourceTypeOptInPreference=dict.fromkeys(types, True))
    assert one(aws, PLAN, (cluster, TAGGED)).protected
    aws.call("UpdateRegionSettings", ResourceTypeOptInPreference={"Neptune": False})
    row = one(aws, PLAN, (cluster, TAGGED))
    assert (row.status, row.reason) == ("unknown", "not read")
    assert "Aurora or DocumentDB or Neptune" in row.why


RECORDS = {
    "pairs": [(ORDERS, TAGGED)],
    "by ARN": {ORDERS: TAGGED},
    "tagging API": {"ResourceTagMappingList": [{"ResourceARN": ORDERS, "Tags": [
        {"Key": "backup", "Value": "daily"}, {"Key": "env", "Value": "prod"}]}]},
    "Resource Explorer": {"Resources": [{"Arn": ORDERS, "ResourceType": "dynamodb:table", "Properties": [
        {"Name": "tags", "Data": [{"Key": "backup", "Value": "daily"}, {"Key": "env", "Value": "prod"}]}]}]},
    "AWS Config snapshot": {"configurationItems": [
        {"ARN": ORDERS, "resourceType": "AWS::DynamoDB::Table", "tags": TAGGED}]},
    "AWS Config query": [json.dumps({"arn": ORDERS, "resourceType": "AWS::DynamoDB::Table", "tags": [
        {"key": "backup", "value": "daily"}, {"key": "env", "value": "prod"}]})],
}  # fmt: skip


@pytest.mark.parametrize("source", RECORDS.values(), ids=RECORDS)
def test_resources_are_taken_in_the_forms_in_which_people_have_them(aws, source):
    """What Resource Explorer, AWS Config and the tagging API answer goes in as it is."""
    (row,) = bk.coverage(aws, plans=PLAN, resources=source)
    assert (row.resource_arn, row.resource_type, row.status) == (ORDERS, "DynamoDB", "protected")


def test_an_export_may_be_a_file(aws, tmp_path):
    """A snapshot of AWS Config is read from its file, also as it lies in the bucket, with gzip."""
    body = json.dumps(RECORDS["AWS Config snapshot"]).encode()
    (tmp_path / "snapshot.json").write_bytes(body)
    (tmp_path / "snapshot.json.gz").write_bytes(gzip.compress(body))
    for path in tmp_path.iterdir():
        assert bk.coverage(aws, plans=PLAN, resources=path).row(ORDERS).protected


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("export.json", b'{"resources": [', "this is not JSON"),
        ("export.json", b"\xff\xfe", "this is not JSON"),
        ("export.json.gz", b"[]", "is not compressed by gzip"),
        ("export.json.gz", gzip.compress(b"[" * 99, mtime=0)[:-9], "is not compressed by gzip"),
    ],
)
def test_a_file_that_is_no_export_is_refused(aws, tmp_path, name, body, told):
    """Half a file, or another one, is one problem of the argument that names it."""
    (tmp_path / name).write_bytes(body)
    with pytest.raises(InvalidValueError, match=f"^coverage/resources: .*{told}"):
        bk.coverage(aws, plans=PLAN, resources=tmp_path / name)


def test_a_file_of_resources_that_is_not_there_is_an_error_of_ours(aws, tmp_path):
    """It says which file, and why it cannot be read; a text of records that is not JSON is told, too."""
    with pytest.raises(ConfigurationError, match=r"/none\.json cannot be read: No such file or directory$"):
        bk.coverage(aws, plans=PLAN, resources=tmp_path / "none.json")
    with pytest.raises(InvalidValueError, match=r"^coverage/resources: this is not JSON"):
        bk.coverage(aws, plans=PLAN, resources=['{"arn": '])


def test_records_of_other_types_are_counted_and_left_out(aws):
    """An export names everything there is; what AWS Backup does not protect says nothing about coverage."""
    function = {"ARN": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f", "tags": {}}
    found = bk.coverage(aws, plans=PLAN, resources=[function, *RECORDS["AWS Config snapshot"]["configurationItems"]])
    assert (len(found), found.left_out) == (1, 1)


def test_without_tags_only_what_needs_none_is_known(aws):
    """ARNs alone tell what ARNs decide; the rest is unknown and never called protected or unprotected."""
    row = one(aws, PLAN, ORDERS)
    assert (row.status, row.protected) == ("unknown", False)
    assert "tags are not known" in row.why
    named = bk.Plan("shop", KEEP).protecting(bk.Selection("one", ROLE).including(ORDERS))
    assert one(aws, named, ORDERS).protected
    assert one(aws, named, DATABASE).status == "unprotected"
    view_without_tags = {"Resources": [{"Arn": ORDERS, "Properties": []}]}
    (row,) = bk.coverage(aws, plans=PLAN, resources=view_without_tags)
    assert row.status == "unknown"


@pytest.mark.parametrize(
    "source", [["orders"], [{"name": "orders"}], 7, [7], "arn:aws:s3:::logs"], ids=["text", "no ARN", "7", "[7]", "str"]
)
def test_what_names_no_resource_is_refused(aws, source):
    """A list of something else is an error with its place, and not an empty coverage."""
    with pytest.raises(InvalidValueError, match="coverage/resources"):
        bk.coverage(aws, plans=PLAN, resources=source)


def test_plans_and_types_are_what_they_say(aws):
    """A text instead of a plan, an unknown type, or something that is not a connection, is refused with the way out."""
    for wrong in ({"plans": ["shop"]}, {"plans": 7}, {"types": ["Lambda"]}):
        with pytest.raises(InvalidValueError, match=r"coverage/(plans|types)"):
            bk.coverage(aws, resources=[], **wrong)
    with pytest.raises(InvalidValueError, match="not a connection"):
        bk.coverage("us-east-1")


@pytest.mark.parametrize("operation", ["ListBackupPlans", "GetBackupPlan", "GetBackupSelection"])
def test_a_plan_that_cannot_be_read_makes_the_unprotected_unknown(aws, operation):
    """Where a plan may hide, nothing is called unprotected; CI fails."""
    bk.Stack("shop", bk.Vault("prod"), PLAN).preview(aws).apply()
    aws.faults.fail(operation, "AccessDeniedException")
    found = bk.coverage(aws, resources=[(BUCKET, {})])
    assert [row.status for row in found] == ["unknown"]
    assert "AccessDeniedException" in found.notes[0]
    with pytest.raises(CoverageError, match="unknown"):
        found.require()


def test_settings_that_cannot_be_read_make_what_they_decide_unknown(aws):
    """Without the opt-in settings tags decide nothing, and an ARN of the type still does."""
    aws.faults.fail("DescribeRegionSettings", "AccessDeniedException")
    assert one(aws).status == "unknown"
    assert one(aws, bk.Plan("shop", KEEP).protecting(bk.Selection("one", ROLE).including(ORDERS))).protected


def test_of_two_rules_that_meet_the_one_that_keeps_longer_protects(aws):
    """Where start windows overlap, AWS backs up by one rule only; the other one is not promised."""
    short = bk.Rule("short", "prod").scheduled(bk.Schedule.daily(at="06:00")).keep(days=7)
    long = bk.Rule("long", "prod").scheduled(bk.Schedule.daily(at="05:00")).keep(days=35)
    row = one(aws, bk.Plan("shop", short, long).protecting(BY_TAG))
    assert (row.rules, row.keep_days) == (("long",), 35)


def test_what_two_plans_back_up_is_backed_up_twice(aws):
    """Two plans each make a point; two selections of one plan do not."""
    again = bk.Plan("again", KEEP).protecting(bk.Selection("all", ROLE).including("*"))
    found = bk.coverage(aws, plans=[PLAN.protecting(bk.Selection("all", ROLE).including("*")), again],
                        resources=[(ORDERS, TAGGED)])  # fmt: skip
    (row,) = found.backed_up_twice
    assert (row.plans, row.selections) == (("shop", "again"), ("tagged", "all", "all"))
    assert not one(aws, PLAN.protecting(bk.Selection("all", ROLE).including("*"))).twice


def test_continuous_backup_loses_minutes_where_the_type_has_it(aws):
    """A continuous rule protects a database to within minutes, and a table by its schedule only."""
    plan = bk.Plan("shop", bk.Rule("daily", "prod").continuously(keep_days=35)).protecting(BY_TAG)
    assert one(aws, plan, (DATABASE, TAGGED)).rpo_worst == timedelta(minutes=5)
    assert one(aws, plan).rpo_worst == timedelta(hours=32)


def test_what_is_as_required_passes(aws):
    """``require`` hands the coverage back, so that a line of CI can go on with it."""
    copied = KEEP.copy_to(f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:far")
    found = bk.coverage(aws, plans=bk.Plan("shop", copied).protecting(BY_TAG), resources={ORDERS: TAGGED})
    assert found.require(rpo=timedelta(hours=25), keep_days=35, copies_in=["eu-west-1", ACCOUNT]) is found


@pytest.mark.parametrize(
    ("wanted", "short"),
    [
        ({"rpo": timedelta(hours=24)}, "up to 1 d 1 h can be lost"),
        ({"keep_days": 36}, "points are kept for 35 days, not 36"),
        ({"copies_in": "eu-west-1"}, "no copies go to eu-west-1"),
    ],
)
def test_what_falls_short_fails_with_its_rows(aws, wanted, short):
    """The error says how each resource falls short, holds its rows, and survives pickling."""
    found = bk.coverage(aws, plans=PLAN, resources={ORDERS: TAGGED, BUCKET: {}})
    with pytest.raises(CoverageError, match="2 of 2 resources fall short") as caught:
        found.require(**wanted)
    assert short in caught.value.shortfalls[ORDERS]
    again = pickle.loads(pickle.dumps(caught.value))
    assert [(row.resource_arn, row.status) for row in again.rows] == [(ORDERS, "protected"), (BUCKET, "unprotected")]


def test_of_plans_in_aws_the_age_of_the_last_point_counts(aws):
    """A plan that is there protects nothing yet when it has made no point, and no longer when its backups fail."""
    aws.resources.add(ORDERS, tags=TAGGED)
    bk.Stack("shop", bk.Vault("prod"), PLAN).preview(aws).apply()
    with pytest.raises(CoverageError, match="no point to restore from"):
        bk.coverage(aws).require(rpo=timedelta(hours=25))
    aws.clock.advance(days=1)
    found = bk.coverage(aws)
    assert found.require(rpo=timedelta(hours=25)).row(ORDERS).rpo_now == timedelta(hours=19)
    assert aws.recovery_point(found.rows[0].last_point.recovery_point_arn, vault="prod").resource_arn == ORDERS
    aws.faults.outage("DynamoDB")
    aws.clock.advance(days=2)
    with pytest.raises(CoverageError, match="the last point is 2 d 19 h old"):
        bk.coverage(aws).require(rpo=timedelta(hours=25))


@pytest.mark.parametrize("wrong", [{"rpo": 24}, {"rpo": timedelta(0)}, {"keep_days": 0}, {"copies_in": "Ireland"}])
def test_what_cannot_be_required_is_refused(aws, wrong):
    """A number of hours without a unit, or a place that AWS does not have, is an error and not a pass."""
    with pytest.raises(InvalidValueError, match="require/"):
        bk.coverage(aws, plans=PLAN, resources=[]).require(**wrong)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"resources": []}, "resources= names 0 resources"),
        ({"resources": {}}, "resources= names 0 resources"),
        ({"resources": [ORDERS], "types": "S3"}, "resources= names 1 resource, 0 of the types S3"),
        ({"resources": [{"arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"}]}, "1 record left out"),
        ({}, f"the services in {REGION} list 0 resources"),
        ({"types": []}, "list 0 resources of the types given, which are none"),
    ],
)
def test_a_requirement_of_no_resources_fails(aws, asked, told):
    """An empty export, or a filter that leaves nothing, does not pass CI; the message says where they came from."""
    found = bk.coverage(aws, plans=PLAN, **asked)
    with pytest.raises(CoverageError, match=f"no resources to judge.*{told}.*allow_empty=True") as caught:
        found.require()
    assert (caught.value.rows, caught.value.shortfalls) == ((), {})
    assert found.require(allow_empty=True) is found
    with pytest.raises(InvalidValueError, match="allow_empty"):
        found.require(allow_empty="yes")


def test_an_empty_file_of_resources_is_named(aws, tmp_path):
    """Where the resources are those of a file, the failure of a requirement names it."""
    path = tmp_path / "export.json"
    path.write_text('{"Resources": []}')
    with pytest.raises(CoverageError, match=r"export\.json names 0 resources"):
        bk.coverage(aws, plans=PLAN, resources=path).require()


@pytest.mark.parametrize(
    "source",
    [
        [(BUCKET, {}), (ORDERS, {"Backup": 1})],
        {BUCKET: {}, ORDERS: {"Backup": True}},
        [BUCKET, {"arn": ORDERS, "tags": {"Backup": None}}],
        [BUCKET, {"ResourceARN": ORDERS, "Tags": [{"Key": "Backup", "Value": 20250101}]}],
    ],
    ids=["pair", "by ARN", "record", "list of tags"],
)
def test_the_value_of_a_tag_is_text(aws, source):
    """A number is not made text, which no selection means: it is refused with the place of its row and the key."""
    with pytest.raises(
        InvalidValueError, match=r"coverage/resources\[1\]/tags/Backup: .*not the value of a tag"
    ) as caught:
        bk.coverage(aws, plans=PLAN, resources=source)
    assert "20250101" not in str(caught.value)


def test_the_key_of_a_tag_is_text(aws):
    """A key that is not text is refused with the place of its row."""
    with pytest.raises(InvalidValueError, match=r"coverage/resources\[0\]/tags: an int is not the key"):
        bk.coverage(aws, plans=PLAN, resources=[(ORDERS, {1: "daily"})])


def test_a_coverage_can_be_looked_at_and_kept(aws):
    """It is text, escaped HTML and JSON, with the uncovered first, and never shows a resource's own tags."""
    found = bk.coverage(aws, plans=PLAN, resources={ORDERS: {**TAGGED, "owner": "<secret>"}, BUCKET: {"x": "<secret>"}})
    shown = str(found)
    assert shown.index(BUCKET) < shown.index(ORDERS)
    assert "1 of 2 resources protected, 1 unprotected (no tag)" in shown
    kept = json.loads(found.to_json())
    assert [row["status"] for row in kept["rows"]] == ["protected", "unprotected"]
    assert 'class="bad"' in found._repr_html_()
    assert not any(
        "secret" in text for text in (shown, repr(found), repr(found.rows), found.to_json(), found._repr_html_())
    )


def test_ten_thousand_rows_are_not_all_displayed(aws):
    """A notebook shows the first rows and says how many there are."""
    found = bk.coverage(aws, plans=PLAN, resources=[(f"{ORDERS}{number}", {}) for number in range(1000)])
    assert "950 more" in found._repr_html_()


def test_a_connection_without_session_says_that_it_cannot_list():
    """Nothing was listed is not the same as nothing is there; the way out is named."""
    with pytest.raises(NeighbourError, match="resources="):
        NO_NEIGHBOURS.resources()


def test_roles_that_aws_backup_cannot_take_on_are_found():
    """A role must be there and trust AWS Backup; without IAM to ask nothing is said."""
    session = private_moto_session(region_name=REGION)
    for name, service in (("good", "backup.amazonaws.com"), ("other", "ec2.amazonaws.com")):
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
        session.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    good, other, gone = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("good", "other", "gone"))
    asked = usable_roles(SessionNeighbours(session, REGION, lambda _: None), [good, other, gone])
    assert asked == {good: True, other: False, gone: False}
    assert usable_roles(NO_NEIGHBOURS, [good]) == {}


def test_a_role_that_cannot_be_taken_on_protects_nothing(aws):
    """A selection whose role AWS Backup cannot take on makes no backup; ``check_roles=False`` leaves that out."""
    aws.faults.deny(ROLE)
    row = one(aws)
    assert (row.status, row.reason) == ("unprotected", "role")
    assert ROLE in row.why
    (trusted,) = bk.coverage(aws, plans=PLAN, resources=[(ORDERS, TAGGED)], check_roles=False)
    assert trusted.protected


@pytest.mark.slow
def test_a_role_of_which_nobody_can_tell_leaves_it_unknown(aws):
    """A condition in its trust policy is AWS's to decide: the resource is neither protected nor called unprotected."""
    session = private_moto_session(region_name=REGION)
    statement = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
    statement["Condition"] = {"StringLike": {"aws:SourceArn": "arn:aws:backup:*"}}
    trust = json.dumps({"Statement": [statement]})
    session.client("iam").create_role(RoleName="backup", AssumeRolePolicyDocument=trust)
    there = bk.Connection(aws.service, SessionNeighbours(session, REGION, lambda _: None))
    row = one(there)
    assert (row.status, row.reason) == ("unknown", "not read")
    assert "whether AWS Backup can take on the role is not known" in row.why
    assert one(there, resource=(ORDERS, {})).reason == "no tag"
    (left_out,) = bk.coverage(there, plans=PLAN, resources=[(ORDERS, TAGGED)], check_roles=False)
    assert left_out.protected


@pytest.mark.slow
def test_what_could_not_be_listed_fails_in_ci(aws):
    """Resources come from the session of the connection; a type that it may not list is never taken for none."""
    session = private_moto_session(region_name=REGION)
    there = bk.Connection(aws.service, SessionNeighbours(session, REGION, lambda _: None))
    assert bk.coverage(there, plans=PLAN, types="S3", check_roles=False).require(allow_empty=True).unread == {}
    found = bk.coverage(there, plans=PLAN, types=["Storage Gateway"], check_roles=False)
    assert list(found.unread) == ["Storage Gateway"]
    with pytest.raises(CoverageError, match="Storage Gateway: not listed"):
        found.require(allow_empty=True)


def test_members_of_database_clusters_are_not_counted_beside_them(aws):
    """AWS Config tells of a cluster's instances, too; AWS Backup backs up the cluster."""
    member = {"ARN": DATABASE, "tags": {}, "configuration": {"dBClusterIdentifier": "shop"}}
    found = bk.coverage(aws, plans=PLAN, resources=[member])
    assert (len(found), found.left_out) == (0, 1)


def test_the_last_whole_point_of_a_composite_is_not_a_partial_one(aws):
    """A stack whose last backup lacks a part counts by the last one that has them all."""
    stack = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/0f2a4b60-0000-4000-8000-000000000000"
    aws.resources.add(ORDERS)
    aws.resources.add(stack, members={"Orders": ORDERS})
    plan = bk.Plan("shop", KEEP).protecting(bk.Selection("stack", ROLE).including(stack))
    bk.Stack("shop", bk.Vault("prod"), plan).preview(aws).apply()
    aws.clock.advance(days=1)
    whole = bk.coverage(aws).row(stack).last_point
    aws.resources.remove(ORDERS)
    aws.clock.advance(days=1)
    assert {job.state for job in aws.backup_jobs() if job.resource_arn == stack} == {"COMPLETED", "PARTIAL"}
    assert bk.coverage(aws).row(stack).last_point == whole
