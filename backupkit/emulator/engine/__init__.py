"""What runs on the clock: backup, copy, restore and scan jobs, composites, indexes, schedules."""
