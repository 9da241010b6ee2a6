"""Which addresses and spellings are one person."""
