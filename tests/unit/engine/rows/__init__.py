"""Tests of the rows: their layout, their bytes, and the codes in them."""
