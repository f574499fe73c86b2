"""What GetRecoveryPointRestoreMetadata answers for synthetic resources: by the table of the type, and true of the point."""

from __future__ import annotations

import re

import pytest
from test_restore_types import CASES
from test_restore_verdicts import DATABASE, VOLUME, ended, open_local, point_of

import backupkit as bk
from backupkit import restore
from backupkit.catalog import TYPES

KEY = "arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d-0000-4000-a000-1a2b3c4d5e6f"
CLUSTER = "arn:aws:rds:us-east-1:123456789012:cluster:ledger"
FIRST = {(case.kind, case.resource): case for case in reversed(CASES)}
UNKNOWN = {"S3", "FSx", "Storage Gateway", "Redshift", "Redshift Serverless", "CloudFormation", "EKS", "VirtualMachine"}
"""The types of which no answer of AWS is public."""


def told(point) -> dict[str, str | None]:
    return dict(point.raw_restore_metadata())


@pytest.fixture(scope="module")
def points():
    with open_local() as aws:
        yield {asked: point_of(aws, asked[1], asked[0]) for asked in FIRST}


@pytest.mark.parametrize("asked", FIRST, ids=lambda asked: asked[1])
class TestEveryType:
    def test_only_what_the_table_says_is_told_and_as_it_says(self, points, asked):
        """A program that reads the answer finds the keys and the spellings of AWS's, and no ids of what is not there."""
        kind = TYPES[asked[0]]
        for name, value in told(points[asked]).items():
            if name == "aws:backup:request-id":
                continue
            key = next(each for each in kind.restore_keys if each.fits(name))
            assert key.returned
            if value is not None:
                key.decode(value)
                assert not re.search(r"\b(subnet|sg|vpc|eni)-", value)

    def test_nothing_is_told_where_nobody_has_seen_what_is(self, points, asked):
        """A plausible answer would be a lie: the request id is all."""
        alone = told(points[asked]).keys() == {"aws:backup:request-id"}
        assert alone == (asked[0] in UNKNOWN or (asked[0] == "RDS" and ":cluster:" in asked[1]))


class TestThePoint:
    @pytest.mark.parametrize("key", [None, KEY])
    def test_encryption_is_that_of_the_point(self, key):
        """A copy is encrypted by the key of its vault, whatever the source was."""
        with open_local() as aws:
            west = aws.in_region("eu-west-1")
            there = KEY.replace("us-east-1", "eu-west-1")
            bk.Stack("w", bk.Vault("dr", key=there)).preview(west).apply()
            dr = "arn:aws:backup:eu-west-1:123456789012:backup-vault:dr"
            aws.resources.add(VOLUME, key_arn=key)
            aws.resources.add(CLUSTER, resource_type="Aurora", key_arn=key)
            volume, cluster = point_of(aws, VOLUME), point_of(aws, CLUSTER)
            assert told(volume)["encrypted"] == str(key is not None).lower()
            assert told(cluster).get("KmsKeyId") == key
            for point in (volume, cluster):
                point.copy_to(dr).wait()
            copies = {each.resource_type: each for each in west.recovery_points()}
            assert told(copies["EBS"])["encrypted"] == "true"
            assert told(copies["Aurora"])["KmsKeyId"] == there

    def test_the_answer_of_a_database_cannot_be_sent_back_as_it_is(self):
        """AWS tells the snapshot's name since 2026, and fails the job that is sent it; the typed request leaves it out."""
        with open_local() as aws:
            point = point_of(aws, DATABASE)
            answer = point.restore_metadata()
            assert point.recovery_point_arn.endswith(f":snapshot:{answer['DBSnapshotIdentifier']}")
            job = ended(point, "RDS", {**answer, "DBInstanceIdentifier": "shop-2"})
            assert (job.state, "DBSnapshotIdentifier" in job.status_message) == ("FAILED", True)
            assert point.restore(restore.RDSInstance("shop-2")).wait().state == "COMPLETED"
