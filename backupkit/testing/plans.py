"""Strategies for plans."""

from __future__ import annotations

from hypothesis import strategies as st

from backupkit.declare.actions import BACKUP_OPTIONS, SCANNED_TYPES, AdvancedBackupSetting, ScanSetting
from backupkit.declare.plan import Plan
from backupkit.declare.rule import Rule
from backupkit.testing.arns import role_arns
from backupkit.testing.names import must_be_count, names, tags
from backupkit.testing.rules import rules
from backupkit.testing.selections import selections

__all__ = ["advanced_settings", "plans", "scan_settings"]


def advanced_settings() -> st.SearchStrategy[AdvancedBackupSetting]:
    """Advanced settings of EC2 and S3."""
    return st.sampled_from(sorted(BACKUP_OPTIONS)).flatmap(_settings_of)


def _settings_of(resource_type: str) -> st.SearchStrategy[AdvancedBackupSetting]:
    words = st.sampled_from(("enabled", "disabled"))
    options = st.dictionaries(st.sampled_from(BACKUP_OPTIONS[resource_type]), words)
    return st.builds(AdvancedBackupSetting, st.just(resource_type), options)


def scan_settings(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[ScanSetting]:
    """Scan settings."""
    types = st.lists(st.sampled_from(SCANNED_TYPES), min_size=1, unique=True).map(tuple)
    return st.builds(
        ScanSetting, resource_types=types, scanner_role_arn=role_arns(account_id=account_id, region_name=region_name)
    )


def plans(
    *, most_rules: int = 3, account_id: str | None = None, region_name: str | None = None
) -> st.SearchStrategy[Plan]:
    """Plans of 1 to ``most_rules`` rules, with selections and settings; with room for the tags of a stack.

    Raises:
        InvalidValueError: ``most_rules`` is not 1 to 100, or the account or the Region is none.
    """
    must_be_count("most_rules", most_rules, 1, 100, "rules")
    place = {"account_id": account_id, "region_name": region_name}
    return st.builds(
        Plan,
        names(200),
        rules=st.lists(rules(**place), min_size=1, max_size=most_rules, unique_by=lambda rule: rule.name).filter(
            _vaults_are_of_one_type
        ),
        selections=st.lists(selections(**place), max_size=2, unique_by=lambda selection: selection.name),
        advanced_settings=st.lists(advanced_settings(), max_size=2),
        scan_settings=st.lists(scan_settings(**place), max_size=1),
        tags=tags(40),
    )


def _vaults_are_of_one_type(drawn: list[Rule]) -> bool:
    gapped = {rule.air_gapped_vault.rpartition(":")[2] for rule in drawn if rule.air_gapped_vault is not None}
    return gapped.isdisjoint(rule.vault for rule in drawn)
