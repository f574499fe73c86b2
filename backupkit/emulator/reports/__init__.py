"""Reports of Backup Audit Manager: plans, and the jobs that deliver to buckets what they ask for."""
