"""The demonstration, without Ray: what it proves, and what it shows."""
