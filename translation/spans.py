"""A sentence in several languages, cut into spans of one each, so that every span is translated from its own.

By script wherever it can be told so. Latin letters alone tell nothing, so that a sentence in Latin letters is another
language than the text's only where its words leave no doubt, and never in parts: names and borrowed words stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import regex

from translation.detection_latin import judge_latin
from translation.languages import LanguageTag
from translation.scripts import Script, count_variants, share_by_script

#: Letters of the scripts that decide a language, with the marks, digits, spaces and punctuation between them.
_RUNS: Final[dict[Script, regex.Pattern[str]]] = {
    Script.HAN: regex.compile(r"[\p{Han}&&\p{L}](?:[\p{N}\p{P}\p{Zs}]*[\p{Han}&&\p{L}])*", regex.V1),
    Script.THAI: regex.compile(r"[\p{Thai}&&\p{L}][\p{Thai}\p{M}]*(?:[\p{N}\p{P}\p{Zs}]*[\p{Thai}\p{M}]+)*", regex.V1),
    Script.KHMER: regex.compile(
        r"[\p{Khmer}&&\p{L}][\p{Khmer}\p{M}\u200b]*(?:[\p{N}\p{P}\p{Zs}]*[\p{Khmer}\p{M}\u200b]+)*", regex.V1
    ),
}
_LATIN_SENTENCE: Final = regex.compile(r"\p{Latin}[\p{Latin}\p{M}\p{N}\p{P}\p{Zs}]*\p{Latin}\p{M}*", regex.V1)
_SCRIPT_OF: Final[dict[LanguageTag, Script]] = {
    LanguageTag.ZH_HANT: Script.HAN,
    LanguageTag.ZH_HANS: Script.HAN,
    LanguageTag.TH: Script.THAI,
    LanguageTag.KM: Script.KHMER,
}
#: Words of Latin text from which on they may be another language's, and how sure that must be.
_MIN_WORDS: Final = 4
_MIN_POSTERIOR: Final = 0.97
_MIN_KNOWN: Final = 0.67
#: Letters (Chinese ones count 2.5) below which a span is a term or a name rather than a statement.
_STATEMENT: Final = 12.0
_HAN_WEIGHT: Final = 2.5
_LETTER: Final = regex.compile(r"\p{L}")


@dataclass(frozen=True)
class LanguageSpan:
    """A part of a sentence and its language. ``is_statement`` is false for what is too short to be more than a term."""

    text: str
    language: LanguageTag
    is_statement: bool = True


def split_languages(text: str, source: LanguageTag) -> list[LanguageSpan]:
    """Cut a sentence of a text in ``source`` into spans, in order; joined they are the sentence again.

    What stands in the source language's own script, or in none, is the source's.
    """
    own = _SCRIPT_OF.get(source)
    if own is None:
        whole = _judge_latin_sentence(text, source)
        if whole is not None:
            return [LanguageSpan(text, whole)]
    spans: list[LanguageSpan] = []
    end = 0
    for start, stop, language in sorted(_list_foreign(text, source, own)):
        if start < end:
            continue
        if start > end:
            spans.append(LanguageSpan(text[end:start], source))
        part = text[start:stop]
        spans.append(LanguageSpan(part, language, _weigh(part, language) >= _STATEMENT))
        end = stop
    if end < len(text) or not spans:
        spans.append(LanguageSpan(text[end:], source))
    return spans


def _list_foreign(text: str, source: LanguageTag, own: Script | None) -> Iterator[tuple[int, int, LanguageTag]]:
    """Where other languages stand. Text in Latin letters within Chinese, Thai or Khmer is one only as a sentence."""
    if text.isascii() and own is None:
        return
    for script, pattern in _RUNS.items():
        if script is own:
            continue
        for run in pattern.finditer(text):
            yield *run.span(), _name_language(run[0], script)
    if own is not None:
        for run in _LATIN_SENTENCE.finditer(text):
            language = _judge_latin_sentence(run[0], source)
            if language is not None:
                yield *run.span(), language


def _name_language(text: str, script: Script) -> LanguageTag:
    if script is not Script.HAN:
        return LanguageTag.TH if script is Script.THAI else LanguageTag.KM
    traditional, simplified = count_variants(text)
    return LanguageTag.ZH_HANS if simplified > traditional else LanguageTag.ZH_HANT


def _judge_latin_sentence(text: str, source: LanguageTag) -> LanguageTag | None:
    """The language of a sentence in Latin letters, where it is surely not the source."""
    if len(text.split()) < _MIN_WORDS or share_by_script(text).get(Script.LATIN, 0.0) < 1:
        return None
    verdict = judge_latin(text)
    is_sure = (
        verdict.tag is not None
        and verdict.tag.is_known
        and verdict.tag is not source
        and verdict.votes >= _MIN_WORDS
        and verdict.probability >= _MIN_POSTERIOR
        and verdict.known_share >= _MIN_KNOWN
    )
    return verdict.tag if is_sure else None


def _weigh(text: str, language: LanguageTag) -> float:
    letters = len(_LETTER.findall(text))
    return letters * (_HAN_WEIGHT if language in (LanguageTag.ZH_HANT, LanguageTag.ZH_HANS) else 1.0)
