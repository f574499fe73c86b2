"""Report plans of Audit Manager: which report goes to which bucket."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar

import attrs

from backupkit.arn import FRAMEWORK, REGION, Arn, arn_text
from backupkit.checks import (
    LONGEST_WORD,
    RESOURCE_TAGS,
    Check,
    Pattern,
    at_most,
    either,
    every,
    listed,
    matches,
    optional,
    tags_within,
    text_of,
    texts,
)
from backupkit.declare.declared import TAGS_BESIDE
from backupkit.declare.fields import flags
from backupkit.declare.framework import Framework
from backupkit.declare.names import AUDIT_NAME, is_description
from backupkit.declare.tags import Tags
from backupkit.declare.thing import Thing
from backupkit.problems import Problem, nearest, quote, warning

__all__ = ["ReportPlan"]

_COMPLIANCE = ("RESOURCE_COMPLIANCE_REPORT", "CONTROL_COMPLIANCE_REPORT")
TEMPLATES = (*_COMPLIANCE, "BACKUP_JOB_REPORT", "COPY_JOB_REPORT", "RESTORE_JOB_REPORT", "SCAN_JOB_REPORT")
"""Every template of the API's texts (botocore model, ReportSetting), which leaves the names open."""
_FORMATS = ("CSV", "JSON")
_MOST_FRAMEWORKS = 1_000
_LONGEST_KEY = 1_024
"""Characters of the key of an object in S3 (S3 user guide)."""
_BUCKET = Pattern(
    "bucket name", r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "3 to 63 lower-case letters, digits, . and -; not an ARN"
)
_UNIT = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")


def _framework_names(frameworks: Iterable[Framework | Arn | str] | Framework | Arn | str) -> tuple[str, ...]:
    """ARNs, and names of frameworks of the same account and Region."""
    if isinstance(frameworks, (str, Arn, Framework)):
        frameworks = (frameworks,)
    given = listed(frameworks, "report_plan/frameworks")
    return tuple(each.name if isinstance(each, Framework) else arn_text(each) for each in given)


def _is_framework(value: object) -> Iterator[Problem]:
    if not AUDIT_NAME.admits(value) and not FRAMEWORK.admits(value):
        what = f"{quote(value)} is neither the name of a framework nor its ARN"
        yield Problem("", what, f"write the name, or the ARN as {FRAMEWORK.example}")


def _each(fits: Callable[[str], object], what: str, hint: str) -> Check:
    def check(value: object) -> Iterator[Problem]:
        if not isinstance(value, str) or not fits(value):
            yield Problem("", f"{quote(value)} is not {what}", hint)

    return every(check)


_accounts = _each(re.compile("ROOT|[0-9]{12}").fullmatch, "an account id", "use 12 digits, or ROOT for all accounts")
_units = _each(_UNIT.fullmatch, "an organizational unit", "write it as ou-ab12-cdef3456")
_regions = _each(lambda text: text == "*" or REGION.fullmatch(text), "a Region", "use names, or * for all Regions")


