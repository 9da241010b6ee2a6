"""Who may import whom: the table of the architecture, held against the code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = {"errors", "pickles", "tally"}  # importable from everywhere
MAY: dict[str, set[str]] = {
    "errors": set(),
    "pickles": set(),
    "tally": set(),
    "config": set(),
    "workers": {"cluster"},
    "cluster": set(),
    "ingest": set(),
    "nlp": set(),
    "guidelines": {"nlp.labels"},
    "db": {"ingest", "nlp", "guidelines"},
    "stages": {"ingest", "nlp", "guidelines", "db", "workers"},
    "logs": set(),
    "progress": {"stages", "logs"},
    "views": {"db", "guidelines", "nlp.labels", "config"},
    "app": {"views", "db", "config", "stages"},
    "doors": {"stages", "db", "config", "progress", "logs"},
    "commands": {"doors", "stages", "db.session", "config", "workers", "ingest.sources.recognise"},
    "cli": {"commands", "doors"},
}


def modules() -> list[Path]:
    return sorted(p for p in ROOT.rglob("*.py") if p.relative_to(ROOT).parts[0].removesuffix(".py") in MAY)


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in MAY}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    layer = name_of(path).split(".")[0]
    allowed = MAY[layer] | SHARED | {layer}
    for name in imports(path):
        assert any(name == a or name.startswith(f"{a}.") for a in allowed), f"{name} is not for {layer}"


def test_only_db_speaks_sql() -> None:
    speakers = {
        name_of(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        if name and name.split(".")[0] in {"sqlalchemy", "sqlite3", "alembic"}
    }
    strangers = {name for name in speakers if name.split(".")[0] not in {"db", "stages", "doors", "app", "views"}}
    assert not strangers


def test_modules_do_not_import_each_other_in_a_ring() -> None:
    graph: dict[str, set[str]] = {name_of(path): set() for path in modules()}
    for path in modules():
        for name in imports(path):
            target = name if name in graph else name.rpartition(".")[0]
            if target in graph and target != name_of(path):
                graph[name_of(path)].add(target)
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_stays_within_its_budget(path: Path) -> None:
    if "migrations" not in path.parts:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 250
