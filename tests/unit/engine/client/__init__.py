"""The client without an engine process: rows, numbers, refusals, bad input."""
