"""What the contract suite needs to know of an adapter: how to make one, what it translates, how to break it.

To put an adapter under the contract, add a file ``harness_<name>.py`` here with ``HARNESSES``, a tuple of
:class:`Harness`; it is found by its name. A harness uses the real adapter on real files or a real local server;
only what can't be provoked from outside (a model that gives the wrong number of outputs) is patched under it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from translation.engines.base import Engine, Pair
from translation.languages import LanguageTag

#: Makes an engine in an empty folder of its own and cleans up at the exit. ``contextlib.nullcontext(engine)`` does
#: where there is nothing to clean up, ``@contextmanager`` where there is a server or a patch.
Making = Callable[[Path], AbstractContextManager[Engine]]


class Fault(StrEnum):
    """Ways to break an engine. Each leaves one on which ``translate`` of the harness' sentences must raise:

    - ``MODEL_MISSING``: the model or the pair is not there (any more): ``RouteMissingError`` or ``ModelBrokenError``;
    - ``FILE_CORRUPTED``: its files do not load: ``ModelBrokenError``;
    - ``WRONG_COUNT``: what is under the adapter gives fewer or more outputs than texts: ``EngineError``;
    - ``CRASH``: what is under the adapter raises, dies or hangs up, its message quoting the text: ``EngineError``;
    - ``TIMEOUT``: what is under the adapter does not answer in time: ``EngineError``;
    - ``EMPTY_OUTPUT``: it gives empty outputs: ``EngineError``, or outputs whose text is empty, which the gate holds.
    """

    MODEL_MISSING = "model_missing"
    FILE_CORRUPTED = "file_corrupted"
    WRONG_COUNT = "wrong_count"
    CRASH = "crash"
    TIMEOUT = "timeout"
    EMPTY_OUTPUT = "empty_output"


@dataclass(frozen=True)
class Harness:
    """One adapter under the contract.

    ``sentences`` are at least three single sentences with letters and what the engine made by ``make`` says for each,
    all different, alone and in any batch. ``missing`` is a pair that it does not offer. ``faults`` has those that
    can happen to this kind of engine.
    """

    name: str
    pair: Pair
    sentences: Mapping[str, str]
    make: Making
    faults: Mapping[Fault, Making] = field(default_factory=dict)
    missing: Pair = (LanguageTag.KM, LanguageTag.ZH_HANT)

    def __str__(self) -> str:
        return self.name


def find_harnesses() -> list[Harness]:
    """Those of every ``harness_*.py`` in this folder, by file name. Raises for a file without any, or a name twice."""
    found: list[Harness] = []
    for path in sorted(Path(__file__).parent.glob("harness_*.py")):
        offered = import_module(f"{__package__}.{path.stem}").HARNESSES
        if not offered:
            raise LookupError(f"{path.name} has no harness")
        found += offered
    names = [harness.name for harness in found]
    if len(set(names)) != len(names):
        raise LookupError(f"two harnesses have one name: {sorted(names)}")
    return found
