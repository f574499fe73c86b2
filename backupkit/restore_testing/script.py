"""A validator as a script: ``python orders.py JOB_ID``."""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backupkit.errors import BackupKitError, NotValidatedError, ValidationSeen

if TYPE_CHECKING:
    from backupkit.restore_testing.validation import Validation
    from backupkit.restore_testing.validator import Validator

__all__ = ["run"]

_PASSED, _FAILED, _UNDECIDED = 0, 1, 3


def run(validator: Validator, arguments: list[str] | None) -> int:
    """Validate what the command line names, print each validation, and return the exit code."""
    parser = _parser(validator)
    options = parser.parse_args(arguments)
    if bool(options.jobs) == options.open or (options.check_only and options.open):
        parser.error("name restore jobs, or say --open to validate all that have no result yet")
    found: tuple[ValidationSeen, ...]
    try:
        found = tuple(_validations(validator, options))
    except NotValidatedError as error:
        found = error.validations
    except BackupKitError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)  # noqa: T201 - this is what a script is for
        return _UNDECIDED
    for each in found:
        print(each)  # noqa: T201 - as above
    if any(each.undecided for each in found):
        return _UNDECIDED
    return _FAILED if any(each.status == "FAILED" for each in found) else _PASSED


def _validations(validator: Validator, options: argparse.Namespace) -> Iterator[Validation]:
    aws = validator.connection(options.region)
    if options.open:
        yield from validator.validate_open(aws)
    for job in options.jobs:
        yield validator.validate(job, aws, report=not options.check_only)


def _parser(validator: Validator) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=inspect.getdoc(validator.function) or f"Validate restore tests: {validator.name}."
    )
    parser.add_argument("jobs", nargs="*", metavar="JOB_ID", help="a restore job")
    parser.add_argument("--open", action="store_true", help="all restore tests that have ended and have no result yet")
    parser.add_argument("--check-only", action="store_true", help="report nothing to AWS Backup")
    parser.add_argument("--region", metavar="REGION", help="the Region; else as boto3 finds it")
    return parser
