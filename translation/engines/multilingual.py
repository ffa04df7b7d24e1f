"""The engine on multilingual models: one set of weights in memory for every hop between its languages.

A models folder holds ``multilingual/<name>/qiao.json`` (see :mod:`translation.engines.manifest`), ``model/``
(CTranslate2) and ``sentencepiece.model``. It is looked at on every call: what is installed, replaced or removed takes
effect without a restart. A model for non-commercial use is offered only where somebody accepted that.
"""

from __future__ import annotations

import json
import re
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
    ModelBrokenError,
    Pair,
    RouteMissingError,
)
from translation.engines.cache import ModelCache
from translation.engines.folders import WEIGHTS, FolderBrokenError, ModelFolder, ModelFolders
from translation.engines.manifest import ACCEPTANCE, MANIFEST, Kind, Manifest, is_accepted, parse_manifest
from translation.segments import WINDOW

log = structlog.get_logger(__name__)

MULTILINGUAL: Final = "multilingual"
TOKENIZER: Final = "sentencepiece.model"
#: CTranslate2's names for the file of one vocabulary for both sides, or of each; the decoder's has the tags.
_VOCABULARIES: Final = ("shared_vocabulary", "target_vocabulary", "source_vocabulary")
_END: Final = "</s>"
#: Tags of any language, as M2M-100 and NLLB write them; no piece of a text looks like that.
_TAG: Final = re.compile(r"__[a-z]{2,3}__|[a-z]{3}_[A-Z][a-z]{3}")

_CAPABILITIES: Final = Capabilities(
    batch_size=runtime.BATCH_SIZE,
    window=WINDOW,
    gives_scores=True,
    needs_network=False,
    keeps_placeholders=False,
)


@dataclass(frozen=True)
class LoadedWeights:
    """A multilingual model in memory. ``end`` is the token that must end a source sentence, if the model does not add
    it by itself. ``hidden`` are tokens that belong to no text, should a translation hold them."""

    translator: Any
    tokenizer: runtime.Tokenizer
    manifest: Manifest
    end: tuple[str, ...]
    hidden: frozenset[str]

    def choose_pair(self, pair: Pair) -> runtime.LoadedModel:
        """The model for one hop; costs nothing."""
        source, target = (self.manifest.languages[tag] for tag in pair)
        is_small100 = self.manifest.kind is Kind.SMALL100
        return runtime.LoadedModel(
            self.translator,
            self.tokenizer,
            pair=pair,
            target_prefix="" if is_small100 else target,
            source_tags=runtime.SourceTags(before=(target if is_small100 else source,), after=self.end),
            hidden=self.hidden,
        )


def load_weights(folder: Path, manifest: Manifest) -> LoadedWeights:
    """Load a model folder. Raises :class:`FolderBrokenError` for one whose vocabulary lacks a language's token, and
    whatever the libraries raise for files that are missing or broken."""
    # The model would take a token that it does not know for any unknown word, and translate into some language.
    vocabulary = _read_vocabulary(folder / "model")
    if not set(manifest.languages.values()) <= vocabulary:
        raise FolderBrokenError("language_token_missing")
    try:
        config = json.loads((folder / "model" / "config.json").read_bytes())
    except FileNotFoundError:
        config = {}
    adds_end = isinstance(config, dict) and config.get("add_source_eos") is True
    return LoadedWeights(
        translator=runtime.load_translator(folder),
        tokenizer=runtime.load_tokenizer(folder / TOKENIZER, "", ""),
        manifest=manifest,
        end=() if adds_end else (_END,),
        hidden=frozenset((_END, *manifest.languages.values(), *filter(_TAG.fullmatch, vocabulary))),
    )


def list_vocabulary_files() -> list[str]:
    """The names that a vocabulary may have in a CTranslate2 folder."""
    return [f"{name}{suffix}" for name in _VOCABULARIES for suffix in (".json", ".txt")]


