"""The honest notice to an asker whose answer waits for a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import Account
from app.forum.models import Channel, Post, Thread
from app.forum.service.texts import to_translated_language
from app.notifications.models import Delivery, DeliveryKind, DeliveryState
from app.notifications.service import BATCH, announce, insert_delivery
from translation.models import TranslationState
from translation.queries import find_translation

#: An answer may wait so long for a person before its asker is told.
WAITING_NOTICE_AFTER: Final = timedelta(minutes=10)


def plan_waiting_notices(session: Session, *, now: datetime, after: timedelta = WAITING_NOTICE_AFTER) -> int:
    """Tell askers whose answer has waited for a person for longer than ``after``; the number of those told.

    Once a wait: no second notice in the same thread until an answer has come through. On the web the page says it.
    """
    told = aliased(Delivery)
    came = aliased(Delivery)
    since = exists().where(
        came.account_id == told.account_id,
        came.thread_id == told.thread_id,
        came.channel == told.channel,
        came.kind == DeliveryKind.ANSWER,
        came.sent_at > told.created_at,
    )
    was_told = exists().where(
        told.account_id == Delivery.account_id,
        told.thread_id == Delivery.thread_id,
        told.channel == Delivery.channel,
        told.kind == DeliveryKind.WAITING_NOTICE,
        ~since,
    )
    rows = session.execute(
        select(Delivery, Post)
        .join(Post, Post.id == Delivery.post_id)
        .join(Thread, and_(Thread.id == Delivery.thread_id, Thread.author_id == Delivery.account_id))
        .where(
            Delivery.kind == DeliveryKind.ANSWER,
            Delivery.channel != Channel.WEB,
            Delivery.state == DeliveryState.PLANNED,
            Delivery.available_at.is_(None),
            Delivery.created_at <= now - after,
            ~was_told,
        )
        .order_by(Delivery.id)
        .limit(BATCH)
    )
    planned: dict[tuple[int, int, Channel], Channel] = {}
    for delivery, post in rows.all():
        place = (delivery.account_id, post.thread_id, delivery.channel)
        if place not in planned and _waits_for_a_person(session, delivery, post):
            _plan_notice(session, delivery, now)
            planned[place] = delivery.channel
    announce(session, planned.values(), now)
    return len(planned)


def _waits_for_a_person(session: Session, delivery: Delivery, post: Post) -> bool:
    target = to_translated_language(delivery.language)
    translation = find_translation(session, source_text_id=post.source_text_id, target=target)
    return translation is not None and translation.state is TranslationState.WAITING


def _plan_notice(session: Session, answer: Delivery, now: datetime) -> None:
    account = session.get_one(Account, answer.account_id)
    insert_delivery(
        session,
        account,
        answer.channel,
        kind=DeliveryKind.WAITING_NOTICE,
        subject=str(answer.post_id),
        post_id=answer.post_id,
        thread_id=answer.thread_id,
        payload=answer.payload,
        available_at=now,
        now=now,
    )
