"""Benchmarks to trust: what ran, on what, and what was checked, in one record."""
