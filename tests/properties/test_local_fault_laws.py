"""Laws of faults by choice: they strike the calls they are set for, and a program that tries again ends as without them."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from backupkit import errors
from backupkit.emulator import LocalService
from backupkit.emulator.http import App, Request

ROLE = "arn:aws:iam::123456789012:role/backup"
VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0f1e2d3c4b5a69788"
OPERATIONS = ("CreateBackupVault", "StartBackupJob", "ListBackupJobs", "DeleteBackupVault", "*")

counts = st.integers(1, 6)
some_calls = st.fixed_dictionaries(
    {"at": counts, "seed": st.integers(0, 9)}, optional={"times": counts, "rate": st.sampled_from([0.2, 0.5, 0.9])}
)
any_fault = st.tuples(st.sampled_from(["throttle", "fail", "drop", "cut"]), st.sampled_from(OPERATIONS), some_calls)


def served(faults):
    service = LocalService(seed=3)
    service.resources.add(VOLUME)
    for verb, operation, when in faults:
        getattr(service.faults, verb)(operation, **when)
    return service


def insisted(service, operation, **params):
    """The answer in the end; each try has the token of the first."""
    while True:
        try:
            return json.loads(service.call(operation, params))
        except (errors.UnavailableError, errors.UnreachableError):
            continue
        except errors.AccessDeniedError:
            # The vault went when the answer was lost.
            return {}


def story(service):
    """Some vaults and jobs, each made with a token, and one vault deleted."""
    for name in ("prod", "spare"):
        insisted(service, "CreateBackupVault", BackupVaultName=name, CreatorRequestId=name)
    asked = {"BackupVaultName": "prod", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    jobs = [insisted(service, "StartBackupJob", **asked, IdempotencyToken=str(number)) for number in range(3)]
    insisted(service, "ListBackupJobs")
    insisted(service, "DeleteBackupVault", BackupVaultName="spare")
    service.clock.advance(days=1)
    service.faults.clear()
    seen = [service.call(name, {}) for name in ("ListBackupVaults", "ListBackupJobs", "ListProtectedResources")]
    return jobs, seen


@settings(max_examples=60, deadline=None)
@given(st.lists(any_fault, max_size=5), st.booleans())
def test_who_tries_again_with_the_same_token_ends_as_without_faults(faults, after):
    """The same ids, the same jobs, the same vaults: lost requests and lost answers leave no trace."""
    faults = [(verb, operation, {**when, "after": after and verb != "cut"}) for verb, operation, when in faults]
    assert story(served(faults)) == story(served([]))


odd = st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.text(max_size=5))
moments = st.sampled_from(["2026-02-01T00:00:00Z", "2025-01-01T00:00:00+01:00", "9999-12-31T23:59:59Z", "2026-02-01"])
numbers = st.sampled_from([-1, 0, 0.5, 0.9, 1, 1, 90, 10**6, 1e300])
which = {
    "operation": st.sampled_from(["*", "ListBackupVaults", "StartBackupJob", "CreateBackupPlan", "ListVaults"]),
    "at": st.integers(0, 20),
    "times": st.integers(0, 20),
    "rate": st.sampled_from([0.1, 0.5, 0.9, 1, 2]),
    "seed": st.integers(),
    "after": st.booleans(),
    "account_id": st.sampled_from(["123456789012", "210987654321", "000000000000", "me"]),
    "region_name": st.sampled_from(["eu-west-1", "us-east-1", "us-gov-west-1", "here"]),
}
texts = st.sampled_from(["InternalFailure", "ThrottlingException", "OptInRequired", "", "NoSuchException"])


def one_or_more(**words):
    one = st.fixed_dictionaries({}, optional=words)
    return st.one_of(one, one, st.lists(one, max_size=2), st.lists(one, max_size=2), odd)


bodies = st.fixed_dictionaries(
    {},
    optional={
        "clear": st.one_of(st.booleans(), odd),
        "deny": st.one_of(st.just(ROLE), one_or_more(role=st.just(ROLE), until=moments, seconds=numbers)),
        "release": st.one_of(st.just(VOLUME), st.lists(st.just(VOLUME)), odd),
        "throttle": one_or_more(**which),
        "limit": one_or_more(
            operation=which["operation"], per_second=numbers, burst=numbers, region_name=which["region_name"]
        ),
        "fail": one_or_more(**which, code=texts, message=texts),
        "delay": one_or_more(**which, seconds=numbers),
        "cut": one_or_more(**which, orderly=st.booleans()),
        "outage": one_or_more(
            resource_type=st.sampled_from(["EBS", "Floppy"]),
            jobs=st.lists(st.sampled_from(["backup", "copy", "tape"]), max_size=2),
            starts=moments,
            ends=moments,
        ),
        "lag": one_or_more(seconds=numbers, kinds=st.lists(st.sampled_from(["plans", "clouds"]), max_size=2)),
    },
)


@settings(max_examples=200, deadline=None)
@given(bodies)
def test_whatever_is_said_of_faults_is_done_or_refused(body):
    """The control path never fails, and a refused body changes nothing."""
    face = App(LocalService())
    before = face.answer(Request("GET", "/_backupkit/faults")).body
    sent = json.dumps(body).encode()
    answer = face.answer(Request("POST", "/_backupkit/faults", {}, sent))
    assert answer.status in {200, 400}
    assert answer.status == 200 or face.answer(Request("GET", "/_backupkit/faults")).body == before


@settings(max_examples=60, deadline=None)
@given(counts, counts, st.integers(0, 12))
def test_exactly_the_calls_that_are_meant_are_struck(at, times, calls):
    """From the first to the last, each once, none before and none after."""
    service = LocalService()
    fault = service.faults.throttle("ListBackupVaults", at=at, times=times)
    struck = []
    for number in range(1, calls + 1):
        try:
            service.call("ListBackupVaults", {})
        except errors.UnavailableError:
            struck.append(number)
    assert struck == [number for number in range(at, at + times) if number <= calls]
    assert fault.fired == len(struck)
    assert (service.simulation.faults is None) == (calls >= at + times - 1)
