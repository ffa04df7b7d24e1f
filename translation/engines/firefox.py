"""The engine on models of Firefox Translations, which are small, fast and better than Argos' where both exist.

A models folder holds ``firefox/<source>-<target>/`` with the files as Mozilla ships them and ``qiao.json`` (see
:mod:`translation.engines.firefox_files`). It is looked at on every call: what is installed, replaced or removed takes
effect without a restart. Every loaded model is a process of its own (:mod:`translation.engines.firefox_process`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

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
from translation.engines.firefox_files import (
    MANIFEST,
    Manifest,
    check_sizes,
    find_files,
    parse_manifest,
    read_pieces,
)
from translation.engines.firefox_process import ModelProcess, ProcessUnavailableError, is_installed
from translation.engines.folders import FolderBrokenError, ModelFolder, ModelFolders, get_newest, list_hops
from translation.engines.manifest import hash_file
from translation.segments import WINDOW

log = structlog.get_logger(__name__)

FIREFOX: Final = "firefox"
#: The models are trained with 128 tokens at most, the end one among them, and the library drops what is beyond.
_LONGEST_INPUT: Final = 127
_LONGEST_PIECE: Final = 64
#: Single bytes of a character that is not in the vocabulary: the library gives their names.
_BYTES: Final = re.compile(r"(?:<0x[0-9A-F]{2}>)+")

_CAPABILITIES: Final = Capabilities(
    batch_size=runtime.BATCH_SIZE,
    window=WINDOW,
    gives_scores=False,
    needs_network=False,
    keeps_placeholders=False,  # measured on the small test model: in 0 of 200 sentences with two marks
)


class PieceCounter:
    """A :class:`~translation.engines.runtime.Tokenizer` that says about how many tokens a sentence takes: the library
    doesn't. Its tokens, put together, are the sentence again."""

    def __init__(self, pieces: frozenset[str]) -> None:
        self._pieces = pieces
        self._longest = min(max(map(len, pieces), default=1), _LONGEST_PIECE)

    def encode(self, sentence: str) -> list[str]:
        """The longest pieces from left to right. A character in none of them takes a token for each of its bytes: all
        but one of these are empty."""
        tokens: list[str] = []
        place = 0
        while place < len(sentence):
            for end in range(min(place + self._longest, len(sentence)), place, -1):
                if sentence[place:end] in self._pieces:
                    tokens.append(sentence[place:end])
                    place = end
                    break
            else:
                character = sentence[place]
                tokens += [character, *[""] * (len(character.encode()) - 1)]
                place += 1
        return tokens

    def decode(self, tokens: list[str]) -> str:
        return _BYTES.sub(lambda match: _read_bytes(match.group()), "".join(tokens))


class FirefoxModel(runtime.LoadedModel):
    """One model in memory; cuts texts into sentences as every model here, and gives them to its process."""

    def __init__(self, process: ModelProcess, counter: PieceCounter, *, pair: Pair) -> None:
        super().__init__(process, counter, pair=pair, longest_input=_LONGEST_INPUT)
        self.process = process

    def _run(self, batch: list[list[str]]) -> list[tuple[list[str], float]]:
        sentences = ["".join(tokens) for tokens in batch]
        return [
            ([text], 0.0)  # there are no scores
            for start in range(0, len(sentences), runtime.BATCH_SIZE)
            for text in self.process.translate(sentences[start : start + runtime.BATCH_SIZE])
        ]