def _read_vocabulary(model: Path) -> frozenset[str]:
    for name in list_vocabulary_files():
        try:
            data = (model / name).read_bytes()
        except FileNotFoundError:
            continue
        return frozenset(json.loads(data) if name.endswith(".json") else data.decode("utf-8").splitlines())
    raise FolderBrokenError("vocabulary_missing")


class MultilingualEngine:
    """An :class:`~translation.engines.base.Engine` on the multilingual models of one models folder.

    Thread-safe. ``translate`` and the first ``describe_version`` of a model block for long: call them on a thread pool,
    never on an event loop. Texts of one pair are translated in one batch. Where two models do a hop, the one whose
    folder comes first by name does it. A broken model is reported and passed over; it harms no other.
    """

    def __init__(self, models_dir: Path, cache: ModelCache | None = None, *, name: str = "multilingual") -> None:
        self._name = name
        self._folders = ModelFolders(
            models_dir / MULTILINGUAL,
            engine=name,
            cache=cache if cache is not None else ModelCache(),
            watched=(MANIFEST, ACCEPTANCE),
            read=read_manifest,
            find_problem=find_problem,
        )

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    def list_pairs(self) -> frozenset[Pair]:
        """Hops that installed models do; none where the engine libraries are missing."""
        return frozenset(
            pair
            for folder in self._folders.list_folders()
            if folder.problem is None and folder.info is not None
            for pair in folder.info.pairs
        )

    def list_broken(self) -> dict[str, str]:
        """Folder name → short code of why a model is not offered, for operators."""
        return self._folders.list_broken()

    def translate(self, texts: Sequence[str], *, pair: Pair, hints: Hints = NO_HINTS) -> list[EngineOutput]:
        """Translate along one hop; same length and order. Raises :class:`RouteMissingError` without a model for the
        pair, :class:`ModelBrokenError` for one that does not load, :class:`EngineError` for a failed run."""
        folder, manifest = self._get_folder(pair)
        with self._folders.use_model(folder, pair, lambda: load_weights(folder.path, manifest)) as weights:
            try:
                outputs = weights.choose_pair(pair).translate(texts)
            except (RuntimeError, ValueError) as error:
                # The message of such an error may quote the text: only its type is told.
                log.warning("engine.run_failed", engine=self._name, package=folder.name, error=type(error).__name__)
                raise EngineError(engine=self._name, source=pair[0], target=pair[1]) from None
        return [EngineOutput(text=output.text, score=output.score) for output in outputs]

    def describe_version(self, pair: Pair) -> str:
        """``<version>+<digest of the weights>``. Raises as :meth:`translate` for the model."""
        folder, manifest = self._get_folder(pair)
        return f"{manifest.version}+{self._folders.digest_weights(folder, pair)}"

    def name_model(self, pair: Pair) -> str:
        """The name of the model that does the hop now, in its manifest; empty if none does."""
        try:
            return self._get_folder(pair)[1].name
        except EngineError:
            return ""

    def _get_folder(self, pair: Pair) -> tuple[ModelFolder[Manifest], Manifest]:
        candidates = [
            (folder, folder.info)
            for folder in self._folders.list_folders()
            if folder.info is not None and pair in folder.info.pairs
        ]
        usable = [candidate for candidate in candidates if candidate[0].problem is None]
        if usable:
            return usable[0]
        if candidates:
            raise ModelBrokenError(engine=self._name, source=pair[0], target=pair[1])
        raise RouteMissingError(engine=self._name, source=pair[0], target=pair[1])


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder; raises :class:`FolderBrokenError`."""
    try:
        return parse_manifest((folder / MANIFEST).read_bytes())
    except OSError:
        raise FolderBrokenError("manifest_missing") from None


def find_problem(folder: Path, manifest: Manifest) -> str | None:
    """A short code for what a model folder lacks, or None. Says nothing about whether its weights load."""
    if not (folder / WEIGHTS).is_file():
        return "model_missing"
    if not (folder / TOKENIZER).is_file():
        return "tokenizer_missing"
    return None if is_accepted(folder, manifest) else "licence_not_accepted"
