"""Restore testing: which points are restored for a test, when, and how."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import ClassVar, TypeAlias

import attrs

from backupkit.arn import ROLE, VAULT, Arn, arn_text
from backupkit.checks import (
    LONGEST_WORD,
    RESOURCE_TAGS,
    arn_of,
    arn_texts,
    at_most,
    either,
    every,
    instance,
    is_text,
    listed,
    matches,
    optional,
    tags_within,
    text_of,
    texts,
    whole,
)
from backupkit.declare.air_gapped import AirGappedVault
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags
from backupkit.declare.names import RESTORE_TESTING_NAME
from backupkit.declare.overrides import check_overrides, normal_overrides, override_warnings, written
from backupkit.declare.selection import TagCondition
from backupkit.declare.tags import Tags
from backupkit.declare.thing import Thing
from backupkit.declare.vault import Vault
from backupkit.problems import Problem, counted, label, nearest, quote, warning
from backupkit.schedule import Schedule

__all__ = ["ALGORITHMS", "POINT_TYPES", "TESTED_TYPES", "RestoreTestingPlan", "RestoreTestingSelection", "tested_type"]

ALGORITHMS = ("LATEST_WITHIN_WINDOW", "RANDOM_WITHIN_WINDOW")
"""Which of a resource's points is taken (botocore model)."""
POINT_TYPES = ("CONTINUOUS", "SNAPSHOT")
"""What can be tested (botocore model)."""
TESTED_TYPES = ("Aurora", "DocumentDB", "DynamoDB", "EBS", "EC2", "EFS", "FSx", "Neptune", "RDS", "S3")
"""Types that can be tested (botocore model, RestoreTestingSelectionForCreate)."""
_MOST_SELECTIONS, _MOST_VAULTS, _MOST_ARNS, _MOST_CONDITIONS = 30, 30, 30, 30
_MOST_WINDOW_DAYS, _MOST_HOURS = 365, 168
_OPERATORS = ("StringEquals", "StringNotEquals")
_VAULT_SELECTOR = re.compile(r"\*|arn:[^:\s]+:backup:[^:\s]*:[^:\s]*:backup-vault:\S+")
_SPECIFIC_ARN = re.compile(r"arn:[^:\s*]+:[^:\s*]+:[^:\s*]*:[^:\s*]*:[^\s*]+")
_ALL = ("*",)
_Tested: TypeAlias = str | Arn | Vault | AirGappedVault
_TAG_KEY = "aws:ResourceTag/"


def _schedule(schedule: Schedule | str) -> Schedule:
    return Schedule(schedule) if isinstance(schedule, str) else schedule


def _vaults(vaults: _Tested | Iterable[_Tested]) -> tuple[str, ...]:
    if isinstance(vaults, (str, Arn, Vault, AirGappedVault)):
        return (_selector(vaults),)
    return tuple(_selector(each) for each in listed(vaults, "restore_testing_plan/vaults"))


def _selector(vault: _Tested) -> str:
    # A plan tests in its own account and Region alone, so that wildcards for them name one vault.
    if isinstance(vault, (Vault, AirGappedVault)):
        return f"arn:aws:backup:*:*:backup-vault:{vault.name}"
    return arn_text(vault)  # the check refuses others


def _vault_selector(value: object) -> Iterator[Problem]:
    if not isinstance(value, str) or not _VAULT_SELECTOR.fullmatch(value):
        yield Problem(
            "",
            f"{quote(value)} is neither * nor the ARN of a backup vault, in which * stands for anything",
            f"give a Vault, or write {VAULT.example!r}",
        )


def _selections(selections: Iterable[RestoreTestingSelection]) -> tuple[RestoreTestingSelection, ...]:
    return listed(selections, "restore_testing_plan/selections")


def _conditions(conditions: Iterable[TagCondition]) -> tuple[TagCondition, ...]:
    return listed(conditions, "selection/conditions")


def _encoded(conditions: tuple[TagCondition, ...]) -> dict[str, list[dict[str, str]]] | None:
    """The conditions as AWS takes them, grouped by operator; None where there are none."""
    groups: dict[str, list[dict[str, str]]] = {}
    for condition in conditions:
        groups.setdefault(condition.operator, []).append({"Key": _TAG_KEY + condition.key, "Value": condition.value})
    return groups or None


def tested_type(value: object) -> Iterator[Problem]:
    """A type that restore testing takes, or may take by now."""
    if not is_text(value) or any(text_of(LONGEST_WORD)(value)):
        yield Problem("", f"{quote(value)} is not a resource type", f"use some of {', '.join(TESTED_TYPES)}")
    elif value not in TESTED_TYPES and value.casefold() in {each.casefold() for each in TESTED_TYPES}:
        yield Problem("", f"{quote(value)} is not how AWS spells the type", nearest(value, TESTED_TYPES))
    elif value not in TESTED_TYPES:
        from backupkit.catalog import TYPES  # noqa: PLC0415 - who tests no restores does not pay for the catalog

        hint = f"use some of {', '.join(TESTED_TYPES)}" if value in TYPES else nearest(value, TESTED_TYPES)
        yield warning("", f"{quote(value)} is not a type that restore testing is known to take", hint)


