"""Asking, with an account or without one."""

from __future__ import annotations

import re

from flask import Response, jsonify, make_response, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from app.accounts.service import create_guest
from app.core.actor import Actor
from app.core.errors import QiaoError
from app.forum.models import CategoryGroup, ThreadKind
from app.forum.queries import get_category, list_categories
from app.forum.service.posts import Created
from app.forum.service.threads import NewThread, create_thread
from app.interpreting.queries import build_actor
from app.web.auth import current_actor, start_session
from app.web.errors import to_failure
from app.web.forms import Form, make_form_key, read_form, read_idempotency_key, with_errors
from app.web.i18n import get_locale
from app.web.pages.blueprint import as_response, created, pages, refused
from app.web.pages.home import list_countries
from app.web.runtime import get_runtime
from translation.languages import LanguageTag, find_language_tag

_FIELDS = ("category", "country_category", "kind", "language", "title", "body")
#: Where the first sentence of a question ends, in any of the six languages.
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|(?<=[。！？៕។])|\n")
#: Longest title that is made from a question.
MADE_TITLE = 100


@pages.route("/ask", methods=["GET", "POST"])
def ask() -> Response:
    if request.method == "GET" or "continue" in request.form:
        form = read_form(*_FIELDS) if request.method == "POST" else _prefill()
        return _render(form)
    form = read_form(*_FIELDS)
    try:
        made, author_id = _create(form)
    except QiaoError as error:
        answer = refused(error, form)
        return answer or _render(with_errors(form, error), to_failure(error).status)
    if author_id != current_actor().account_id:
        start_session(author_id)
    return created(url_for("pages.show_thread", thread_id=made.thread_id, sent=1))


@pages.post("/guest")
def make_guest() -> Response:
    """For scripts, before the first question: an identity first, so that a repeated sending creates one question."""
    if not current_actor().is_signed_in:
        runtime = get_runtime()
        with runtime.db.transaction() as session:
            account_id = find_or_make_author(session).account_id
        if account_id is not None:
            start_session(account_id)
    response = jsonify(account_id=current_actor().account_id, csrf_token=generate_csrf())
    response.status_code = 201
    return response


def _prefill() -> Form:
    slug = request.args.get("category", "")
    return Form({"category": slug, "country_category": slug, "kind": request.args.get("kind", "")})


def _create(form: Form) -> tuple[Created, int]:
    runtime = get_runtime()
    new = NewThread(
        category=form["country_category"] or form["category"],
        kind=ThreadKind(form["kind"]) if form["kind"] in set(ThreadKind) else ThreadKind.QUESTION,
        title=form["title"] if form["title"].strip() else make_title(form["body"]),
        body=form["body"],
        language=find_language_tag(form["language"]) if form["language"] else None,
    )
    key = read_idempotency_key(new.category, new.kind, new.title, new.body)
    with runtime.db.transaction() as session:
        actor = find_or_make_author(session)
        made = create_thread(session, actor=actor, new=new, key=key, now=runtime.clock())
    return made, actor.account_id or 0


def find_or_make_author(session: Session) -> Actor:
    """Who is signed in, or a new guest."""
    actor = current_actor()
    if actor.is_signed_in:
        return actor
    locale = LanguageTag(get_locale())
    account = create_guest(session, locale=locale, reading_languages=[locale], now=get_runtime().clock())
    return build_actor(session, account)


def make_title(body: str) -> str:
    """The first sentence of a question, shortened at a space where it can be."""
    first = next((part.strip() for part in _SENTENCE_END.split(body) if part.strip()), "")
    if len(first) <= MADE_TITLE:
        return first
    cut = first[: MADE_TITLE - 1]
    at_space = cut.rpartition(" ")[0]
    return (at_space if len(at_space) > MADE_TITLE // 2 else cut) + "…"


def _render(form: Form, status: int = 200) -> Response:
    with get_runtime().db.reading() as session:
        categories = list_categories(session)
        chosen = form["country_category"] or form["category"]
        category = get_category(session, chosen) if chosen in {row.slug for row in categories} else None
    page = render_template(
        "ask.html",
        form=form,
        key=request.form.get("key") or make_form_key(),
        topics=[row.slug for row in categories if row.group is CategoryGroup.LIVING],
        countries=list_countries(categories),
        categories=categories,
        category=category,
    )
    return as_response(make_response(page, status))
