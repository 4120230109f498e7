"""Folds a log again: what a stretch of it did, and whether two folds are of one history and give one state.

Reads only; an engine may run on the log meanwhile.
"""
