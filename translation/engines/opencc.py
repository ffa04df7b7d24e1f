"""Simplified and Traditional Chinese as a hop: OpenCC with Taiwan's words (軟體, not 軟件)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from app.core.native import make_native_lock
from translation.engines.base import NO_HINTS, Capabilities, EngineOutput, Hints, Pair, RouteMissingError
from translation.languages import LanguageTag

OPENCC: Final = "opencc"

_CONFIGURATIONS: Final[dict[Pair, str]] = {
    (LanguageTag.ZH_HANS, LanguageTag.ZH_HANT): "s2twp",
    (LanguageTag.ZH_HANT, LanguageTag.ZH_HANS): "tw2sp",
}
_CAPABILITIES: Final = Capabilities(
    batch_size=100, window=20_000, gives_scores=False, needs_network=False, keeps_placeholders=True
)


class OpenccEngine:
    """An :class:`~translation.engines.base.Engine`; dictionaries are read on first use (0.1 s a direction). Gives no
    score: a conversion by dictionary is not a guess like a translation."""

    def __init__(self) -> None:
        self._converters: dict[Pair, Any] = {}
        self._lock = make_native_lock()

    @property
    def name(self) -> str:
        return OPENCC

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    def list_pairs(self) -> frozenset[Pair]:
        return frozenset(_CONFIGURATIONS)

    def translate(self, texts: Sequence[str], *, pair: Pair, hints: Hints = NO_HINTS) -> list[EngineOutput]:
        """Convert each text. Raises :class:`RouteMissingError` for anything but the two Chinese scripts."""
        converter = self._get_converter(pair)
        return [EngineOutput(text=converter.convert(text)) for text in texts]

    def describe_version(self, pair: Pair) -> str:
        self._require(pair)
        return _CONFIGURATIONS[pair]

    def _require(self, pair: Pair) -> None:
        if pair not in _CONFIGURATIONS:
            raise RouteMissingError(engine=OPENCC, source=pair[0], target=pair[1])

    def _get_converter(self, pair: Pair) -> Any:
        self._require(pair)
        with self._lock:
            if pair not in self._converters:
                from opencc import OpenCC

                self._converters[pair] = OpenCC(_CONFIGURATIONS[pair])
            return self._converters[pair]
