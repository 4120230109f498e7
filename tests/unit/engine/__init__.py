"""What engine decides, file by file."""
