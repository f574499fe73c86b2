"""Strategies for logically air-gapped vaults, what restores from them, and access points."""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from datetime import UTC, datetime

from hypothesis import strategies as st

from backupkit.declare.access_point import AccessPoint
from backupkit.declare.air_gapped import AIR_GAPPED_MINIMUM_DAYS, AirGappedVault, RestoreAccessVault
from backupkit.declare.names import MAX_DAYS
from backupkit.testing.arns import arns, key_arns, vault_arns
from backupkit.testing.building import built
from backupkit.testing.names import tags, vault_names
from backupkit.testing.vaults import access_policies, notifications

__all__ = ["access_points", "air_gapped_vaults", "restore_access_vaults"]

_LOWER = string.ascii_lowercase + string.digits
_READERS = st.text(string.digits, min_size=12, max_size=12).map(
    lambda account: json.dumps(
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "s3:GetObject",
                "Resource": "*",
            }
        }
    )
)
_WORDS = st.text(string.ascii_letters + " ", min_size=1, max_size=40).filter(str.strip)


def air_gapped_vaults(
    *, account_id: str | None = None, region_name: str | None = None
) -> st.SearchStrategy[AirGappedVault]:
    """Logically air-gapped vaults with everything that may be on them; approval teams are of multi-party approval.

    Args:
        account_id: Of their keys, topics and teams, 12 digits; None: any.
        region_name: Of the same.
    """
    days = st.integers(AIR_GAPPED_MINIMUM_DAYS, MAX_DAYS)
    teams = arns("mpa", vault_names().map("approval-team/{}".format), account_id, region_name)
    members = st.fixed_dictionaries(
        {
            "key": st.none() | key_arns(account_id=account_id, region_name=region_name),
            "tags": tags(40),
            "policy": st.none() | access_policies(),
            "notifications": st.none() | notifications(account_id=account_id, region_name=region_name),
            "approval_team": st.none() | teams,
        }
    )
    return _air_gapped(vault_names(), st.tuples(days, days), members)


@st.composite
def _air_gapped(
    draw: st.DrawFn,
    names: st.SearchStrategy[str],
    bounds: st.SearchStrategy[tuple[int, int]],
    members: st.SearchStrategy[Mapping[str, object]],
) -> AirGappedVault:
    name, (shortest, longest) = draw(names), sorted(draw(bounds))
    return built(draw, AirGappedVault, name, min_days=shortest, max_days=longest, **draw(members))


def restore_access_vaults(*, region_name: str | None = None) -> st.SearchStrategy[RestoreAccessVault]:
    """Vaults through which this account restores from an air-gapped vault of any other, in the same Region."""
    return st.builds(
        RestoreAccessVault,
        vault_names(),
        source=vault_arns(region_name=region_name),
        comment=st.none() | _WORDS,
        tags=tags(40),
    )


def access_points(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[AccessPoint]:
    """Access points of snapshots, and of continuous points with a moment of the year 2025."""
    points = arns("backup", st.uuids().map("recovery-point:{}".format), account_id, region_name)
    year = st.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
    return st.builds(
        AccessPoint,
        st.text(_LOWER, min_size=3, max_size=50),
        point=points,
        at=st.none() | year.map(lambda moment: moment.replace(microsecond=0)),
        policy=st.none() | _READERS,
        tags=tags(40),
    )
