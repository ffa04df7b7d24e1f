"""The engine on installed Argos packages: which are there, which hop each does, and its translations.

A models folder holds ``packages/<name>/metadata.json``, ``model/`` (CTranslate2) and ``sentencepiece.model`` or
``bpe.model``, as ``argostranslate`` lays them out, so that the folder can be shared with other Argos programs. It is
looked at on every call: what is installed, replaced or removed takes effect without a restart.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
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
    Pair,
)
from translation.engines.cache import ModelCache
from translation.engines.folders import FolderBrokenError, ModelFolders, get_newest, list_hops
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


class MetadataError(FolderBrokenError):
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


class ArgosEngine:
    """An :class:`~translation.engines.base.Engine` on the packages of one models folder.

    Thread-safe. ``translate`` and the first ``describe_version`` of a package block for long: call them on a thread
    pool, never on an event loop. A broken package is reported and passed over; it harms no other. Models share the
    memory of ``cache`` with other engines.
    """

    def __init__(self, models_dir: Path, cache: ModelCache | None = None, *, name: str = "argos") -> None:
        self._name = name
        self._folders = ModelFolders(
            models_dir / PACKAGES,
            engine=name,
            cache=cache if cache is not None else ModelCache(),
            watched=("metadata.json",),
            read=_read_metadata,
            find_problem=lambda folder, _: find_problem(folder),
        )

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    def list_pairs(self) -> frozenset[Pair]:
        """Direct hops that installed packages do; none where the engine libraries are missing."""
        return list_hops(self._folders)

    def list_broken(self) -> dict[str, str]:
        """Folder name → short code of what is wrong with a package, for operators."""
        return self._folders.list_broken()

    def translate(self, texts: Sequence[str], *, pair: Pair, hints: Hints = NO_HINTS) -> list[EngineOutput]:
        """Translate along one hop; same length and order. Raises :class:`RouteMissingError` without a package for the
        pair, :class:`ModelBrokenError` for one that does not load, :class:`EngineError` for a failed run."""
        package, metadata = get_newest(self._folders, pair, engine=self._name)

        def load() -> runtime.LoadedModel:
            return runtime.load_model(
                package.path, codes=metadata.codes, pair=pair, target_prefix=metadata.target_prefix
            )

        with self._folders.use_model(package, pair, load) as model:
            try:
                return [EngineOutput(text=done.text, score=done.score) for done in model.translate(texts)]
            except (RuntimeError, ValueError) as error:
                # The message of such an error may quote the text: only its type is told.
                log.warning("engine.run_failed", engine=self._name, package=package.name, error=type(error).__name__)
                raise EngineError(engine=self._name, source=pair[0], target=pair[1]) from None

    def describe_version(self, pair: Pair) -> str:
        """``<package version>+<digest of the weights>``. Raises as :meth:`translate` for the package."""
        package, metadata = get_newest(self._folders, pair, engine=self._name)
        return f"{metadata.version}+{self._folders.digest_weights(package, pair)}"


def find_problem(folder: Path) -> str | None:
    """A short code for what an unpacked package lacks, or None. Says nothing about whether its weights load."""
    if not (folder / "model" / "model.bin").is_file():
        return "model_missing"
    return "tokenizer_missing" if runtime.find_tokenizer(folder) is None else None


def _read_metadata(folder: Path) -> Metadata:
    try:
        return parse_metadata((folder / "metadata.json").read_bytes())
    except OSError:
        raise FolderBrokenError("metadata_missing") from None
