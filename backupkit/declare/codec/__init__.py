"""Declared values to the API's documents and back: the only place of `declare` that knows PascalCase."""
