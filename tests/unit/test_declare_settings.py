"""Settings, tiering configurations and legal holds: every rule, at its boundary."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone

import pytest

import backupkit as bk
from backupkit.declare.codec.documents import document
from backupkit.errors import InvalidValueError

JANUARY, JUNE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
BUCKET = "arn:aws:s3:::bucket-{}"


def buckets(count):
    return tuple(BUCKET.format(n) for n in range(count))


def tiering(vault="prod"):
    return bk.TieringConfiguration("cheaper", vault)


def hold(title="audit", description="Case 17", *, vaults="prod", **more):
    return bk.LegalHold(title, description, vaults=vaults, **more)


GOOD = {
    "one type": lambda: bk.RegionSettings(opt_in={"S3": False}),
    "all three": lambda: bk.RegionSettings(
        opt_in={"S3": True}, management={"DynamoDB": True}, incremental={"DynamoDB": True}
    ),
    "one global setting": lambda: bk.GlobalSettings(mpa=False),
    "60 days": lambda: tiering().after(days=60),
    "36,500 days": lambda: tiering("*").after(days=36_500),
    "100 buckets in 5 selections": lambda: bk.TieringConfiguration(
        "t",
        "prod",
        selections=[
            bk.TieringSelection(after_days=60, resources=buckets(100)[start : start + 20])
            for start in range(0, 100, 20)
        ],
    ),
    "280 characters": lambda: hold(description="x" * 280),
    "a range of one second": lambda: hold(from_date=JANUARY, to_date=JANUARY),
    "a vault as it is declared": lambda: hold(vaults=bk.Vault("prod")),
}

BAD = {
    "1 as True": (
        lambda: bk.RegionSettings(opt_in={"S3": 1}),
        "region_settings/opt_in/S3: 1 is neither True nor False",
    ),
    "a type that is not text": (lambda: bk.RegionSettings(opt_in={7: True}), "7 is not a resource type"),
    "types without values": (lambda: bk.RegionSettings(opt_in=["S3"]), 'write {"S3": True}'),
    "no region settings": (lambda: bk.RegionSettings().check(), 'opt_in={"S3": True}'),
    "no global settings": (lambda: bk.GlobalSettings().check(), "cross_account_backup=True"),
    "true as text": (lambda: bk.GlobalSettings(mpa="true"), "write True or False"),
    "59 days": (lambda: tiering().after(days=59), "60 to 36,500 days"),
    "36,501 days": (lambda: tiering().after(days=36_501), "60 to 36,500 days"),
    "6 selections": (
        lambda: bk.TieringConfiguration("t", "prod", selections=[bk.TieringSelection(after_days=60)] * 6),
        "at most 5",
    ),
    "101 buckets": (lambda: tiering().after(days=60, resources=buckets(101)), "at most 100"),
    "no buckets": (lambda: tiering().after(days=60, resources=()), 'or use "*"'),
    "all buckets and one": (lambda: tiering().after(days=60, resources=("*", *buckets(1))), 'use "*" alone'),
    "a bucket's name": (lambda: tiering().after(days=60, resources=("b",)), "write it as arn:aws:s3:::my-bucket"),
    "an object": (lambda: tiering().after(days=60, resources=("arn:aws:s3:::bucket/key",)), "not the ARN of a bucket"),
    "a table": (
        lambda: tiering().after(days=60, resources=("arn:aws:dynamodb:us-east-1:123456789012:table/t",)),
        "not the ARN of a bucket",
    ),
    "buckets of all vaults": (lambda: tiering("*").after(days=60, resources=buckets(1)), "or name the vault"),
    "no selections": (lambda: tiering().check(), "write after(days=90)"),
    "a hyphen": (lambda: bk.TieringConfiguration("a-b", "prod"), "1 to 200 letters, digits and _"),
    "a vault of one letter": (lambda: tiering("x"), "2 to 50 letters"),
    "281 characters": (lambda: hold(description="x" * 281), "at most 280"),
    "no title": (lambda: hold(title=""), "says something"),
    "one end": (lambda: hold(from_date=JANUARY), "give to_date as well"),
    "the other end": (lambda: hold(to_date=JANUARY), "give from_date as well"),
    "the ends swapped": (lambda: hold(from_date=JUNE, to_date=JANUARY), "swap them"),
    "no time zone": (lambda: hold(from_date=datetime(2026, 1, 1), to_date=JUNE), "write tzinfo=UTC"),
    "text as a moment": (lambda: hold(from_date="2026-01-01", to_date=JUNE), "write datetime("),
    "a vault's ARN": (
        lambda: hold(vaults="arn:aws:backup:us-east-1:123456789012:backup-vault:prod"),
        "give its name, 'prod'",
    ),
}

WARNED = {
    "everything is held": (lambda: hold(vaults=()), "may hold every point"),
    "vaults and resources": (lambda: hold(resources="arn:aws:s3:::b"), "make two holds"),
    "a bucket twice": (
        lambda: tiering().after(days=60, resources=buckets(1)).after(days=90, resources=buckets(1)),
        "name it in one",
    ),
    "a type that AWS does not tier": (
        lambda: bk.TieringConfiguration(
            "t", "prod", selections=[bk.TieringSelection(after_days=60, resource_type="EFS")]
        ),
        "use S3",
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_aws_takes_is_accepted(name):
    """Each rule admits the value at its boundary, and nothing is warned of."""
    assert GOOD[name]().problems() == ()


@pytest.mark.parametrize("name", BAD)
def test_what_aws_refuses_is_refused(name):
    """Each rule refuses the value beyond its boundary, and says what would be right."""
    make, words = BAD[name]
    with pytest.raises(InvalidValueError) as refused:
        make()
    assert words in str(refused.value)


@pytest.mark.parametrize("name", WARNED)
def test_what_is_unwise_is_warned_about(name):
    """What AWS may take and is rarely meant blocks nothing."""
    make, words = WARNED[name]
    (warned,) = make().check()
    assert words in str(warned)


def test_only_what_is_named_is_sent():
    """AWS merges settings, so what is not named keeps its value; False is said, and not left out."""
    assert document(bk.RegionSettings(opt_in={"S3": False, "EFS": True}, incremental={"DynamoDB": False})) == {
        "ResourceTypeOptInPreference": {"S3": False, "EFS": True},
        "ResourceTypeOptInIncremental": {"DynamoDB": False},
    }
    assert document(bk.GlobalSettings(cross_account_backup=True, mpa=False)) == {
        "GlobalSettings": {"isCrossAccountBackupEnabled": "true", "isMpaEnabled": "false"}
    }


def test_a_tiering_configuration_is_sent_as_the_api_has_it():
    """Days, resources and the type stand under the API's names."""
    assert document(tiering(bk.Vault("prod")).after(days=90)) == {
        "TieringConfigurationName": "cheaper",
        "BackupVaultName": "prod",
        "ResourceSelection": [{"TieringDownSettingsInDays": 90, "Resources": ["*"], "ResourceType": "S3"}],
    }


