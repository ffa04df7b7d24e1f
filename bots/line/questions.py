"""From what a person typed to a question, an addition or a reply, with no more taps than are needed, and how that is
acknowledged. Runs inside the transaction that also finishes the event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.catalogue import translate
from app.core.crypto import Vault
from app.core.errors import NotFoundError
from app.forum.models import Channel, PostState, ThreadKind, ThreadStatus
from app.forum.queries import get_post_view, get_thread_view
from app.forum.service.posts import Created, NewPost, create_post
from app.forum.service.texts import MAX_TITLE_LENGTH
from app.forum.service.threads import NewThread, create_thread, want_language
from app.interpreting.queries import estimate_waits
from app.notifications.service import replan_for_account
from bots.line import texts
from bots.line.conversation import Conversation, Part, Step
from bots.line.identities import Person, remember_conversation, set_reading_language, to_locale
from bots.line.messages import list_place_choices, make_choice_card, make_language_card, make_text
from bots.line.models import LineMessage
from bots.line.turns import Turn
from bots.line.units import cut_to_clusters, cut_to_units
from translation.detection import detect_language
from translation.engines.registry import EngineRegistry
from translation.languages import LanguageTag
from translation.models import EngineSet
from translation.results import Detection

#: Where a question goes whose author was not asked for a topic; an interpreter sorts it.
CATEGORY: Final = "dont-know"
_TITLE_CLUSTERS: Final = 80
_COMMON_LANGUAGE: Final = LanguageTag.ZH_HANT


@dataclass(frozen=True)
class Desk:
    """What the handlers of an event need besides the session. ``likely`` is the language of the person's own LINE."""

    vault: Vault
    engines: Mapping[EngineSet, EngineRegistry]
    now: datetime
    likely: LanguageTag | None = None


def take_text(session: Session, *, desk: Desk, person: Person, part: Part, at: datetime) -> Turn:
    """A text of the person, written at ``at``: a reply she announced, or (part of) a question."""
    target = person.conversation.find_reply_target(at)
    if target is not None:
        return _reply_to_post(session, desk=desk, person=person, post_id=target, part=part)
    return decide_question(session, desk=desk, person=person, parts=(*person.conversation.parts, part))


def decide_question(session: Session, *, desk: Desk, person: Person, parts: tuple[Part, ...]) -> Turn:
    """Post the texts, or keep them and ask the one thing that isn't known."""
    conversation = person.conversation.wait_for(Step.PLACE, parts)
    detection = detect_language(conversation.text)
    if detection.tag.is_known:
        person = set_reading_language(session, person=person, language=detection.tag, is_chosen=False)
    elif person.identity.language is None:
        asking = conversation.wait_for(Step.LANGUAGE, parts)
        remember_conversation(session, vault=desk.vault, person=person, conversation=asking)
        questions = texts.in_every_language(texts.ASK_LANGUAGE)
        return Turn(messages=(make_language_card(to_locale(person.reading_language), questions),), must_arrive=True)
    number = find_open_question(session, person)
    if number is None:
        return ask_question(session, desk=desk, person=person, parts=parts)
    remember_conversation(session, vault=desk.vault, person=person, conversation=conversation)
    question = translate(person.locale, texts.ASK_PLACE, number=number)
    card = make_choice_card([question], list_place_choices(person.locale))
    return Turn(messages=(card,), must_arrive=True)


def find_open_question(session: Session, person: Person) -> int | None:
    """The thread that the person asked last here, while it is open and its question is still there."""
    thread_id = person.identity.thread_id
    if thread_id is None:
        return None
    try:
        view = get_thread_view(
            session, actor=person.actor, thread_id=thread_id, language=person.reading_language, limit=1
        )
    except NotFoundError:
        return None
    return view.id if view.status is ThreadStatus.OPEN and view.title.text else None


def ask_question(session: Session, *, desk: Desk, person: Person, parts: Sequence[Part]) -> Turn:
    """Open a thread with the texts. The first message is the key: the same one never opens two."""
    body = "\n".join(part.text for part in parts)
    new = NewThread(
        category=CATEGORY,
        kind=ThreadKind.QUESTION,
        title=make_title(body),
        body=body,
        language=_declare_language(person, detect_language(body)),
        channel=Channel.LINE,
    )
    created = create_thread(session, actor=person.actor, new=new, key=_make_key(parts), now=desk.now)
    person.identity.thread_id = created.thread_id
    _settle(session, desk=desk, person=person, parts=parts, post_id=created.post_id)
    return _acknowledge_question(session, desk=desk, person=person, created=created)


