"""The only writers of moderation: reports come in, items open, somebody decides, and everybody concerned is told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, true, update
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.accounts.service import suspend_account
from app.core import outbox
from app.core.actor import Actor
from app.core.db import insert_if_absent
from app.forum.events import PostHeld
from app.forum.models import Post, PostState
from app.forum.policy import require, require_signed_in
from app.forum.service.access import require_readable_post
from app.forum.service.locks import lock_thread
from app.forum.service.posts import hide_post, remove_post, restore_post
from app.notifications.models import DeliveryKind
from app.notifications.service import plan_notice
from moderation import policy
from moderation.errors import AlreadyDecidedError, ItemNotFoundError
from moderation.events import DecisionMade, PostReported
from moderation.models import (
    Action,
    ItemKind,
    ItemState,
    ModerationDecision,
    ModerationItem,
    Report,
    ReportReason,
)
from translation.models import SourceText
from translation.text import parse_user_text

MAX_NOTE_LENGTH = 1_000


def report_post(
    session: Session, *, actor: Actor, post_id: int, reason: ReportReason, note: str | None, now: datetime
) -> Report:
    """A reader says that a post should be looked at. Reporting it again while it is open gives the first report back.

    Raises :class:`PostNotFoundError`, :class:`ForbiddenError` (the own post), :class:`InvalidInputError`.
    """
    reporter_id = require_signed_in(actor)
    post = require_readable_post(session, actor=actor, post_id=post_id)
    require(policy.can_report(actor, author_id=post.author_id))
    said = parse_user_text(note, field="note", max_length=MAX_NOTE_LENGTH) if note and note.strip() else None
    # A decision about this post closes the item under the same lock, so that no report gets into a closed one.
    lock_thread(session, post.thread_id)
    item = _open_item(session, post_id, ItemKind.REPORTED, None, now)
    values = {
        "item_id": item.id,
        "post_id": post_id,
        "reporter_id": reporter_id,
        "reason": reason,
        "note": said,
        "created_at": now,
    }
    is_new = insert_if_absent(session, Report, values)
    if is_new:
        outbox.record(session, PostReported(item_id=item.id), now=now)
    return session.scalars(select(Report).where(Report.item_id == item.id, Report.reporter_id == reporter_id)).one()


def open_item_for_held(session: Session, event: PostHeld, now: datetime) -> None:
    """*Now* subscriber: whatever screening holds, somebody looks at."""
    post = session.get_one(Post, event.post_id)
    item = _open_item(session, post.id, ItemKind.SCREENED, post.hold_reason, now)
    outbox.record(session, PostReported(item_id=item.id), now=now)


def _open_item(
    session: Session, post_id: int, kind: ItemKind, hold_reason: str | None, now: datetime
) -> ModerationItem:
    """The post's open item, opened if there is none."""
    values = {
        "post_id": post_id,
        "kind": kind,
        "state": ItemState.OPEN,
        "hold_reason": hold_reason,
        "created_at": now,
    }
    insert_if_absent(session, ModerationItem, values)
    return session.scalars(
        select(ModerationItem).where(ModerationItem.post_id == post_id, ModerationItem.state == ItemState.OPEN)
    ).one()


def decide_item(
    session: Session, *, actor: Actor, item_id: int, action: Action, note: str, now: datetime
) -> ModerationDecision:
    """Decide about a post, once, and do it. Only about a hidden post can be decided again: to keep it after all, or to
    remove it.

    keep: it is shown (a held one is published, a hidden one restored) · hide: nobody reads it until it is restored ·
    remove: its text and everything made from it is gone · warn: its author is told, readers see it as before ·
    suspend: it is hidden, and its author can't write any more. A held post never stays in between: unless it is kept,
    it is hidden or removed.

    Raises :class:`ItemNotFoundError`, :class:`ForbiddenError`, :class:`AlreadyDecidedError`.
    """
    actor_id = require_signed_in(actor)
    item, post = _find_item(session, actor, item_id)
    author = session.get_one(Account, post.author_id)
    language = session.get_one(SourceText, post.source_text_id).language
    require(policy.can_decide(actor, action=action, language=language, author_id=author.id, author_roles=author.roles))
    said = parse_user_text(note, field="note", max_length=MAX_NOTE_LENGTH) if note.strip() else ""
    lock_thread(session, post.thread_id)
    session.refresh(post)
    is_due = true() if _is_undecided(post, action) else ModerationItem.state == ItemState.OPEN
    decided = session.execute(
        update(ModerationItem)
        .where(ModerationItem.id == item.id, is_due)
        .values(state=ItemState.DECIDED, decided_at=now)
        .returning(ModerationItem.id)
    ).all()
    if not decided:
        raise AlreadyDecidedError
    decision = ModerationDecision(item_id=item.id, action=action, note=said, actor_id=actor_id, created_at=now)
    session.add(decision)
    session.flush()
    _apply(session, post, action, now)
    outbox.record(session, DecisionMade(item_id=item.id, decision_id=decision.id), now=now)
    return decision


def _find_item(session: Session, actor: Actor, item_id: int) -> tuple[ModerationItem, Post]:
    require(policy.can_moderate(actor))
    item = session.get(ModerationItem, item_id)
    post = session.get(Post, item.post_id) if item is not None else None
    if item is None or post is None:
        raise ItemNotFoundError
    language = session.get_one(SourceText, post.source_text_id).language
    if not policy.can_see_item(actor, language=language):
        raise ItemNotFoundError
    return item, post


def _is_undecided(post: Post, action: Action) -> bool:
    """A hidden post is in between: it can be restored or removed by another decision. The caller has locked it."""
    return post.state is PostState.HIDDEN and action in (Action.KEEP, Action.REMOVE)


def _apply(session: Session, post: Post, action: Action, now: datetime) -> None:
    is_held = post.state is PostState.HELD
    if action is Action.KEEP and post.state in (PostState.HELD, PostState.HIDDEN):
        restore_post(session, post_id=post.id, now=now)
    elif action is Action.REMOVE and post.state is not PostState.WITHDRAWN:
        remove_post(session, post=post, now=now)
    elif action in (Action.HIDE, Action.SUSPEND) or (action is Action.WARN and is_held):
        hide_post(session, post_id=post.id, now=now)
    if action is Action.SUSPEND:
        suspend_account(session, account_id=post.author_id, now=now)


def notify_of_decision(session: Session, *, decision_id: int, now: datetime) -> None:
    """Tell the author what was decided, and everybody who reported the post what came of it; each once, in codes: the
    edges say it in the recipient's language. Nobody learns who reported."""
    decision = session.get_one(ModerationDecision, decision_id)
    item = session.get_one(ModerationItem, decision.item_id)
    post = session.get_one(Post, item.post_id)
    reports = session.scalars(select(Report).where(Report.item_id == item.id).order_by(Report.id)).all()
    reasons = sorted({report.reason.value for report in reports} | ({item.hold_reason} if item.hold_reason else set()))
    told = [(post.author_id, DeliveryKind.DECISION, {"action": decision.action.value, "reasons": reasons})]
    told += [(report.reporter_id, DeliveryKind.REPORT_OUTCOME, {"action": decision.action.value}) for report in reports]
    for account_id, kind, payload in told:
        plan_notice(
            session,
            account_id=account_id,
            kind=kind,
            subject=str(decision.id),
            post_id=post.id,
            thread_id=post.thread_id,
            payload=payload,
            now=now,
        )