def test_a_hold_is_sent_in_the_structures_of_the_api_and_in_whole_seconds():
    """Moments of any time zone are sent in UTC; older clients cut fractions off, which would read as a difference."""
    summer = timezone(timedelta(hours=2))
    given = hold(
        vaults=("prod", "dr"),
        from_date=datetime(2026, 1, 1, 2, 0, 0, 999_999, tzinfo=summer),
        to_date=JUNE,
        tags={"a": "b"},
    )
    assert document(given) == {
        "Title": "audit",
        "Description": "Case 17",
        "RecoveryPointSelection": {
            "VaultNames": ["prod", "dr"],
            "DateRange": {"FromDate": JANUARY, "ToDate": JUNE},
        },
    }


def test_switches_are_values():
    """They compare, hash, copy, pickle and print as what they hold."""
    switches = bk.Switches({"S3": True, "EFS": False})
    assert switches == {"EFS": False, "S3": True}
    assert hash(switches) == hash(bk.Switches({"EFS": False, "S3": True}))
    assert pickle.loads(pickle.dumps(switches)) == copy.deepcopy(switches) == switches
    assert eval(repr(switches), {"Switches": bk.Switches}) == switches


@pytest.mark.parametrize(
    "thing",
    [
        bk.Framework("f", bk.Control.recovery_point_encrypted(), tags={"a": "1"}),
        bk.ReportPlan("r", template="COPY_JOB_REPORT", bucket="reports", tags={"a": "1"}),
        tiering().after(days=60).tagged(a="1"),
        hold(tags={"a": "1"}),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_tags_are_added_by_a_verb(thing):
    """As those of vaults and plans: later ones win, and a mapping takes keys that are no names."""
    assert thing.tagged(b="2").tagged({"a": "3", "c d": "4"}).tags == {"a": "3", "b": "2", "c d": "4"}
    assert thing.tags == {"a": "1"}
    with pytest.raises(InvalidValueError, match="tagged"):
        thing.tagged("a")


def test_settings_have_one_address():
    """There is one of each in a Region or organization, so a name would say nothing."""
    assert bk.RegionSettings(opt_in={"S3": True}).address == "region_settings"
    assert bk.GlobalSettings(mpa=True).address == "global_settings"
    assert hold().address == "legal_hold.audit"


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (lambda: bk.Framework("f", bk.Control.recovery_point_encrypted()), "<Framework f: 1 control>"),
        (
            lambda: bk.Control.recovery_point_encrypted().for_tag("Team", "secret"),
            "<Control BACKUP_RECOVERY_POINT_ENCRYPTED: BACKUP_RECOVERY_POINT_ENCRYPTED (tag Team)>",
        ),
        (
            lambda: bk.ReportPlan("daily", template="COPY_JOB_REPORT", bucket="reports"),
            "<ReportPlan daily: COPY_JOB_REPORT to reports>",
        ),
        (lambda: bk.RegionSettings(opt_in={"S3": True, "EFS": False}), "<RegionSettings: opt in S3: yes, EFS: no>"),
        (lambda: bk.GlobalSettings(mpa=False), "<GlobalSettings: mpa no>"),
        (lambda: tiering().after(days=90), "<TieringConfiguration cheaper: prod: * after 90 days>"),
        (lambda: hold(tags={"Case": "secret"}), "<LegalHold audit: prod>"),
    ],
)
def test_a_repr_is_one_line_without_values_of_tags(made, line):
    """A repr may end in a log: it tells what a value says, and no value of a tag."""
    assert repr(made()) == line


def test_a_display_tells_settings_that_are_off():
    """Off is said, unlike what is left out."""
    assert "mpa  no" in str(bk.GlobalSettings(mpa=False))
    assert "cross account" not in str(bk.GlobalSettings(mpa=False))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"opt_in": {"s3": True}}, "region_settings/opt_in/s3: 's3' is not a type of this setting"),
        ({"management": {"S3": True}}, "use some of DynamoDB, EFS"),
        ({"incremental": {"EFS": True}}, "region_settings/incremental/EFS"),
    ],
)
def test_a_type_that_a_setting_does_not_have_is_warned_about(settings, told):
    """AWS refuses it while it is applied; it may be newer than backupkit, so it is no error."""
    (warned,) = bk.RegionSettings(**settings).check()
    assert told in str(warned)


def test_every_setting_that_a_region_tells_of_is_known():
    """What is read of a Region and declared as it is, is not warned about."""
    found = bk.local().call("DescribeRegionSettings")
    members = ("ResourceTypeOptInPreference", "ResourceTypeManagementPreference", "ResourceTypeOptInIncremental")
    opt_in, management, incremental = (found[member] for member in members)
    assert not bk.RegionSettings(opt_in=opt_in, management=management, incremental=incremental).check()
