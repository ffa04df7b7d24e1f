"""An engine for tests of what stands above engines: deterministic, no library, the same contract as the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import permutations

from translation.engines.base import NO_HINTS, Capabilities, EngineError, EngineOutput, Hints, Pair, RouteMissingError
from translation.languages import LANGUAGES

#: Every direct hop among the six languages.
ALL_PAIRS: frozenset[Pair] = frozenset(permutations(LANGUAGES, 2))


class FakeEngine:
    """Marks each text with its hop, ``hello`` → ``[en>vi] hello``, or says what a table says.

    ``fail`` may return an error for a text, which the whole call then raises, as real engines do. ``calls`` records
    every call's pair and texts.
    """

    def __init__(
        self,
        pairs: Iterable[Pair] = ALL_PAIRS,
        *,
        name: str = "fake",
        table: dict[tuple[str, Pair], str] | None = None,
        fail: Callable[[str], EngineError | None] = lambda text: None,
        score: float | None = -0.1,
    ) -> None:
        self.pairs = frozenset(pairs)
        self.calls: list[tuple[Pair, list[str]]] = []
        self._name = name
        self._table = table or {}
        self._fail = fail
        self._score = score

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            batch_size=16,
            window=500,
            gives_scores=self._score is not None,
            needs_network=False,
            keeps_placeholders=False,
        )

    def list_pairs(self) -> frozenset[Pair]:
        return self.pairs

    def translate(self, texts: Sequence[str], *, pair: Pair, hints: Hints = NO_HINTS) -> list[EngineOutput]:
        if pair not in self.pairs:
            raise RouteMissingError(engine=self._name, source=pair[0], target=pair[1])
        self.calls.append((pair, list(texts)))
        for text in texts:
            error = self._fail(text)
            if error is not None:
                raise error
        return [EngineOutput(self._say(text, pair), None if _is_blank(text) else self._score) for text in texts]

    def describe_version(self, pair: Pair) -> str:
        if pair not in self.pairs:
            raise RouteMissingError(engine=self._name, source=pair[0], target=pair[1])
        return "1"

    def _say(self, text: str, pair: Pair) -> str:
        if _is_blank(text):
            return text
        return self._table.get((text, pair), f"[{pair[0]}>{pair[1]}] {text}")


def _is_blank(text: str) -> bool:
    return not text.strip(" \t\n\u3000\u200b")
