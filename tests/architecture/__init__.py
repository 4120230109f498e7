"""What must hold of the code itself: sizes, names, directions, packaging, configuration."""
