"""Backup access points: read-only doors to points of S3, and what they keep from being deleted."""
