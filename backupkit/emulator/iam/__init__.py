"""Who calls, and what the access policies of vaults say to it."""
