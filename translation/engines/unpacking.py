"""Archives of models from outside: looked at before anything is written, unpacked beside, moved in one step."""

from __future__ import annotations

import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from app.core.errors import InvalidInputError, NotFoundError, UnavailableError

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_STAGING: Final = ".staging"
_MOST_FILES: Final = 500
#: Far above any package of the public index (the largest are about 300 MB).
_MOST_BYTES: Final = 4 * 1024**3
_CHUNK: Final = 1024 * 1024


class PackageInvalidError(InvalidInputError):
    """The file is no usable package; ``reason`` is a short code. Nothing of it was installed."""

    code = "models.package_invalid"


class PackageNotFoundError(NotFoundError):
    """No package of that name is installed."""

    code = "models.package_not_found"


class LibraryMissingError(UnavailableError):
    """Qiao was installed without the extra ``argos``."""

    code = "models.library_missing"


@contextmanager
def open_staging(models_dir: Path) -> Iterator[Path]:
    """A folder on the same disk as the models, so that moving is one step; it is gone in the end."""
    parent = models_dir / _STAGING
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unpack(path: Path, staging: Path) -> Path:
    """Unpack into ``staging``; returns the archive's one folder there. Raises :class:`PackageInvalidError`, and
    :class:`OSError` for a disk that is full or read-only."""
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
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        FileNotFoundError,
        FileExistsError,
    ) as error:
        raise PackageInvalidError(field="file", reason="not_a_readable_archive") from error
    return staging / name


def move_into_place(folder: Path, target: Path, staging: Path) -> None:
    """Move an unpacked folder to its place; what was there goes, or stays if the moving fails (:class:`OSError`)."""
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


def remove_folder(parent: Path, name: str, models_dir: Path) -> None:
    """Remove a model's folder by its name. Raises :class:`PackageNotFoundError`."""
    folder = parent / name
    if not NAME.fullmatch(name) or not folder.is_dir():
        raise PackageNotFoundError(name=name)
    with open_staging(models_dir) as staging:
        # Gone for the engine at once, however long the deleting takes.
        folder.rename(staging / name)


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
    if len(roots) != 1 or not NAME.fullmatch(root := roots.pop()):
        raise PackageInvalidError(field="file", reason="not_one_folder")
    return root
