"""Who asks: a bearer token or the browser's session cookie, and proof against forged requests for the latter.

A request with an ``Authorization`` header is judged by that alone, its cookies don't count; so no page elsewhere can
borrow a session by adding a header, and a program needs no CSRF token.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Final

import flask_login
from flask import Flask, Response, current_app, g, request
from flask import session as cookie
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.accounts.queries import find_account, find_account_by_token
from app.accounts.service import record_seen
from app.core.actor import NOBODY, Actor
from app.core.errors import NotAuthenticatedError, UnavailableError
from app.interpreting.queries import build_actor
from app.web.errors import CsrfError
from app.web.runtime import get_runtime

#: How often "was here" is written at most.
SEEN_EVERY: Final = timedelta(minutes=1)
#: A real token has 43 characters; longer ones aren't worth a look-up.
_MAX_TOKEN_LENGTH: Final = 200
#: Where Flask-WTF keeps it.
_CSRF_FIELD: Final = "csrf_token"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

csrf = CSRFProtect()


class TokenInvalidError(NotAuthenticatedError):
    """The token is unknown, expired or revoked, or its owner is suspended."""

    code = "accounts.token_invalid"


class SessionUser(flask_login.UserMixin):
    """What Flask-Login keeps in the cookie: an account id, nothing else."""

    def __init__(self, account_id: int) -> None:
        self.id = account_id


def current_actor() -> Actor:
    """Who makes this request, read once. Raises :class:`TokenInvalidError` for a token that is no longer good."""
    if "actor" not in g:
        g.actor = _load_actor()
    actor: Actor = g.actor
    return actor


def require_actor() -> Actor:
    """Like :func:`current_actor`; raises :class:`NotAuthenticatedError` if nobody is signed in."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise NotAuthenticatedError
    return actor


def start_session(account_id: int, *, keeps_forms: bool = False) -> None:
    """Sign the browser in. The CSRF secret changes with it, so what a page before the sign-in knew is worth nothing;
    with ``keeps_forms`` it stays, for the account of a new guest whose half-filled form is open."""
    secret = cookie.get(_CSRF_FIELD)
    cookie.clear()
    if keeps_forms and secret is not None:
        cookie[_CSRF_FIELD] = secret
    flask_login.login_user(SessionUser(account_id), remember=False)
    cookie.permanent = True
    g.pop("actor", None)


def end_session() -> None:
    """Sign the browser out."""
    flask_login.logout_user()
    cookie.clear()
    g.pop("actor", None)


def bearer_token() -> str | None:
    """The token of the ``Authorization`` header; None without that header. Raises :class:`TokenInvalidError`."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _MAX_TOKEN_LENGTH or not token.isascii():
        raise TokenInvalidError
    return token


def _load_actor() -> Actor:
    token = bearer_token()
    account_id = _session_account_id() if token is None else None
    if token is None and account_id is None:
        return NOBODY
    runtime = get_runtime()
    now = runtime.clock()
    with runtime.db.reading() as session:
        account = _find_account(session, token, account_id)
        actor = build_actor(session, account) if account is not None else NOBODY
        seen_at = account.last_seen_at if account is not None else now
    if seen_at is None or now - seen_at >= SEEN_EVERY:
        g.seen_account_id = actor.account_id
    return actor


def _find_account(session: Session, token: str | None, account_id: int | None) -> Account | None:
    if token is not None:
        account = find_account_by_token(session, token, now=get_runtime().clock())
        if account is None:
            raise TokenInvalidError
        return account
    return find_account(session, account_id) if account_id is not None else None


def _session_account_id() -> int | None:
    user = flask_login.current_user
    return user.id if user.is_authenticated else None


def _load_session_user(stored: str) -> SessionUser | None:
    return SessionUser(int(stored)) if stored.isascii() and stored.isdigit() and len(stored) <= 18 else None


def _protect_from_forgery() -> None:
    """Every unsafe request that a cookie may vouch for must prove that it comes from our own page."""
    is_safe = request.method in _SAFE_METHODS or request.endpoint is None
    if is_safe or not current_app.config["WTF_CSRF_ENABLED"] or "Authorization" in request.headers:
        return
    is_api = request.path.startswith("/api/")
    if is_api and _session_account_id() is None:
        return
    try:
        csrf.protect(apply_exemptions=True)
    except CSRFError:
        raise CsrfError from None


def _record_seen(response: Response) -> Response:
    account_id = g.pop("seen_account_id", None)
    if account_id is not None and response.status_code < 500:
        runtime = get_runtime()
        # What was asked for is done; that it can't be noted is no reason to answer with an error.
        with suppress(UnavailableError), runtime.db.transaction() as session:
            record_seen(session, account_id=account_id, now=runtime.clock())
    return response


def init_auth(app: Flask) -> None:
    """Session cookies, sign-in and CSRF protection for every blueprint; ``csrf.exempt`` takes a webhook out."""
    settings = app.extensions["qiao"].settings
    app.config.update(
        SESSION_COOKIE_NAME="qiao_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.effective_base_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        # A page may stay open all day; the token lives as long as the session.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_HEADERS=["X-CSRFToken", "X-CSRF-Token"],
    )
    manager = flask_login.LoginManager()
    manager.user_loader(_load_session_user)
    manager.init_app(app)
    csrf.init_app(app)
    app.before_request(_protect_from_forgery)
    app.after_request(_record_seen)
