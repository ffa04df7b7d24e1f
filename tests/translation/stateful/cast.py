"""Who and what histories are made of: texts, people's translations, and an engine with moods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from tests.translation.glossary.conftest import make_draft
from translation.engines.base import NO_HINTS, Capabilities, EngineError, EngineOutput, Hints, Pair, RouteMissingError
from translation.languages import LanguageTag

VI, ZH, EN, KM, UND = LanguageTag.VI, LanguageTag.ZH_HANT, LanguageTag.EN, LanguageTag.KM, LanguageTag.UND
#: What posts are written in, and what readers read.
SPOKEN: Final = (VI, ZH, EN, KM)

#: Alike and alike in parts, so that memory finds whole texts and segments; one with a number that an engine can lose,
#: one that screening holds, one in no language.
TEXTS: Final = (
    "Tôi cần gia hạn thẻ cư trú.",
    "Tôi cần gia hạn thẻ cư trú.\nCảm ơn mọi người.",
    "Cảm ơn mọi người.",
    "Tôi có 3000 câu hỏi cho mọi người.",
    "我要延長居留證。",
    "我有3000個問題想請教大家。",
    "I need to renew my residence card.",
    "ខ្ញុំចង់បន្តប័ណ្ណស្នាក់នៅ។",
    "12345 678",
    "Tôi nhận làm giấy tờ giả, liên hệ ngay.",
)
TITLES: Final = ("Gia hạn thẻ cư trú", "延長居留證", "999")

#: What interpreters write; the first is what most of them would.
WRITTEN: Final[Mapping[LanguageTag, tuple[str, str]]] = {
    VI: ("Tôi muốn gia hạn thẻ cư trú.", "Xin cho hỏi cách gia hạn thẻ cư trú."),
    ZH: ("我需要延長居留證的期限。", "請問居留證要怎麼延長？"),
    EN: ("I would like to extend my residence card.", "How can I extend my residence card?"),
    KM: ("ខ្ញុំត្រូវការបន្តប័ណ្ណស្នាក់នៅ។", "តើខ្ញុំបន្តប័ណ្ណស្នាក់នៅដូចម្តេច?"),
}
#: Stands in what interpreters write in a private conversation, and nowhere else.
PRIVATE_MARK: Final = "【私】"

#: What the engine says in each of its versions. The second doesn't know the glossary's words.
_SAID: Final[Mapping[LanguageTag, tuple[str, str]]] = {
    VI: ("Tôi muốn gia hạn thẻ cư trú", "Tôi muốn gia hạn giấy đó"),
    ZH: ("我想延長居留證", "我想延長那張卡片"),
    EN: ("I want to renew my residence card", "I want to renew that paper"),
}
_THANKS: Final = {VI: "Cảm ơn mọi người.", ZH: "謝謝大家。", EN: "Thank you all."}
_RUBBISH: Final = "នេះមិនមែនជាការបកប្រែទេ"
_NUMBER: Final = "3000"

CARD: Final = make_draft("residence-card", zh_Hant="居留證", en="residence card", vi="thẻ cư trú")


class Mood(StrEnum):
    """How an engine is today."""

    GOOD = "good"
    FAILS = "fails"
    GONE = "gone"
    WRONG_SCRIPT = "wrong_script"
    LOSES_NUMBERS = "loses_numbers"
    LOSES_TEXTS = "loses_texts"


class MoodyEngine:
    """An engine without a library that knows the ways between Vietnamese, English and Chinese, and nothing of Khmer:
    only a person's English helps there. What it says depends on its version."""

    def __init__(self) -> None:
        self.mood = Mood.GOOD
        self.version = 0

    @property
    def name(self) -> str:
        return "moody"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            batch_size=16, window=500, gives_scores=False, needs_network=False, keeps_placeholders=False
        )

    def list_pairs(self) -> frozenset[Pair]:
        if self.mood is Mood.GONE:
            return frozenset()
        return frozenset({(VI, EN), (EN, VI), (EN, ZH), (ZH, EN)})

    def describe_version(self, pair: Pair) -> str:
        self._require(pair)
        return str(self.version)

    def translate(self, texts: Sequence[str], *, pair: Pair, hints: Hints = NO_HINTS) -> list[EngineOutput]:
        self._require(pair)
        if self.mood is Mood.FAILS:
            raise EngineError(engine=self.name, source=pair[0], target=pair[1])
        said = texts[:-1] if self.mood is Mood.LOSES_TEXTS else texts
        return [EngineOutput(self._say(text, pair[1])) for text in said]

    def _require(self, pair: Pair) -> None:
        if pair not in self.list_pairs():
            raise RouteMissingError(engine=self.name, source=pair[0], target=pair[1])

    def _say(self, text: str, target: LanguageTag) -> str:
        if self.mood is Mood.WRONG_SCRIPT:
            return _RUBBISH
        if text in _THANKS.values():
            return _THANKS[target]
        said = _SAID[target][self.version % 2]
        return f"{said} {_NUMBER}" if _NUMBER in text and self.mood is not Mood.LOSES_NUMBERS else said
