"""The resources that a session can hold: one file for each type, and one table of them all."""
