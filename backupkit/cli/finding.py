"""The stack that ``module:stack`` names."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
import sys
import sysconfig
import traceback

from backupkit.errors import BackupKitError, ConfigurationError
from backupkit.problems import nearest, quote, typed
from backupkit.provider import Stack

__all__ = ["find_stack"]


def find_stack(name: str) -> Stack:
    """Return the stack in a module that can be imported from the present folder.

    Args:
        name: ``module:stack``; the second is a `Stack`, or a function without arguments that returns one.

    Raises:
        ConfigurationError: There is no such module or stack, or the module fails while it is imported.
    """
    module_name, colon, path = name.partition(":")
    if not (module_name and colon and path):
        raise ConfigurationError(f"{quote(name)} does not name a stack: write module:stack, for example infra:stack")
    try:
        here = os.getcwd()  # noqa: PTH109 - a text, as sys.path holds them
    except OSError:
        raise ConfigurationError("the present folder is gone; change into the folder of the module") from None
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        # Standard output is for the answer alone: a program may read it.
        with contextlib.redirect_stdout(sys.stderr):
            found = _named(module_name, path)
            what = _why_not_called(found)
            if callable(found) and not isinstance(found, Stack) and not what:
                found = found()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a user's module may fail in every way
        wrong = _why(name, module_name, path, error)
    else:
        if isinstance(found, Stack):
            return found
        wrong = f"{name} {what or f'is {typed(found)}, not a bk.Stack'}"
    raise ConfigurationError(wrong)


def _named(module_name: str, path: str) -> object:
    found: object = importlib.import_module(module_name)
    for each in path.split("."):
        found = getattr(found, each)
    return found


def _why_not_called(found: object) -> str:
    """Return why something that can be called makes no stack; nothing where it may."""
    if not callable(found) or isinstance(found, Stack):
        return ""
    if inspect.iscoroutinefunction(found):
        return "is a coroutine function: name a bk.Stack, or a function that is not async"
    try:
        inspect.signature(found).bind()
    except TypeError:
        return "takes arguments: name a bk.Stack, or a function that takes none"
    except ValueError:
        # What is not written in Python may not say what it takes.
        return ""
    return ""


def _why(name: str, module_name: str, path: str, error: BaseException) -> str:
    """Why there is no stack, without the words of an error that may tell what is secret."""
    module = sys.modules.get(module_name)
    missing = isinstance(error, ModuleNotFoundError) and error.name
    if module_name.startswith(".") or (missing and f"{module_name}.".startswith(f"{missing}.")):
        meant = module_name.removesuffix(".py").replace("/", ".").lstrip(".")
        hint = f"; write {meant}:{path}" if meant and meant != module_name else ""
        return f"there is no module {module_name} in {os.getcwd()} or on Python's path{hint}"  # noqa: PTH109
    if isinstance(error, AttributeError) and module is not None and not hasattr(module, path.partition(".")[0]):
        stacks = [each for each, value in vars(module).items() if isinstance(value, Stack)]
        return f"{module_name} has no {path}" + (f"; {nearest(path, stacks)}" if stacks else "; it has no bk.Stack")
    reason = f": {error}" if isinstance(error, BackupKitError) else ""
    if isinstance(error, ModuleNotFoundError) and error.name:
        reason = f": there is no module {error.name}"
    return f"{name} fails with {type(error).__name__} in {_place(module_name, error)}{reason}"


def _place(module_name: str, error: BaseException) -> str:
    """The file and line that a user can mend: not those of backupkit, of which he has called something."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    others = (ours, *(sysconfig.get_path(each) for each in ("stdlib", "purelib", "platlib")))
    skipped = ("<", *(os.path.join(each, "") for each in others))  # noqa: PTH118
    theirs = [each for each in frames if not each.filename.startswith(skipped)]
    last = (theirs or frames)[-1]
    return f"{last.filename}, line {last.lineno}" if theirs else f"the module {module_name}"
