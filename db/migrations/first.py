"""Writes the first revision anew from the models: ``python -m db.migrations.first``, then ``ruff format``.

For as long as nothing has been released; later changes are revisions of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from db import models

PATH = Path(__file__).parent / "versions" / "0001_first_schema.py"
HEAD = '''"""first schema"""

import sqlalchemy as sa
from alembic import op

from db.migrations import full_text
from db.models import {types}

revision = "0001"
down_revision = None


def upgrade() -> None:
    {upgrade}
    full_text.create()


def downgrade() -> None:
    full_text.drop()
    {downgrade}
'''


def source() -> str:
    """The revision as Python, unformatted."""
    used: set[str] = set()

    def ours(kind: str, value: Any, _context: Any) -> str | Literal[False]:
        name = type(value).__name__
        if kind != "type" or getattr(models, name, None) is not type(value):
            return False
        used.add(name)
        return f"{name}()"

    with create_engine("sqlite://").connect() as connection:
        script = produce_migrations(MigrationContext.configure(connection), models.Base.metadata)
    assert script.upgrade_ops and script.downgrade_ops
    up, down = (render_python_code(ops, render_item=ours) for ops in (script.upgrade_ops, script.downgrade_ops))
    return HEAD.format(types=", ".join(sorted(used)), upgrade=_bare(up), downgrade=_bare(down))


def _bare(code: str) -> str:
    """Without Alembic's remarks that it wrote this."""
    return "\n".join(line for line in code.splitlines() if not line.strip().startswith("# ###")).strip()


if __name__ == "__main__":
    PATH.write_text(source(), encoding="utf-8")
