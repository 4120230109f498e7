"""What storage remembers, file by file."""
