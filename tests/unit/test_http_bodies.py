"""What the control path answers to bodies that it cannot take, without a socket."""

from __future__ import annotations

import json

import pytest

import backupkit as bk
from backupkit.emulator.http import App, Request

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"


@pytest.fixture
def app():
    with bk.local() as aws:
        yield App(aws.service)


def _post(app, path, body):
    return app.answer(Request("POST", f"/_backupkit/{path}", {}, body.encode()))


def _message(app, path, body):
    answer = _post(app, path, body)
    assert answer.status == 400
    return json.loads(answer.body)["Message"]


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("clock", "advance", "body: it is not JSON"),
        ("clock", "[]", "body: it is not a JSON object"),
        (
            "clock",
            '{"advance": 40}',
            "advance: it is of type number, not an object with days, hours, minutes, seconds",
        ),
        ("clock", '{"advance": {"days": "40"}}', "advance.days: it is of type string, not a number"),
        ("clock", '{"advance": {"day": 40}}', "advance.day: it is not known here; write days"),
        ("clock", '{"until": "tomorrow"}', "until: it is not a moment with its zone, like 2026-03-08T00:00:00Z"),
        ("clock", '{"until": "2026-03-08T00:00:00"}', "until: it is not a moment with its zone, like"),
        ("clock", '{"until": 5}', "until: it is of type number, not a moment with its zone, like"),
        ("events", '{"listen": "yes"}', "listen: it is of type string, not true or false"),
        ("events", "{}", "listen: it is required and missing"),
        ("faults", '{"limit": {}}', "limit.per_second: it is required and missing"),
        ("faults", '{"lag": {"seconds": 1, "kinds": "jobs"}}', "lag.kinds: it is of type string, not an array"),
        ("faults", '{"outage": {"resource_type": "EBS", "ends": "x"}}', "outage.ends: it is not a moment"),
        ("resources", '{"add": {"arn": "a", "size_bytes": 0.5}}', "add.size_bytes: it is of type number, not a whole"),
        ("resources", '{"add": {"arn": "a", "tags": []}}', "add.tags: it is of type array, not an object"),
        ("resources", '{"add": {"arn": "a", "tags": {"k": 1}}}', "add.tags[...]: it is of type number, not a string"),
        ("resources", '{"add": [{"size_bytes": 1}]}', "add[0].arn: it is required and missing"),
        ("resources", '{"infect": ["a", 5]}', "infect[1]: it is of type number, not a string"),
        ("resources", '{"erase": "a"}', "erase: it is not known here; use some of add, disinfect, infect, remove"),
        ("reset", '{"all": true}', "all: it is not known here; leave it out"),
    ],
)
def test_a_wrong_body_is_told_by_its_member_and_by_what_may_stand_there(app, path, body, message):
    """Whoever writes JSON by hand reads where it is wrong, what was got, and what to write."""
    assert message in _message(app, path, body)


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("clock", '{"advance": {"days": -1}}', "POST /_backupkit/reset goes back to the beginning"),
        ("clock", '{"advance": {"days": 1e300}}', "a move is a number below 1,000,000,000 days"),
        ("accounts", '{"approve": "x"}', "take one that GET /_backupkit/accounts shows as pending"),
        ("accounts", '{"share": {"vault": "v1", "with_account": "210987654321"}}', "create it first"),
        (
            "accounts",
            '{"credentials": {"access_key_id": "123456789012", "caller_arn": "arn:aws:iam::123456789012:role/x"}}',
            "its root calls with it",
        ),
        ("reports", '{"key": "x"}', "GET /_backupkit/reports lists them"),
        ("resources", '{"add": {"arn": "arn:aws:none:us-east-1:123456789012:x/y"}}', "say it with resource_type"),
        ("resources", '{"add": {"arn": "orders"}}', "world/arn: 'orders' is not an ARN"),
        (
            "resources",
            '{"add": {"arn": "arn:aws:s3:::b", "account_id": "12"}}',
            "world/account_id: '12' is not an account",
        ),
        (
            "resources",
            '{"add": {"arn": "arn:aws:s3:::b", "region_name": "mars"}}',
            "world/region_name: 'mars' is not a Region",
        ),
        (
            "resources",
            '{"add": {"arn": "arn:aws:s3:::b", "resource_type": "Colour"}}',
            'give "allow_unknown_type": true where AWS has it',
        ),
        ("faults", f'{{"block_backups": "{TABLE}"}}', "add it first, with POST /_backupkit/resources"),
        ("resources", f'{{"add": {{"arn": "{TABLE}", "size_bytes": -5}}}}', "-5 is a negative size"),
        ("faults", '{"block_backups": "orders"}', "faults: 'orders' is not an ARN"),
        ("faults", '{"outage": {"resource_type": "Ebs"}}', "write EBS"),
        ("faults", '{"throttle": {"operation": "start_backup_job"}}', "write StartBackupJob"),
        ("faults", '{"fail": {"code": "Nothing"}}', "take a name like"),
    ],
)
def test_a_way_out_is_one_that_http_has(app, path, body, message):
    """No refusal sends a client of HTTP to a function or an argument of Python."""
    found = _message(app, path, body)
    assert message in found
    assert [part for part in ("()", "=", "datetime", "Python") if part in found] == []


def test_a_wrong_method_is_told_with_those_that_there_are(app):
    """405 comes with an Allow header; of AWS's own paths the sentence names the methods."""
    answer = app.answer(Request("DELETE", "/_backupkit/clock"))
    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")
    answer = app.answer(Request("POST", "/backup-vaults"))
    assert json.loads(answer.body)["Message"] == "no operation has POST /backup-vaults; the path takes GET"
    answer = app.answer(Request("GET", "/"))
    assert "lies below /_backupkit" in json.loads(answer.body)["Message"]


def test_the_head_of_a_path_can_be_asked_for(app):
    """Programs that wait until a server is there often ask for the head alone."""
    assert app.answer(Request("HEAD", "/_backupkit/clock")).status == 200
    assert app.answer(Request("HEAD", "/_backupkit/reset")).status == 405
