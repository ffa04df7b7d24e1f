"""An installation for commands: its own data folder, migrated where a test needs that, and a server of packages."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from app.cli import cli
from app.commands import common
from app.core.clock import utc_now
from app.core.db import Database
from tests.models.packages import package_path
from tests.translation.engines.files_server import FilesServer, serve_files
from translation.routing.service import seed_qualities


@pytest.fixture
def files() -> Iterator[FilesServer]:
    with serve_files() as running:
        yield running


@dataclass(frozen=True)
class Done:
    """What a command gave."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Qiao:
    """The command ``qiao`` in this process, which is quick; ``tests/flows`` runs it as one of its own."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def command(self, *arguments: str) -> Done:
        """Run one command to its end. What isn't an exit comes out here."""
        foreign = {name: None for name in os.environ if name.startswith("QIAO_")}
        own = {"QIAO_DATA_DIR": str(self.folder), **self.settings}
        with capture_logs():
            done = CliRunner().invoke(cli, arguments, env={**foreign, **own})
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    @property
    def database(self) -> Database:
        return Database(f"sqlite:///{self.folder / 'qiao.sqlite3'}")


@pytest.fixture
def qiao(tmp_path: Path, files: FilesServer, monkeypatch: pytest.MonkeyPatch) -> Qiao:
    """A data folder that doesn't exist yet. The index of packages is ``files``'s."""
    # Commands set up the logging of their process, which is the tests' here.
    monkeypatch.setattr(common, "configure_logging", lambda **_settings: None)
    return Qiao(tmp_path / "data", {"QIAO_MODELS_INDEX_URL": files.url("/index.json")})


@pytest.fixture
def migrated(qiao: Qiao, sqlite_template: Path) -> Qiao:
    """The same with a database, the published figures in it."""
    qiao.folder.mkdir()
    shutil.copy(sqlite_template, qiao.folder / "qiao.sqlite3")
    with qiao.database.transaction() as session:
        seed_qualities(session, now=utc_now())
    return qiao


def offer(files: FilesServer, *hops: str, **more: Any) -> None:
    """Serve toy packages and an index of them, with ``more`` in every entry."""
    entries = []
    for hop in hops:
        source, target = hop.split("-")
        path = package_path(hop)
        entry = {"package_version": "0.1", "from_code": source, "to_code": target, "type": "translate"}
        entries.append(entry | {"links": [files.add(f"/v1/{path.name}", path)]} | more)
    files.files["/index.json"] = json.dumps(entries).encode()
