"""The stack that ``module:stack`` names."""

from __future__ import annotations

import importlib
import os
import sys
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
    here = os.getcwd()  # noqa: PTH109 - a text, as sys.path holds them
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: object = importlib.import_module(module_name)
        for each in path.split("."):
            found = getattr(found, each)
        if callable(found) and not isinstance(found, Stack):
            found = found()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a user's module may fail in every way
        wrong = _why(name, module_name, path, error)
    else:
        wrong = "" if isinstance(found, Stack) else f"{name} is {typed(found)}, not a bk.Stack"
        if isinstance(found, Stack):
            return found
    raise ConfigurationError(wrong)


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
    ours = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")  # noqa: PTH100, PTH118, PTH120
    theirs = [each for each in frames if not each.filename.startswith((ours, "<"))]
    last = (theirs or frames)[-1]
    return f"{last.filename}, line {last.lineno}" if theirs else f"the module {module_name}"