@attrs.frozen(repr=False)
class ReportPlan(Thing):
    """A report that AWS Backup writes to a bucket every day.

    Args:
        name: 1 to 256 letters, digits and _, beginning with a letter. Changing it makes a new report plan.
        template: What the report is about: ``RESOURCE_COMPLIANCE_REPORT``, ``CONTROL_COMPLIANCE_REPORT``,
            ``BACKUP_JOB_REPORT``, ``COPY_JOB_REPORT``, ``RESTORE_JOB_REPORT`` or ``SCAN_JOB_REPORT``. Changing it makes
            a new report plan.
        bucket: The name of the S3 bucket that takes the reports.
        prefix: What the keys begin with: ``prefix/Backup/region/year/month/day/name``.
        formats: ``CSV``, ``JSON`` or both. None named: CSV, as AWS assumes. Beyond one account and Region, CSV only.
        frameworks: Of compliance reports: the frameworks they cover, by ARN, or by name where they are in this account
            and Region, or as they are declared. None named: all.
        accounts: Of which accounts, by id; ``ROOT`` for all of the organization. For its management account and
            delegated administrators only; a compliance report then names no frameworks.
        organization_units: Of which organizational units; as above.
        regions: Of which Regions; ``*`` for all. None named: its own.
        description: Up to 1,024 characters.
        tags: Up to 50.

    Raises:
        InvalidValueError: Something AWS would refuse.
    """

    _KIND: ClassVar[str] = "report_plan"
    _OMITTED: ClassVar[dict[str, str]] = {"ReportPlanTags": TAGS_BESIDE}
    _EXAMPLE: ClassVar[str] = 'bk.ReportPlan("daily_jobs", template="BACKUP_JOB_REPORT", bucket="backup-reports")'

    name: str = attrs.field(metadata=flags(matches(AUDIT_NAME), wire="ReportPlanName", replaces=True))
    template: str = attrs.field(
        kw_only=True, metadata=flags(text_of(LONGEST_WORD), wire="ReportSetting/ReportTemplate", replaces=True)
    )
    bucket: str = attrs.field(kw_only=True, metadata=flags(matches(_BUCKET), wire="ReportDeliveryChannel/S3BucketName"))
    prefix: str | None = attrs.field(
        default=None,
        kw_only=True,
        metadata=flags(optional(text_of(_LONGEST_KEY)), wire="ReportDeliveryChannel/S3KeyPrefix"),
    )
    formats: tuple[str, ...] = attrs.field(
        default=(),
        kw_only=True,
        converter=texts,
        metadata=flags(every(either(*_FORMATS)), wire="ReportDeliveryChannel/Formats", assumed=("CSV",)),
    )
    frameworks: tuple[str, ...] = attrs.field(
        default=(),
        kw_only=True,
        converter=_framework_names,
        metadata=flags(
            every(_is_framework), at_most(_MOST_FRAMEWORKS, "frameworks"), wire="ReportSetting/FrameworkArns"
        ),
    )
    accounts: tuple[str, ...] = attrs.field(
        default=(), kw_only=True, converter=texts, metadata=flags(_accounts, wire="ReportSetting/Accounts")
    )
    organization_units: tuple[str, ...] = attrs.field(
        default=(), kw_only=True, converter=texts, metadata=flags(_units, wire="ReportSetting/OrganizationUnits")
    )
    regions: tuple[str, ...] = attrs.field(
        default=(), kw_only=True, converter=texts, metadata=flags(_regions, wire="ReportSetting/Regions")
    )
    description: str | None = attrs.field(
        default=None, kw_only=True, metadata=flags(optional(is_description), wire="ReportPlanDescription", cleared="")
    )
    tags: Tags = attrs.field(
        factory=Tags, kw_only=True, converter=Tags, metadata=flags(tags_within(RESOURCE_TAGS), document=False)
    )

    def _summary(self) -> str:
        return f"{self.template} to {self.bucket}"

    def _cross_field(self) -> Iterator[Problem]:
        across_accounts = bool(self.accounts or self.organization_units)
        if len(set(self.formats)) < len(self.formats):
            yield Problem("formats", "a format is named twice", "name each once")
        if "JSON" in self.formats and (across_accounts or "*" in self.regions or len(set(self.regions)) > 1):
            yield Problem("formats", "reports of several accounts or Regions cannot be JSON", 'use formats="CSV"')
        if "*" in self.regions and len(self.regions) > 1:
            yield Problem("regions", "all Regions and some", 'use regions="*" alone, or names')
        if not self.frameworks:
            return
        if self.template in TEMPLATES and self.template not in _COMPLIANCE:
            what = f"{self.template} does not report on frameworks"
            yield Problem("frameworks", what, f"leave them out, or use template={_COMPLIANCE[0]!r}")
        elif across_accounts:
            what = "a compliance report of several accounts cannot name frameworks"
            yield Problem("frameworks", what, "leave frameworks out: it covers all of each account")

    def _warnings(self) -> Iterator[Problem]:
        if self.template not in TEMPLATES:
            meant = "SCAN_JOB_REPORT" if self.template == "MALWARE_JOB_REPORT" else None
            what = f"{quote(self.template)} is not a template that backupkit knows"
            yield warning("template", what, f"write {meant}" if meant else nearest(self.template, TEMPLATES))
