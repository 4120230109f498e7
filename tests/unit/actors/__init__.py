"""What actors runs, file by file, without Ray."""
