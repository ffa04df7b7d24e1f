"""What each kind of event does. One function a kind: changes the domain through its services, and says what to answer.

Runs inside the transaction that also finishes the event, so an event that is handled twice finds its work done.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.catalogue import translate
from app.core.db import insert_if_absent
from app.core.errors import QiaoError, UnavailableError
from app.forum.models import PostState
from app.forum.queries import get_post_view
from app.forum.service.access import find_locked_post
from app.forum.service.posts import remove_post
from bots.line import texts
from bots.line.conversation import Part, Step
from bots.line.events import EventKind, LineEvent
from bots.line.identities import (
    Person,
    find_identity,
    load_person,
    lose_person,
    meet_person,
    remember_conversation,
    set_reading_language,
)
from bots.line.messages import make_greeting, make_text
from bots.line.models import UNFINISHED, InboxState, LineInbox, LineMessage
from bots.line.postbacks import Postback, Tap, find_postback
from bots.line.questions import (
    Desk,
    add_to_question,
    ask_question,
    decide_question,
    find_open_question,
    take_text,
    want_answers,
)
from bots.line.turns import SILENCE, Turn
from translation.languages import ENDONYMS, READING_LANGUAGES, LanguageTag, find_language_tag
from translation.service.verification import ReportReason, report_translation


def take_turn(session: Session, *, desk: Desk, event: LineEvent) -> Turn:
    """Handle one event. A refusal of the domain undoes what was done for it and becomes an answer; a dependency that is
    out of reach raises, and the event is tried again."""
    if event.kind in _NOTICES:
        return _NOTICES[event.kind](session, desk, event)
    if event.kind not in _HANDLERS or event.user_id is None:
        return SILENCE
    person = meet_person(session, vault=desk.vault, user_id=event.user_id, likely=desk.likely, now=desk.now)
    try:
        with session.begin_nested():
            return _HANDLERS[event.kind](session, desk, person, event)
    except UnavailableError:
        raise
    except QiaoError as error:
        # What was refused once would be refused again: it doesn't wait any longer.
        remember_conversation(session, vault=desk.vault, person=person, conversation=person.conversation.settle())
        return _say(texts.explain_error(person.locale, error)).model_copy(update={"must_arrive": True})


def _follow(session: Session, desk: Desk, person: Person, event: LineEvent) -> Turn:
    person.identity.consent_version = texts.CONSENT_VERSION
    return Turn(messages=tuple(make_greeting(person.identity.language or desk.likely)))


def _unfollow(session: Session, desk: Desk, event: LineEvent) -> Turn:
    user_key = desk.vault.look_up_key(event.user_id or "")
    identity = find_identity(session, user_key)
    if identity is not None:
        lose_person(session, identity=identity, now=desk.now)
    tokens = update(LineInbox).where(LineInbox.chat_key == user_key)
    session.execute(tokens.values(reply_token_encrypted=None, reply_usable_until=None))
    return SILENCE


def _unsend(session: Session, desk: Desk, event: LineEvent) -> Turn:
    """Everything made of the message goes. The tombstone stays for a message that arrives after it was taken back."""
    key = desk.vault.look_up_key(event.message_id or "")
    # The stored event before the tombstone: whoever is handling the message locks them in this order.
    stored = update(LineInbox).where(LineInbox.message_key == key)
    waiting = stored.where(LineInbox.kind != EventKind.UNSEND, LineInbox.state.in_(UNFINISHED))
    session.execute(waiting.values(state=InboxState.IGNORED))
    session.execute(stored.values(payload_encrypted=None, turn_encrypted=None))
    values = {"message_key": key, "withdrawn_at": desk.now, "created_at": desk.now}
    if not insert_if_absent(session, LineMessage, values):
        session.execute(update(LineMessage).where(LineMessage.message_key == key).values(withdrawn_at=desk.now))
    identity = find_identity(session, desk.vault.look_up_key(event.user_id or ""))
    if identity is None:
        return SILENCE
    person = load_person(session, vault=desk.vault, identity=identity)
    conversation = person.conversation.without_message(key)
    remember_conversation(session, vault=desk.vault, person=person, conversation=conversation)
    post_id = session.get_one(LineMessage, key, populate_existing=True).post_id
    post = find_locked_post(session, post_id) if post_id is not None else None
    # No policy is asked: whoever may write no more may still take back.
    if post is not None and post.author_id == identity.account_id and post.state is not PostState.WITHDRAWN:
        remove_post(session, post=post, now=desk.now)
    return SILENCE


def _text(session: Session, desk: Desk, person: Person, event: LineEvent) -> Turn:
    if event.message_id is None or not event.text:
        return _wordless(session, desk, person, event)
    key = desk.vault.look_up_key(event.message_id)
    insert_if_absent(session, LineMessage, {"message_key": key, "created_at": desk.now})
    message = session.get_one(LineMessage, key, with_for_update=True)
    if message.withdrawn_at is not None or message.post_id is not None:
        return SILENCE
    language = texts.find_named_language(event.text)
    if language is not None:
        return _choose_language(session, desk, person, language)
    part = Part(message_key=key, text=event.text)
    return take_text(session, desk=desk, person=person, part=part, at=event.event_at or desk.now)


def _wordless(session: Session, desk: Desk, person: Person, event: LineEvent) -> Turn:
    words = make_text(translate(person.locale, texts.WORDS_NEEDED))
    parts = person.conversation.parts
    if not parts:
        return Turn(messages=(words,))
    # The choices under the last message have just vanished from her phone.
    turn = decide_question(session, desk=desk, person=person, parts=parts)
    return turn.model_copy(update={"messages": (words, *turn.messages)})


def _join(session: Session, desk: Desk, event: LineEvent) -> Turn:
    """Groups are for people: the bot says so and leaves."""
    if not event.is_active:
        return SILENCE
    message = make_text(*texts.in_every_language(texts.LEAVING_GROUP))
    return Turn(messages=(message,), leave_chat=event.chat_id)


def _postback(session: Session, desk: Desk, person: Person, event: LineEvent) -> Turn:
    """A tap, perhaps on a button from years ago."""
    postback = find_postback(event.data)
    at = event.event_at or desk.now
    if postback is None or person.conversation.is_double_tap(event.data, at):
        return SILENCE
    noted = person.conversation.note_tap(event.data, at)
    person = remember_conversation(session, vault=desk.vault, person=person, conversation=noted)
    return _TAPS[postback.tap](session, desk, person, postback)


def _tap_language(session: Session, desk: Desk, person: Person, postback: Postback) -> Turn:
    language = find_language_tag(":".join(postback.arguments))
    if language not in READING_LANGUAGES:
        return SILENCE
    return _choose_language(session, desk, person, language)


def _choose_language(session: Session, desk: Desk, person: Person, language: LanguageTag) -> Turn:
    """From now on in this language; a question that waits goes on."""
    person = set_reading_language(session, person=person, language=language, is_chosen=True)
    want_answers(session, person=person, now=desk.now)
    if person.conversation.parts:
        return decide_question(session, desk=desk, person=person, parts=person.conversation.parts)
    name = translate(person.locale, texts.LANGUAGE_SET, language=ENDONYMS[language])
    return _say(name, translate(person.locale, texts.PRIVACY_NOTE))


def _tap_add(session: Session, desk: Desk, person: Person, postback: Postback) -> Turn:
    parts = person.conversation.parts
    if person.conversation.step is not Step.PLACE:
        return SILENCE
    number = find_open_question(session, person)
    if number is None:
        return ask_question(session, desk=desk, person=person, parts=parts)
    return add_to_question(session, desk=desk, person=person, parts=parts, thread_id=number)


def _tap_new(session: Session, desk: Desk, person: Person, postback: Postback) -> Turn:
    if person.conversation.step is not Step.PLACE:
        return SILENCE
    return ask_question(session, desk=desk, person=person, parts=person.conversation.parts)


def _tap_reply(session: Session, desk: Desk, person: Person, postback: Postback) -> Turn:
    ids = postback.list_ids(1)
    if ids is None:
        return SILENCE
    post = get_post_view(session, actor=person.actor, post_id=ids[0], language=person.reading_language)
    conversation = person.conversation.start_reply(post.id, now=desk.now)
    remember_conversation(session, vault=desk.vault, person=person, conversation=conversation)
    return _say(translate(person.locale, texts.WRITE_REPLY, number=post.thread_id))


def _tap_wrong(session: Session, desk: Desk, person: Person, postback: Postback) -> Turn:
    """The reader says that the translation she was sent is wrong; the one that replaced it was not meant."""
    ids = postback.list_ids(2)
    if ids is None or person.actor.account_id is None:
        return SILENCE
    post_id, candidate_id = ids
    post = get_post_view(session, actor=person.actor, post_id=post_id, language=person.reading_language)
    if post.translation is None or post.translation.candidate_id != candidate_id:
        return _say(translate(person.locale, texts.ALREADY_CORRECTED))
    report_translation(
        session,
        translation_id=post.translation.id,
        account_id=person.actor.account_id,
        reason=ReportReason.MEANING,
        note=None,
        now=desk.now,
    )
    return _say(translate(person.locale, texts.REPORT_RECEIVED))


def _say(*paragraphs: str) -> Turn:
    return Turn(messages=(make_text(*paragraphs),))


#: What happens to a chat, whoever holds it: handled also in standby.
_NOTICES: dict[EventKind, Callable[[Session, Desk, LineEvent], Turn]] = {
    EventKind.UNFOLLOW: _unfollow,
    EventKind.UNSEND: _unsend,
    EventKind.JOIN: _join,
}

#: What a person says to the bot.
_HANDLERS: dict[EventKind, Callable[[Session, Desk, Person, LineEvent], Turn]] = {
    EventKind.FOLLOW: _follow,
    EventKind.TEXT: _text,
    EventKind.WORDLESS: _wordless,
    EventKind.POSTBACK: _postback,
}

_TAPS: dict[Tap, Callable[[Session, Desk, Person, Postback], Turn]] = {
    Tap.LANGUAGE: _tap_language,
    Tap.ADD: _tap_add,
    Tap.NEW: _tap_new,
    Tap.REPLY: _tap_reply,
    Tap.WRONG: _tap_wrong,
}
