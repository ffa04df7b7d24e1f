"""What every command needs: settings with one clear message when they are wrong, a runtime, lines to people."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from app.core.clock import utc_now
from app.core.errors import UnavailableError
from app.core.logging import configure_logging
from app.core.schema import is_schema_current
from app.core.settings import Settings, SettingsError
from app.runtime import Runtime, create_runtime


def tell(message: str) -> None:
    """A line for people, on standard error."""
    click.echo(message, err=True)


def fail(message: str) -> NoReturn:
    """A line for people and exit code 1."""
    tell(message)
    sys.exit(1)


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment; wrong ones end the command with one message that lists them all (exit code 2)."""
    try:
        settings = Settings.from_env(**{key: value for key, value in overrides.items() if value is not None})
    except SettingsError as error:
        tell("These settings are wrong:\n" + "\n".join(f"  {problem}" for problem in error.problems))
        tell("All settings: docs/settings.md")
        sys.exit(2)
    configure_logging(log_format=settings.log_format, level=settings.log_level)
    return settings


def load_runtime(*, needs_schema: bool = True, **overrides: Any) -> Runtime:
    """A runtime whose database is reachable and, where needed, up to date; anything else ends the command."""
    # The table of subscribers brings the web's and LINE's libraries with it, which take seconds to load.
    from app.subscribers import SUBSCRIBERS

    settings = load_settings(**overrides)
    try:
        runtime = create_runtime(settings, subscribers=SUBSCRIBERS, clock=utc_now)
    except OSError as error:
        fail(f"The data folder {settings.data_dir} can't be written: {error.strerror}.")
    try:
        with runtime.db.reading() as session:
            session.connection()
        is_current = not needs_schema or is_schema_current(runtime.db)
    except UnavailableError:
        fail("The database can't be reached. Is it running, and is QIAO_DATABASE_URL right?")
    if not is_current:
        fail("The database's schema is not up to date. Run: qiao db upgrade")
    return runtime
