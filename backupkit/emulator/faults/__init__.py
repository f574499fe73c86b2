"""What goes wrong by choice, so that a program can be seen to stand it.

- `switches` has the verbs: throttle, limit, fail, delay, drop, cut, outage, lag, deny, clear.
- `calls` strikes calls, `outages` strikes jobs, `lags` lets reads be behind.
- `codes` is the table of errors that AWS documents.
"""
