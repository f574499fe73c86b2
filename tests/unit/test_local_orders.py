"""Long lists of the emulator that are gone through while records come and go."""

from __future__ import annotations

import json

import attrs

from backupkit.emulator import LocalService
from backupkit.emulator.kernel.paging import records_before

ROLE = "arn:aws:iam::123456789012:role/backup"


@attrs.define
class Numbered:
    """A record that knows how many came before it."""

    serial: int


def test_each_walk_shows_what_is_there_when_it_begins():
    """Points that come between two walks are in the second one, and those that come during a walk repeat nothing."""
    aws = LocalService()
    aws.call("CreateBackupVault", {"BackupVaultName": "prod"})

    def back_up(number):
        arn = f"arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-{number:017x}"
        aws.resources.add(arn)
        aws.call("StartBackupJob", {"BackupVaultName": "prod", "ResourceArn": arn, "IamRoleArn": ROLE})
        aws.clock.advance(hours=1)

    made = 6
    for number in range(made):
        back_up(number)
    for _ in range(3):
        token, seen, there = {}, [], made
        while True:
            asked = {"BackupVaultName": "prod", "MaxResults": 2, **token}
            page = json.loads(aws.call("ListRecoveryPointsByBackupVault", asked))
            seen += [point["RecoveryPointArn"] for point in page["RecoveryPoints"]]
            if "NextToken" not in page:
                break
            token = {"NextToken": page["NextToken"]}
            if len(seen) <= 6:
                # Another point with every page.
                back_up(made)
                made += 1
        assert len(set(seen)) == len(seen) == there


def test_a_record_that_is_made_again_stands_where_it_was_made_last():
    """What was taken out and put in again is new: before it comes what was there all the time, each once."""
    simulation = LocalService().simulation
    records = {name: Numbered(serial) for serial, name in enumerate("abcd", 1)}
    simulation.serial = 4

    def before(serial):
        return [record.serial for record in records_before(simulation, records, serial)]

    assert before(5) == [4, 3, 2, 1]
    del records["c"]
    records["b"], simulation.serial = Numbered(5), 5
    records["b"] = records.pop("b")
    assert before(5) == [4, 1]
    assert before(6) == [5, 4, 1]
