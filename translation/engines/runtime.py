"""Our thin runtime for model folders, those of Argos packages and multilingual ones: CTranslate2 and SentencePiece.

Same files and, sentence by sentence, the same results as ``argostranslate``; without its sentence splitter (which
wants a download), its logging of users' texts and its one-text-at-a-time calls. Nothing is imported from the engine
libraries until a model is loaded, so that Qiao also runs without them.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import util
from math import ceil
from pathlib import Path
from typing import Any, Final, Protocol

from translation.engines.base import Pair
from translation.results import Segment
from translation.segments import WINDOW, join_segments, split_segments

#: Sentences of one step of the decoder; more gains nothing on a CPU.
BATCH_SIZE: Final = 32
_CORES: Final = os.cpu_count() or 1
_LONGEST_INPUT: Final = 256
_SMALLEST_WINDOW: Final = 8
#: NFKC, which most packages' SentencePiece applies, takes Thai SARA AM apart, also around a tone mark.
_SARA_AM: Final = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")
_TOKENIZERS: Final = ("sentencepiece.model", "bpe.model")


class Tokenizer(Protocol):
    """Text to a model's tokens and back."""

    def encode(self, sentence: str) -> list[str]: ...

    def decode(self, tokens: list[str]) -> str: ...


def is_installed() -> bool:
    """Whether the engine libraries (extra ``argos``) are there; imports nothing."""
    return all(util.find_spec(name) is not None for name in ("ctranslate2", "sentencepiece"))


def find_tokenizer(package: Path) -> Path | None:
    """The tokenizer's file of a package folder."""
    return next((path for name in _TOKENIZERS if (path := package / name).is_file()), None)


@dataclass(frozen=True)
class Translated:
    """A translated text and its mean log-probability per token; None where the model had nothing to do."""

    text: str
    score: float | None


@dataclass(frozen=True)
class _Plan:
    """A text as segments, and the tokens of each; none where there is nothing to translate."""

    segments: list[Segment]
    tokens: list[list[str]]


