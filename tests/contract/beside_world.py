"""The services beside AWS Backup, for the contract of kinds: moto, emptied and furnished anew for each test."""

from __future__ import annotations

import functools
import io
import json
import zipfile
from typing import Any
from urllib.parse import unquote

import attrs
import pytest
from kinds_table import ACCOUNT, ELSEWHERE, REGION

import backupkit as bk
from backupkit.emulator import SessionWorld, private_moto_session

__all__ = ["FILE_SYSTEM", "FUNCTIONS", "TABLE", "Refusal", "beside", "client", "refuse"]

REGIONS = (REGION, ELSEWHERE)
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
FILE_SYSTEM = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0123456789abcdef0"
FUNCTIONS = tuple(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}" for name in ("check", "check-again"))
SERVICES = {"iam": ("aws",), **dict.fromkeys(("cloudwatch", "dynamodb", "efs", "events", "sns", "awslambda"), REGIONS)}


@functools.cache
def session() -> Any:
    """The session whose calls end in moto, with the calls that moto lacks."""
    made = private_moto_session(region_name=REGION)
    made.events.register("provide-client-params", _refuse_first)
    made.events.register("before-call.efs.PutBackupPolicy", _put_backup_policy)
    made.events.register("before-call.lambda.AddPermission", _refuse_second)
    return made


def client(service: str, region_name: str = REGION) -> Any:
    """A client of a service beside AWS Backup."""
    return _client(service, region_name)


@functools.cache
def _client(service: str, region_name: str) -> Any:
    return session().client(service, region_name=region_name)


def beside(*prepared: str) -> bk.LocalConnection:
    """A fresh AWS Backup beside fresh neighbours.

    Args:
        *prepared: What is there: ``topics``, ``tables``, ``file systems``, ``functions``.
    """
    session()
    _REFUSALS.clear()
    for service, places in SERVICES.items():
        for place in places:
            _backend(service, place).reset()
    for what in prepared:
        _FURNISH[what]()
    return bk.local(world=SessionWorld(session(), account_id=ACCOUNT))


def _backend(service: str, place: str) -> Any:
    from moto.backends import get_backend

    return get_backend({"awslambda": "lambda"}.get(service, service))[ACCOUNT][place]


def _topics() -> None:
    for region in REGIONS:
        for name in ("alerts", "others"):
            client("sns", region).create_topic(Name=name)


def _tables() -> None:
    for region in REGIONS:
        client("dynamodb", region).create_table(
            TableName="orders",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


def _file_systems() -> None:
    for region in REGIONS:
        made = client("efs", region).create_file_system(CreationToken="files")["FileSystemId"]
        held = _backend("efs", region).file_systems_by_id
        # moto chooses the id; the table of examples says it once.
        system = held[FILE_SYSTEM.rpartition("/")[2]] = held.pop(made)
        system.file_system_id = FILE_SYSTEM.rpartition("/")[2]


def _functions() -> None:
    pytest.importorskip("docker", reason="moto's Lambda needs it")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = client("iam").create_role(RoleName="lambda", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("check.py", "def handler(event, context): pass")
    for region in REGIONS:
        for arn in FUNCTIONS:
            client("lambda", region).create_function(
                FunctionName=arn.rpartition(":")[2],
                Runtime="python3.13",
                Role=role,
                Handler="check.handler",
                Code={"ZipFile": code.getvalue()},
            )


_FURNISH = {"topics": _topics, "tables": _tables, "file systems": _file_systems, "functions": _functions}


@attrs.define
class Refusal:
    """What a service answers in place of what it would.

    Args:
        code: Its code.
        sentence: Its sentence.
        times: How often.
        after: How many calls pass before it.
        seen: How many calls there were.
    """

    code: str
    sentence: str
    times: float
    after: int = 0
    seen: int = 0


_REFUSALS: dict[str, Refusal] = {}


def refuse(operation: str, code: str, sentence: str, *, times: float, after: int = 0) -> Refusal:
    """Let a service beside AWS Backup refuse calls, until `beside` furnishes it anew.

    Args:
        operation: Under the API's names: ``iam.AttachRolePolicy``.
        code: The service's code.
        sentence: What it says.
        times: How many calls; 0 only counts them.
        after: How many calls pass before.
    """
    _REFUSALS[operation] = Refusal(code, sentence, times, after)
    return _REFUSALS[operation]


def _refuse_first(model: Any, **_: object) -> None:
    from botocore.exceptions import ClientError

    refusal = _REFUSALS.get(f"{model.service_model.service_name}.{model.name}")
    if refusal is None:
        return
    refusal.seen += 1
    if refusal.after < refusal.seen <= refusal.after + refusal.times:
        raise ClientError({"Error": {"Code": refusal.code, "Message": refusal.sentence}}, model.name)


class _Done:
    """An HTTP response of which botocore looks at the status alone."""

    status_code = 200


def _put_backup_policy(params: dict[str, Any], **_: object) -> tuple[_Done, dict[str, Any]]:
    """Do what moto's EFS cannot."""
    file_system = params["url_path"].split("/")[-2]
    status = json.loads(params["body"])["BackupPolicy"]["Status"]
    region = params["context"]["client_region"]
    _backend("efs", region).file_systems_by_id[file_system]._backup = status == "ENABLED"
    return _Done(), {"BackupPolicy": {"Status": status}}


def _refuse_second(params: dict[str, Any], **_: object) -> None:
    """Refuse a second statement of one name, as Lambda does and moto does not."""
    from botocore.exceptions import ClientError

    name = unquote(params["url_path"].split("/")[-2]).rpartition(":")[2]
    backend = _backend("awslambda", params["context"]["client_region"])
    asked = json.loads(params["body"])["StatementId"]
    if any(each.get("Sid") == asked for each in backend.get_function(name).policy.statements):
        error = {"Code": "ResourceConflictException", "Message": f"The statement id ({asked}) provided already exists."}
        raise ClientError({"Error": error}, "AddPermission")
