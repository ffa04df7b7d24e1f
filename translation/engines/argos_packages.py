"""Package management: install, list and remove Argos packages in a models folder.

``argostranslate`` reads what is in the folder, so that it stays one that every Argos program understands. Its own
install and uninstall are not called: they unpack any archive as it comes, in place, and import its whole inference
side, whose ONNX runtime writes a device identifier into the home folder. Here a package is unpacked into a folder of
its own, checked and loaded, and only then moved to its place.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import stat
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Final

from app.core.errors import InvalidInputError, NotFoundError, UnavailableError
from translation.engines import runtime
from translation.engines.argos import PACKAGES, MetadataError, find_problem, parse_metadata

_STAGING: Final = ".staging"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_MOST_FILES: Final = 500
#: Far above any package of the public index (the largest are about 300 MB).
_MOST_BYTES: Final = 4 * 1024**3
_CHUNK: Final = 1024 * 1024

_import_lock = threading.Lock()


class PackageInvalidError(InvalidInputError):
    """The file is no usable package; ``reason`` is a short code. Nothing of it was installed."""

    code = "models.package_invalid"


class PackageNotFoundError(NotFoundError):
    """No package of that name is installed."""

    code = "models.package_not_found"


class LibraryMissingError(UnavailableError):
    """Qiao was installed without the extra ``argos``."""

    code = "models.library_missing"


@dataclass(frozen=True)
class InstalledPackage:
    """A package in the models folder. ``name`` is its folder's; codes are Argos' own."""

    name: str
    source_code: str
    target_code: str
    version: str


def install_package(path: Path, models_dir: Path) -> InstalledPackage:
    """Check an ``.argosmodel`` file and put it into the models folder; a package of the same name is replaced.

    Takes seconds: the model is loaded once as a proof. Raises :class:`PackageInvalidError`,
    :class:`LibraryMissingError`, and :class:`OSError` for a disk that is full or read-only.
    """
    if not runtime.is_installed():
        raise LibraryMissingError
    with _staging_folder(models_dir) as staging:
        folder = _unpack(path, staging)
        package = _check(folder)
        target = models_dir / PACKAGES / folder.name
        target.parent.mkdir(parents=True, exist_ok=True)
        replaced = staging / ".replaced"
        if target.exists():
            target.rename(replaced)
        try:
            folder.rename(target)
        except OSError:
            if replaced.exists():
                replaced.rename(target)
            raise
    return package


def remove_package(name: str, models_dir: Path) -> None:
    """Remove an installed package by its folder's name. Raises :class:`PackageNotFoundError`."""
    folder = models_dir / PACKAGES / name
    if not _NAME.fullmatch(name) or not folder.is_dir():
        raise PackageNotFoundError(name=name)
    with _staging_folder(models_dir) as staging:
        # Gone for the engine at once, however long the deleting takes.
        folder.rename(staging / name)


def list_installed(models_dir: Path) -> list[InstalledPackage]:
    """Installed packages that ``argostranslate`` can read, by name. Broken folders are left out (see
    ``ArgosEngine.list_broken``). Empty without the extra ``argos``."""
    try:
        folders = sorted(path for path in (models_dir / PACKAGES).iterdir() if path.is_dir())
    except OSError:
        return []
    if not runtime.is_installed():
        return []
    packages = []
    for folder in folders:
        try:
            packages.append(_read_with_argos(folder, models_dir))
        except (OSError, ValueError, TypeError, AttributeError):
            continue
    return packages


@contextmanager
def _staging_folder(models_dir: Path) -> Iterator[Path]:
    """A folder on the same disk as the packages, so that moving is one step; it is gone in the end."""
    parent = models_dir / _STAGING
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(path: Path, staging: Path) -> Path:
    """Unpack into ``staging``; returns the archive's one folder there."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            name = _check_entries(entries)
            for entry in entries:
                target = staging.joinpath(*PurePosixPath(entry.filename).parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as packed, target.open("xb") as file:
                    shutil.copyfileobj(packed, file, _CHUNK)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        FileNotFoundError,
        FileExistsError,
    ) as error:
        raise PackageInvalidError(field="file", reason="not_a_readable_archive") from error
    return staging / name


def _check_entries(entries: list[zipfile.ZipInfo]) -> str:
    """Look at the archive's directory before anything is written; returns the name of its one folder."""
    if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > _MOST_BYTES:
        raise PackageInvalidError(field="file", reason="too_large")
    roots = set()
    for entry in entries:
        parts = entry.filename.split("/")
        is_link = stat.S_ISLNK(entry.external_attr >> 16)
        if is_link or len(parts) < 2 or "\\" in entry.filename or any(part in {"", ".", ".."} for part in parts):
            raise PackageInvalidError(field="file", reason="unsafe_path")
        roots.add(parts[0])
    if len(roots) != 1 or not _NAME.fullmatch(root := roots.pop()):
        raise PackageInvalidError(field="file", reason="not_one_folder")
    return root


def _check(folder: Path) -> InstalledPackage:
    """Metadata sane, language pair one of ours, files there, model loads and translates."""
    try:
        metadata = parse_metadata((folder / "metadata.json").read_bytes())
    except OSError:
        raise PackageInvalidError(field="file", reason="metadata_missing") from None
    except MetadataError as error:
        raise PackageInvalidError(field="file", reason=str(error)) from None
    if metadata.pair is None:
        raise PackageInvalidError(field="file", reason="language_not_ours")
    problem = find_problem(folder)
    if problem is not None:
        raise PackageInvalidError(field="file", reason=problem)
    try:
        model = runtime.load_model(
            folder, codes=metadata.codes, pair=metadata.pair, target_prefix=metadata.target_prefix
        )
        model.translate(["a"])
    except (RuntimeError, ValueError, OSError, ImportError) as error:
        raise PackageInvalidError(field="file", reason="model_does_not_load") from error
    return InstalledPackage(folder.name, *metadata.codes, metadata.version)


def _read_with_argos(folder: Path, models_dir: Path) -> InstalledPackage:
    package = _import_argos(models_dir).Package(folder)
    return InstalledPackage(folder.name, package.from_code, package.to_code, package.package_version)


def _import_argos(models_dir: Path) -> ModuleType:
    """``argostranslate.package``, whose settings make folders when they are imported: point them into the models folder
    instead of the home folder, which a service's account need not have."""
    with _import_lock:
        own = str(models_dir / ".argos")
        names = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
        before = {name: os.environ.get(name) for name in (*names, "ARGOS_PACKAGES_DIR")}
        os.environ.update(dict.fromkeys(names, own), ARGOS_PACKAGES_DIR=str(models_dir / PACKAGES))
        try:
            from argostranslate import package
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
        # Its utilities log whole texts at INFO.
        logging.getLogger("argostranslate.utils").setLevel(logging.WARNING)
        return package  # type: ignore[no-any-return]
