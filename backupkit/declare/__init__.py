"""What a user writes: immutable values that are checked when they are made."""
