# Every kind that the AWS provider knows of AWS Backup; applied by test_terraform.py, twice, with other days.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "url" { type = string }
variable "sts" { type = string }
variable "days" { type = number }
variable "tags" { type = map(string) }
variable "opt_in" { type = map(bool) }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "123456789012"
  secret_key                  = "any"
  skip_credentials_validation = true
  skip_requesting_account_id  = false
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    backup = var.url
    sts    = var.sts
  }
}
locals {
  role = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
}
resource "aws_backup_vault" "prod" {
  name        = "prod"
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  tags        = var.tags
}
resource "aws_backup_vault" "plain" {
  name = "plain"
}
resource "aws_backup_vault_lock_configuration" "prod" {
  backup_vault_name  = aws_backup_vault.prod.name
  min_retention_days = var.days - 28
  max_retention_days = 365
}
resource "aws_backup_vault_policy" "prod" {
  backup_vault_name = aws_backup_vault.prod.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = var.days == 35 ? "backup:DeleteRecoveryPoint" : "backup:StartCopyJob", Resource = "*" }]
  })
}
resource "aws_backup_vault_notifications" "prod" {
  backup_vault_name   = aws_backup_vault.prod.name
  sns_topic_arn       = "arn:aws:sns:us-east-1:123456789012:backup"
  backup_vault_events = var.days == 35 ? ["BACKUP_JOB_COMPLETED"] : ["BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED"]
}
resource "aws_backup_logically_air_gapped_vault" "gapped" {
  name               = "gapped"
  min_retention_days = 7
  max_retention_days = 135
  tags               = var.tags
}
resource "aws_backup_plan" "nightly" {
  name = "nightly"
  rule {
    rule_name           = "daily"
    target_vault_name   = aws_backup_vault.prod.name
    schedule            = "cron(0 5 * * ? *)"
    recovery_point_tags = { From = "daily" }
    lifecycle {
      delete_after = var.days
    }
    copy_action {
      destination_vault_arn = aws_backup_vault.plain.arn
      lifecycle {
        cold_storage_after = 30
        delete_after       = 200
      }
    }
  }
  rule {
    rule_name                    = "continuous"
    target_vault_name            = aws_backup_vault.prod.name
    schedule                     = "cron(0 5 ? * * *)"
    schedule_expression_timezone = "Europe/Berlin"
    enable_continuous_backup     = true
    lifecycle {
      delete_after = 35
    }
  }
  advanced_backup_setting {
    backup_options = { WindowsVSS = "enabled" }
    resource_type  = "EC2"
  }
  tags = var.tags
}
resource "aws_backup_selection" "tagged" {
  name         = "tagged"
  plan_id      = aws_backup_plan.nightly.id
  iam_role_arn = local.role
  selection_tag {
    type  = "STRINGEQUALS"
    key   = "Backup"
    value = "${var.days} days"
  }
  resources = ["arn:aws:dynamodb:us-east-1:123456789012:table/*"]
}
resource "aws_backup_selection" "conditions" {
  name          = "conditions"
  plan_id       = aws_backup_plan.nightly.id
  iam_role_arn  = local.role
  resources     = ["*"]
  not_resources = ["arn:aws:rds:us-east-1:123456789012:db:scratch"]
  condition {
    string_equals {
      key   = "aws:ResourceTag/Environment"
      value = "production"
    }
    string_not_like {
      key   = "aws:ResourceTag/Owner"
      value = "temp*"
    }
  }
}
resource "aws_backup_framework" "audit" {
  name        = "audit"
  description = "what is asked"
  control {
    name = "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK"
    input_parameter {
      name  = "requiredRetentionDays"
      value = var.days
    }
  }
  control {
    name = "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK"
    input_parameter {
      name  = "requiredFrequencyUnit"
      value = "hours"
    }
    input_parameter {
      name  = "requiredRetentionDays"
      value = "35"
    }
    input_parameter {
      name  = "requiredFrequencyValue"
      value = "1"
    }
  }
  control {
    name = "BACKUP_RECOVERY_POINT_ENCRYPTED"
  }
  control {
    name = "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN"
    scope {
      compliance_resource_types = ["EBS"]
    }
  }
  control {
    name = "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED"
    scope {
      tags = { Environment = "production" }
    }
  }
  tags = var.tags
}
resource "aws_backup_report_plan" "compliance" {
  name        = "compliance"
  description = "what is kept ${var.days} days"
  report_delivery_channel {
    formats        = ["CSV", "JSON"]
    s3_bucket_name = "reports"
    s3_key_prefix  = "compliance"
  }
  report_setting {
    report_template      = "CONTROL_COMPLIANCE_REPORT"
    framework_arns       = [aws_backup_framework.audit.arn]
    number_of_frameworks = 1
  }
  tags = var.tags
}
resource "aws_backup_report_plan" "jobs" {
  name = "jobs"
  report_delivery_channel {
    s3_bucket_name = "reports"
  }
  report_setting {
    report_template = "BACKUP_JOB_REPORT"
  }
}
resource "aws_backup_restore_testing_plan" "weekly" {
  name                = "weekly"
  schedule_expression = "cron(0 8 ? * 1 *)"
  start_window_hours  = var.days - 20
  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.prod.arn]
    recovery_point_types  = ["SNAPSHOT", "CONTINUOUS"]
    selection_window_days = 30
  }
  tags = var.tags
}
resource "aws_backup_restore_testing_selection" "tables" {
  name                      = "tables"
  restore_testing_plan_name = aws_backup_restore_testing_plan.weekly.name
  protected_resource_type   = "DynamoDB"
  iam_role_arn              = local.role
  protected_resource_arns   = ["*"]
  validation_window_hours   = var.days - 30
  # The provider does not read it back after an update.
  restore_metadata_overrides = { encryptionType = "Default" }
}
resource "aws_backup_restore_testing_selection" "databases" {
  name                      = "databases"
  restore_testing_plan_name = aws_backup_restore_testing_plan.weekly.name
  protected_resource_type   = "RDS"
  iam_role_arn              = local.role
  protected_resource_conditions {
    string_equals {
      key   = "aws:ResourceTag/Backup"
      value = "daily"
    }
  }
}
resource "aws_backup_region_settings" "here" {
  resource_type_opt_in_preference = var.opt_in
  resource_type_management_preference = {
    "DynamoDB" = true
    "EFS"      = true
  }
}
resource "aws_backup_global_settings" "here" {
  # All that AWS tells: the provider would take away what is not here.
  global_settings = {
    isCrossAccountBackupEnabled     = var.days == 35 ? "true" : "false"
    isDelegatedAdministratorEnabled = "false"
    isMpaEnabled                    = "false"
  }
}
data "aws_backup_plan" "nightly" {
  plan_id = aws_backup_plan.nightly.id
}
data "aws_backup_vault" "prod" {
  name = aws_backup_vault.prod.name
}
data "aws_backup_selection" "tagged" {
  plan_id      = aws_backup_plan.nightly.id
  selection_id = aws_backup_selection.tagged.id
}
data "aws_backup_framework" "audit" {
  name = aws_backup_framework.audit.name
}
data "aws_backup_report_plan" "compliance" {
  name = aws_backup_report_plan.compliance.name
}
