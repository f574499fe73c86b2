"""Frameworks with their controls, and report plans: every rule, at its boundary."""

from __future__ import annotations

import inspect

import pytest

import backupkit as bk
from backupkit.declare.codec.documents import document
from backupkit.declare.control_facts import CONTROLS as FACTS
from backupkit.declare.control_facts import Listing
from backupkit.emulator.audit.controls import CONTROLS as EMULATED
from backupkit.errors import InvalidValueError

C = bk.Control
FRAMEWORK = "arn:aws:backup:us-east-1:123456789012:framework:prod-01234567-89ab-cdef-0123-456789abcdef"


def named(aws_name):
    """The constructor of a control, called with what it must be given."""
    make = getattr(C, aws_name.removeprefix("BACKUP_").lower())
    needed = [
        name for name, each in inspect.signature(make).parameters.items() if each.default is inspect.Parameter.empty
    ]
    return make(**dict.fromkeys(needed, 60))


def age(value, unit, make=C.last_recovery_point_created):
    return make(recovery_point_age_value=value, recovery_point_age_unit=unit)


def often(value, unit):
    return C.plan_min_frequency_and_min_retention_check(required_frequency_value=value, required_frequency_unit=unit)


def keep(days):
    return C.recovery_point_minimum_retention_check(required_retention_days=days)


def locked(low=None, high=None):
    return C.resources_protected_by_backup_vault_lock(min_retention_days=low, max_retention_days=high)


def accounts(count):
    return C.resources_protected_by_cross_account(cross_account_list=[f"{n:012}" for n in range(count)])


def admins(count):
    return C.recovery_point_manual_deletion_disabled(
        principal_arn_list=[f"arn:aws:iam::123456789012:role/r{n}" for n in range(count)]
    )


def report(template="BACKUP_JOB_REPORT", **more):
    return bk.ReportPlan("daily", template=template, bucket="backup-reports", **more)


