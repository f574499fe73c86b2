"""Backup, copy and restore jobs: started, run, listed and counted."""
