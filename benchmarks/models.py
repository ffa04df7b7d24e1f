"""The models that the translation benchmarks run on: the small test model, and one of the usual size.

A package that people install is a Transformer of 6 + 6 layers, 512 wide, with 32,000 pieces: some 90 MB as int8. None
can be had without a download, so one of that shape is made here from random numbers. It costs what a real one costs and
**translates nothing**: its output is thrown away, and what the engine answers in its place is read from the corpus, so
that checks and database have an ordinary text to work on. It would not know where to stop either, and is made to stop
after as many pieces as the test sentences have on average.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any, Final

import ctranslate2
import numpy
import sentencepiece
from ctranslate2.specs import common_spec, transformer_spec

from tests.models.corpus import draw_held_out
from tests.models.packages import install_tiny_models
from translation.engines import runtime
from translation.engines.argos import ArgosEngine
from translation.engines.base import NO_HINTS, Capabilities, Engine, EngineOutput, Hints, Pair
from translation.languages import LanguageTag

HOP: Final = "vi-en"
SOURCE, TARGET = LanguageTag.VI, LanguageTag.EN
PAIR: Final[Pair] = (SOURCE, TARGET)

LAYERS, WIDTH, INNER, HEADS, VOCABULARY = 6, 512, 2048, 8, 32_000
_SEED: Final = 20261122


@dataclass(frozen=True)
class Model:
    """An engine, and ``translate_bare``, the same model without anything of ours. ``length`` is to how many pieces it
    is bound, None where it finds its own end; ``package`` is its folder."""

    name: str
    engine: Engine
    translate_bare: Callable[[Sequence[str]], object]
    package: Path
    length: int | None = None


@contextmanager
def open_small() -> Iterator[Model]:
    """The small test model, as the tests have it."""
    with TemporaryDirectory(prefix="qiao-bench-") as name:
        (package,) = install_tiny_models(Path(name), [HOP])
        bare = _Bare(package, load_translator(package))
        yield Model("small test model", ArgosEngine(Path(name)), bare.translate, package)


@contextmanager
def open_usual() -> Iterator[Model]:
    """A model of the usual size, of random numbers."""
    with TemporaryDirectory(prefix="qiao-bench-") as name:
        package = build_usual(Path(name))
        length = count_pieces(package)
        translator = Bound(load_translator(package), length)
        model = runtime.LoadedModel(
            translator, runtime.load_tokenizer(package / "sentencepiece.model", "", ""), pair=PAIR
        )
        size = (package / "model" / "model.bin").stat().st_size
        title = f"model of the usual size ({size / 1e6:.0f} MB, random)"
        yield Model(title, _Answering(model), _Bare(package, translator).translate, package, length)


def load_translator(package: Path) -> Any:
    return ctranslate2.Translator(
        str(package / "model"), device="cpu", inter_threads=os.cpu_count() or 1, intra_threads=1
    )


def build_usual(models_dir: Path) -> Path:
    """Write a package of the usual size into ``models_dir/packages``, with the small model's pieces; its folder. Takes
    some seconds. The same seed gives the same weights."""
    (small,) = install_tiny_models(models_dir, [HOP])
    package = models_dir / "packages" / "usual-size"
    (package / "model").mkdir(parents=True)
    for name in ("metadata.json", "sentencepiece.model"):
        copy(small / name, package / name)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(package / "sentencepiece.model"))
    known = [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]
    vocabulary = known + [f"unused{number}" for number in range(len(known), VOCABULARY)]
    spec = transformer_spec.TransformerSpec.from_config(
        (LAYERS, LAYERS), HEADS, pre_norm=True, activation=common_spec.Activation.RELU
    )
    _fill(spec, numpy.random.default_rng(_SEED))
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(package / "model"))
    return package


def _fill(spec: Any, rng: numpy.random.Generator) -> None:
    def draw(*shape: int) -> Any:
        return (rng.standard_normal(shape, dtype=numpy.float32) * WIDTH**-0.5).astype(numpy.float32)

    def fill_linear(to: Any, outputs: int, inputs: int) -> None:
        to.weight, to.bias = draw(outputs, inputs), draw(outputs)

    def fill_norm(to: Any) -> None:
        to.gamma, to.beta = numpy.ones(WIDTH, numpy.float32), numpy.zeros(WIDTH, numpy.float32)

    spec.encoder.embeddings[0].weight = draw(VOCABULARY, WIDTH)
    spec.decoder.embeddings.weight = draw(VOCABULARY, WIDTH)
    fill_linear(spec.decoder.projection, VOCABULARY, WIDTH)
    for side in (spec.encoder, spec.decoder):
        fill_norm(side.layer_norm)
        for layer in side.layer:
            fill_norm(layer.self_attention.layer_norm)
            fill_linear(layer.self_attention.linear[0], 3 * WIDTH, WIDTH)
            fill_linear(layer.self_attention.linear[1], WIDTH, WIDTH)
            if side is spec.decoder:
                fill_norm(layer.attention.layer_norm)
                for number, outputs in enumerate((WIDTH, 2 * WIDTH, WIDTH)):
                    fill_linear(layer.attention.linear[number], outputs, WIDTH)
            fill_norm(layer.ffn.layer_norm)
            fill_linear(layer.ffn.linear_0, INNER, WIDTH)
            fill_linear(layer.ffn.linear_1, WIDTH, INNER)


def count_pieces(package: Path) -> int:
    """How many pieces a test sentence has on average."""
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(package / "sentencepiece.model"))
    texts = [row[SOURCE.value] for row in draw_held_out(0, 500)]
    return round(sum(map(len, pieces.encode(texts))) / len(texts))


class Bound:
    """A translator whose every output has exactly ``length`` pieces."""

    def __init__(self, translator: Any, length: int) -> None:
        self._translator = translator
        self._length = {"min_decoding_length": length, "max_decoding_length": length}

    def translate_batch(self, batch: Sequence[Sequence[str]], **options: Any) -> Any:
        return self._translator.translate_batch(batch, **{**options, **self._length})


class _Bare:
    """The model without anything of ours, called as the adapter calls it."""

    def __init__(self, package: Path, translator: Any) -> None:
        self._tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(package / "sentencepiece.model"))
        self._translator = translator

    def translate(self, texts: Sequence[str]) -> list[str]:
        batch = [self._tokenizer.encode(text, out_type=str) for text in texts]
        results = self._translator.translate_batch(
            batch, beam_size=1, max_batch_size=32, max_decoding_length=512, replace_unknowns=True, return_scores=True
        )
        return [self._tokenizer.decode(result.hypotheses[0]) for result in results]


class _Answering:
    """An :class:`~translation.engines.base.Engine` on a random model: it does all of the work, and answers with what
    the corpus says, or with the text itself where that knows nothing."""

    def __init__(self, model: runtime.LoadedModel) -> None:
        self._model = model
        self._known: dict[str, str] = {}

    @property
    def name(self) -> str:
        return "random"

    @property
    def capabilities(self) -> Capabilities:
        return ArgosEngine(Path()).capabilities

    def list_pairs(self) -> frozenset[Pair]:
        return frozenset({PAIR})

    def learn(self, rows: Sequence[Mapping[str, str]]) -> None:
        """What to answer from now on; nothing else is known."""
        self._known = {row[SOURCE.value]: row[TARGET.value] for row in rows}

    def translate(self, texts: Sequence[str], *, pair: Pair, hints: Hints = NO_HINTS) -> list[EngineOutput]:
        done = self._model.translate(texts)
        return [
            EngineOutput(self._known.get(text, text), output.score) for text, output in zip(texts, done, strict=True)
        ]

    def describe_version(self, pair: Pair) -> str:
        return "random"


def learn(model: Model, rows: Sequence[Mapping[str, str]]) -> None:
    """Tell a random model what to answer; a real one knows."""
    if isinstance(model.engine, _Answering):
        model.engine.learn(rows)
