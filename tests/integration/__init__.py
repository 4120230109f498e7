"""Several parts together on a real disk, without Ray."""
