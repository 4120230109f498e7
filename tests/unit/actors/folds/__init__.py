"""Parts of folding a log again that need no log."""
