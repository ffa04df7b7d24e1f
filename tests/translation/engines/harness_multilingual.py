"""Multilingual models under the contract: the committed small one, from English to Khmer."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.models.packages import install_tiny_multilingual
from tests.translation.engines.harnesses import Fault, Harness, Making
from translation.engines import runtime
from translation.engines.base import Engine
from translation.engines.multilingual import MultilingualEngine
from translation.languages import LanguageTag


def _make(folder: Path) -> AbstractContextManager[Engine]:
    install_tiny_multilingual(folder)
    return nullcontext(MultilingualEngine(folder))


def _remove_model(folder: Path) -> AbstractContextManager[Engine]:
    model = install_tiny_multilingual(folder)
    engine = MultilingualEngine(folder)
    assert engine.list_pairs()
    shutil.rmtree(model)
    return nullcontext(engine)


def _corrupt_weights(folder: Path) -> AbstractContextManager[Engine]:
    weights = install_tiny_multilingual(folder) / "model" / "model.bin"
    weights.write_bytes(weights.read_bytes()[:5000])
    return nullcontext(MultilingualEngine(folder))


def _run_as(run: Callable[[list[list[str]]], list[tuple[list[str], float]]]) -> Making:
    """The model's own step replaced by another: tokens of the sentences to tokens and scores."""

    @contextmanager
    def make(folder: Path) -> Iterator[Engine]:
        install_tiny_multilingual(folder)
        with patch.object(runtime.LoadedModel, "_run", lambda self, batch: run(batch)):
            yield MultilingualEngine(folder)

    return make


def _crash(batch: list[list[str]]) -> Any:
    raise RuntimeError("".join(batch[0]))


HARNESSES = (
    Harness(
        name="multilingual",
        pair=(LanguageTag.EN, LanguageTag.KM),
        sentences={
            "Hello everyone.": "សួស្តីអ្នកទាំងអស់គ្នា។",
            "Thank you!": "សូមអរគុណ!",
            "Thank you for your help.": "សូមអរគុណសម្រាប់ជំនួយរបស់អ្នក។",
        },
        make=_make,
        faults={
            Fault.MODEL_MISSING: _remove_model,
            Fault.FILE_CORRUPTED: _corrupt_weights,
            Fault.WRONG_COUNT: _run_as(lambda batch: [(tokens, -0.1) for tokens in batch[1:]]),
            Fault.CRASH: _run_as(_crash),
            Fault.EMPTY_OUTPUT: _run_as(lambda batch: [([], -0.1) for _ in batch]),
        },
        missing=(LanguageTag.EN, LanguageTag.VI),
    ),
)
