"""Firefox models: install one from a folder or an archive of the files that Mozilla ships, list them, remove one.

A package is a folder, a zip or a tar (plain or gzip) with the files anywhere in it, each plain, ``.gz`` or ``.zst``.
Other files are passed over, so that nothing is written that is not part of a model. A ``qiao.json`` among them says the
languages, the version and the checksums; without one the languages come from the caller or from the files' names.
Nothing is fetched here.
"""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path, PurePosixPath
from typing import IO, Final

from translation.engines.firefox import FIREFOX, close_model, load_model, read_manifest
from translation.engines.firefox_files import (
    LANGUAGE_OF_CODE,
    LICENCE,
    MANIFEST,
    Manifest,
    dump_manifest,
    find_files,
    find_role,
    parse_manifest,
)
from translation.engines.firefox_process import is_installed, unpack_zstandard
from translation.engines.folders import FolderBrokenError
from translation.engines.manifest import hash_file
from translation.engines.unpacking import (
    LibraryMissingError,
    PackageInvalidError,
    move_into_place,
    open_staging,
    remove_folder,
)

#: What an archive of this kind is called, to tell it from other engines' packages.
SUFFIXES: Final = (".firefox.zip", ".firefox.tar", ".firefox.tar.gz", ".firefox.tgz")
_GZIP: Final = ".gz"
_ZSTANDARD: Final = ".zst"
_NO_VERSION: Final = "0"
_MOST_FILES: Final = 500
#: Far above any model of Mozilla's (the largest are about 60 MB unpacked).
_MOST_BYTES: Final = 512 * 1024**2
_MANIFEST_LIMIT: Final = 65_536
_CHUNK: Final = 1024 * 1024
#: Said once by every model before it is installed.
_PROOF: Final = "a b c 1 2 3"

#: Opens a file of a package, to be closed by the caller.
_Opening = Callable[[], IO[bytes]]

#: What reading a broken or hostile archive raises.
_UNREADABLE: Final = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    FileNotFoundError,
)


@dataclass(frozen=True)
class InstalledModel:
    """A model in the models folder. ``name`` is its folder's, the codes are Firefox' own."""

    name: str
    source_code: str
    target_code: str
    version: str
    licence: str


def install_model(
    path: Path,
    models_dir: Path,
    *,
    codes: tuple[str, str] | None = None,
    version: str | None = None,
    checksums: Mapping[str, str] | None = None,
) -> InstalledModel:
    """Check a package and put it into the models folder; a model of the same pair is replaced in one step.

    ``codes`` are source and target in Firefox' codes, for a package that does not say them; ``checksums`` maps names of
    unpacked files to their SHA-256 in hexadecimal digits. Takes seconds: the model is loaded once as a proof. Raises
    :class:`PackageInvalidError`, :class:`LibraryMissingError`, and :class:`OSError` for a disk that is full or
    read-only.
    """
    if not is_installed():
        raise LibraryMissingError
    with open_staging(models_dir) as staging:
        folder = staging / "model"
        folder.mkdir()
        try:
            said = _copy_files(path, folder)
        except _UNREADABLE as error:
            raise PackageInvalidError(field="file", reason="not_a_readable_archive") from error
        manifest = _make_manifest(folder, said, codes=codes, version=version)
        for name, digest in {**(said.files if said else {}), **(checksums or {})}.items():
            if manifest.files.get(name) != digest.lower():
                raise PackageInvalidError(field="file", reason="wrong_checksum")
        (folder / MANIFEST).write_bytes(dump_manifest(manifest))
        _prove(folder, manifest)
        name = "-".join(manifest.codes)
        move_into_place(folder, models_dir / FIREFOX / name, staging)
    return InstalledModel(name, *manifest.codes, manifest.version, manifest.licence)


def remove_model(name: str, models_dir: Path) -> None:
    """Remove an installed model by its folder's name. Raises
    :class:`~translation.engines.unpacking.PackageNotFoundError`."""
    remove_folder(models_dir / FIREFOX, name, models_dir)


def list_installed(models_dir: Path) -> list[InstalledModel]:
    """Installed models by name. Broken folders are left out (see ``FirefoxEngine.list_broken``)."""
    try:
        folders = sorted(path for path in (models_dir / FIREFOX).iterdir() if path.is_dir())
    except OSError:
        return []
    models = []
    for folder in folders:
        try:
            manifest = read_manifest(folder)
        except FolderBrokenError:
            continue
        models.append(InstalledModel(folder.name, *manifest.codes, manifest.version, manifest.licence))
    return models


def is_test_package(path: Path) -> bool:
    """Whether a package says that it is one of the project's own tests; what can't be read is for the installation to
    refuse."""
    try:
        manifest = _read_said(path)
    except (*_UNREADABLE, OSError, PackageInvalidError):
        return False
    return manifest is not None and manifest.is_test


def _read_said(path: Path) -> Manifest | None:
    with _open_package(path) as entries:
        for name, open_file in entries:
            if name == MANIFEST:
                return _parse_said(open_file)
    return None