def add_to_question(
    session: Session, *, desk: Desk, person: Person, parts: Sequence[Part], thread_id: int, reply_to: int | None = None
) -> Turn:
    """Add the texts to a thread as one post."""
    body = "\n".join(part.text for part in parts)
    new = NewPost(
        body=body,
        language=_declare_language(person, detect_language(body)),
        reply_to=reply_to,
        channel=Channel.LINE,
    )
    created = create_post(session, actor=person.actor, thread_id=thread_id, new=new, key=_make_key(parts), now=desk.now)
    _settle(session, desk=desk, person=person, parts=parts, post_id=created.post_id)
    return Turn(messages=(make_text(translate(person.locale, texts.ADDED, number=thread_id)),))


def want_answers(session: Session, *, person: Person, now: datetime) -> None:
    """The person reads another language now: the answers to her open question are wanted in it."""
    thread_id = find_open_question(session, person)
    if thread_id is None or person.actor.account_id is None:
        return
    language = person.reading_language
    view = get_thread_view(session, actor=person.actor, thread_id=thread_id, language=language)
    want_language(session, post_ids=[post.id for post in view.posts], language=language, now=now)
    replan_for_account(session, account_id=person.actor.account_id, now=now)


def make_title(body: str) -> str:
    """The question's first line, short."""
    first_line = next(line for line in body.splitlines() if line.strip())
    return cut_to_units(cut_to_clusters(first_line.strip(), _TITLE_CLUSTERS), MAX_TITLE_LENGTH)


def _reply_to_post(session: Session, *, desk: Desk, person: Person, post_id: int, part: Part) -> Turn:
    post = get_post_view(session, actor=person.actor, post_id=post_id, language=person.reading_language)
    return add_to_question(session, desk=desk, person=person, parts=[part], thread_id=post.thread_id, reply_to=post.id)


def _declare_language(person: Person, detection: Detection) -> LanguageTag | None:
    """What the person is taken to say about her text: the language she chose, where the text doesn't tell."""
    return None if detection.tag.is_known else person.identity.language


def _make_key(parts: Sequence[Part]) -> str:
    return f"line:{parts[0].message_key}"


def _settle(session: Session, *, desk: Desk, person: Person, parts: Sequence[Part], post_id: int) -> None:
    """The texts are posted: unsending any of the messages withdraws the post, and nothing waits any more."""
    keys = [part.message_key for part in parts]
    session.execute(update(LineMessage).where(LineMessage.message_key.in_(keys)).values(post_id=post_id))
    conversation: Conversation = person.conversation.settle()
    remember_conversation(session, vault=desk.vault, person=person, conversation=conversation)


def _acknowledge_question(session: Session, *, desk: Desk, person: Person, created: Created) -> Turn:
    locale = person.locale
    post = get_post_view(session, actor=person.actor, post_id=created.post_id, language=person.reading_language)
    number = created.thread_id
    if post.state is PostState.HELD:
        message = make_text(translate(locale, texts.QUESTION_HELD, number=number))
    else:
        message = make_text(
            translate(locale, texts.QUESTION_RECEIVED, number=number),
            _describe_wait(session, desk=desk, locale=locale, language=post.language.tag),
            translate(locale, texts.QUESTION_IS_PUBLIC),
        )
    return Turn(messages=(message,), must_arrive=True)


def _describe_wait(session: Session, *, desk: Desk, locale: str, language: LanguageTag) -> str:
    """An honest word where no machine can make the question readable here; empty where one can."""
    pair = (language, _COMMON_LANGUAGE)
    if language in (LanguageTag.ZH_HANT, LanguageTag.ZH_HANS, LanguageTag.UND):
        return ""
    if desk.engines[EngineSet.INSTALLED].find_route(*pair) is not None:
        return ""
    wait = estimate_waits(session, {pair}, now=desk.now)[pair]
    estimate = _estimate(locale, wait.people_on_shift, wait.expected_seconds)
    return f"{translate(locale, texts.NO_MACHINE)} {estimate}".strip()


def _estimate(locale: str, people_on_shift: int, expected_seconds: int | None) -> str:
    if expected_seconds is None:
        return "" if people_on_shift else translate(locale, texts.NOBODY_ON_SHIFT)
    minutes = max(5, round(expected_seconds / 300) * 5)
    if minutes < 90:
        return translate(locale, texts.WAIT_MINUTES, minutes=minutes)
    return translate(locale, texts.WAIT_HOURS, hours=round(minutes / 60))
