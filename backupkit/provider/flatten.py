"""The API's documents in one normal form: flat, so that fields compare one by one, and without the service's echoes.

What AWS fills in by itself, and what it echoes though nothing was sent, is here the same as nothing
(facts: botocore's model of AWS Backup, recorded responses, and what other clients had to learn).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence

import attrs

from backupkit.declare import (
    FOREVER,
    AdvancedBackupSetting,
    CopyAction,
    Declared,
    IndexAction,
    Lifecycle,
    Plan,
    Rule,
    ScanAction,
    ScanSetting,
)
from backupkit.declare.rule import DEFAULT_COMPLETION_MINUTES, DEFAULT_SCHEDULE, DEFAULT_START_MINUTES
from backupkit.provider.answers import Document, entries, inner, scalar, text, text_map, texts
from backupkit.provider.change import Leaf
from backupkit.provider.forms import Flat, Form, Item, numbered
from backupkit.wire.documents import member_name, members

__all__ = ["plan_form", "selection_form", "tag_form", "unknown_members"]

_UTC = "Etc/UTC"


@functools.cache
def _names(cls: type[Declared]) -> Mapping[str, str]:
    """What backupkit calls the API's members of ``cls``."""
    return {member_name(field): field.name for field in attrs.fields(cls)}


def tag_form(tags: Mapping[str, str]) -> Flat:
    """Tags, without those that AWS keeps for itself."""
    return {f"tags.{key}": value for key, value in sorted(tags.items()) if not key.lower().startswith("aws:")}


def plan_form(document: Document, settings: Sequence[Document] = ()) -> Form:
    """A plan.

    Args:
        document: The BackupPlan, as sent or as answered.
        settings: The AdvancedBackupSettings that GetBackupPlan answers beside it.
    """
    return Form(
        {"name": text(document, "BackupPlanName")},
        (
            *(Item("rule", text(rule, "RuleName"), _rule_form(rule)) for rule in entries(document, "Rules")),
            *map(_setting, entries(document, "AdvancedBackupSettings") or settings),
            *map(_scan_setting, entries(document, "ScanSettings")),
        ),
    )


def _setting(setting: Document) -> Item:
    return Item("advanced_settings", text(setting, "ResourceType"), Form(text_map(setting, "BackupOptions")))


def _scan_setting(setting: Document) -> Item:
    form: Flat = {
        "resource_types": texts(setting, "ResourceTypes"),
        "scanner_role_arn": text(setting, "ScannerRoleArn"),
    }
    return Item("scan_settings", text(setting, "MalwareScanner"), Form(form))


def _below(label: str, form: Flat) -> Flat:
    return {f"{label}/{path}": leaf for path, leaf in form.items()}


_RULE_DEFAULTS: dict[str, Leaf] = {
    "StartWindowMinutes": DEFAULT_START_MINUTES,
    "CompletionWindowMinutes": DEFAULT_COMPLETION_MINUTES,
}
_RULE_SCALARS: dict[str, type] = {
    "TargetBackupVaultName": str,
    "StartWindowMinutes": int,
    "CompletionWindowMinutes": int,
    "EnableContinuousBackup": bool,
    "TargetLogicallyAirGappedBackupVaultArn": str,
}


def _rule_form(rule: Document) -> Form:
    zone = text(rule, "ScheduleExpressionTimezone")
    flat: Flat = {
        "schedule": " ".join((text(rule, "ScheduleExpression") or DEFAULT_SCHEDULE).split()),
        "timezone": _UTC if zone in {"", "UTC"} else zone,
    }
    for member, kind in _RULE_SCALARS.items():
        leaf = scalar(rule, member, kind) or _RULE_DEFAULTS.get(member)
        if leaf is not None:
            flat[_names(Rule)[member]] = leaf
    flat.update(_below("lifecycle", _lifecycle_form(inner(rule, "Lifecycle"), forever_is_nothing=True)))
    flat.update({f"point_tags.{key}": value for key, value in text_map(rule, "RecoveryPointTags").items()})
    flat.update(_action_forms(rule))
    return Form(flat, tuple(map(_copy, entries(rule, "CopyActions"))))


_ARCHIVE = "OptInToArchiveForSupportedResources"


