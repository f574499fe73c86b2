"""Logically air-gapped vaults: what may be copied into and out of them, and backups that are made for them."""
