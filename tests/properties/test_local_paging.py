"""Pages of the local service under changes, and refusals that change nothing."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backupkit import errors
from backupkit.local import LocalService

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
    before = pickle.dumps((service.cloud.places, service.cloud.random.getstate(), len(service.cloud.agenda)))
    operation, params = request
    try:
        service.call(operation, params)
    except (errors.ServiceError, errors.InvalidValueError):
        after = pickle.dumps((service.cloud.places, service.cloud.random.getstate(), len(service.cloud.agenda)))
        assert after == before


@pytest.mark.parametrize("seed", range(3))
def test_one_seed_gives_one_history(seed):
    """The same calls on the same seed give the same bytes."""

    def history():
        service = LocalService(seed=seed)
        service.world.add("arn:aws:dynamodb:us-east-1:123456789012:table/orders")
        ask(service, "CreateBackupVault", BackupVaultName="prod")
        plan = ask(service, "CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [RULE]})
        selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]}
        ask(service, "CreateBackupSelection", BackupPlanId=plan["BackupPlanId"], BackupSelection=selection)
        service.clock.advance(days=5)
        return service.call("ListRecoveryPointsByBackupVault", {"BackupVaultName": "prod"})

    assert history() == history()
