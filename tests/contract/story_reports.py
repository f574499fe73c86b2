"""Report plans and report jobs, called with all that their operations can hold."""

from __future__ import annotations

TEMPLATES = (
    "BACKUP_JOB_REPORT",
    "COPY_JOB_REPORT",
    "RESTORE_JOB_REPORT",
    "SCAN_JOB_REPORT",
    "CONTROL_COMPLIANCE_REPORT",
    "RESOURCE_COMPLIANCE_REPORT",
)


def play(ask):
    """A plan of each template, one across accounts, their reports on demand and of a day, a change and an end."""
    made = ask(
        "CreateReportPlan",
        ReportPlanName="jobs",
        ReportPlanDescription="all backups",
        ReportDeliveryChannel={"S3BucketName": "reports", "S3KeyPrefix": "daily", "Formats": ["CSV", "JSON"]},
        ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT", "NumberOfFrameworks": 0},
        ReportPlanTags={"team": "platform"},
        IdempotencyToken="jobs",
    )
    assert ask("ListTags", ResourceArn=made["ReportPlanArn"])["Tags"] == {"team": "platform"}
    for template in TEMPLATES:
        create(ask, f"plan_{template}", ReportTemplate=template)
    create(
        ask,
        "everywhere",
        ReportTemplate="CONTROL_COMPLIANCE_REPORT",
        Accounts=["ROOT"],
        OrganizationUnits=["ou-abcd-12345678"],
        Regions=["*"],
    )
    ask.service.clock.advance(days=2)
    described = ask("DescribeReportPlan", ReportPlanName="jobs")["ReportPlan"]
    assert described["DeploymentStatus"] == "COMPLETED"
    assert described["LastSuccessfulExecutionTime"] > described["LastAttemptedExecutionTime"]
    first = ask("ListReportPlans", MaxResults=1)
    ask("ListReportPlans", MaxResults=1, NextToken=first["NextToken"])
    report(ask)
    change(ask)


def create(ask, name, **setting):
    """A plan with the least that it needs beside its setting."""
    ask(
        "CreateReportPlan",
        ReportPlanName=name,
        ReportDeliveryChannel={"S3BucketName": "reports"},
        ReportSetting=setting,
    )


def report(ask):
    """A report on demand, and the lists of all."""
    job = ask("StartReportJob", ReportPlanName="jobs", IdempotencyToken="now")
    ask("DescribeReportJob", **job)
    ask.service.clock.advance(minutes=5)
    described = ask("DescribeReportJob", **job)["ReportJob"]
    assert described["Status"] == "COMPLETED"
    assert len(described["ReportDestination"]["S3Keys"]) == 2
    now = ask.service.clock.now()
    listed = ask("ListReportJobs", ByReportPlanName="jobs", ByStatus="COMPLETED", ByCreationBefore=now, MaxResults=1)
    ask(
        "ListReportJobs",
        ByReportPlanName="jobs",
        ByStatus="COMPLETED",
        ByCreationBefore=now,
        MaxResults=1,
        NextToken=listed["NextToken"],
    )


def change(ask):
    """A plan is changed, and goes."""
    ask(
        "UpdateReportPlan",
        ReportPlanName="jobs",
        ReportPlanDescription="backups",
        ReportDeliveryChannel={"S3BucketName": "others", "Formats": ["JSON"]},
        ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
        IdempotencyToken="change",
    )
    ask.service.clock.advance(minutes=5)
    ask("DeleteReportPlan", ReportPlanName="jobs")
    ask.service.clock.advance(minutes=5)
    assert "jobs" not in {plan["ReportPlanName"] for plan in ask("ListReportPlans")["ReportPlans"]}
