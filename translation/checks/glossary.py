"""The glossary's words: a forbidden variant, a term that is called something else, a name that was translated.

Only what an interpreter has verified holds a text; an unverified forbidden variant is worth a warning, and nothing
else about an unverified term is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

import regex

from translation.checks.base import CheckInput
from translation.glossary.folding import fold_term, fold_text
from translation.glossary.matching import Match, Matcher, contains_term
from translation.languages import LanguageTag
from translation.protect import split_protected
from translation.results import CheckCode, Finding, GlossaryTerm, Severity

#: Message of the finding about what :func:`replace_forbidden` did; it stays true whatever the glossary says later.
REPLACED: Final = "forbidden variant replaced"
_MAX_DETAIL: Final = 12
_ARTICLE: Final = regex.compile(r"\ban?\s\Z", regex.I)
_VOWELS: Final = frozenset("aeiou")
#: English words whose plural is not just an s more.
_IRREGULAR_PLURAL: Final = ("y", "s", "x", "z", "ch", "sh")


class GlossaryCheck:
    """Looks at the terms that stand in the source."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.GLOSSARY,)

    def check(self, pair: CheckInput) -> list[Finding]:
        if not pair.terms:
            return []
        source, target = fold_text(pair.source).text, fold_text(pair.target).text
        language = pair.target_language
        used = _list_forbidden(pair.target, source, pair.terms, language)
        accused = {(term.concept_id, term.source) for _, terms in used for term in terms}
        lost = [term for term in pair.terms if term.is_do_not_translate and not _is_named(term, target, language)]
        missing = [
            group[0]
            for group in _group_by_source(pair.terms)
            # Of two meanings of one word the translator chooses; the choice is not ours as long as one is unverified.
            if all(term.is_verified and (term.concept_id, term.source) not in accused for term in group)
            and not any(_is_named(term, target, language) for term in group)
        ]
        return [
            *_report(
                "forbidden variant in the target",
                (
                    (_describe(pair.target[match.start : match.end], term), term.is_verified)
                    for match, terms in used
                    for term in terms
                ),
            ),
            *_report("term named otherwise", ((_describe(term.source, term), True) for term in missing)),
            *_report("do-not-translate term lost", ((term.source, term.is_verified) for term in lost)),
        ]


def _group_by_source(terms: Iterable[GlossaryTerm]) -> list[list[GlossaryTerm]]:
    """Terms to be found in the target, with other meanings of the same word beside them."""
    groups: dict[str, list[GlossaryTerm]] = defaultdict(list)
    for term in terms:
        if term.targets and not term.is_do_not_translate:
            groups[fold_term(term.source)].append(term)
    return list(groups.values())


def _is_named(term: GlossaryTerm, target: str, language: LanguageTag) -> bool:
    names = (*term.targets, term.source) if term.is_do_not_translate else term.targets
    return any(contains_term(target, fold_term(name), language) for name in names)


def _list_forbidden(
    target: str, source: str, terms: Iterable[GlossaryTerm], language: LanguageTag
) -> list[tuple[Match[GlossaryTerm | None], list[GlossaryTerm]]]:
    """Where the target uses a forbidden variant, with the terms that forbid it. ``source`` is folded."""
    entries: list[tuple[str, GlossaryTerm | None]] = []
    for term in terms:
        # What is allowed, alone or as part of something longer, is not forbidden.
        entries += [(name, None) for name in term.targets]
        # Somebody who writes about a word may quote it.
        entries += [(name, term) for name in term.forbidden if not contains_term(source, fold_term(name), language)]
    if all(term is None for _, term in entries):
        return []
    found = Matcher(entries, language).find_all(target)
    return [
        (match, [term for term in dict.fromkeys(match.values) if term is not None])
        for match in found
        if None not in match.values
    ]


def _describe(written: str, term: GlossaryTerm) -> str:
    return f"{written} → {term.targets[0]}" if term.targets else written


def _report(message: str, found: Iterable[tuple[str, bool]]) -> list[Finding]:
    """One finding for what holds and one for what doesn't."""
    details: dict[bool, dict[str, None]] = {True: {}, False: {}}
    for detail, holds in found:
        details[holds][detail] = None
    return [
        Finding(CheckCode.GLOSSARY, severity, message, tuple(details[holds])[:_MAX_DETAIL])
        for holds, severity in ((True, Severity.ERROR), (False, Severity.WARNING))
        if details[holds]
    ]


def replace_forbidden(
    text: str, *, source: str, terms: Sequence[GlossaryTerm], language: LanguageTag
) -> tuple[str, tuple[str, ...]]:
    """The machine's text with verified forbidden variants replaced by what is preferred, and what was replaced.

    Only where there is one way to do it: all terms that forbid the variant prefer the same word, no link or other
    protected item is touched, and an English article before it and plural after it stay right.
    """
    if not any(term.forbidden and term.targets and term.is_verified for term in terms):
        return text, ()
    kept = _list_protected_spans(text)
    parts: list[str] = []
    replaced: list[str] = []
    end = 0
    for match, forbidding in _list_forbidden(text, fold_text(source).text, terms, language):
        written = text[match.start : match.end]
        preferred = {term.targets[0] for term in forbidding if _is_sure(term, written)}
        if len(preferred) != 1 or not all(_is_sure(term, written) for term in forbidding):
            continue
        new = _match_case(written, preferred.pop())
        is_kept = any(start < match.end and match.start < stop for start, stop in kept)
        if is_kept or not _stays_right(text, match.start, match.end, new, language):
            continue
        parts += [text[end : match.start], new]
        end = match.end
        replaced.append(f"{written} → {new}")
    return "".join((*parts, text[end:])), tuple(dict.fromkeys(replaced))[:_MAX_DETAIL]


def _is_sure(term: GlossaryTerm, written: str) -> bool:
    """Whether the term says what to write instead of exactly this form."""
    is_exact = fold_term(written) in map(fold_term, term.forbidden)
    return term.is_verified and bool(term.targets) and is_exact


def _list_protected_spans(text: str) -> list[tuple[int, int]]:
    spans = []
    start = 0
    for piece in split_protected(text):
        if piece.is_protected:
            spans.append((start, start + len(piece.text)))
        start += len(piece.text)
    return spans


def _match_case(written: str, preferred: str) -> str:
    return preferred[:1].upper() + preferred[1:] if written[:1].isupper() else preferred


def _stays_right(text: str, start: int, end: int, new: str, language: LanguageTag) -> bool:
    """Whether English around the word fits the new one as it fitted the old."""
    if language is not LanguageTag.EN:
        return True
    if text[end : end + 1].isalpha() and new.endswith(_IRREGULAR_PLURAL):
        return False
    has_article = _ARTICLE.search(text[max(0, start - 4) : start]) is not None
    return not has_article or (text[start].lower() in _VOWELS) == (new[:1].lower() in _VOWELS)
