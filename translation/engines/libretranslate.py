"""The engine on a LibreTranslate server (written against 1.9, works with older ones): its languages and its answers.

The server cuts and translates one text after the other. It is sent single sentences without blanks around them, none
without a letter: from several it drops some, and for a bare number it invents a sentence. Other habits stay: an empty
result comes back as the source text (the gate holds copies), character references such as ``&lt;`` come back unescaped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import structlog

from app.core.native import make_native_lock
from translation.engines.base import (
    NO_HINTS,
    Capabilities,
    EngineError,
    EngineOutput,
    Hints,
    Pair,
    RouteMissingError,
)
from translation.engines.breaker import CircuitBreaker, Seconds
from translation.engines.http import OUTAGES, BadAnswerError, EngineRefusedError, JsonClient
from translation.engines.remote import read_answer, translate_pieces
from translation.languages import LanguageTag
from translation.segments import WINDOW

log = structlog.get_logger(__name__)

LIBRETRANSLATE: Final = "libretranslate"

#: Codes of the server in lower case. 1.9 says ``zh-Hans`` and ``zh-Hant`` for what Argos calls ``zh`` and ``zt``.
_LANGUAGE_OF_CODE: Final[Mapping[str, LanguageTag]] = MappingProxyType(
    {
        "zh-hant": LanguageTag.ZH_HANT,
        "zh_hant": LanguageTag.ZH_HANT,
        "zh-tw": LanguageTag.ZH_HANT,
        "zh_tw": LanguageTag.ZH_HANT,
        "zt": LanguageTag.ZH_HANT,
        "zh-hans": LanguageTag.ZH_HANS,
        "zh_hans": LanguageTag.ZH_HANS,
        "zh-cn": LanguageTag.ZH_HANS,
        "zh_cn": LanguageTag.ZH_HANS,
        "zh": LanguageTag.ZH_HANS,
        "en": LanguageTag.EN,
        "vi": LanguageTag.VI,
        "id": LanguageTag.ID,
        "th": LanguageTag.TH,
        "km": LanguageTag.KM,
    }
)
#: A look-up is bounded more tightly than a translation; it is repeated after minutes, after a failure sooner.
_LOOK_UP_SECONDS: Final = 4.0
_FRESH_SECONDS: Final = 300.0
_RETRY_SECONDS: Final = 20.0
_MOST_LANGUAGES: Final = 500
_LONGEST_VERSION: Final = 24
#: A request is done sentence by sentence: more of them only take longer than the time-out.
_CAPABILITIES: Final = Capabilities(
    batch_size=16, window=WINDOW, gives_scores=False, needs_network=True, keeps_placeholders=False
)


@dataclass(frozen=True)
class _Offer:
    """What the server has: each pair in its own codes, and its version."""

    codes: Mapping[Pair, tuple[str, str]] = field(default_factory=dict)
    version: str = "unknown"


def run_here(function: Callable[[], None]) -> None:
    function()


class LibreTranslateEngine:
    """An :class:`~translation.engines.base.Engine` on the server at ``url``.

    Thread-safe. What the server offers is looked up by ``list_pairs`` and kept for minutes; only one thread looks, for
    seconds at most, while others wait for the first answer and later get what is known. ``start`` runs the look-up:
    here and now by default; give one that starts it elsewhere where ``list_pairs`` is called on an event loop or in a
    transaction. ``timeout`` and ``clock`` are in seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str = "",
        timeout: float = 30.0,
        clock: Seconds = time.monotonic,
        start: Callable[[Callable[[], None]], None] = run_here,
    ) -> None:
        self._client = JsonClient(url, engine=LIBRETRANSLATE, timeout=timeout)
        self._key = api_key
        self._look_up_seconds = min(timeout, _LOOK_UP_SECONDS)
        self._clock = clock
        self._start = start
        self._breaker = CircuitBreaker(engine=LIBRETRANSLATE, clock=clock)
        self._offer = _Offer()
        self._fresh_until: float | None = None
        self._looking = make_native_lock()

    @property
    def name(self) -> str:
        return LIBRETRANSLATE

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    def list_pairs(self) -> frozenset[Pair]:
        """Hops of the server as it was last seen, those that it takes through English itself included; none while it
        can't be reached. The first call, and one every few minutes, looks it up."""
        return frozenset(self._get_codes())

    def translate(self, texts: Sequence[str], *, pair: Pair, hints: Hints = NO_HINTS) -> list[EngineOutput]:
        """Translate along one hop; same length and order. Raises :class:`RouteMissingError` and the errors of
        :mod:`translation.engines.http`."""
        source, target = self._require(pair)

        def ask(batch: list[str]) -> list[str]:
            body = {"q": batch, "source": source, "target": target, "format": "text"}
            try:
                with self._breaker.guard(counts=OUTAGES):
                    answer = self._client.post("/translate", body | ({"api_key": self._key} if self._key else {}))
            except EngineRefusedError:
                # Perhaps it has lost the language: look again soon.
                self._fresh_until = min(self._fresh_until or 0.0, self._clock() + _RETRY_SECONDS)
                raise
            translated = answer.get("translatedText") if isinstance(answer, dict) else None
            if not isinstance(translated, list) or len(translated) != len(batch):
                raise BadAnswerError(engine=LIBRETRANSLATE, reason="wrong_count")
            return [
                read_answer(text, asked, engine=LIBRETRANSLATE) for text, asked in zip(translated, batch, strict=True)
            ]

        return translate_pieces(
            texts, pair=pair, ask=ask, window=WINDOW, batch_size=_CAPABILITIES.batch_size, by_sentence=True
        )

    def describe_version(self, pair: Pair) -> str:
        """The server's version: it tells nothing of its models'. Raises :class:`RouteMissingError`."""
        self._require(pair)
        return self._offer.version

    def _require(self, pair: Pair) -> tuple[str, str]:
        codes = self._get_codes().get(pair)
        if codes is None:
            raise RouteMissingError(engine=LIBRETRANSLATE, source=pair[0], target=pair[1])
        return codes

    def _get_codes(self) -> Mapping[Pair, tuple[str, str]]:
        if self._breaker.is_available and not self._is_fresh():
            self._start(self._look_up)
        return self._offer.codes if self._breaker.is_available else {}

    def _is_fresh(self) -> bool:
        return self._fresh_until is not None and self._clock() < self._fresh_until

    def _look_up(self) -> None:
        """Ask the server what it has; after a failure what was known stays, until the breaker opens."""
        # Nobody has an answer before the first one, so that all wait for it.
        if not self._looking.acquire(timeout=2 * self._look_up_seconds if self._fresh_until is None else 0):
            return
        try:
            if self._is_fresh():
                return
            with self._breaker.guard(counts=OUTAGES):
                languages = self._client.get("/languages", timeout=self._look_up_seconds)
            codes = _read_languages(languages)
            self._offer = _Offer(codes, self._find_version())
            self._fresh_until = self._clock() + _FRESH_SECONDS
        except EngineError:
            self._fresh_until = self._clock() + _RETRY_SECONDS
        finally:
            self._looking.release()

    def _find_version(self) -> str:
        """From the server's own description of its API; the last known where it gives none."""
        try:
            spec = self._client.get("/spec", timeout=self._look_up_seconds)
        except EngineError:
            return self._offer.version
        info = spec.get("info") if isinstance(spec, dict) else None
        version = info.get("version") if isinstance(info, dict) else None
        if not isinstance(version, str) or not version.isascii() or not version.isprintable() or ">" in version:
            return self._offer.version
        return version[:_LONGEST_VERSION] or self._offer.version


def _read_languages(answer: Any) -> dict[Pair, tuple[str, str]]:
    """Pairs of our languages among those of the server, with its codes. Raises :class:`BadAnswerError`."""
    if not isinstance(answer, list) or len(answer) > _MOST_LANGUAGES:
        raise BadAnswerError(engine=LIBRETRANSLATE, reason="languages")
    codes: dict[Pair, tuple[str, str]] = {}
    for language in answer:
        code = language.get("code") if isinstance(language, dict) else None
        targets = language.get("targets") if isinstance(language, dict) else None
        if not isinstance(code, str) or not isinstance(targets, list):
            raise BadAnswerError(engine=LIBRETRANSLATE, reason="languages")
        for target in targets[:_MOST_LANGUAGES]:
            pair = (_find_tag(code), _find_tag(target))
            if pair[0] is not None and pair[1] is not None and pair[0] is not pair[1]:
                codes.setdefault((pair[0], pair[1]), (code, target))
    return codes


def _find_tag(code: object) -> LanguageTag | None:
    return _LANGUAGE_OF_CODE.get(code.lower()) if isinstance(code, str) else None
