"""Previews: how a text will read in another language, and again in one's own."""

from __future__ import annotations

from app.contract import schemas
from app.contract.bodies import BackTranslationIn, PreviewIn
from app.contract.render import render_preview
from app.core.actor import Actor
from app.forum.service.previews import preview_text
from app.interpreting.previews import preview_back_translation
from app.web.api.adapter import for_signed_in, make_blueprint
from app.web.auth import require_actor
from app.web.i18n import get_locale
from app.web.runtime import get_runtime
from translation.previews.queries import get_preview

blueprint = make_blueprint("previews", tag="Previews")


@blueprint.post("/previews")
@for_signed_in
@blueprint.input(PreviewIn)
@blueprint.output(schemas.Preview, status_code=201)
def create_preview(json_data: PreviewIn) -> schemas.Preview:
    """Ask how a text will read, before it is sent

    Answered at once as `pending`; `GET /previews/{id}` has it when a machine has been there and back.
    """
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        preview = preview_text(
            session,
            actor=actor,
            body=json_data.body,
            declared=json_data.language,
            target=json_data.target,
            now=runtime.clock(),
        )
        preview_id = preview.id
    return _read_preview(actor, preview_id)


@blueprint.get("/previews/<row_id:preview_id>")
@for_signed_in
@blueprint.output(schemas.Preview)
def show_preview(preview_id: int) -> schemas.Preview:
    """An own preview, for an hour"""
    return _read_preview(require_actor(), preview_id)


@blueprint.post("/tasks/<row_id:task_id>/back-translation")
@for_signed_in
@blueprint.input(BackTranslationIn)
@blueprint.output(schemas.Preview, status_code=201)
def create_back_translation(task_id: int, json_data: BackTranslationIn) -> schemas.Preview:
    """Ask what an interpreter's text says in the language of the original; for who holds the task"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        preview = preview_back_translation(
            session, actor=actor, task_id=task_id, text=json_data.text, now=runtime.clock()
        )
        preview_id = preview.id
    return _read_preview(actor, preview_id)


def _read_preview(actor: Actor, preview_id: int) -> schemas.Preview:
    with get_runtime().db.reading() as session:
        view = get_preview(session, account_id=actor.account_id or 0, preview_id=preview_id)
    return render_preview(view, get_locale())
