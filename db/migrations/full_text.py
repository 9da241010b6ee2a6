"""The full-text index over the messages, as revision 0001 makes it.

SQLite: an external-content FTS5 table, kept by triggers (sqlite.org/fts5.html, section 4.4.3). PostgreSQL: a table of
word vectors, which ``db.full_text`` fills, with a GIN index.
"""

from __future__ import annotations

from alembic import op

COLUMNS = "subject, author_name, body"


def create() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE messages_fts (message_id integer REFERENCES messages ON DELETE CASCADE, part integer, "
            "words tsvector NOT NULL, PRIMARY KEY (message_id, part))"
        )
        op.execute("CREATE INDEX messages_fts_words ON messages_fts USING gin (words)")
        return
    op.execute(
        f"CREATE VIRTUAL TABLE messages_fts USING fts5({COLUMNS}, content='messages', content_rowid='id', "
        "tokenize=\"unicode61 tokenchars '_'\")"
    )
    new = f"INSERT INTO messages_fts(rowid, {COLUMNS}) VALUES (new.id, new.subject, new.author_name, new.body);"
    old = (
        f"INSERT INTO messages_fts(messages_fts, rowid, {COLUMNS}) "
        "VALUES ('delete', old.id, old.subject, old.author_name, old.body);"
    )
    op.execute(f"CREATE TRIGGER messages_fts_insert AFTER INSERT ON messages BEGIN {new} END")
    op.execute(f"CREATE TRIGGER messages_fts_delete AFTER DELETE ON messages BEGIN {old} END")
    op.execute(f"CREATE TRIGGER messages_fts_update AFTER UPDATE OF {COLUMNS} ON messages BEGIN {old} {new} END")


def drop() -> None:
    op.execute("DROP TABLE messages_fts")
