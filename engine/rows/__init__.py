"""Rows: fixed-width little-endian rows for commands, events and answers."""
