"""The stored events: putting them in once, handing them out in order, and their reply tokens. Knows no HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.core.crypto import Vault
from app.core.db import insert_if_absent
from bots.line.events import EventKind, LineEvent, read_event
from bots.line.models import BLOCKING, UNFINISHED, InboxState, LineInbox

#: LINE forgets a reply token a minute after it sent the event; the rest is for the way there and back.
REPLY_WINDOW: Final = timedelta(seconds=50)
#: A redelivery renews the minute, up to twenty minutes after the event.
_TOKEN_LIFETIME: Final = timedelta(minutes=19)
#: Longer than the slowest calls to LINE of one event.
LEASE: Final = timedelta(seconds=90)
#: How long an event is remembered, so that it is not handled twice; dead ones are left to the operator for longer.
_REMEMBERED: Final = timedelta(days=7)
_DEAD_REMEMBERED: Final = timedelta(days=30)


@dataclass(frozen=True)
class Claimed:
    """An event that this worker has for the time of a lease."""

    event_id: str
    state: InboxState
    attempts: int


def store_events(session: Session, *, vault: Vault, events: Sequence[object], body: bytes, now: datetime) -> int:
    """Store the events of one webhook, each once; how many were new. ``body`` names events that come without an id."""
    return sum(
        _store_event(session, vault, event, event.event_id or _make_id(body, position), now)
        for position, event in enumerate(map(read_event, events))
    )


def _store_event(session: Session, vault: Vault, event: LineEvent, event_id: str, now: datetime) -> bool:
    lane = event.user_id or event.chat_id
    message_key = vault.look_up_key(event.message_id) if event.message_id else None
    can_reply = event.reply_token is not None and event.is_active
    # What isn't handled leaves no content here, least of all what people say in groups.
    stored = event.model_copy(update={"reply_token": None}).model_dump_json() if event.is_handled else None
    values = {
        "webhook_event_id": event_id,
        "event_at": event.event_at or now,
        "kind": event.kind,
        "chat_key": vault.look_up_key(lane) if lane else None,
        "message_key": message_key if event.is_handled else None,
        "payload_encrypted": vault.encrypt(stored) if stored else None,
        "reply_token_encrypted": vault.encrypt(event.reply_token) if event.reply_token and can_reply else None,
        "reply_usable_until": now + REPLY_WINDOW if can_reply else None,
        "received_at": now,
        "is_redelivery": event.is_redelivery,
        "state": InboxState.NEW if event.is_handled else InboxState.IGNORED,
        "attempts": 0,
        "available_at": now,
    }
    if insert_if_absent(session, LineInbox, values):
        return True
    if event.is_redelivery:
        _renew_token(session, event_id, now)
    return False


def _make_id(body: bytes, position: int) -> str:
    return f"unnamed-{hashlib.sha256(body).hexdigest()}-{position}"


def _renew_token(session: Session, event_id: str, now: datetime) -> None:
    row = session.get_one(LineInbox, event_id, with_for_update=True)
    row.is_redelivery = True
    if row.reply_token_encrypted is not None and row.reply_used_at is None:
        row.reply_usable_until = min(now + REPLY_WINDOW, row.event_at + _TOKEN_LIFETIME)


def find_next(session: Session, *, now: datetime) -> Claimed | None:
    """The oldest event that may be handled now. One lane a chat: an event waits for the earlier ones of its chat; only
    taking a message back doesn't wait."""
    row = session.scalar(_due(now))
    return None if row is None else Claimed(row.webhook_event_id, row.state, row.attempts)


