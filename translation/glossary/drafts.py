"""Concepts as people and files give them: what is accepted, and what is wrong with the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

import regex

from app.core.errors import FieldError, InvalidInputError
from translation.glossary.folding import fold_term
from translation.glossary.matching import MIN_LENGTH
from translation.glossary.models import TermStatus
from translation.languages import LANGUAGES, LanguageTag
from translation.text import normalise_user_text

MAX_TERM_LENGTH: Final = 200
MAX_TERMS: Final = 120
MAX_NOTE_LENGTH: Final = 1_000
MAX_URL_LENGTH: Final = 2_000
_KEY: Final = regex.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
_CATEGORY: Final = regex.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
#: They separate and mark names in files.
_MARKS: Final = regex.compile(r"[|\n\t]|^!")


class ConceptInvalidError(InvalidInputError):
    """What is wrong with a draft, field by field."""

    code = "glossary.invalid"


@dataclass(frozen=True)
class TermDraft:
    """A name to be. ``source_url`` only where it is not the concept's."""

    language: LanguageTag
    text: str
    status: TermStatus = TermStatus.PREFERRED
    source_url: str | None = None


@dataclass(frozen=True)
class ConceptDraft:
    """A concept to be. ``key`` is a slug of its own, ``category`` a topic's slug or None for every topic."""

    key: str
    source_url: str
    terms: tuple[TermDraft, ...]
    category: str | None = None
    note: str | None = None
    is_do_not_translate: bool = False


def clean_draft(draft: ConceptDraft) -> ConceptDraft:
    """The draft as it is stored: texts normalised, blanks at their ends gone, names that only look different (``臺灣``,
    ``台灣``) once. Raises :class:`ConceptInvalidError`."""
    errors: list[FieldError] = []
    note = _clean(draft.note or "", "note", errors) or None
    terms = tuple(
        TermDraft(
            term.language,
            " ".join(_clean(term.text, f"terms.{term.language}", errors).split(" ")),
            term.status,
            _clean(term.source_url or "", f"terms.{term.language}", errors) or None,
        )
        for term in draft.terms
    )
    cleaned = replace(
        draft,
        key=draft.key.strip(),
        category=(draft.category or "").strip() or None,
        source_url=_clean(draft.source_url, "source_url", errors),
        note=note,
        terms=_drop_doubles(terms),
    )
    errors += _list_errors(cleaned)
    if errors:
        raise ConceptInvalidError(errors=tuple(dict.fromkeys(errors)))
    return cleaned


def _drop_doubles(terms: Iterable[TermDraft]) -> tuple[TermDraft, ...]:
    kept: dict[tuple[tuple[LanguageTag, str], bool], TermDraft] = {}
    for term in terms:
        kept.setdefault((_to_form(term), term.status is TermStatus.FORBIDDEN), term)
    return tuple(kept.values())


def _to_form(term: TermDraft) -> tuple[LanguageTag, str]:
    return term.language, fold_term(term.text)


def _clean(text: str, field: str, errors: list[FieldError]) -> str:
    try:
        # Two code points that are no characters, and that no XML file may hold.
        return normalise_user_text(text.replace("\ufffe", "").replace("\uffff", ""), field=field)
    except InvalidInputError as error:
        errors += error.errors
        return ""


def _list_errors(draft: ConceptDraft) -> Iterable[FieldError]:
    if not _KEY.fullmatch(draft.key):
        yield FieldError("key", "glossary.key")
    if draft.category is not None and not _CATEGORY.fullmatch(draft.category):
        yield FieldError("category", "glossary.category")
    if not _is_url(draft.source_url):
        yield FieldError("source_url", "glossary.url")
    if draft.note is not None and len(draft.note) > MAX_NOTE_LENGTH:
        yield FieldError("note", "text.too_long")
    if not draft.terms:
        yield FieldError("terms", "glossary.no_term")
    if len(draft.terms) > MAX_TERMS:
        yield FieldError("terms", "glossary.too_many_terms")
    for term in draft.terms:
        if code := _find_term_error(term):
            yield FieldError(f"terms.{term.language}", code)
    # Names of one form are one name by now, unless they say different things.
    for (language, _), count in Counter(map(_to_form, draft.terms)).items():
        if count > 1:
            yield FieldError(f"terms.{language}", "glossary.term_twice")
    preferred = Counter(term.language for term in draft.terms if term.status is TermStatus.PREFERRED)
    for language, count in preferred.items():
        if count > 1:
            yield FieldError(f"terms.{language}", "glossary.preferred_twice")


def _find_term_error(term: TermDraft) -> str | None:
    if term.language not in LANGUAGES:
        return "glossary.language"
    if not term.text:
        return "text.empty"
    if len(term.text) > MAX_TERM_LENGTH or len(fold_term(term.text)) > MAX_TERM_LENGTH:
        return "text.too_long"
    if len(fold_term(term.text)) < MIN_LENGTH:
        return "glossary.term_short"
    if _MARKS.search(term.text):
        return "glossary.term_mark"
    if term.source_url is not None and not _is_url(term.source_url):
        return "glossary.url"
    return None


def _is_url(text: str) -> bool:
    if len(text) > MAX_URL_LENGTH or any(char.isspace() for char in text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
