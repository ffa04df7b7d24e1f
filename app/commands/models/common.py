"""What the commands about models share: sentences for errors, tables, the routing table without a running Qiao."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click
from sqlalchemy.exc import SQLAlchemyError

from app.commands.common import fail
from app.core.db import Database
from app.core.errors import QiaoError, UnavailableError
from app.core.schema import is_schema_current
from app.core.settings import Settings
from translation.engines.base import Pair
from translation.engines.build import build_cache, build_registry
from translation.engines.packing import LicenceNotAcceptedError
from translation.engines.registry import EngineRegistry
from translation.engines.routing import RoutingTable
from translation.routing.published import PUBLISHED_TABLE
from translation.routing.queries import load_table

#: Codes and reasons of errors in words. What isn't here is shown as its code.
_WORDS: Final[Mapping[str, str]] = {
    "url_refused": "the address is not allowed: https is needed, or http on this machine or with --sha256",
    "unreachable": "the server can't be reached; a package file from elsewhere can be installed as it is",
    "tls": "the server's certificate can't be verified",
    "not_found": "the server has no such file",
    "status": "the server refuses",
    "redirects": "the server sends from one address to the next without end",
    "too_large": "the file is larger than any package may be",
    "too_slow": "the server is too slow",
    "truncated": "the connection broke off before the end",
    "checksum": "the file has another checksum than it should have",
    "disk_full": "there is not enough free space for it",
    "not_json": "what is at the index's address is no index",
    "not_a_list": "what is at the index's address is no index",
    "not_a_readable_archive": "the file is damaged, or no package",
    "unsafe_path": "the archive wants to write outside its folder",
    "model_does_not_load": "its model does not load",
    "language_not_ours": "its languages are none of ours",
    "wrong_checksum": "a file in it is another than its manifest says",
    "models.library_missing": "the engine's libraries are not installed: pip install 'qiao[argos]'",
    "models.package_unknown": "the index has no package of that name; see: qiao models list --available",
    "models.test_package": "this is a test package; it knows the tests' sentences only and is not for people",
    "models.not_found": "no model of that name is installed; see: qiao models list",
}


def describe_error(error: QiaoError) -> str:
    """The error's stable code, and where there are some, words for it."""
    code = str(error.data.get("reason") or error.code)
    if isinstance(error, LicenceNotAcceptedError):
        licence = error.data.get("licence", "")
        return f"{code}: its licence is {licence}; if the use here fits it, add --accept-licence"
    words = _WORDS.get(code)
    return f"{code}: {words}" if words else code


def describe_disk_error(error: OSError, models_dir: Path) -> str:
    return f"{models_dir} can't be written: {error.strerror or type(error).__name__}"


def find_database(settings: Settings) -> Database | None:
    """The database, if there is one that is reachable and up to date. Never makes one."""
    if not settings.is_grown and not _find_file(settings).is_file():
        return None
    database = Database(settings.effective_database_url)
    try:
        with database.reading() as session:
            session.connection()
        if is_schema_current(database):
            return database
    except (UnavailableError, SQLAlchemyError):
        pass
    database.dispose()
    return None


def require_database(settings: Settings) -> Database:
    """The same, or the end of the command."""
    database = find_database(settings)
    if database is None:
        fail("There is no database that is reachable and up to date. Run: qiao db upgrade")
    return database


def load_routing_table(settings: Settings) -> RoutingTable:
    """The routing table of the database, or the published figures where there is none yet."""
    database = find_database(settings)
    if database is None:
        return PUBLISHED_TABLE
    with database.reading() as session:
        return load_table(session)


def make_registry(settings: Settings) -> EngineRegistry:
    """The engines of the settings with the routing table of the moment, for one command."""
    table = load_routing_table(settings)
    return build_registry(settings, build_cache(settings), routing=lambda: table)


def show_pair(pair: Pair) -> str:
    return f"{pair[0]}>{pair[1]}"


def show_size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"


def show_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns on standard output, as wide as they must be."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        line = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())


def _find_file(settings: Settings) -> Path:
    return Path(settings.effective_database_url.removeprefix("sqlite:///"))
