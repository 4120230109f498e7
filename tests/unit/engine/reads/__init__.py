"""Tests of reads: sums, rows and tables."""
