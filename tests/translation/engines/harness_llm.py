"""A language model's server under the contract: the adapter on the strict simulator, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulators.engines.chat import ChatSimulator
from simulators.engines.faults import FaultKind
from tests.translation.engines.harness_libretranslate import SENTENCES, TABLE
from tests.translation.engines.harnesses import Fault, Harness, Making
from translation.engines.base import Engine
from translation.engines.llm import LlmEngine
from translation.languages import LanguageTag

PAIR = (LanguageTag.EN, LanguageTag.VI)


def _make(
    *, fault: FaultKind | None = None, timeout: float = 10, pairs: tuple[tuple[LanguageTag, LanguageTag], ...] = (PAIR,)
) -> Making:
    @contextmanager
    def make(folder: Path) -> Iterator[Engine]:
        simulator = ChatSimulator(table=TABLE)
        if fault is not None:
            simulator.faults.stay(fault)
        with simulator.serve() as url:
            yield LlmEngine(f"{url}/v1", model="simulated", timeout=timeout, pairs=pairs)

    return make


HARNESSES = (
    Harness(
        name="llm",
        pair=PAIR,
        sentences=SENTENCES,
        make=_make(),
        faults={
            Fault.MODEL_MISSING: _make(pairs=()),
            Fault.WRONG_COUNT: _make(fault=FaultKind.FEWER),
            Fault.CRASH: _make(fault=FaultKind.DROP),
            Fault.TIMEOUT: _make(fault=FaultKind.HANG, timeout=0.3),
            Fault.EMPTY_OUTPUT: _make(fault=FaultKind.EMPTY),
        },
    ),
)
