"""Tests of the command line as a program, and of what the documents say about it."""
