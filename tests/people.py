"""Accounts and posts for tests, made by the services themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import count

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from app.accounts.service import create_account, create_guest, grant_role
from app.core.actor import AccountKind, Actor, Role
from app.core.db import Database
from app.forum.models import Channel, ThreadKind
from app.forum.service.posts import Created, NewPost, create_post
from app.forum.service.threads import NewThread, create_thread
from app.interpreting.queries import build_actor
from app.interpreting.service import set_pairs
from translation.languages import LanguageTag

PASSWORD = "correct horse"
#: Hashed once, with the least work: tests make hundreds of accounts.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
_numbers = count(1)


def make_person(
    db: Database,
    *,
    now: datetime,
    reads: Sequence[str] = ("zh-Hant",),
    kind: AccountKind = AccountKind.CITIZEN,
    roles: Sequence[Role] = (),
    pairs: Sequence[tuple[str, str]] = (),
    name: str | None = None,
) -> Actor:
    """An account with roles and pairs, as an actor."""
    tags = [LanguageTag(tag) for tag in reads]
    with db.transaction() as session:
        if kind is AccountKind.GUEST:
            account = create_guest(session, locale=tags[0], reading_languages=tags, now=now)
        else:
            account = create_account(
                session,
                display_name=name or f"person {next(_numbers)}",
                password_hash=PASSWORD_HASH,
                kind=kind,
                locale=tags[0],
                reading_languages=tags,
                now=now,
            )
        for role in roles:
            grant_role(session, account_id=account.id, role=role)
        if pairs:
            tagged = [(LanguageTag(source), LanguageTag(target)) for source, target in pairs]
            set_pairs(session, account_id=account.id, pairs=tagged, now=now)
        return build_actor(session, account)


def make_interpreter(db: Database, *pairs: tuple[str, str], now: datetime) -> Actor:
    reads = tuple(dict.fromkeys(tag for pair in pairs for tag in pair))
    return make_person(db, now=now, reads=reads, roles=[Role.INTERPRETER], pairs=pairs)


def ask(
    session: Session,
    actor: Actor,
    body: str,
    *,
    now: datetime,
    title: str = "?",
    category: str = "daily-life",
    kind: ThreadKind = ThreadKind.QUESTION,
    language: LanguageTag | None = None,
    key: str | None = None,
    channel: Channel = Channel.WEB,
) -> Created:
    new = NewThread(category=category, kind=kind, title=title, body=body, language=language, channel=channel)
    return create_thread(session, actor=actor, new=new, key=key, now=now)


def answer(
    session: Session, actor: Actor, thread_id: int, body: str, *, now: datetime, key: str | None = None
) -> Created:
    return create_post(session, actor=actor, thread_id=thread_id, new=NewPost(body=body), key=key, now=now)
