"""Who a LINE user is here: the identity, its guest account, the language it reads, and what its chat waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.queries import get_account
from app.accounts.service import ProfileChanges, create_guest, update_profile
from app.core.actor import Actor
from app.core.crypto import Vault
from app.forum.models import Channel
from app.interpreting.queries import build_actor
from app.notifications.service import set_channel
from bots.line.conversation import Conversation
from bots.line.models import LineIdentity
from translation.languages import LANGUAGES, LanguageTag, find_language_tag


@dataclass(frozen=True)
class Person:
    """A LINE user in one transaction. ``conversation`` is where the chat stood when it began."""

    identity: LineIdentity
    actor: Actor
    conversation: Conversation

    @property
    def locale(self) -> str:
        return self.actor.locale

    @property
    def reading_language(self) -> LanguageTag:
        return LanguageTag(self.actor.reading_language)


def to_locale(language: LanguageTag) -> LanguageTag:
    """The interface's language for a reader of this one; Simplified Chinese has none of its own."""
    return language if language in LANGUAGES else LanguageTag.ZH_HANT


def find_offered_language(tag: str | None) -> LanguageTag | None:
    """One of the six for a tag of LINE's, or None."""
    found = find_language_tag(tag) if tag else None
    return found if found in LANGUAGES else None


def find_identity(session: Session, user_key: str) -> LineIdentity | None:
    return session.scalar(select(LineIdentity).where(LineIdentity.user_key == user_key))


def find_identity_of_account(session: Session, account_id: int) -> LineIdentity | None:
    return session.scalar(select(LineIdentity).where(LineIdentity.account_id == account_id))


def meet_person(session: Session, *, vault: Vault, user_id: str, likely: LanguageTag | None, now: datetime) -> Person:
    """The person who has just followed, written or tapped, and so can be reached; a guest account for a new one.

    ``likely`` is a guess for a new person's language, until she chooses one or writes.
    """
    identity = find_identity(session, vault.look_up_key(user_id))
    if identity is None:
        identity = _create_identity(session, vault=vault, user_id=user_id, likely=likely, now=now)
    if not identity.is_friend:
        identity.is_friend = True
        set_channel(session, account_id=identity.account_id, channel=Channel.LINE, is_active=True, now=now)
    identity.last_inbound_at = now
    session.flush()
    return load_person(session, vault=vault, identity=identity)


def load_person(session: Session, *, vault: Vault, identity: LineIdentity) -> Person:
    stored = identity.conversation_encrypted
    return Person(
        identity=identity,
        actor=build_actor(session, get_account(session, identity.account_id)),
        conversation=Conversation.model_validate_json(vault.decrypt(stored)) if stored else Conversation(),
    )


def _create_identity(
    session: Session, *, vault: Vault, user_id: str, likely: LanguageTag | None, now: datetime
) -> LineIdentity:
    language = likely or LanguageTag.EN
    account = create_guest(session, locale=to_locale(language), reading_languages=[language], now=now)
    identity = LineIdentity(
        account_id=account.id,
        user_key=vault.look_up_key(user_id),
        user_id_encrypted=vault.encrypt(user_id),
        is_friend=False,
        created_at=now,
    )
    session.add(identity)
    session.flush()
    return identity


def remember_conversation(session: Session, *, vault: Vault, person: Person, conversation: Conversation) -> Person:
    """Keep where the chat stands now."""
    is_empty = conversation == Conversation()
    person.identity.conversation_encrypted = None if is_empty else vault.encrypt(conversation.model_dump_json())
    session.flush()
    return Person(person.identity, person.actor, conversation)


def set_reading_language(session: Session, *, person: Person, language: LanguageTag, is_chosen: bool) -> Person:
    """Write to the person in this language from now on. What she chose is never changed by a guess."""
    if is_chosen:
        person.identity.language = language
    elif person.identity.language is not None:
        return person
    changes = ProfileChanges(locale=to_locale(language), reading_languages=[language])
    account = update_profile(session, actor=person.actor, changes=changes)
    return Person(person.identity, build_actor(session, account), person.conversation)


def lose_person(session: Session, *, identity: LineIdentity, now: datetime) -> None:
    """The person blocked the bot: nothing more is sent, and what waited for a choice is forgotten."""
    identity.is_friend = False
    identity.conversation_encrypted = None
    set_channel(session, account_id=identity.account_id, channel=Channel.LINE, is_active=False, now=now)
    session.flush()
