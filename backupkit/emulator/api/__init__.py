"""The operations of AWS Backup, a file for each family."""
