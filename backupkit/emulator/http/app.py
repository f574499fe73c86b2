"""The local service as HTTP sees it: a request in, an answer out, and no socket anywhere."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import attrs

from backupkit.arn import is_account, is_region
from backupkit.emulator.faults.calls import CutAnswerError
from backupkit.emulator.http.control import ROOT, Control
from backupkit.emulator.http.messages import Answer, Request, Unreadable, refused
from backupkit.emulator.http.requests import Route, methods, params, route
from backupkit.emulator.iam import identities
from backupkit.emulator.kernel import api_errors, shapes
from backupkit.emulator.model import Identity
from backupkit.emulator.service import LocalService
from backupkit.errors import CredentialsError, InvalidValueError, NotEmulatedError, ServiceError, UnreachableError
from backupkit.transport.protocol import Params

__all__ = ["App", "Caller", "Journal", "caller"]

# ---- Who calls and where: what the signature of a request says, of which nothing is proved ----


_SCOPE = re.compile(r"Credential=([^/,\s]+)/[^/,\s]*/([^/,\s]*)/([^/,\s]*)/aws4_request")
_SERVICE = "backup"


@attrs.frozen
class Caller:
    """An account and a Region, and who of the account calls."""

    account_id: str
    region_name: str
    identity: Identity | None = None
    """Who of the account calls; None: its root."""
    key: str = ""
    """The access key id that tells so; empty where the account does."""


class Misscoped(Exception):  # noqa: N818 - on its way to the answer, never seen by a caller
    """A signature that is none, or is for something else."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


def caller(request: Request, fallback: Caller, known: Callable[[str], Identity | None]) -> Caller:
    """The account and Region of a request; no secret is known, so no signature is checked.

    Args:
        request: Where its access key id has 12 digits, it is the account, as other local services have it.
        fallback: Who calls where nobody says it: the account of any other key, and both where nothing is signed.
        known: Who calls with an access key that stands for a role or user.

    Raises:
        Misscoped: The header is not a signature of version 4, or its scope is not this service in a Region.
    """
    signed = request.headers.get("authorization")
    if signed is None:
        return fallback
    found = _SCOPE.search(signed)
    if found is None:
        raise Misscoped("IncompleteSignature", "Authorization header requires 'Credential' parameter.")
    key, region_name, service = found.groups()
    if not is_region(region_name):
        raise Misscoped("InvalidSignatureException", "Credential should be scoped to a valid region.")
    if service != _SERVICE:
        raise Misscoped("InvalidSignatureException", f"Credential should be scoped to correct service: '{_SERVICE}'.")
    if is_account(key):
        return Caller(key, region_name)
    identity = known(key)
    if identity is None:
        return Caller(fallback.account_id, region_name)
    return Caller(identities.account_of(identity), region_name, identity, key)


# ---- The application ----


_LOG = logging.getLogger(__name__)
_READS = ("Describe", "Export", "Get", "List")
_MISSING = "it is required and missing"


class Journal(Protocol):
    """Writes down what may change the service, before it is done."""

    def keep(self, request: Request, who: Caller) -> None:
        """Return only when ``request`` would survive the end of this process.

        Raises:
            ServiceError: It cannot be kept; it will not be done.
        """
        ...

    def reached(self, moment: datetime | None = None) -> None:
        """Return only when what the service's clock shows now would survive the end of this process.

        Args:
            moment: What it will show at most until it is said again; None: what it shows.

        Raises:
            ServiceError: It cannot be kept.
        """
        ...


def _unknown(request: Request) -> str:
    """Say that no operation has this method and path, and what there is instead."""
    others = methods(request.path, request.query)
    hint = f"the path takes {' and '.join(others)}" if others else f"what is not AWS's lies below {ROOT}"
    return f"no operation has {request.method} {request.path}; {hint}"


