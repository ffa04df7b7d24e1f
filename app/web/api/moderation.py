"""Reporting posts, and the moderators' queue."""

from __future__ import annotations

from app.contract import schemas
from app.contract.bodies import DecisionIn, ItemsQuery, PostReportIn
from app.contract.render import render_item
from app.web.api.adapter import for_signed_in, make_blueprint
from app.web.api.common import load_rendering, make_cursor, read_cursor
from app.web.auth import require_actor
from app.web.runtime import get_runtime
from moderation import queries, service

blueprint = make_blueprint("moderation", tag="Moderation")


@blueprint.post("/reports")
@for_signed_in
@blueprint.input(PostReportIn)
@blueprint.output(schemas.PostReport, status_code=201)
def create_report(json_data: PostReportIn) -> schemas.PostReport:
    """Tell the moderators about a post"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        report = service.report_post(
            session,
            actor=actor,
            post_id=json_data.post_id,
            reason=json_data.reason,
            note=json_data.note,
            now=runtime.clock(),
        )
        return schemas.PostReport(
            id=report.id, post_id=report.post_id, reason=report.reason, created_at=report.created_at
        )


@blueprint.get("/moderation/items")
@for_signed_in
@blueprint.input(ItemsQuery, location="query")
@blueprint.output(schemas.ModerationPage)
def list_items(query_data: ItemsQuery) -> schemas.ModerationPage:
    """What a moderator may decide about"""
    actor = require_actor()
    with get_runtime().db.reading() as session:
        page = queries.list_items(
            session,
            actor=actor,
            state=query_data.state,
            after=read_cursor(query_data.after),
            limit=query_data.limit,
        )
        rendering = load_rendering(session, [item.post for item in page.items])
    return schemas.ModerationPage(
        items=[render_item(item, rendering) for item in page.items], next=make_cursor(page.next)
    )


@blueprint.post("/moderation/items/<row_id:item_id>/decision")
@for_signed_in
@blueprint.input(DecisionIn)
@blueprint.output(schemas.ModerationItem)
def decide_item(item_id: int, json_data: DecisionIn) -> schemas.ModerationItem:
    """Decide; the author and everybody who reported it are told"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        service.decide_item(
            session,
            actor=actor,
            item_id=item_id,
            action=json_data.action,
            note=json_data.note,
            now=runtime.clock(),
        )
    with runtime.db.reading() as session:
        item = queries.get_item(session, actor=actor, item_id=item_id)
        return render_item(item, load_rendering(session, [item.post]))
