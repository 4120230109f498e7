"""Deterministic simulation: the real roles, loops and storage under a seeded scheduler with faults.

Swapped are only the disk's failures, the clock, the network, and which thread runs next. A seed is a whole
history: `python -m tests.simulation.run --seed 17` replays it.
"""
