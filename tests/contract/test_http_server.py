"""The server: HTTP/1.1 on loopback, for several clients at once, unmoved by what is no HTTP."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import socket
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import botocore.exceptions
import pytest
from botocore import UNSIGNED
from http_programs import ACCOUNT, REGION, client, control, program
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import backupkit as bk
from backupkit.__main__ import main
from backupkit.emulator import LocalService
from backupkit.emulator.http import LocalServer, Request, serving
from backupkit.emulator.http.app import App
from backupkit.emulator.http.connections import LARGEST_BODY, Timeouts
from backupkit.emulator.resources.synthetic import SyntheticWorld
from backupkit.errors import ConfigurationError


@pytest.fixture
def service():
    return LocalService()


@pytest.fixture
def url(service):
    with serving(service) as found:
        yield found


@contextmanager
def line(url):
    """A plain connection."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        yield connection


def said(url, *parts: bytes) -> bytes:
    """All that comes back until the server hangs up."""
    with line(url) as connection:
        for part in parts:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_only_this_machine_can_reach_it(url):
    """It listens on 127.0.0.1, and there is no way to make it listen anywhere else."""
    assert url.startswith("http://127.0.0.1:")


def test_one_connection_serves_many_calls(url):
    """HTTP/1.1 keeps the connection, after refusals and answers without a body, too."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.connect()
    first = connection.sock
    steps = [
        ("PUT", "/backup-vaults/prod", b"{}", 200),
        ("PUT", "/backup-vaults/prod", b"{}", 400),
        ("POST", "/restore-jobs", b"", 404),
        ("PUT", "/backup-vaults/prod/vault-lock", b'{"MinRetentionDays": 7}', 200),
        ("PUT", "/backup-vaults/prod", b"{", 400),
        ("HEAD", "/backup-vaults/", b"", 404),
        ("GET", "/backup-vaults/prod", b"", 200),
    ]
    for method, path, body, status in steps:
        connection.request(method, path, body)
        answer = connection.getresponse()
        answer.read()
        assert (method, path, answer.status) == (method, path, status)
        assert connection.sock is first
    connection.close()


def test_answers_have_the_statuses_of_the_model(url):
    """201 and 204 where the model says so; a 204 has no body, and the connection goes on after it."""
    aws = client(url)
    aws.create_backup_vault(BackupVaultName="prod")
    role, table = f"arn:aws:iam::{ACCOUNT}:role/r", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t"
    control(url, "/resources", {"add": {"arn": table}})
    job = aws.start_backup_job(BackupVaultName="prod", ResourceArn=table, IamRoleArn=role)["BackupJobId"]
    control(url, "/clock", {"advance": {"hours": 12}})
    point = aws.describe_backup_job(BackupJobId=job)["RecoveryPointArn"]
    metadata = aws.get_recovery_point_restore_metadata(BackupVaultName="prod", RecoveryPointArn=point)
    assert metadata["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert aws.delete_recovery_point(BackupVaultName="prod", RecoveryPointArn=point)["ResponseMetadata"]["RequestId"]
    from backupkit.emulator.http.requests import route

    found, _ = route("POST", "/backup-vaults/prod/mpaApprovalTeam", "delete")
    assert (found.operation, found.status) == ("DisassociateBackupVaultMpaApprovalTeam", 204)
    found, _ = route("DELETE", "/legal-holds/h", "cancelDescription=x")
    assert (found.operation, found.status) == ("CancelLegalHold", 201)


def test_refusals_come_out_as_the_classes_of_the_model(url):
    """boto3 raises its generated exceptions, with the sentence and a request id, and retries nothing."""
    aws = client(url)
    aws.create_backup_vault(BackupVaultName="prod")
    with pytest.raises(aws.exceptions.AlreadyExistsException, match="already exists") as caught:
        aws.create_backup_vault(BackupVaultName="prod")
    told = caught.value.response["ResponseMetadata"]
    assert told["RequestId"]
    assert told["HTTPHeaders"]["x-amzn-errortype"] == "AlreadyExistsException"
    assert (told["HTTPStatusCode"], told["RetryAttempts"]) == (400, 0)
    with pytest.raises(aws.exceptions.ClientError, match="Insufficient privileges") as caught:
        aws.describe_backup_vault(BackupVaultName="none")
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_an_operation_that_is_missing_is_named(url, monkeypatch):
    """What the service does not have is not a plausible lie: the answer says which operation it was."""
    from backupkit.emulator.wiring import OPERATIONS

    monkeypatch.delitem(OPERATIONS, "ListBackupPlans")
    with pytest.raises(botocore.exceptions.ClientError, match="does not have ListBackupPlans") as caught:
        client(url).list_backup_plans()
    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_the_signature_says_region_and_account(url):
    """Each Region has its own vaults; an access key id of 12 digits is the account, any other is the default one."""
    for key, region, account in (
        ("AKIDEXAMPLE", "eu-west-1", ACCOUNT),
        ("210987654321", "eu-west-1", "210987654321"),
        ("ASIA1234", "us-east-1", ACCOUNT),
    ):
        arn = client(url, key=key, region=region).create_backup_vault(BackupVaultName="prod")["BackupVaultArn"]
        assert arn == f"arn:aws:backup:{region}:{account}:backup-vault:prod"
    unsigned = client(url, region="ap-south-1", signature_version=UNSIGNED)
    [vault] = unsigned.list_backup_vaults()["BackupVaultList"]
    assert vault["BackupVaultArn"] == f"arn:aws:backup:us-east-1:{ACCOUNT}:backup-vault:prod"


def test_moments_and_filters_arrive(url):
    """Filters by time and pages work over the query string as they do in the process."""
    aws = client(url)
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/a b"
    control(url, "/resources", {"add": {"arn": table}})
    aws.create_backup_vault(BackupVaultName="prod")
    for _ in range(3):
        role = f"arn:aws:iam::{ACCOUNT}:role/r"
        aws.start_backup_job(BackupVaultName="prod", ResourceArn=table, IamRoleArn=role)
        control(url, "/clock", {"advance": {"days": 1}})
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    late = aws.list_backup_jobs(ByCreatedAfter=noon)["BackupJobs"]
    assert len(late) == 1
    assert len(aws.list_backup_jobs(ByCreatedBefore=noon.astimezone())["BackupJobs"]) == 2
    pages = list(aws.get_paginator("list_backup_jobs").paginate(PaginationConfig={"PageSize": 1}))
    assert [len(page["BackupJobs"]) for page in pages[:3]] == [1, 1, 1]
    assert len(aws.list_recovery_points_by_resource(ResourceArn=table)["RecoveryPoints"]) == 3


def test_many_clients_at_once(url):
    """Threads with clients of their own and with a shared one lose nothing and mix nothing up."""
    shared = client(url, max_pool_connections=8)

    def work(number):
        aws = shared if number % 2 else client(url)
        for step in range(15):
            name = f"vault-{number}-{step}"
            arn = aws.create_backup_vault(BackupVaultName=name)["BackupVaultArn"]
            assert arn.endswith(f":{name}")
            assert aws.describe_backup_vault(BackupVaultName=name)["BackupVaultName"] == name

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    pages = shared.get_paginator("list_backup_vaults").paginate()
    assert sum(len(page["BackupVaultList"]) for page in pages) == 8 * 15


def test_what_is_served_can_be_called_directly_too():
    """A test may turn the clock in the process while a program under test calls over HTTP."""
    with bk.local() as aws, serving(aws.service) as url:
        aws.clock.advance(days=2)
        client(url).create_backup_vault(BackupVaultName="prod")
        assert [vault.backup_vault_name for vault in aws.vaults] == ["prod"]
        assert client(url).describe_backup_vault(BackupVaultName="prod")["CreationDate"] == aws.clock.now()


def test_our_own_connection_speaks_to_it(url):
    """``bk.connect(endpoint_url=...)`` goes the same way as to AWS."""
    import boto3

    session = boto3.Session(aws_access_key_id="A", aws_secret_access_key="b")
    with bk.connect(session, region_name=REGION, endpoint_url=url) as aws:
        client(url).create_backup_vault(BackupVaultName="prod")
        assert [vault.backup_vault_name for vault in aws.vaults] == ["prod"]


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (b"GET /\r\n\r\n", b"505"),
        (b"GET / HTTP/9.9\r\n\r\n", b"505"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"414"),
        (b"GET /" + b"a" * 300_000, b"414"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"a: b\r\n" * 200 + b"\r\n", b"431"),
        (b"BREW /backup-vaults/ HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"PUT /backup-vaults/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"PUT /backup-vaults/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", b"400"),
        (
            b"PUT /backup-vaults/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            b"400",
        ),
        (
            b"PUT /backup-vaults/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (LARGEST_BODY + 1),
            b"413",
        ),
        (b"PUT /backup-vaults/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n", b"413"),
        (b"PUT /backup-vaults/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", b"400"),
        (b"GET /backup-vaults/ HTTP/1.1\r\n\r\n", b"400"),
        (
            b"PUT /backup-vaults/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            b"411",
        ),
        (b"GET http://127.0.0.1/backup-vaults/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", b"200"),
        (b"GET /backup-vaults/ HTTP/1.0\r\n\r\n", b"200"),
    ],
)
def test_what_is_no_request_gets_an_answer_all_the_same(url, request_line, status):
    """Broken lines, headers and lengths are refused in JSON with a status of their own, and the server goes on."""
    head, _, body = said(url, request_line).partition(b"\r\n\r\n")
    assert head.split()[1] == status
    assert status == b"200" or json.loads(body)["Message"]
    assert client(url).list_backup_vaults()["ResponseMetadata"]["HTTPStatusCode"] == 200


HOST = b"Host: localhost\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        b"no colon\r\nHost: evil.example\r\n",
        b"no colon\r\nHost: localhost\r\nOrigin: https://evil.example\r\n",
        b"Host: localhost\r\nno colon\r\nContent-Length: 2\r\n",
        b"Host: localhost\r\nContent-Length : 2\r\n",
        b"Host: localhost\r\n: 2\r\n",
        b"Host: localhost\r\nHost: localhost\r\n",
        b"Host: localhost\r\nContent-Length: 2, 3\r\n",
        b"Host: localhost\r\nContent-Length: +2\r\n",
        b"Host: localhost\r\nContent-Length: 0x2\r\n",
        b"Host: localhost\r\nContent-Length: 1_0\r\n",
        b"Host: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        b"Host: localhost\r\nTransfer-Encoding: xchunked\r\n",
        b"Host: localhost\r\nX: a\x00b\r\n",
        b"Host: localhost\r\nOrigin: http://localhost\r\nOrigin: https://evil.example\r\n",
    ],
)
def test_headers_that_two_readers_could_read_in_two_ways_end_the_connection(url, headers):
    """No header hides another, and no body is taken for a second request: one refusal, and then the line is closed."""
    hidden = b"PUT /backup-vaults/hidden HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n"
    found = said(url, b"PUT /backup-vaults/seen HTTP/1.1\r\n" + headers + b"\r\n{}" + hidden)
    assert found.count(b"HTTP/1.1 ") == 1
    assert found.split()[1] in {b"400", b"403", b"411", b"501"}
    assert b"\r\nconnection: close\r\n" in found
    assert client(url).list_backup_vaults()["BackupVaultList"] == []


def test_a_body_is_never_run_as_a_request(url):
    """What stands inside a body of the length that was announced is a body, whatever it looks like."""
    inner = b"PUT /backup-vaults/inner HTTP/1.1\r\n" + HOST + b"\r\n"
    whole = b"PUT /backup-vaults/outer HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(inner) + inner
    assert b" 400 " in said(url, whole)
    assert client(url).list_backup_vaults()["BackupVaultList"] == []


def test_requests_that_come_together_are_answered_in_their_order(url):
    """A client may send its next request before it has the answer to the last."""
    many = [b"PUT /backup-vaults/v%d HTTP/1.1\r\n%sContent-Length: 2\r\n\r\n{}" % (n, HOST) for n in range(20)]
    found = said(url, b"".join(many))
    names = [f":v{n}".encode() for n in range(20)]
    assert found.count(b"HTTP/1.1 200 ") == 20
    assert sorted(names, key=found.index) == names


def test_an_announced_body_costs_nothing_before_it_comes(url):
    """Memory is taken for what a client has sent, not for what it says it will send."""
    tracemalloc.start()
    try:
        with contextlib.ExitStack() as held:
            for _ in range(8):
                connection = held.enter_context(line(url))
                head = b"PUT /backup-vaults/a HTTP/1.1\r\n%sExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
                connection.sendall(head % (HOST, LARGEST_BODY))
                # Asked for the body, so the head was read, and the server waits.
                assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
            taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < LARGEST_BODY / 2


def test_a_request_that_drips_is_let_go_of():
    """A client that sends its request byte by byte has a limited time for all of it, however steadily it sends."""
    server = LocalServer(App(LocalService()), timeouts=Timeouts(request=0.3))
    server.start()
    try:
        with line(server.url) as connection, pytest.raises(OSError):  # noqa: PT012 - the server may hang up at any byte
            for byte in itertools.cycle(b"x"):
                connection.sendall(bytes([byte]))
                time.sleep(0.02)
    finally:
        server.close()


def test_a_client_that_never_reads_holds_nothing_up(service):
    """Closing waits a moment for answers under way, and no longer: whoever does not read them gets no more."""
    for number in range(200):
        service.call(
            "CreateBackupVault", {"BackupVaultName": f"vault-{number:03}", "BackupVaultTags": {"a": "b" * 200}}
        )
    server = LocalServer(App(service), timeouts=Timeouts(goodbye=0.3))
    server.start()
    ask = b"GET /backup-vaults/?maxResults=1000 HTTP/1.1\r\n" + HOST + b"\r\n"
    with line(server.url) as deaf:
        deaf.settimeout(0.5)
        with pytest.raises(TimeoutError):
            # Until the server has stopped reading, because nobody takes its answers.
            deaf.sendall(ask * 200_000)
        before = time.monotonic()
        server.close()
        assert time.monotonic() - before < 10
    assert not [thread for thread in threading.enumerate() if thread.name == "backupkit local client"]


@given(
    blob=st.one_of(
        st.binary(max_size=200),
        st.tuples(
            st.sampled_from([b"GET ", b"PUT ", b"POST ", b"HEAD ", b"BREW ", b"", b" "]),
            st.sampled_from([b"/backup-vaults/a", b"/_backupkit/clock", b"*", b"//", b"http://[", b"a b", b""]),
            st.sampled_from([b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b"\r\n", b" HTTP/x\r\n", b" HTTP/2.0\r\n", b"\n"]),
            st.lists(
                st.one_of(
                    st.sampled_from(
                        [
                            b"Content-Length: 2\r\n",
                            b"Content-Length : 2\r\n",
                            b"Transfer-Encoding: chunked\r\n",
                            b"Host: localhost\r\n",
                            b"Host: localhost\r\n",
                            b"Content-Length: 5\r\n",
                            b"Expect: 100-continue\r\n",
                            b"Connection: close\r\n",
                            b"Host: [\r\n",
                            b"Origin: http://[\r\n",
                            b"Authorization: \xff\r\n",
                            b" folded: x\r\n",
                            b": x\r\n",
                        ]
                    ),
                    st.binary(max_size=12).map(lambda name: name + b"\r\n"),
                ),
                max_size=4,
            ).map(b"".join),
            st.sampled_from([b"\r\n", b"\n", b""]),
            st.sampled_from([b"{}", b"", b"[[", b"\xff" * 9]),
        ).map(b"".join),
    )
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_break_the_server(url, blob):
    """Whatever comes over the line, what goes back is HTTP or nothing, and never a failure of the server."""
    found = said(url, blob)
    assert found == b"" or found.startswith(b"HTTP/1.")
    assert b" 500 " not in found


def test_a_client_may_wait_to_be_asked_for_its_body(url):
    """Large bodies are often announced with ``Expect: 100-continue``; the answer to that comes at once."""
    with line(url) as connection:
        head = (
            b"PUT /backup-vaults/prod HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        connection.sendall(head)
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"{}")
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_hangs_up_in_the_middle_disturbs_nobody(url, capfd):
    """Half a request does nothing; the next client is served, and nothing is printed."""
    whole = b"PUT /backup-vaults/prod HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{}        "
    for length in range(len(whole)):
        answer = said(url, whole[:length])
        # Half a request line can be told from a whole one; after it, there is nobody left to tell.
        assert answer == b"" or (length < 33 and b" 400 " in answer)
    assert client(url).list_backup_vaults()["BackupVaultList"] == []
    assert b" 200 " in said(url, whole)
    assert capfd.readouterr() == ("", "")


def test_a_body_of_the_largest_size_is_read(url):
    """Large is not an error by itself: a body up to the limit is looked at, and refused for what it says."""
    body = b'{"BackupPlan": "' + b"a" * (LARGEST_BODY - 18) + b'"}'
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    connection.request("PUT", "/backup/plans/", body)
    answer = connection.getresponse()
    assert answer.status == 400
    assert json.load(answer)["Message"] == "BackupPlan: it is of type string, not an object"
    connection.close()


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Host", "localhost:8765", 200),
        ("Host", "backup.localhost", 200),
        ("Host", "[::1]:80", 200),
        ("Host", "evil.example", 403),
        ("Host", "127.0.0.1.evil.example", 403),
        ("Origin", "http://localhost:3000", 200),
        ("Origin", "https://evil.example", 403),
        ("Origin", "null", 403),
        ("Origin", "http://[::1", 403),
    ],
)
def test_pages_of_the_web_cannot_use_it(url, header, value, status):
    """A browser on this machine may show pages of others; their scripts get nothing and change nothing."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.putrequest("GET", "/backup-vaults/", skip_host=header == "Host")
    connection.putheader(header, value)
    connection.endheaders()
    assert connection.getresponse().status == status
    connection.close()


