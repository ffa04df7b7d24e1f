"""Package management: install, list and remove Argos packages in a models folder.

``argostranslate`` reads what is in the folder, so that it stays one that every Argos program understands. Its own
install and uninstall are not called: they unpack any archive as it comes, in place, and import its whole inference
side, whose ONNX runtime writes a device identifier into the home folder. Here a package is unpacked into a folder of
its own, checked and loaded, and only then moved to its place.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from app.core.native import make_native_lock
from translation.engines import runtime
from translation.engines.argos import PACKAGES, MetadataError, find_problem, parse_metadata
from translation.engines.unpacking import (
    LibraryMissingError,
    PackageInvalidError,
    PackageNotFoundError,
    move_into_place,
    open_staging,
    remove_folder,
    unpack,
)

__all__ = [
    "InstalledPackage",
    "LibraryMissingError",
    "PackageInvalidError",
    "PackageNotFoundError",
    "install_package",
    "list_installed",
    "remove_package",
]

_import_lock = make_native_lock()


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
    with open_staging(models_dir) as staging:
        folder = unpack(path, staging)
        package = _check(folder)
        move_into_place(folder, models_dir / PACKAGES / folder.name, staging)
    return package


def remove_package(name: str, models_dir: Path) -> None:
    """Remove an installed package by its folder's name. Raises :class:`PackageNotFoundError`."""
    remove_folder(models_dir / PACKAGES, name, models_dir)


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
