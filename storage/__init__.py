"""Remembers: blocks, the logs they are chained in, and everything that lies beside them on disk."""
