"""The only writers of accounts: registering, guests, tokens, profiles, roles, suspension."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import AccessToken, Account, Expertise
from app.core.actor import AccountKind, Actor, Role
from app.core.crypto import digest_token, make_token
from app.core.db import insert_if_absent
from app.core.errors import ConflictError, FieldError, InvalidInputError, NotAuthenticatedError
from translation.languages import LANGUAGES, READING_LANGUAGES, LanguageTag
from translation.text import parse_user_text

TOKEN_LIFETIME = timedelta(days=90)
MAX_NAME_LENGTH = 40


class NameTakenError(ConflictError):
    """Somebody has this display name already, in whatever case."""

    code = "accounts.name_taken"

    @property
    def errors(self) -> tuple[FieldError, ...]:
        return (FieldError(field="display_name", code=self.code),)


@dataclass(frozen=True)
class ProfileChanges:
    """What a person changes of the own account; None leaves a field as it is."""

    locale: LanguageTag | None = None
    reading_languages: Sequence[LanguageTag] | None = None
    show_originals: bool | None = None
    expertise: Sequence[str] | None = None


def create_account(
    session: Session,
    *,
    display_name: str,
    password_hash: str,
    kind: AccountKind,
    locale: LanguageTag,
    reading_languages: Sequence[LanguageTag],
    now: datetime,
    is_demo: bool = False,
) -> Account:
    """Register a person or a company with a hash of ``hash_password``. Raises :class:`NameTakenError`,
    :class:`InvalidInputError`."""
    name = parse_user_text(display_name, field="display_name", max_length=MAX_NAME_LENGTH)
    if "\n" in name:
        raise InvalidInputError(errors=[FieldError(field="display_name", code="text.line_break")])
    return _insert_account(
        session,
        name=name,
        kind=kind,
        locale=locale,
        reading_languages=reading_languages,
        password_hash=password_hash,
        is_demo=is_demo,
        now=now,
    )


def create_guest(
    session: Session, *, locale: LanguageTag, reading_languages: Sequence[LanguageTag], now: datetime
) -> Account:
    """An account without a name of its own or a password: asks and follows."""
    return _insert_account(
        session,
        # Long enough that two guests never meet; no personal data.
        name=f"guest-{secrets.token_hex(5)}",
        kind=AccountKind.GUEST,
        locale=locale,
        reading_languages=reading_languages,
        password_hash=None,
        is_demo=False,
        now=now,
    )


def _insert_account(
    session: Session,
    *,
    name: str,
    kind: AccountKind,
    locale: LanguageTag,
    reading_languages: Sequence[LanguageTag],
    password_hash: str | None,
    is_demo: bool,
    now: datetime,
) -> Account:
    if locale not in LANGUAGES:
        raise InvalidInputError(errors=[FieldError(field="locale", code="language.unknown")])
    values = {
        "display_name": name,
        "name_key": to_name_key(name),
        "kind": kind,
        "locale": locale.value,
        "reading_languages": _parse_reading_languages(reading_languages or [locale]),
        "show_originals": False,
        "roles": [],
        "password_hash": password_hash,
        "is_demo": is_demo,
        "created_at": now,
    }
    if not insert_if_absent(session, Account, values):
        raise NameTakenError
    return session.scalars(select(Account).where(Account.name_key == values["name_key"])).one()


def to_name_key(display_name: str) -> str:
    """What makes two display names the same: compatibility form and case folded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", display_name).casefold())


def _parse_reading_languages(tags: Sequence[LanguageTag]) -> list[str]:
    unique = list(dict.fromkeys(tags))
    if any(tag not in READING_LANGUAGES for tag in unique):
        raise InvalidInputError(errors=[FieldError(field="reading_languages", code="language.unknown")])
    return [tag.value for tag in unique]


def issue_token(session: Session, *, account_id: int, now: datetime) -> str:
    """A new bearer token; only its digest is stored."""
    token = make_token()
    session.add(
        AccessToken(account_id=account_id, digest=digest_token(token), created_at=now, expires_at=now + TOKEN_LIFETIME)
    )
    session.flush()
    return token


def revoke_token(session: Session, *, token: str, now: datetime) -> None:
    session.execute(update(AccessToken).where(AccessToken.digest == digest_token(token)).values(revoked_at=now))


def update_profile(session: Session, *, actor: Actor, changes: ProfileChanges) -> Account:
    """Change the actor's own profile. Raises :class:`InvalidInputError`, :class:`NotAuthenticatedError`."""
    account = session.get(Account, actor.account_id) if actor.account_id is not None else None
    if account is None:
        raise NotAuthenticatedError
    if changes.locale is not None:
        if changes.locale not in LANGUAGES:
            raise InvalidInputError(errors=[FieldError(field="locale", code="language.unknown")])
        account.locale = changes.locale.value
    if changes.reading_languages is not None:
        if not changes.reading_languages:
            raise InvalidInputError(errors=[FieldError(field="reading_languages", code="list.empty")])
        account.reading_languages = _parse_reading_languages(changes.reading_languages)
    if changes.show_originals is not None:
        account.show_originals = changes.show_originals
    if changes.expertise is not None:
        _set_expertise(session, account.id, changes.expertise)
    session.flush()
    return account


def _set_expertise(session: Session, account_id: int, countries: Sequence[str]) -> None:
    wanted = {country.upper() for country in countries}
    if any(len(country) != 2 or not (country.isascii() and country.isalpha()) for country in wanted):
        raise InvalidInputError(errors=[FieldError(field="expertise", code="country.unknown")])
    known = {row.country: row for row in session.scalars(select(Expertise).where(Expertise.account_id == account_id))}
    for country in known.keys() - wanted:
        session.delete(known[country])
    session.add_all(Expertise(account_id=account_id, country=country) for country in wanted - known.keys())


def grant_role(session: Session, *, account_id: int, role: Role) -> None:
    account = session.get_one(Account, account_id)
    account.roles = sorted({*account.roles, role.value})
    session.flush()


def suspend_account(session: Session, *, account_id: int, now: datetime) -> None:
    """Sign the person out everywhere and refuse new sign-ins and writes."""
    account = session.get_one(Account, account_id)
    account.suspended_at = now
    session.execute(
        update(AccessToken)
        .where(AccessToken.account_id == account_id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    session.flush()


def record_seen(session: Session, *, account_id: int, now: datetime) -> None:
    """The person is here; the edges call this at most once a minute."""
    session.execute(update(Account).where(Account.id == account_id).values(last_seen_at=now))