def test_closing_ends_idle_connections_and_threads(service):
    """After the block nobody is served, no thread is left, and clients that wait are let go."""
    before = {*threading.enumerate()}  # those of earlier tests may still be ending
    with serving(service) as url:
        aws = client(url, connect_timeout=2, retries={"total_max_attempts": 1})
        aws.list_backup_vaults()
        with line(url) as idle:
            assert {*threading.enumerate()} - before
            server_gone = idle.recv
    assert not {*threading.enumerate()} - before
    with pytest.raises(botocore.exceptions.EndpointConnectionError):
        aws.list_backup_vaults()
    assert server_gone


def test_a_port_that_is_taken_is_a_clear_error(url):
    """Two servers never answer at one port; the second says which port it was."""
    port = int(url.rpartition(":")[2])
    with pytest.raises(ConfigurationError, match=f"port {port} of 127.0.0.1"):
        LocalServer(App(LocalService()), port)
    with pytest.raises(ConfigurationError, match="99999 is not a port"):
        LocalServer(App(LocalService()), 99999)


def test_the_command_serves_until_it_is_told_to_stop():
    """The first line of its output says where it is; SIGTERM ends it in peace."""
    with program("--region", "eu-west-1", "--account", "210987654321", "--start", "2026-03-01T00:00:00Z") as running:
        told = control(running.url)
        assert (told["region"], told["account"], told["now"]) == ("eu-west-1", "210987654321", "2026-03-01T00:00:00Z")
        client(running.url).list_backup_vaults()
        assert "stopped" in running.stop()
        assert running.process.returncode == 0


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--start", "yesterday"], "'yesterday' is not a moment"),
        (["--start", "2026-03-01T00:00:00"], "is not a moment with its zone: write it like 2026-03-01T00:00:00Z"),
        (["--start", "10000-01-01T00:00:00Z"], "is not a moment"),
        (["--start", "0001-01-01T00:00:00+23:00"], "is not a moment"),
        (["--start", "9" * 5000], "is not a moment"),
        (["--port", "9" * 400], "is not a port: give 0 to 65535"),
        (["--region", ""], "'' is no"),
        (["--account", ""], "'' is no"),
        (["--state", "a\0b"], "is not a file that keeps anything"),
        (["--state", "/dev/null"], "it is a folder or a device"),
        (["--region", "moon"], "'moon' is not a Region"),
        (["--account", "42"], "'42' is not an account"),
        (["--port", "70000"], "70000 is not a port: give 0 to 65535"),
        (["--state", "/nowhere/at/all.db"], "/nowhere/at/all.db cannot be used"),
    ],
)
def test_a_wrong_setting_ends_the_command_in_one_line(options, word, capsys):
    """Nothing is served, standard error says what is wrong, and the status is 1."""
    assert main(["local", "--port", "0", *options]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert word in told.err
    assert told.err.count("\n") == 1
    assert len(told.err) < 500


def test_a_device_that_is_named_as_a_state_file_is_left_alone():
    """What is not a file keeps its mode: others on the machine need it."""
    before = Path("/dev/null").stat().st_mode
    assert main(["local", "--port", "0", "--state", "/dev/null"]) == 1
    assert Path("/dev/null").stat().st_mode == before


NUMBERS = [b"1e400", b"-1e400", b"9" * 5000, b"253402300800", b"-62135596801", b"NaN", b"1" + b"0" * 18, b'"9e99"']
BODIES = [
    ("POST", "/_backupkit/clock", b'{"advance": {"days": %s}}'),
    ("POST", "/_backupkit/clock", b'{"until": %s}'),
    (
        "POST",
        "/_backupkit/resources",
        b'{"add": {"arn": "arn:aws:dynamodb:us-east-1:123456789012:table/t", "size_bytes": %s}}',
    ),
    ("POST", "/_backupkit/faults", b'{"lag": {"seconds": %s}}'),
    ("POST", "/_backupkit/faults", b'{"outage": {"resource_type": "EBS", "ends": %s}}'),
    ("PUT", "/backup-vaults/prod/vault-lock", b'{"MinRetentionDays": %s}'),
    (
        "POST",
        "/legal-holds/",
        b'{"Title": "t", "Description": "d", "RecoveryPointSelection": {"DateRange": {"FromDate": 0, "ToDate": %s}}}',
    ),
    ("GET", "/backup-jobs/?createdAfter=%s", b""),
    ("GET", "/backup-vaults/?maxResults=%s", b""),
]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.decode()[:12])
@pytest.mark.parametrize(("method", "target", "body"), BODIES, ids=[f"{body[1]} {body[2][:30]}" for body in BODIES])
def test_numbers_and_moments_beyond_all_bounds_are_refused(method, target, body, number):
    """Infinite, huge and impossible numbers get one short answer, never a failure; the service goes on after it."""
    face = App(LocalService())
    face.answer(Request("PUT", "/backup-vaults/prod"))
    said = face.answer(Request(method, target.replace("%s", number.decode()), {}, body.replace(b"%s", number)))
    assert said.status < 500
    assert said.status == 200 or len(json.loads(said.body)["Message"]) < 3000
    assert face.answer(Request("GET", "/_backupkit")).status == 200
    assert face.answer(Request("GET", "/backup-vaults/prod")).status == 200


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"a":' * 200_000, b'{"BackupPlan": ' + b"[" * 5000 + b"]" * 5000 + b"}"]
)
def test_documents_nested_too_deeply_are_refused(body):
    """JSON of a depth that nobody writes gets a 400, to AWS Backup's own operations and to the control path."""
    face = App(LocalService())
    for method, target in (("PUT", "/backup/plans/"), ("POST", "/_backupkit/clock")):
        said = face.answer(Request(method, target, {}, body))
        assert (said.status, said.error) == (400, "SerializationException")


