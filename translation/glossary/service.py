"""The only writers of the glossary. Who may is decided above: here it is only said who vouches.

A change of anything that somebody vouches for asks for machine texts to be checked again (``regate``). Removed
concepts stay as rows without names, so that the starter set doesn't bring them back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event, exists, func, select
from sqlalchemy.orm import Session

from app.core.db import insert_absent
from app.core.errors import ConflictError, NotFoundError
from translation.glossary.drafts import ConceptDraft, TermDraft, clean_draft
from translation.glossary.folding import fold_term
from translation.glossary.models import Concept, Regate, Term
from translation.glossary.queries import CACHE, ConceptNotFoundError

#: A removed concept has no names.
_NAMED = select(Term.id).where(Term.concept_id == Concept.id)


class KeyTakenError(ConflictError):
    """Another concept has this key."""

    code = "glossary.key_taken"


class ConceptChangedError(ConflictError):
    """Somebody was faster: read the concept again."""

    code = "glossary.concept_changed"


class TermNotFoundError(NotFoundError):
    code = "glossary.term_not_found"


def add_concept(session: Session, *, actor_id: int | None, draft: ConceptDraft, now: datetime) -> Concept:
    """A new concept with unverified names; a removed one with this key comes back. Raises
    :class:`~translation.glossary.drafts.ConceptInvalidError`, :class:`KeyTakenError`."""
    draft = clean_draft(draft)
    _lock_glossary(session)
    values = _make_values(draft, actor_id, _next_change(session, now))
    # Later than its creation: this one is a person's, not the starter set's to change.
    values["updated_at"] += timedelta(microseconds=1)
    added = insert_absent(session, Concept, [values])
    if not added:
        concept = session.scalars(select(Concept).where(Concept.key == draft.key)).one()
        if _list_terms(session, concept.id):
            raise KeyTakenError(field="key")
        _set_fields(concept, draft)
        concept.created_by_id = actor_id
        _mark_changed(session, concept, now)
        added = [concept]
    session.add_all(_make_term(added[0].id, term) for term in draft.terms)
    session.flush()
    _expire_cache(session)
    return added[0]


def ensure_concepts(session: Session, *, drafts: Sequence[ConceptDraft], now: datetime) -> int:
    """Concepts that come with the product: new ones are added, those that nobody has touched follow the drafts, what
    people changed, verified or removed stays. How many were added or changed. Raises like :func:`add_concept`."""
    drafts = [clean_draft(draft) for draft in drafts]
    _lock_glossary(session)
    at = _next_change(session, now)
    added = {row.key: row for row in insert_absent(session, Concept, [_make_values(each, None, at) for each in drafts])}
    # Whatever people do to a concept moves its updated_at.
    untouched = {
        concept.key: concept
        for concept in session.scalars(
            select(Concept).where(Concept.created_by_id.is_(None), Concept.updated_at == Concept.created_at)
        )
        if concept.key not in added
    }
    terms = _list_terms(session, *(concept.id for concept in untouched.values()))
    changed = len(added)
    for draft in drafts:
        if draft.key in added:
            session.add_all(_make_term(added[draft.key].id, term) for term in draft.terms)
        elif (concept := untouched.get(draft.key)) is not None:
            before = [term for term in terms if term.concept_id == concept.id]
            if _apply(session, concept, before, draft):
                concept.created_at = concept.updated_at = at
                changed += 1
    session.flush()
    _expire_cache(session)
    return changed


@dataclass(frozen=True)
class Imported:
    """How many concepts an import added, changed, and found there and left alone."""

    added: int
    updated: int
    untouched: int


def import_concepts(session: Session, *, drafts: Sequence[ConceptDraft], updates: bool, now: datetime) -> Imported:
    """Add the concepts that aren't there (removed ones come back), and with ``updates`` make the others what the drafts
    say. Raises like :func:`update_concept`."""
    known = dict(session.execute(select(Concept.key, Concept.id).where(exists(_NAMED))).all())
    added = updated = 0
    for draft in drafts:
        concept_id = known.get(draft.key)
        if concept_id is None:
            known[draft.key] = add_concept(session, actor_id=None, draft=draft, now=now).id
            added += 1
        elif updates:
            before = session.get_one(Concept, concept_id).updated_at
            updated += update_concept(session, concept_id=concept_id, draft=draft, now=now).updated_at != before
    return Imported(added, updated, len(drafts) - added - updated)


def update_concept(
    session: Session,
    *,
    concept_id: int,
    draft: ConceptDraft,
    now: datetime,
    expected_updated_at: datetime | None = None,
) -> Concept:
    """Make a concept what the draft says. A name that is written otherwise or has another status is unverified again,
    others keep their interpreter. Raises like :func:`add_concept`, :class:`ConceptNotFoundError`, and
    :class:`ConceptChangedError` if it isn't of ``expected_updated_at`` any more."""
    draft = clean_draft(draft)
    _lock_glossary(session)
    concept, terms = _get_concept(session, concept_id)
    if expected_updated_at is not None and concept.updated_at != expected_updated_at:
        raise ConceptChangedError
    other = session.scalar(select(Concept.id).where(Concept.key == draft.key, Concept.id != concept_id))
    if other is not None:
        raise KeyTakenError(field="key")
    was_verified = any(term.verified_at is not None for term in terms)
    if _apply(session, concept, terms, draft):
        _mark_changed(session, concept, now)
        if was_verified:
            _ask_regate(session, concept, now)
    return concept


