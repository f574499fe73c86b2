"""What the commands for stacks do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from backupkit import connect
from backupkit.cli.finding import find_stack
from backupkit.cli.messages import as_arguments, complain
from backupkit.connection import Connection
from backupkit.errors import BackupKitError, ConfigurationError
from backupkit.files import read_file, replacing
from backupkit.problems import counted
from backupkit.provider import Changes, Drift

__all__ = ["run_command"]

_DONE, _FAILED, _CHANGES = 0, 1, 2


def run_command(name: str, args: argparse.Namespace) -> int:
    """Run ``preview``, ``apply`` or ``drift``, and return its exit code; what is wrong goes to standard error."""
    try:
        return _COMMANDS[name](args)
    except BackupKitError as error:
        complain(as_arguments(str(error)))
        return _FAILED


def _preview(args: argparse.Namespace) -> int:
    if args.destroy and (args.adopt or args.adopt_only or args.moved_from):
        raise ConfigurationError(
            "--destroy is about what the stack owns and nothing else: leave --adopt, --adopt-only and --moved-from out"
        )
    stack = find_stack(args.stack)
    with _connected(args) as aws:
        adopt = args.adopt or args.adopt_only or False
        changes = (
            stack.preview_destroy(aws)
            if args.destroy
            else stack.preview(aws, adopt=adopt, moved_from=args.moved_from, preflight=not args.no_preflight)
        )
        if args.out is not None:
            # It holds what is declared, so nobody else may read it.
            with replacing(Path(args.out), private=True) as file:
                file.write_text(changes.to_json(), encoding="utf-8")
    _print(_FORMATS[args.format](changes))
    if changes.problems:
        complain(f"{counted(len(changes.problems), 'problem')} in the way: these changes cannot be applied")
        return _FAILED
    return _CHANGES if args.detailed_exitcode and changes else _DONE


def _apply(args: argparse.Namespace) -> int:
    text = read_file(Path(args.file))
    looked_at = Changes.from_json(text)
    args.region = args.region or looked_at.region_name
    with _connected(args) as aws:
        applied = (
            Changes.from_json(text, aws)
            .without(*args.without)
            .apply(
                allow_delete=args.allow_delete,
                allow_irreversible=args.allow_irreversible,
                discard_unknown=args.discard_unknown,
                allow_drain=args.allow_drain,
            )
        )
    _print(_json(applied.to_dict(json=True)) if args.format == "json" else str(applied))
    return _DONE


def _drift(args: argparse.Namespace) -> int:
    stack = find_stack(args.stack)
    with _connected(args) as aws:
        drift = stack.drift(aws)
    _print(_FORMATS[args.format](drift))
    return _CHANGES if args.detailed_exitcode and drift else _DONE


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"preview": _preview, "apply": _apply, "drift": _drift}


def _connected(args: argparse.Namespace) -> Connection:
    return connect(region_name=args.region, profile_name=args.profile, endpoint_url=args.endpoint_url)


def _markdown(found: Changes | Drift) -> str:
    assert isinstance(found, Changes)
    return as_arguments(found.to_markdown())


_FORMATS: Mapping[str, Callable[[Changes | Drift], str]] = {
    "text": lambda found: as_arguments(str(found)),
    "json": lambda found: found.to_json(),
    "markdown": _markdown,
}


def _json(document: object) -> str:
    import json  # noqa: PLC0415 - one way out needs it

    return json.dumps(document, indent=2)


def _print(text: str) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))  # noqa: T201 - this is what was asked for
