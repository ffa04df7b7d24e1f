"""The migrations: one chain, both directions, the same schema as the models, data kept when run again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from app.core.db import Database
from app.core.schema import (
    downgrade_schema,
    is_schema_current,
    list_schema_differences,
    make_config,
    upgrade_schema,
)
from app.forum.models import Category
from app.forum.starter import COUNTRIES, FACETS, LIVING, ensure_categories

ROOT = Path(__file__).resolve().parents[2]


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(make_config()).get_heads()) == 1


def test_no_migration_depends_on_the_code_of_today() -> None:
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "from app" not in source, path.name
        assert "import app" not in source, path.name


def test_down_and_up_again_gives_the_same_schema(make_database: Callable[..., Database]) -> None:
    database = make_database()
    downgrade_schema(database, "base")
    try:
        assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
        assert not is_schema_current(database)
    finally:
        upgrade_schema(database)
        with database.transaction() as session:
            ensure_categories(session)
    assert list_schema_differences(database) == []


def test_a_missing_column_is_noticed(make_database: Callable[..., Database]) -> None:
    database = make_database()
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE categories ADD COLUMN forgotten INTEGER"))
    try:
        assert list_schema_differences(database) != []
    finally:
        with database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE categories DROP COLUMN forgotten"))


def test_upgrading_again_keeps_what_an_operator_changed(make_database: Callable[..., Database]) -> None:
    database = make_database()
    with database.transaction() as session:
        session.scalars(select(Category).where(Category.slug == "work")).one().position = 77
    upgrade_schema(database)
    with database.transaction() as session:
        ensure_categories(session)
        rows = session.scalars(select(Category)).all()
        work = session.scalars(select(Category).where(Category.slug == "work")).one()
        assert work.position == 77
        assert len(rows) == len(LIVING) + len(COUNTRIES) * len(FACETS)
        work.position = 2