def test_a_message_is_no_longer_than_a_person_reads():
    """A refusal that quotes what it got is cut: four million letters are not sent back."""
    said = App(LocalService()).answer(Request("GET", "/backup-jobs/?state=" + "x" * 100_000))
    assert said.status == 400
    assert len(said.body) < 3000


# ---- the control path ----


def test_the_clock_moves_over_http(url, service):
    """``advance`` and ``until`` let happen what is due, exactly as in the process; the answer says what time it is."""
    start = service.clock.now()
    assert control(url, "/clock") == {"now": "2026-01-01T00:00:00Z"}
    assert control(url, "/clock", {"advance": {"days": 40, "minutes": 0.5}}) == {"now": "2026-02-10T00:00:30Z"}
    assert service.clock.now() == start + timedelta(days=40, seconds=30)
    assert control(url, "/clock", {"until": "2026-03-01T01:00:00+01:00"}) == {"now": "2026-03-01T00:00:00Z"}
    assert control(url, "/clock", {"rate": 60})["rate"] == 60
    assert control(url, "/clock", {"stop": True})["rate"] == 60, "what runs by itself is not a move"
    assert "rate" not in control(url, "/clock", {"rate": 0})


def test_resources_come_and_go_over_http(url, service):
    """Synthetic resources can be added, tagged and removed, one or several, all or none."""
    table, volume = "arn:aws:dynamodb:us-east-1:123456789012:table/t", "arn:aws:ec2:us-east-1:123456789012:volume/v"
    told = control(url, "/resources", {"add": [{"arn": table, "size_bytes": 5, "tags": {"a": "b"}}, {"arn": volume}]})
    assert [resource["arn"] for resource in told["resources"]] == [table, volume]
    control(url, "/resources", {"tag": {"arn": table, "tags": {"c": "d"}}, "remove": volume})
    [left] = control(url, "/resources")["resources"]
    assert left == {
        "arn": table,
        "resource_type": "DynamoDB",
        "size_bytes": 5,
        "tags": {"a": "b", "c": "d"},
        "daily_change": 0.0,
        "daily_growth": None,
    }
    assert _refused(url, "/resources", {"remove": table, "add": {"arn": "none"}})[0] == 400
    assert table in service.resources


