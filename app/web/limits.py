"""How much one caller may ask: bounds on bodies, and requests counted by token, else by account, else by address.

Counters live in Redis where it is configured, and in this process while it can't be reached; so with Redis gone, each
process allows the full number, which is better than refusing everybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from flask import Flask, Response, request
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded
from werkzeug.exceptions import HTTPException

from app.accounts.service import to_name_key
from app.core.crypto import digest_token
from app.core.errors import NotAuthenticatedError, TooManyRequestsError
from app.core.settings import Settings
from app.web.api.adapter import read_json
from app.web.auth import bearer_token, current_actor
from app.web.errors import respond_to_error

#: Twenty posts of the longest allowed length; nothing that we take is larger.
MAX_BODY_BYTES: Final = 1_000_000
#: Wrong passwords for one name from one address, a minute.
MAX_WRONG_PASSWORDS: Final = 10
_ACCOUNT_ENDPOINTS: Final = frozenset({"api_accounts.create_account", "pages.register"})
_GUEST_ENDPOINTS: Final = frozenset({"api_accounts.create_guest", "pages.ask", "pages.make_guest"})
_PASSWORD_ENDPOINTS: Final = frozenset({"api_accounts.create_token", "pages.sign_in"})
#: Paths that probes and browsers ask for without a person behind it.
_UNCOUNTED: Final = ("/healthz", "/readyz", "/metrics", "/assets/", "/favicon.ico", "/line/")


def name_caller() -> str:
    """Whose limit it is. A bad token counts on the address, or guessing tokens would be free."""
    try:
        actor = current_actor()
        token = bearer_token()
    except NotAuthenticatedError:
        return name_address()
    if token is not None:
        return f"token:{digest_token(token)[:32]}"
    return f"account:{actor.account_id}" if actor.is_signed_in else name_address()


def name_address() -> str:
    return f"address:{request.remote_addr}"


def _name_credentials() -> str:
    name = _read_name()
    key = to_name_key(name.strip()) if isinstance(name, str) else ""
    return f"{name_address()}:{digest_token(ascii(key))[:32]}"


def _read_name() -> object:
    """The name that somebody signs in with, by the API or by a form; whatever else stands there is refused later."""
    if not request.is_json:
        return request.form.get("display_name")
    try:
        given = read_json(request)
    except HTTPException:
        return None
    return given.get("display_name") if isinstance(given, dict) else None


def _is_uncounted() -> bool:
    return request.path.startswith(_UNCOUNTED)


def _is_created(response: Response) -> bool:
    return response.status_code in {201, 303}


def _is_refused(response: Response) -> bool:
    return response.status_code in {401, 422}


def _elsewhere(endpoints: frozenset[str]) -> Callable[[], bool]:
    return lambda: request.endpoint not in endpoints


def _makes_no_guest() -> bool:
    """Whoever asks on the page without being signed in becomes a guest by it."""
    return request.endpoint not in _GUEST_ENDPOINTS or current_actor().is_signed_in


def _list_limits(settings: Settings) -> list[ApplicationLimit]:
    """Every limit. Of new accounts only those really created count, of passwords only the wrong ones."""
    return [
        ApplicationLimit(
            f"{settings.reads_per_minute}/minute",
            scope="reads",
            methods=["GET", "HEAD", "OPTIONS"],
            exempt_when=_is_uncounted,
        ),
        ApplicationLimit(
            f"{settings.writes_per_minute}/minute",
            scope="writes",
            methods=["POST", "PUT", "PATCH", "DELETE"],
            exempt_when=_is_uncounted,
        ),
        ApplicationLimit(
            f"{settings.accounts_per_hour}/hour",
            scope="accounts",
            methods=["POST"],
            key_function=name_address,
            exempt_when=_elsewhere(_ACCOUNT_ENDPOINTS),
            deduct_when=_is_created,
        ),
        ApplicationLimit(
            f"{settings.guests_per_hour}/hour",
            scope="guests",
            methods=["POST"],
            key_function=name_address,
            exempt_when=_makes_no_guest,
            deduct_when=_is_created,
        ),
        ApplicationLimit(
            f"{MAX_WRONG_PASSWORDS}/minute",
            scope="passwords",
            methods=["POST"],
            key_function=_name_credentials,
            exempt_when=_elsewhere(_PASSWORD_ENDPOINTS),
            deduct_when=_is_refused,
        ),
    ]


def init_limits(app: Flask) -> None:
    """Bound bodies and count requests. Each application has its own counters."""
    settings: Settings = app.extensions["qiao"].settings
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY_BYTES
    limiter = Limiter(
        name_caller,
        app=app,
        application_limits=[*_list_limits(settings)],
        storage_uri=settings.redis_url or "memory://",
        storage_options={"socket_connect_timeout": 1, "socket_timeout": 1} if settings.redis_url else {},
        in_memory_fallback_enabled=bool(settings.redis_url),
        key_prefix="qiao",
    )

    def refuse(_error: RateLimitExceeded) -> Response:
        current = limiter.current_limit
        seconds = current.reset_at - time.time() if current is not None else 60
        return respond_to_error(TooManyRequestsError(retry_after_seconds=seconds))

    app.register_error_handler(RateLimitExceeded, refuse)
