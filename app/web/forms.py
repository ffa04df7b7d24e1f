"""What people typed, as far as a page needs it: text to read, text to show again, and what was wrong with it.

The services are the only judges of an input; a form only carries texts to them and their verdict back, so that no rule
is written twice. Protection against forged requests is Flask-WTF's ``CSRFProtect``, for every form alike.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from flask import request

from app.core.errors import FieldError, QiaoError
from app.web.messages import error_text

#: Bounds what a page echoes; the services' own limits are far below.
MAX_ECHO: Final = 40_000
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True)
class Form:
    """Values of a form by field name, and the texts of what is wrong, by field name ("" is the whole form)."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        return self.errors.get(name, "")


def read_form(*names: str) -> Form:
    """The named fields of the request's form, line ends as ``\\n`` (browsers send ``\\r\\n``)."""
    return Form({name: read_text(name) for name in names})


def read_text(name: str) -> str:
    return request.form.get(name, "")[:MAX_ECHO].replace("\r\n", "\n")


def read_cursor(name: str) -> int | None:
    """A place in a list, from the address; None for anything that can't be one."""
    given = request.values.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else None


def with_errors(form: Form, error: QiaoError) -> Form:
    """The same values with the service's verdict in words of the page's language."""
    wrong: tuple[FieldError, ...] = tuple(getattr(error, "errors", ()))
    if wrong:
        return Form(form.values, {item.field: error_text(item.code, error.code) for item in wrong})
    reason = str(error.data.get("reason", ""))
    return Form(form.values, {"": error_text(reason, error.code)})


def make_form_key() -> str:
    """A key for the hidden field of a form that creates something."""
    return secrets.token_urlsafe(12)


def read_idempotency_key(*texts: str) -> str | None:
    """The key under which a creation is stored once.

    Scripts send a header made at the tap. Without scripts it is the form's own key with a digest of the texts: the same
    form sent twice creates one thing, and another text written after "back" is not mistaken for the first.
    """
    given = request.headers.get("Idempotency-Key", "")
    if given:
        return given if _KEY.fullmatch(given) else None
    own = request.form.get("key", "")
    if not _KEY.fullmatch(own) or len(own) > 64:
        return None
    digest = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{own}.{digest[:32]}"


def safe_next(target: str | None, fallback: str) -> str:
    """A path of this site to go to after signing in; never another host (``//host``, ``https:…``, ``/\\host``)."""
    if not target or not target.startswith("/") or re.search(r"[\\\x00-\x20\x7f]", target):
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc else target
