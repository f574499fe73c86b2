"""Recovery points: where they stand, how they age, and the resources they were taken of."""
