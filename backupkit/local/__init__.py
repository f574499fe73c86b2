"""An AWS Backup that lives in this process: its operations, a clock that moves, and resources to protect."""