def remove_concept(session: Session, *, concept_id: int, now: datetime) -> None:
    """Take all names of a concept. Raises :class:`ConceptNotFoundError`."""
    _lock_glossary(session)
    concept, terms = _get_concept(session, concept_id)
    for term in terms:
        session.delete(term)
    _mark_changed(session, concept, now)
    if any(term.verified_at is not None for term in terms):
        _ask_regate(session, concept, now)


def verify_term(session: Session, *, actor_id: int, term_id: int, now: datetime) -> Term:
    """An interpreter vouches for a name, which may hold machine texts from now on. The first one's word stands. Raises
    :class:`TermNotFoundError`."""
    _lock_glossary(session)
    term = _get_term(session, term_id)
    if term.verified_at is None:
        term.verified_by_id, term.verified_at = actor_id, now
        _change_verification(session, term, now)
    return term


def withdraw_verification(session: Session, *, term_id: int, now: datetime) -> Term:
    """Nobody vouches for the name any more. Raises :class:`TermNotFoundError`."""
    _lock_glossary(session)
    term = _get_term(session, term_id)
    if term.verified_at is not None:
        term.verified_by_id = term.verified_at = None
        _change_verification(session, term, now)
    return term


def _change_verification(session: Session, term: Term, now: datetime) -> None:
    concept = session.get_one(Concept, term.concept_id)
    _mark_changed(session, concept, now)
    _ask_regate(session, concept, now)


def _lock_glossary(session: Session) -> None:
    """Changes come one after another, so that ``updated_at`` grows from commit to commit and every cache notices."""
    session.execute(select(Concept.id).order_by(Concept.id).limit(1).with_for_update())


def _next_change(session: Session, now: datetime) -> datetime:
    latest = session.scalar(select(func.max(Concept.updated_at)))
    return now if latest is None or latest < now else latest + timedelta(microseconds=1)


def _mark_changed(session: Session, concept: Concept, now: datetime) -> None:
    concept.updated_at = _next_change(session, now)
    session.flush()
    _expire_cache(session)


def _expire_cache(session: Session) -> None:
    """This process sees its own change at once: in this transaction and after it, however it ends, as somebody else
    may look meanwhile."""
    CACHE.expire(session)
    if not session.info.setdefault("glossary_expires", False):
        session.info["glossary_expires"] = True
        event.listen(session, "after_transaction_end", lambda session, _transaction: CACHE.expire(session))


def _ask_regate(session: Session, concept: Concept, now: datetime) -> None:
    waiting = select(Regate.id).where(Regate.concept_id == concept.id, Regate.after_id == 0)
    # One that may already have begun doesn't count; begun ones are locked until they have moved on.
    if session.scalar(waiting.with_for_update(skip_locked=True).limit(1)) is None:
        session.add(Regate(concept_id=concept.id, after_id=0, created_at=now))
        session.flush()


def _get_concept(session: Session, concept_id: int) -> tuple[Concept, list[Term]]:
    concept = session.get(Concept, concept_id, populate_existing=True)
    terms = _list_terms(session, concept_id)
    if concept is None or not terms:
        raise ConceptNotFoundError
    return concept, terms


def _list_terms(session: Session, *concept_ids: int) -> list[Term]:
    return list(session.scalars(select(Term).where(Term.concept_id.in_(concept_ids)).order_by(Term.id)))


def _get_term(session: Session, term_id: int) -> Term:
    term = session.get(Term, term_id, populate_existing=True)
    if term is None:
        raise TermNotFoundError
    return term


def _make_values(draft: ConceptDraft, actor_id: int | None, at: datetime) -> dict[str, Any]:
    return {
        "key": draft.key,
        "category": draft.category,
        "source_url": draft.source_url,
        "note": draft.note,
        "is_do_not_translate": draft.is_do_not_translate,
        "created_by_id": actor_id,
        "created_at": at,
        "updated_at": at,
    }


def _make_term(concept_id: int, draft: TermDraft) -> Term:
    return Term(
        concept_id=concept_id,
        language=draft.language,
        text=draft.text,
        folded=fold_term(draft.text),
        status=draft.status,
        source_url=draft.source_url,
    )


def _set_fields(concept: Concept, draft: ConceptDraft) -> bool:
    """Whether anything was different."""
    fields = ("key", "category", "source_url", "note", "is_do_not_translate")
    changed = [name for name in fields if getattr(concept, name) != getattr(draft, name)]
    for name in changed:
        setattr(concept, name, getattr(draft, name))
    return bool(changed)


def _apply(session: Session, concept: Concept, terms: Collection[Term], draft: ConceptDraft) -> bool:
    """Whether the draft changed anything."""
    is_changed = _set_fields(concept, draft)
    known = {(term.language, term.folded): term for term in terms}
    for wanted in draft.terms:
        term = known.pop((wanted.language, fold_term(wanted.text)), None)
        if term is None:
            session.add(_make_term(concept.id, wanted))
            is_changed = True
            continue
        if (term.text, term.status) != (wanted.text, wanted.status):
            term.text, term.status = wanted.text, wanted.status
            term.verified_by_id = term.verified_at = None
            is_changed = True
        if term.source_url != wanted.source_url:
            term.source_url = wanted.source_url
            is_changed = True
    for term in known.values():
        session.delete(term)
    session.flush()
    return is_changed or bool(known)
