"""The models of one installation, whatever engine they are for: what is there, putting one in, taking one out."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.core.errors import InvalidInputError, NotFoundError
from translation.engines import firefox_packages, packing
from translation.engines.argos import LANGUAGE_OF_CODE, PACKAGES, ArgosEngine
from translation.engines.argos_packages import install_package, list_installed, remove_package
from translation.engines.base import Pair
from translation.engines.cache import ModelCache
from translation.engines.firefox import FIREFOX, FirefoxEngine
from translation.engines.firefox_files import LANGUAGE_OF_CODE as FIREFOX_LANGUAGES
from translation.engines.multilingual import MULTILINGUAL, MultilingualEngine
from translation.engines.unpacking import PackageInvalidError

#: What the metadata of the project's own test packages says.
TEST_CODE: Final = "qiao-tiny"
_METADATA_LIMIT: Final = 65_536


class KindUnknownError(InvalidInputError):
    """The file's name ends like no package that an engine here can use."""

    code = "models.kind_unknown"


class ToyModelError(InvalidInputError):
    """The package knows the tests' sentences and nothing else; it is no engine for people."""

    code = "models.test_package"


class ModelNotFoundError(NotFoundError):
    """No model of that name is installed."""

    code = "models.not_found"


@dataclass(frozen=True)
class InstalledModel:
    """A model in the models folder. ``name`` is its folder's, unique within ``engine``; ``licence`` is empty where the
    package doesn't say; ``problem`` is a short code of why it is not used, None if it is; ``figure`` is the model's
    name in the routing table, where its engine's models have figures of their own."""

    name: str
    engine: str
    pairs: tuple[Pair, ...]
    version: str
    size_bytes: int
    licence: str
    problem: str | None = None
    figure: str = ""


@dataclass(frozen=True)
class InstallOptions:
    """What an operator says about a package: that its licence fits the use here, which languages a Firefox model has
    whose files don't say it (Firefox' codes), and, in tests, that a test package is meant."""

    accept_licence: bool = False
    codes: tuple[str, str] | None = None
    allow_test_models: bool = False


@dataclass(frozen=True)
class Kind:
    """Models of one engine: how their files are called, and their three operations on a models folder. ``install``
    gives the model's name."""

    engine: str
    suffixes: tuple[str, ...]
    install: Callable[[Path, Path, InstallOptions], str]
    list_models: Callable[[Path], list[InstalledModel]]
    remove: Callable[[str, Path], None]


def list_models(models_dir: Path) -> list[InstalledModel]:
    """Every model that is there, broken ones too, by engine and name."""
    return [model for kind in KINDS for model in sorted(kind.list_models(models_dir), key=lambda model: model.name)]


def install_model(path: Path, models_dir: Path, options: InstallOptions = InstallOptions()) -> InstalledModel:
    """Check a package file, or a folder of Firefox files, and put it into the models folder; one of the same name is
    replaced in one step. Takes seconds: every model is loaded once as a proof.

    Raises :class:`KindUnknownError`, :class:`ToyModelError`, what the kind's own installation raises
    (:class:`~translation.engines.unpacking.PackageInvalidError`, ``LibraryMissingError``, ``LicenceNotAcceptedError``),
    and :class:`OSError`.
    """
    kind = _FIREFOX if path.is_dir() else find_kind(path.name)
    name = kind.install(path, models_dir, options)
    return next(model for model in kind.list_models(models_dir) if model.name == name)


def remove_model(name: str, models_dir: Path) -> list[InstalledModel]:
    """Remove the models of that name (``engine/name`` where two engines have one so called); those that were removed.
    Raises :class:`ModelNotFoundError`."""
    found = [model for model in list_models(models_dir) if name in {model.name, f"{model.engine}/{model.name}"}]
    if not found:
        raise ModelNotFoundError(name=name)
    kinds = {kind.engine: kind for kind in KINDS}
    for model in found:
        kinds[model.engine].remove(model.name, models_dir)
    return found


def find_kind(file_name: str) -> Kind:
    """Which kind of package a file is, by its name. Raises :class:`KindUnknownError`."""
    for kind in KINDS:
        if file_name.lower().endswith(kind.suffixes):
            return kind
    raise KindUnknownError(field="file", suffixes=list_suffixes())


