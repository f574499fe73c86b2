"""Time to import backupkit, declare a plan and validate it, beside the time to import boto3.

Each runs in a fresh Python, in turns; the time of an empty Python is taken off all. Wanted: at most a quarter of the
time of ``import boto3``, and boto3 and botocore not imported; the status is 1 where it is missed. The floor is attrs
and as many small attrs classes as are on the way: declared values are attrs classes, and attrs compiles their methods.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 11
SHARE = 0.25

DECLARE = """
import sys
import backupkit as bk

vault = bk.Vault("prod-backup-vault", key="arn:aws:kms:us-east-1:123456789012:key/mrk-abc123").tagged(Team="platform")
plan = bk.Plan(
    "prod-backup-plan",
    bk.Rule("daily", vault).scheduled(bk.Schedule.daily(at="05:00")).keep(days=35),
    bk.Rule("monthly", vault).scheduled("cron(0 5 1 * ? *)").cold_after(days=7).keep(days=365),
).protecting(
    bk.Selection("tagged", role="arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole")
    .any_tag(Backup="daily"),
)
plan.check()
assert not {"boto3", "botocore"} & set(sys.modules)
"""

CLASSES = 26
FLOOR = f"""
import attrs
for _ in range({CLASSES}):
    attrs.frozen(type("A", (), {{"__annotations__": dict.fromkeys("abcd", int)}}))
"""


def seconds(code: str) -> float:
    """How long a fresh Python takes for ``code``."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> int:
    """Print the medians and the ratio."""
    codes = {"an empty Python": "pass", "import boto3": "import boto3", "backupkit: import, declare, validate": DECLARE}
    codes[f"floor: attrs and {CLASSES} classes"] = FLOOR
    seen: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(ROUNDS):
        for name, code in codes.items():
            seen[name].append(seconds(code))
    empty, boto3, ours, floor = (statistics.median(times) for times in seen.values())
    for name, times in seen.items():
        print(f"{name:40}{statistics.median(times) * 1000:8.0f} ms   best {min(times) * 1000:.0f} ms")
    share = (ours - empty) / (boto3 - empty)
    print(f"share of import boto3, without the empty Python: {share:.2f} (wanted: at most {SHARE:g})")
    print(f"share of the floor: {(floor - empty) / (boto3 - empty):.2f}")
    return 0 if share <= SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
