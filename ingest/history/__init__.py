"""What went in, and what was said of it: git histories against the list."""
