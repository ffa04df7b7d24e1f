"""The engine on installed Argos packages: which are there, which hop each does, and its translations.

A models folder holds ``packages/<name>/metadata.json``, ``model/`` (CTranslate2) and ``sentencepiece.model`` or
``bpe.model``, as ``argostranslate`` lays them out, so that the folder can be shared with other Argos programs. It is
looked at on every call (two ``stat`` a package): what is installed, replaced or removed takes effect without a restart.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog

from translation.engines import runtime
from translation.engines.base import (
    NO_HINTS,
    Capabilities,
    EngineError,
    EngineOutput,
    Hints,
    ModelBrokenError,
    Pair,
    RouteMissingError,
)
from translation.languages import LanguageTag
from translation.segments import WINDOW

log = structlog.get_logger(__name__)

PACKAGES: Final = "packages"

#: Argos' codes. Its ``zh`` is Simplified, its ``zt`` Traditional.
LANGUAGE_OF_CODE: Final[dict[str, LanguageTag]] = {
    "zt": LanguageTag.ZH_HANT,
    "zh": LanguageTag.ZH_HANS,
    "en": LanguageTag.EN,
    "vi": LanguageTag.VI,
    "id": LanguageTag.ID,
    "th": LanguageTag.TH,
    "km": LanguageTag.KM,
}
_METADATA_LIMIT: Final = 65_536
#: Versions are stored with translations: those of two hops must fit there.
_LONGEST_VALUE: Final = 32

_CAPABILITIES: Final = Capabilities(
    batch_size=runtime.BATCH_SIZE,
    window=WINDOW,
    gives_scores=True,
    needs_network=False,
    keeps_placeholders=False,
)


class MetadataError(ValueError):
    """A package's ``metadata.json`` is unreadable or not a translation package's. The message is a short code."""


@dataclass(frozen=True)
class Metadata:
    """What ``metadata.json`` says, checked. ``pair`` is None for a language that is not one of ours."""

    codes: tuple[str, str]
    version: str
    target_prefix: str

    @property
    def pair(self) -> Pair | None:
        source, target = (LANGUAGE_OF_CODE.get(code) for code in self.codes)
        return (source, target) if source and target and source != target else None

    @property
    def version_key(self) -> tuple[tuple[int, str], ...]:
        """Order of versions: ``1.10`` is after ``1.9``."""
        return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in self.version.split("."))


def parse_metadata(data: bytes) -> Metadata:
    """Read the bytes of a ``metadata.json``; raises :class:`MetadataError`."""
    if len(data) > _METADATA_LIMIT:
        raise MetadataError("metadata_too_large")
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        raise MetadataError("metadata_not_json") from None
    if not isinstance(values, dict) or values.get("type", "translate") != "translate":
        raise MetadataError("not_a_translation_package")
    texts: dict[str, Any] = {
        key: values.get(key, default)
        for key, default in (("from_code", None), ("to_code", None), ("package_version", ""), ("target_prefix", ""))
    }
    if not all(isinstance(text, str) and len(text) <= _LONGEST_VALUE for text in texts.values()):
        raise MetadataError("metadata_incomplete")
    if not texts["from_code"] or not texts["to_code"]:
        raise MetadataError("metadata_incomplete")
    return Metadata((texts["from_code"], texts["to_code"]), texts["package_version"], texts["target_prefix"])


#: What must be equal for a package to be the same as before: inode, size and time of its metadata and weights.
_Signature = tuple[tuple[int, int, int], ...]


@dataclass
class _Package:
    """An installed package. ``problem`` is a short code once it is known to be broken; ``lock`` guards the loading."""

    folder: Path
    signature: _Signature
    metadata: Metadata | None = None
    problem: str | None = None
    model: runtime.LoadedModel | None = None
    digest: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class ArgosEngine:
    """An :class:`~translation.engines.base.Engine` on the packages of one models folder.

    Thread-safe. ``translate`` and the first ``describe_version`` of a package block for long: call them on a thread
    pool, never on an event loop. A broken package is reported and passed over; it harms no other.
    """

    def __init__(self, models_dir: Path, *, name: str = "argos") -> None:
        self._packages_dir = models_dir / PACKAGES
        self._name = name
        self._packages: dict[str, _Package] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    def list_pairs(self) -> frozenset[Pair]:
        """Direct hops that installed packages do; none where the engine libraries are missing."""
        return frozenset(
            package.metadata.pair
            for package in self._scan()
            if package.problem is None and package.metadata is not None and package.metadata.pair is not None
        )

    def list_broken(self) -> dict[str, str]:
        """Folder name → short code of what is wrong with a package, for operators."""
        return {package.folder.name: package.problem for package in self._scan() if package.problem is not None}

    def translate(self, texts: Sequence[str], *, pair: Pair, hints: Hints = NO_HINTS) -> list[EngineOutput]:
        """Translate along one hop; same length and order. Raises :class:`RouteMissingError` without a package for the
        pair, :class:`ModelBrokenError` for one that does not load, :class:`EngineError` for a failed run."""
        package = self._get_package(pair)
        model = self._load(package, pair)
        try:
            return [EngineOutput(text=done.text, score=done.score) for done in model.translate(texts)]
        except (RuntimeError, ValueError) as error:
            # The message of such an error may quote the text: only its type is told.
            log.warning("engine.run_failed", engine=self._name, package=package.folder.name, error=type(error).__name__)
            raise EngineError(engine=self._name, source=pair[0], target=pair[1]) from None

    def describe_version(self, pair: Pair) -> str:
        """``<package version>+<digest of the weights>``. Raises as :meth:`translate` for the package."""
        package = self._get_package(pair)
        with package.lock:
            if package.digest is None:
                try:
                    with (package.folder / "model" / "model.bin").open("rb") as file:
                        package.digest = hashlib.file_digest(file, "sha256").hexdigest()[:8]
                except OSError:
                    raise self._mark_broken(package, pair, "model_missing") from None
        version = package.metadata.version if package.metadata else ""
        return f"{version}+{package.digest}"

    def _get_package(self, pair: Pair) -> _Package:
        """The newest usable package of a pair. If all of them are broken, that is the error."""
        candidates = [
            package for package in self._scan() if package.metadata is not None and package.metadata.pair == pair
        ]
        usable = [package for package in candidates if package.problem is None]
        if usable:
            return max(usable, key=lambda package: (package.metadata and package.metadata.version_key) or ())
        if candidates:
            raise ModelBrokenError(engine=self._name, source=pair[0], target=pair[1])
        raise RouteMissingError(engine=self._name, source=pair[0], target=pair[1])

    def _load(self, package: _Package, pair: Pair) -> runtime.LoadedModel:
        metadata = package.metadata
        with package.lock:
            if package.problem is not None or metadata is None:
                raise ModelBrokenError(engine=self._name, source=pair[0], target=pair[1])
            if package.model is None:
                try:
                    package.model = runtime.load_model(
                        package.folder,
                        codes=metadata.codes,
                        pair=pair,
                        target_prefix=metadata.target_prefix,
                    )
                except (RuntimeError, ValueError, OSError, ImportError) as error:
                    raise self._mark_broken(package, pair, "model_does_not_load") from error
                log.info("engine.model_loaded", engine=self._name, package=package.folder.name)
            return package.model

    def _mark_broken(self, package: _Package, pair: Pair, problem: str) -> ModelBrokenError:
        package.problem = problem
        log.error("engine.model_broken", engine=self._name, package=package.folder.name, problem=problem)
        return ModelBrokenError(engine=self._name, source=pair[0], target=pair[1])

    def _scan(self) -> list[_Package]:
        """What is in the folder now. Unchanged packages keep their loaded model and their known problem."""
        if not runtime.is_installed():
            return []
        try:
            folders = [path for path in self._packages_dir.iterdir() if path.is_dir() and not path.name.startswith(".")]
        except OSError:
            folders = []
        with self._lock:
            found = {folder.name: self._look_at(folder) for folder in folders}
            self._packages = found
            return list(found.values())

    def _look_at(self, folder: Path) -> _Package:
        signature = _sign(folder)
        known = self._packages.get(folder.name)
        if known is not None and known.signature == signature:
            return known
        package = _Package(folder, signature)
        try:
            package.metadata = parse_metadata((folder / "metadata.json").read_bytes())
            package.problem = find_problem(folder)
        except OSError:
            package.problem = "metadata_missing"
        except MetadataError as error:
            package.problem = str(error)
        if package.problem is not None:
            log.error("engine.package_broken", engine=self._name, package=folder.name, problem=package.problem)
        return package


def find_problem(folder: Path) -> str | None:
    """A short code for what an unpacked package lacks, or None. Says nothing about whether its weights load."""
    if not (folder / "model" / "model.bin").is_file():
        return "model_missing"
    return "tokenizer_missing" if runtime.find_tokenizer(folder) is None else None


def _sign(folder: Path) -> _Signature:
    signature = []
    for path in (folder / "metadata.json", folder / "model" / "model.bin"):
        try:
            status = path.stat()
            signature.append((status.st_ino, status.st_size, status.st_mtime_ns))
        except OSError:
            signature.append((0, 0, 0))
    return tuple(signature)
