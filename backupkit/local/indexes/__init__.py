"""Backup indexes: made for points of EBS and S3, so that their items can be searched."""
