"""A "not" on one side only. A warning: languages negate in too many ways to hold a text for it."""

from __future__ import annotations

from typing import ClassVar, Final

import regex

from translation.checks.base import CheckInput
from translation.languages import LanguageTag
from translation.results import CheckCode, Finding, Severity

# What looks like a negation and is none (questions "A-not-A", "có … không?", set phrases) is taken out first.
_HARMLESS: Final[dict[LanguageTag, regex.Pattern[str]]] = {
    LanguageTag.ZH_HANT: regex.compile(
        r"(\p{Han})[不沒]\1|有沒有|可不可以|不可以[嗎吗]|不錯|不過|不但|不只|不僅|不管|不論|無論|不斷|不久|不同(?!意)|差不多|對不起|不好意思"
        r"|非常|除非|並非|未來|別人|特別|個別|分別|性別|類別|區別|告別|沒關係|不客氣|無線|無障礙"
    ),
    LanguageTag.EN: regex.compile(
        r"\bnot only\b|\bno problem\b|\bor not\b|\bno\. ?\d|,? (?:isn|aren|don|doesn|can|won)['’]t"
        r" (?:it|you|they|we)\?",
        regex.I,
    ),
    LanguageTag.VI: regex.compile(
        r"\b(?:không chỉ|không những|không sao|hay không|hay chưa)\b"
        r"|(?<=\w )(?:không|chưa)\b(?=(?: (?:ạ|vậy|nhỉ|hả|mọi người|các bạn|anh|chị|bạn))*\s*(?:[?.!,]|$))",
        regex.I,
    ),
    LanguageTag.ID: regex.compile(
        r"\b(?:tidak hanya|bukan hanya|tidak apa-apa|atau tidak|atau belum|apa tidak)\b"
        r"|\b(?:bukan|belum|tidak|gak|nggak)(?=\s*(?:\?|$))",
        regex.I,
    ),
    LanguageTag.TH: regex.compile(r"หรือไม่|ไม่เพียง|ไม่เป็นไร|ไม่ใช่แค่|หรือยังไม่|ไม่เกิน"),
    LanguageTag.KM: regex.compile(r"ឬទេ|ឬអត់|ឬនៅ|មិនត្រឹមតែ|មិនអីទេ|ឥតគិតថ្លៃ"),
}
_NEGATION: Final[dict[LanguageTag, regex.Pattern[str]]] = {
    LanguageTag.ZH_HANT: regex.compile(r"不|沒|没|未|無|无|別|勿|莫|非|禁止"),
    LanguageTag.EN: regex.compile(
        r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|unable|\w+n['’]t|don|forbidden|prohibited)\b"
        r"|\b(?:un|il)(?:paid|able|fit|legal|lawful|necessary|documented)\b",
        regex.I,
    ),
    LanguageTag.VI: regex.compile(r"\b(?:không|chưa|chẳng|chả|đừng|chớ|cấm|khỏi|ko|k|kg|hok)\b", regex.I),
    LanguageTag.ID: regex.compile(
        r"\b(?:tidak|bukan|jangan|belum|tanpa|tak|nggak|enggak|gak|ga|ngga|ndak|dilarang|tdk)\b", regex.I
    ),
    LanguageTag.TH: regex.compile(r"ไม่|มิได้|อย่า|ห้าม|ไร้|ปราศจาก"),
    LanguageTag.KM: regex.compile(r"^ទេ|មិន|ពុំ|អត់|កុំ|គ្មាន|ឥត|ហាម"),
}


class NegationCheck:
    """Warns when exactly one side says "not"."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.NEGATION,)

    def check(self, pair: CheckInput) -> list[Finding]:
        source = has_negation(pair.source, pair.source_language)
        target = has_negation(pair.target, pair.target_language)
        if source is None or target is None or source == target:
            return []
        side = "source" if source else "target"
        return [Finding(CheckCode.NEGATION, Severity.WARNING, f"only the {side} says not")]


def has_negation(text: str, language: LanguageTag) -> bool | None:
    """Whether the text says "not"; None for languages without rules."""
    language = LanguageTag.ZH_HANT if language is LanguageTag.ZH_HANS else language
    if language not in _NEGATION:
        return None
    return _NEGATION[language].search(_HARMLESS[language].sub(" ", text)) is not None
