"""The tests. Every folder below is a package, so that tests/unit/engine never poses as engine."""
