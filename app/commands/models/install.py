"""``qiao models install`` and ``remove``: by name from the index, by address, or from a file."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click
from tqdm import tqdm

from app.commands.common import fail, load_settings, tell
from app.commands.models.common import describe_disk_error, describe_error, show_pair
from app.core.errors import QiaoError
from app.core.settings import Settings
from translation.engines.download import DownloadError, fetch_file, is_url, require_space
from translation.engines.index import IndexEntry, fetch_index, find_entry
from translation.engines.packages import (
    InstalledModel,
    InstallOptions,
    find_kind,
    install_model,
    list_suffixes,
    remove_model,
)

_DOWNLOADS: Final = ".downloads"
_LEFTOVER_SECONDS: Final = 24 * 3600


class _Sha256(click.ParamType[str]):
    name = "sha256"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if len(value) != 64 or set(value.lower()) - set("0123456789abcdef"):
            self.fail("a SHA-256 has 64 hexadecimal digits", param, ctx)
        return value.lower()


class _Codes(click.ParamType[tuple[str, str]]):
    name = "codes"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        source, separator, target = value.partition("-")
        if not separator or not source.isalnum() or not target.isalnum():
            self.fail(f"{value} is not a pair of codes such as en-id", param, ctx)
        return source, target


@click.command()
@click.argument("what", metavar="NAME|URL|FILE")
@click.option("--sha256", type=_Sha256(), help="The file's checksum; anything else is refused.")
@click.option("--accept-licence", is_flag=True, help="The use here fits a licence for non-commercial use.")
@click.option("--codes", type=_Codes(), help="Languages of Firefox files that don't say them, as in en-id.")
@click.option("--allow-test-models", is_flag=True, hidden=True)
def install(
    what: str, sha256: str | None, accept_licence: bool, codes: tuple[str, str] | None, allow_test_models: bool
) -> None:
    """Install a model: NAME from the index (see `list --available`), an address, or a file. It is checked, loaded once,
    and takes effect in a running system; a model of the same name is replaced. Addresses are https; http only on this
    machine, or with --sha256."""
    settings = load_settings()
    models_dir = settings.effective_models_dir
    try:
        with _get_file(what, settings, sha256) as path:
            tell(f"Checking {path.name} …")
            model = install_model(path, models_dir, InstallOptions(accept_licence, codes, allow_test_models))
    except QiaoError as error:
        fail(f"Not installed: {describe_error(error)}")
    except OSError as error:
        fail(f"Not installed: {describe_disk_error(error, models_dir)}")
    tell(_describe(model))


@click.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove an installed model; ENGINE/NAME where two engines have one of that name."""
    settings = load_settings()
    try:
        removed = remove_model(name, settings.effective_models_dir)
    except QiaoError as error:
        fail(f"Not removed: {describe_error(error)}")
    except OSError as error:
        fail(f"Not removed: {describe_disk_error(error, settings.effective_models_dir)}")
    for model in removed:
        tell(f"Removed {model.name} ({model.engine}).")


def _describe(model: InstalledModel) -> str:
    pairs = ", ".join(map(show_pair, model.pairs[:4])) + (" …" if len(model.pairs) > 4 else "")
    return f"Installed {model.name} ({model.engine}): {pairs}."


@contextmanager
def _get_file(what: str, settings: Settings, sha256: str | None) -> Iterator[Path]:
    """The package file, downloaded where that is meant; a download is gone in the end, whatever happens."""
    if not what.strip():
        raise click.BadParameter("it is empty", param_hint="NAME|URL|FILE")
    path = Path(what)
    if path.is_dir():
        yield path
        return
    if path.is_file():
        _check_file(path, settings.effective_models_dir, sha256)
        yield path
        return
    if not is_url(what) and ("/" in what or what.lower().endswith(list_suffixes())):
        raise click.BadParameter(f"there is no file {what}", param_hint="NAME|URL|FILE")
    with _make_folder(settings.effective_models_dir) as folder:
        if is_url(what):
            name = Path(urlsplit(what).path).name
            find_kind(name)
            yield _download((what,), folder / name, sha256)
        else:
            entry = find_entry(fetch_index(settings.models_index_url), what)
            tell(_announce(entry, sha256))
            yield _download(entry.links, folder / f"{entry.full_name}.argosmodel", sha256 or entry.sha256)


def _announce(entry: IndexEntry, sha256: str | None) -> str:
    checked = "" if sha256 or entry.sha256 else "; the index has no checksum for it"
    return f"{entry.name}, version {entry.version}{checked}"


def _check_file(path: Path, models_dir: Path, sha256: str | None) -> None:
    models_dir.mkdir(parents=True, exist_ok=True)
    require_space(models_dir, path.stat().st_size)
    if sha256 is None:
        return
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise DownloadError(reason="checksum")


def _download(links: tuple[str, ...], path: Path, sha256: str | None) -> Path:
    """From the first of the addresses that has the file. Raises the last one's error."""
    for number, link in enumerate(links, start=1):
        try:
            with tqdm(desc=path.name, unit="B", unit_scale=True, unit_divisor=1000, disable=None) as bar:

                def show(done: int, total: int | None, bar: tqdm = bar) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                digest = fetch_file(link, path, sha256=sha256, on_progress=show)
            tell(f"SHA-256 {digest}")
            return path
        except DownloadError as error:
            if number == len(links):
                raise
            tell(f"{describe_error(error)}; trying another address …")
    raise DownloadError(reason="not_found")


@contextmanager
def _make_folder(models_dir: Path) -> Iterator[Path]:
    """A folder for one download, on the disk of the models. What killed commands left behind goes."""
    parent = models_dir / _DOWNLOADS
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        if time.time() - old.stat().st_mtime > _LEFTOVER_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
