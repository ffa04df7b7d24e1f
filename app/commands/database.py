"""``qiao db``: the schema and what every installation begins with."""

from __future__ import annotations

import click

from app.commands.common import load_runtime, tell
from app.core.schema import upgrade_schema
from app.forum.starter import ensure_categories
from translation.glossary.starter import ensure_starter
from translation.routing.service import seed_qualities


@click.group("db")
def db_group() -> None:
    """The database."""


@db_group.command()
def upgrade() -> None:
    """Create the schema or bring it up to date, with categories, the starter glossary and published qualities of
    engines. Keeps all data."""
    runtime = load_runtime(needs_schema=False)
    upgrade_schema(runtime.db)
    with runtime.db.transaction() as session:
        ensure_categories(session)
        ensure_starter(session, runtime.clock())
        seed_qualities(session, now=runtime.clock())
    tell("The database is up to date.")
