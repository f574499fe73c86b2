"""Malware scans: of single points on demand, and after backups where a plan asks for them."""
