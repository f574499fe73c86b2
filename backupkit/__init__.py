"""backupkit: declare, preview, apply and recover AWS Backup."""
