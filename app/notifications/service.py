"""Who is told what, when and by which channel. Planned with the event, sent by the channel's edge, exactly once.

A delivery is planned when something happens, and may go out when its subject can be read in the recipient's language.
The web's own notices have nothing to send: they are there as soon as they may be. For other channels the edge claims
what is due, sends it with the delivery's own retry key, and says what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core import outbox
from app.core.actor import Actor
from app.core.db import insert_if_absent
from app.forum.events import PostWithdrawn
from app.forum.models import Category, Channel, Follow, Post, PostState, Thread
from app.forum.policy import require_signed_in
from app.forum.service.locks import lock_thread
from app.forum.service.texts import to_translated_language
from app.notifications.events import DeliveryPlanned
from app.notifications.models import AccountChannel, Delivery, DeliveryKind, DeliveryState
from translation.languages import LanguageTag
from translation.models import SourceText, TranslationState
from translation.queries import load_views

#: How long a claimed delivery is left to its sender; longer than a batch of slow requests.
SENDING_LEASE: Final = timedelta(minutes=5)
#: How long the other side remembers a retry key. After that the same notice could arrive twice, so it is given up.
RETRY_KEY_LIFETIME: Final = timedelta(hours=24)
FIRST_RETRY: Final = timedelta(seconds=30)
LONGEST_RETRY: Final = timedelta(hours=1)
BATCH = 100
_MAX_ERROR_LENGTH = 80

#: Notices that make no sense without their post. What was decided about a post is told all the same.
_ABOUT_POST = (DeliveryKind.ANSWER, DeliveryKind.WAITING_NOTICE)
_UNSENT = (DeliveryState.PLANNED, DeliveryState.SENDING)


@dataclass(frozen=True)
class ClaimedDelivery:
    """What a channel's edge needs to send one notice. ``attempt`` counts from 1."""

    id: int
    account_id: int
    kind: DeliveryKind
    post_id: int | None
    thread_id: int | None
    language: LanguageTag
    payload: dict[str, Any]
    retry_key: str
    attempt: int


def set_channel(session: Session, *, account_id: int, channel: Channel, is_active: bool, now: datetime) -> None:
    """The person can be reached by this channel, or no longer; then what was not sent is dropped."""
    values = {"account_id": account_id, "channel": channel, "is_active": is_active, "changed_at": now}
    if not insert_if_absent(session, AccountChannel, values):
        session.execute(
            update(AccountChannel)
            .where(AccountChannel.account_id == account_id, AccountChannel.channel == channel)
            .values(is_active=is_active, changed_at=now)
        )
    if not is_active:
        session.execute(
            update(Delivery)
            .where(Delivery.account_id == account_id, Delivery.channel == channel, Delivery.state.in_(_UNSENT))
            .values(state=DeliveryState.SUPPRESSED)
        )


def plan_for_post(session: Session, *, post_id: int, now: datetime) -> None:
    """Everybody who follows the thread, but the author, hears of a visible post. Safe to run again, also for a post
    that was hidden in between: who has been told is not told twice."""
    post = _lock_visible_post(session, post_id)
    if post is None:
        return
    thread = session.get_one(Thread, post.thread_id)
    payload = {"generic": thread.is_private or session.get_one(Category, thread.category_id).is_risky}
    for account, channels in _load_followers(session, post):
        for channel in channels:
            key = insert_delivery(
                session,
                account,
                channel,
                kind=DeliveryKind.ANSWER,
                subject=str(post.id),
                post_id=post.id,
                thread_id=thread.id,
                payload=payload,
                available_at=None,
                now=now,
            )
            _revive(session, key)
    _release_readable(session, post, now)


def plan_for_translation(session: Session, *, post_id: int, language: str, now: datetime) -> None:
    """A post may be readable in ``language`` now: who waited for that is told. Who was told before isn't told again,
    however much better the text has become."""
    post = _lock_visible_post(session, post_id)
    if post is not None:
        _release_readable(session, post, now, only=LanguageTag(language))


