"""What goes wrong by choice, so that a program can be seen to stand it.

- `faults` has the verbs: throttle, limit, fail, delay, drop, cut, outage, lag, deny, clear; `requests` checks them.
- `calls` strikes calls, and lets reads be behind; `outages` strikes jobs.
- The table of errors that AWS documents is `backupkit.emulator.kernel.api_errors`.
"""
