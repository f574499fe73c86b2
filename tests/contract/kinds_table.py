"""One example of each kind of thing that a stack can hold, for `test_kinds.py`: a new kind is one more row here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

import attrs

import backupkit as bk
from backupkit.declare.declared import Declared
from backupkit.emulator import Choices
from backupkit.provider.kinds import KINDS
from backupkit.provider.kinds.kind import AnyKind

ACCOUNT, REGION, ELSEWHERE = "123456789012", "us-east-1", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Backup"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/one"
VAULT = bk.Vault("prod")


def local() -> bk.LocalConnection:
    """A fresh AWS."""
    return bk.local(choices=Choices(legal_hold_change_seconds=7))


Change = Callable[[Declared], Declared]
ByHand = Callable[[bk.LocalConnection], object]


@attrs.frozen(kw_only=True)
class Example:
    """What the contract asks of one kind.

    Args:
        thing: As it is first declared.
        inside: Its address, where it is inside another thing: ``plan.prod/selection.all``.
        parents: What it needs, declared in the same stack.
        service: A fresh AWS that admits it, or, of `beside_world`, a fresh AWS beside moto's services.
        updates: By field: another value for it, which AWS takes in place.
        replaces: By field: another value, for which the thing is made again.
        refused: By field: another value, which cannot be had: a problem with the way out.
        same: The same, written otherwise: no change.
        echoed: The same, written otherwise in AWS, behind the stack's back: no change.
        gone: Deletes it, behind the stack's back.
        parent_gone: Deletes what it needs, as far as AWS lets that happen.
        altered: Changes it, behind the stack's back.
        drift: What the preview then says: the path, what is found, what is declared.
        new_role: The thing, naming `ROLE`, which is new.
        arns: The ARNs of all that the stack owns.
        in_place: What a change in place is called; another where a part of the thing comes or goes.
        count: How many of it there are.
        without: By case of the contract: why it does not hold for this kind. See `test_what_an_example_leaves_out_is_so`.
    """

    thing: Declared
    inside: str = ""
    parents: tuple[Declared, ...] = ()
    service: Callable[[], bk.LocalConnection] = local
    updates: Mapping[str, Change] = attrs.field(factory=dict)
    replaces: Mapping[str, Change] = attrs.field(factory=dict)
    refused: Mapping[str, Change] = attrs.field(factory=dict)
    same: Mapping[str, Change] = attrs.field(factory=dict)
    echoed: Mapping[str, ByHand] = attrs.field(factory=dict)
    gone: ByHand | None = None
    parent_gone: ByHand | None = None
    altered: ByHand
    drift: tuple[str, object, object]
    new_role: Change | None = None
    arns: Callable[[bk.LocalConnection], Iterable[str]] = lambda _: ()
    in_place: frozenset[bk.Action] = frozenset({bk.Action.UPDATE})
    count: Callable[[bk.LocalConnection], int]
    without: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def things(self) -> tuple[Declared, ...]:
        """What the stack declares."""
        return (*self.parents, self.thing)

    @property
    def address(self) -> str:
        """Where its changes are."""
        return self.inside or self.thing.address

    @property
    def outer(self) -> AnyKind:
        """The row of the thing in the stack."""
        return next(row for row in KINDS if row.cls is type(self.thing))

    @property
    def row(self) -> AnyKind:
        """Its row in the table of kinds."""
        return self.outer.children[0] if self.inside else self.outer

    def declared(self, thing: Declared) -> Declared:
        """The thing itself, or what is inside it."""
        return getattr(thing, self.row.field)[0] if self.inside else thing

    @property
    def variants(self) -> tuple[Declared, ...]:
        """The thing, and every other form of it."""
        others = (*self.updates.values(), *self.replaces.values(), *self.refused.values(), *self.same.values())
        return (self.thing, *(change(self.thing) for change in others))

    @property
    def stays(self) -> bool:
        """Whether dropping it leaves it as it is."""
        return self.outer.tags is None


NEEDS_NOTHING = {"parents": "as it is here, it needs nothing that a stack declares"}
NAMES_NO_ROLE = {"roles": "it names no role"}
IN_PLACE = {"replaces": "AWS changes every field but its name in place"}
MADE_AGAIN = {"updates": "AWS changes none of its fields"}
NO_TAGS = {"tags": "AWS Backup keeps no tags of it, so nobody owns it: it is compared while it is declared"}
TAGS_OF_PARENT = {"tags": "its tags are those of what it is in"}
ALWAYS_THERE = {"gone": "AWS always has one", "replaces": "AWS always has one, and deletes none"}
NOT_DELETED = {"replaces": "what is in other services is never deleted"}
OF_THE_ACCOUNT = {"regions": "the account has one for all Regions"}
BOUND = {"regions": "it is of something that is in one Region"}


def ask(aws: bk.LocalConnection, operation: str, **params: object) -> dict[str, object]:
    """Make one raw call."""
    import json

    return json.loads(aws.call(operation, params))


def listed(operation: str, member: str, **where: object) -> Callable[[bk.LocalConnection], int]:
    """Count what a list holds."""

    def count(aws: bk.LocalConnection) -> int:
        found = aws.call(operation)[member]
        return sum(all(each.get(name) == value for name, value in where.items()) for each in found)

    return count


def arns_of(**members: str) -> Callable[[bk.LocalConnection], Iterable[str]]:
    """The ARNs in some lists: the operation, and the member of each entry that is the ARN."""

    def find(aws: bk.LocalConnection) -> Iterator[str]:
        for operation, member in members.items():
            (found,) = (value for value in aws.call(operation).values() if isinstance(value, list))
            yield from (str(each[member]) for each in found)

    return find


def put(**fields: object) -> Change:
    """The thing with other values of its fields."""
    return lambda thing: attrs.evolve(thing, **fields)


def as_it_is(thing: Declared) -> Declared:
    """The thing, which is as the case wants it."""
    return thing


def settled(aws: bk.LocalConnection, operation: str, **params: object) -> None:
    """Make one raw call whose effect takes a while, and wait for it."""
    aws.call(operation, **params)
    aws.clock.advance(minutes=5)


# Vaults, plans and selections.

STATEMENT = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
DENY = {"Statement": [STATEMENT]}
FOR_ROLE = {"Statement": [STATEMENT, {**STATEMENT, "Principal": {"AWS": [ROLE]}, "Action": "backup:StartBackupJob"}]}
RULE = bk.Rule("daily", "prod").keep(days=35)
FIVE = bk.Schedule("cron(0 5 ? * * *)", "UTC")
SCAN = bk.ScanSetting(resource_types=("ALL",), scanner_role_arn=ROLE)
PLAN = bk.Plan("nightly", RULE)
SELECTION = bk.Selection("all", ROLE, resources="*", conditions=(bk.tag("Environment").equals("production"),))


def plan_id(aws: bk.LocalConnection) -> str:
    """The id of the plan."""
    return str(aws.call("ListBackupPlans")["BackupPlansList"][0]["BackupPlanId"])


def change_plan(aws: bk.LocalConnection) -> None:
    """Keep points for 7 days."""
    rule = {"RuleName": "daily", "TargetBackupVaultName": "prod", "Lifecycle": {"DeleteAfterDays": 7}}
    aws.call("UpdateBackupPlan", BackupPlanId=plan_id(aws), BackupPlan={"BackupPlanName": "nightly", "Rules": [rule]})


def selections(aws: bk.LocalConnection) -> list[dict[str, object]]:
    """The selections of all plans."""
    plans = aws.call("ListBackupPlans")["BackupPlansList"]
    lists = [aws.call("ListBackupSelections", BackupPlanId=each["BackupPlanId"]) for each in plans]
    return [each for found in lists for each in found["BackupSelectionsList"]]


def drop_selection(aws: bk.LocalConnection) -> None:
    """Delete the selection."""
    (found,) = selections(aws)
    aws.call("DeleteBackupSelection", BackupPlanId=plan_id(aws), SelectionId=found["SelectionId"])


def drop_whole_plan(aws: bk.LocalConnection) -> None:
    """Delete the plan, and its selection before."""
    drop_selection(aws)
    aws.call("DeleteBackupPlan", BackupPlanId=plan_id(aws))


def another_selection(aws: bk.LocalConnection) -> None:
    """Make the selection again, of one bucket."""
    drop_selection(aws)
    selection = {"SelectionName": "all", "IamRoleArn": ROLE, "Resources": ["arn:aws:s3:::bucket-a"]}
    aws.call("CreateBackupSelection", BackupPlanId=plan_id(aws), BackupSelection=selection)


def select(**fields: object) -> Change:
    """The plan with another selection."""
    return put(selections=(attrs.evolve(SELECTION, **fields),))


# Frameworks and report plans.

CONTROLS = (
    bk.Control.plan_min_frequency_and_min_retention_check(),
    bk.Control.recovery_point_encrypted(),
    bk.Control.resources_protected_by_cross_region(cross_region_list=("eu-west-1", "eu-central-1")).for_types(
        "EFS", "S3"
    ),
)
FRAMEWORK = bk.Framework("prod", *CONTROLS, description="What we must show")
WRITTEN_OUT = (
    bk.Control.recovery_point_encrypted().for_types("AWS::Backup::RecoveryPoint"),
    bk.Control("BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION", {"crossRegionList": "eu-central-1, eu-west-1"}).for_types(
        "S3", "EFS"
    ),
    bk.Control("BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK", {"requiredRetentionDays": "035"}),
)

REPORT = bk.ReportPlan(
    "compliance",
    template="RESOURCE_COMPLIANCE_REPORT",
    bucket="backup-reports",
    prefix="audit",
    formats=("CSV", "JSON"),
    frameworks="prod",
    description="For the auditor",
)


def organization() -> bk.LocalConnection:
    """An AWS whose account manages an organization."""
    aws = local()
    aws.accounts.organize(ACCOUNT)
    return aws


def framework_arn(aws: bk.LocalConnection) -> str:
    """The ARN of the framework that the report is about."""
    return str(aws.call("DescribeFramework", FrameworkName="prod")["FrameworkArn"])


# Legal holds.

START = bk.local().clock.now()
HOLD = bk.LegalHold(
    "case-17", "Case 17", vaults="prod", from_date=START - timedelta(days=30), to_date=START - timedelta(days=1)
)


def hold_id(aws: bk.LocalConnection) -> str:
    """The id of the hold that stands."""
    holds = aws.call("ListLegalHolds")["LegalHolds"]
    return next(each["LegalHoldId"] for each in holds if each["Status"] in ("CREATING", "ACTIVE"))


def cancel_hold(aws: bk.LocalConnection) -> None:
    """Cancel the hold."""
    settled(aws, "CancelLegalHold", LegalHoldId=hold_id(aws), CancelDescription="by hand")


def another_hold(aws: bk.LocalConnection) -> None:
    """Cancel the hold, and make one that says something else, with the same tags."""
    arn = aws.call("GetLegalHold", LegalHoldId=hold_id(aws))["LegalHoldArn"]
    tags = aws.call("ListTags", ResourceArn=arn)["Tags"]
    cancel_hold(aws)
    settled(
        aws,
        "CreateLegalHold",
        Title="case-17",
        Description="Case 18",
        RecoveryPointSelection={
            "VaultNames": ["prod"],
            "DateRange": {"FromDate": START - timedelta(days=30), "ToDate": START - timedelta(days=1)},
        },
        Tags=tags,
    )


def standing_holds(aws: bk.LocalConnection) -> int:
    """How many holds stand."""
    return sum(each["Status"] in ("CREATING", "ACTIVE") for each in aws.call("ListLegalHolds")["LegalHolds"])


TIERING = bk.TieringConfiguration("cheaper", "prod").after(
    days=90, resources=("arn:aws:s3:::bucket-a", "arn:aws:s3:::bucket-b")
)

EXAMPLES: dict[str, Example] = {
    "vault": Example(
        thing=bk.Vault("prod", policy=DENY),
        updates={
            "lock": put(lock=bk.GovernanceLock(min_days=1)),
            "policy": put(
                policy={"Statement": [STATEMENT, {**STATEMENT, "Action": "backup:UpdateRecoveryPointLifecycle"}]}
            ),
            "a policy for a role": put(policy=FOR_ROLE),
            "notifications": lambda vault: vault.notifying(TOPIC, "COPY_JOB_FAILED"),
        },
        new_role=put(policy=FOR_ROLE),
        in_place=frozenset({bk.Action.CREATE, bk.Action.UPDATE}),
        replaces={"key": put(key=KEY)},
        same={
            "lists and spaces in the policy": put(
                policy='{ "Statement": {"Action": ["backup:DeleteRecoveryPoint"], "Effect": "Deny", '
                '"Principal": {"AWS": ["*"]}, "Resource": "*"} }'
            )
        },
        gone=lambda aws: aws.call("DeleteBackupVault", BackupVaultName="prod"),
        altered=lambda aws: aws.call(
            "TagResource",
            ResourceArn=f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:prod",
            Tags={"by": "hand"},
        ),
        drift=("tags.by", "hand", None),
        arns=arns_of(ListBackupVaults="BackupVaultArn"),
        count=listed("ListBackupVaults", "BackupVaultList", BackupVaultName="prod"),
        without=NEEDS_NOTHING,
    ),
    "plan": Example(
        thing=PLAN,
        parents=(VAULT,),
        updates={
            "a rule": put(rules=(RULE.keep(days=40),)),
            "rules": lambda plan: plan.with_rules(bk.Rule("weekly", "prod").keep(days=90)),
            "advanced_settings": put(advanced_settings=(bk.AdvancedBackupSetting.windows_vss(),)),
            "scan_settings": put(scan_settings=(SCAN,)),
        },
        new_role=put(scan_settings=(SCAN,)),
        same={"what AWS fills in": put(rules=(attrs.evolve(RULE, start_window_minutes=480, schedule=FIVE),))},
        gone=lambda aws: aws.call("DeleteBackupPlan", BackupPlanId=plan_id(aws)),
        parent_gone=lambda aws: aws.call("DeleteBackupVault", BackupVaultName="prod"),
        altered=change_plan,
        drift=("rule.daily/lifecycle/delete_after_days", 7, 35),
        arns=arns_of(ListBackupVaults="BackupVaultArn", ListBackupPlans="BackupPlanArn"),
        count=listed("ListBackupPlans", "BackupPlansList"),
        without=IN_PLACE,
    ),
    "selection": Example(
        thing=PLAN.protecting(SELECTION),
        inside="plan.nightly/selection.all",
        parents=(VAULT,),
        replaces={
            "role": select(role=f"{ROLE}2"),
            "resources": select(resources=("arn:aws:s3:::*",)),
            "not_resources": select(not_resources=("arn:aws:s3:::bucket-a",)),
            "tags": select(resources=(), tags=(("Backup", "yes"),)),
            "conditions": select(conditions=(bk.tag("Environment").differs("test"),)),
        },
        same={"what is sent anyway": select(resources=())},
        new_role=as_it_is,
        gone=drop_selection,
        parent_gone=drop_whole_plan,
        altered=another_selection,
        drift=("resources", ("arn:aws:s3:::bucket-a",), ("*",)),
        count=lambda aws: len(selections(aws)),
        without=MADE_AGAIN | TAGS_OF_PARENT | {"rules": "its plan is then declared in two"},
    ),
    "framework": Example(
        thing=FRAMEWORK,
        updates={
            "description": put(description="Something else"),
            "no description": put(description=None),
            "a parameter": put(controls=(CONTROLS[0], CONTROLS[1], bk.Control.last_recovery_point_created())),
            "a scope": put(controls=(*CONTROLS[:2], CONTROLS[2].for_tag("Environment", "production"))),
            "fewer controls": put(controls=CONTROLS[:1]),
        },
        replaces={},
        same={"defaults, order and spaces": put(controls=WRITTEN_OUT)},
        gone=lambda aws: settled(aws, "DeleteFramework", FrameworkName="prod"),
        altered=lambda aws: settled(aws, "UpdateFramework", FrameworkName="prod", FrameworkDescription="by hand"),
        drift=("description", "by hand", "What we must show"),
        arns=arns_of(ListFrameworks="FrameworkArn"),
        count=listed("ListFrameworks", "Frameworks"),
        without=NEEDS_NOTHING | NAMES_NO_ROLE | IN_PLACE,
    ),
    "report_plan": Example(
        thing=REPORT,
        parents=(FRAMEWORK,),
        service=organization,
        updates={
            "bucket": put(bucket="other-reports"),
            "prefix": put(prefix="other"),
            "no prefix": put(prefix=None),
            "formats": put(formats="JSON"),
            "no formats": put(formats=()),
            "no frameworks": put(frameworks=()),
            "accounts": put(frameworks=(), formats=(), accounts="ROOT"),
            "organizational units": put(frameworks=(), formats=(), organization_units="r-ab12"),
            "regions": put(formats=(), regions="*"),
            "description": put(description="Something else"),
            "no description": put(description=None),
        },
        replaces={"template": put(template="CONTROL_COMPLIANCE_REPORT")},
        same={"order": put(formats=("JSON", "CSV"))},
        gone=lambda aws: settled(aws, "DeleteReportPlan", ReportPlanName="compliance"),
        parent_gone=lambda aws: settled(aws, "DeleteFramework", FrameworkName="prod"),
        altered=lambda aws: settled(
            aws,
            "UpdateReportPlan",
            ReportPlanName="compliance",
            ReportDeliveryChannel={"S3BucketName": "elsewhere", "S3KeyPrefix": "audit", "Formats": ["CSV", "JSON"]},
        ),
        drift=("bucket", "elsewhere", "backup-reports"),
        arns=arns_of(ListFrameworks="FrameworkArn", ListReportPlans="ReportPlanArn"),
        count=listed("ListReportPlans", "ReportPlans"),
        without=NAMES_NO_ROLE,
    ),
    "region_settings": Example(
        thing=bk.RegionSettings(opt_in={"S3": False, "EFS": True}, management={"DynamoDB": True}),
        updates={
            "opt_in": put(opt_in={"S3": True}),
            "management": put(management={"DynamoDB": False}),
            "incremental": put(incremental={"DynamoDB": True}),
        },
        same={"fewer are named": put(opt_in={"S3": False}, management={})},
        altered=lambda aws: aws.call("UpdateRegionSettings", ResourceTypeOptInPreference={"S3": True, "RDS": False}),
        drift=("opt_in.S3", True, False),
        count=lambda _: 1,
        without=NEEDS_NOTHING | NAMES_NO_ROLE | ALWAYS_THERE | NO_TAGS,
    ),
    "global_settings": Example(
        thing=bk.GlobalSettings(cross_account_backup=True),
        service=organization,
        updates={
            "cross_account_backup": put(cross_account_backup=False),
            "mpa": put(mpa=True),
            "delegated_administrator": put(delegated_administrator=True),
        },
        same={"what AWS says anyway": put(mpa=False)},
        altered=lambda aws: aws.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "false"}),
        drift=("cross_account_backup", False, True),
        count=lambda _: 1,
        without=NEEDS_NOTHING | NAMES_NO_ROLE | ALWAYS_THERE | NO_TAGS | OF_THE_ACCOUNT,
    ),
    "tiering_configuration": Example(
        thing=TIERING,
        parents=(VAULT,),
        updates={
            "vault": put(vault="other"),
            "days": put(selections=(attrs.evolve(TIERING.selections[0], after_days=60),)),
            "resources": put(selections=(attrs.evolve(TIERING.selections[0], resources="*"),)),
            "selections": lambda thing: thing.after(days=120, resources="arn:aws:s3:::bucket-c"),
        },
        same={
            "order": put(
                selections=(
                    attrs.evolve(TIERING.selections[0], resources=("arn:aws:s3:::bucket-b", "arn:aws:s3:::bucket-a")),
                )
            )
        },
        gone=lambda aws: aws.call("DeleteTieringConfiguration", TieringConfigurationName="cheaper"),
        parent_gone=lambda aws: aws.call("DeleteBackupVault", BackupVaultName="prod"),
        altered=lambda aws: aws.call(
            "UpdateTieringConfiguration",
            TieringConfigurationName="cheaper",
            TieringConfiguration={
                "BackupVaultName": "elsewhere",
                "ResourceSelection": [
                    {
                        "Resources": ["arn:aws:s3:::bucket-a", "arn:aws:s3:::bucket-b"],
                        "TieringDownSettingsInDays": 90,
                        "ResourceType": "S3",
                    }
                ],
            },
        ),
        drift=("vault", "elsewhere", "prod"),
        arns=arns_of(ListBackupVaults="BackupVaultArn", ListTieringConfigurations="TieringConfigurationArn"),
        count=listed("ListTieringConfigurations", "TieringConfigurations"),
        without=NAMES_NO_ROLE | IN_PLACE,
    ),
    "legal_hold": Example(
        thing=HOLD,
        parents=(VAULT,),
        replaces={
            "description": put(description="Case 18"),
            "vaults": put(vaults=("prod", "other")),
            "resources": put(vaults=(), resources="arn:aws:s3:::bucket-a"),
            "from_date": put(from_date=START - timedelta(days=20)),
            "to_date": put(to_date=START - timedelta(days=2)),
            "no range": put(from_date=None, to_date=None),
        },
        same={
            "another time zone": put(
                from_date=(START - timedelta(days=30)).astimezone(None),
                to_date=(START - timedelta(days=1)).replace(microsecond=5),
            )
        },
        gone=cancel_hold,
        parent_gone=lambda aws: aws.call("DeleteBackupVault", BackupVaultName="prod"),
        altered=another_hold,
        drift=("description", "Case 18", "Case 17"),
        arns=arns_of(ListBackupVaults="BackupVaultArn", ListLegalHolds="LegalHoldArn"),
        count=standing_holds,
        without=NAMES_NO_ROLE | MADE_AGAIN,
    ),
}
