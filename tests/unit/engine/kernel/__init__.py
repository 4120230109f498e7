"""Tests of the kernel's parts by themselves; tests/properties runs it as a whole beside the model."""