def test_a_stack_tells_what_it_is_made_of_over_http(url, service):
    """Members and the key of a resource are said, and told where they were said, as `SyntheticWorld.add` has them."""
    stack = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1"
    table, key = "arn:aws:dynamodb:us-east-1:123456789012:table/t", "arn:aws:kms:us-east-1:123456789012:alias/aws/ebs"
    told = control(url, "/resources", {"add": {"arn": stack, "members": [table], "key_arn": key}})
    assert [(one["members"], one["key_arn"]) for one in told["resources"]] == [({"t": table}, key)]
    assert service.resources[stack].members == {"t": table}


def test_malware_comes_and_goes_over_http(url, service):
    """A synthetic resource can be infected and disinfected, one or several."""
    volumes = [f"arn:aws:ec2:us-east-1:123456789012:volume/vol-{number}" for number in range(2)]
    control(url, "/resources", {"add": [{"arn": arn} for arn in volumes], "infect": volumes, "seal": volumes[1]})
    assert all(service.resources[arn].malware for arn in volumes)
    assert service.resources[volumes[1]].sealed
    control(url, "/resources", {"disinfect": volumes[0]})
    assert [bool(service.resources[arn].malware) for arn in volumes] == [False, True]


def test_backups_go_wrong_over_http(url):
    """A denied role fails its jobs, and is admitted again; a held-back resource waits. ARNs say where."""
    table, role = "arn:aws:dynamodb:eu-west-1:123456789012:table/t", f"arn:aws:iam::{ACCOUNT}:role/r"
    aws = client(url, region="eu-west-1")
    aws.create_backup_vault(BackupVaultName="prod")
    control(url, "/resources", {"add": {"arn": table}})
    nothing = {"denied": [], "blocked_backups": [], "calls": [], "outages": [], "lag": None}
    told = control(url, "/faults", {"deny": role, "block_backups": [table]})
    assert told == control(url, "/faults") == {**nothing, "denied": [role], "blocked_backups": [table]}

    def state(hours):
        job = aws.start_backup_job(BackupVaultName="prod", ResourceArn=table, IamRoleArn=role)["BackupJobId"]
        control(url, "/clock", {"advance": {"hours": hours}})
        return aws.describe_backup_job(BackupJobId=job)["State"]

    assert state(30) == "EXPIRED"
    control(url, "/faults", {"release": table})
    assert state(12) == "FAILED"
    assert control(url, "/faults", {"admit": role}) == nothing
    assert state(12) == "COMPLETED"


