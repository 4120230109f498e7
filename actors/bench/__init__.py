"""Benchmarks that a performance engineer can trust: what runs, on what, and what was checked, in one record."""
