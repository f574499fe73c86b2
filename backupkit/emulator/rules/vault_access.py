"""Which vaults a caller reaches: its own, those shared with its account, and those behind its restore access vaults.

What restore access vaults need is approved in sessions: a team is asked, and something follows when it approves,
denies, or says nothing for a day. The approvers themselves, their portal and their mails are another service's.

Sources: the developer guide's pages on logically air-gapped vaults and on multi-party approval, and the botocore model
of approval states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.operations import raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import ApprovalSession, Document, Point, RegionScope, Vault
from backupkit.emulator.rules import point_store

__all__ = [
    "RESTORE_ACCESS",
    "Reached",
    "approve_session",
    "ask_team",
    "behind",
    "deny_session",
    "foreign",
    "points_of",
    "reached",
    "renamed",
    "session_outcome",
    "session_view",
    "shared",
    "shared_called",
    "vault_of_session",
    "vault_with",
]

RESTORE_ACCESS = "RESTORE_ACCESS_BACKUP_VAULT"


@attrs.frozen(eq=False)
class Reached:
    """A vault that a caller reaches, and how.

    Args:
        scope: Where the points are.
        vault: In which they are.
        named: The vault that the caller named; another one where it named a restore access vault.
    """

    scope: RegionScope
    vault: Vault
    named: Vault

    def point(self, arn: str) -> Point:
        """The point in the vault.

        Raises:
            ApiError: It is not there.
        """
        found = self.vault.points.get(arn)
        if found is None:
            name = self.named.name
            raise_api_error(
                "ResourceNotFoundException", f"Recovery point {arn} cannot be found in backup vault {name}."
            )
        return found


def reached(simulation: Simulation, scope: RegionScope, params: Document, member: str = "BackupVaultName") -> Reached:
    """The vault that a call names with ``member``, and, where that is another account's, with BackupVaultAccountId.

    Raises:
        ApiError: It is not there, or not shared with the caller; AWS answers both as if access were denied.
    """
    owner = params.get("BackupVaultAccountId", scope.account_id)
    if owner == scope.account_id:
        return _own(simulation, scope, point_store.vault_called(scope, params[member]))
    there = simulation.scopes.get((owner, scope.region_name))
    vault = there.vaults.get(params[member]) if there is not None else None
    if there is None or vault is None or scope.account_id not in vault.sharing.accounts:
        raise_api_error("AccessDeniedException", "Insufficient privileges to perform this action.", 403)
    return Reached(there, vault, vault)


def _own(simulation: Simulation, scope: RegionScope, named: Vault) -> Reached:
    found = behind(simulation, named)
    if found is None or named.state != "AVAILABLE":
        return Reached(scope, named, named)
    return Reached(*found, named)


def behind(simulation: Simulation, named: Vault) -> tuple[RegionScope, Vault] | None:
    """The vault behind a restore access vault, with its place; None behind any other, and once that vault is gone."""
    if named.sharing.source_arn is None:
        return None
    source = Arn.parse(named.sharing.source_arn)
    scope = simulation.place_of(source)
    vault = scope.vaults.get(source.name) if scope is not None else None
    # A new vault of the same name was never asked for.
    is_open = vault is not None and named.arn in vault.sharing.opened
    return (scope, vault) if scope is not None and vault is not None and is_open else None


def renamed(simulation: Simulation, found: Reached) -> Document:
    """What the points of a restore access vault show as their vault, in place of the one that they are in."""
    if found.named is found.vault or simulation.choices.restore_access_points_name_source:
        return {}
    named = found.named
    return {"BackupVaultName": named.name, "BackupVaultArn": named.arn, "VaultType": named.vault_type}


def points_of(simulation: Simulation, named: Vault) -> Mapping[str, Point]:
    """The points that are seen in a vault."""
    found = behind(simulation, named)
    return named.points if found is None or named.state != "AVAILABLE" else found[1].points


def shared(simulation: Simulation, scope: RegionScope) -> Iterator[Reached]:
    """The vaults that other accounts share with the caller's, in its Region."""
    for there in simulation.scopes.values():
        if there.region_name == scope.region_name and there is not scope:
            for vault in there.vaults.values():
                if scope.account_id in vault.sharing.accounts:
                    yield Reached(there, vault, vault)


