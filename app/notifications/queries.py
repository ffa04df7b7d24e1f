"""Readers of notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.forum.models import Channel
from app.forum.policy import require_signed_in
from app.notifications.models import Delivery, DeliveryKind, DeliveryState
from translation.languages import LanguageTag


@dataclass(frozen=True)
class NoticeView:
    """A notice on the web. ``payload`` holds codes and ids; with ``generic`` in it nothing of the content is told."""

    id: int
    kind: DeliveryKind
    post_id: int | None
    thread_id: int | None
    language: LanguageTag
    payload: dict[str, Any]
    sent_at: datetime
    is_read: bool


@dataclass(frozen=True)
class NoticeList:
    """A page; ``next`` is the notice id to go on from, None on the last page."""

    items: tuple[NoticeView, ...]
    next: int | None


def list_notices(session: Session, actor: Actor, *, before: int | None = None, limit: int = 20) -> NoticeList:
    """The actor's notices, newest first."""
    account_id = require_signed_in(actor)
    statement = select(Delivery).where(_shown_to(account_id))
    if before is not None:
        statement = statement.where(Delivery.id < before)
    rows = list(session.scalars(statement.order_by(Delivery.id.desc()).limit(limit + 1)))
    page = rows[:limit]
    return NoticeList(
        items=tuple(_to_view(delivery) for delivery in page), next=page[-1].id if len(rows) > limit else None
    )


def count_unread(session: Session, actor: Actor) -> int:
    """How many notices the actor hasn't seen; nobody has none."""
    if actor.account_id is None:
        return 0
    unread = select(func.count()).where(_shown_to(actor.account_id), Delivery.read_at.is_(None))
    return session.scalar(unread) or 0


def _shown_to(account_id: int) -> ColumnElement[bool]:
    return and_(
        Delivery.account_id == account_id, Delivery.channel == Channel.WEB, Delivery.state == DeliveryState.SENT
    )


def _to_view(delivery: Delivery) -> NoticeView:
    return NoticeView(
        id=delivery.id,
        kind=delivery.kind,
        post_id=delivery.post_id,
        thread_id=delivery.thread_id,
        language=delivery.language,
        payload=delivery.payload,
        sent_at=delivery.sent_at or delivery.created_at,
        is_read=delivery.read_at is not None,
    )
