"""Declaring and validating is cheap: nothing heavy is imported for it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import backupkit as bk
plan = bk.Plan("p", bk.Rule("daily", "prod").scheduled("cron(0 5 ? * * *)").keep(days=35))
plan.check()
assert bk.Plan.from_json(plan.to_json()) == plan
print(sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1:])))
"""


def test_declaring_and_validating_imports_nothing_heavy():
    """Making, checking, writing and reading a plan needs neither boto3 nor what draws, retries or tests."""
    heavy = ["boto3", "botocore", "hypothesis", "moto", "msgspec", "rich", "tenacity"]
    run = subprocess.run([sys.executable, "-c", PROGRAM, *heavy], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
