"""Settings of a Region and of an organization, of which there is always one."""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.declare.settings import GlobalSettings, RegionSettings
from backupkit.problems import Problem, nearest, quote
from backupkit.provider.answers import inner
from backupkit.provider.kinds.kind import Kind
from backupkit.provider.kinds.observed import World

__all__ = ["GLOBAL_SETTINGS", "REGION_SETTINGS"]

_MEMBERS = {
    "opt_in": "ResourceTypeOptInPreference",
    "management": "ResourceTypeManagementPreference",
    "incremental": "ResourceTypeOptInIncremental",
}


def _checks(world: World, settings: RegionSettings) -> Iterator[Problem]:
    """Types that this Region does not have: AWS refuses them with a sentence that does not say which."""
    for seen in world.found(REGION_SETTINGS.word):
        for field, member in _MEMBERS.items():
            known = inner(seen.document, member)
            for name in getattr(settings, field):
                if known and name not in known:
                    yield Problem(
                        field, f"{quote(name)} is not a resource type that has this here", nearest(name, known)
                    )


REGION_SETTINGS = Kind(
    cls=RegionSettings, get="DescribeRegionSettings", id="", update="UpdateRegionSettings", checks=_checks
)

GLOBAL_SETTINGS = Kind(cls=GlobalSettings, get="DescribeGlobalSettings", id="", update="UpdateGlobalSettings")