def _copy_files(path: Path, folder: Path) -> Manifest | None:
    """Write the model's files into ``folder``, unpacked; what the package's own manifest says."""
    said: Manifest | None = None
    room = _MOST_BYTES
    with _open_package(path) as entries:
        for name, open_file in entries:
            plain = name.removesuffix(_ZSTANDARD if name.endswith(_ZSTANDARD) else _GZIP)
            if name == MANIFEST:
                said = _parse_said(open_file)
            elif find_role(plain) is not None:
                if (folder / plain).exists():
                    raise PackageInvalidError(field="file", reason="several_models")
                with open_file() as file:
                    room -= _unpack(file, folder / plain, name.removeprefix(plain), room)
    return said


def _unpack(file: IO[bytes], to: Path, suffix: str, room: int) -> int:
    """Write a file's content, unpacked as its suffix asks; its bytes."""
    if suffix == _ZSTANDARD:
        packed = to.with_name(f".{to.name}")
        _copy(file, packed, room)
        unpack_zstandard(packed, to, most_bytes=room)
        packed.unlink()
    else:
        _copy(gzip.GzipFile(fileobj=file) if suffix == _GZIP else file, to, room)
    return to.stat().st_size


def _copy(file: IO[bytes] | gzip.GzipFile, to: Path, room: int) -> None:
    with to.open("xb") as copy:
        while part := file.read(_CHUNK):
            room -= len(part)
            if room < 0:
                raise PackageInvalidError(field="file", reason="too_large")
            copy.write(part)


def _parse_said(open_file: _Opening) -> Manifest:
    try:
        with open_file() as file:
            return parse_manifest(file.read(_MANIFEST_LIMIT + 1))
    except FolderBrokenError as error:
        raise PackageInvalidError(field="file", reason=str(error)) from None


@contextmanager
def _open_package(path: Path) -> Iterator[Iterator[tuple[str, _Opening]]]:
    """The regular files of a folder or an archive, one after the other: last part of the name, and how to read it."""
    if path.is_dir():
        yield ((file.name, partial(_open_file, file)) for file in sorted(path.iterdir()) if file.is_file())
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > _MOST_FILES:
                raise PackageInvalidError(field="file", reason="too_large")
            yield ((PurePosixPath(entry.filename).name, partial(archive.open, entry)) for entry in entries)
    else:
        with path.open("rb") as file:
            is_gzip = file.read(2) == b"\x1f\x8b"
        with tarfile.open(path, "r:gz" if is_gzip else "r:") as tape:
            yield _read_tar(tape)


def _read_tar(tape: tarfile.TarFile) -> Iterator[tuple[str, _Opening]]:
    for number, member in enumerate(tape):
        if number >= _MOST_FILES or member.size > _MOST_BYTES:
            raise PackageInvalidError(field="file", reason="too_large")
        if member.isreg():
            yield PurePosixPath(member.name).name, partial(_open_member, tape, member)


def _open_file(path: Path) -> IO[bytes]:
    return path.open("rb")


def _open_member(tape: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = tape.extractfile(member)
    if file is None:
        raise ValueError("no file")
    return file


def _make_manifest(
    folder: Path, said: Manifest | None, *, codes: tuple[str, str] | None, version: str | None
) -> Manifest:
    """The manifest for the unpacked files. What the caller says counts more than what the package says."""
    try:
        files = find_files(folder)
    except FolderBrokenError as error:
        raise PackageInvalidError(field="file", reason=str(error)) from None
    paths = {files.model, files.source_vocabulary, files.target_vocabulary, files.shortlist}
    digests = {path.name: hash_file(path) for path in paths if path is not None}
    for path in folder.iterdir():
        if path.name not in digests:  # a vocabulary for both sides beside one for each
            path.unlink()
    chosen = codes or (said.codes if said else None) or _guess_codes(files.model.name)
    if chosen is None:
        raise PackageInvalidError(field="file", reason="language_not_said")
    manifest = Manifest(chosen, version or _NO_VERSION, LICENCE, digests)
    if said is not None:
        manifest = replace(manifest, version=version or said.version, licence=said.licence, is_test=said.is_test)
    if manifest.pair is None:
        raise PackageInvalidError(field="file", reason="language_not_ours")
    try:
        return parse_manifest(dump_manifest(manifest))
    except FolderBrokenError as error:  # a version that is too long
        raise PackageInvalidError(field="file", reason=str(error)) from None


def _guess_codes(model_name: str) -> tuple[str, str] | None:
    """Source and target from ``model.<both codes>.…``."""
    both = model_name.split(".")[1]
    pairs = product(LANGUAGE_OF_CODE, LANGUAGE_OF_CODE)
    return next(((source, target) for source, target in pairs if source + target == both), None)


def _prove(folder: Path, manifest: Manifest) -> None:
    """Load the model and let it say something."""
    pair = manifest.pair
    if pair is None:
        raise PackageInvalidError(field="file", reason="language_not_ours")
    try:
        model = load_model(folder, manifest, pair=pair)
        try:
            model.translate([_PROOF])
        finally:
            close_model(model)
    except FolderBrokenError as error:
        raise PackageInvalidError(field="file", reason=str(error)) from error
    except (RuntimeError, ValueError) as error:
        raise PackageInvalidError(field="file", reason="model_does_not_load") from error
