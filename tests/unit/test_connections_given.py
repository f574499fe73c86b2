"""Whatever is given in the place of a connection, or of any other argument, is told in one sentence of ours."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator

import attrs
import pytest

import backupkit as bk
from backupkit.errors import BackupKitError, InvalidValueError
from backupkit.tables import Table
from backupkit.transport.connected import Connected

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
OTHER = "arn:aws:backup:us-east-1:123456789012:backup-vault:other"
NOT_CONNECTIONS = (None, 5, "us-east-1", object(), {"region_name": "us-east-1"}, bk.Connection)


@attrs.frozen
class Held:
    """One of everything that has public verbs."""

    aws: bk.LocalConnection
    objects: dict[str, object]


@pytest.fixture(scope="module")
def held() -> Held:
    aws = bk.local()
    aws.resources.add(TABLE, size_bytes=1000)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    aws.call("CreateBackupVault", BackupVaultName="other")
    job = aws.back_up(TABLE, vault="prod").wait()
    point = job.recovery_point
    copy = point.copy_to(OTHER).wait()
    restored = point.restore(bk.restore.DynamoDBTable("orders-2")).wait()
    plan = bk.Plan("daily", bk.Rule("daily", "prod"))
    stack = bk.Stack("stack", bk.Vault("declared"), plan)
    found: dict[str, object] = {
        "aws": aws,
        "vaults": aws.vaults,
        "plans": aws.plans,
        "protected": aws.protected_resources,
        "points": aws.recovery_points(),
        "point": point,
        "job": job,
        "jobs": aws.backup_jobs(),
        "copy": copy,
        "restored": restored,
        "orphans": bk.find_orphans(aws),
        "deletion": aws.recovery_points().preview_deletion(keep_last=0),
        "stack": stack,
        "changes": stack.preview(aws),
        "drift": stack.drift(aws),
        "coverage": bk.coverage(aws),
        "evidence": bk.restore_testing.evidence(aws),
        "handler": bk.restore_testing.validator(connect=lambda region: aws)(lambda job: job.status == "COMPLETED"),
        "schedule": bk.Schedule.daily(at="05:00"),
        "arn": bk.Arn.parse(TABLE),
        "bk": bk,
        "restore_testing": bk.restore_testing,
        "checks": bk.restore_testing.checks,
        "events": bk.events,
    }
    return Held(aws, found)


def verbs(owner: object) -> Iterator[tuple[str, Callable[..., object], inspect.Signature]]:
    """What can be called of something, but classes, which validate themselves, and what is not about AWS Backup."""
    for name in getattr(owner, "__all__", None) or dir(owner):
        if name.startswith("_") or isinstance(inspect.getattr_static(owner, name, None), property):
            continue
        verb = getattr(owner, name)
        if inspect.isroutine(verb) and not inspect.isclass(verb):
            try:
                yield name, verb, inspect.signature(verb)
            except ValueError:  # a routine of C
                continue


def takes_connection(parameter: inspect.Parameter) -> bool:
    """Whether the annotation names a connection."""
    return re.search(r"\b(Connected|HasPoints|Connection)\b", str(parameter.annotation)) is not None


GOOD = {"resource": TABLE, "arn": TABLE, "vault": "prod", "job": "an-id", "name": "x", "text": "{}"}


def call(
    verb: Callable[..., object], signature: inspect.Signature, odd: inspect.Parameter, value: object, aws: object
) -> object:
    """Call a verb with one odd argument, and what it needs besides."""
    positional: list[object] = []
    named: dict[str, object] = {}
    for each in signature.parameters.values():
        if each is odd:
            given = value
        elif each.default is each.empty and each.kind not in {each.VAR_POSITIONAL, each.VAR_KEYWORD}:
            of_copies = each.name == "vault" and "cop" in verb.__name__
            given = aws if takes_connection(each) else OTHER if of_copies else GOOD.get(each.name)
        else:
            continue
        if each.kind is not each.KEYWORD_ONLY and (each.default is each.empty or each.kind is each.POSITIONAL_ONLY):
            positional.append(given)
        else:
            named[each.name] = given
    answer = verb(*positional, **named)
    return list(answer) if isinstance(answer, Table) else answer


def test_whatever_is_not_a_connection_is_told_by_every_verb_that_takes_one(held):
    """Every public verb that takes a connection names itself, and the way out, in one and the same sentence."""
    asked = set()
    for owner, thing in held.objects.items():
        for name, verb, signature in verbs(thing):
            for parameter in filter(takes_connection, signature.parameters.values()):
                many = "Iterable" in str(parameter.annotation)
                optional = parameter.default is None
                for odd in NOT_CONNECTIONS:
                    if odd is None and optional:
                        continue
                    with pytest.raises(InvalidValueError) as caught:
                        call(verb, signature, parameter, [odd] if many else odd, held.aws)
                    (problem,) = caught.value.problems
                    where = name if parameter.name in {"aws", "connection"} else f"{name}/{parameter.name}"
                    assert problem.address == where, (owner, name)
                    assert problem.message.endswith("is not a connection"), (owner, name)
                    assert problem.hint == "give what bk.connect() or bk.local() returned"
                asked.add(f"{owner}.{name}/{parameter.name}")
    assert asked >= {
        "bk.coverage/aws",
        "bk.find_orphans/aws",
        "changes.from_json/aws",
        "copy.wait_at/destination",
        "deletion.from_json/aws",
        "handler.using/aws",
        "handler.validate/aws",
        "handler.validate_open/aws",
        "point.copy_to/destination",
        "point.preview_copy/destination",
        "point.preview_return/connections",
        "point.preview_return/to",
        "points.preview_copies/destination",
        "restore_testing.evidence/aws",
        "stack.drift/aws",
        "stack.preview/aws",
        "stack.preview/destinations",
        "stack.preview_destroy/aws",
        "stack.preview_release/aws",
    }


NOT_ASKED = {
    ("handler", "main"): "it reads a command line",
    ("handler", "function"): "it is the user's own",
    ("aws", "close"): "nothing can be asked afterwards",
    ("bk", "connect"): "it looks for credentials",
    ("bk", "jsonable"): "its TypeError is documented, as json's own",
}
ODD = (None, 5, "\x00", "", object(), [None], [[]], {1: 2})


def test_odd_arguments_of_every_verb_are_errors_of_ours(held, tmp_path, monkeypatch):
    """No public verb answers an odd argument with an error from inside: what is refused is refused in our words."""
    monkeypatch.chdir(tmp_path)  # for what would be written
    leaks = []
    for owner, thing in held.objects.items():
        for name, verb, signature in verbs(thing):
            if (owner, name) in NOT_ASKED:
                continue
            for parameter in signature.parameters.values():
                if parameter.kind is parameter.VAR_KEYWORD or parameter.name == "progress":
                    continue
                for odd in ODD:
                    try:
                        call(verb, signature, parameter, odd, held.aws)
                    except BackupKitError:
                        pass
                    except Exception as error:  # noqa: BLE001 - which one it is, is what the test is about
                        leaks.append(f"{owner}.{name}({parameter.name}={odd!r}): {type(error).__name__}: {error}")
    assert not leaks, "\n".join(leaks)


def test_a_validator_s_connection_is_asked_for_too():
    """What ``connect=`` makes, and what ``using`` is given, must be a connection."""
    handler = bk.restore_testing.validator(connect=lambda region: None)(lambda job: True)
    with pytest.raises(InvalidValueError, match=r"^validator/connect: a NoneType is not a connection"):
        handler.validate("an-id")
    with pytest.raises(InvalidValueError, match=r"^validate/job: a NoneType is not a restore job; give the job"):
        handler.validate(None, bk.local())


def test_a_connection_is_whatever_has_a_transport():
    """A stack, and everything else that only sends calls, takes what a program wraps a connection in."""
    aws = bk.local()

    @attrs.frozen
    class Wrapped:
        transport: object

    wrapped: Connected = Wrapped(aws.transport)
    assert bk.Stack("s", bk.Vault("prod")).preview(wrapped).apply().done == ("vault.prod",)
    assert [vault.backup_vault_name for vault in aws.vaults] == ["prod"]
