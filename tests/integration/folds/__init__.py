"""Logs folded again: windows of them, and comparisons with what was planted to differ."""
