"""Replays: files of real order flow become commands, and the engine's answers are compared with the files."""
