"""``qiao db``: the schema and the starter categories."""

from __future__ import annotations

import click

from app.commands.common import load_runtime, tell
from app.core.schema import upgrade_schema
from app.forum.starter import ensure_categories


@click.group("db")
def db_group() -> None:
    """The database."""


@db_group.command()
def upgrade() -> None:
    """Create the schema or bring it up to date, with the starter categories. Keeps all data."""
    runtime = load_runtime(needs_schema=False)
    upgrade_schema(runtime.db)
    with runtime.db.transaction() as session:
        ensure_categories(session)
    tell("The database is up to date.")
