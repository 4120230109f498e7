"""Replays of real input: files of order flow become commands, and the engine's answers are compared with the files."""
