"""Coverage by type and account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backupkit.insight.report import Coverage
from backupkit.insight.row import CoverageStatus
from backupkit.plots.arguments import check_coverage
from backupkit.plots.drawing import (
    OUTCOMES,
    Values,
    altair,
    colour,
    data,
    layered,
    nothing,
    panel_title,
    stacked,
    title,
)
from backupkit.problems import counted

if TYPE_CHECKING:
    import altair as alt

__all__ = ["coverage"]

_COLOURS = {"protected": OUTCOMES["good"], "unprotected": OUTCOMES["bad"], "unknown": OUTCOMES["doubtful"]}
_MOST_ACCOUNTS = 8
_NO_ACCOUNT = "account not in the ARN"


def coverage(report: Coverage) -> alt.VConcatChart:
    """Draw how many resources are protected, unprotected or unknown, by resource type, with a panel for each account.

    There are panels for the eight accounts with the most that is not protected; of the others the sum is told. ARNs of
    buckets have no account: where all others are of one account, so are they.

    Args:
        report: What ``bk.coverage(aws)`` returned.

    Raises:
        ConfigurationError: altair is not installed.
        InvalidValueError: This is not coverage.
    """
    altair()
    counts = Counter(_cells(check_coverage(report, "coverage/report")))
    if not counts:
        return stacked(nothing("No resources"), heading=title(""))
    bare: Counter[str] = Counter()
    for (account, _, status), number in counts.items():
        bare[account] += number if status != CoverageStatus.PROTECTED else 0
    accounts = sorted(bare, key=lambda account: (-bare[account], account))
    drawn, others = accounts[:_MOST_ACCOUNTS], accounts[_MOST_ACCOUNTS:]
    panels = [_panel(account, counts, last=account == drawn[-1]) for account in drawn]
    heading = title(*_folded(report.summary), _not_drawn(others, counts))
    return stacked(*panels, heading=heading, shared=("x", "color"))


def _folded(summary: str) -> tuple[str, str]:
    """The summary in two lines: how many are protected, and why the others are not."""
    first, _, others = summary.partition(" protected, ")
    return (f"{first} protected", others) if others else (summary, "")


def _not_drawn(accounts: Sequence[str], counts: Counter[tuple[str, str, str]]) -> str:
    if not accounts:
        return ""
    mine = [(status, number) for (account, _, status), number in counts.items() if account in accounts]
    protected = sum(number for status, number in mine if status == CoverageStatus.PROTECTED)
    label = f"{protected:,} of {sum(number for _, number in mine):,} protected"
    return f"not drawn: {counted(len(accounts), 'account')}, {label}"


def _cells(report: Coverage) -> list[tuple[str, str, str]]:
    """Account, type and status of each resource."""
    label = [row.resource_arn.split(":")[4] for row in report.rows]
    accounts = {account for account in label if account}
    unsaid = next(iter(accounts)) if len(accounts) == 1 else _NO_ACCOUNT
    return [
        (account or unsaid, row.resource_type or "no type", row.status)
        for account, row in zip(label, report.rows, strict=True)
    ]


def _panel(account: str, counts: Counter[tuple[str, str, str]], *, last: bool) -> Any:
    alt = altair()
    mine = {(kind, status): number for (of, kind, status), number in counts.items() if of == account}
    totals: Counter[str] = Counter()
    for (kind, _), number in mine.items():
        totals[kind] += number
    rows: Values = [
        {
            "type": kind,
            "status": str(status),
            "resources": number,
            "order": list(_COLOURS).index(status),
            "share": f"{number / totals[kind]:.0%}",
        }
        for (kind, status), number in sorted(mine.items())
    ]
    sums: Values = [
        {"type": kind, "resources": number, "told": f"{mine.get((kind, 'protected'), 0):,} of {number:,}"}
        for kind, number in totals.items()
    ]
    kinds = [kind for kind, _ in totals.most_common()]
    y = alt.Y("type:N", title=None, sort=kinds)
    bars = (
        alt.Chart(data(rows))
        .mark_bar()
        .encode(
            x=alt.X("resources:Q", title="resources" if last else None, axis=alt.Axis(tickMinStep=1, format=",d")),
            y=y,
            color=colour("status", _COLOURS, list(_COLOURS), title=None),
            order="order:Q",
            tooltip=["type:N", "status:N", alt.Tooltip("resources:Q", format=","), "share:N"],
        )
    )
    words = alt.Chart(data(sums)).mark_text(align="left", dx=4).encode(x="resources:Q", y=y, text="told:N")
    return layered(
        bars,
        words,
        width=440,
        height=alt.Step(22),
        title=panel_title(account),
        description=f"Resources of {account} by type: how many are protected, unprotected or unknown.",
    )