def _due(now: datetime) -> Select[LineInbox]:
    earlier = aliased(LineInbox)
    is_blocked = (
        select(earlier.webhook_event_id)
        .where(
            earlier.chat_key == LineInbox.chat_key,
            earlier.state.in_(BLOCKING),
            or_(
                earlier.event_at < LineInbox.event_at,
                and_(
                    earlier.event_at == LineInbox.event_at,
                    earlier.webhook_event_id < LineInbox.webhook_event_id,
                ),
            ),
        )
        .exists()
    )
    return (
        select(LineInbox)
        .where(
            LineInbox.state.in_(UNFINISHED),
            LineInbox.available_at <= now,
            or_(LineInbox.kind == EventKind.UNSEND, ~is_blocked),
        )
        .order_by(LineInbox.event_at, LineInbox.webhook_event_id)
        .limit(1)
    )


def claim(session: Session, found: Claimed, *, now: datetime) -> Claimed | None:
    """Take the event, or None if somebody else was faster."""
    state = InboxState.ANSWERING if found.state is InboxState.ANSWERING else InboxState.PROCESSING
    taken = session.execute(
        update(LineInbox)
        .where(
            LineInbox.webhook_event_id == found.event_id,
            LineInbox.state == found.state,
            LineInbox.attempts == found.attempts,
            LineInbox.available_at <= now,
        )
        .values(state=state, attempts=LineInbox.attempts + 1, available_at=now + LEASE)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return None
    return Claimed(found.event_id, state, found.attempts + 1)


@dataclass(frozen=True)
class ReplyToken:
    """``is_repeat`` says that it was tried before: if LINE refuses it now, the first attempt had arrived."""

    token: str
    is_repeat: bool


def take_reply_token(session: Session, *, vault: Vault, event_id: str, now: datetime) -> ReplyToken | None:
    """The event's reply token, marked as used before it is; None if it is too old or was never there."""
    usable = (LineInbox.webhook_event_id == event_id, LineInbox.reply_usable_until > now)
    taken = session.execute(
        update(LineInbox).where(*usable, LineInbox.reply_used_at.is_(None)).values(reply_used_at=now)
    )
    encrypted = session.scalar(select(LineInbox.reply_token_encrypted).where(*usable))
    if encrypted is None:
        return None
    return ReplyToken(vault.decrypt(encrypted), is_repeat=taken.rowcount != 1)  # type: ignore[attr-defined]


def find_free_token(session: Session, *, chat_key: str, now: datetime) -> str | None:
    """The id of a finished event of the chat whose reply token nobody has used."""
    return session.scalar(
        select(LineInbox.webhook_event_id)
        .where(
            LineInbox.chat_key == chat_key,
            LineInbox.reply_used_at.is_(None),
            LineInbox.reply_usable_until > now,
            LineInbox.state.not_in(UNFINISHED),
        )
        .order_by(LineInbox.reply_usable_until.desc())
        .limit(1)
    )


def finish(session: Session, event_id: str, state: InboxState, *, error: str | None = None) -> None:
    """The event is over; what it held goes, but for a reply token that nobody needed."""
    this = update(LineInbox).where(LineInbox.webhook_event_id == event_id)
    session.execute(this.values(state=state, payload_encrypted=None, turn_encrypted=None, error=error))
    session.execute(this.where(LineInbox.reply_used_at.is_not(None)).values(reply_token_encrypted=None))


def postpone(session: Session, event_id: str, *, until: datetime, error: str) -> None:
    """Try again later."""
    session.execute(
        update(LineInbox)
        .where(LineInbox.webhook_event_id == event_id, LineInbox.state.in_(UNFINISHED))
        .values(available_at=until, error=error)
    )


def has_forgettable(session: Session, *, now: datetime) -> bool:
    """Whether :func:`forget_old` has something to do; cheap."""
    return session.scalar(select(LineInbox.webhook_event_id).where(_is_forgettable(now)).limit(1)) is not None


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete what is over for long."""
    session.execute(delete(LineInbox).where(_is_forgettable(now)))


def _is_forgettable(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(LineInbox.received_at < now - _REMEMBERED, LineInbox.state.in_((InboxState.DONE, InboxState.IGNORED))),
        LineInbox.received_at < now - _DEAD_REMEMBERED,
    )
