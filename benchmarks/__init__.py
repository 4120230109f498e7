"""Micro-benchmarks: one stage each, by pytest-benchmark; the whole path is measured by `orderfold bench`."""
