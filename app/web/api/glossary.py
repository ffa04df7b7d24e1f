"""The glossary: terms in six languages for everybody to read, and interpreters who vouch for them."""

from __future__ import annotations

from app.contract import schemas
from app.contract.bodies import ConfirmationIn, GlossaryQuery, NewConceptIn, NewTermIn
from app.contract.render import render_concept, render_concept_term
from app.glossary import service
from app.glossary.queries import list_page
from app.glossary.service import Outcome
from app.web.api.adapter import for_signed_in, make_blueprint
from app.web.api.common import CreationHeaders, make_cursor, read_cursor
from app.web.auth import require_actor
from app.web.runtime import get_runtime
from translation.glossary.drafts import ConceptDraft, TermDraft
from translation.glossary.queries import ConceptView, get_concept
from translation.glossary.service import TermNotFoundError

blueprint = make_blueprint("glossary", tag="Glossary")


@blueprint.get("/glossary")
@blueprint.input(GlossaryQuery, location="query")
@blueprint.output(schemas.ConceptPage)
def list_concepts(query_data: GlossaryQuery) -> schemas.ConceptPage:
    """Entries of the glossary, each with its terms in all languages"""
    with get_runtime().db.reading() as session:
        page = list_page(
            session,
            language=query_data.language,
            category=query_data.category,
            is_verified=query_data.verified,
            query=query_data.q,
            after=read_cursor(query_data.after),
            limit=query_data.limit,
        )
    return schemas.ConceptPage(
        items=[render_concept(concept) for concept in page.items], next=make_cursor(page.next_after)
    )


@blueprint.get("/glossary/<row_id:concept_id>")
@blueprint.output(schemas.Concept)
def show_concept(concept_id: int) -> schemas.Concept:
    """One entry"""
    return render_concept(_read_concept(concept_id))


@blueprint.post("/glossary")
@for_signed_in
@blueprint.input(NewConceptIn)
@blueprint.input(CreationHeaders, location="headers")
@blueprint.output(schemas.Concept, status_code=201)
def create_concept(json_data: NewConceptIn, headers_data: CreationHeaders) -> tuple[schemas.Concept, int]:
    """Add an entry; its terms wait for interpreters to confirm them"""
    actor, runtime = require_actor(), get_runtime()
    draft = ConceptDraft(
        key=json_data.key or "",
        source_url=json_data.source_url,
        terms=tuple(TermDraft(term.language, term.text, term.status) for term in json_data.terms),
        category=json_data.category,
        note=json_data.note,
        is_do_not_translate=json_data.is_do_not_translate,
    )
    with runtime.db.transaction() as session:
        outcome = service.add_concept(
            session, actor=actor, draft=draft, key=headers_data.idempotency_key, now=runtime.clock()
        )
    return render_concept(_read_concept(outcome.concept_id)), 201 if outcome.is_new else 200


@blueprint.delete("/glossary/<row_id:concept_id>")
@for_signed_in
@blueprint.doc(responses={204: {"description": "Removed, with all its terms."}})
def remove_concept(concept_id: int) -> tuple[str, int]:
    """Take an entry away; for moderators"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        service.remove_concept(session, actor=actor, concept_id=concept_id, now=runtime.clock())
    return "", 204


@blueprint.post("/glossary/<row_id:concept_id>/terms")
@for_signed_in
@blueprint.input(NewTermIn)
@blueprint.input(CreationHeaders, location="headers")
@blueprint.output(schemas.ConceptTerm, status_code=201)
def propose_term(
    concept_id: int, json_data: NewTermIn, headers_data: CreationHeaders
) -> tuple[schemas.ConceptTerm, int]:
    """Propose another wording, or vouch for one at once

    A term that is there already, however it is written, is answered with 200.
    """
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        outcome = service.propose_term(
            session,
            actor=actor,
            concept_id=concept_id,
            language=json_data.language,
            text=json_data.text,
            confirm_as=json_data.confirm_as,
            key=headers_data.idempotency_key,
            now=runtime.clock(),
        )
    return _render_term(outcome), 201 if outcome.is_new else 200


@blueprint.post("/glossary/terms/<row_id:term_id>/confirmation")
@for_signed_in
@blueprint.input(ConfirmationIn)
@blueprint.output(schemas.ConceptTerm)
def confirm_term(term_id: int, json_data: ConfirmationIn) -> schemas.ConceptTerm:
    """Vouch for a term, or for it as preferred, admitted or forbidden; for interpreters of its language

    Machine texts that are shown are checked again. As the preferred term it takes the place of another one.
    """
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        outcome = service.confirm_term(
            session,
            actor=actor,
            term_id=term_id,
            status=json_data.status,
            seen_at=json_data.seen_at,
            now=runtime.clock(),
        )
    return _render_term(outcome)


@blueprint.delete("/glossary/terms/<row_id:term_id>/confirmation")
@for_signed_in
@blueprint.doc(responses={204: {"description": "Nobody vouches for the term now."}})
def withdraw_confirmation(term_id: int) -> tuple[str, int]:
    """Say that a term is not to be relied on; for interpreters of its language"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        service.withdraw_confirmation(session, actor=actor, term_id=term_id, now=runtime.clock())
    return "", 204


@blueprint.delete("/glossary/terms/<row_id:term_id>")
@for_signed_in
@blueprint.doc(responses={204: {"description": "Removed."}})
def remove_term(term_id: int) -> tuple[str, int]:
    """Take a term away; for interpreters of its language and moderators"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        service.remove_term(session, actor=actor, term_id=term_id, now=runtime.clock())
    return "", 204


def _read_concept(concept_id: int) -> ConceptView:
    with get_runtime().db.reading() as session:
        return get_concept(session, concept_id)


def _render_term(outcome: Outcome) -> schemas.ConceptTerm:
    for term in _read_concept(outcome.concept_id).terms:
        if term.id == outcome.term_id:
            return render_concept_term(term)
    # With a key that was used before: it has been taken away since.
    raise TermNotFoundError
