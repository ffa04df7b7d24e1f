"""Published qualities of hops: what an engine is taken for until somebody measures it here.

chrF2 by sacrebleu 2.6.0 on FLORES devtest, 1,012 sentences a hop: whole systems on news-like text, so a start and not a
promise. A plain ``zh`` is Simplified, which is what these systems' Chinese is. Hops that nobody evaluated are left out,
as are OPUS-MT's (zh>en 53.8, en>zh 29.3, id>en 61.2, en>id 65.6, vi>en 52.9, en>vi 45.7, th>en 49.0): such a model runs
here as an Argos or a multilingual package, whose name does not say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from translation.engines.base import Pair
from translation.engines.routing import RoutingTable
from translation.languages import LanguageTag

_TEST_SET: Final = "FLORES devtest, n = 1,012, chrF2 by sacrebleu 2.6.0"

#: The figure's name of NLLB-200 with 600 million parameters: other models of the same engine are not it.
NLLB: Final = "multilingual:nllb-200-600m"

_EN, _VI, _ID, _TH, _ZH = (LanguageTag.EN, LanguageTag.VI, LanguageTag.ID, LanguageTag.TH, LanguageTag.ZH_HANS)
_ARGOS: Final[Mapping[Pair, float]] = {(_ZH, _EN): 53.7, (_EN, _ZH): 29.9, (_ID, _EN): 58.1, (_EN, _ID): 62.2}


@dataclass(frozen=True)
class PublishedQuality:
    """``name`` is an engine's, or a model's of it (``engine:model``); ``value`` is 0…100."""

    name: str
    pair: Pair
    value: float
    citation: str


def _cite(name: str, system: str, values: Mapping[Pair, float]) -> tuple[PublishedQuality, ...]:
    return tuple(PublishedQuality(name, pair, value, f"{system}; {_TEST_SET}") for pair, value in values.items())


PUBLISHED: Final[tuple[PublishedQuality, ...]] = (
    *_cite("argos", "Argos Translate packages of the public index", _ARGOS),
    *_cite("libretranslate", "LibreTranslate serves Argos Translate's packages", _ARGOS),
    *_cite(
        "firefox",
        "Firefox Translations",
        {(_ZH, _EN): 58.2, (_EN, _ZH): 35.1, (_ID, _EN): 65.6, (_EN, _ID): 71.2, (_VI, _EN): 59.1},
    ),
    *_cite(
        NLLB,
        "NLLB-200, 600 million parameters",
        {
            (_ZH, _EN): 54.1,
            (_EN, _ZH): 27.0,
            (_ID, _EN): 63.8,
            (_EN, _ID): 67.8,
            (_VI, _EN): 57.0,
            (_EN, _VI): 56.1,
            (_TH, _EN): 54.5,
            (_EN, _TH): 42.7,
        },
    ),
)

#: What holds where there is no database to ask, or not yet.
PUBLISHED_TABLE: Final = RoutingTable({(each.name, each.pair): each.value for each in PUBLISHED})
