"""The roles, each by itself, without Ray."""