@attrs.frozen(repr=False)
class RestoreTestingSelection(Declared):
    """What one part of a restore testing plan restores, of one type, and as whom.

    Args:
        name: 1 to 50 letters, digits and _; unique in its plan.
        resource_type: AWS Backup's word for the type, for example ``RDS``.
        role: The ARN of the role that AWS Backup takes on for the restores.
        resources: ARNs, up to 30, or ``("*",)`` for every resource of the type.
        conditions: Tags that a resource's latest point must have or not have, up to 30; only with ``("*",)``. Made with
            ``bk.tag("Environment").equals("production")`` and ``.differs(...)``.
        overrides: Restore metadata in place of what AWS infers. Lists and mappings are written as JSON, booleans as
            ``true`` and ``false``. AWS looks at them when it restores, not before. Never shown.
        validation_window_hours: Hours, 0 to 168, for which what was restored is kept so that it can be checked.
            None: it is deleted right away.

    Raises:
        InvalidValueError: Something AWS would refuse.
    """

    _KIND: ClassVar[str] = "selection"
    _EXAMPLE: ClassVar[str] = f'bk.RestoreTestingSelection("databases", resource_type="RDS", role="{ROLE.example}")'

    name: str = attrs.field(
        metadata=flags(matches(RESTORE_TESTING_NAME), wire="RestoreTestingSelectionName", replaces=True)
    )
    resource_type: str = attrs.field(
        kw_only=True, metadata=flags(tested_type, wire="ProtectedResourceType", replaces=True)
    )
    role: str = attrs.field(kw_only=True, converter=arn_text, metadata=flags(arn_of(ROLE), wire="IamRoleArn"))
    resources: tuple[str, ...] = attrs.field(
        default=_ALL, kw_only=True, converter=arn_texts, metadata=flags(wire="ProtectedResourceArns")
    )
    conditions: tuple[TagCondition, ...] = attrs.field(
        default=(),
        kw_only=True,
        converter=_conditions,
        metadata=flags(
            every(instance(TagCondition)),
            wire="ProtectedResourceConditions",
            encode=_encoded,
            cleared={operator: [] for operator in _OPERATORS},
        ),
    )
    # AWS's model marks it sensitive.
    overrides: Tags = attrs.field(
        factory=Tags,
        kw_only=True,
        converter=written,
        metadata=flags(check_overrides, wire="RestoreMetadataOverrides", normal=normal_overrides, cleared={}),
    )
    validation_window_hours: int | None = attrs.field(
        default=None, kw_only=True, metadata=flags(optional(whole(0, _MOST_HOURS, "hours")), assumed=0, cleared=0)
    )

    def where(self, *conditions: TagCondition) -> RestoreTestingSelection:
        """Only resources for whose latest point all of these hold."""
        return attrs.evolve(self, conditions=(*self.conditions, *conditions))

    def _summary(self) -> str:
        many = "every" if self.resources == _ALL else f"{len(self.resources)} of"
        what = f"{many} {self.resource_type}"
        return f"{what}, {counted(len(self.conditions), 'condition')}" if self.conditions else what

    def _cross_field(self) -> Iterator[Problem]:
        yield from self._resource_problems()
        if self.conditions and self.resources != _ALL:
            yield Problem(
                "conditions", "AWS takes conditions only beside all resources", 'drop resources=, or give ("*",)'
            )
        if len(self.conditions) > _MOST_CONDITIONS:
            yield Problem(
                "conditions",
                f"{len(self.conditions)} conditions",
                f"AWS takes at most {_MOST_CONDITIONS} in one selection",
            )
        for condition in self.conditions:
            if condition.operator not in _OPERATORS:
                yield Problem(
                    f"conditions/{condition.address}",
                    f"restore testing does not know {condition.operator}",
                    "use equals() or differs()",
                )

    def _resource_problems(self) -> Iterator[Problem]:
        if not self.resources:
            yield Problem("resources", "selects nothing, which AWS refuses", 'name ARNs, or give ("*",)')
        if len(self.resources) > _MOST_ARNS:
            yield Problem(
                "resources", f"{len(self.resources)} ARNs", f"AWS takes at most {_MOST_ARNS}; split the selection"
            )
        for arn in self.resources if self.resources != _ALL else ():
            if not is_text(arn) or not _SPECIFIC_ARN.fullmatch(arn):
                yield Problem(
                    "resources", f"{quote(arn)} is not the ARN of one resource", 'name one, or give ("*",) alone'
                )

    def _warnings(self) -> Iterator[Problem]:
        yield from override_warnings(self.resource_type, self.resources, self.overrides)


