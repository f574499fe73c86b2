"""Approval sessions: what a team is asked for, and what follows when it approves, denies, or says nothing for a day.

Sources: the developer guide's pages on multi-party approval, and the botocore model of their states. The approvers
themselves, their portal and their mails are another service's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import ApprovalSession, Document, RegionScope, Vault

__all__ = ["KEPT", "approve", "ask", "deny", "outcome", "shown", "vault_of"]

KEPT = timedelta(hours=24)
"""How long a team has to answer."""
_DENIED = "The approval team denied the request."
_EXPIRED = "The approval session expired before the approval team answered."

_Outcome = Callable[[Simulation, ApprovalSession], None]
_APPROVED: dict[str, _Outcome] = {}
_FAILED: dict[str, _Outcome] = {}


def outcome(operation: str, *, failed: bool = False) -> Callable[[_Outcome], _Outcome]:
    """Register what follows when a request of ``operation`` is approved, or when it ``failed``."""

    def register(act: _Outcome) -> _Outcome:
        (_FAILED if failed else _APPROVED)[operation] = act
        return act

    return register


def ask(
    simulation: Simulation, owner: RegionScope, vault: Vault, operation: str, comment: str | None
) -> ApprovalSession:
    """Open a session with the vault's own team.

    Args:
        simulation: The whole simulation.
        owner: The place of ``vault``.
        vault: The logically air-gapped vault that it is about.
        operation: What is to be approved.
        comment: What the one who asks says.
    """
    team_arn = vault.sharing.team_arn
    assert team_arn is not None, "only a vault with a team asks for approval"
    now = simulation.clock.now()
    session = ApprovalSession(
        _session_arn(simulation, team_arn), team_arn, operation, vault.arn, now, now + KEPT, comment=comment
    )
    owner.approvals[session.arn] = session
    if simulation.choices.approval_seconds is not None:
        simulation.agenda.schedule(now + timedelta(seconds=simulation.choices.approval_seconds), _Approval(session))
    simulation.agenda.schedule(session.expires, _Expiry(session))
    return session


def _session_arn(simulation: Simulation, team_arn: str) -> str:
    team = Arn.parse(team_arn)
    return f"arn:{team.partition}:mpa:{team.region}:{team.account}:session/{team.name}/{simulation.new_id()}"


def vault_of(simulation: Simulation, session: ApprovalSession) -> Vault | None:
    """The logically air-gapped vault that a session is about, as long as it is there."""
    arn = Arn.parse(session.vault_arn)
    return simulation.scope(arn.account, arn.region).vaults.get(arn.name)


def approve(simulation: Simulation, session: ApprovalSession) -> None:
    """Let the team say yes; what was asked for is done."""
    if session.status == "PENDING":
        session.status = "APPROVED"
        _APPROVED[session.operation](simulation, session)


def deny(simulation: Simulation, session: ApprovalSession, message: str = _DENIED) -> None:
    """Let the team say no."""
    if session.status == "PENDING":
        session.status, session.status_message = "FAILED", message
        after = _FAILED.get(session.operation)
        if after is not None:
            after(simulation, session)


def shown(session: ApprovalSession | None) -> Document | None:
    """A request for a change, as DescribeBackupVault and the list of restore access vaults show it."""
    if session is None:
        return None
    return {
        "MpaSessionArn": session.arn,
        "Status": session.status,
        "StatusMessage": session.status_message,
        "InitiationDate": session.created,
        "ExpiryDate": session.expires,
    }


@attrs.frozen(eq=False)
class _Approval:
    session: ApprovalSession

    def happen(self, simulation: Simulation) -> None:
        approve(simulation, self.session)


@attrs.frozen(eq=False)
class _Expiry:
    session: ApprovalSession

    def happen(self, simulation: Simulation) -> None:
        deny(simulation, self.session, _EXPIRED)
