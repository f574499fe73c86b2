"""Backup Audit Manager: frameworks, and what their controls find."""
