"""Reads over real logs, in one process and across processes."""
