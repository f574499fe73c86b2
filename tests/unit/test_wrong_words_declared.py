"""What is declared or written wrongly is told in the caller's own words and place."""

from __future__ import annotations

import pytest

import backupkit as bk
from backupkit.arn import TOPIC
from backupkit.errors import InvalidValueError
from backupkit.problems import Severity


@pytest.mark.parametrize("hours", [0, 169, True, "3", None])
def test_hours_without_a_backup_are_told_as_hours(hours):
    """The message speaks of hours, which are given, and does not offer to leave them out."""
    with pytest.raises(InvalidValueError, match=r"alarm.quiet/hours: .* hours from 1 to 168") as caught:
        bk.Alarm.no_backup_for("quiet", hours=hours, topic=TOPIC.example)
    assert "period" not in str(caught.value)
    assert "leave" not in str(caught.value)


@pytest.mark.parametrize("field", ["opt_in", "management", "incremental"])
def test_settings_that_are_not_a_mapping_are_told_with_their_field(field):
    """The address names the settings and the field."""
    with pytest.raises(InvalidValueError, match=f"region_settings/{field}: a list is not a mapping"):
        bk.RegionSettings(**{field: ["S3"]})


def test_a_control_of_an_unknown_type_is_warned_of():
    """Another spelling finds nothing and is told with the right one, as is a type that backupkit does not know."""
    protected = bk.Control.resources_protected_by_backup_plan()
    assert protected.for_types("EBS", "Aurora").problems() == ()
    for wrong in ("Ebs", "Floppy"):
        (problem,) = protected.for_types(wrong).problems()
        assert problem.address.endswith("scope/resource_types")
        assert f"'{wrong}' is not a resource type" in problem.message
        assert problem.severity is Severity.WARNING
    assert "EBS" in protected.for_types("Ebs").problems()[0].hint


def test_a_parquet_file_in_a_missing_directory_is_told_by_the_callers_path(tmp_path):
    """The message has the path that was given, not the name of a temporary file."""
    pytest.importorskip("pyarrow")
    path = tmp_path / "nope" / "points.parquet"
    with pytest.raises(InvalidValueError, match=r"nope/points\.parquet"):
        bk.local().recovery_points().to_parquet(str(path))


def test_an_event_that_is_not_there_names_those_of_the_same_jobs():
    """COPY_JOB_COMPLETED is about copies: what completes backups would notify of something else."""
    topic = "arn:aws:sns:us-east-1:123456789012:alerts"
    (warned,) = bk.Vault("prod").notifying(topic, "COPY_JOB_COMPLETED").check()
    assert warned.hint == "use some of COPY_JOB_FAILED, COPY_JOB_STARTED, COPY_JOB_SUCCESSFUL"
    (warned,) = bk.Vault("prod").notifying(topic, "BACKUP_JOB_COMPLETE").check()
    assert warned.hint == "write BACKUP_JOB_COMPLETED"