def shared_called(simulation: Simulation, scope: RegionScope, arn: str) -> Vault | Point | None:
    """The vault or the point with that ARN, where another account shares it; None for one's own."""
    if arn.startswith(scope.arn("")):
        return None
    for found in shared(simulation, scope):
        if found.vault.arn == arn:
            return found.vault
        if arn in found.vault.points:
            return found.vault.points[arn]
    return None


def vault_with(simulation: Simulation, scope: RegionScope, point_arn: str, *, others: bool = True) -> Reached | None:
    """The vault with that point, among the caller's own and, where ``others`` says so, all that it reaches."""
    own = point_store.point_called(scope, point_arn)
    if own is not None:
        vault = point_store.vault_of(scope, own)
        return Reached(scope, vault, vault)
    if not others:
        return None
    return next((found for found in foreign(simulation, scope) if point_arn in found.vault.points), None)


def foreign(simulation: Simulation, scope: RegionScope) -> Iterator[Reached]:
    """The vaults whose points the caller sees, and which are not its own."""
    for named in scope.vaults.values():
        if named.vault_type == RESTORE_ACCESS:
            yield _own(simulation, scope, named)
    yield from shared(simulation, scope)


# ---- Approval sessions ----


SESSION_KEPT = timedelta(hours=24)
"""How long a team has to answer."""
_DENIED = "The approval team denied the request."
_EXPIRED = "The approval session expired before the approval team answered."

_Outcome = Callable[[Simulation, ApprovalSession], None]
_APPROVED: dict[str, _Outcome] = {}
_FAILED: dict[str, _Outcome] = {}


def session_outcome(operation: str, *, failed: bool = False) -> Callable[[_Outcome], _Outcome]:
    """Register what follows when a request of ``operation`` is approved, or when it ``failed``."""

    def register(act: _Outcome) -> _Outcome:
        (_FAILED if failed else _APPROVED)[operation] = act
        return act

    return register


def ask_team(
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
        _session_arn(simulation, team_arn), team_arn, operation, vault.arn, now, now + SESSION_KEPT, comment=comment
    )
    owner.approvals[session.arn] = session
    if simulation.choices.approval_seconds is not None:
        simulation.agenda.schedule(now + timedelta(seconds=simulation.choices.approval_seconds), _Approval(session))
    simulation.agenda.schedule(session.expires, _Expiry(session))
    return session


def _session_arn(simulation: Simulation, team_arn: str) -> str:
    team = Arn.parse(team_arn)
    return f"arn:{team.partition}:mpa:{team.region}:{team.account}:session/{team.name}/{simulation.new_id()}"


def vault_of_session(simulation: Simulation, session: ApprovalSession) -> Vault | None:
    """The logically air-gapped vault that a session is about, as long as it is there."""
    return point_store.vault_at(simulation, Arn.parse(session.vault_arn))


def approve_session(simulation: Simulation, session: ApprovalSession) -> None:
    """Let the team say yes; what was asked for is done."""
    if session.status == "PENDING":
        session.status = "APPROVED"
        _APPROVED[session.operation](simulation, session)


def deny_session(simulation: Simulation, session: ApprovalSession, message: str = _DENIED) -> None:
    """Let the team say no."""
    if session.status == "PENDING":
        session.status, session.status_message = "FAILED", message
        after = _FAILED.get(session.operation)
        if after is not None:
            after(simulation, session)


def session_view(session: ApprovalSession | None) -> Document | None:
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
        approve_session(simulation, self.session)


@attrs.frozen(eq=False)
class _Expiry:
    session: ApprovalSession

    def happen(self, simulation: Simulation) -> None:
        deny_session(simulation, self.session, _EXPIRED)
