"""A LibreTranslate server under the contract: the adapter on the strict simulator, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulators.engines.faults import FaultKind
from simulators.engines.libretranslate import LibreTranslateSimulator
from tests.translation.engines.harnesses import Fault, Harness, Making
from translation.engines.base import Engine
from translation.engines.libretranslate import LibreTranslateEngine
from translation.languages import LanguageTag

SENTENCES = {
    "Hello everyone.": "Xin chào mọi người.",
    "Thank you!": "Cảm ơn bạn!",
    "I live in Taipei.": "Tôi sống ở Đài Bắc.",
}
TABLE = {("en", "vi"): SENTENCES}


@contextmanager
def make(folder: Path) -> Iterator[Engine]:
    with LibreTranslateSimulator(table=TABLE).serve() as url:
        yield LibreTranslateEngine(url, timeout=10)


def _fail_with(kind: FaultKind, *, timeout: float = 10) -> Making:
    """The server lists its languages, and fails to translate."""

    @contextmanager
    def make_failing(folder: Path) -> Iterator[Engine]:
        simulator = LibreTranslateSimulator(table=TABLE)
        simulator.faults.stay(kind, path="/translate")
        with simulator.serve() as url:
            engine = LibreTranslateEngine(url, timeout=timeout)
            assert engine.list_pairs()
            yield engine

    return make_failing


@contextmanager
def _without_vietnamese(folder: Path) -> Iterator[Engine]:
    with LibreTranslateSimulator(tags=("en", "th")).serve() as url:
        yield LibreTranslateEngine(url, timeout=10)


HARNESSES = (
    Harness(
        name="libretranslate",
        pair=(LanguageTag.EN, LanguageTag.VI),
        sentences=SENTENCES,
        make=make,
        faults={
            Fault.MODEL_MISSING: _without_vietnamese,
            Fault.WRONG_COUNT: _fail_with(FaultKind.FEWER),
            Fault.CRASH: _fail_with(FaultKind.DROP),
            Fault.TIMEOUT: _fail_with(FaultKind.HANG, timeout=0.3),
            Fault.EMPTY_OUTPUT: _fail_with(FaultKind.EMPTY),
        },
    ),
)
