"""What a notice says in LINE. Pure."""

from __future__ import annotations

from app.core.catalogue import translate
from app.forum.views import PostView
from app.notifications.models import DeliveryKind
from app.notifications.service import ClaimedDelivery
from bots.line import texts
from bots.line.cards import make_answer_card
from bots.line.messages import JsonObject, make_text


def make_answer_notice(delivery: ClaimedDelivery, post: PostView, *, locale: str, url: str) -> JsonObject:
    """The answer itself. Where a look over the shoulder could do harm, the preview on a locked phone tells nothing."""
    card = make_answer_card(post, locale=locale, url=url)
    if delivery.payload.get("generic"):
        return {**card, "altText": translate(locale, texts.ANSWER_TO, number=post.thread_id)}
    return card


def make_waiting_notice(delivery: ClaimedDelivery, *, locale: str) -> JsonObject:
    """An answer is there, but a person has to translate it first."""
    return make_text(translate(locale, texts.ANSWER_WAITS, number=delivery.thread_id))


def make_decision_notice(delivery: ClaimedDelivery, *, locale: str) -> JsonObject:
    """What a moderator decided about the reader's own message, or about one that she reported."""
    is_own = delivery.kind is DeliveryKind.DECISION
    subject = texts.POST_DECIDED if is_own else texts.REPORT_DECIDED
    outcome = texts.DECISIONS.get(str(delivery.payload.get("action")), "")
    return make_text(
        translate(locale, subject, number=delivery.thread_id), translate(locale, outcome) if outcome else ""
    )
