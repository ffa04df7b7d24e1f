"""The glossary: everybody looks terms up; interpreters confirm them and propose others; moderators keep the entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Response, flash, make_response, render_template, request
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import QiaoError
from app.forum.policy import require
from app.forum.starter import LIVING
from app.glossary.policy import can_add_concept, can_remove_concept, can_vouch
from app.glossary.queries import list_page, list_used_categories
from app.glossary.service import (
    Outcome,
    add_concept,
    confirm_term,
    propose_term,
    remove_concept,
    remove_term,
    withdraw_confirmation,
)
from app.web.auth import current_actor, require_actor
from app.web.errors import to_failure
from app.web.forms import Form, make_form_key, read_cursor, read_form, read_idempotency_key, read_text, with_errors
from app.web.i18n import N_, gettext
from app.web.pages.blueprint import ID, as_response, go_to, pages, reading_language
from app.web.pages.glossary_shown import find_host, find_text_language, show_concept_view
from app.web.runtime import get_runtime
from translation.glossary.drafts import ConceptDraft, TermDraft
from translation.glossary.models import TermStatus
from translation.glossary.queries import get_concept
from translation.glossary.service import TermNotFoundError
from translation.languages import LANGUAGES, LanguageTag, find_language_tag, parse_language_tag

MAX_QUERY: Final = 200
#: Topics that an entry can be about; not knowing is none.
TOPICS: Final = tuple(slug for slug, _ in LIVING if slug != "dont-know")
#: What a button says a term is confirmed as; None is as it stands.
CONFIRMATIONS: Final = {
    "confirm": None,
    "prefer": TermStatus.PREFERRED,
    "allow": TermStatus.ADMITTED,
    "forbid": TermStatus.FORBIDDEN,
}

#: Said when machine texts are checked again, and when they need not be.
_DONE: Final = {
    "confirm": (
        N_("Confirmed. Machine translations that are shown are being checked again with it."),
        N_("Confirmed."),
    ),
    "withdraw": (
        N_("Withdrawn. Machine translations that are shown are being checked again without it."),
        N_("Withdrawn."),
    ),
    "propose": (
        N_("Added; it counts once an interpreter confirms it. Translations that are shown are being checked again."),
        N_("Added; it counts once an interpreter confirms it."),
    ),
    "remove": (
        N_("Removed. Machine translations that are shown are being checked again without it."),
        N_("Removed."),
    ),
}


@dataclass(frozen=True)
class Filters:
    """What is looked for, as the address says it. ``verified`` is "yes", "no" or ""."""

    query: str = ""
    language: LanguageTag | None = None
    category: str = ""
    verified: str = ""

    @property
    def is_verified(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.verified)

    @property
    def query_language(self) -> LanguageTag | None:
        return find_text_language(self.query)

    def to_arguments(self) -> dict[str, str]:
        """For the address of another page of the same list."""
        given = {"q": self.query, "in": self.language or "", "category": self.category, "verified": self.verified}
        return {name: str(value) for name, value in given.items() if value}


def _read_filters() -> Filters:
    given = {name: request.args.get(name, "")[:MAX_QUERY] for name in ("q", "in", "category", "verified")}
    language = find_language_tag(given["in"])
    return Filters(
        # What no text can hold, no database takes.
        query="".join(char for char in given["q"] if char.isprintable() or char.isspace()).strip(),
        language=language if language in LANGUAGES else None,
        category=given["category"] if given["category"].replace("-", "").isalnum() else "",
        verified=given["verified"] if given["verified"] in {"yes", "no"} else "",
    )


@pages.get("/glossary")
def show_glossary() -> str:
    filters, actor = _read_filters(), current_actor()
    with get_runtime().db.reading() as session:
        page = list_page(
            session,
            language=filters.language,
            category=filters.category or None,
            is_verified=filters.is_verified,
            query=filters.query or None,
            after=read_cursor("after"),
        )
        categories = list_used_categories(session)
    wanted = [filters.language] if filters.language is not None else []
    concepts = [
        show_concept_view(view, actor=actor, language=reading_language(), wanted=wanted, query=filters.query)
        for view in page.items
    ]
    return render_template(
        "glossary.html",
        concepts=concepts,
        find_host=find_host,
        next_after=page.next_after,
        filters=filters,
        topics=[slug for slug in TOPICS if slug in categories] + [slug for slug in categories if slug not in TOPICS],
        languages=LANGUAGES,
        own_languages=[tag for tag in LANGUAGES if can_vouch(actor, tag)],
        may_add=bool(can_add_concept(actor)),
    )


@pages.route(f"/glossary/<{ID}:concept_id>", methods=["GET", "POST"])
def show_concept(concept_id: int) -> Response:
    """An entry, and what people do with it: one form a deed, told apart by its button."""
    if request.method == "GET":
        return _render_concept(concept_id, Form())
    actor, runtime = require_actor(), get_runtime()
    form = read_form("action", "term", "seen", "language", "text", "confirm_as")
    try:
        with runtime.db.transaction() as session:
            outcome = _act(session, actor, concept_id, form, runtime.clock())
    except QiaoError as error:
        return _render_concept(concept_id, with_errors(form, error), to_failure(error).status)
    flash(_describe(form, outcome))
    if form["action"] == "remove_concept":
        return go_to("pages.show_glossary")
    return go_to(
        "pages.show_concept", concept_id=concept_id, anchor=f"term-{outcome.term_id}" if outcome.term_id else None
    )


def _act(session: Session, actor: Actor, concept_id: int, form: Form, now: datetime) -> Outcome:
    action = form["action"]
    if action == "propose":
        return propose_term(
            session,
            actor=actor,
            concept_id=concept_id,
            language=parse_language_tag(form["language"]),
            text=form["text"],
            confirm_as=TermStatus(form["confirm_as"]) if form["confirm_as"] in set(TermStatus) else None,
            now=now,
        )
    if action == "remove_concept":
        return remove_concept(session, actor=actor, concept_id=concept_id, now=now)
    term_id = _read_term_id(form["term"])
    if action == "withdraw":
        return withdraw_confirmation(session, actor=actor, term_id=term_id, now=now)
    if action == "remove":
        return remove_term(session, actor=actor, term_id=term_id, now=now)
    if action not in CONFIRMATIONS:
        raise TermNotFoundError
    return confirm_term(
        session, actor=actor, term_id=term_id, status=CONFIRMATIONS[action], seen_at=_read_moment(form["seen"]), now=now
    )


def _read_term_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise TermNotFoundError
    return int(text)


def _read_moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _describe(form: Form, outcome: Outcome) -> str:
    kind = form["action"].removesuffix("_concept")
    if kind in CONFIRMATIONS or (kind == "propose" and form["confirm_as"]):
        kind = "confirm"
    checked_again, plain = _DONE[kind]
    return gettext(checked_again if outcome.is_checked_again else plain)


def _render_concept(concept_id: int, form: Form, status: int = 200) -> Response:
    actor = current_actor()
    with get_runtime().db.reading() as session:
        view = get_concept(session, concept_id)
    concept = show_concept_view(view, actor=actor, language=reading_language(), wanted=LANGUAGES)
    vouched = [tag for tag in LANGUAGES if can_vouch(actor, tag)]
    page = render_template(
        "glossary_concept.html",
        concept=concept,
        find_host=find_host,
        form=form,
        proposed_languages=LANGUAGES if actor.is_moderator and can_add_concept(actor) else vouched,
        may_vouch=bool(vouched),
        may_remove=bool(can_remove_concept(actor)),
    )
    return as_response(make_response(page, status))


@pages.route("/glossary/new", methods=["GET", "POST"])
def add_entry() -> Response:
    actor, runtime = require_actor(), get_runtime()
    require(can_add_concept(actor))
    if request.method == "GET":
        return _render_new(Form({"key": make_form_key()}))
    fields = [f"terms.{tag}" for tag in LANGUAGES]
    form = read_form(*fields, "category", "source_url", "note", "keeps", "name", "key")
    draft = ConceptDraft(
        key=form["name"],
        source_url=form["source_url"],
        terms=tuple(TermDraft(tag, form[f"terms.{tag}"]) for tag in LANGUAGES if form[f"terms.{tag}"].strip()),
        category=form["category"] or None,
        note=form["note"] or None,
        is_do_not_translate=bool(form["keeps"]),
    )
    key = read_idempotency_key(*(read_text(name) for name in (*fields, "category", "source_url", "note", "name")))
    try:
        with runtime.db.transaction() as session:
            outcome = add_concept(session, actor=actor, draft=draft, key=key, now=runtime.clock())
    except QiaoError as error:
        return _render_new(with_errors(form, error), to_failure(error).status)
    flash(gettext("Added. Its terms count once interpreters of their languages confirm them."))
    return go_to("pages.show_concept", concept_id=outcome.concept_id)


def _render_new(form: Form, status: int = 200) -> Response:
    values: dict[str, Any] = {"languages": LANGUAGES, "topics": TOPICS}
    return as_response(make_response(render_template("glossary_new.html", form=form, **values), status))
