"""Documents of Systems Manager that bring an application to rest before a snapshot, and let it go on after it.

AWS Backup itself has no such hooks but for Windows. The contract is that of Data Lifecycle Manager's pre and post
scripts (EBS user guide, automate application-consistent snapshots), so that documents written for it work as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from backupkit.arn import arn_or_none, arn_text
from backupkit.checks import Pattern, instance, is_text, whole
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, located, quote

__all__ = ["EXIT_CODES", "SSMQuiesce"]

EXIT_CODES: Mapping[int, str] = {
    0: "done",
    201: "the script before the snapshot failed",
    202: "the script after the snapshot failed",
    203: "the application had gone on by itself before the script after the snapshot came",
    204: "a script before a snapshot has run already, and none after it",
    205: "no script before the snapshot has run",
    206: "the application was not ready",
}
"""What the exit codes of a document mean (EBS user guide)."""

_DOCUMENT = Pattern(
    "the name or ARN of a document of Systems Manager",
    r"[a-zA-Z0-9_\-.:/]{3,512}",
    "letters, digits and _ - . : /, 3 or more",
)
_OWN = frozenset({"command", "executionId"})


def _texts(values: Mapping[str, str | Sequence[str]] | None) -> dict[str, tuple[str, ...]]:
    given = {} if values is None else values
    if not isinstance(given, Mapping):
        what = f"{quote(given)} is not a mapping"
        raise InvalidValueError(Problem("quiesce/parameters", what, 'write {"Name": "value"}'))
    found = {}
    for name, value in given.items():
        values_of = (value,) if isinstance(value, str) else value
        # Values are never shown: a parameter may be a password.
        if not is_text(name) or not isinstance(values_of, (tuple, list)) or not all(map(is_text, values_of)):
            what = f"parameter {quote(name)} is not text or a list of texts"
            raise InvalidValueError(Problem("quiesce/parameters", what, 'write {"Name": "value"}'))
        found[name] = tuple(values_of)
    return found


@attrs.frozen
class SSMQuiesce:
    """Documents of Systems Manager to run on the instance around the moment at which the snapshot is taken.

    A document that declares the parameters ``command`` and ``executionId`` is told ``pre-script`` or ``post-script``
    and an id of the backup, as Data Lifecycle Manager does it, and answers by its exit codes.

    Args:
        before: The name or ARN of the document that brings the application to rest.
        after: The one that lets it go on; None: the same one, which its ``command`` tells what to do.
        parameters: More parameters, for whichever document declares them.
        auto_thaw_seconds: After how many seconds the first document lets the application go on by itself, 1 to 3,600:
            nothing else does where this program is killed. The snapshot is waited for no longer.
        auto_thaw_parameter: The parameter of the first document that takes this number. None: the document has it in
            itself, as the samples for Data Lifecycle Manager do, with 60 seconds.
        timeout_seconds: Seconds for each script, 10 to 120.
        retries: How often the first document is run again where it fails, 0 to 3.
        required: Whether nothing is backed up where the application could not be brought to rest. False: it is backed
            up all the same, crash-consistent, and the outcome says so.

    Raises:
        InvalidValueError: A value that does not fit.
    """

    before: str = attrs.field(converter=arn_text)
    after: str | None = attrs.field(default=None, kw_only=True, converter=arn_or_none)
    parameters: Mapping[str, tuple[str, ...]] = attrs.field(
        default=None, kw_only=True, converter=_texts, repr=False, hash=False
    )
    auto_thaw_seconds: int = attrs.field(default=60, kw_only=True)
    auto_thaw_parameter: str | None = attrs.field(default=None, kw_only=True)
    timeout_seconds: int = attrs.field(default=10, kw_only=True)
    retries: int = attrs.field(default=0, kw_only=True)
    required: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        problems = tuple(located("quiesce", self._problems()))
        if problems:
            raise InvalidValueError(problems)

    def _problems(self) -> Iterator[Problem]:
        for name, document in (("before", self.before), ("after", self.after)):
            if not _DOCUMENT.admits(document) and (name == "before" or document is not None):
                yield Problem(name, f"{quote(document)} is not {_DOCUMENT.what}", "write for example app-consistency")
        yield from located("auto_thaw_seconds", whole(1, 3_600, "seconds")(self.auto_thaw_seconds))
        yield from located("timeout_seconds", whole(10, 120, "seconds")(self.timeout_seconds))
        yield from located("retries", whole(0, 3, "times")(self.retries))
        for name in sorted(_OWN & self.parameters.keys()):
            yield Problem(f"parameters/{name}", "it is given by backupkit", "leave it out")
        yield from located("required", instance(bool)(self.required))
        thaw = self.auto_thaw_parameter
        if thaw is not None and not (is_text(thaw) and thaw):
            yield Problem("auto_thaw_parameter", f"{quote(thaw)} is not the name of a parameter", "write it in quotes")
        elif thaw in self.parameters:
            what = f"{self.auto_thaw_parameter} is given twice"
            yield Problem("auto_thaw_parameter", what, "give the seconds with auto_thaw_seconds= alone")

    @property
    def document_after(self) -> str:
        """The document that lets the application go on."""
        return self.before if self.after is None else self.after
