"""Questions to the database, answered as pandas frames (tables) or frozen values (a thread, a message, a document)."""