class App:
    """Answers requests of HTTP from a local service: AWS Backup's rest-json protocol, and a path for the clock.

    It may be called from several threads.

    Args:
        service: Answers; its own account and Region stand for callers that name none.
        resettable: Whether its state now is kept, for a reset to go back to.
        lent: Who calls with credentials that somebody else in this process gave out.
    """

    def __init__(
        self,
        service: LocalService,
        *,
        resettable: bool = True,
        lent: Callable[[str], Identity | None] | None = None,
    ) -> None:
        self._service = service
        self._lent = lent
        self._journal: Journal | None = None
        self._control = Control(service, resettable=resettable)
        self._otherwise = Caller(service.account_id, service.region_name)

    def kept_by(self, journal: Journal) -> None:
        """Tell ``journal`` of everything that may change the service from now on, in the order in which it is done."""
        self._journal = journal
        self._service.clock.recorded_by(journal.reached)

    def stop_moves(self) -> None:
        """End moves of the clock that were asked for here; they are answered with what was reached."""
        self._control.stop_moves()

    def answer(self, request: Request) -> Answer:
        """The answer to one request; a failure of the local service itself is an InternalFailure and logged.

        Raises:
            UnreachableError: The service was told to give no answer.
        """
        try:
            return self._answered(request)
        except UnreachableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told and the server goes on
            _LOG.exception("the local service failed")
            what = f"The local service failed with {type(error).__name__}; its log has the rest."
            return self._no("InternalFailure", what, 500)

    def _answered(self, request: Request) -> Answer:
        control = request.path == ROOT or request.path.startswith(f"{ROOT}/")
        try:
            who = caller(request, self._otherwise, self._identity)
            return self._controlled(request, who) if control else self._operated(request, who)
        except Unreadable as error:
            return self._no("SerializationException", str(error), own=control)
        except Misscoped as error:
            return self._no(error.code, str(error), 403, own=control)
        except ServiceError as error:
            own, status = error.code if control else None, error.status or 400
            return refused(error.code, error.message, status, request_id=error.request_id, own=own)

    def _controlled(self, request: Request, who: Caller) -> Answer:
        if self._control.moves(request):
            # It lets others be answered in between, and is on record by what the clock has reached.
            return self._control.answer(request, self._door(who))
        with self._service.clock.frozen():
            if self._control.changes(request):
                self._keep(request, who)
            return self._control.answer(request, self._door(who))

    def _keep(self, request: Request, who: Caller) -> None:
        if self._journal is not None:
            self._journal.keep(request, who)
            self._service.clock.recorded()

    def _operated(self, request: Request, who: Caller) -> Answer:
        found = route(request.method, request.path, request.query)
        if found is None:
            return self._no("UnknownOperationException", _unknown(request), 404)
        target, labels = found
        input_params = params(target.operation, labels, request)
        try:
            return self._called(target, input_params, request, who)
        except InvalidValueError as error:
            return self._unsent(target.operation, input_params, error)
        except NotEmulatedError as error:
            return self._no("UnknownOperationException", str(error), 501)
        except CredentialsError as error:
            _, code, message = str(error).split(": ", 2)
            return self._no(code, message, 403)

    def _called(self, target: Route, input_params: Params, request: Request, who: Caller) -> Answer:
        try:
            body = self._body(target, input_params, request, who)
        except CutAnswerError as error:
            if target.status == 204:
                # There is no body to cut.
                raise
            return Answer(target.status, error.body, self._request_id(), cut="closed" if error.orderly else "reset")
        return Answer(target.status, b"" if target.status == 204 else body, self._request_id())

    def _body(self, target: Route, input_params: Params, request: Request, who: Caller) -> bytes:
        if self._journal is None:
            return self._door(who).call(target.operation, input_params)
        # What is kept must be in the order in which it is done, and done at the moment that is kept.
        with self._service.clock.frozen():
            if self._changes(target.operation, who):
                self._keep(request, who)
            return self._door(who).call(target.operation, input_params)

    def _changes(self, operation: str, who: Caller) -> bool:
        """Whether a call may leave a trace; the first from any place makes that place, and faults count every call."""
        simulation = self._service.simulation
        known = (who.account_id, who.region_name) in simulation.scopes
        return not operation.startswith(_READS) or not known or simulation.faults is not None

    def _door(self, who: Caller) -> LocalService:
        with self._service.simulation.lock:
            return self._service.scoped(region_name=who.region_name, account_id=who.account_id, caller=who.identity)

    def _identity(self, access_key_id: str) -> Identity | None:
        with self._service.simulation.lock:
            found = identities.identity_of_key(self._service.simulation, access_key_id)
        return found if found is not None or self._lent is None else self._lent(access_key_id)

    def _request_id(self) -> str:
        return self._service.simulation.new_request_id()

    def _no(self, code: str, message: str, status: int = 400, *, own: bool = False) -> Answer:
        """Refuse; bodies of the control path, which is our ``own``, always tell the code."""
        return refused(code, message, status, request_id=self._request_id(), own=code if own else None)

    def _unsent(self, operation: str, input_params: Params, error: InvalidValueError) -> Answer:
        """AWS's no to what botocore would not even send; other clients do."""
        faults = shapes.input_check(operation)(input_params)
        if not faults:
            return self._no("InvalidParameterValueException", str(error))
        code = "MissingParameterValueException" if faults[0].what == _MISSING else "InvalidParameterValueException"
        return self._no(code, api_errors.refusal_of(faults[0]))
