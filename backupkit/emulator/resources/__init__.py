"""The resources that a local AWS Backup protects: synthetic ones, or real ones behind any boto3 session."""
