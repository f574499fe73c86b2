"""The controls of Audit Manager: what they check, and of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal, TypeAlias

import attrs

from backupkit.arn import Arns, spelled
from backupkit.checks import (
    LONGEST_TEXT,
    LONGEST_WORD,
    arn_texts,
    every,
    instance,
    is_text,
    listed,
    optional,
    tag_key,
    tag_value,
    text_of,
    texts,
)
from backupkit.declare.control_facts import CONTROLS, ControlFacts
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags
from backupkit.declare.tags import Tags
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, label, located, nearest, quote, warning

__all__ = ["Control", "ControlParameter", "ControlScope", "TimeUnit"]

TimeUnit: TypeAlias = Literal["hours", "days"]
"""How a control counts time."""
_LONGEST_NAME, _LONGEST_ID = 256, 768
"""Characters of the name of a control, and of the id of a resource as AWS Config has it."""


@attrs.frozen(repr=False)
class ControlParameter(Declared):
    """One parameter of a control.

    Args:
        name: AWS's name of it, for example ``requiredRetentionDays``.
        value: Its value, which is always text in the API.
    """

    _KIND: ClassVar[str] = "parameter"
    _EXAMPLE: ClassVar[str] = 'bk.ControlParameter("requiredRetentionDays", "35")'

    name: str = attrs.field(metadata=flags(text_of(_LONGEST_NAME), wire="ParameterName"))
    value: str = attrs.field(metadata=flags(wire="ParameterValue"))

    def _summary(self) -> str:
        return f"{self.name} {self.value}"

    def _cross_field(self) -> Iterator[Problem]:
        # An empty value stands in what AWS reports, so it is one.
        if self.value != "":
            yield from located("value", text_of(LONGEST_TEXT)(self.value))


@attrs.frozen(kw_only=True, repr=False)
class ControlScope(Declared):
    """What a control evaluates: some resource types, what carries one tag, or one single resource.

    Args:
        resource_types: Names such as ``RDS``; any one is enough.
        resource_ids: The id of one resource; its type is then the one of ``resource_types``.
        tags: One tag; an empty value stands for any.

    Raises:
        InvalidValueError: Several kinds of scope at once, several tags, or several resources.
    """

    _KIND: ClassVar[str] = "scope"
    _EXAMPLE: ClassVar[str] = 'bk.ControlScope(resource_types=("RDS",))'

    resource_types: tuple[str, ...] = attrs.field(
        default=(), converter=texts, metadata=flags(every(text_of(LONGEST_WORD)), wire="ComplianceResourceTypes")
    )
    resource_ids: tuple[str, ...] = attrs.field(
        default=(), converter=texts, metadata=flags(every(text_of(_LONGEST_ID)), wire="ComplianceResourceIds")
    )
    tags: Tags = attrs.field(factory=Tags, converter=Tags)

    @property
    def kinds(self) -> frozenset[str]:
        """Which kinds of scope it uses: ``types``, ``tag``, ``resource``; none where it takes in everything."""
        single = "resource" if self.resource_ids else "types" if self.resource_types else ""
        return frozenset(filter(None, (single, "tag" if self.tags else "")))

    def _summary(self) -> str:
        return ", ".join(map(str, (*self.resource_types, *self.resource_ids, *(f"tag {key}" for key in self.tags))))

    def _cross_field(self) -> Iterator[Problem]:
        for key, text in self.tags.items():
            yield from located("tags", (*tag_key(key), *tag_value(text, key)))
        if len(self.tags) > 1:
            yield Problem("tags", f"{len(self.tags)} tags", "AWS takes one; repeat the control for the others")
        if len(self.resource_ids) > 1:
            what = f"{len(self.resource_ids)} resources"
            yield Problem("resource_ids", what, "AWS takes one; repeat the control for the others")
        if self.resource_ids and len(self.resource_types) != 1:
            yield Problem("resource_ids", "a resource without its one type", "write for_resource(type, id)")
        if self.tags and (self.resource_types or self.resource_ids):
            what = "resource types and a tag at once, which AWS refuses"
            yield Problem("", what, "use one of for_types, for_resource and for_tag; repeat the control for the other")

    def _warnings(self) -> Iterator[Problem]:
        if "" in self.tags.values():
            yield warning("tags", "the tag has no value, which the console refuses", "name the value")


def _parameters(
    given: Mapping[str, object] | Iterable[ControlParameter],
) -> tuple[ControlParameter, ...]:
    """In the order of their names: AWS does not keep the order."""
    found: Iterable[ControlParameter]
    if isinstance(given, Mapping):
        found = [ControlParameter(str(name), _text(value)) for name, value in given.items() if value is not None]
    else:
        found = listed(given, "control/parameters")
    return tuple(sorted(found, key=lambda each: str(getattr(each, "name", ""))))


def _text(given: object) -> str:
    value = spelled(given)
    # What is neither text nor a plain number is refused by the parameter itself.
    plain = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _WRITTEN_OUT
    return str(value) if plain else value  # type: ignore[return-value]


_WRITTEN_OUT = 10**18


def _joined(values: Arns) -> str | None:
    found = arn_texts(values)
    wrong = [
        Problem("control", f"{quote(each)} is not text that says something", "write it in quotes, or leave it out")
        for each in found
        if not is_text(each) or not each.strip()
    ]
    if wrong:
        raise InvalidValueError(wrong)
    return ",".join(found) or None


def _scope_or_none(scope: ControlScope | None) -> ControlScope | None:
    """None for a scope that takes in everything: AWS echoes an empty one."""
    return None if scope == ControlScope() else scope


@attrs.frozen(repr=False)
class Control(Declared):
    """A control of Audit Manager, made with the constructor of its name.

    It evaluates everything, unless `for_types`, `for_tag` or `for_resource` narrow it.

    Args:
        name: AWS's name of it. One that backupkit does not know is warned of.
        parameters: By AWS's names; every value is text in the API.
        scope: What it evaluates. None: everything.

    Raises:
        InvalidValueError: A parameter is not one of the control's, is missing or out of range, or the control does not
            take such a scope.

    Example:
        >>> Control.restore_time_for_resources_meet_target(max_restore_time=720).for_types("RDS").name
        'RESTORE_TIME_FOR_RESOURCES_MEET_TARGET'
    """

    _KIND: ClassVar[str] = "control"
    _EXAMPLE: ClassVar[str] = "bk.Control.recovery_point_encrypted()"

    name: str = attrs.field(metadata=flags(text_of(_LONGEST_NAME), wire="ControlName"))
    parameters: tuple[ControlParameter, ...] = attrs.field(
        default=(),
        converter=_parameters,
        metadata=flags(every(instance(ControlParameter)), wire="ControlInputParameters"),
    )
    scope: ControlScope | None = attrs.field(
        default=None,
        kw_only=True,
        converter=_scope_or_none,
        metadata=flags(optional(instance(ControlScope)), wire="ControlScope"),
    )

    @classmethod
    def resources_protected_by_backup_plan(cls) -> Control:
        """Resources are in a backup plan."""
        return cls("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN")

    @classmethod
    def plan_min_frequency_and_min_retention_check(
        cls,
        *,
        required_frequency_unit: TimeUnit = "days",
        required_frequency_value: int = 1,
        required_retention_days: int = 35,
    ) -> Control:
        """Backup plans have a rule that backs up often enough and keeps long enough.

        Args:
            required_frequency_unit: ``hours`` or ``days``.
            required_frequency_value: So many, at most, from one backup to the next: 1 to 24 hours, or 1 to 31 days.
            required_retention_days: So many days, at least, points are kept.
        """
        return cls(
            "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
            {
                "requiredFrequencyUnit": required_frequency_unit,
                "requiredFrequencyValue": required_frequency_value,
                "requiredRetentionDays": required_retention_days,
            },
        )

    @classmethod
    def recovery_point_manual_deletion_disabled(cls, *, principal_arn_list: Arns = ()) -> Control:
        """Vaults have an access policy under which nobody deletes points or makes them expire sooner.

        Args:
            principal_arn_list: Up to 5 ARNs of IAM principals that may.
        """
        return cls("BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED", {"principalArnList": _joined(principal_arn_list)})

    @classmethod
    def recovery_point_encrypted(cls) -> Control:
        """Points are encrypted."""
        return cls("BACKUP_RECOVERY_POINT_ENCRYPTED")

    @classmethod
    def recovery_point_minimum_retention_check(cls, *, required_retention_days: int = 35) -> Control:
        """Points are kept so many days at least."""
        return cls("BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK", {"requiredRetentionDays": required_retention_days})

    @classmethod
    def resources_protected_by_cross_region(cls, *, cross_region_list: Iterable[str] = ()) -> Control:
        """Resources are in a plan that copies to another Region.

        Args:
            cross_region_list: To which ones. None: any will do.
        """
        return cls("BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION", {"crossRegionList": _joined(cross_region_list)})

    @classmethod
    def resources_protected_by_cross_account(cls, *, cross_account_list: Iterable[str] = ()) -> Control:
        """Resources are in a plan that copies to another account of the organization.

        Args:
            cross_account_list: To which ones, up to 5 ids. None: any will do.
        """
        return cls("BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT", {"crossAccountList": _joined(cross_account_list)})

    @classmethod
    def resources_protected_by_backup_vault_lock(
        cls, *, min_retention_days: int | None = None, max_retention_days: int | None = None
    ) -> Control:
        """Resources are backed up into a locked vault.

        Args:
            min_retention_days: The lock's shortest retention is this or longer.
            max_retention_days: The lock's longest retention is this or shorter.
        """
        bounds = {"minRetentionDays": min_retention_days, "maxRetentionDays": max_retention_days}
        return cls("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK", bounds)

    @classmethod
    def last_recovery_point_created(
        cls, *, recovery_point_age_value: int = 1, recovery_point_age_unit: TimeUnit = "days"
    ) -> Control:
        """Resources have a point that is not older.

        Args:
            recovery_point_age_value: 1 to 744 hours, or 1 to 31 days.
            recovery_point_age_unit: ``hours`` or ``days``.
        """
        age = {"recoveryPointAgeUnit": recovery_point_age_unit, "recoveryPointAgeValue": recovery_point_age_value}
        return cls("BACKUP_LAST_RECOVERY_POINT_CREATED", age)

    @classmethod
    def restore_time_for_resources_meet_target(cls, *, max_restore_time: int) -> Control:
        """Restores of resources take at most ``max_restore_time`` minutes."""
        return cls("RESTORE_TIME_FOR_RESOURCES_MEET_TARGET", {"maxRestoreTime": max_restore_time})

    @classmethod
    def resources_in_logically_air_gapped_vault(
        cls, *, recovery_point_age_value: int = 7, recovery_point_age_unit: TimeUnit = "days"
    ) -> Control:
        """Resources have a point in an air-gapped vault that is not older.

        Args:
            recovery_point_age_value: 24 to 2,184 hours, or 1 to 91 days; AWS advises 7 days or more.
            recovery_point_age_unit: ``hours`` or ``days``.
        """
        age = {"recoveryPointAgeUnit": recovery_point_age_unit, "recoveryPointAgeValue": recovery_point_age_value}
        return cls("RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT", age)

    def for_types(self, *resource_types: str) -> Control:
        """Of these resource types only, by the names that AWS Backup has for them, such as ``RDS``."""
        with self._placing():
            scope = ControlScope(resource_types=resource_types)
        return attrs.evolve(self, scope=scope)

    def for_tag(self, key: str, value: str) -> Control:
        """Of what carries this tag only."""
        with self._placing():
            if wrong := tuple(tag_key(key)):
                raise InvalidValueError(located("scope/tags", wrong))
            scope = ControlScope(tags={key: value})
        return attrs.evolve(self, scope=scope)

    def for_resource(self, resource_type: str, resource_id: str) -> Control:
        """Of this one resource only."""
        with self._placing():
            scope = ControlScope(resource_types=(resource_type,), resource_ids=(resource_id,))
        return attrs.evolve(self, scope=scope)

    @property
    def _facts(self) -> ControlFacts | None:
        return CONTROLS.get(self.name)

    @property
    def _given(self) -> dict[str, str]:
        return {each.name: each.value for each in self.parameters}

    def _summary(self) -> str:
        described = (*self.parameters, *([self.scope] if isinstance(self.scope, ControlScope) else []))
        return " ".join((str(self.name), *(f"({each._summary()})" for each in described)))  # noqa: SLF001 - our own kind

    def _cross_field(self) -> Iterator[Problem]:
        names = [each.name for each in self.parameters]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem(f"parameters/{label(name)}", f"{names.count(name)} values", "give one")
        facts = self._facts
        if facts is not None and all(map(Declared.is_sound, self.parameters)):
            yield from self._parameter_problems(facts)
            yield from self._scope_problems(facts)

    def _parameter_problems(self, facts: ControlFacts) -> Iterator[Problem]:
        sound = True
        for name, value in self._given.items():
            rule = facts.parameters.get(name)
            others = [f"Control.{_constructor(each)}" for each, there in CONTROLS.items() if name in there.parameters]
            if rule is not None and not rule.admits(value):
                sound = False
                yield Problem(f"parameters/{label(name)}", f"{quote(value)} is out of range", f"use {rule.words}")
            elif rule is None and others:
                what = f"{self.name} does not have it"
                yield Problem(f"parameters/{label(name)}", what, f"give it to {' or '.join(others)}")
        for name in facts.required:
            if name not in self._given:
                yield Problem(f"parameters/{name}", "it is missing", f"use {facts.parameters[name].words}")
        if sound:
            for name, words in facts.conflicts(self._given):
                value = {**facts.defaults, **self._given}[name]
                yield Problem(f"parameters/{name}", f"{quote(value)} is out of range", f"use {words}")

    def _scope_problems(self, facts: ControlFacts) -> Iterator[Problem]:
        scope = self.scope
        if scope is None or not scope.is_sound():
            return
        # To name the one type that a control evaluates anyway narrows nothing.
        kinds = scope.kinds - ({"types"} if scope.resource_types == (facts.type,) else set())
        for kind in sorted(kinds - facts.scopes):
            taken = ", ".join(verb for known, verb in _VERBS.items() if known in facts.scopes)
            yield Problem("scope", f"{self.name} cannot be narrowed to {_KINDS[kind]}", f"use {taken} or nothing")
        if facts.type and scope.resource_types not in {(), (facts.type,)} and not kinds - facts.scopes:
            what = f"{self.name} does not evaluate {', '.join(map(quote, scope.resource_types))}"
            yield Problem("scope/resource_types", what, f"write {facts.type!r}")

    def _warnings(self) -> Iterator[Problem]:
        facts = self._facts
        if facts is None:
            yield warning(
                "name", f"{quote(self.name)} is not a control that backupkit knows", nearest(self.name, CONTROLS)
            )
            return
        from backupkit.catalog import TYPES  # noqa: PLC0415 - who declares no control does not pay

        types = self.scope.resource_types if self.scope is not None else ()
        for each in types if not facts.type else ():
            if each not in TYPES:
                what = f"{quote(each)} is not a resource type that backupkit knows"
                yield warning("scope/resource_types", what, nearest(each, TYPES))
        for name in self._given:
            if name not in facts.parameters:
                hint = nearest(name, facts.parameters) if facts.parameters else "leave it out"
                yield warning(f"parameters/{label(name)}", f"{self.name} does not have it as far as is known", hint)


_KINDS = {"types": "resource types", "tag": "a tag", "resource": "a single resource"}
_VERBS = {"types": "for_types", "tag": "for_tag", "resource": "for_resource"}


def _constructor(name: str) -> str:
    return name.removeprefix("BACKUP_").lower()