@dataclass(frozen=True)
class SourceTags:
    """Tokens that a model wants around every source sentence."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


NO_TAGS: Final = SourceTags()


class LoadedModel:
    """One model in memory, for one pair of languages. Thread-safe: CTranslate2 queues the batches of several threads
    and releases the GIL. ``hidden`` are tokens that never belong to a text: the tags of languages. A text is cut into
    pieces of at most ``longest_input`` tokens."""

    def __init__(
        self,
        translator: Any,
        tokenizer: Tokenizer,
        *,
        pair: Pair,
        target_prefix: str = "",
        source_tags: SourceTags = NO_TAGS,
        hidden: frozenset[str] = frozenset(),
        longest_input: int = _LONGEST_INPUT,
    ) -> None:
        self._translator = translator
        self._tokenizer = tokenizer
        self._source, self._target = pair
        self._prefix = [target_prefix] if target_prefix else []
        self._tags = source_tags
        self._hidden = hidden
        self._longest_input = longest_input

    def translate(self, texts: Sequence[str]) -> list[Translated]:
        """Translate all texts in one batch; same length and order. Blocks. Raises whatever CTranslate2 raises.

        The models know single sentences, and drop some of several: a text is cut into sentences here too. What has no
        letter comes back as it is: models invent sentences for a bare number or emoji.
        """
        # The edges refuse lone surrogates; one that gets here must not fail the whole batch.
        plans = [self._plan(text.encode("utf-8", "replace").decode("utf-8")) for text in texts]
        batch = [tokens for plan in plans for tokens in plan.tokens if tokens]
        done = self._run(batch) if batch else []
        if len(done) != len(batch):
            raise ValueError("wrong number of outputs")  # nobody would know which is which
        outputs = iter(done)
        return [self._finish(plan, outputs) for plan in plans]

    def _plan(self, text: str, window: int = WINDOW) -> _Plan:
        segments = split_segments(text, window=window)
        tokens = [self._tokenizer.encode(segment.text) if segment.text else [] for segment in segments]
        if window > _SMALLEST_WINDOW and max(map(len, tokens), default=0) > self._longest_input:
            return self._plan(text, window // 2)  # rare scripts and emoji can take several tokens a character
        return _Plan(segments, tokens)

    def _finish(self, plan: _Plan, outputs: Iterator[tuple[list[str], float]]) -> Translated:
        """Take this text's sentences from ``outputs`` and put them together."""
        texts: list[str] = []
        total, length = 0.0, 0
        for segment, given in zip(plan.segments, plan.tokens, strict=True):
            if not given:
                texts.append(segment.text)
                continue
            tokens, score = next(outputs)
            texts.append(self._decode(tokens))
            weight = len(tokens) + 1  # the end token counts
            total += score * weight
            length += weight
        text = join_segments(plan.segments, texts, source=self._source, target=self._target)
        return Translated(text, total / length if length else None)

    def _run(self, batch: list[list[str]]) -> list[tuple[list[str], float]]:
        """Greedy search: 5 to 25 % faster than Argos' beam of 4, whose length penalty prefers short wrong outputs.
        Every sentence gets the tags and the prefix, and loses it again."""
        results = self._translator.translate_batch(
            [[*self._tags.before, *tokens, *self._tags.after] for tokens in batch],
            target_prefix=[self._prefix] * len(batch) if self._prefix else None,
            beam_size=1,
            max_batch_size=min(BATCH_SIZE, ceil(len(batch) / _CORES)),  # work for every core
            max_input_length=0,  # 0: never truncate
            max_decoding_length=2 * _LONGEST_INPUT,
            replace_unknowns=True,
            return_scores=True,
        )
        skipped = len(self._prefix)
        return [(list(result.hypotheses[0][skipped:]), float(result.scores[0])) for result in results]

    def _decode(self, tokens: list[str]) -> str:
        if self._hidden:
            tokens = [token for token in tokens if token not in self._hidden]
        text = unicodedata.normalize("NFC", self._tokenizer.decode(tokens).strip())
        return _SARA_AM.sub("\\1\u0e33", text)


def load_model(package: Path, *, codes: tuple[str, str], pair: Pair, target_prefix: str = "") -> LoadedModel:
    """Load the model of a package folder. ``codes`` are the package's own. Raises whatever the libraries raise for
    files that are missing or broken, and :class:`FileNotFoundError` without a tokenizer."""
    tokenizer_file = find_tokenizer(package)
    if tokenizer_file is None:
        raise FileNotFoundError("tokenizer")
    tokenizer = load_tokenizer(tokenizer_file, *codes)
    return LoadedModel(load_translator(package), tokenizer, pair=pair, target_prefix=target_prefix)


def load_translator(folder: Path) -> Any:
    """The ``ctranslate2.Translator`` on ``folder/model``. Raises whatever the library raises for broken files."""
    import ctranslate2

    # One thread a sentence and one sentence a core: OpenMP threads that wait for each other cost 2 to 4 times as much.
    return ctranslate2.Translator(str(folder / "model"), device="cpu", inter_threads=_CORES, intra_threads=1)


def load_tokenizer(file: Path, source_code: str, target_code: str) -> Tokenizer:
    """The tokenizer in a package's file; BPE ones need ``argostranslate``, which brings the word rules they rest on."""
    if file.name == "bpe.model":
        from argostranslate.tokenizer import BPETokenizer

        bpe: Any = BPETokenizer(file, source_code, target_code)
        bpe.lazy_load()
        return bpe  # type: ignore[no-any-return]
    return _SentencePiece(file)


class _SentencePiece:
    """SentencePiece's own decoding: unlike Argos', it leaves a ``_`` of the text alone."""

    def __init__(self, file: Path) -> None:
        import sentencepiece

        self._processor = sentencepiece.SentencePieceProcessor(model_file=str(file))

    def encode(self, sentence: str) -> list[str]:
        return list(self._processor.encode(sentence, out_type=str))

    def decode(self, tokens: list[str]) -> str:
        return str(self._processor.decode(tokens))
