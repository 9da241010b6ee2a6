"""Opening databases: made on first use, refused with advice where they cannot be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from db.migrations_filter import ours
from db.models import Base
from db.session import open_engine
from errors import DatabaseError


def test_a_new_database_has_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'deep' / 'new.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": ours})
        assert compare_metadata(context, Base.metadata) == []
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"


def test_a_reader_makes_no_empty_file(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="no database"):
        open_engine(f"sqlite:///{tmp_path / 'none.db'}", create=False)
    assert not (tmp_path / "none.db").exists()


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    open_engine(f"sqlite:///{path}").dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match="newer version"):
        open_engine(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title)")
    connection.close()
    with pytest.raises(DatabaseError, match="another program"):
        open_engine(f"sqlite:///{path}")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("not a database, but long enough to look at " * 40, encoding="ascii")
    with pytest.raises(DatabaseError, match="not a database"):
        open_engine(f"sqlite:///{path}")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="ascii")
    with pytest.raises(DatabaseError, match="cannot open"):
        open_engine(f"sqlite:///{tmp_path / 'file' / 'new.db'}")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="cannot open"):
        open_engine(f"sqlite:///{tmp_path}")


def test_nonsense_is_no_database_address() -> None:
    with pytest.raises(DatabaseError, match="no database address"):
        open_engine("nosuch://somewhere")
