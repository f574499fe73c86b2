"""Requests as botocore and others send them: all of them are understood, and no broken one breaks the service."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import quote

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backupkit.emulator import LocalService
from backupkit.emulator.http import App, Request
from backupkit.emulator.http.requests import params, route

MODEL = botocore.session.get_session().get_service_model("backup")
OPERATIONS = sorted(MODEL.operation_names)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=30)
LABELS = st.one_of(
    st.sampled_from(["arn:aws:dynamodb:us-east-1:123456789012:table/a b/c%2Fd", "a+b", "ä/ö", "%", "x?y=z&q", "a#b;c"]),
    TEXT.filter(lambda text: text.strip(".")),
)


def _values(shape, depth=0):
    """Values of a shape that botocore is willing to send."""
    match shape.type_name:
        case "structure":
            required = {name: _values(shape.members[name], depth + 1) for name in shape.required_members}
            optional = {name: _values(part, depth + 1) for name, part in shape.members.items() if name not in required}
            return st.fixed_dictionaries(required, optional=optional if depth < 3 else {})
        case "list":
            return st.lists(_values(shape.member, depth + 1), min_size=shape.metadata.get("min", 0), max_size=2)
        case "map":
            return st.dictionaries(_values(shape.key), _values(shape.value, depth + 1), max_size=2)
        case "timestamp":
            return MOMENTS
        case "integer" | "long":
            return st.integers(shape.metadata.get("min", -1000), 100_000)
        case "boolean":
            return st.booleans()
        case "string":
            least = shape.metadata.get("min", 0)
            return (
                LABELS if shape.serialization.get("location") == "uri" else TEXT.filter(lambda text: len(text) >= least)
            )
    raise AssertionError(shape.type_name)


class _Listener:
    """A botocore client whose requests are read by us instead of being sent."""

    def __init__(self):
        session = botocore.session.Session()
        session.set_credentials("123456789012", "secret")
        self.client = session.create_client("backup", region_name="eu-west-1")
        self.client.meta.events.register_first("before-send.backup", self._heard)
        self.heard = None

    def _heard(self, request, **_):
        target = request.url.partition(".com")[2]
        body = request.body or b""
        said = Request(request.method, target, {}, body if isinstance(body, bytes) else body.encode())
        found, labels = route(said.method, said.path, said.query)
        self.heard = found.operation, params(found.operation, labels, said)
        return AWSResponse(request.url, 200, {}, _Raw())

    def sent(self, operation, given):
        method = botocore.xform_name(operation)
        getattr(self.client, method)(**given)
        return self.heard


class _Raw:
    def stream(self, **_):
        return iter([b"{}"])

    def read(self, *_):
        return b"{}"


@pytest.fixture(scope="module")
def listener():
    return _Listener()


@pytest.mark.parametrize("operation", OPERATIONS)
@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_what_botocore_sends_is_what_the_service_gets(operation, data, listener):
    """Any input of any operation arrives as it was given: ARNs in paths, moments in queries, bodies, all of it."""
    shape = MODEL.operation_model(operation).input_shape
    given_params = data.draw(_values(shape)) if shape is not None else {}
    expected = dict(given_params)
    for name, member in (shape.members if shape is not None else {}).items():
        # botocore fills tokens in.
        if member.metadata.get("idempotencyToken"):
            expected.setdefault(name, None)
    found, got = listener.sent(operation, given_params)
    assert found == operation
    assert {name: None if expected.get(name, 0) is None else value for name, value in got.items()} == expected


def test_the_model_puts_members_only_where_they_are_looked_for():
    """Path, query and body hold all input, scalars alone stand in queries, and answers are bodies: the day a new
    version of the model differs, this says so.
    """
    for name in OPERATIONS:
        model = MODEL.operation_model(name)
        if model.input_shape is not None:
            assert "payload" not in model.input_shape.serialization
            for member in model.input_shape.members.values():
                where = member.serialization.get("location")
                assert where in {None, "uri", "querystring"}
                assert where is None or member.type_name in {"string", "integer", "long", "boolean", "timestamp"}
                assert where != "uri" or member.type_name == "string"
        if model.output_shape is not None:
            assert "payload" not in model.output_shape.serialization
            assert not [part for part in model.output_shape.members.values() if part.serialization.get("location")]


# ---- broken requests ----

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**25), 10**25) | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.one_of(
    st.just(b""),
    st.binary(max_size=60),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.sampled_from(
        [b"null", b"[]", b'"x"', b"{", b'{"a":1}x', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b"[" * 50_000, b"1" * 9_999]
    ),
)
SEGMENTS = st.one_of(
    st.text("abc%/:?#&=+. \\\x00é", max_size=8), st.sampled_from(["%zz", "%ff", "%2F", "%00", "..", ""])
)
QUERIES = st.one_of(
    st.just(""),
    st.text("abc%&=+é1", max_size=15),
    st.sampled_from(
        ["maxResults=x", "maxResults=99999999999999999999", "createdAfter=never", "createdAfter=1e400", "%"]
    ),
    st.sampled_from(
        ["createdAfter=9999-12-31T23:59:59-12:00", "nextToken=%ff", "maxResults=-1", "nextToken=abc", "&" * 2000]
    ),
)
SCOPES = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.sampled_from(
        [
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/backup/aws4_request, SignedHeaders=host, Signature=0",
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/nowhere/backup/aws4_request",
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/s3/aws4_request",
            "AWS4-HMAC-SHA256 Credential=////",
            "Basic dXNlcg==",
        ]
    ),
)


@pytest.fixture(scope="module")
def face():
    service = LocalService()
    service.call("CreateBackupVault", {"BackupVaultName": "prod"})
    service.resources.add("arn:aws:dynamodb:us-east-1:123456789012:table/orders")
    return App(service)


def _spoiled(shape, draw):
    """A body whose members are those of the shape, some with values that are not theirs."""
    kinds = st.one_of(JSON, st.just("prod"), st.integers(-5, 40_000), st.just("cron(0 5 ? * * *)"))
    match shape.type_name:
        case "structure":
            names = [name for name in shape.members if draw(st.booleans()) or name in shape.required_members]
            return {
                name: _spoiled(shape.members[name], draw) if draw(st.integers(0, 5)) else draw(kinds) for name in names
            }
        case "list":
            return [_spoiled(shape.member, draw)] * draw(st.integers(0, 2))
        case "map":
            return {"key": _spoiled(shape.value, draw)}
        case "timestamp":
            return draw(st.one_of(st.floats(-1e15, 1e15), st.integers(0, 10**10), st.text(max_size=5)))
        case "integer" | "long" | "double":
            return draw(st.one_of(st.integers(-(2**70), 2**70), st.integers(1, 500)))
        case "boolean":
            return draw(st.booleans())
    return draw(st.one_of(st.sampled_from([*shape.metadata.get("enum", ["prod"])]), st.text(max_size=12)))


def _sound(face, request):
    said = face.answer(request)
    assert said.status != 500
    assert (said.status < 300) == (said.error == "")
    if said.error:
        told = json.loads(said.body)
        control = request.path == "/_backupkit" or request.path.startswith("/_backupkit/")
        assert told["Code"] == said.error if control else told.get("Code", "ERROR_0000").startswith("ERROR_")
        assert told["Message"]
    assert said.request_id or request.path.startswith("/_backupkit")


@given(operation=st.sampled_from(OPERATIONS), data=st.data())
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_broken_request_breaks_the_service(face, operation, data):
    """Whatever stands where a member should stand, the answer is an answer of AWS, never a failure of the server."""
    model = MODEL.operation_model(operation)
    path, _, query = model.http["requestUri"].partition("?")
    for name in [part.partition("}")[0] for part in path.split("{")[1:]]:
        label = data.draw(st.one_of(SEGMENTS, st.sampled_from(["prod", quote("arn:aws:backup:x", safe="")])))
        path = path.replace(f"{{{name}}}", label)
    query = "&".join(filter(None, [query, data.draw(QUERIES)]))
    shape = model.input_shape
    made = json.dumps(_spoiled(shape, data.draw)).encode() if shape is not None and data.draw(st.booleans()) else None
    body = made if made is not None else data.draw(BODIES)
    scope = data.draw(SCOPES)
    headers = {} if scope is None else {"authorization": scope}
    _sound(face, Request(model.http["method"], f"{path}?{query}", headers, body))


@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "BREW"]),
    target=st.one_of(st.text(max_size=20), st.lists(SEGMENTS, max_size=5).map(lambda parts: "/" + "/".join(parts))),
    body=BODIES,
)
@settings(max_examples=300, deadline=None)
def test_no_path_breaks_the_service(face, method, target, body):
    """A path that is nobody's is an unknown operation."""
    _sound(face, Request(method, target, {}, body))


CONTROL = st.one_of(
    BODIES,
    st.fixed_dictionaries(
        {},
        optional={
            "advance": st.one_of(JSON, st.dictionaries(st.sampled_from(["days", "hours"]), st.floats(-1e20, 1e20))),
            "until": st.one_of(JSON, st.sampled_from(["2026-01-01", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00"])),
            "add": st.one_of(JSON, st.fixed_dictionaries({"arn": st.text(max_size=10), "size_bytes": st.integers()})),
            "remove": st.one_of(JSON, st.just("arn:aws:dynamodb:us-east-1:123456789012:table/none")),
            "deny": st.one_of(JSON, st.just("arn:aws:iam::nobody:role/x")),
        },
    ).map(lambda value: json.dumps(value).encode()),
)


@given(
    path=st.one_of(st.sampled_from(["/clock", "/world", "/faults", "/reset", "", "/"]), st.text(max_size=9)),
    method=st.sampled_from(["GET", "POST", "PUT"]),
    body=CONTROL,
)
@settings(max_examples=300, deadline=None)
def test_no_broken_word_of_control_breaks_the_service(path, method, body):
    """The control path refuses what it does not understand, in JSON."""
    _sound(App(LocalService()), Request(method, f"/_backupkit{path}", {}, body))
