"""The bytes between a client and a partition."""
