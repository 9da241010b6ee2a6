"""Alembic's revisions. FTS5 tables are made by hand here and left out of autogenerate."""
