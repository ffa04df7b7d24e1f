"""Keeping the glossary: who may, what a person's step means for the rows, and then :mod:`translation.glossary.service`,
the only writer, which also asks for shown machine texts to be checked again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import regex
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import ConflictError, FieldError
from app.forum.errors import UnknownCategoryError
from app.forum.models import Category
from app.forum.policy import require, require_signed_in
from app.forum.service.keys import claim_key, settle_key
from app.glossary.policy import can_add_concept, can_change_term, can_remove_concept, can_vouch
from translation.glossary import service as glossary
from translation.glossary.drafts import ConceptDraft, ConceptInvalidError, TermDraft, clean_draft
from translation.glossary.folding import fold_term
from translation.glossary.models import Term, TermStatus
from translation.glossary.queries import ConceptView, TermView, get_concept
from translation.languages import LANGUAGES, LanguageTag

#: Longest address of a source that people may give.
MAX_URL_LENGTH: Final = 500
_NOT_IN_KEY: Final = regex.compile(r"[^a-z0-9]+")
_MAX_KEY_LENGTH: Final = 80


class LastTermError(ConflictError):
    """A concept without names is no concept: a moderator may remove it as a whole."""

    code = "glossary.last_term"


class TermForbiddenError(ConflictError):
    """What is proposed is there already, as what shall not be said. An interpreter may allow it again."""

    code = "glossary.term_forbidden"


@dataclass(frozen=True)
class Outcome:
    """``is_new`` is False where it was there before; ``is_checked_again`` says that machine texts are."""

    concept_id: int
    term_id: int | None = None
    is_new: bool = False
    is_checked_again: bool = False


def add_concept(session: Session, *, actor: Actor, draft: ConceptDraft, key: str | None, now: datetime) -> Outcome:
    """A new concept with unconfirmed names. Without a ``draft.key`` it is made from the English name. The same ``key``
    of the same actor gives the first one again. Raises :class:`ConceptInvalidError`, :class:`UnknownCategoryError`,
    :class:`~translation.glossary.service.KeyTakenError`."""
    actor_id = require_signed_in(actor)
    require(can_add_concept(actor))
    _require_source(draft.source_url)
    category = (draft.category or "").strip() or None
    if category is not None and session.scalar(select(Category.id).where(Category.slug == category)) is None:
        raise UnknownCategoryError(field="category")
    if key is not None and (known := claim_key(session, actor_id, "glossary.concept", key, now)) is not None:
        return Outcome(known)
    draft = replace(draft, key=draft.key.strip() or make_key(draft.terms))
    concept_id = glossary.add_concept(session, actor_id=actor_id, draft=draft, now=now).id
    if key is not None:
        settle_key(session, actor_id, "glossary.concept", key, concept_id)
    return Outcome(concept_id, is_new=True)


def make_key(terms: Iterable[TermDraft]) -> str:
    """A name for a concept in files: its English name, or a digest of the first one. "" if there is none."""
    ordered = sorted(terms, key=lambda term: term.status is not TermStatus.PREFERRED)
    english = next((term.text for term in ordered if term.language is LanguageTag.EN), "")
    slug = _NOT_IN_KEY.sub("-", english.lower()).strip("-")[:_MAX_KEY_LENGTH].strip("-")
    if slug or not ordered:
        return slug
    first = f"{ordered[0].language}:{fold_term(ordered[0].text)}"
    return "term-" + hashlib.sha256(first.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def remove_concept(session: Session, *, actor: Actor, concept_id: int, now: datetime) -> Outcome:
    """Take a concept with all its names. Raises :class:`~translation.glossary.queries.ConceptNotFoundError`."""
    require_signed_in(actor)
    require(can_remove_concept(actor))
    view = get_concept(session, concept_id)
    glossary.remove_concept(session, concept_id=concept_id, now=now)
    return Outcome(concept_id, is_checked_again=_has_verified(view))


def propose_term(
    session: Session,
    *,
    actor: Actor,
    concept_id: int,
    language: LanguageTag,
    text: str,
    confirm_as: TermStatus | None = None,
    key: str | None = None,
    now: datetime,
) -> Outcome:
    """Another wording, unconfirmed, beside the preferred one if there is any. With ``confirm_as`` the interpreter
    vouches for it at once, as in :func:`confirm_term`. A name that only looks different is the one that is there; the
    same ``key`` of the same actor gives the first one again. Raises :class:`ConceptInvalidError` for ``language`` or
    ``text``, and :class:`TermForbiddenError`."""
    actor_id = require_signed_in(actor)
    require(can_change_term(actor, language) if confirm_as is None else can_vouch(actor, language))
    view = get_concept(session, concept_id)
    text = _clean_term(view, language, text)
    scope = f"glossary.term:{concept_id}"
    if key is not None and (known := claim_key(session, actor_id, scope, key, now)) is not None:
        return Outcome(concept_id, known)
    folded = fold_term(text)
    old = next((term for term in view.terms if term.language is language and fold_term(term.text) == folded), None)
    if confirm_as is not None:
        terms = _put(view, TermDraft(language, text, confirm_as, old.source_url if old else None))
        _update(session, view, terms, now)
    elif old is None:
        has_preferred = any(term.language is language and term.status is TermStatus.PREFERRED for term in view.terms)
        status = TermStatus.ADMITTED if has_preferred else TermStatus.PREFERRED
        _update(session, view, _put(view, TermDraft(language, text, status)), now)
    elif old.status is TermStatus.FORBIDDEN:
        raise TermForbiddenError
    term_id = session.scalars(
        select(Term.id).where(Term.concept_id == concept_id, Term.language == language, Term.folded == folded)
    ).one()
    if confirm_as is not None:
        glossary.verify_term(session, actor_id=actor_id, term_id=term_id, now=now)
    if key is not None:
        settle_key(session, actor_id, scope, key, term_id)
    is_checked_again = confirm_as is not None or (old is None and _has_verified(view))
    return Outcome(concept_id, term_id, is_new=old is None, is_checked_again=is_checked_again)


def confirm_term(
    session: Session,
    *,
    actor: Actor,
    term_id: int,
    status: TermStatus | None = None,
    seen_at: datetime | None = None,
    now: datetime,
) -> Outcome:
    """An interpreter vouches for a name as it stands, or as ``status`` says. As the preferred one it takes the place of
    another, which is admitted and unconfirmed from then on; as a forbidden one it may hold machine texts.

    ``seen_at`` is the concept's ``updated_at`` when she looked: nobody vouches for what she has not seen. Raises
    ``TermNotFoundError`` and ``ConceptChangedError`` of :mod:`translation.glossary.service`."""
    actor_id = require_signed_in(actor)
    view, term = _read_term(session, term_id)
    require(can_vouch(actor, term.language))
    _require_seen(view, seen_at)
    wanted = status or term.status
    is_changed = wanted is not term.status
    if is_changed:
        _update(session, view, _put(view, TermDraft(term.language, term.text, wanted, term.source_url)), now)
    row = glossary.verify_term(session, actor_id=actor_id, term_id=term_id, now=now)
    # Read again under the lock: somebody may have been faster.
    if (row.text, row.status) != (term.text, wanted):
        raise glossary.ConceptChangedError
    return Outcome(view.id, term_id, is_checked_again=is_changed or not term.is_verified)


def withdraw_confirmation(session: Session, *, actor: Actor, term_id: int, now: datetime) -> Outcome:
    """An interpreter of the language says that the name is not to be relied on, whoever vouched for it. Raises
    :class:`~translation.glossary.service.TermNotFoundError`."""
    require_signed_in(actor)
    view, term = _read_term(session, term_id)
    require(can_vouch(actor, term.language))
    glossary.withdraw_verification(session, term_id=term_id, now=now)
    return Outcome(view.id, term_id, is_checked_again=term.is_verified)


def remove_term(session: Session, *, actor: Actor, term_id: int, now: datetime) -> Outcome:
    """Take a name away. Raises :class:`~translation.glossary.service.TermNotFoundError` and, for the last one,
    :class:`LastTermError`."""
    require_signed_in(actor)
    view, term = _read_term(session, term_id)
    require(can_change_term(actor, term.language))
    if len(view.terms) == 1:
        raise LastTermError
    _update(session, view, tuple(_to_draft(each) for each in view.terms if each.id != term_id), now)
    return Outcome(view.id, is_checked_again=_has_verified(view))


def _read_term(session: Session, term_id: int) -> tuple[ConceptView, TermView]:
    row = session.get(Term, term_id)
    if row is None:
        raise glossary.TermNotFoundError
    view = get_concept(session, row.concept_id)
    term = next((term for term in view.terms if term.id == term_id), None)
    if term is None:
        raise glossary.TermNotFoundError
    return view, term


def _clean_term(view: ConceptView, language: LanguageTag, text: str) -> str:
    """The text as it will be stored."""
    if language not in LANGUAGES:
        raise ConceptInvalidError(errors=(FieldError("language", "glossary.language"),))
    return _clean(ConceptDraft(view.key, view.source_url, (TermDraft(language, text),))).terms[0].text


def _clean(draft: ConceptDraft) -> ConceptDraft:
    """Everything but the one text was right before."""
    try:
        return clean_draft(draft)
    except ConceptInvalidError as error:
        raise ConceptInvalidError(errors=tuple(FieldError("text", each.code) for each in error.errors)) from None


def _require_seen(view: ConceptView, seen_at: datetime | None) -> None:
    if seen_at is not None and seen_at != view.updated_at:
        raise glossary.ConceptChangedError


def _require_source(url: str) -> None:
    """Files may name http addresses; what people add must not lead anybody astray on the way."""
    if not url.strip().startswith("https://") or len(url.strip()) > MAX_URL_LENGTH:
        raise ConceptInvalidError(errors=(FieldError("source_url", "glossary.url"),))


def _has_verified(view: ConceptView) -> bool:
    return any(term.is_verified for term in view.terms)


def _to_draft(term: TermView) -> TermDraft:
    return TermDraft(term.language, term.text, term.status, term.source_url)


def _put(view: ConceptView, new: TermDraft) -> tuple[TermDraft, ...]:
    """The concept's names with this one among them, in the place of the same one; of two preferred ones it stays."""
    folded, kept = fold_term(new.text), []
    for term in map(_to_draft, view.terms):
        if term.language is not new.language:
            kept.append(term)
        elif fold_term(term.text) != folded:
            is_replaced = new.status is term.status is TermStatus.PREFERRED
            kept.append(replace(term, status=TermStatus.ADMITTED) if is_replaced else term)
    return (*kept, new)


def _update(session: Session, view: ConceptView, terms: tuple[TermDraft, ...], now: datetime) -> None:
    draft = ConceptDraft(
        key=view.key,
        source_url=view.source_url,
        terms=terms,
        category=view.category,
        note=view.note,
        is_do_not_translate=view.is_do_not_translate,
    )
    glossary.update_concept(
        session, concept_id=view.id, draft=_clean(draft), now=now, expected_updated_at=view.updated_at
    )
