"""Questions to the database, answered as pandas frames (tables) or frozen values (a thread, a message, a document)."""

from db.queries.document import load as load_document
from db.queries.exports import commits, segments, statements, threads
from db.queries.links import permalink

__all__ = ["commits", "load_document", "permalink", "segments", "statements", "threads"]
