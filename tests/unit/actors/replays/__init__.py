"""Replays: what files say, and what commands follow from it."""
