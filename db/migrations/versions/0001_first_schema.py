"""first schema"""

import sqlalchemy as sa
from alembic import op

from db.migrations import full_text
from db.models import Text, UTCDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "asked",
        sa.Column("thread", Text(), nullable=False),
        sa.Column("keys", Text(), nullable=False),
        sa.PrimaryKeyConstraint("thread"),
    )
    op.create_table(
        "blobs",
        sa.Column("sha256", Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table("citing", sa.Column("mid", Text(), nullable=False), sa.PrimaryKeyConstraint("mid"))
    op.create_table(
        "committed",
        sa.Column("mid", Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=True),
        sa.Column("days", sa.Double(), nullable=True),
        sa.Column("oid", Text(), nullable=False),
        sa.Column("title", Text(), nullable=False),
        sa.Column("event", Text(), nullable=False),
        sa.Column("evidence", Text(), nullable=False),
        sa.Column("others", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("mid"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", Text(), nullable=False),
        sa.Column("action", Text(), nullable=False),
        sa.Column("target", Text(), nullable=False),
        sa.Column("value", Text(), nullable=False),
        sa.Column("before", Text(), nullable=False),
        sa.Column("comment", Text(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["undoes"],
            ["decisions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_decisions_target"), "decisions", ["target"], unique=False)
    op.create_table(
        "events",
        sa.Column("mid", Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("title", Text(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("oid", Text(), nullable=False),
        sa.Column("branch", Text(), nullable=False),
        sa.Column("about", Text(), nullable=False),
        sa.PrimaryKeyConstraint("mid", "start", "title"),
    )
    op.create_index(op.f("ix_events_about"), "events", ["about"], unique=False)
    op.create_table(
        "guidelines",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", Text(), nullable=False),
        sa.Column("text_by", Text(), nullable=False),
        sa.Column("text_claim", Text(), nullable=False),
        sa.Column("topic", Text(), nullable=False),
        sa.Column("status", Text(), nullable=False),
        sa.Column("level", Text(), nullable=False),
        sa.Column("applies_to", Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("strength", Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=True),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("retired", Text(), nullable=False),
        sa.Column("reason", Text(), nullable=False),
        sa.Column("opposing", sa.JSON(), nullable=False),
        sa.Column("decisions", sa.JSON(), nullable=False),
        sa.Column("against", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("permalink", Text(), nullable=False),
        sa.Column("archive_permalink", Text(), nullable=False),
        sa.Column("product", Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "marks",
        sa.Column("stage", Text(), nullable=False),
        sa.Column("fingerprint", Text(), nullable=False),
        sa.PrimaryKeyConstraint("stage"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mid", Text(), nullable=False),
        sa.Column("message_id", Text(), nullable=False),
        sa.Column("content", Text(), nullable=False),
        sa.Column("sha256", Text(), nullable=False),
        sa.Column("subject", Text(), nullable=False),
        sa.Column("author_name", Text(), nullable=False),
        sa.Column("author_address", Text(), nullable=False),
        sa.Column("date", UTCDateTime(), nullable=True),
        sa.Column("date_from", Text(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("in_reply_to", sa.JSON(), nullable=False),
        sa.Column("references", sa.JSON(), nullable=False),
        sa.Column("list_ids", sa.JSON(), nullable=False),
        sa.Column("body", Text(), nullable=False),
        sa.Column("body_from", Text(), nullable=False),
        sa.Column("flowed", sa.Boolean(), nullable=False),
        sa.Column("agent", Text(), nullable=False),
        sa.Column("defects", sa.JSON(), nullable=False),
        sa.Column("paths", sa.JSON(), nullable=False),
        sa.Column("patch", sa.JSON(), nullable=False),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("mid", "content"),
    )
    op.create_index("ix_messages_author", "messages", ["author_name", "author_address", "date"], unique=False)
    op.create_index(op.f("ix_messages_date"), "messages", ["date"], unique=False)
    op.create_index(op.f("ix_messages_mid"), "messages", ["mid"], unique=False)
    op.create_table(
        "nodes",
        sa.Column("mid", Text(), nullable=False),
        sa.Column("parent", Text(), nullable=False),
        sa.Column("thread", Text(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("ghost", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("mid"),
    )
    op.create_index(op.f("ix_nodes_thread"), "nodes", ["thread"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("mid", Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=True),
        sa.Column("words", Text(), nullable=False),
        sa.Column("source", Text(), nullable=False),
        sa.PrimaryKeyConstraint("mid", "position"),
    )
    op.create_table(
        "outlines",
        sa.Column("key", Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "patches",
        sa.Column("mid", Text(), nullable=False),
        sa.Column("posting", Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("paths", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("mid"),
    )
    op.create_index(op.f("ix_patches_posting"), "patches", ["posting"], unique=False)
    op.create_table(
        "people",
        sa.Column("name", Text(), nullable=False),
        sa.Column("address", Text(), nullable=False),
        sa.Column("person", Text(), nullable=False),
        sa.Column("shown", Text(), nullable=False),
        sa.Column("why", Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "address"),
    )
    op.create_index(op.f("ix_people_person"), "people", ["person"], unique=False)
    op.create_table(
        "postings",
        sa.Column("key", Text(), nullable=False),
        sa.Column("chain", Text(), nullable=False),
        sa.Column("previous", Text(), nullable=False),
        sa.Column("version", Text(), nullable=False),
        sa.Column("title", Text(), nullable=False),
        sa.Column("author_name", Text(), nullable=False),
        sa.Column("author_address", Text(), nullable=False),
        sa.Column("date", UTCDateTime(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("changelog", Text(), nullable=False),
        sa.Column("why", Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_postings_chain"), "postings", ["chain"], unique=False)
    op.create_table(
        "revisions",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=True),
        sa.Column("text", Text(), nullable=False),
        sa.Column("topic", Text(), nullable=False),
        sa.Column("status", Text(), nullable=False),
        sa.Column("level", Text(), nullable=False),
        sa.Column("what", Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", "revision"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("command", Text(), nullable=False),
        sa.Column("started", UTCDateTime(), nullable=False),
        sa.Column("ended", UTCDateTime(), nullable=True),
        sa.Column("error", Text(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "stirred",
        sa.Column("kind", Text(), nullable=False),
        sa.Column("what", Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "what"),
    )
    op.create_table(
        "thread_links",
        sa.Column("thread", Text(), nullable=False),
        sa.Column("earlier", Text(), nullable=False),
        sa.Column("mid", Text(), nullable=False),
        sa.Column("why", Text(), nullable=False),
        sa.PrimaryKeyConstraint("thread", "earlier", "mid"),
    )
    op.create_index(op.f("ix_thread_links_earlier"), "thread_links", ["earlier"], unique=False)
    op.create_table(
        "threads",
        sa.Column("thread", Text(), nullable=False),
        sa.Column("subject", Text(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("first", UTCDateTime(), nullable=True),
        sa.Column("last", UTCDateTime(), nullable=True),
        sa.Column("fingerprint", Text(), nullable=False),
        sa.Column("traced", Text(), nullable=False),
        sa.Column("tagged", Text(), nullable=False),
        sa.Column("distilled", Text(), nullable=False),
        sa.PrimaryKeyConstraint("thread"),
    )
    op.create_index(op.f("ix_threads_last"), "threads", ["last"], unique=False)
    op.create_table(
        "repositories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("location", Text(), nullable=False),
        sa.Column("cursor", Text(), nullable=True),
        sa.Column("forgotten", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["lists.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("list_id", "location"),
    )
    op.create_table(
        "seen",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("what", Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_table(
        "segments",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("role", Text(), nullable=False),
        sa.Column("source_mid", Text(), nullable=True),
        sa.Column("source_start", sa.Integer(), nullable=True),
        sa.Column("source_end", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id", "position"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("location", Text(), nullable=False),
        sa.Column("cursor", Text(), nullable=True),
        sa.Column("forgotten", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["lists.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("list_id", "location"),
    )
    op.create_table(
        "statements",
        sa.Column("key", Text(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("quote", Text(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("topic", Text(), nullable=False),
        sa.Column("by", Text(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_statements_message_id"), "statements", ["message_id"], unique=False)
    op.create_index(op.f("ix_statements_topic"), "statements", ["topic"], unique=False)
    op.create_table(
        "titles",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("title", Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index(op.f("ix_titles_title"), "titles", ["title"], unique=False)
    op.create_table(
        "commits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("repository_id", sa.Integer(), nullable=False),
        sa.Column("oid", Text(), nullable=False),
        sa.Column("subject", Text(), nullable=False),
        sa.Column("author_name", Text(), nullable=False),
        sa.Column("author_email", Text(), nullable=False),
        sa.Column("authored", UTCDateTime(), nullable=False),
        sa.Column("committed", UTCDateTime(), nullable=False),
        sa.Column("message", Text(), nullable=False),
        sa.Column("trailers", sa.JSON(), nullable=False),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("release", Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"],
            ["repositories.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("repository_id", "oid"),
    )
    op.create_index(op.f("ix_commits_oid"), "commits", ["oid"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("origin", Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["lists.id"],
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
        ),
        sa.PrimaryKeyConstraint("message_id", "list_id"),
    )
    op.create_table(
        "pages",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("origin", Text(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("sha256", Text(), nullable=False),
        sa.Column("mid", Text(), nullable=False),
        sa.Column("date", UTCDateTime(), nullable=True),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("likeness", sa.Double(), nullable=False),
        sa.Column("address", Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
        ),
        sa.PrimaryKeyConstraint("source_id", "origin"),
    )
    op.create_index(op.f("ix_pages_message_id"), "pages", ["message_id"], unique=False)
    op.create_table(
        "rejects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("origin", Text(), nullable=False),
        sa.Column("sha256", Text(), nullable=False),
        sa.Column("reason", Text(), nullable=False),
        sa.Column("subject", Text(), nullable=False),
        sa.Column("message_id", Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "sha256", "reason"),
    )
    op.create_table(
        "requirements",
        sa.Column("key", Text(), nullable=False),
        sa.Column("topic", Text(), nullable=False),
        sa.Column("status", Text(), nullable=False),
        sa.Column("reason", Text(), nullable=False),
        sa.Column("concerns", sa.JSON(), nullable=False),
        sa.Column("counters", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("superseded_by", Text(), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["statements.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "statement_labels",
        sa.Column("key", Text(), nullable=False),
        sa.Column("label", Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["statements.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "label"),
    )
    op.create_index("ix_statement_labels_label", "statement_labels", ["label", "score"], unique=False)
    op.create_table(
        "commit_links",
        sa.Column("mid", Text(), nullable=False),
        sa.Column("commit_id", sa.Integer(), nullable=False),
        sa.Column("evidence", Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commit_id"],
            ["commits.id"],
        ),
        sa.PrimaryKeyConstraint("mid", "commit_id"),
    )
    op.create_table(
        "stances",
        sa.Column("requirement", Text(), nullable=False),
        sa.Column("claim", Text(), nullable=False),
        sa.Column("stance", Text(), nullable=False),
        sa.Column("mid", Text(), nullable=False),
        sa.Column("person", Text(), nullable=False),
        sa.Column("author", Text(), nullable=False),
        sa.Column("why", Text(), nullable=False),
        sa.ForeignKeyConstraint(["requirement"], ["requirements.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("requirement", "claim", "stance"),
    )
    full_text.create()


def downgrade() -> None:
    full_text.drop()
    op.drop_table("stances")
    op.drop_table("commit_links")
    op.drop_index("ix_statement_labels_label", table_name="statement_labels")
    op.drop_table("statement_labels")
    op.drop_table("requirements")
    op.drop_table("rejects")
    op.drop_index(op.f("ix_pages_message_id"), table_name="pages")
    op.drop_table("pages")
    op.drop_table("memberships")
    op.drop_index(op.f("ix_commits_oid"), table_name="commits")
    op.drop_table("commits")
    op.drop_index(op.f("ix_titles_title"), table_name="titles")
    op.drop_table("titles")
    op.drop_index(op.f("ix_statements_topic"), table_name="statements")
    op.drop_index(op.f("ix_statements_message_id"), table_name="statements")
    op.drop_table("statements")
    op.drop_table("sources")
    op.drop_table("segments")
    op.drop_table("seen")
    op.drop_table("repositories")
    op.drop_index(op.f("ix_threads_last"), table_name="threads")
    op.drop_table("threads")
    op.drop_index(op.f("ix_thread_links_earlier"), table_name="thread_links")
    op.drop_table("thread_links")
    op.drop_table("stirred")
    op.drop_table("runs")
    op.drop_table("revisions")
    op.drop_index(op.f("ix_postings_chain"), table_name="postings")
    op.drop_table("postings")
    op.drop_index(op.f("ix_people_person"), table_name="people")
    op.drop_table("people")
    op.drop_index(op.f("ix_patches_posting"), table_name="patches")
    op.drop_table("patches")
    op.drop_table("outlines")
    op.drop_table("outcomes")
    op.drop_index(op.f("ix_nodes_thread"), table_name="nodes")
    op.drop_table("nodes")
    op.drop_index(op.f("ix_messages_mid"), table_name="messages")
    op.drop_index(op.f("ix_messages_date"), table_name="messages")
    op.drop_index("ix_messages_author", table_name="messages")
    op.drop_table("messages")
    op.drop_table("marks")
    op.drop_table("lists")
    op.drop_table("guidelines")
    op.drop_index(op.f("ix_events_about"), table_name="events")
    op.drop_table("events")
    op.drop_index(op.f("ix_decisions_target"), table_name="decisions")
    op.drop_table("decisions")
    op.drop_table("committed")
    op.drop_table("citing")
    op.drop_table("blobs")
    op.drop_table("asked")
