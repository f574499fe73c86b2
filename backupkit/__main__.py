"""The command line: ``backupkit tour``, or ``python -m backupkit tour``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from backupkit.errors import BackupKitError

__all__ = ["main"]

_FAILED, _STOPPED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: Without the program's name; None: those of the process.

    Returns:
        0; 1 where the command failed; 130 where it was stopped by Ctrl-C. A wrong command line ends in 2.
    """
    asked = _parser().parse_args(arguments)
    try:
        return _tour(asked)
    except BackupKitError as error:
        print(f"backupkit: {error}", file=sys.stderr)  # noqa: T201 - this is what a command line is for
        return _FAILED
    except KeyboardInterrupt:
        print("backupkit: stopped", file=sys.stderr)  # noqa: T201
        return _STOPPED
    except BrokenPipeError:
        # Whoever read the output has gone; let the interpreter close a stream that nobody listens to in peace.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED


class _Version(argparse.Action):
    """Looks the version up only where it is asked for: a bare checkout that nobody installed has none."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        try:
            found = version("backupkit")
        except PackageNotFoundError:
            found = "(not installed)"
        parser.exit(message=f"backupkit {found}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="backupkit", description="Declare, preview, apply and recover: AWS Backup in Python."
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and end")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    tour = commands.add_parser(
        "tour",
        help="the whole story on this machine, without an account, in a few seconds",
        description="Declare a policy, preview and apply it, let a month of backups go by, lose a DynamoDB table and "
        "an S3 bucket, restore them, and compare them item by item. Nothing leaves this machine.",
    )
    tour.add_argument("--plain", action="store_true", help="text alone: no colour, no lines, no bars")
    tour.add_argument("--seed", type=int, default=0, metavar="N", help="another run with other data (default: 0)")
    return parser


def _tour(asked: argparse.Namespace) -> int:
    # Only those who take the tour pay for rich, boto3 and moto.
    from backupkit.tour import tell  # noqa: PLC0415
    from backupkit.tour.page import open_page  # noqa: PLC0415

    return 0 if tell(open_page(plain=asked.plain), seed=asked.seed) else _FAILED


if __name__ == "__main__":
    sys.exit(main())
