"""Accounts among each other: organizations, shared vaults, restore access vaults and the teams that approve."""
