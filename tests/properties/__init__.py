"""Properties: kernel and reference model driven beside each other."""
