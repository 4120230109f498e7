"""Tests of the command line, in this process, on small made engines."""
