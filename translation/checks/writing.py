"""Is the target written in its own script: Khmer in Khmer letters, Taiwan's Chinese without Simplified characters."""

from __future__ import annotations

from typing import ClassVar, Final

import regex

from translation.checks.base import CheckInput
from translation.checks.shape import INTERJECTION
from translation.detection_latin import judge_latin
from translation.languages import LanguageTag
from translation.results import CheckCode, Finding, Severity
from translation.scripts import Script, find_simplified, share_by_script

_SCRIPTS: Final[dict[LanguageTag, Script]] = {
    LanguageTag.ZH_HANT: Script.HAN,
    LanguageTag.ZH_HANS: Script.HAN,
    LanguageTag.EN: Script.LATIN,
    LanguageTag.VI: Script.LATIN,
    LanguageTag.ID: Script.LATIN,
    LanguageTag.TH: Script.THAI,
    LanguageTag.KM: Script.KHMER,
}
#: A letter of another script.
_FOREIGN: Final = {
    script: regex.compile(rf"[\p{{L}}--\p{{{script.value}}}]", regex.V1) for script in dict.fromkeys(_SCRIPTS.values())
}
_LATIN: Final = frozenset(tag for tag, script in _SCRIPTS.items() if script is Script.LATIN)


_BRACKETS: Final = regex.compile(r"[(（\[【「『“\"][^()（）\[\]【】「」『』“”\"\n]{1,40}[)）\]】」』”\"]")
_LATIN_WORD: Final = regex.compile(r"\p{Latin}[\p{Latin}\p{M}\d.&'’+\-]*")
_VIETNAMESE: Final = regex.compile(r"[ăđơưâêôĂĐƠƯÂÊÔ\u1EA0-\u1EF9]")
_LETTER: Final = regex.compile(r"\p{L}")
_MIN_LETTERS: Final = 30
_MAX_VIETNAMESE: Final = 0.08


class ScriptCheck:
    """Names and terms may stay in another script: capitalised Latin words that the source has too, and what stands in
    brackets ("thẻ cư trú (居留證)"). Of the rest most must be in the target's script. Vietnamese is also told from
    English and Indonesian by its letters."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.SCRIPT,)
    _MIN_SHARE: Final = 0.6

    def check(self, pair: CheckInput) -> list[Finding]:
        script = _SCRIPTS.get(pair.target_language)
        if script is None or (script is not Script.LATIN and _FOREIGN[script].search(pair.free_target) is None):
            return []
        text = _list_own_words(pair)
        shares = share_by_script(text)
        if shares and shares.get(script, 0.0) < self._MIN_SHARE:
            return [Finding(CheckCode.SCRIPT, Severity.ERROR, f"{shares.get(script, 0.0):.2f} in the target's script")]
        message = _judge_letters(text, pair.target_language)
        return [Finding(CheckCode.SCRIPT, Severity.ERROR, message)] if message else []


class LanguageCheck:
    """English, Indonesian or Vietnamese where another of the three is asked for, told by its words where there are
    enough of them to be sure, and where :class:`ScriptCheck` doesn't see it by the letters."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.SCRIPT,)
    #: So many words, so surely another language, so many of them in its word list, not too many that look like names.
    _MIN_WORDS: Final = 5
    _MIN_PROBABILITY: Final = 0.999
    _MIN_KNOWN: Final = 0.6
    _MAX_CAPITALS: Final = 0.5

    def check(self, pair: CheckInput) -> list[Finding]:
        if pair.target_language not in _LATIN or pair.free_target.count(" ") < self._MIN_WORDS - 1:
            return []
        text = _list_own_words(pair)
        if _judge_letters(text, pair.target_language):
            return []
        verdict = judge_latin(text)
        is_sure = (
            verdict.votes >= self._MIN_WORDS
            and verdict.probability >= self._MIN_PROBABILITY
            and verdict.known_share >= self._MIN_KNOWN
            and verdict.capital_share <= self._MAX_CAPITALS
        )
        if is_sure and verdict.tag is not pair.target_language and verdict.tag in _LATIN:
            return [Finding(CheckCode.SCRIPT, Severity.ERROR, f"written in {verdict.tag}")]
        return []


def _list_own_words(pair: CheckInput) -> str:
    """The target without brackets, interjections and the source's names, none of which need be in its language."""
    unbracketed = _BRACKETS.sub(" ", pair.free_target)
    text = unbracketed if _LETTER.search(unbracketed) else pair.free_target
    names = {word for word in _LATIN_WORD.findall(pair.source) if not word[0].islower()}
    return _LATIN_WORD.sub(
        lambda match: " " if match[0] in names or INTERJECTION.fullmatch(match[0]) else match[0], text
    )


def _judge_letters(text: str, language: LanguageTag) -> str:
    """What is wrong with the letters of a text in Latin script; empty if nothing is or the text is short."""
    letters = len(_LETTER.findall(text))
    if language not in _LATIN or letters < _MIN_LETTERS:
        return ""
    marked = len(_VIETNAMESE.findall(text))
    if language is LanguageTag.VI:
        return "" if marked else "no Vietnamese letters"
    return "Vietnamese letters" if marked > letters * _MAX_VIETNAMESE else ""


class SimplifiedCheck:
    """Simplified-only characters in Taiwan's Chinese, except those that the source itself has. 厂 后 里 are characters
    of both, so only in words in which Taiwan writes 廠 後 裡."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.SIMPLIFIED,)
    _WORDS: Final = regex.compile(
        r"[工药藥]厂|厂[商房家]|(?<=[以之然最今])后|后[来來面续續]|(?<=\d ?[天年月日])后|[这這哪家心]里|里[面头頭]"
    )

    def check(self, pair: CheckInput) -> list[Finding]:
        if pair.target_language is not LanguageTag.ZH_HANT:
            return []
        found = find_simplified(pair.target) | {
            char for word in self._WORDS.findall(pair.target) for char in "厂后里" if char in word
        }
        if pair.source_language is not LanguageTag.ZH_HANS:
            found -= set(pair.source)
        if found:
            return [Finding(CheckCode.SIMPLIFIED, Severity.ERROR, "Simplified characters", tuple(sorted(found))[:12])]
        return []
