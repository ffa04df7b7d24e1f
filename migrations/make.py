"""Make a migration from what the models say and the last migration lacks: ``make migrate NAME="add this"``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from app.core.db import Database
from app.core.schema import make_config, upgrade_schema


def main(message: str) -> None:
    if not message:
        sys.exit('Name it: make migrate NAME="add this"')
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'migrate.sqlite3'}")
        upgrade_schema(database)
        config = make_config()
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message=message, autogenerate=True)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]).strip())