@attrs.frozen(repr=False)
class RestoreTestingPlan(Thing):
    """A restore testing plan: points are restored by themselves, checked if somebody checks them, and deleted.

    Args:
        name: 1 to 50 letters, digits and _.
        schedule: When tests begin: a `Schedule`, or AWS's ``cron(...)`` in UTC.
        vaults: Vaults whose points are tested, up to 30: their ARNs, in which ``*`` stands for anything, ``*``, or the
            `Vault` or `AirGappedVault` itself, which is read as an ARN of the partition aws.
        exclude_vaults: Vaults that are left out, up to 30.
        algorithm: Which point of a resource: ``LATEST_WITHIN_WINDOW`` or ``RANDOM_WITHIN_WINDOW``.
        point_types: ``SNAPSHOT``, ``CONTINUOUS`` or both.
        selection_window_days: How old a point may be, 1 to 365 days, counted from the test. None: 30, as AWS fills in.
        start_window_hours: Hours in which a test starts at a random moment, 1 to 168. None: 24, as AWS fills in.
        selections: What is restored, up to 30.
        tags: Up to 50.

    Raises:
        InvalidValueError: Something AWS would refuse.

    Example:
        >>> RestoreTestingPlan("weekly", schedule="cron(0 6 ? * 1 *)", vaults="*").schedule.describe()
        'on Sundays at 06:00 (UTC)'
    """

    _KIND: ClassVar[str] = "restore_testing_plan"
    _EXAMPLE: ClassVar[str] = 'bk.RestoreTestingPlan("weekly", schedule="cron(0 6 ? * 1 *)", vaults="*")'

    name: str = attrs.field(metadata=flags(matches(RESTORE_TESTING_NAME), wire="RestoreTestingPlanName", replaces=True))
    schedule: Schedule = attrs.field(kw_only=True, converter=_schedule, metadata=flags(instance(Schedule)))
    vaults: tuple[str, ...] = attrs.field(
        kw_only=True,
        converter=_vaults,
        metadata=flags(
            every(_vault_selector), at_most(_MOST_VAULTS, "vaults"), wire="RecoveryPointSelection/IncludeVaults"
        ),
    )
    exclude_vaults: tuple[str, ...] = attrs.field(
        default=(),
        kw_only=True,
        converter=_vaults,
        metadata=flags(
            every(_vault_selector), at_most(_MOST_VAULTS, "vaults"), wire="RecoveryPointSelection/ExcludeVaults"
        ),
    )
    algorithm: str = attrs.field(
        default=ALGORITHMS[0],
        kw_only=True,
        metadata=flags(either(*ALGORITHMS), wire="RecoveryPointSelection/Algorithm"),
    )
    point_types: tuple[str, ...] = attrs.field(
        default=POINT_TYPES,
        kw_only=True,
        converter=texts,
        metadata=flags(every(either(*POINT_TYPES)), wire="RecoveryPointSelection/RecoveryPointTypes"),
    )
    selection_window_days: int | None = attrs.field(
        default=None,
        kw_only=True,
        metadata=flags(
            optional(whole(1, _MOST_WINDOW_DAYS, "days")), wire="RecoveryPointSelection/SelectionWindowDays", assumed=30
        ),
    )
    start_window_hours: int | None = attrs.field(
        default=None, kw_only=True, metadata=flags(optional(whole(1, _MOST_HOURS, "hours")), assumed=24, cleared=24)
    )
    selections: tuple[RestoreTestingSelection, ...] = attrs.field(
        default=(),
        kw_only=True,
        converter=_selections,
        metadata=flags(every(instance(RestoreTestingSelection)), document=False),
    )
    tags: Tags = attrs.field(
        factory=Tags, converter=Tags, kw_only=True, metadata=flags(tags_within(RESOURCE_TAGS), document=False)
    )

    def testing(self, *selections: RestoreTestingSelection) -> RestoreTestingPlan:
        """Restoring these as well."""
        return attrs.evolve(self, selections=(*self.selections, *selections))

    def _summary(self) -> str:
        when = self.schedule.describe() if isinstance(self.schedule, Schedule) else quote(self.schedule)
        return f"{when}, {counted(len(self.selections), 'selection')}"

    def _cross_field(self) -> Iterator[Problem]:
        if not self.vaults:
            yield Problem("vaults", "no vaults", 'name at least one, or give "*"')
        if not self.point_types:
            yield Problem("point_types", "no types of points", f"name {' or '.join(POINT_TYPES)}")
        for name, times in Counter(each.name for each in self.selections if isinstance(each.name, str)).items():
            if times > 1:
                yield Problem(f"selection.{label(name)}", f"{times} selections carry this name", "name each once")

    def _warnings(self) -> Iterator[Problem]:
        if not self.schedule.comes:
            what = f"nothing ever starts: {self.schedule.describe()}"
            yield warning("schedule", what, "name days that come, for example cron(0 5 L * ? *)")
        if not self.selections:
            yield warning("selections", "nothing is selected, so nothing is tested", "say testing(...)")
        if len(self.selections) > _MOST_SELECTIONS:
            yield warning(
                "selections", f"{len(self.selections)} selections", f"AWS's quota is {_MOST_SELECTIONS} a plan"
            )
        if "*" in self.vaults and len(self.vaults) > 1:
            yield warning("vaults", "* takes all vaults already", "drop the others")