def test_a_reset_goes_back_to_the_beginning(service):
    """The clock, the vaults and the resources are those of the moment when serving began."""
    service.call("CreateBackupVault", {"BackupVaultName": "first"})
    with serving(service) as url:
        client(url).create_backup_vault(BackupVaultName="second")
        control(url, "/clock", {"advance": {"days": 3}})
        assert control(url, "/reset", {}) == {"now": "2026-01-01T00:00:00Z"}
        [vault] = client(url).list_backup_vaults()["BackupVaultList"]
        assert vault["BackupVaultName"] == "first"


def test_a_reset_that_cannot_be_is_refused(service):
    """Where the beginning was not kept, the answer says so, and nothing is lost."""
    face = App(service, resettable=False)
    assert face.answer(Request("PUT", "/backup-vaults/prod")).status == 200
    said = face.answer(Request("POST", "/_backupkit/reset"))
    assert (said.status, said.error) == (400, "InvalidValue")
    assert b"the beginning was not kept" in said.body
    assert face.answer(Request("GET", "/backup-vaults/prod")).status == 200


class Opaque(SyntheticWorld):
    """A world whose content no state can hold."""

    def capture(self, *asked):
        return replace(super().capture(*asked), content=object())


def test_what_no_state_can_hold_is_served_all_the_same():
    """Points of a world of the caller's own may hold anything; then there is no beginning to go back to."""
    service = LocalService(world=Opaque())
    service.resources.add("arn:aws:dynamodb:us-east-1:123456789012:table/t")
    service.call("CreateBackupVault", {"BackupVaultName": "prod"})
    asked = {"BackupVaultName": "prod", "ResourceArn": "arn:aws:dynamodb:us-east-1:123456789012:table/t"}
    service.call("StartBackupJob", {**asked, "IamRoleArn": "arn:aws:iam::123456789012:role/backup"})
    service.clock.advance(hours=1)
    face = App(service)
    assert json.loads(face.answer(Request("GET", "/backup-vaults/prod")).body)["NumberOfRecoveryPoints"] == 1
    said = face.answer(Request("POST", "/_backupkit/reset"))
    assert (said.status, b"the beginning was not kept" in said.body) == (400, True)


