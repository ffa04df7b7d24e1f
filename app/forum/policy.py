"""Who may do what in conversations. Pure: values in, a reasoned decision out."""

from __future__ import annotations

from app.core.actor import ALLOWED, Actor, Decision, deny
from app.core.errors import ForbiddenError, NotAuthenticatedError
from app.forum.models import Post, PostState, Thread, ThreadKind, ThreadStatus


def can_read_thread(actor: Actor, thread: Thread, *, is_participant: bool) -> Decision:
    """Public threads are everybody's; a private consultation is its participants', interpreters' and moderators'."""
    if not thread.is_private or is_participant or actor.is_interpreter or actor.is_moderator:
        return ALLOWED
    return deny("forum.private")


def can_ask(actor: Actor, kind: ThreadKind) -> Decision:
    if actor.is_suspended:
        return deny("accounts.suspended")
    if actor.is_guest and kind is ThreadKind.DISCUSSION:
        return deny("forum.guest_asks_only")
    return ALLOWED


def can_reply(actor: Actor, thread: Thread) -> Decision:
    """Guests ask and follow, nothing else; adding to the own question is asking."""
    if actor.is_suspended:
        return deny("accounts.suspended")
    if thread.status is ThreadStatus.CLOSED:
        return deny("forum.thread_closed")
    if actor.is_guest and thread.author_id != actor.account_id:
        return deny("forum.guest_cannot_reply")
    return ALLOWED


def can_change_post(actor: Actor, post: Post) -> Decision:
    if actor.is_suspended:
        return deny("accounts.suspended")
    if post.author_id != actor.account_id:
        return deny("forum.not_author")
    return ALLOWED


def can_set_language(actor: Actor, post: Post) -> Decision:
    """The author knows best; interpreters and moderators may correct."""
    if post.author_id == actor.account_id or actor.is_interpreter or actor.is_moderator:
        return ALLOWED if not actor.is_suspended else deny("accounts.suspended")
    return deny("forum.not_author")


def can_report_language(actor: Actor) -> Decision:
    return ALLOWED if not actor.is_suspended else deny("accounts.suspended")


def can_see_post(actor: Actor, post: Post) -> bool:
    """In a thread: visible posts, and one's own while it is held. Hidden ones are seen in the moderators' room only."""
    return post.state is PostState.VISIBLE or (post.state is PostState.HELD and post.author_id == actor.account_id)


def can_rate(actor: Actor, thread: Thread) -> Decision:
    return ALLOWED if thread.author_id == actor.account_id else deny("forum.not_asker")


def require(decision: Decision) -> None:
    """Raise :class:`ForbiddenError` with the reason unless allowed."""
    if not decision:
        raise ForbiddenError(reason=decision.reason)


def require_signed_in(actor: Actor) -> int:
    """The actor's account id; raises :class:`NotAuthenticatedError`."""
    if actor.account_id is None:
        raise NotAuthenticatedError
    return actor.account_id
