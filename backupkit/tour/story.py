"""The chapters of the tour, in their order."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

import attrs

import backupkit as bk
from backupkit._local import LocalConnection
from backupkit.errors import InvalidValueError
from backupkit.progress import bar
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.tour import policy
from backupkit.tour.comparison import Comparison, compared
from backupkit.tour.month import Census, Register, total
from backupkit.tour.page import Page
from backupkit.tour.shop import BUCKET, BUCKET_ARN, TABLE, TABLE_ARN, Contents, Shop, open_shop

__all__ = ["tell"]

_DAYS = 30
_PRINTED_DAYS = frozenset({1, 7, 14, 21, _DAYS})
_HOUR = 3600.0
"""Seconds."""


def tell(page: Page, *, seed: int = 0) -> bool:
    """Tell the story on a page.

    Args:
        page: Where it is written.
        seed: Decides the sample data, and every id and random moment of the local service.

    Returns:
        Whether everything that was lost came back as it was.

    Raises:
        ConfigurationError: moto is not installed.
    """
    with open_shop(seed) as shop, bk.local(region_name=policy.REGION, seed=seed, world=shop.world) as aws:
        return _Story(page, shop, aws).run()


@attrs.frozen
class _Held:
    """What the table and the bucket held at one moment."""

    orders: Contents
    objects: Contents


@attrs.frozen
class _Story:
    page: Page
    shop: Shop
    aws: LocalConnection
    _numbers: Iterator[int] = attrs.field(factory=lambda: count(1), init=False)

    def run(self) -> bool:
        stack = policy.shop_stack()
        self._opening()
        self._declare(stack)
        self._refuse()
        self._apply(stack, self._preview(stack))
        self._month()
        points = self._before_the_release()
        held = self._held()
        self._disaster()
        self._restore(points)
        whole = self._compare(held)
        self._morning_after()
        self._ending()
        return whole

    def _held(self) -> _Held:
        return _Held(self.shop.orders(), self.shop.objects())

    def _chapter(self, title: str, *sentences: str) -> None:
        self.page.chapter(next(self._numbers), title, *sentences)

    def _opening(self) -> None:
        held = self._held()
        self.page.title("backupkit", "A backup policy, from its declaration to the restore after a disaster.")
        self.page.gap()
        self.page.say(
            f"A shop keeps {len(held.orders)} orders in a DynamoDB table and its invoices in an S3 bucket.",
            "Beside them are a file system (EFS), a database (RDS) and a volume (EBS).",
        )
        self.page.gap()
        self.page.say(
            "All of it is on this machine: AWS Backup runs inside this process, moto holds the table",
            "and the bucket, and the rest is simulated. No account and no network are needed.",
            f"The clock of this AWS Backup stands at {_date(self.aws.clock.now())}, and moves when told.",
        )

    def _declare(self, stack: bk.Stack) -> None:
        self._chapter("Declare", "A policy is a value. This one protects whatever carries the tag Backup=daily:")
        self.page.code(inspect.getsource(policy.shop_stack))
        self.page.gap()
        self.page.say("In words:")
        now = self.aws.clock.now()
        self.page.terms([(rule.name, _in_words(rule, now)) for plan in stack.plans for rule in plan.rules])

    def _refuse(self) -> None:
        self._chapter(
            "What is checked for you",
            "A point that goes cold has to stay cold for 90 days before it is deleted.",
            "A rule that breaks this is refused on the line that writes it, before any call:",
        )
        self.page.code('bk.Rule("daily", "shop-vault").cold_after(days=30).keep(days=35)')
        self.page.gap()
        try:
            policy.refused()
        except InvalidValueError as error:
            self.page.fact(f"InvalidValueError: {error}", "bad")

    def _preview(self, stack: bk.Stack) -> bk.Changes:
        self._chapter("Preview", "What would change, why, and by which calls. A preview only reads.")
        changes = stack.preview(self.aws)
        self.page.show(changes)
        return changes

    def _apply(self, stack: bk.Stack, changes: bk.Changes) -> None:
        self._chapter("Apply", "The changes are made in the order of what needs what.")
        self.page.gap()
        for address in changes.apply(progress=not self.page.plain).done:
            self.page.fact(f"done  {address}", "good")
        self.page.gap()
        left = len(stack.preview(self.aws))
        self.page.say(f"A second preview finds {left or 'nothing'} to change.")

    def _month(self) -> None:
        self._chapter(
            "A month goes by",
            f"The clock moves {_DAYS} days. Schedules fire, jobs run and points age. Daily points are",
            "deleted after 14 days; weekly points go cold after 7. New orders come in every week.",
        )
        register = Register(self.aws, policy.VAULT)
        columns = ("Points made", "Warm", "Cold", "Deleted")
        self.page.table(("After day", *columns), self._days(register))
        by_type = [(kind, *_cells(found)) for kind, found in register.count().items()]
        self.page.table((f"After day {_DAYS}", *columns), by_type)
        self.page.gap()
        self.page.say(
            "S3 and RDS have no cold storage, and EBS snapshots go cold only where a rule opts in.",
            "AWS ignores the request for them in silence, and so does the local service.",
        )

    def _days(self, register: Register) -> list[tuple[str, ...]]:
        rows = []
        with bar(f"{_DAYS} days", total=_DAYS, visible=not self.page.plain) as report:
            for day in range(1, _DAYS + 1):
                if day % 7 == 0:
                    self.shop.take_order()
                self.aws.clock.advance(days=1)
                register.look()
                if day in _PRINTED_DAYS:
                    rows.append((str(day), *_cells(total(register.count().values()))))
                report(day, f"day {day}")
        return rows

    def _before_the_release(self) -> dict[str, RecoveryPoint]:
        self._chapter(
            "One more backup, by hand",
            "A release is due. The table and the bucket are backed up now, outside the schedule.",
        )
        self.page.gap()
        jobs = [
            self.aws.back_up(arn, vault=policy.VAULT, keep_days=35, role=policy.ROLE) for arn in (TABLE_ARN, BUCKET_ARN)
        ]
        for job in jobs:
            ended = job.wait(timeout=12 * _HOUR)
            self.page.fact(f"{_low(ended.state)}  {ended.resource_arn}", "good")
        return {arn: self.aws.recovery_points(resource=arn).latest() for arn in (TABLE_ARN, BUCKET_ARN)}

    def _disaster(self) -> None:
        self._chapter("The disaster", "The release goes wrong: its clean-up deletes the table and the bucket.")
        self.page.gap()
        self.shop.lose()
        for name, there in zip((TABLE_ARN, BUCKET_ARN), self.shop.is_there(), strict=True):
            self.page.fact(f"{'still there' if there else 'gone'}  {name}", "bad")

    def _restore(self, points: dict[str, RecoveryPoint]) -> None:
        self._chapter("Restore", "The newest point of each is found and restored under the old name:")
        self.page.code(
            "point = aws.recovery_points(resource=table_arn).latest()\n"
            f'point.restore(bk.restore.DynamoDBTable("{TABLE}")).wait()'
        )
        self.page.gap()
        jobs = (
            points[TABLE_ARN].restore(bk.restore.DynamoDBTable(TABLE)),
            points[BUCKET_ARN].restore(
                bk.restore.S3Bucket(BUCKET, new_bucket=True, restore_latest_versions_up_to="all")
            ),
        )
        for job in jobs:
            ended = job.wait(timeout=24 * _HOUR)
            self.page.fact(f"{_low(ended.status)}  {ended.created_resource_arn}", "good")

    def _compare(self, held: _Held) -> bool:
        self._chapter(
            "Compare",
            "What was lost beside what came back: every value of every order; the bytes, type,",
            "metadata and tags of every version of every invoice.",
        )
        now = self._held()
        orders, objects = compared(held.orders, now.orders), compared(held.objects, now.objects)
        rows = [_comparison_row("Orders", orders), _comparison_row("Versions of objects", objects)]
        self.page.table(("", "Lost", "Equal", "Missing", "Different", "New"), rows)
        whole = orders.whole and objects.whole
        self.page.gap()
        if whole:
            self.page.fact("Everything came back.", "good")
        else:
            self.page.fact("Not everything came back. This is a defect of backupkit: please report it.", "bad")
        return whole

    def _morning_after(self) -> None:
        self._chapter(
            "The morning after",
            "A restore brings back no tags of a table or a bucket, so the plan would now pass them by.",
            "They are tagged again, and one more day goes by.",
        )
        before = self.aws.clock.now()
        self.shop.tag()
        self.aws.clock.advance(days=1)
        self.page.gap()
        for arn in (TABLE_ARN, BUCKET_ARN):
            point = self.aws.recovery_points(resource=arn).latest()
            fresh = point.creation_date is not None and point.creation_date > before
            self.page.fact(f"{'protected again' if fresh else 'not protected'}  {arn}", "good" if fresh else "bad")

    def _ending(self) -> None:
        self.page.gap()
        self.page.say(
            "Next: docs/tutorial.md goes the same way step by step. For a real account, open",
            'bk.connect(region_name="us-east-1") where the tour opens bk.local().',
        )


def _in_words(rule: bk.Rule, now: datetime) -> str:
    schedule, lifecycle = rule.effective_schedule, rule.lifecycle or bk.Lifecycle()
    first = schedule.next_after(now)
    cold, kept = lifecycle.cold_after_days, lifecycle.delete_after_days
    parts = [
        schedule.describe(),
        f"first on {_time(first, schedule.timezone)}" if first is not None else "never again",
        *([f"cold after {cold} days"] if cold is not None else []),
        f"deleted after {kept} days" if kept is not None else "kept forever",
    ]
    return "; ".join(parts)


def _date(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _time(moment: datetime, timezone: str) -> str:
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{_date(local)} at {local:%H:%M}"


def _low(state: str | None) -> str:
    return (state or "unknown").lower()


def _cells(found: Census) -> tuple[str, ...]:
    return str(found.made), str(found.warm), str(found.cold), str(found.expired)


def _comparison_row(what: str, found: Comparison) -> tuple[str, ...]:
    groups = (found.equal, found.missing, found.different, found.added)
    lost = sum(map(len, groups[:3]))
    return what, str(lost), *(str(len(group)) for group in groups)
