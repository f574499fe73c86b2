"""Restores of composites: which point is restored, and whether all that is nested in it comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

import backupkit as bk
from backupkit.errors import InvalidValueError, PreflightError

ACCOUNT, REGION = "123456789012", "us-east-1"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-01234567"
CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/kube"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/1c2fa620-982a-11e3-aff7-50e2416294e0"
KUBE = bk.restore.EKSCluster("kube")


@pytest.fixture
def aws():
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        for arn in (VOLUME, FILES):
            aws.resources.add(arn)
        yield aws


def backed_up(aws, arn):
    aws.resources.add(arn, members=[VOLUME, FILES])
    return aws.back_up(arn, vault="prod").wait().recovery_point.refresh()


def nested(aws, point):
    return {each.resource_type: each for each in aws.recovery_points(vault="prod", parent=point.recovery_point_arn)}


def test_the_newest_whole_point_of_a_cluster_is_its_composite(aws):
    """Its state, which is nested and a little younger, would bring back none of its volumes."""
    point = backed_up(aws, CLUSTER)
    assert nested(aws, point)["EKS"].creation_date > point.creation_date
    assert aws.recovery_points(resource=CLUSTER).latest().recovery_point_arn == point.recovery_point_arn
    assert aws.recovery_points(vault="prod").where(resource_type="EKS").latest().is_parent
    assert aws.preview_recovery(CLUSTER, to=KUBE).point.recovery_point_arn == point.recovery_point_arn


def test_the_state_is_taken_where_only_that_is_asked_for(aws):
    """Whoever lists what is nested in a composite gets the state from there."""
    point = backed_up(aws, CLUSTER)
    states = aws.recovery_points(vault="prod", parent=point.recovery_point_arn).where(resource_type="EKS")
    assert states.latest().parent_recovery_point_arn == point.recovery_point_arn


def test_the_newest_whole_point_of_a_stack_is_its_template_also_between_the_two(aws):
    """The composite is older by seconds, cannot be restored, and is not taken for a moment in between."""
    point = backed_up(aws, STACK)
    template = nested(aws, point)["CloudFormation"]
    points = aws.recovery_points(resource=STACK)
    assert points.latest().recovery_point_arn == template.recovery_point_arn
    between = point.creation_date + (template.creation_date - point.creation_date) / 2
    with pytest.raises(bk.errors.NotFoundError, match="1 composite, whose nested points are restored"):
        points.latest(as_of=between)


def test_the_composite_of_a_stack_is_refused_before_the_call_with_the_way_to_its_parts(aws):
    """The message lists the nested points as it can be typed in, and those can be restored."""
    point = backed_up(aws, STACK)
    preview = point.preview_restore(bk.restore.CloudFormationStack("again"))
    [problem] = preview.problems
    assert "as a whole" in problem.message
    with pytest.raises(InvalidValueError, match="composite"):
        preview.apply()
    found = eval(problem.hint.partition(": ")[2], {"aws": aws})
    again = next(each for each in found if each.resource_type == "CloudFormation")
    assert again.restore(bk.restore.CloudFormationStack("again")).wait().status == "COMPLETED"


class TestVolumesOfACluster:
    def test_volumes_that_would_not_come_back_stop_the_restore(self, aws):
        """They are named in the message, as the request takes them; so are both ways out."""
        point = backed_up(aws, CLUSTER)
        with pytest.raises(PreflightError, match="2 volumes of the cluster would not come back") as raised:
            point.restore(KUBE)
        said = str(raised.value)
        assert all(nested(aws, point)[each].recovery_point_arn in said for each in ("EBS", "EFS"))
        assert point.restore(bk.restore.EKSCluster("kube", restore_kubernetes_manifests_only=True)).wait()

    def test_named_volumes_come_back_beside_the_state(self, aws):
        """Each has a job below that of the cluster, and nothing is left to say."""
        point = backed_up(aws, CLUSTER)
        parts = nested(aws, point)
        jobs = {
            parts["EBS"].recovery_point_arn: bk.restore.EBSVolume(f"{REGION}a"),
            parts["EFS"].recovery_point_arn: bk.restore.EFSFileSystem(),
        }
        got = aws.recover(CLUSTER, to=bk.restore.EKSCluster("kube", nested_restore_jobs=jobs))
        assert sorted(each.resource_type for each in got.job.children()) == ["EBS", "EFS", "EKS"]

    def test_who_names_some_is_told_of_the_others_and_not_stopped(self, aws):
        """A choice is a choice, and the preview says what it leaves out."""
        point = backed_up(aws, CLUSTER)
        jobs = {nested(aws, point)["EBS"].recovery_point_arn: bk.restore.EBSVolume(f"{REGION}a")}
        preview = point.preview_restore(bk.restore.EKSCluster("kube", nested_restore_jobs=jobs))
        assert preview.obstacles == ()
        [note] = (check for check in preview.checks if check.name == "nested")
        assert (str(note.verdict), "1 volume" in note.message) == ("note", True)

    def test_what_is_not_nested_in_the_point_is_refused(self, aws):
        """The point of another backup of the same volume is easily taken for the right one."""
        point = backed_up(aws, CLUSTER)
        aws.clock.advance(hours=1)
        other = aws.back_up(VOLUME, vault="prod").wait().recovery_point.recovery_point_arn
        request = bk.restore.EKSCluster("kube", nested_restore_jobs={other: bk.restore.EBSVolume(f"{REGION}a")})
        with pytest.raises(PreflightError, match=f"names what is not nested in the point: {other}; name some of"):
            point.restore(request)
        assert aws.clock.now() - point.creation_date > timedelta(hours=1)