def _lifecycle_form(lifecycle: Document, *, forever_is_nothing: bool) -> Flat:
    """A lifecycle. -1 says "never" in a rule, as nothing does; in a copy it means the source's expiry."""
    flat: Flat = {}
    for member, name in _names(Lifecycle).items():
        leaf = scalar(lifecycle, member, bool if member == _ARCHIVE else int)
        if leaf is not None and not (forever_is_nothing and leaf == FOREVER):
            flat[name] = leaf
    return flat


def _copy(copy: Document) -> Item:
    arn = text(copy, "DestinationBackupVaultArn")
    lifecycle = _below("lifecycle", _lifecycle_form(inner(copy, "Lifecycle"), forever_is_nothing=False))
    return Item("copy", arn, Form({"vault": arn, **lifecycle}), arn.rpartition(":")[2])


def _action_forms(rule: Document) -> Flat:
    indexed = [each for action in entries(rule, "IndexActions") for each in texts(action, "ResourceTypes")]
    scans = [f"{text(a, 'MalwareScanner')} {text(a, 'ScanMode')}" for a in entries(rule, "ScanActions")]
    found = {"index_actions": numbered(indexed), "scan_actions": numbered(scans)}
    return {path: leaf for path, leaf in found.items() if leaf}


_TAG_PREFIX = "aws:ResourceTag/"


def selection_form(document: Document) -> Flat:
    """A selection, without its name: under which name it stands changes nothing about what it protects."""
    tags = {f"{_key(text(t, 'ConditionKey'))} = {text(t, 'ConditionValue')}" for t in entries(document, "ListOfTags")}
    conditions = {
        f"{_tag_key(text(c, 'ConditionKey'))} {operator} {text(c, 'ConditionValue')}"
        for operator in inner(document, "Conditions")
        for c in entries(inner(document, "Conditions"), operator)
    }
    flat: Flat = {
        "role": text(document, "IamRoleArn"),
        "resources": texts(document, "Resources"),
        "not_resources": texts(document, "NotResources"),
        "tags": tuple(sorted(tags)),
        "conditions": tuple(sorted(conditions)),
    }
    return {path: leaf for path, leaf in flat.items() if leaf}


def _tag_key(key: str) -> str:
    """The key of a condition; one without the API's prefix asks for no tag, and must not look as if it did."""
    return _key(key.removeprefix(_TAG_PREFIX)) if key.startswith(_TAG_PREFIX) else f"(no {_TAG_PREFIX}) {_key(key)}"


def _key(key: str) -> str:
    """A key that ends where it seems to: "a = b" is not the key "a" with a value that begins with "b"."""
    return json.dumps(key) if not key or " " in key or key[0] in '"(' else key


_COMPUTED: dict[type[Declared], frozenset[str]] = {
    Rule: frozenset({"RuleId"}),
    Lifecycle: frozenset({"DeleteAfterEvent"}),
}
"""Members that AWS adds and that are no input."""
_INSIDE: dict[type[Declared], dict[str, type[Declared]]] = {
    Plan: {"Rules": Rule, "AdvancedBackupSettings": AdvancedBackupSetting, "ScanSettings": ScanSetting},
    Rule: {"Lifecycle": Lifecycle, "CopyActions": CopyAction, "IndexActions": IndexAction, "ScanActions": ScanAction},
    CopyAction: {"Lifecycle": Lifecycle},
}


def unknown_members(cls: type[Declared], document: Document) -> tuple[str, ...]:
    """Paths of what AWS holds and backupkit does not know: writing the document again would drop it."""
    return tuple(dict.fromkeys(_unknown(cls, document)))


def _unknown(cls: type[Declared], document: Document) -> Iterator[str]:
    known = members(cls) | _COMPUTED.get(cls, frozenset())
    for member, value in document.items():
        if member not in known and not _blank(value):
            yield member
        kind = _INSIDE.get(cls, {}).get(member)
        if kind is not None:
            for each in (value,) if isinstance(value, Mapping) else entries(document, member):
                name = text(each, "RuleName")
                yield from (f"{f'rule.{name}' if name else member}/{path}" for path in _unknown(kind, each))


def _blank(value: object) -> bool:
    """Whether a member says nothing: an echo of what was never sent."""
    if isinstance(value, Mapping):
        return all(map(_blank, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(map(_blank, value))
    return not value
