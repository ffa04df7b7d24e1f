"""House rules that no linter knows. Each is a function over files, tried on a planted fault before it is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "bots", "moderation", "translation", "simulators")
#: More than one can hold in the head.
MAX_LINES = 450


def list_sources(root: Path, *suffixes: str) -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in suffixes and "vendor" not in path.parts:
                yield path


def find_commits(root: Path) -> list[str]:
    """Only ``app/core/db.py`` commits or rolls back."""
    return [
        str(path.relative_to(root))
        for path in list_sources(root, ".py")
        if path != root / "app/core/db.py" and re.search(r"\.(commit|rollback)\(", path.read_text(encoding="utf-8"))
    ]


def find_long_files(root: Path) -> list[str]:
    return [
        str(path.relative_to(root))
        for path in list_sources(root, ".py", ".js", ".css", ".html")
        if len(path.read_text(encoding="utf-8").splitlines()) > MAX_LINES
    ]


def find_busy_inits(root: Path) -> list[str]:
    """A package's ``__init__.py`` imports nothing, so that importing a module runs that module alone."""
    return [
        str(path.relative_to(root))
        for path in list_sources(root, ".py")
        if path.name == "__init__.py" and re.search(r"^\s*(from|import) (?!__future__)", path.read_text("utf-8"), re.M)
    ]


def find_inline_scripts(root: Path) -> list[str]:
    """The content security policy refuses inline scripts, styles and handlers; better to learn it here."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\sstyle=|\son[a-z]+=\"", re.I)
    return [
        str(path.relative_to(root)) for path in list_sources(root, ".html") if inline.search(path.read_text("utf-8"))
    ]


def find_ambient_imports(root: Path) -> list[str]:
    """Services, queries and policies never ask Flask who is there (import-linter knows the layers, this the names)."""
    ambient = re.compile(r"\b(current_user|current_app|flask)\b")
    names = {"service.py", "queries.py", "policy.py", "models.py"}
    return [
        str(path.relative_to(root))
        for path in list_sources(root, ".py")
        if (path.name in names or path.parent.name == "service")
        and "web" not in path.parts
        and ambient.search(path.read_text("utf-8"))
    ]


RULES = {
    find_commits: ("app/forum/service.py", "session.commit()\n"),
    find_long_files: ("app/web/long.py", "x = 1\n" * (MAX_LINES + 1)),
    find_busy_inits: ("app/forum/__init__.py", "from app.forum import models\n"),
    find_inline_scripts: ("app/web/templates/x.html", "<p>ok</p><script>alert(1)</script>"),
    find_ambient_imports: ("app/forum/policy.py", "from flask import g\n"),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: object) -> None:
    assert rule(ROOT) == []  # type: ignore[operator]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_catches_a_planted_fault(rule: object, tmp_path: Path) -> None:
    name, text = RULES[rule]  # type: ignore[index]
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert rule(tmp_path) == [name]  # type: ignore[operator]
