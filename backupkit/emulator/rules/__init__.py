"""Rules about what is held: where points stand and how they age, locks, holds, nesting, who sees which vault."""
