"""Restore testing: validate what AWS Backup's restore tests bring back, and the evidence of many runs.

- `validator`: a Lambda function or script out of a function of the finished restore job
- `pattern`: the EventBridge rule that calls it
- `checks`: ready checks, one a resource type
- `evidence`: how long restores took, and how old their points were, by resource
"""

from __future__ import annotations

from backupkit.restore_testing import checks
from backupkit.restore_testing.checks import ReadyCheck
from backupkit.restore_testing.evidence import Evidence, evidence
from backupkit.restore_testing.evidence_row import EvidenceRow, ResourceEvidence, TestVerdict
from backupkit.restore_testing.results import Check, CheckResult, Outcome
from backupkit.restore_testing.rule import pattern
from backupkit.restore_testing.validation import Validation
from backupkit.restore_testing.validator import Validator, validator

__all__ = [
    "Check",
    "CheckResult",
    "Evidence",
    "EvidenceRow",
    "Outcome",
    "ReadyCheck",
    "ResourceEvidence",
    "TestVerdict",
    "Validation",
    "Validator",
    "checks",
    "evidence",
    "pattern",
    "validator",
]
