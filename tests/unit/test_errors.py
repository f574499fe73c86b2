"""Errors: they survive pickling and copying, and the drawn tree is the real one."""

from __future__ import annotations

import copy
import pickle
import re
from datetime import UTC, datetime

import pytest

from backupkit import errors
from backupkit.problems import Problem

SERVICE = ("CreateBackupPlan", "LimitExceededException", "no more plans")
ARGUMENTS: dict[str, tuple[tuple[object, ...], dict[str, object]]] = {
    "InvalidValueError": ((Problem("rule.daily", "wrong", "right"),), {}),
    "CoverageError": (("2 fall short", ({"reason": "no tag"},), {"arn:aws:s3:::logs": "unprotected"}), {}),
    "EvidenceError": (("1 falls short", ({"tests": 0},), {"arn:aws:s3:::logs": "it was never tested"}), {}),
    "NotValidatedError": (("not looked at", ({"status": None},)), {}),
    "JobFailedError": (("it failed", {"state": "FAILED"}), {}),
    "ClockStoppedError": ((datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)), {}),
    "WaitTimeoutError": (("too long", {"state": "RUNNING"}), {}),
    "AmbiguousNameError": ((Problem("plan.p", "two plans", "give an id"), ("a", "b")), {}),
    "ApplyError": (("half",), {"done": ("a",), "failed": ("b",), "not_started": ("c",)}),
    "PreflightError": ((Problem("restore", "wrong", "right"),), {}),
    "VerificationError": (("no rows", {"run": "2"}), {}),
}
ALL = [getattr(errors, name) for name in errors.__all__]


def made(cls: type[errors.BackupKitError]) -> errors.BackupKitError:
    if issubclass(cls, errors.ServiceError):
        return cls(*SERVICE, request_id="id-1", status=400, retryable=True, hint="ask for more")
    arguments, named = ARGUMENTS.get(cls.__name__, (("what happened",), {}))
    return cls(*arguments, **named)


@pytest.mark.parametrize("cls", ALL)
def test_errors_survive_pickle_and_copy(cls):
    """An error that comes back from another process has its class, words and attributes."""
    error = made(cls)
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is cls
        assert str(again) == str(error) != ""
        assert vars(again) == vars(error)


def test_the_drawn_tree_is_the_real_one():
    """The tree in the module's docstring names every class, under its parent, with its builtin bases."""
    drawn, parents = {}, []
    for indent, name, builtin in re.findall(r"^(.*?)(\w+Error)(?: \((\w+)\))?", errors.__doc__, re.MULTILINE):
        depth = len(indent) // 4
        parents[depth - 1 :] = [name]
        drawn[name] = {parents[depth - 2] if depth > 1 else "Exception", *filter(None, [builtin])}
    assert drawn == {cls.__name__: {base.__name__ for base in cls.__bases__} for cls in ALL}


def test_every_class_is_public():
    """No error class is left out of __all__."""
    defined = {cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, Exception)}
    assert defined == set(ALL)


def test_several_problems_are_listed():
    """One problem is a sentence, several are a list; the problems are attributes."""
    two = errors.InvalidValueError([Problem("a", "x"), Problem("", "y", "z")])
    assert str(two) == "2 problems:\n  - a: x\n  - y; z"
    assert [problem.message for problem in two.problems] == ["x", "y"]


def test_service_errors_say_operation_code_hint_and_request():
    """A service error's words hold what a support case needs."""
    assert str(made(errors.LimitError)) == (
        "CreateBackupPlan: LimitExceededException: no more plans ask for more (request id-1)"
    )
