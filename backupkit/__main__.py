"""The command line: ``backupkit preview | apply | drift | tour | local``, also as ``python -m backupkit``."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn

from backupkit.cli.arguments import add_commands
from backupkit.cli.messages import complain
from backupkit.errors import BackupKitError, ConfigurationError
from backupkit.files import why_not

__all__ = ["main"]

_FAILED, _STOPPED = 1, 130
_LONGEST = 300
"""Characters of an argument error that are shown: what was got may be long."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: Without the program's name; None: those of the process.

    Returns:
        0; 1 where the command failed; 2 where something is to change and ``--detailed-exitcode`` asks; 130 where it was
        stopped by Ctrl-C. A wrong command line ends in 1, too.
    """
    args, unknown = _parser().parse_known_args(arguments)
    if unknown:
        # argparse by itself shows the usage of the whole, which has none of the command's own options.
        parser: argparse.ArgumentParser = args.parser
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        run: Callable[[argparse.Namespace], int] = args.run
        code = run(args)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BackupKitError as error:
        complain(str(error))
        return _FAILED
    except KeyboardInterrupt as stopped:
        complain(str(stopped) or "stopped")
        return _STOPPED
    except OSError as error:
        # Whoever read the output has gone, or its disk is full.
        if not isinstance(error, BrokenPipeError):
            complain(f"the output cannot be written: {why_not(error)}")
        _discard_output()
        return _FAILED
    return code


def _discard_output() -> None:
    """Let the interpreter close a stream that cannot be written to in peace."""
    # A stream of a test has no number.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Version(argparse.Action):
    """Looks the version up only where it is asked for: a bare checkout that nobody installed has none."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        try:
            found = version("backupkit")
        except PackageNotFoundError:
            found = "(not installed)"
        print(f"backupkit {found}")  # noqa: T201 - this is what was asked for
        parser.exit()


class _Parser(argparse.ArgumentParser):
    """Ends a wrong command line in 1, as every failure, and not in argparse's 2."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        text = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}..."
        self.exit(_FAILED, f"{self.prog}: error: {text}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="backupkit", description="Declare, preview, apply and recover: AWS Backup in Python.")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and end")
    # A type checker takes the class of the whole for that of its commands.
    commands: argparse._SubParsersAction[argparse.ArgumentParser] = parser.add_subparsers(  # type: ignore[assignment]
        dest="command", metavar="command", required=True
    )
    tour = commands.add_parser(
        "tour",
        help="the whole story on this machine, without an account, in a few seconds",
        description="Declare a policy, preview and apply it, let a month of backups go by, lose a DynamoDB table and "
        "an S3 bucket, restore them, and compare them item by item. Nothing leaves this machine.",
    )
    tour.set_defaults(run=_tour)
    tour.add_argument("--plain", action="store_true", help="text alone: no colour, no lines, no bars")
    tour.add_argument("--seed", type=int, default=0, metavar="N", help="another run with other data (default: 0)")
    _add_local(commands)
    add_commands(commands)
    for command in commands.choices.values():
        command.set_defaults(parser=command)
    return parser


def _add_local(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    local = commands.add_parser(
        "local",
        help="serve an AWS Backup on this machine to any client",
        description="Serve a local AWS Backup on 127.0.0.1 to boto3, the AWS CLI and every other client, until Ctrl-C. "
        "Set AWS_ENDPOINT_URL_BACKUP to the address that it prints. Its clock, resources and faults are reached below "
        "/_backupkit of that address.",
    )
    local.set_defaults(run=_local)
    local.add_argument("--port", type=int, default=8765, metavar="N", help="0: any that is free (default: 8765)")
    local.add_argument("--state", metavar="FILE", help="keep what happens in this file, over restarts")
    local.add_argument("--region", metavar="REGION", help="of callers that name none (default: us-east-1)")
    local.add_argument("--account", metavar="ID", help="of callers that name none (default: 123456789012)")
    local.add_argument("--seed", type=int, metavar="N", help="decides every id and random moment (default: 0)")
    local.add_argument(
        "--clock-rate",
        type=float,
        default=60,
        metavar="N",
        help="seconds that pass on its clock in each second; 0: it stands still until it is moved (default: 60)",
    )
    local.add_argument(
        "--default-vaults",
        action="store_true",
        default=None,
        help="accounts have the vaults that AWS makes by itself: Default, and with a file system EFS's",
    )
    local.add_argument("--start", metavar="TIME", help="when its clock begins (default: 2026-01-01T00:00:00Z)")


def _local(args: argparse.Namespace) -> int:
    # Only those who serve pay for the service.
    from pathlib import Path  # noqa: PLC0415

    from backupkit.emulator.http.command import serve  # noqa: PLC0415

    if args.state == "":
        # As where a variable of the shell is not set; a path of nothing is the present folder.
        raise ConfigurationError("--state is empty: give the path of a file, or leave it out")
    serve(
        args.port,
        state=Path(args.state) if args.state is not None else None,
        region_name=args.region,
        account_id=args.account,
        seed=args.seed,
        start=args.start,
        clock_rate=args.clock_rate,
        default_vaults=args.default_vaults,
    )
    return 0


def _tour(args: argparse.Namespace) -> int:
    # Only those who take the tour pay for rich, boto3 and moto.
    from backupkit.tour import tell  # noqa: PLC0415
    from backupkit.tour.page import open_page  # noqa: PLC0415

    return 0 if tell(open_page(plain=args.plain), seed=args.seed) else _FAILED


if __name__ == "__main__":
    sys.exit(main())