def replan_for_account(session: Session, *, account_id: int, now: datetime) -> None:
    """The person reads another language now: answers that waited for the former one may be readable."""
    waiting = select(Delivery.post_id).where(
        Delivery.account_id == account_id, Delivery.state == DeliveryState.PLANNED, Delivery.available_at.is_(None)
    )
    rows = session.execute(
        select(Post.id, Post.thread_id).where(Post.id.in_(waiting)).order_by(Post.thread_id, Post.id)
    )
    for post_id, _ in rows.all():
        post = _lock_visible_post(session, post_id)
        if post is not None:
            _release_readable(session, post, now)


def plan_notice(
    session: Session,
    *,
    account_id: int,
    kind: DeliveryKind,
    subject: str,
    post_id: int | None,
    thread_id: int | None,
    payload: dict[str, Any],
    now: datetime,
) -> None:
    """Tell one person something that needs no translation, by all her channels, once a ``subject``."""
    account = session.get_one(Account, account_id)
    channels = _load_channels(session, [account_id]).get(account_id, [Channel.WEB])
    for channel in channels:
        insert_delivery(
            session,
            account,
            channel,
            kind=kind,
            subject=subject,
            post_id=post_id,
            thread_id=thread_id,
            payload=payload,
            available_at=now,
            now=now,
        )
    announce(session, channels, now)


def suppress_for_post(session: Session, event: PostWithdrawn, now: datetime) -> None:
    """*Now* subscriber: nobody is told of a post that vanished, and the web's notices of it go."""
    session.execute(
        update(Delivery)
        .where(
            Delivery.post_id == event.post_id,
            Delivery.kind.in_(_ABOUT_POST),
            or_(
                Delivery.state.in_(_UNSENT),
                and_(Delivery.channel == Channel.WEB, Delivery.state == DeliveryState.SENT),
            ),
        )
        .values(state=DeliveryState.SUPPRESSED, available_at=None)
    )


def mark_read(session: Session, *, actor: Actor, now: datetime, thread_id: int | None = None) -> None:
    """The actor has seen her notices: all of them, or those of one thread."""
    account_id = require_signed_in(actor)
    statement = update(Delivery).where(Delivery.account_id == account_id, Delivery.read_at.is_(None))
    if thread_id is not None:
        statement = statement.where(Delivery.thread_id == thread_id)
    session.execute(
        statement.where(Delivery.channel == Channel.WEB, Delivery.state == DeliveryState.SENT).values(read_at=now)
    )


def claim_due(session: Session, *, channel: Channel, now: datetime, limit: int = BATCH) -> list[ClaimedDelivery]:
    """Take what is due, oldest first. What another sender took and never settled is due again when its lease is over,
    with the same retry key; what could not be sent while that key was good is given up."""
    is_due = and_(Delivery.channel == channel, Delivery.state.in_(_UNSENT), Delivery.available_at <= now)
    session.execute(
        update(Delivery)
        .where(is_due, Delivery.first_attempt_at <= now - RETRY_KEY_LIFETIME)
        .values(state=DeliveryState.EXPIRED)
    )
    is_reachable = exists().where(
        AccountChannel.account_id == Delivery.account_id,
        AccountChannel.channel == Delivery.channel,
        AccountChannel.is_active,
    )
    ids = session.scalars(
        select(Delivery.id)
        .where(is_due, is_reachable)
        .order_by(Delivery.available_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not ids:
        return []
    rows = session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids))
        .values(
            state=DeliveryState.SENDING,
            attempts=Delivery.attempts + 1,
            first_attempt_at=func.coalesce(Delivery.first_attempt_at, now),
            available_at=now + SENDING_LEASE,
        )
        .returning(
            Delivery.id,
            Delivery.account_id,
            Delivery.kind,
            Delivery.post_id,
            Delivery.thread_id,
            Delivery.language,
            Delivery.payload,
            Delivery.retry_key,
            Delivery.attempts,
        )
        .execution_options(synchronize_session=False)
    )
    return sorted((ClaimedDelivery(*row) for row in rows), key=lambda claimed: claimed.id)


