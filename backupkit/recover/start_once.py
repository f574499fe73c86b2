"""Starting a job once, however often a program is run: with tokens that every run makes again."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

from backupkit.recover.polling import Job

__all__ = ["repeated_token", "start_once"]

J = TypeVar("J", bound=Job)


def repeated_token(base: str, previous: str = "") -> str:
    """Return the token of a start, the same in every run.

    Args:
        base: What tells the start from others.
        previous: The id of the job that the same start gave before and that is of no use; empty: there is none.
    """
    return str(uuid5(NAMESPACE_URL, f"{base}|{previous}"))


def start_once(base: str, known: Collection[str], start: Callable[[str], J], is_useful: Callable[[J], bool]) -> J:
    """Start a job; the same base again gives the same job, unless that is of no use any more.

    AWS answers a token that it knows with the job of that time, failed or not: then the next token is made of that job.

    Args:
        base: What tells the start from others.
        known: The ids of jobs that were there before.
        start: Starts the job with a token.
        is_useful: Whether a job that was there before will do: it is under way, or what it made is there.
    """
    previous, seen = "", set[str]()
    while True:
        started = start(repeated_token(base, previous))
        if started.id not in known or started.id in seen:
            return started
        job = started.refresh()
        if is_useful(job):
            return job
        previous = job.id
        seen.add(job.id)
