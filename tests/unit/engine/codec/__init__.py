"""Tests of the frames between a client and a partition."""
