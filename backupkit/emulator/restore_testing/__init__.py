"""Restore testing: plans and selections, their runs in their windows, and what became of them."""
