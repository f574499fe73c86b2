"""Vaults: made, locked, guarded by policies, and what they notify of."""
