// A backup, made and restored with the SDK for JavaScript: what it prints is compared by test_http_clients.py.
import {
  BackupClient,
  CreateBackupPlanCommand,
  CreateBackupSelectionCommand,
  CreateBackupVaultCommand,
  DeleteBackupVaultCommand,
  DeleteRecoveryPointCommand,
  DescribeBackupJobCommand,
  DescribeBackupVaultCommand,
  DescribeRecoveryPointCommand,
  DescribeRestoreJobCommand,
  GetRecoveryPointRestoreMetadataCommand,
  InvalidRequestException,
  ListBackupJobsCommand,
  ListFrameworksCommand,
  ListTagsCommand,
  MissingParameterValueException,
  StartBackupJobCommand,
  StartRestoreJobCommand,
  TagResourceCommand,
  paginateListRecoveryPointsByBackupVault,
} from "@aws-sdk/client-backup";

const endpoint = process.env.AWS_ENDPOINT_URL_BACKUP;
const aws = new BackupClient({ maxAttempts: 1 });
const table = "arn:aws:dynamodb:eu-west-1:210987654321:table/a/b";
const role = "arn:aws:iam::210987654321:role/backup";
const seen = {};

const control = async (path, said) =>
  (await fetch(`${endpoint}/_backupkit${path}`, { method: "POST", body: JSON.stringify(said) })).json();
const refusal = async (command) => {
  try {
    await aws.send(command);
  } catch (error) {
    return error;
  }
  throw new Error("it was not refused");
};

await control("/resources", { add: { arn: table, size_bytes: 1000 } });
const vault = await aws.send(new CreateBackupVaultCommand({ BackupVaultName: "prod", BackupVaultTags: { a: "b c" } }));
seen.vault = vault.BackupVaultArn;
seen.created = vault.CreationDate.toISOString();
await aws.send(new TagResourceCommand({ ResourceArn: vault.BackupVaultArn, Tags: { "d/e": "ü" } }));
seen.tags = (await aws.send(new ListTagsCommand({ ResourceArn: vault.BackupVaultArn }))).Tags;

const plan = await aws.send(
  new CreateBackupPlanCommand({
    BackupPlan: {
      BackupPlanName: "nightly",
      Rules: [{ RuleName: "daily", TargetBackupVaultName: "prod", ScheduleExpression: "cron(0 5 ? * * *)" }],
    },
  }),
);
await aws.send(
  new CreateBackupSelectionCommand({
    BackupPlanId: plan.BackupPlanId,
    BackupSelection: { SelectionName: "all", IamRoleArn: role, Resources: [table] },
  }),
);
await control("/clock", { advance: { days: 3 } });

const points = async () => {
  const found = [];
  for await (const page of paginateListRecoveryPointsByBackupVault({ client: aws, pageSize: 1 }, { BackupVaultName: "prod" })) {
    found.push(...page.RecoveryPoints);
  }
  return found;
};
seen.points = (await points()).length;

const job = await aws.send(new StartBackupJobCommand({ BackupVaultName: "prod", ResourceArn: table, IamRoleArn: role }));
await control("/clock", { advance: { hours: 12 } });
const ended = await aws.send(new DescribeBackupJobCommand({ BackupJobId: job.BackupJobId }));
seen.job = ended.State;
const noon = new Date("2026-01-02T12:00:00Z");
seen.late = (await aws.send(new ListBackupJobsCommand({ ByCreatedAfter: noon }))).BackupJobs.length;

const at = { BackupVaultName: "prod", RecoveryPointArn: ended.RecoveryPointArn };
seen.status = (await aws.send(new DescribeRecoveryPointCommand(at))).Status;
const { RestoreMetadata } = await aws.send(new GetRecoveryPointRestoreMetadataCommand(at));
const restore = await aws.send(
  new StartRestoreJobCommand({
    RecoveryPointArn: ended.RecoveryPointArn,
    IamRoleArn: role,
    Metadata: { ...RestoreMetadata, targetTableName: "again" },
  }),
);
await control("/clock", { advance: { hours: 12 } });
const restored = await aws.send(new DescribeRestoreJobCommand({ RestoreJobId: restore.RestoreJobId }));
seen.restored = [restored.Status, restored.CreatedResourceArn];

const full = await refusal(new DeleteBackupVaultCommand({ BackupVaultName: "prod" }));
seen.refused = [full instanceof InvalidRequestException, full.name, full.message, full.$metadata.httpStatusCode];
const missing = await refusal(new CreateBackupPlanCommand({ BackupPlan: { Rules: [] } }));
seen.missing = missing instanceof MissingParameterValueException;
seen.unknown = (await refusal(new DescribeBackupVaultCommand({ BackupVaultName: "none" }))).name;
try {
  await aws.send(new ListFrameworksCommand({}));
} catch (error) {
  seen.lacking = error.name;
}
for (const point of await points()) {
  await aws.send(new DeleteRecoveryPointCommand({ BackupVaultName: "prod", RecoveryPointArn: point.RecoveryPointArn }));
}
await control("/clock", { advance: { minutes: 30 } });
await aws.send(new DeleteBackupVaultCommand({ BackupVaultName: "prod" }));
console.log(JSON.stringify(seen));