def list_suffixes() -> tuple[str, ...]:
    return tuple(suffix for kind in KINDS for suffix in kind.suffixes)


def measure_folder(folder: Path) -> int:
    """Bytes of the files in a folder; what goes away meanwhile counts as nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total


def _install_argos(path: Path, models_dir: Path, options: InstallOptions) -> str:
    if not options.allow_test_models and _is_test_package(path):
        raise ToyModelError(field="file")
    return install_package(path, models_dir).name


def _list_argos(models_dir: Path) -> list[InstalledModel]:
    broken = ArgosEngine(models_dir).list_broken()
    folder = models_dir / PACKAGES
    found = []
    for package in list_installed(models_dir):
        source, target = (LANGUAGE_OF_CODE.get(code) for code in (package.source_code, package.target_code))
        pairs: tuple[Pair, ...] = ((source, target),) if source and target and source != target else ()
        problem = broken.pop(package.name, None) or (None if pairs else "language_not_ours")
        size = measure_folder(folder / package.name)
        found.append(InstalledModel(package.name, "argos", pairs, package.version, size, "", problem))
    return found + _list_broken(broken, "argos", folder)


def _is_test_package(path: Path) -> bool:
    """Whether the metadata in the archive says so; what can't be read is for the installation to refuse."""
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.filename.count("/") == 1 and entry.filename.endswith("/metadata.json"):
                    with archive.open(entry) as file:
                        values = json.loads(file.read(_METADATA_LIMIT))
                    if isinstance(values, dict) and values.get("code") == TEST_CODE:
                        return True
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, RecursionError):
        return False
    return False


def _install_multilingual(path: Path, models_dir: Path, options: InstallOptions) -> str:
    try:
        installed = packing.install_multilingual(
            path, models_dir, accept_licence=options.accept_licence, allow_test_models=options.allow_test_models
        )
    except PackageInvalidError as error:
        if error.data.get("reason") == "test_model":
            raise ToyModelError(field="file") from None
        raise
    return installed.name


def _list_multilingual(models_dir: Path) -> list[InstalledModel]:
    broken = MultilingualEngine(models_dir, ModelCache()).list_broken()
    found = []
    for model in packing.list_multilingual(models_dir):
        pairs = tuple(sorted(model.pairs))
        size = measure_folder(models_dir / MULTILINGUAL / model.name)
        problem = broken.pop(model.name, None) or model.problem
        found.append(
            InstalledModel(model.name, MULTILINGUAL, pairs, model.version, size, model.licence, problem, model.name)
        )
    return found + _list_broken(broken, MULTILINGUAL, models_dir / MULTILINGUAL)


def _install_firefox(path: Path, models_dir: Path, options: InstallOptions) -> str:
    if not options.allow_test_models and firefox_packages.is_test_package(path):
        raise ToyModelError(field="file")
    return firefox_packages.install_model(path, models_dir, codes=options.codes).name


def _list_firefox(models_dir: Path) -> list[InstalledModel]:
    broken = FirefoxEngine(models_dir, ModelCache()).list_broken()
    found = []
    for model in firefox_packages.list_installed(models_dir):
        source, target = (FIREFOX_LANGUAGES.get(code) for code in (model.source_code, model.target_code))
        pairs: tuple[Pair, ...] = ((source, target),) if source and target else ()
        size = measure_folder(models_dir / FIREFOX / model.name)
        found.append(
            InstalledModel(model.name, FIREFOX, pairs, model.version, size, model.licence, broken.pop(model.name, None))
        )
    return found + _list_broken(broken, FIREFOX, models_dir / FIREFOX)


def _list_broken(broken: Mapping[str, str], engine: str, folder: Path) -> list[InstalledModel]:
    """Folders of which nothing can be said but what is wrong."""
    return [
        InstalledModel(name, engine, (), "", measure_folder(folder / name), "", problem)
        for name, problem in broken.items()
    ]


_FIREFOX: Final = Kind(
    FIREFOX, firefox_packages.SUFFIXES, _install_firefox, _list_firefox, firefox_packages.remove_model
)
KINDS: Final[tuple[Kind, ...]] = (
    Kind("argos", (".argosmodel",), _install_argos, _list_argos, remove_package),
    _FIREFOX,
    Kind(MULTILINGUAL, (packing.SUFFIX,), _install_multilingual, _list_multilingual, packing.remove_multilingual),
)