class FirefoxEngine:
    """An :class:`~translation.engines.base.Engine` on the Firefox models of one models folder.

    Thread-safe. ``translate`` blocks its native thread for long: call it on a thread pool, never on an event loop. A
    broken model is reported and passed over; it harms no other, and no process but its own. Models share the memory of
    ``cache`` with other engines.
    """

    def __init__(self, models_dir: Path, cache: ModelCache, *, name: str = FIREFOX) -> None:
        self._name = name
        self._cache = cache
        self._folders = ModelFolders(
            models_dir / FIREFOX,
            engine=name,
            cache=cache,
            watched=(MANIFEST,),
            read=read_manifest,
            find_problem=lambda folder, _: find_problem(folder),
            find_weights=_find_weights,
            is_installed=is_installed,
        )

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    def list_pairs(self) -> frozenset[Pair]:
        """Direct hops that installed models do; none where the engine library is missing."""
        return list_hops(self._folders)

    def list_broken(self) -> dict[str, str]:
        """Folder name → short code of what is wrong with a model, for operators."""
        return self._folders.list_broken()

    def translate(self, texts: Sequence[str], *, pair: Pair, hints: Hints = NO_HINTS) -> list[EngineOutput]:
        """Translate along one hop; same length and order. Raises :class:`RouteMissingError` without a model for the
        pair, :class:`ModelBrokenError` for one that does not load, :class:`EngineError` for a failed run."""
        folder, manifest = get_newest(self._folders, pair, engine=self._name)
        with self._folders.use_model(folder, pair, lambda: self._load(folder, manifest, pair), close_model) as model:
            try:
                # A text that the model had nothing to do for has no score; the others have none that means anything.
                return [EngineOutput(text=done.text) for done in model.translate(texts)]
            except (RuntimeError, ValueError) as error:
                log.warning("engine.run_failed", engine=self._name, package=folder.name, error=type(error).__name__)
                if model.process.pid is None:
                    self._cache.drop(str(folder.path))  # the next who asks starts another
                raise self._make_error(pair) from None

    def describe_version(self, pair: Pair) -> str:
        """``<version>+<digest of the weights>``. Raises as :meth:`translate` for the model."""
        folder, manifest = get_newest(self._folders, pair, engine=self._name)
        return f"{manifest.version}+{self._folders.digest_weights(folder, pair)}"

    def _load(self, folder: ModelFolder[Manifest], manifest: Manifest, pair: Pair) -> FirefoxModel:
        try:
            return load_model(folder.path, manifest, pair=pair)
        except ProcessUnavailableError:
            # The system is short of memory or processes: that is not the model's fault, and may pass.
            log.warning("engine.no_process", engine=self._name, package=folder.name)
            raise self._make_error(pair) from None

    def _make_error(self, pair: Pair) -> EngineError:
        return EngineError(engine=self._name, source=pair[0], target=pair[1])


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a model folder. Raises :class:`FolderBrokenError`."""
    try:
        return parse_manifest((folder / MANIFEST).read_bytes())
    except OSError:
        raise FolderBrokenError("manifest_missing") from None


def find_problem(folder: Path) -> str | None:
    """A short code for what a model folder lacks, or None. Says nothing about whether its weights load."""
    try:
        find_files(folder)
    except FolderBrokenError as error:
        return str(error)
    return None


def load_model(folder: Path, manifest: Manifest, *, pair: Pair) -> FirefoxModel:
    """Check every file of a model folder and load it; takes a second. Raises :class:`FolderBrokenError`, and what
    :class:`ModelProcess` raises."""
    files = find_files(folder)
    for path in {files.model, files.source_vocabulary, files.target_vocabulary, files.shortlist} - {None}:
        if path is not None and manifest.files.get(path.name) != hash_file(path):
            raise FolderBrokenError("wrong_checksum")
    source, target = (read_pieces(path.read_bytes()) for path in (files.source_vocabulary, files.target_vocabulary))
    check_sizes(files.model.read_bytes(), source=source, target=target)
    return FirefoxModel(ModelProcess(files), PieceCounter(source), pair=pair)


def close_model(model: FirefoxModel) -> None:
    """End the model's process."""
    model.process.close()


def _find_weights(folder: Path) -> Path:
    try:
        return find_files(folder).model
    except (FolderBrokenError, OSError):
        return folder / "model"


def _read_bytes(names: str) -> str:
    return bytes.fromhex(names.replace("<0x", "").replace(">", "")).decode("utf-8", "replace")
