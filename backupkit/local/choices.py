"""How the local service behaves where no source says how AWS does: one switch for each open point.

AWS documents neither side of these, or its documents disagree. Each default is the reading that most sources support;
switch one to see whether a program depends on it. Nothing here is a promise about AWS.
"""

from __future__ import annotations

import attrs

__all__ = ["Choices"]


@attrs.frozen
class Choices:
    """Every open point, with the side that the local service takes.

    Example:
        >>> Choices(rule_ids_survive_update=False).plan_renames
        True
    """

    # Plans
    same_token_returns_plan: bool = True
    """CreateBackupPlan with a known CreatorRequestId answers the existing plan; otherwise the document decides."""
    plan_renames: bool = True
    """UpdateBackupPlan may change the plan's name (the API and CloudFormation can, the guide says no)."""
    identical_update_makes_version: bool = True
    """UpdateBackupPlan with the document that is there already makes a new version; otherwise it is refused."""
    rule_ids_survive_update: bool = True
    """A rule that keeps its name keeps its RuleId over an update."""
    rule_names_unique: bool = True
    """Two rules of one name in a plan are refused."""
    empty_rules_accepted: bool = False
    """A plan without rules is accepted."""
    target_vault_must_exist: bool = False
    """A plan that names a vault that is not there is refused; otherwise its jobs fail."""
    bare_cron_accepted: bool = False
    """A schedule may be the body of ``cron(...)`` alone."""
    deleted_plan_readable: bool = True
    """GetBackupPlan answers for a deleted plan, with its DeletionDate; otherwise the plan is not found."""
    continuous_needs_retention: bool = True
    """A continuous rule without DeleteAfterDays is refused."""

    # Selections
    selection_names_unique: bool = False
    """Two selections of one name in a plan are refused."""
    wildcard_anywhere: bool = True
    """``*`` matches anywhere in an ARN of a selection; otherwise only at its end."""
    missing_tag_differs: bool = True
    """StringNotEquals and StringNotLike hold for a resource without that tag."""

    # Vaults
    lock_put_replaces: bool = True
    """A second lock configuration replaces the first whole; otherwise what it leaves out stays."""
    lock_put_restarts_grace: bool = True
    """A second compliance lock in its grace time counts anew from now; otherwise the first LockDate stays."""
    absent_lock_deletes: bool = True
    """Deleting a lock where there is none succeeds."""
    deprecated_events_accepted: bool = True
    """Notifications may name events that the guide calls deprecated."""
    policy_lists_collapse: bool = True
    """An access policy comes back with lists of one entry as that entry."""
    air_gapped_creation_seconds: float = 120.0
    """How long a logically air-gapped vault is CREATING."""

    # The account
    manages_organization: bool = True
    """The account may read and write global settings, as the management account of an organization."""
    page_size: int = 100
    """Items of one page where the caller gives no MaxResults."""

    # Copies
    copy_without_lifecycle_follows_source: bool = True
    """A copy action without a lifecycle keeps the copy as long as its source; otherwise for ever."""

    # Legal holds
    legal_hold_change_seconds: float = 60.0
    """How long a legal hold is CREATING, and later CANCELING."""
    legal_holds_take_later_points: bool = False
    """An active hold takes points that are made after it, too; otherwise only those that were there."""
    legal_hold_criteria_intersect: bool = True
    """A hold on vaults and on resources takes what fits both; otherwise what fits either."""
    bare_legal_hold_takes_all: bool = True
    """A hold without vaults, resources and dates takes every point; otherwise none."""
    legal_hold_vaults_must_exist: bool = False
    """A hold on a vault that is not there is refused."""

    # Restore testing
    drill_update_merges_points: bool = False
    """UpdateRestoreTestingPlan merges RecoveryPointSelection member by member; otherwise it replaces it whole."""
    absent_drill_plan_deletes: bool = True
    """Deleting a restore testing plan that is not there succeeds."""
    drill_conditions_take_bare_keys: bool = True
    """A tag condition of restore testing may name the bare key; otherwise only ``aws:ResourceTag/`` keys match."""
    drill_overrides_checked: bool = False
    """A test that overrides metadata which cannot be overridden fails; otherwise such keys are passed over."""
    drill_outlives_selection: bool = False
    """A test that is drawn and not yet started goes on when its selection is deleted."""
    validating_is_final: bool = False
    """A validation result of VALIDATING cannot be changed any more, like the others."""

    # Job summaries
    summaries_sum_what_is_not_asked: bool = True
    """A job summary sums over the states, types and categories that the call does not name; otherwise it shows each."""
    summary_period: str = "ONE_DAY"
    """The AggregationPeriod of a call that gives none."""
    summaries_count_today: bool = True
    """The last day of a job summary is today (UTC); otherwise yesterday."""
    summary_page_limit: int = 500
    """The most that MaxResults may ask of a job summary (the guide says 500, the model 1000)."""
