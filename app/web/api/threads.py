"""Threads: asking, listing, reading in a language and since a change, rating."""

from __future__ import annotations

from app.contract import schemas
from app.contract.bodies import NewThreadIn, RatingIn, ThreadQuery, ThreadsQuery
from app.contract.render import render_thread, render_thread_summary
from app.core.actor import Actor
from app.forum import queries
from app.forum.service import threads
from app.forum.service.looking import follow_look, look_at
from app.forum.views import ThreadView
from app.web.api.adapter import for_signed_in, make_blueprint
from app.web.api.common import (
    CreationHeaders,
    choose_language,
    load_rendering,
    make_cursor,
    read_cursor,
)
from app.web.auth import current_actor, require_actor
from app.web.runtime import get_runtime
from translation.languages import LanguageTag

blueprint = make_blueprint("threads", tag="Threads")


@blueprint.post("/threads")
@for_signed_in
@blueprint.input(NewThreadIn)
@blueprint.input(CreationHeaders, location="headers")
@blueprint.output(schemas.Thread, status_code=201)
def create_thread(json_data: NewThreadIn, headers_data: CreationHeaders) -> tuple[schemas.Thread, int]:
    """Ask, or open a discussion or a private consultation"""
    actor, runtime = require_actor(), get_runtime()
    new = threads.NewThread(
        category=json_data.category,
        kind=json_data.kind,
        title=json_data.title,
        body=json_data.body,
        language=json_data.language,
    )
    with runtime.db.transaction() as session:
        created = threads.create_thread(
            session, actor=actor, new=new, key=headers_data.idempotency_key, now=runtime.clock()
        )
    thread = _read_thread(actor, created.thread_id, choose_language(None), after=None, limit=queries.PAGE)
    return thread, 201 if created.is_new else 200


@blueprint.get("/threads")
@blueprint.input(ThreadsQuery, location="query")
@blueprint.output(schemas.ThreadPage)
def list_threads(query_data: ThreadsQuery) -> schemas.ThreadPage:
    """Threads, the newest first, titles in the reader's language"""
    actor = current_actor()
    with get_runtime().db.reading() as session:
        if query_data.category is not None:
            queries.get_category(session, query_data.category)
        found = queries.list_threads(
            session,
            actor=actor,
            language=choose_language(query_data.language),
            category=query_data.category,
            status=query_data.status,
            before=read_cursor(query_data.after),
            limit=query_data.limit,
        )
        rendering = load_rendering(session, (), [thread.title for thread in found.items])
    return schemas.ThreadPage(
        items=[render_thread_summary(thread, rendering) for thread in found.items],
        next=make_cursor(found.next_before),
    )


@blueprint.get("/threads/<row_id:thread_id>")
@blueprint.input(ThreadQuery, location="query")
@blueprint.output(schemas.Thread)
def show_thread(thread_id: int, query_data: ThreadQuery) -> schemas.Thread:
    """A thread with a page of its posts

    With `after`, the last change seen: every post changed since, in order; those that vanished come without their text.
    """
    return _read_thread(
        current_actor(),
        thread_id,
        choose_language(query_data.language),
        after=query_data.after,
        limit=query_data.limit,
    )


@blueprint.put("/threads/<row_id:thread_id>/rating")
@for_signed_in
@blueprint.input(RatingIn)
@blueprint.output(schemas.Rating)
def rate_thread(thread_id: int, json_data: RatingIn) -> schemas.Rating:
    """Say whether it solved the question; only the asker can"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        rating = threads.rate_thread(
            session,
            actor=actor,
            thread_id=thread_id,
            solved=json_data.solved,
            reasons=json_data.reasons,
            now=runtime.clock(),
        )
        return schemas.Rating(solved=rating.solved, reasons=rating.reasons)


@blueprint.put("/threads/<row_id:thread_id>/follow")
@for_signed_in
@blueprint.doc(responses={204: {"description": "Followed."}})
def follow_thread(thread_id: int) -> tuple[str, int]:
    """Be told of what happens in a thread"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        threads.follow_thread(session, actor=actor, thread_id=thread_id, now=runtime.clock())
    return "", 204


@blueprint.delete("/threads/<row_id:thread_id>/follow")
@for_signed_in
@blueprint.doc(responses={204: {"description": "No longer followed."}})
def unfollow_thread(thread_id: int) -> tuple[str, int]:
    """No longer be told"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        threads.unfollow_thread(session, actor=actor, thread_id=thread_id)
    return "", 204


def _read_thread(
    actor: Actor, thread_id: int, language: LanguageTag, *, after: str | None, limit: int
) -> schemas.Thread:
    """The thread in a language. The first reader of a language asks for the translations that aren't there yet."""
    runtime = get_runtime()
    change, post_id = _read_position(after)

    def read() -> ThreadView:
        return queries.get_thread_view(
            session,
            actor=actor,
            thread_id=thread_id,
            language=language,
            after=change,
            after_post=post_id,
            limit=limit,
        )

    with runtime.db.reading() as session:
        view = read()
        look = look_at(session, posts=view.posts, language=language)
        if not look:
            return render_thread(view, load_rendering(session, view.posts, [view.title]))
    with runtime.db.transaction() as session:
        follow_look(session, look, now=runtime.clock())
    with runtime.db.reading() as session:
        view = read()
        return render_thread(view, load_rendering(session, view.posts, [view.title]))


def _read_position(after: str | None) -> tuple[int | None, int | None]:
    """(last change seen, last post read), of which at most one is given."""
    if after is None:
        return None, None
    number = int(after.removeprefix("post-"))
    return (None, number) if after.startswith("post-") else (number, None)
