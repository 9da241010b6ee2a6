"""New text to sentences to statement tags, with spaCy. Knows nothing of mail or SQL."""
