"""Models of Firefox Translations under the contract: the committed small ones."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from tests.models.firefox.models import install_tiny_firefox, name_files, write_manifest
from tests.translation.engines.harnesses import Fault, Harness, Making
from translation.engines.base import Engine
from translation.engines.cache import ModelCache
from translation.engines.firefox import FirefoxEngine
from translation.engines.firefox_process import ModelProcess
from translation.languages import LanguageTag


@contextmanager
def _open_engine(folder: Path) -> Iterator[Engine]:
    cache = ModelCache()
    try:
        yield FirefoxEngine(folder, cache)
    finally:
        for model in cache.list_loaded():
            cache.drop(model.slot)


@contextmanager
def _make(folder: Path) -> Iterator[Engine]:
    install_tiny_firefox(folder)
    with _open_engine(folder) as engine:
        yield engine


@contextmanager
def _remove_model(folder: Path) -> Iterator[Engine]:
    (model,) = install_tiny_firefox(folder, ["vi-en"])
    with _open_engine(folder) as engine:
        assert engine.list_pairs()
        shutil.rmtree(model)
        yield engine


@contextmanager
def _corrupt_weights(folder: Path) -> Iterator[Engine]:
    (model,) = install_tiny_firefox(folder, ["vi-en"])
    weights = model / name_files("vi-en")["model"]
    weights.write_bytes(weights.read_bytes()[:5000])
    write_manifest(model, "vi-en")
    with _open_engine(folder) as engine:
        yield engine


def _answer(run: Callable[[ModelProcess, list[str]], list[str]]) -> Making:
    """The process' answer replaced by another."""

    @contextmanager
    def make(folder: Path) -> Iterator[Engine]:
        install_tiny_firefox(folder, ["vi-en"])
        with patch.object(ModelProcess, "translate", run), _open_engine(folder) as engine:
            yield engine

    return make


def _end_by(number: signal.Signals) -> Making:
    """The process ends by a signal as soon as it is asked something."""
    translate = ModelProcess.translate

    def run(self: ModelProcess, sentences: list[str]) -> list[str]:
        assert self.pid is not None
        os.kill(self.pid, number)
        return translate(self, sentences)

    return _answer(run)


HARNESSES = (
    Harness(
        name="firefox",
        pair=(LanguageTag.VI, LanguageTag.EN),
        sentences={
            "Xin chào mọi người.": "Hello everyone.",
            "Cảm ơn bạn!": "Thank you!",
            "Tôi sống ở Đài Bắc.": "I live in Taipei.",
        },
        make=_make,
        faults={
            Fault.MODEL_MISSING: _remove_model,
            Fault.FILE_CORRUPTED: _corrupt_weights,
            Fault.WRONG_COUNT: _answer(lambda process, sentences: sentences[1:]),
            Fault.CRASH: _end_by(signal.SIGABRT),
            Fault.TIMEOUT: _end_by(signal.SIGALRM),
            Fault.EMPTY_OUTPUT: _answer(lambda process, sentences: [""] * len(sentences)),
        },
    ),
)
