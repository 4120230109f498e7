"""Runs: roles, the transports that carry frames to them, and the command line."""
