"""A stage whose world is behind a session that ends in moto."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any

from local_stage import Stage

from backupkit.emulator.kernel.resource_protocol import RESTORE_TEST, ResourceInfo, Restored
from backupkit.emulator.resources.session import SessionWorld
from backupkit.emulator.resources.worlds import Worlds

_NUMBERS = count()
TESTED = {RESTORE_TEST: ""}


def fresh(kind: str) -> str:
    # What moto holds is shared by the whole process, so each test has names of its own.
    return f"{kind}-{os.getpid()}-{next(_NUMBERS)}"


@contextmanager
def answering(session: Any, event: str, code: str, about: str = "") -> Iterator[None]:
    """AWS answers one operation with an error, or only what it asks about one resource; clients made inside hear it."""

    def refuse(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]] | None:
        if about not in params["url"]:
            return None
        parsed = {"Error": {"Code": code, "Message": "told by AWS"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return SimpleNamespace(status_code=400, raw=None), parsed

    session.events.register_first(f"before-call.{event}", refuse)
    try:
        yield
    finally:
        session.events.unregister(f"before-call.{event}", refuse)


@contextmanager
def in_two_pages(session: Any, event: str, member: str) -> Iterator[None]:
    """The first answer of a listing has half of its entries, and a token for the rest."""
    held: list[Any] = []

    def cut(parsed: dict[str, Any], **_: Any) -> None:
        if held:
            parsed[member] = held.pop()
        else:
            half = len(parsed[member]) // 2
            held.append(parsed[member][half:])
            parsed[member], parsed["NextToken"] = parsed[member][:half], "more"

    session.events.register(f"after-call.{event}", cut)
    try:
        yield
    finally:
        session.events.unregister(f"after-call.{event}", cut)
    assert held == [], "nobody asked for the second page"


class SessionStage(Stage):
    def __init__(self, session: Any, *types: str, emulated: bool | None = None) -> None:
        self.behind = SessionWorld(session, account_id="123456789012", types=types, emulated=emulated)
        super().__init__(Worlds(self.behind))

    def point_of(self, arn: str) -> str:
        job = self.back_up(arn)
        assert job["State"] == "COMPLETED", job.get("StatusMessage")
        point: str = job["RecoveryPointArn"]
        return point

    def restored(self, point: str, metadata: dict[str, str], **more: Any) -> str:
        job = self.restore(point, metadata, **more)
        assert job["Status"] == "COMPLETED", job.get("StatusMessage")
        made: str = job["CreatedResourceArn"]
        return made

    def refusal(self, point: str, metadata: dict[str, str], **more: Any) -> str:
        job = self.restore(point, metadata, **more)
        assert job["Status"] == "FAILED"
        message: str = job["StatusMessage"]
        return message

    def metadata_of(self, point: str) -> dict[str, str]:
        told = self.call("GetRecoveryPointRestoreMetadata", BackupVaultName="prod", RecoveryPointArn=point)
        return {key: value for key, value in told["RestoreMetadata"].items() if key != "aws:backup:request-id"}

    def all(self) -> list[ResourceInfo]:
        return list(self.behind.resources("123456789012", "us-east-1"))

    def seen(self, arn: str, account: str = "123456789012", region: str = "us-east-1") -> ResourceInfo | None:
        return next((seen for seen in self.behind.resources(account, region) if seen.arn == arn), None)

    def later(self, session: Any, *types: str) -> SessionStage:
        """Another service that goes on from a snapshot of this one."""
        other = SessionStage(session, *types)
        other.service.load_state(self.service.save_state())
        return other

    def make_again(self, arn: str, metadata: Mapping[str, str], tags: Mapping[str, str]) -> Restored:
        """Capture and restore without jobs, as a restore test does where ``tags`` are `TESTED`."""
        now, here = self.clock.now(), ("123456789012", "us-east-1")
        seen = self.behind.find(arn, *here)
        assert seen is not None
        taken = self.behind.capture(arn, *here, now)
        return self.behind.restore(
            taken.content, seen.resource_type, metadata, account_id=here[0], region_name=here[1], now=now, tags=tags
        )

    def discard(self, arn: str) -> None:
        self.behind.discard(arn, "123456789012", "us-east-1")
