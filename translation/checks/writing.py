"""Is the target written in its own script: Khmer in Khmer letters, Taiwan's Chinese without Simplified characters."""

from __future__ import annotations

from typing import ClassVar, Final

import regex

from translation.checks.base import CheckInput
from translation.checks.shape import INTERJECTION
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


class ScriptCheck:
    """Names and terms may stay in another script: capitalised Latin words that the source has too, and what stands in
    brackets ("thẻ cư trú (居留證)"). Of the rest most must be in the target's script. Vietnamese is also told from
    English and Indonesian by its letters."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.SCRIPT,)
    _MIN_SHARE: Final = 0.6
    _BRACKETS: Final = regex.compile(r"[(（\[【「『“\"][^()（）\[\]【】「」『』“”\"\n]{1,40}[)）\]】」』”\"]")
    _LATIN_WORD: Final = regex.compile(r"\p{Latin}[\p{Latin}\p{M}\d.&'’+\-]*")
    _VIETNAMESE: Final = regex.compile(r"[ăđơưâêôĂĐƠƯÂÊÔ\u1EA0-\u1EF9]")
    _LETTER: Final = regex.compile(r"\p{L}")
    _MIN_LETTERS: Final = 30
    _MAX_VIETNAMESE: Final = 0.08

    def check(self, pair: CheckInput) -> list[Finding]:
        script = _SCRIPTS.get(pair.target_language)
        if script is None:
            return []
        text = pair.free_target
        unbracketed = self._BRACKETS.sub(" ", text)
        text = self._drop_names(unbracketed if self._LETTER.search(unbracketed) else text, pair.source)
        shares = share_by_script(text)
        if shares and shares.get(script, 0.0) < self._MIN_SHARE:
            return [Finding(CheckCode.SCRIPT, Severity.ERROR, f"{shares.get(script, 0.0):.2f} in the target's script")]
        return self._check_latin(pair.target_language, text)

    def _drop_names(self, text: str, source: str) -> str:
        names = {word for word in self._LATIN_WORD.findall(source) if not word[0].islower()}
        return self._LATIN_WORD.sub(
            lambda match: " " if match[0] in names or INTERJECTION.fullmatch(match[0]) else match[0], text
        )

    def _check_latin(self, language: LanguageTag, text: str) -> list[Finding]:
        letters = len(self._LETTER.findall(text))
        marked = len(self._VIETNAMESE.findall(text))
        if letters < self._MIN_LETTERS:
            return []
        if language is LanguageTag.VI and not marked:
            return [Finding(CheckCode.SCRIPT, Severity.ERROR, "no Vietnamese letters")]
        if language in {LanguageTag.EN, LanguageTag.ID} and marked > letters * self._MAX_VIETNAMESE:
            return [Finding(CheckCode.SCRIPT, Severity.ERROR, "Vietnamese letters")]
        return []


class SimplifiedCheck:
    """Simplified-only characters in Taiwan's Chinese, except those that the source itself has."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.SIMPLIFIED,)

    def check(self, pair: CheckInput) -> list[Finding]:
        if pair.target_language is not LanguageTag.ZH_HANT:
            return []
        found = find_simplified(pair.target)
        if pair.source_language is not LanguageTag.ZH_HANS:
            found -= set(pair.source)
        if found:
            return [Finding(CheckCode.SIMPLIFIED, Severity.ERROR, "Simplified characters", tuple(sorted(found))[:12])]
        return []
