"""The reference model over many commands."""
