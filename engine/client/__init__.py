"""The client as state without I/O: rows, numbers, outbox, results. A transport does the waiting."""
