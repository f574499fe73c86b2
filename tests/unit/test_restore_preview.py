"""Previews of restores: they show what is sent, hide what is secret, and start nothing by themselves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest

import backupkit as bk
from backupkit import catalog
from backupkit.catalog import PointFacts
from backupkit.errors import InvalidValueError
from backupkit.observe import RestoreMetadata, decode
from backupkit.problems import Severity
from backupkit.recover.restore_preview import draft

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1a"
VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123456789abcdef0"
FILES = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0a"
DATABASE = "arn:aws:rds:us-east-1:123456789012:db:shop"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
SECRET = "hunter2<b>"


@pytest.fixture
def aws():
    with bk.local() as connection:
        bk.Stack("s", bk.Vault("prod")).preview(connection).apply()
        for arn in (VOLUME, DATABASE):
            connection.resources.add(arn, size_bytes=2**30)
        yield connection


def taken(aws, arn):
    return aws.back_up(arn, vault="prod").wait().recovery_point


def started(aws):
    return len(list(aws.restore_jobs()))


class TestPreview:
    def test_it_starts_nothing(self, aws):
        """A preview only reads."""
        point = taken(aws, VOLUME)
        point.preview_restore(bk.restore.EBSVolume("us-east-1a"))
        assert started(aws) == 0

    def test_what_it_shows_is_what_is_sent(self, aws):
        """The job has the metadata of the preview, tokens included, and so has a restore with the same arguments."""
        preview = taken(aws, DATABASE).preview_restore(bk.restore.RDSInstance("shop-2", multi_az=True))
        job = preview.apply().wait()
        answer = aws.transport.call("GetRestoreJobMetadata", {"RestoreJobId": job.restore_job_id})
        assert json.loads(answer)["Metadata"] == preview.reveal() == preview.metadata

    def test_every_key_says_where_it_comes_from(self, aws):
        """What the caller did not say is told from what he said."""
        preview = taken(aws, VOLUME).preview_restore(bk.restore.EBSVolume("us-east-1a", key="alias/k"))
        assert {entry.key: str(entry.source) for entry in preview.sent} == {
            "availabilityZone": "request",
            "encrypted": "default",
            "kmsKeyId": "request",
        }
        assert {"volumeId", "encrypted"} <= {each.key for each in preview.dropped}

    def test_secrets_are_shown_nowhere_but_on_demand(self, aws):
        """Previews are pasted into tickets."""
        request = bk.restore.RDSInstance(
            "shop-2", tde_credential_password=SECRET, extra_metadata={"NewPassword": SECRET}
        )
        preview = taken(aws, DATABASE).preview_restore(request)
        assert preview.metadata["TdeCredentialPassword"] == preview.metadata["NewPassword"] == "***"
        shown = [str(preview), repr(preview), preview.to_json(), preview._repr_html_(), str(preview.problems)]
        assert not any("hunter2" in each for each in shown)
        assert preview.reveal()["TdeCredentialPassword"] == preview.reveal()["NewPassword"] == SECRET

    def test_a_password_inside_a_structure_is_hidden_alone(self, aws):
        """The rest of the structure is what one wants to see."""
        share = "arn:aws:fsx:us-east-1:123456789012:file-system/fs-0a"
        aws.resources.add(share, size_bytes=2**30)
        configuration = bk.restore.WindowsConfiguration(
            32, self_managed_active_directory_configuration={"UserName": "admin", "Password": SECRET}
        )
        request = bk.restore.FSxWindows(subnet_ids="subnet-1", windows_configuration=configuration)
        preview = taken(aws, share).preview_restore(request)
        assert json.loads(preview.metadata["WindowsConfiguration"])["SelfManagedActiveDirectoryConfiguration"] == {
            "UserName": "admin",
            "Password": "***",
        }
        assert "hunter2" not in str(preview) + repr(request)

    @pytest.mark.parametrize(
        ("kind", "values"),
        [
            ("FSx", {"WindowsConfiguration": '{"selfmanagedactivedirectoryconfiguration": {"PASSWORD": "hunter2"}}'}),
            ("EKS", {"nestedRestoreJobs": json.dumps({"arn": json.dumps({"MasterUserPassword": "hunter2"})})}),
            ("RDS", {"Unknown": '[{"clientSecret": "hunter2", "Name": "shown"}]'}),
            ("RDS", {"adminPassword": "hunter2"}),
        ],
    )
    def test_a_secret_is_hidden_in_whatever_case_and_however_deep(self, kind, values):
        """Keys compare without case, and metadata may lie within metadata as text."""
        [sent] = draft(bk.restore.Raw(kind, values), PointFacts(resource_type=kind), None).sent
        assert "hunter2" not in sent.display_value
        assert "***" in sent.display_value
        assert ("shown" in values[sent.key]) == ("shown" in sent.display_value)
        assert sent.value == values[sent.key]

    def test_what_holds_no_secret_is_shown_as_it_is_sent(self):
        """Whoever compares it with the documents finds the same text."""
        text = '{"CpuCredits":"standard",   "Other": [1, 2.0]}'
        raw = bk.restore.Raw("EC2", {"CreditSpecification": text})
        [sent] = draft(raw, PointFacts(resource_type="EC2"), None).sent
        assert sent.display_value == text

    @pytest.mark.parametrize(
        ("arn", "request_", "new"),
        [
            ("arn:aws:s3:::logs", bk.restore.S3Bucket("gone"), {"new_bucket": True}),
            (FILES, bk.restore.EFSFileSystem(file_system_id="fs-0a9"), {"file_system_id": None}),
        ],
    )
    def test_a_target_that_is_not_there_is_told_with_the_way_to_a_new_one(self, aws, arn, request_, new):
        """What the hint says to say makes the restore go through."""
        aws.resources.add(arn)
        point = taken(aws, arn)
        [problem] = point.preview_restore(request_).obstacles
        assert next(iter(new)) in problem.hint.partition("a new one: say ")[2]
        assert point.preview_restore(attrs.evolve(request_, **new)).obstacles == ()

    def test_html_is_escaped(self, aws):
        """Metadata may come from anybody who can tag."""
        raw = bk.restore.Raw("EBS", {"availabilityZone": "<script>"})
        assert "<script>" not in taken(aws, VOLUME).preview_restore(raw)._repr_html_()

    def test_text_and_json_tell_the_same(self, aws):
        """Programs read JSON, people the text."""
        preview = taken(aws, VOLUME).preview_restore(bk.restore.EBSVolume("us-east-1a"))
        told = json.loads(preview.to_json())
        assert told == preview.to_dict()
        assert told["metadata"] == {"availabilityZone": "us-east-1a", "encrypted": "false"}
        for key in (*told["metadata"], *told["dropped"]):
            assert key in str(preview)


class TestProblems:
    def test_what_would_fail_the_job_stops_it(self, aws):
        """The preview says so, and `apply` and `restore` start nothing."""
        point = taken(aws, DATABASE)
        before = point.creation_date - timedelta(days=1)
        preview = point.preview_restore(bk.restore.RDSInstance("shop-2"), as_of=before, preflight=False)
        assert [problem.address for problem in preview.problems] == ["restore/as_of"]
        with pytest.raises(InvalidValueError, match="take an older point"):
            preview.apply()
        assert started(aws) == 0

    def test_raw_metadata_is_sent_as_it_is_and_doubted(self, aws):
        """AWS may know keys that backupkit does not."""
        point = taken(aws, VOLUME)
        preview = point.preview_restore(bk.restore.Raw("EBS", {"availabilityZone": "us-east-1a", "colour": "red"}))
        assert {problem.severity for problem in preview.problems} == {Severity.WARNING}
        assert preview.reveal() == {"availabilityZone": "us-east-1a", "colour": "red"}
        assert preview.apply().restore_job_id

    def test_a_moment_needs_a_zone(self, aws):
        """05:00 somewhere is not a moment."""
        with pytest.raises(InvalidValueError, match=r"as_of: .* is not a moment with a time zone"):
            taken(aws, VOLUME).preview_restore(bk.restore.EBSVolume("us-east-1a"), as_of=datetime(2026, 1, 1))
        late = datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))
        with pytest.raises(InvalidValueError, match="no moment in UTC"):
            taken(aws, VOLUME).preview_restore(bk.restore.EBSVolume("us-east-1a"), as_of=late)

    def test_an_ebs_snapshot_can_become_a_volume_of_a_gateway(self, aws):
        """What a point can become is a set in the catalog, and nothing else is tried."""
        request = bk.restore.StorageGatewayVolume(
            gateway_arn="arn:aws:storagegateway:us-east-1:123456789012:gateway/sgw-1",
            target_name="disk-2",
            volume_size_in_bytes=2**30,
        )
        point = taken(aws, VOLUME)
        assert point.restore(request).resource_type == "Storage Gateway"
        with pytest.raises(
            InvalidValueError, match=r"of type EBS, not EC2; use a restore request of EBS or Storage Gateway"
        ):
            point.restore(bk.restore.EC2Instance())

    def test_a_machine_becomes_an_instance_by_its_own_request(self, aws):
        """AWS names the target inside the metadata of the machine, so a request for EC2 would be refused."""
        machine = "arn:aws:backup-gateway:us-east-1:123456789012:vm/vm-0a"
        aws.resources.add(machine, size_bytes=2**30)
        point = taken(aws, machine)
        with pytest.raises(InvalidValueError, match="of type VirtualMachine, not EC2"):
            point.restore(bk.restore.EC2Instance())
        assert point.restore(bk.restore.VirtualMachine("EC2Instance")).resource_type == "VirtualMachine"
        assert catalog.TYPES["VirtualMachine"].becomes == {"EC2", "EBS"}


class TestPoints:
    def test_a_point_tells_its_age_and_its_kind(self, aws):
        """What a person asks first."""
        point = taken(aws, VOLUME)
        aws.clock.advance(hours=5)
        assert timedelta(hours=5) <= point.age < timedelta(hours=6)
        assert not point.is_continuous

    def test_a_continuous_database_comes_back_as_of_a_moment(self, aws):
        """From the question to the instance, with one word for the moment."""
        rule = bk.Rule("always", "prod").continuously(keep_days=10)
        plan = bk.Plan("pitr", rule).protecting(bk.Selection("database", ROLE).including(DATABASE))
        bk.Stack("shop", plan).preview(aws).apply()
        aws.clock.advance(days=5)
        moment = aws.clock.now() - timedelta(days=1)
        point = aws.recovery_points(resource=DATABASE).latest(as_of=moment)
        assert point.is_continuous
        preview = point.preview_restore(bk.restore.RDSInstance("shop-2"), as_of=moment)
        assert preview.metadata["RestoreTime"] == moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert preview.apply().wait().created_resource_arn == f"{DATABASE}-2"
        newest = point.preview_restore(bk.restore.RDSInstance("shop-3"))
        assert newest.metadata["UseLatestRestorableTime"] == "true"
        assert newest.apply().wait().created_resource_arn == f"{DATABASE}-3"
        raw = {"DBInstanceIdentifier": "shop-4", "Engine": "mysql"}
        silent = point.preview_restore(bk.restore.Raw("RDS", raw), as_of=moment)
        [hint] = [problem.hint for problem in silent.problems if problem.severity is Severity.ERROR]
        said = bk.restore.Raw("RDS", {**raw, **json.loads("{" + hint.removeprefix("write ").split(" into")[0] + "}")})
        assert point.preview_restore(said, as_of=moment).problems == ()

    def test_the_latest_as_of_a_moment_may_be_of_that_very_moment(self, aws):
        """as_of= includes the moment, before= does not."""
        point = taken(aws, VOLUME)
        points = aws.recovery_points(resource=VOLUME)
        assert points.latest(as_of=point.creation_date).recovery_point_arn == point.recovery_point_arn
        with pytest.raises(bk.errors.NotFoundError):
            points.latest(before=point.creation_date)
        with pytest.raises(InvalidValueError, match="give one of the two"):
            points.latest(as_of=point.creation_date, before=point.creation_date)

    def test_nulls_that_aws_answers_are_read(self):
        """The guide's example of EBS has one; it made all of the metadata unreadable."""
        body = b'{"RestoreMetadata": {"encrypted": "false", "availabilityZone": null}}'
        found = decode.record(body, RestoreMetadata)
        assert found.restore_metadata == {"encrypted": "false", "availabilityZone": None}
        assert not found.extra
