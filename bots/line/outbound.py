"""The job ``line.deliver``: notices that are due go out to LINE, each once, in their reader's language.

Read and decide → commit → call LINE with no transaction open → write down what came of it. What the first attempt said
is kept until it is over, because a retry key promises the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.errors import NotFoundError
from app.forum.models import Channel, PostState
from app.forum.queries import get_post_view
from app.forum.views import PostView
from app.notifications.models import Delivery, DeliveryKind, DeliveryState
from app.notifications.service import ClaimedDelivery, claim_due, mark_failed, mark_retry, mark_sent
from app.runtime import Runtime
from bots.line.client import LineClient, Outcome, SendResult
from bots.line.identities import Person, find_identity_of_account, load_person
from bots.line.inbox import find_free_token, take_reply_token
from bots.line.models import LineSend
from bots.line.notices import make_answer_notice, make_decision_notice, make_waiting_notice

log = structlog.get_logger(__name__)

#: So few that all of them, at their slowest, are over before the lease of the last one is.
_BATCH: Final = 10
#: How soon a spent quota or a refused token is tried again; somebody has to do something first.
_OUTAGE_PAUSE: Final = timedelta(hours=1)


@dataclass(frozen=True)
class _Ready:
    """What is sent, to whom. ``free_token`` is of an event of the chat that nobody answered; it costs nothing."""

    user_id: str
    messages: list[dict[str, Any]]
    free_token: str | None


class _UnreadableError(Exception):
    """There is nothing yet that the recipient could read."""


def run_deliveries(runtime: Runtime, client: LineClient) -> int:
    """Send what is due until nothing is left, or until LINE takes nothing more for now; how many were taken."""
    taken = 0
    while claimed := _claim(runtime):
        taken += len(claimed)
        for position, delivery in enumerate(claimed):
            if _deliver(runtime, client, delivery):
                for other in claimed[position + 1 :]:
                    _put_back(runtime, other, "line.outage", after=_OUTAGE_PAUSE)
                return taken
    return taken


def _claim(runtime: Runtime) -> list[ClaimedDelivery]:
    now = runtime.clock()
    with runtime.db.reading() as session:
        # A cheap look first: an idle poll must not take the write lock of SQLite.
        if not _has_due(session, now):
            return []
    with runtime.db.transaction() as session:
        return claim_due(session, channel=Channel.LINE, now=now, limit=_BATCH)


def _has_due(session: Session, now: datetime) -> bool:
    due = select(Delivery.id).where(
        Delivery.channel == Channel.LINE,
        Delivery.state.in_((DeliveryState.PLANNED, DeliveryState.SENDING)),
        Delivery.available_at <= now,
    )
    return session.scalar(due.limit(1)) is not None


def _deliver(runtime: Runtime, client: LineClient, delivery: ClaimedDelivery) -> bool:
    """Send one notice; whether LINE will take no other one either."""
    try:
        with runtime.db.transaction() as session:
            ready = _prepare(session, runtime, delivery)
    except _UnreadableError:
        _put_back(runtime, delivery, "line.unreadable")
        return False
    if ready is None:
        with runtime.db.transaction() as session:
            _forget(session, delivery)
            mark_failed(session, delivery_id=delivery.id, error="line.gone")
        return False
    result = _send(client, delivery, ready)
    with runtime.db.transaction() as session:
        return _settle(session, delivery, result, runtime.clock())


def _prepare(session: Session, runtime: Runtime, delivery: ClaimedDelivery) -> _Ready | None:
    """Decide, at the last moment, whether it may still be sent, and what; None if it may not."""
    identity = find_identity_of_account(session, delivery.account_id)
    if identity is None or not identity.is_friend:
        return None
    vault = runtime.vault
    person = load_person(session, vault=vault, identity=identity)
    try:
        messages = _render(session, runtime, person, delivery)
    except NotFoundError:
        return None
    user_id, now = vault.decrypt(identity.user_id_encrypted), runtime.clock()
    kept = session.get(LineSend, delivery.id)
    if kept is not None:
        return _Ready(user_id, json.loads(vault.decrypt(kept.messages_encrypted)), None)
    session.add(
        LineSend(delivery_id=delivery.id, messages_encrypted=vault.encrypt(json.dumps(messages)), created_at=now)
    )
    event_id = find_free_token(session, chat_key=identity.user_key, now=now)
    token = take_reply_token(session, vault=vault, event_id=event_id, now=now) if event_id is not None else None
    is_free = token is not None and not token.is_repeat
    return _Ready(user_id, messages, token.token if token and is_free else None)


def _render(session: Session, runtime: Runtime, person: Person, delivery: ClaimedDelivery) -> list[dict[str, Any]]:
    """The messages of a notice. Raises :class:`NotFoundError` for a post that its reader may not see any more."""
    if delivery.kind in (DeliveryKind.DECISION, DeliveryKind.REPORT_OUTCOME):
        return [make_decision_notice(delivery, locale=person.locale)]
    post = get_post_view(session, actor=person.actor, post_id=delivery.post_id or 0, language=delivery.language)
    if delivery.kind is DeliveryKind.WAITING_NOTICE:
        return [make_waiting_notice(delivery, locale=person.locale)]
    if post.state is not PostState.VISIBLE or not _is_readable(post):
        raise _UnreadableError
    base = runtime.settings.effective_base_url
    url = f"{base}/{person.locale}/q/{post.thread_id}#post-{post.id}"
    return [make_answer_notice(delivery, post, locale=person.locale, url=url)]


def _is_readable(post: PostView) -> bool:
    if post.translation is not None:
        return post.translation.text is not None
    return not post.lacks_translation


def _send(client: LineClient, delivery: ClaimedDelivery, ready: _Ready) -> SendResult:
    """For free where somebody has just written and got no answer yet, else by a push."""
    if ready.free_token is not None:
        result = client.reply(ready.free_token, ready.messages)
        if result.outcome is Outcome.UNCERTAIN:
            result = client.reply(ready.free_token, ready.messages)
            if result.outcome is Outcome.REFUSED:
                # Used up by the first call, which had arrived.
                return SendResult(Outcome.ACCEPTED, result.status, result.request_id)
        if result.is_accepted:
            return result
    return client.push(ready.user_id, ready.messages, retry_key=delivery.retry_key)


def _settle(session: Session, delivery: ClaimedDelivery, result: SendResult, now: datetime) -> bool:
    code = f"line.{result.outcome}"
    is_out = result.outcome in (Outcome.QUOTA_SPENT, Outcome.UNAUTHORIZED)
    if result.is_accepted:
        _forget(session, delivery)
        mark_sent(session, delivery_id=delivery.id, now=now)
    elif result.outcome is Outcome.REFUSED:
        log.error("line.delivery_refused", delivery_id=delivery.id, kind=delivery.kind, status=result.status)
        _forget(session, delivery)
        mark_failed(session, delivery_id=delivery.id, error=code)
    else:
        if is_out:
            log.error("line.deliveries_stopped", reason=result.outcome.value)
        pause = _OUTAGE_PAUSE if is_out else None
        mark_retry(session, delivery_id=delivery.id, error=code, now=now, after=pause)
    return is_out


def _put_back(runtime: Runtime, delivery: ClaimedDelivery, code: str, *, after: timedelta | None = None) -> None:
    with runtime.db.transaction() as session:
        mark_retry(session, delivery_id=delivery.id, error=code, now=runtime.clock(), after=after)


def _forget(session: Session, delivery: ClaimedDelivery) -> None:
    session.execute(delete(LineSend).where(LineSend.delivery_id == delivery.id))
