"""Reads: questions about the folded state, the rows that answer them, and the tables users get."""
