"""Readers of moderation: what waits for a decision, with the post, what was said about it, and what was decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, func, select, true
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.forum.models import Post
from app.forum.policy import require, require_signed_in
from app.forum.queries import load_post_views
from app.forum.views import PostView
from app.interpreting.policy import to_pair_language
from moderation import policy
from moderation.errors import ItemNotFoundError
from moderation.models import (
    Action,
    ItemKind,
    ItemState,
    ModerationDecision,
    ModerationItem,
    Report,
    ReportReason,
)
from translation.languages import LanguageTag
from translation.models import SourceText


@dataclass(frozen=True)
class ReportView:
    """What a reader said. Who it was is nobody's business."""

    reason: ReportReason
    note: str | None
    created_at: datetime


@dataclass(frozen=True)
class DecisionView:
    """A line of the log. ``decided_by`` is the account id."""

    action: Action
    note: str
    decided_by: int
    decided_at: datetime


@dataclass(frozen=True)
class ItemView:
    """A post that somebody should look at, in the moderator's language, hidden and held posts with their texts."""

    id: int
    kind: ItemKind
    state: ItemState
    hold_reason: str | None
    created_at: datetime
    post: PostView
    reports: tuple[ReportView, ...]
    decisions: tuple[DecisionView, ...]


@dataclass(frozen=True)
class ItemList:
    """A page; ``next`` is the item id to go on from, None on the last page."""

    items: tuple[ItemView, ...]
    next: int | None


def list_items(
    session: Session, *, actor: Actor, state: ItemState | None = None, after: int | None = None, limit: int = 20
) -> ItemList:
    """Items that the actor may decide about, oldest first. Raises :class:`ForbiddenError`."""
    require_signed_in(actor)
    require(policy.can_moderate(actor))
    statement = _select_visible(actor)
    if state is not None:
        statement = statement.where(ModerationItem.state == state)
    if after is not None:
        statement = statement.where(ModerationItem.id > after)
    rows = session.execute(statement.order_by(ModerationItem.id).limit(limit + 1)).all()
    page = rows[:limit]
    return ItemList(items=tuple(_to_views(session, actor, page)), next=page[-1][0].id if len(rows) > limit else None)


def get_item(session: Session, *, actor: Actor, item_id: int) -> ItemView:
    """One item. Raises :class:`ItemNotFoundError` for what isn't in the actor's list."""
    require_signed_in(actor)
    require(policy.can_moderate(actor))
    row = session.execute(_select_visible(actor).where(ModerationItem.id == item_id)).one_or_none()
    if row is None:
        raise ItemNotFoundError
    return _to_views(session, actor, [row])[0]


def count_open(session: Session, *, actor: Actor) -> int:
    """How much waits for this moderator; 0 for everybody else."""
    if not policy.can_moderate(actor):
        return 0
    open_items = _select_visible(actor).where(ModerationItem.state == ItemState.OPEN)
    return session.scalar(select(func.count()).select_from(open_items.subquery())) or 0


def _select_visible(actor: Actor) -> Select[ModerationItem, Post]:
    """Items with their posts: a moderator's all but the own, an interpreter's in the languages of her pairs."""
    return (
        select(ModerationItem, Post)
        .join(Post, Post.id == ModerationItem.post_id)
        .join(SourceText, SourceText.id == Post.source_text_id)
        .where(Post.author_id != actor.account_id, _is_readable_by(actor))
    )


def _is_readable_by(actor: Actor) -> ColumnElement[bool]:
    if actor.is_moderator:
        return true()
    readable = [tag for tag in LanguageTag if to_pair_language(tag) in actor.pair_languages]
    return SourceText.language.in_(readable)


def _to_views(session: Session, actor: Actor, rows: Sequence[Row[ModerationItem, Post]]) -> list[ItemView]:
    """A constant number of queries, however many items."""
    ids = [item.id for item, _ in rows]
    posts = {post.id: post for _, post in rows}
    language = LanguageTag(actor.reading_language)
    views = load_post_views(session, actor=actor, posts=list(posts.values()), language=language, include_hidden=True)
    by_post = {view.id: view for view in views}
    reports: dict[int, list[ReportView]] = defaultdict(list)
    for report in session.scalars(select(Report).where(Report.item_id.in_(ids)).order_by(Report.id)):
        reports[report.item_id].append(ReportView(reason=report.reason, note=report.note, created_at=report.created_at))
    decisions: dict[int, list[DecisionView]] = defaultdict(list)
    for decision in session.scalars(
        select(ModerationDecision).where(ModerationDecision.item_id.in_(ids)).order_by(ModerationDecision.id)
    ):
        decisions[decision.item_id].append(
            DecisionView(
                action=decision.action,
                note=decision.note,
                decided_by=decision.actor_id,
                decided_at=decision.created_at,
            )
        )
    return [
        ItemView(
            id=item.id,
            kind=item.kind,
            state=item.state,
            hold_reason=item.hold_reason,
            created_at=item.created_at,
            post=by_post[post.id],
            reports=tuple(reports[item.id]),
            decisions=tuple(decisions[item.id]),
        )
        for item, post in rows
    ]
