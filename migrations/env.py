"""Alembic's environment: one chain for SQLite and PostgreSQL. The connection comes from ``app.core.schema``."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from app.core.db import EnumText, UtcDateTime
from app.core.schema import load_metadata


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as SQLAlchemy's own: a migration must not depend on today's code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, EnumText):
        return f"sa.String({item.impl.length})"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=load_metadata(),
    compare_type=True,
    render_item=render_item,
    render_as_batch=connection.dialect.name == "sqlite",
    # Two processes that start at once must not both migrate.
    transaction_per_migration=False,
)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(2016281)")
    context.run_migrations()
