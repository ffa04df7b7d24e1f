"""How a text will read, before it is sent: asked for from the forms, shown on a page of its own or, with scripts, below
the text."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from app.contract.messages import describe_check
from app.core.actor import Actor
from app.core.errors import QiaoError
from app.forum.service.previews import preview_text
from app.interpreting.previews import preview_back_translation
from app.web.auth import current_actor, require_actor, start_session
from app.web.errors import to_failure
from app.web.forms import read_form, with_errors
from app.web.i18n import get_locale
from app.web.pages.ask import find_or_make_author
from app.web.pages.blueprint import ID, as_response, go_to, is_fetch, pages
from app.web.runtime import get_runtime
from translation.languages import find_language_tag
from translation.previews.queries import PreviewView, get_preview
from translation.results import Finding


@pages.post("/preview")
def make_preview() -> Response:
    """Who has no account yet gets a guest's, as for a first question."""
    runtime = get_runtime()
    form = read_form("body", "language", "target")
    try:
        with runtime.db.transaction() as session:
            actor = find_or_make_author(session)
            preview = preview_text(
                session,
                actor=actor,
                body=form["body"],
                declared=find_language_tag(form["language"]) if form["language"] else None,
                target=find_language_tag(form["target"]) if form["target"] else None,
                now=runtime.clock(),
            )
            preview_id = preview.id
    except QiaoError as error:
        return _refuse(error)
    if actor.account_id != current_actor().account_id:
        start_session(actor.account_id or 0, keeps_forms=True)
    return _answer(actor, preview_id)


@pages.post(f"/desk/<{ID}:task_id>/preview")
def make_back_translation(task_id: int) -> Response:
    actor, runtime = require_actor(), get_runtime()
    try:
        with runtime.db.transaction() as session:
            text = read_form("text")["text"]
            preview = preview_back_translation(session, actor=actor, task_id=task_id, text=text, now=runtime.clock())
            preview_id = preview.id
    except QiaoError as error:
        return _refuse(error)
    return _answer(actor, preview_id)


@pages.get(f"/preview/<{ID}:preview_id>")
def show_preview(preview_id: int) -> Response:
    view = _read(require_actor(), preview_id)
    return _render("_preview.html" if is_fetch() else "preview.html", preview=view)


def _answer(actor: Actor, preview_id: int) -> Response:
    if is_fetch():
        return _render("_preview.html", preview=_read(actor, preview_id))
    return go_to("pages.show_preview", preview_id=preview_id)


def _refuse(error: QiaoError) -> Response:
    trouble = with_errors(read_form(), error).errors
    template = "_preview.html" if is_fetch() else "preview.html"
    return _render(template, preview=None, trouble=" ".join(trouble.values()), status=to_failure(error).status)


def _read(actor: Actor, preview_id: int) -> PreviewView:
    with get_runtime().db.reading() as session:
        return get_preview(session, account_id=actor.account_id or 0, preview_id=preview_id)


def _render(template: str, *, preview: PreviewView | None, trouble: str = "", status: int = 200) -> Response:
    page = render_template(template, preview=preview, trouble=trouble, describe=_describe, came_from=request.referrer)
    return as_response(make_response(page, status))


def _describe(finding: Finding) -> str:
    return describe_check(finding.code, get_locale())
