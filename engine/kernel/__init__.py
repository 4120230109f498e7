"""The rules at native speed: tables, decide, evolve."""
