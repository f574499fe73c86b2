"""Audit Manager's frameworks, called with all that their operations can hold."""

from __future__ import annotations

VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123456789abcdef0"


def play(ask):
    """Two frameworks, one changed and one gone again, and their tags."""
    ask.service.resources.add(VOLUME, tags={"key1": "prod"})
    made = ask(
        "CreateFramework",
        FrameworkName="Control1",
        FrameworkDescription="This is a test framework",
        FrameworkControls=controls(),
        IdempotencyToken="Control1",
        FrameworkTags={"key1": "foo"},
    )
    ask(
        "CreateFramework",
        FrameworkName="second",
        FrameworkControls=[{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}],
    )
    ask("DescribeFramework", FrameworkName="Control1")
    ask.service.clock.advance(days=1)
    shown = ask("DescribeFramework", FrameworkName="Control1")
    assert shown["DeploymentStatus"] == "COMPLETED"
    assert shown["FrameworkControls"] == controls()
    first = ask("ListFrameworks", MaxResults=1)
    ask("ListFrameworks", MaxResults=1, NextToken=first["NextToken"])
    ask(
        "UpdateFramework",
        FrameworkName="Control1",
        FrameworkDescription="",
        FrameworkControls=controls()[:1],
        IdempotencyToken="update",
    )
    ask("DescribeFramework", FrameworkName="Control1")
    ask("TagResource", ResourceArn=made["FrameworkArn"], Tags={"Team": "platform"})
    assert ask("ListTags", ResourceArn=made["FrameworkArn"])["Tags"] == {"key1": "foo", "Team": "platform"}
    ask("UntagResource", ResourceArn=made["FrameworkArn"], TagKeyList=["Team"])
    ask.service.clock.advance(minutes=5)
    ask("DeleteFramework", FrameworkName="Control1")


def controls():
    return [
        {
            "ControlName": "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
            "ControlInputParameters": [
                {"ParameterName": "requiredRetentionDays", "ParameterValue": "35"},
                {"ParameterName": "requiredFrequencyUnit", "ParameterValue": "hours"},
                {"ParameterName": "requiredFrequencyValue", "ParameterValue": "24"},
            ],
            "ControlScope": {"Tags": {"key1": "prod"}},
        },
        {
            "ControlName": "BACKUP_LAST_RECOVERY_POINT_CREATED",
            "ControlInputParameters": [],
            "ControlScope": {
                "ComplianceResourceIds": ["vol-0123456789abcdef0"],
                "ComplianceResourceTypes": ["EBS"],
            },
        },
        {"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED", "ControlInputParameters": []},
    ]
