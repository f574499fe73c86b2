"""What every floor of the emulator stands on: the clock, paging, shapes, the table of operations."""
