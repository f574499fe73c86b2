"""Low-cost warm storage for S3 data."""
