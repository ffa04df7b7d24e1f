"""What the API's modules share: ids in paths, cursors, idempotency keys, the reader's language, rendering."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from flask import request
from sqlalchemy.orm import Session
from werkzeug.routing import BaseConverter, ValidationError

from app.contract.fields import MAX_ID, Key, Query
from app.contract.render import Rendering, collect_waiting_pairs
from app.core.errors import InvalidInputError
from app.forum.views import PostView, TitleView
from app.interpreting.queries import estimate_waits
from app.web.auth import current_actor
from app.web.i18n import get_locale
from app.web.runtime import get_runtime
from translation.languages import READING_LANGUAGES, LanguageTag, find_language_tag


class RowIdConverter(BaseConverter):
    """``<row_id:…>``: an id that a database can hold; anything else is no address of ours."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > MAX_ID:
            raise ValidationError
        return number


class CursorError(InvalidInputError):
    """A cursor that we didn't make. ``field`` is ``after``."""

    code = "input.unknown_cursor"


class CreationHeaders(Query):
    """The same key and caller get what the first such request created, with 200."""

    idempotency_key: Key | None = None


def make_cursor(position: int | None) -> str | None:
    """An opaque cursor for where a page ended."""
    if position is None:
        return None
    return base64.urlsafe_b64encode(str(position).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> int | None:
    """Where a page ended. Raises :class:`CursorError`."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        position = int(text)
    except (binascii.Error, ValueError):
        raise CursorError(field="after") from None
    if not 0 <= position <= MAX_ID:
        raise CursorError(field="after")
    return position


def choose_language(given: LanguageTag | None) -> LanguageTag:
    """The language to read in: the one asked for, the reader's own, or the browser's."""
    if given is not None:
        return given
    actor = current_actor()
    wanted = [actor.reading_language] if actor.is_signed_in else [tag for tag, _ in request.accept_languages]
    for text in wanted:
        tag = find_language_tag(text)
        if tag in READING_LANGUAGES:
            return tag
    return LanguageTag(get_locale())


def load_rendering(session: Session, posts: Iterable[PostView], titles: Iterable[TitleView | None] = ()) -> Rendering:
    """The locale of the request, and how long the people who wait for these texts would wait."""
    pairs = collect_waiting_pairs(posts, titles)
    waits = estimate_waits(session, pairs, get_runtime().clock()) if pairs else {}
    return Rendering(locale=get_locale(), waits=waits)