def mark_sent(session: Session, *, delivery_id: int, now: datetime) -> None:
    """The other side has it. Where the post has vanished meanwhile the delivery stays suppressed, but known as sent."""
    row = update(Delivery).where(Delivery.id == delivery_id, Delivery.sent_at.is_(None))
    session.execute(row.where(Delivery.state == DeliveryState.SUPPRESSED).values(sent_at=now))
    session.execute(
        row.where(Delivery.state.in_(_UNSENT)).values(state=DeliveryState.SENT, sent_at=now, available_at=None)
    )


def mark_retry(
    session: Session, *, delivery_id: int, error: str, now: datetime, after: timedelta | None = None
) -> None:
    """Not this time. Tried again with the same key after a growing pause, or after what the other side asked for."""
    attempts = session.scalar(select(Delivery.attempts).where(Delivery.id == delivery_id)) or 1
    pause = after if after is not None else min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(attempts - 1, 10))
    _settle_failure(session, delivery_id, DeliveryState.PLANNED, error, now + pause)


def mark_failed(session: Session, *, delivery_id: int, error: str) -> None:
    """Never: the other side refuses this notice for good."""
    _settle_failure(session, delivery_id, DeliveryState.FAILED, error, None)


def _settle_failure(
    session: Session, delivery_id: int, state: DeliveryState, error: str, available_at: datetime | None
) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.SENDING)
        .values(state=state, error=error[:_MAX_ERROR_LENGTH], available_at=available_at)
    )


def _lock_visible_post(session: Session, post_id: int) -> Post | None:
    """The post if readers see it. Under its thread's lock, so that a plan and a translation that arrive at the same
    moment see each other, and nothing is planned for a post that is just being taken away."""
    post = session.get(Post, post_id)
    if post is None:
        return None
    lock_thread(session, post.thread_id)
    session.refresh(post)
    return post if post.state is PostState.VISIBLE else None


def _load_followers(session: Session, post: Post) -> list[tuple[Account, Sequence[Channel]]]:
    accounts = session.scalars(
        select(Account)
        .join(Follow, Follow.account_id == Account.id)
        .where(Follow.thread_id == post.thread_id, Account.id != post.author_id, Account.suspended_at.is_(None))
        .order_by(Account.id)
    ).all()
    channels = _load_channels(session, [account.id for account in accounts])
    return [(account, channels.get(account.id, [Channel.WEB])) for account in accounts]


def _load_channels(session: Session, account_ids: Sequence[int]) -> dict[int, list[Channel]]:
    """The web, which everybody has, and what else a person can be reached by; only people with more than the web."""
    rows = session.execute(
        select(AccountChannel.account_id, AccountChannel.channel)
        .where(AccountChannel.account_id.in_(account_ids), AccountChannel.is_active)
        .order_by(AccountChannel.account_id, AccountChannel.channel)
    )
    channels: dict[int, list[Channel]] = {}
    for account_id, channel in rows:
        channels.setdefault(account_id, [Channel.WEB]).append(channel)
    return channels


def insert_delivery(
    session: Session,
    account: Account,
    channel: Channel,
    *,
    kind: DeliveryKind,
    subject: str,
    post_id: int | None,
    thread_id: int | None,
    payload: dict[str, Any],
    available_at: datetime | None,
    now: datetime,
) -> str:
    """Insert one delivery unless this person has it by this channel for this ``subject``; its dedupe key.

    Without ``available_at`` it waits to become readable; a notice of the web that may be seen has thereby been sent.
    """
    dedupe_key = f"{kind}:{subject}:{account.id}:{channel}"
    is_there = channel is Channel.WEB and available_at is not None
    values = {
        "account_id": account.id,
        "channel": channel,
        "kind": kind,
        "post_id": post_id,
        "thread_id": thread_id,
        "language": LanguageTag((account.reading_languages or [account.locale])[0]),
        "payload": payload,
        "state": DeliveryState.SENT if is_there else DeliveryState.PLANNED,
        "retry_key": str(uuid4()),
        "dedupe_key": dedupe_key,
        "attempts": 0,
        "available_at": None if is_there else available_at,
        "created_at": now,
        "sent_at": now if is_there else None,
    }
    insert_if_absent(session, Delivery, values)
    return dedupe_key


