"""How the local service behaves where no source says how AWS does: one switch for each open point.

AWS documents neither side of these, or its documents disagree. Each default is the reading that most sources support;
switch one to see whether a program depends on it. Nothing here is a promise about AWS.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from backupkit.checks import either, instance, whole
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, located, quote, typed

__all__ = ["Choices", "must_be_choices"]


@attrs.frozen
class Choices:
    """Every open point, with the side that the local service takes.

    Example:
        >>> Choices(rule_ids_survive_update=False).plan_renames
        True

    Raises:
        InvalidValueError: A choice is of the wrong kind.
    """

    # Accounts
    default_vaults: bool = False
    """Accounts have the vaults that AWS makes by itself: Default, and with a file system EFS's automatic one."""

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
    """GetBackupPlan answers for a version of a deleted plan, with its DeletionDate; otherwise it is not found."""
    unsigned_plan_json_accepted: bool = True
    """GetBackupPlanFromJSON takes a document without a signature, written by hand; otherwise only an exported one."""
    templates_name_plan_and_vault: bool = True
    """GetBackupPlanFromTemplate names plan and vault, as the model says; otherwise neither, as a published answer."""

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
    """A second compliance lock in its grace time counts again from now; otherwise the first LockDate stays."""
    absent_lock_deletes: bool = True
    """Deleting a lock where there is none succeeds."""
    deprecated_events_accepted: bool = True
    """Notifications may name events that the guide calls deprecated."""
    policy_lists_collapse: bool = True
    """An access policy comes back with lists of one entry as that entry."""
    air_gapped_creation_seconds: float = 120.0
    """How long a logically air-gapped vault is CREATING."""
    policy_on_vault_covers_points: bool = True
    """A policy statement on the vault's ARN holds for its points, too; otherwise one on a point's ARN alone does."""
    foreign_grants_refused: bool = True
    """A policy that allows other accounts more than CopyIntoBackupVault is refused; otherwise it is kept, unheeded."""
    by_shared_lists_own_shares: bool = False
    """ListBackupVaults with ByShared shows the vaults that the caller shares, too; otherwise those of others alone."""
    restore_tests_reach_shared_vaults: bool = True
    """Restore testing takes the points of vaults that other accounts share, too; otherwise those of its own alone."""
    restore_access_heeds_source_policy: bool = False
    """The policy of the vault behind a restore access vault decides about calls through it, too; otherwise not."""
    restore_access_points_name_source: bool = False
    """Points seen through a restore access vault name the vault behind it; otherwise the restore access vault."""
    approval_seconds: float | None = None
    """After how long approval teams approve by themselves; None: never, and what is not approved fails after a day."""

    # The account
    manages_organization: bool = True
    """Accounts that were put into no organization form one, each as its management account; otherwise each is alone."""
    delegated_administrators_need_setting: bool = False
    """Delegated administrators see other accounts while isDelegatedAdministratorEnabled is true; otherwise always."""
    page_size: int = 100
    """Items of one page where the caller gives no MaxResults."""

    # Composites
    emptied_composite_is_deleted: bool = False
    """A composite goes with the last point nested in it; otherwise it stays for its retention (the guide says both)."""
    nested_shown_unasked: bool = True
    """Lists of jobs and of a vault's points show nested ones beside all others; otherwise only by their parent."""
    composite_members_air_gapped: bool = False
    """What is nested in a composite goes to the air-gapped vault that is asked for; otherwise where its parent goes."""
    eks_restore_needs_every_part: bool = True
    """Restoring a cluster fails when the restore of any part of it does; otherwise only when that of its state does."""
    eks_restores_unnamed_volumes: bool = False
    """Restoring a cluster restores nested points that ``nestedRestoreJobs`` does not name, too."""

    # Copies
    plans_copy_between_air_gapped: bool = False
    """A plan's copy from one air-gapped vault to another is made; otherwise it fails (the guide: on demand only)."""
    default_key_takes_no_copies: bool = False
    """Copies kept by their own service fail into vaults under aws/backup of other Regions, too, not only accounts."""
    copy_without_lifecycle_follows_source: bool = True
    """A copy action without a lifecycle keeps the copy as long as its source; otherwise forever."""

    # Legal holds
    legal_hold_change_seconds: float = 60.0
    """How long a legal hold is CREATING, and later CANCELING."""
    legal_holds_take_later_points: bool = False
    """An active hold takes points that are made after it, too; otherwise only those that were there."""
    legal_hold_criteria_intersect: bool = True
    """A hold on vaults and on resources takes what fits both; otherwise what fits either."""

    # Tiering
    tiering_vault_must_exist: bool = False
    """A tiering configuration for a vault that is not there is refused."""
    tiering_resources_unique: bool = False
    """A tiering configuration that names a resource twice is refused."""

    # Backup access points
    access_point_protects_at_once: bool = True
    """A backup access point keeps its point while it is CREATING; otherwise from AVAILABLE on."""
    access_point_needs_moment: bool = True
    """A backup access point for a continuous point needs AccessPointInTime (the model); otherwise now is taken."""
    access_point_policy_checked: bool = True
    """A malformed AccessPointPolicy is refused; otherwise its access point becomes FAILED."""

    # Restore testing
    restore_testing_update_merges_points: bool = False
    """UpdateRestoreTestingPlan merges RecoveryPointSelection member by member; otherwise it replaces it whole."""
    absent_restore_testing_plan_deletes: bool = True
    """Deleting a restore testing plan that is not there succeeds."""
    restore_testing_overrides_checked: bool = False
    """A test that overrides metadata which cannot be overridden fails; otherwise such keys are passed over."""
    validating_is_final: bool = False
    """A validation result of VALIDATING cannot be changed any more, like the others."""

    # Restores
    unknown_restore_keys_fail: bool | None = None
    """Restores with a metadata key that no page names fail; otherwise it is passed over. None: passed over for EFS."""
    skipped_objects_told: bool = False
    """A restore whose objects are all in the bucket already says that none match; otherwise it says nothing (S3)."""

    # What is told outside
    notifications_as_recorded: bool = True
    """A completed backup is notified in the words that others recorded; otherwise in those of the developer guide."""
    deprecated_events_notify: bool = False
    """A vault's notifications of events that the guide calls deprecated are sent (the model says they are not)."""
    started_when_created: bool = False
    """A job is notified as STARTED when it is made; otherwise when it runs."""
    copy_notifications_at_destination: bool = False
    """A copy job is notified to the topic of its destination vault; otherwise to that of its source vault."""
    cold_is_modified: bool = True
    """A move to cold storage is notified as RECOVERY_POINT_MODIFIED, like a change of the lifecycle."""
    metrics_without_dimensions: bool = False
    """Metrics are also told over all vaults and types together, without any dimension."""

    # Audit Manager
    frameworks_deploy: bool = True
    """The deployment of a framework completes; otherwise it ends FAILED, as where AWS Config is not set up."""
    framework_status: str = "ACTIVE"
    """The FrameworkStatus: what AWS Config records; INACTIVE and UNAVAILABLE frameworks find nothing."""
    scopes_tell_frameworks_apart: bool = True
    """Frameworks of the same controls and parameters may differ in scopes alone; otherwise the second is refused."""
    framework_repeats_controls: bool = True
    """A framework may hold one control several times; otherwise that is refused."""
    unknown_controls_accepted: bool = False
    """A framework may hold controls that the guide does not know, which find nothing; otherwise they are refused."""
    unknown_scope_types_accepted: bool = False
    """A control's scope may name types that the control does not evaluate; otherwise that is refused."""
    control_scopes_combine: bool = False
    """A control's scope may be types and a tag, and then both must fit; otherwise that is refused."""
    empty_scope_tag_takes_any_value: bool = True
    """A scope's tag with an empty value fits every value of its key; otherwise only the empty one."""
    controls_cover_every_type: bool = False
    """Controls evaluate resources of every type; otherwise of those that the guide's feature table marks."""
    controls_see_restore_tests: bool = True
    """Controls evaluate what restore tests made, too."""
    copy_controls_need_every_destination: bool = True
    """Copies must go to all Regions or accounts that a control names; otherwise one of them is enough."""
    lock_control_counts_copies: bool = False
    """Copies into a locked vault satisfy the control on locks, too; otherwise backups into it alone."""
    deletion_denied_by_several_statements: bool = False
    """What the control on manual deletion asks may be denied by several statements; otherwise one must deny all."""
    never_restored_misses_target: bool = False
    """A resource that was never restored misses its restore time target; otherwise it is not judged."""
    air_gap_control_sees_other_places: bool = False
    """Points in air-gapped vaults of other accounts and Regions satisfy that control, too."""

    # Reports
    report_keys_as_recorded: bool = True
    """Keys of reports are as others recorded them, with the account; otherwise as the model says (without it)."""
    reports_show_active_jobs: bool = True
    """Job reports show jobs that are under way, too, as the guide says; otherwise only those of their 24 hours."""
    job_reports_take_frameworks: bool = False
    """FrameworkArns may be given for a report on jobs, which passes them over; otherwise that is refused."""
    report_plan_changes_template: bool = False
    """UpdateReportPlan may change the template."""
    report_jobs_need_plan: bool = True
    """ListReportJobs of a plan that is not there is refused; otherwise it lists the jobs of plans that were."""

    # Indexes
    index_needs_role: bool = False
    """UpdateRecoveryPointIndexSettings needs an IamRoleArn (the operation's text says so, its shape does not)."""
    absent_index_deletes: bool = True
    """Disabling an index that is not there succeeds."""
    absent_index_not_found: bool = True
    """GetRecoveryPointIndexDetails of a point without an index is refused; otherwise it tells of the point alone."""
    deleted_index_told: bool = False
    """GetRecoveryPointIndexDetails still tells of a deleted index, without a status; otherwise it is not found."""
    index_of_other_types_refused: bool = True
    """StartBackupJob refuses an Index for a type that has none; otherwise it passes it over."""

    nested_points_followed: bool = True
    """IndexActions and ScanActions of a rule hold for the nested points of a composite, too."""

    # Scans
    continuous_points_scannable: bool = True
    """Continuous points of S3 can be scanned (the model says so, the guide of early 2026 does not)."""
    incremental_scan_needs_base: bool = True
    """An incremental StartScanJob needs a base; otherwise the newest scanned point before it is taken."""
    unscanned_moment_unknown: bool = True
    """GetPITRMalwareScanResults of a moment that no scan covers says UNKNOWN; otherwise the result is not found."""

    # Job summaries
    summaries_sum_what_is_not_asked: bool = True
    """A job summary sums over the states, types and categories that the call does not name; otherwise it shows each."""

    def __attrs_post_init__(self) -> None:
        found = [
            problem
            for field in attrs.fields(type(self))
            for problem in located(
                f"choices/{field.name}", _wrong(field.name, str(field.type), getattr(self, field.name))
            )
        ]
        if found:
            raise InvalidValueError(found)


_LONGEST_SECONDS = 36_500 * 86_400
_MOST_ITEMS = 1_000
_STATUSES = ("ACTIVE", "PARTIALLY_ACTIVE", "INACTIVE", "UNAVAILABLE")
"""What FrameworkStatus can be (botocore model, DescribeFramework)."""


def _wrong(name: str, kind: str, value: object) -> Iterable[Problem]:
    if value is None and kind.endswith("| None"):
        return ()
    if kind.startswith("bool"):
        return instance(bool)(value)
    if name == "page_size":
        return whole(1, _MOST_ITEMS, "items")(value)
    if kind == "str":
        return either(*_STATUSES)(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= _LONGEST_SECONDS:
        return ()
    return (Problem("", f"{quote(value)} is not a number of seconds", f"give 0 to {_LONGEST_SECONDS:,}"),)


def must_be_choices(choices: object, where: str) -> None:
    """Refuse what is not `Choices`; None is all of them as they are by default.

    Raises:
        InvalidValueError: It is something else.
    """
    if choices is not None and not isinstance(choices, Choices):
        what = f"{typed(choices)} is not bk.emulator.Choices"
        raise InvalidValueError(Problem(where, what, "give bk.emulator.Choices(...)"))
