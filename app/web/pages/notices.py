"""What a person was told, newest first. Opening the page is reading it."""

from __future__ import annotations

from flask import render_template

from app.core.errors import UnavailableError
from app.forum.queries import list_threads
from app.notifications.queries import list_notices
from app.notifications.service import mark_read
from app.web.auth import require_actor
from app.web.forms import read_cursor
from app.web.pages.blueprint import pages, reading_language
from app.web.runtime import get_runtime


@pages.get("/notices")
def show_notices() -> str:
    """New ones are still marked as new on the page that shows them first."""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.reading() as session:
        notices = list_notices(session, actor, before=read_cursor("before"))
        told = [notice for notice in notices.items if not is_generic(notice.payload)]
        thread_ids = {notice.thread_id for notice in told if notice.thread_id is not None}
        threads = list_threads(
            session, actor=actor, language=reading_language(), thread_ids=thread_ids, limit=max(len(thread_ids), 1)
        )
    page = render_template(
        "notices.html",
        notices=notices.items,
        next_before=notices.next,
        threads={thread.id: thread for thread in threads.items},
    )
    if any(not notice.is_read for notice in notices.items):
        try:
            with runtime.db.transaction() as session:
                mark_read(session, actor=actor, now=runtime.clock())
        except UnavailableError:
            # They stay new; nothing is lost.
            return page
    return page


def is_generic(payload: dict[str, object]) -> bool:
    """Where a phone may be shared and the topic is not for others' eyes, a notice tells nothing of the content."""
    return bool(payload.get("generic"))