def _revive(session: Session, dedupe_key: str) -> None:
    """A notice that was dropped because its post vanished counts again; one that had gone out stays sent."""
    dropped = update(Delivery).where(Delivery.dedupe_key == dedupe_key, Delivery.state == DeliveryState.SUPPRESSED)
    session.execute(dropped.where(Delivery.sent_at.is_not(None)).values(state=DeliveryState.SENT))
    session.execute(dropped.where(Delivery.sent_at.is_(None)).values(state=DeliveryState.PLANNED, available_at=None))


def _release_readable(session: Session, post: Post, now: datetime, *, only: LanguageTag | None = None) -> None:
    """Let out the answers that their recipients can read by now. Their language is looked up anew: she may have chosen
    another since."""
    rows = session.execute(
        select(Delivery, Account)
        .join(Account, Account.id == Delivery.account_id)
        .where(
            Delivery.post_id == post.id,
            Delivery.kind == DeliveryKind.ANSWER,
            Delivery.state == DeliveryState.PLANNED,
            Delivery.available_at.is_(None),
        )
        .order_by(Delivery.id)
        .with_for_update(of=Delivery)
    )
    source = session.get_one(SourceText, post.source_text_id)
    readable: dict[LanguageTag, bool] = {}
    released: list[Delivery] = []
    for delivery, account in rows.all():
        delivery.language = _choose_language(account, source.language)
        target = to_translated_language(delivery.language)
        if only is not None and target is not only and delivery.language is not source.language:
            continue
        if target not in readable:
            readable[target] = _is_readable(session, source, target)
        if readable[target] or delivery.language is source.language:
            released.append(delivery)
    for delivery in released:
        is_web = delivery.channel is Channel.WEB
        delivery.state = DeliveryState.SENT if is_web else DeliveryState.PLANNED
        delivery.sent_at = now if is_web else None
        delivery.available_at = None if is_web else now
    session.flush()
    _drop_waiting_notices(session, post, [delivery.account_id for delivery in released])
    announce(session, [delivery.channel for delivery in released], now)


def _choose_language(account: Account, written: LanguageTag) -> LanguageTag:
    """As it was written, if she reads that; otherwise the language that she reads first."""
    if written.value in account.reading_languages:
        return written
    return LanguageTag((account.reading_languages or [account.locale])[0])


def _is_readable(session: Session, source: SourceText, target: LanguageTag) -> bool:
    if source.language is target:
        return True
    view = load_views(session, source_text_ids=[source.id], target=target).get(source.id)
    return view is not None and view.state in (TranslationState.MACHINE, TranslationState.VERIFIED)


def _drop_waiting_notices(session: Session, post: Post, account_ids: Sequence[int]) -> None:
    """The answer itself goes out now; a notice that it waits would come too late."""
    session.execute(
        update(Delivery)
        .where(
            Delivery.post_id == post.id,
            Delivery.kind == DeliveryKind.WAITING_NOTICE,
            Delivery.state == DeliveryState.PLANNED,
            Delivery.account_id.in_(account_ids),
        )
        .values(state=DeliveryState.SUPPRESSED)
    )


def announce(session: Session, channels: Iterable[Channel], now: datetime) -> None:
    for channel in sorted(set(channels) - {Channel.WEB}):
        outbox.record(session, DeliveryPlanned(channel=channel), now=now)
