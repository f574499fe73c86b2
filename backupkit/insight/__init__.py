"""What a policy comes to for the resources there are: which are protected, by what, how well, and which are not."""

from backupkit.insight.reading import coverage
from backupkit.insight.report import Coverage
from backupkit.insight.row import CoverageReason, CoverageRow, CoverageStatus, LastPoint

__all__ = ["Coverage", "CoverageReason", "CoverageRow", "CoverageStatus", "LastPoint", "coverage"]
