"""Bringing the database's schema up to date with Alembic."""

from __future__ import annotations

import importlib
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from app.core.db import Base, Database

ROOT = Path(__file__).resolve().parent.parent.parent

#: Every module with rows; by name, because the core imports no feature.
MODEL_MODULES = (
    "app.core.outbox",
    "translation.models",
    "translation.glossary.models",
    "translation.previews.models",
    "translation.routing.models",
    "app.accounts.models",
    "app.forum.models",
    "app.interpreting.models",
    "app.notifications.models",
    "moderation.models",
    "bots.line.models",
)


def load_metadata() -> MetaData:
    for module in MODEL_MODULES:
        importlib.import_module(module)
    return Base.metadata


def make_config() -> Config:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


def upgrade_schema(database: Database, revision: str = "head") -> None:
    """Run the missing migrations. Safe when several processes start at once."""
    config = make_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade_schema(database: Database, revision: str) -> None:
    config = make_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def is_schema_current(database: Database) -> bool:
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    return set(current) == set(ScriptDirectory.from_config(make_config()).get_heads())


def list_schema_differences(database: Database) -> list[object]:
    """What the models say and the migrated database lacks, or the other way round."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, load_metadata()))