def test_there_is_one_constructor_for_each_control():
    """Each of AWS's eleven controls has a constructor of its name, and no other constructor is there."""
    made = {
        name
        for name, found in inspect.getmembers(C, inspect.ismethod)
        if isinstance(inspect.getattr_static(C, name), classmethod) and not name.startswith("_")
    }
    assert made == {name.removeprefix("BACKUP_").lower() for name in FACTS}
    assert len(FACTS) == 11
    assert all(named(name).name == name for name in FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_what_is_known_of_a_control_is_what_the_emulator_knows(name):
    """A framework that is accepted when it is declared is not refused for its parameters or scope when it is made."""
    ours, there = FACTS[name], EMULATED[name]
    assert list(ours.parameters) == [one.name for one in there.parameters]
    assert ours.defaults == {one.name: one.default for one in there.parameters if one.default is not None}
    assert ours.required == tuple(one.name for one in there.parameters if one.required)
    assert {scope.replace("resource", "single") for scope in ours.scopes} == there.scopes
    assert (ours.type,) == there.types if ours.type else len(there.types) > 5
    for one in there.parameters:
        rule = ours.parameters[one.name]
        samples = ["", "0", "1", "7", "31", "32", "744", "745", "2184", "36500", "36501", "999999", "1000000", "days"]
        samples += ["hours", "weeks", "us-east-1", "us-east-1, eu-west-1", "123456789012", "1 2"]
        samples += [",".join(f"arn:aws:iam::123456789012:role/r{n}" for n in range(count)) for count in (1, 5, 6)]
        for text in samples:
            assert rule.admits(text) == (one.flaw(text) is None), (one.name, text)


GOOD = {
    "every control as it comes": lambda: [named(name) for name in FACTS],
    "24 hours": lambda: often(24, "hours"),
    "31 days": lambda: often(31, "days"),
    "744 hours": lambda: age(744, "hours"),
    "24 hours in an air-gapped vault": lambda: age(24, "hours", C.resources_in_logically_air_gapped_vault),
    "91 days in an air-gapped vault": lambda: age(91, "days", C.resources_in_logically_air_gapped_vault),
    "36,500 days": lambda: keep(36_500),
    "equal bounds": lambda: locked(7, 7),
    "5 accounts": lambda: accounts(5),
    "5 principals": lambda: admins(5),
    "types": lambda: C.resources_protected_by_backup_plan().for_types("RDS", "DynamoDB"),
    "a tag": lambda: C.recovery_point_encrypted().for_tag("Environment", "production"),
    "one resource": lambda: C.last_recovery_point_created().for_resource("RDS", "orders"),
    "the type that a control evaluates anyway": lambda: C.recovery_point_encrypted().for_types(
        "AWS::Backup::RecoveryPoint"
    ),
    "one plan": lambda: C.plan_min_frequency_and_min_retention_check().for_resource("AWS::Backup::BackupPlan", "id"),
    "one control with two scopes": lambda: bk.Framework(
        "f", keep(7).for_tag("Tier", "3"), keep(35).for_tag("Tier", "1")
    ),
    "1,024 characters": lambda: bk.Framework("f", keep(7), description="x" * 1024),
    "both formats": lambda: report(formats=("CSV", "JSON")),
    "JSON of another Region": lambda: report(formats="JSON", regions="eu-west-1"),
    "all accounts": lambda: report("RESOURCE_COMPLIANCE_REPORT", accounts="ROOT", regions="*"),
    "a unit": lambda: report(organization_units="ou-ab12-cdef3456"),
    "frameworks by ARN and by name": lambda: report("CONTROL_COMPLIANCE_REPORT", frameworks=(FRAMEWORK, "prod")),
    "a framework as it is declared": lambda: report(
        "CONTROL_COMPLIANCE_REPORT", frameworks=bk.Framework("prod", keep(7))
    ),
}

BAD = {
    "0 hours": (lambda: often(0, "hours"), "whole number from 1"),
    "25 hours": (lambda: often(25, "hours"), "whole number from 1 to 24 where requiredFrequencyUnit is hours"),
    "32 days": (lambda: often(32, "days"), "whole number from 1 to 31"),
    "32 days of age": (lambda: age(32, "days"), "1 to 31 where recoveryPointAgeUnit is days"),
    "weeks": (lambda: often(1, "weeks"), "hours or days"),
    "745 hours": (lambda: age(745, "hours"), "whole number from 1 to 744"),
    "23 hours in an air-gapped vault": (
        lambda: age(23, "hours", C.resources_in_logically_air_gapped_vault),
        "24 to 2,184 where",
    ),
    "92 days in an air-gapped vault": (
        lambda: age(92, "days", C.resources_in_logically_air_gapped_vault),
        "1 to 91 where",
    ),
    "0 days": (lambda: keep(0), "whole number from 1 to 36,500"),
    "True days": (lambda: keep(True), "is not text"),
    "a number that fills a page": (lambda: keep(10**5000), "digits is not text"),
    "half a day": (lambda: keep(0.5), "is not text"),
    "crossed bounds": (lambda: locked(8, 7), "use at most maxRetentionDays, which is 7"),
    "6 accounts": (lambda: accounts(6), "1 to 5 account ids"),
    "6 principals": (lambda: admins(6), "1 to 5 IAM ARNs"),
    "no target": (lambda: C("RESTORE_TIME_FOR_RESOURCES_MEET_TARGET"), "maxRestoreTime: it is missing"),
    "two tags": (lambda: bk.ControlScope(tags={"a": "1", "b": "2"}), "AWS takes one"),
    "two resources": (
        lambda: bk.ControlScope(resource_types=("RDS",), resource_ids=("a", "b")),
        "AWS takes one",
    ),
    "a resource without a type": (lambda: bk.ControlScope(resource_ids=("a",)), "write for_resource(type, id)"),
    "types and a tag": (
        lambda: bk.ControlScope(resource_types=("RDS",), tags={"Environment": "production"}),
        "at once, which AWS refuses",
    ),
    "types for points": (lambda: keep(7).for_types("RDS"), "cannot be narrowed to resource types; use for_tag"),
    "a tag in air-gapped vaults": (
        lambda: C.resources_in_logically_air_gapped_vault().for_tag("a", "b"),
        "use for_types, for_resource or nothing",
    ),
    "a resource as a plan": (
        lambda: C.plan_min_frequency_and_min_retention_check().for_resource("RDS", "a"),
        "write 'AWS::Backup::BackupPlan'",
    ),
    "a control twice": (lambda: bk.Framework("f", keep(7), keep(7)), "name it once"),
    "a value twice": (
        lambda: C("X", (bk.ControlParameter("a", "1"), bk.ControlParameter("a", "2"))),
        "2 values",
    ),
    "no controls": (lambda: bk.Framework("f").check(), "give at least one"),
    "a hyphen": (lambda: bk.Framework("prod-framework", keep(7)), "no hyphens"),
    "257 characters": (lambda: bk.Framework("f" * 257, keep(7)), "1 to 256 letters"),
    "an empty description": (lambda: bk.Framework("f", keep(7), description=" "), "leave it out"),
    "a control that is not one": (lambda: bk.Framework("f", "x"), "write bk.Control.recovery_point_encrypted()"),
    "51 tags": (lambda: bk.Framework("f", keep(7), tags={f"t{n}": "" for n in range(51)}), "at most 50"),
    "XML": (lambda: report(formats="XML"), "is not one of CSV, JSON"),
    "a format twice": (lambda: report(formats=("CSV", "CSV")), "name each once"),
    "JSON of several accounts": (lambda: report(formats="JSON", accounts="ROOT"), 'use formats="CSV"'),
    "JSON of all Regions": (lambda: report(formats="JSON", regions="*"), 'use formats="CSV"'),
    "JSON of two Regions": (lambda: report(formats="JSON", regions=("us-east-1", "eu-west-1")), 'use formats="CSV"'),
    "all Regions and one": (lambda: report(regions=("*", "us-east-1")), "all Regions and some"),
    "frameworks of jobs": (lambda: report(frameworks=FRAMEWORK), "template='RESOURCE_COMPLIANCE_REPORT'"),
    "frameworks of several accounts": (
        lambda: report("RESOURCE_COMPLIANCE_REPORT", frameworks=FRAMEWORK, accounts="ROOT"),
        "leave frameworks out",
    ),
    "frameworks of a unit": (
        lambda: report("CONTROL_COMPLIANCE_REPORT", frameworks=FRAMEWORK, organization_units="r-ab12"),
        "leave frameworks out",
    ),
    "a bucket's ARN": (lambda: with_fields(bucket="arn:aws:s3:::backup-reports"), "not an ARN"),
    "an account of 11 digits": (lambda: report(accounts="12345678901"), "ROOT for all accounts"),
    "a unit that is not one": (lambda: report(organization_units="prod"), "ou-ab12-cdef3456"),
    "a Region that is not one": (lambda: report(regions="Ireland"), "* for all Regions"),
}


def with_fields(**fields):
    return bk.ReportPlan("daily", **{"template": "BACKUP_JOB_REPORT", "bucket": "backup-reports", **fields})


@pytest.mark.parametrize("name", GOOD)
def test_what_aws_takes_is_accepted(name):
    """Each rule admits the value at its boundary, and nothing is warned of."""
    made = GOOD[name]()
    for each in made if isinstance(made, list) else [made]:
        assert each.problems() == ()


@pytest.mark.parametrize("name", BAD)
def test_what_aws_refuses_is_refused(name):
    """Each rule refuses the value beyond its boundary, and says what would be right."""
    make, words = BAD[name]
    with pytest.raises(InvalidValueError) as refused:
        make()
    assert words in str(refused.value)


GUIDE = {
    "RESTORE_TIME_MEETS_TARGET": "write RESTORE_TIME_FOR_RESOURCES_MEET_TARGET",
    "recovery_point_encrypted": "write BACKUP_RECOVERY_POINT_ENCRYPTED",
}


@pytest.mark.parametrize("name", GUIDE)
def test_a_control_that_aws_does_not_have_is_answered_with_what_was_meant(name):
    """AWS may add controls, so an unknown name blocks nothing, but the nearest known one is told."""
    (warned,) = C(name).problems()
    assert warned.severity is bk.Severity.WARNING
    assert warned.address == f"control.{name}/name"
    assert warned.hint == GUIDE[name]


def test_a_parameter_of_another_control_is_answered_with_the_controls_that_have_it():
    """A guide gives a retention to the control on plans being there; two other controls ask for retention."""
    with pytest.raises(InvalidValueError) as refused:
        C("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN", {"requiredRetentionDays": 35})
    (problem,) = refused.value.problems
    assert problem.address == "control.BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN/parameters/requiredRetentionDays"
    assert problem.hint == (
        "give it to Control.plan_min_frequency_and_min_retention_check "
        "or Control.recovery_point_minimum_retention_check"
    )


def test_a_parameter_that_no_control_has_is_only_warned_of():
    """AWS may add parameters, so an unknown one blocks nothing."""
    (warned,) = C("BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK", {"retentionDays": 35}).problems()
    assert (warned.severity, warned.hint) == (bk.Severity.WARNING, "write requiredRetentionDays")


@pytest.mark.parametrize(
    ("template", "meant"),
    [("MALWARE_JOB_REPORT", "write SCAN_JOB_REPORT"), ("backup_job_reports", "write BACKUP_JOB_REPORT")],
)
def test_a_template_that_is_not_known_is_warned_of(template, meant):
    """AWS's texts leave the names of templates open, so an unknown one blocks nothing."""
    (warned,) = report(template).problems()
    assert (warned.severity, warned.hint) == (bk.Severity.WARNING, meant)


def test_more_controls_than_the_quota_are_warned_of():
    """AWS raises quotas on request, so 51 controls block nothing."""
    many = bk.Framework("f", controls=[keep(days) for days in range(1, 52)])
    assert [str(each) for each in many.check()] == [
        "framework.f/controls: 51 controls; AWS's quota is 50 in all frameworks of an account and Region"
    ]


def test_parameters_are_sent_as_text_under_aws_s_names():
    """What a constructor takes is what the API's document holds; what is not given is left to AWS."""
    assert document(often(12, "hours").for_tag("Environment", "production")) == {
        "ControlName": "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
        "ControlInputParameters": [
            {"ParameterName": "requiredFrequencyUnit", "ParameterValue": "hours"},
            {"ParameterName": "requiredFrequencyValue", "ParameterValue": "12"},
            {"ParameterName": "requiredRetentionDays", "ParameterValue": "35"},
        ],
        "ControlScope": {"Tags": {"Environment": "production"}},
    }
    assert document(C.resources_protected_by_cross_region()) == {
        "ControlName": "BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION"
    }
    assert document(accounts(2))["ControlInputParameters"] == [
        {"ParameterName": "crossAccountList", "ParameterValue": "000000000000,000000000001"}
    ]


def test_a_report_plan_is_sent_in_the_structures_of_the_api():
    """Where the API nests, the document does, though the value does not."""
    plan = report(
        "RESOURCE_COMPLIANCE_REPORT", prefix="compliance", formats="CSV", frameworks=FRAMEWORK, tags={"a": "b"}
    )
    assert document(plan) == {
        "ReportPlanName": "daily",
        "ReportSetting": {"ReportTemplate": "RESOURCE_COMPLIANCE_REPORT", "FrameworkArns": [FRAMEWORK]},
        "ReportDeliveryChannel": {
            "S3BucketName": "backup-reports",
            "S3KeyPrefix": "compliance",
            "Formats": ["CSV"],
        },
    }


@pytest.mark.parametrize(
    ("name", "written", "same"),
    [
        ("BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK", {}, {"requiredRetentionDays": "035"}),
        ("BACKUP_LAST_RECOVERY_POINT_CREATED", {"recoveryPointAgeValue": "1"}, {"recoveryPointAgeUnit": "days"}),
        (
            "BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION",
            {"crossRegionList": "us-east-1,eu-west-1"},
            {"crossRegionList": " eu-west-1 ,\nus-east-1"},
        ),
    ],
)
def test_what_means_the_same_is_compared_as_the_same(name, written, same):
    """A default that is written out, a leading zero, spaces and the order in a list change nothing."""
    assert FACTS[name].meaning(written) == FACTS[name].meaning(same)


def test_only_lists_are_compared_without_their_order():
    """A control of two parameters does not mean the same with their values swapped."""
    lists = [name for facts in FACTS.values() for name, rule in facts.parameters.items() if isinstance(rule, Listing)]
    assert lists == ["principalArnList", "crossRegionList", "crossAccountList"]
    bounds = FACTS["BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK"]
    swapped = {"minRetentionDays": "7", "maxRetentionDays": "1"}
    assert bounds.meaning({"minRetentionDays": "1", "maxRetentionDays": "7"}) != bounds.meaning(swapped)


def test_verbs_leave_their_receiver():
    """A framework and a report plan are values: a verb gives another one."""
    base = bk.Framework("f", keep(7))
    assert base.with_controls(keep(8)).tagged(Team="a") == bk.Framework("f", keep(7), keep(8), tags={"Team": "a"})
    assert base == bk.Framework("f", controls=[keep(7)])
    plan = report()
    assert plan.tagged(Team="a").tags == {"Team": "a"}
    assert plan.tags == {}


def test_messages_hold_no_tag_values():
    """A scope's tag may hold what is not for logs."""
    with pytest.raises(InvalidValueError) as refused:
        keep(7).for_tag("Secret", b"hunter2")
    assert "hunter2" not in str(refused.value)
    with pytest.raises(InvalidValueError) as refused:
        bk.ControlScope(resource_types=("RDS",), tags={"Secret": "hunter2"})
    assert "hunter2" not in str(refused.value)
