"""Mutants: faults planted in copies of the engine, each of which the reference model must notice."""