@pytest.mark.parametrize(
    ("path", "asked", "status", "word"),
    [
        ("/clock", {"advance": {"days": -1}}, 400, "never moves backwards"),
        ("/clock", {"advance": {"weeks": 1}}, 400, "weeks"),
        ("/clock", {"advance": {"days": 1}, "until": "2026-03-01T00:00:00Z"}, 400, "say either"),
        ("/clock", {}, 400, "say either"),
        ("/clock", {"until": "2026-03-01T00:00:00"}, 400, "a moment with its zone"),
        ("/clock", {"advance": {"days": 1e9}}, 400, "calendar ends"),
        ("/resources", {"add": {"arn": "orders"}}, 400, "not an ARN"),
        ("/faults", {"deny": "r"}, 400, "not an ARN"),
        ("/faults", {"throttle": 1}, 400, "throttle"),
        ("/clocks", {}, 404, "/_backupkit/clock"),
        ("", {}, 405, "GET"),
        ("/reset", None, 405, "POST"),
    ],
)
def test_a_wrong_word_to_control_is_refused_with_the_way_out(url, path, asked, status, word):
    """Errors are JSON, name what is wrong, and change nothing."""
    got, told = _refused(url, path, asked)
    assert got == status
    assert word in told["Message"]
    assert control(url, "/clock") == {"now": "2026-01-01T00:00:00Z"}


def _refused(url, path, asked):
    import urllib.error

    with pytest.raises(urllib.error.HTTPError) as caught:
        control(url, path, asked)
    with caught.value as answer:
        return answer.status, json.load(answer)
