"""The moderators' room: what was reported or held, readable whatever its language, and what is decided."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, request

from app.core.errors import QiaoError
from app.web.auth import require_actor
from app.web.errors import to_failure
from app.web.forms import Form, read_cursor, read_form, with_errors
from app.web.i18n import gettext
from app.web.messages import MODERATION_ACTIONS
from app.web.pages.blueprint import ID, as_response, go_to, pages
from app.web.runtime import get_runtime
from moderation.models import Action, ItemState
from moderation.queries import list_items
from moderation.service import decide_item


@pages.get("/moderation")
def show_moderation() -> Response:
    return _render(Form())


@pages.post(f"/moderation/<{ID}:item_id>")
def decide(item_id: int) -> Response:
    form, runtime = read_form("action", "note"), get_runtime()
    if form["action"] not in MODERATION_ACTIONS:
        return go_to("pages.show_moderation")
    try:
        with runtime.db.transaction() as session:
            decide_item(
                session,
                actor=require_actor(),
                item_id=item_id,
                action=Action(form["action"]),
                note=form["note"].strip(),
                now=runtime.clock(),
            )
    except QiaoError as error:
        return _render(with_errors(form, error), to_failure(error).status)
    flash(gettext("Decided. The author and everybody who reported it are told."))
    return go_to("pages.show_moderation")


def _render(form: Form, status: int = 200) -> Response:
    actor, runtime = require_actor(), get_runtime()
    is_decided = request.args.get("state") == "decided"
    with runtime.db.reading() as session:
        items = list_items(
            session,
            actor=actor,
            state=ItemState.DECIDED if is_decided else ItemState.OPEN,
            after=read_cursor("after"),
        )
    page = render_template(
        "moderation.html", items=items.items, next_after=items.next, is_decided=is_decided, form=form
    )
    return as_response(make_response(page, status))
