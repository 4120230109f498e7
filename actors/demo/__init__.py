"""The demonstration: orders, one process killed in front of you, and the proof that nothing is lost."""
