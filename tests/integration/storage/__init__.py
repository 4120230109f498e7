"""Logs, checkpoints and the verifier together, over several processes."""
