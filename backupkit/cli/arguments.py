"""What can be written after ``backupkit preview``, ``apply`` and ``drift``."""

from __future__ import annotations

import argparse
from collections.abc import Callable

__all__ = ["add_commands"]


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands; each leaves what runs it in ``run``."""
    _add_preview(commands)
    _add_apply(commands)
    _add_drift(commands)


def _add_preview(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    preview = commands.add_parser(
        "preview",
        help="what must change so that AWS is as a stack declares",
        description="Show what must change so that AWS is as a stack declares. Reads only. Ends in 0, in 1 where "
        "something is wrong or stands in the way, and with --detailed-exitcode in 2 where something is to change.",
    )
    _add_stack(preview)
    preview.add_argument("--destroy", action="store_true", help="instead: everything that the stack owns would go")
    preview.add_argument("--adopt", action="store_true", help="take over what carries a declared name and nobody owns")
    _add_several(preview, "--adopt-only", "ADDRESS", "take over just this, such as vault.prod")
    _add_several(preview, "--moved-from", "NAME", "take over what this stack owned and declares no more")
    preview.add_argument("--no-preflight", action="store_true", help="do not look at keys, roles, topics, quotas, ...")
    _add_format(preview, "text", "json", "markdown")
    preview.add_argument("--out", metavar="FILE", help="write the changes to this file, for `backupkit apply FILE`")
    _add_exit_code(preview, "something is to change")
    _add_connection(preview)
    preview.set_defaults(run=_run("preview"))


def _add_apply(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    apply = commands.add_parser(
        "apply",
        help="make the changes of a file that `backupkit preview --out FILE` wrote",
        description="Make the changes of a file that `backupkit preview --out FILE` wrote, and no others: where the "
        "world has moved since, nothing more is done, and it ends in 1. Applying again goes on.",
    )
    apply.add_argument("file", metavar="FILE", help="the file")
    apply.add_argument("--allow-delete", action="store_true", help="things may be deleted or taken away")
    apply.add_argument("--allow-irreversible", action="store_true", help="locks may become permanent")
    apply.add_argument("--discard-unknown", action="store_true", help="what backupkit does not know may be dropped")
    _add_several(apply, "--allow-drain", "VAULT", "the recovery points of this vault may be deleted before it")
    _add_several(apply, "--without", "ADDRESS", "leave this change out, and what needs it")
    _add_format(apply, "text", "json")
    _add_connection(apply)
    apply.set_defaults(run=_run("apply"))


def _add_drift(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    drift = commands.add_parser(
        "drift",
        help="where AWS is not as a stack declares, field by field",
        description="Show where AWS is not as a stack declares, with what is declared and what was found. Reads only. "
        "Ends in 0, in 1 where something is wrong, and with --detailed-exitcode in 2 where something has drifted.",
    )
    _add_stack(drift)
    _add_format(drift, "text", "json")
    _add_exit_code(drift, "something has drifted")
    _add_connection(drift)
    drift.set_defaults(run=_run("drift"))


def _add_stack(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "stack",
        metavar="MODULE:STACK",
        help="a module that can be imported from here, and the name of a bk.Stack in it, or of a function that "
        "returns one",
    )


def _add_several(command: argparse.ArgumentParser, flag: str, metavar: str, what: str) -> None:
    text = f"{what}; may be given several times"
    command.add_argument(flag, action="append", default=[], metavar=metavar, help=text)


def _add_format(command: argparse.ArgumentParser, *formats: str) -> None:
    command.add_argument("--format", choices=formats, default=formats[0], help=f"(default: {formats[0]})")


def _add_exit_code(command: argparse.ArgumentParser, what: str) -> None:
    command.add_argument("--detailed-exitcode", action="store_true", help=f"end in 2 where {what}")


def _add_connection(command: argparse.ArgumentParser) -> None:
    command.add_argument("--region", metavar="REGION", help="of AWS; else as boto3 finds it")
    command.add_argument("--profile", metavar="NAME", help="of the shared configuration of AWS")
    command.add_argument("--endpoint-url", metavar="URL", help="of another AWS Backup, such as `backupkit local`")


def _run(name: str) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        # Only those who run a command pay for stacks and connections.
        from backupkit.cli import commands  # noqa: PLC0415

        return commands.run_command(name, args)

    return run
