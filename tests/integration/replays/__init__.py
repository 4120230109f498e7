"""Replays against a whole engine in this process."""
