"""Argos packages under the contract: the committed small models."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.models.packages import install_tiny_models
from tests.translation.engines.harnesses import Fault, Harness, Making
from translation.engines import runtime
from translation.engines.argos import ArgosEngine
from translation.engines.base import Engine
from translation.languages import LanguageTag


def _make(folder: Path) -> AbstractContextManager[Engine]:
    install_tiny_models(folder, ["en-vi", "vi-en"])
    return nullcontext(ArgosEngine(folder))


def _remove_package(folder: Path) -> AbstractContextManager[Engine]:
    (package,) = install_tiny_models(folder, ["en-vi"])
    engine = ArgosEngine(folder)
    assert engine.list_pairs()
    shutil.rmtree(package)
    return nullcontext(engine)


def _corrupt_weights(folder: Path) -> AbstractContextManager[Engine]:
    (package,) = install_tiny_models(folder, ["en-vi"])
    weights = package / "model" / "model.bin"
    weights.write_bytes(weights.read_bytes()[:5000])
    return nullcontext(ArgosEngine(folder))


def _run_as(run: Callable[[list[list[str]]], list[tuple[list[str], float]]]) -> Making:
    """The model's own step replaced by another: tokens of the sentences to tokens and scores."""

    @contextmanager
    def make(folder: Path) -> Iterator[Engine]:
        install_tiny_models(folder, ["en-vi"])
        with patch.object(runtime.LoadedModel, "_run", lambda self, batch: run(batch)):
            yield ArgosEngine(folder)

    return make


def _crash(batch: list[list[str]]) -> Any:
    raise RuntimeError("".join(batch[0]))


HARNESSES = (
    Harness(
        name="argos",
        pair=(LanguageTag.EN, LanguageTag.VI),
        sentences={
            "Hello everyone.": "Xin chào mọi người.",
            "Thank you!": "Cảm ơn bạn!",
            "I live in Taipei.": "Tôi sống ở Đài Bắc.",
        },
        make=_make,
        faults={
            Fault.MODEL_MISSING: _remove_package,
            Fault.FILE_CORRUPTED: _corrupt_weights,
            Fault.WRONG_COUNT: _run_as(lambda batch: [(tokens, -0.1) for tokens in batch[1:]]),
            Fault.CRASH: _run_as(_crash),
            Fault.EMPTY_OUTPUT: _run_as(lambda batch: [([], -0.1) for _ in batch]),
        },
    ),
)
