"""Pages of the local service under changes, and refusals that change nothing."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backupkit import errors
from backupkit.emulator import LocalService

NAMES = st.sampled_from([f"vault-{number:02}" for number in range(30)])


def ask(service, operation, **params):
    return json.loads(service.call(operation, params))


@given(
    before=st.sets(NAMES),
    size=st.integers(min_value=1, max_value=7),
    changes=st.lists(st.tuples(st.booleans(), NAMES), max_size=12),
)
def test_what_is_there_all_the_time_is_shown_once(before, size, changes):
    """Whatever is made or deleted between two pages, no vault comes twice and none that stays is left out."""
    service = LocalService()
    for name in before:
        ask(service, "CreateBackupVault", BackupVaultName=name)
    staying, there, seen, params, left = set(before), set(before), [], {"MaxResults": size}, list(changes)
    while True:
        page = ask(service, "ListBackupVaults", **params)
        seen += [item["BackupVaultName"] for item in page["BackupVaultList"]]
        assert len(page["BackupVaultList"]) <= size
        if "NextToken" not in page:
            break
        params["NextToken"] = page["NextToken"]
        if left:
            make, name = left.pop()
            if make and name not in there:
                ask(service, "CreateBackupVault", BackupVaultName=name)
                there.add(name)
            elif not make and name in there:
                ask(service, "DeleteBackupVault", BackupVaultName=name)
                there.discard(name)
                staying.discard(name)
    assert len(seen) == len(set(seen))
    assert staying <= set(seen)


TABLES = [f"arn:aws:dynamodb:us-east-1:123456789012:table/table-{number}" for number in range(6)]
BETWEEN = st.sampled_from(["", "start", "start", "wait", "delete", "read"])


@given(
    before=st.integers(min_value=1, max_value=12),
    size=st.integers(min_value=1, max_value=4),
    changes=st.lists(st.tuples(BETWEEN, st.integers(min_value=0, max_value=5)), max_size=12),
)
def test_what_stays_is_shown_once_in_the_lists_of_jobs_and_points(before, size, changes):
    """The newest come first, and neither what is made between two pages nor what goes repeats or hides the others."""
    service = LocalService()
    ask(service, "CreateBackupVault", BackupVaultName="prod")
    for arn in TABLES:
        service.resources.add(arn)
    for number in range(before):
        start(service, number)
        service.clock.advance(minutes=10)
    for operation, member, name, about in (
        ("ListBackupJobs", "BackupJobs", "BackupJobId", {}),
        ("ListRecoveryPointsByBackupVault", "RecoveryPoints", "RecoveryPointArn", {"BackupVaultName": "prod"}),
    ):
        whole = ask(service, operation, **about, MaxResults=100)[member]
        staying, seen, params, left = {item[name] for item in whole}, [], {**about, "MaxResults": size}, list(changes)
        while True:
            page = ask(service, operation, **params)
            seen += page[member]
            if "NextToken" not in page:
                break
            params["NextToken"] = page["NextToken"]
            change(service, *(left.pop() if left else ("", 0)))
            there = ask(service, operation, **about, MaxResults=100)[member]
            staying &= {item[name] for item in there}
        names = [item[name] for item in seen]
        assert len(names) == len(set(names))
        assert staying <= set(names)
        moments = [item["CreationDate"] for item in seen]
        assert moments == sorted(moments, reverse=True)


def start(service, number):
    asked = {"BackupVaultName": "prod", "IamRoleArn": ROLE, "ResourceArn": TABLES[number % len(TABLES)]}
    ask(service, "StartBackupJob", **asked)


def change(service, what, number):
    match what:
        case "start":
            start(service, number)
        case "wait":
            service.clock.advance(minutes=number)
        case "read":
            ask(service, "ListBackupJobs", MaxResults=number + 1)
        case "delete":
            points = ask(service, "ListRecoveryPointsByBackupVault", BackupVaultName="prod")["RecoveryPoints"]
            ready = [point["RecoveryPointArn"] for point in points if point["Status"] == "COMPLETED"]
            for arn in ready[number : number + 2]:
                ask(service, "DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=arn)
            service.clock.advance(minutes=3)


RULE = {"RuleName": "r", "TargetBackupVaultName": "prod"}
ROLE = "arn:aws:iam::123456789012:role/backup"

WORDS = st.one_of(st.text(max_size=60), st.sampled_from(["prod", "p", "r", ROLE, "*"]))
DAYS = st.integers(min_value=-2, max_value=40_000)
REQUESTS = st.one_of(
    st.tuples(
        st.just("CreateBackupVault"),
        st.fixed_dictionaries(
            {"BackupVaultName": WORDS},
            optional={"EncryptionKeyArn": WORDS, "BackupVaultTags": st.dictionaries(WORDS, WORDS, max_size=3)},
        ),
    ),
    st.tuples(
        st.just("PutBackupVaultLockConfiguration"),
        st.fixed_dictionaries(
            {"BackupVaultName": st.just("prod")},
            optional={"MinRetentionDays": DAYS, "MaxRetentionDays": DAYS, "ChangeableForDays": DAYS},
        ),
    ),
    st.tuples(
        st.just("PutBackupVaultAccessPolicy"), st.fixed_dictionaries({"BackupVaultName": WORDS, "Policy": WORDS})
    ),
    st.tuples(
        st.just("PutBackupVaultNotifications"),
        st.fixed_dictionaries(
            {"BackupVaultName": WORDS, "SNSTopicArn": WORDS, "BackupVaultEvents": st.lists(WORDS, max_size=2)}
        ),
    ),
    st.tuples(
        st.just("CreateBackupPlan"),
        st.fixed_dictionaries(
            {
                "BackupPlan": st.fixed_dictionaries(
                    {
                        "BackupPlanName": WORDS,
                        "Rules": st.lists(
                            st.fixed_dictionaries(
                                {"RuleName": WORDS, "TargetBackupVaultName": WORDS},
                                optional={
                                    "ScheduleExpression": WORDS,
                                    "StartWindowMinutes": DAYS,
                                    "EnableContinuousBackup": st.booleans(),
                                    "Lifecycle": st.fixed_dictionaries(
                                        {}, optional={"DeleteAfterDays": DAYS, "MoveToColdStorageAfterDays": DAYS}
                                    ),
                                },
                            ),
                            max_size=3,
                        ),
                    }
                )
            }
        ),
    ),
    st.tuples(st.just("TagResource"), st.fixed_dictionaries({"ResourceArn": WORDS, "Tags": st.just({"a": "b"})})),
    st.tuples(st.just("DeleteBackupPlan"), st.fixed_dictionaries({"BackupPlanId": WORDS})),
    st.tuples(st.sampled_from(["ListBackupVaults", "ListBackupPlans"]), st.fixed_dictionaries({"NextToken": WORDS})),
)


@given(request=REQUESTS)
def test_a_call_is_answered_or_refused_and_a_refusal_changes_nothing(request):
    """Any request that fits the types ends in an answer or in a refusal, and after a refusal all is as before."""
    service = LocalService()
    ask(service, "CreateBackupVault", BackupVaultName="prod")
    ask(service, "CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [RULE]})
    before = pickle.dumps(
        (service.simulation.scopes, service.simulation.random.getstate(), len(service.simulation.agenda))
    )
    operation, params = request
    try:
        service.call(operation, params)
    except (errors.ServiceError, errors.InvalidValueError):
        after = pickle.dumps(
            (service.simulation.scopes, service.simulation.random.getstate(), len(service.simulation.agenda))
        )
        assert after == before


@pytest.mark.parametrize("seed", range(3))
def test_one_seed_gives_one_history(seed):
    """The same calls on the same seed give the same bytes."""

    def history():
        service = LocalService(seed=seed)
        service.resources.add("arn:aws:dynamodb:us-east-1:123456789012:table/orders")
        ask(service, "CreateBackupVault", BackupVaultName="prod")
        plan = ask(service, "CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [RULE]})
        selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]}
        ask(service, "CreateBackupSelection", BackupPlanId=plan["BackupPlanId"], BackupSelection=selection)
        service.clock.advance(days=5)
        return service.call("ListRecoveryPointsByBackupVault", {"BackupVaultName": "prod"})

    assert history() == history()
