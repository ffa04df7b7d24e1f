"""Passwords by argon2. Hashing takes tens of milliseconds on purpose: never inside a transaction, never on the event
loop's thread (``run_off_loop``)."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.models import Account
from app.core.errors import FieldError, InvalidInputError, NotAuthenticatedError

MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_LENGTH = 200

_hasher = PasswordHasher()


class WrongPasswordError(NotAuthenticatedError):
    """No such name, or another password: which of them is not told."""

    code = "accounts.wrong_password"


class SuspendedError(NotAuthenticatedError):
    code = "accounts.suspended"


def hash_password(password: str) -> str:
    """What is stored of a password. Raises :class:`InvalidInputError` for field ``password``."""
    if len(password) < MIN_PASSWORD_LENGTH:
        raise InvalidInputError(errors=[FieldError(field="password", code="password.too_short")])
    if len(password) > MAX_PASSWORD_LENGTH:
        raise InvalidInputError(errors=[FieldError(field="password", code="password.too_long")])
    try:
        return _hasher.hash(password)
    except UnicodeEncodeError:
        raise InvalidInputError(errors=[FieldError(field="password", code="text.surrogate")]) from None


def check_password(account: Account | None, password: str) -> Account:
    """The account, if it is this one's password. Raises :class:`WrongPasswordError`, :class:`SuspendedError`.

    Without an account as much work is done as with one, so that the time says nothing about who is registered.
    """
    stored = account.password_hash if account is not None else None
    try:
        _hasher.verify(stored or _hasher.hash(secrets.token_urlsafe(16)), password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        raise WrongPasswordError from None
    if account is None or stored is None:
        raise WrongPasswordError
    if account.suspended_at is not None:
        raise SuspendedError
    return account
