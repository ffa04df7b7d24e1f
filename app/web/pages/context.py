"""What every template can use: the person, the locale, texts of codes, the page's address in other languages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, request, url_for
from markupsafe import Markup

from app.core.actor import NOBODY, Actor
from app.core.errors import QiaoError, UnavailableError
from app.notifications import queries as notices
from app.web import i18n, messages
from app.web.assets import Assets
from app.web.auth import current_actor
from app.web.i18n import N_
from app.web.pages.shown import show_post, show_title
from app.web.pages.texts import first_grapheme, mark_scripts, to_rich_text
from app.web.runtime import get_runtime

#: Parameters that are no part of a page's address in another language; ``_…`` would be options of ``url_for``.
_NOT_KEPT = frozenset({"choose", "locale"})


#: Shown in the visitor's own language on a page in another one.
OFFER = N_("Read this page in your language: %(language)s")


def list_alternates() -> list[tuple[str, str]]:
    """This page in each of the six languages, as (locale, path with query). Unknown pages lead home."""
    endpoint = request.endpoint or ""
    if not endpoint.startswith("pages.") or endpoint == "pages.negotiate":
        return [(locale, url_for("pages.show_home", locale=locale)) for locale in i18n.LOCALES]
    kept = {key: value for key, value in request.args.items() if not key.startswith("_") and key not in _NOT_KEPT}
    arguments: dict[str, Any] = {**kept, **(request.view_args or {})}
    return [(locale, url_for(endpoint, locale=locale, **arguments)) for locale in i18n.LOCALES]


def count_unread() -> int:
    """The person's unread notices; asked for once a page."""
    actor = _find_actor()
    if not actor.is_signed_in:
        return 0
    try:
        with get_runtime().db.reading() as session:
            return notices.count_unread(session, actor)
    except UnavailableError:
        return 0


def _find_actor() -> Actor:
    """Who it is; nobody where that can't be told, so that the page that says so can be shown."""
    try:
        return current_actor()
    except QiaoError:
        return NOBODY


def _marked(text: object, language: str | None = None) -> Markup:
    return mark_scripts(str(text), language or i18n.get_locale())


def _rich(text: str, language: str | None = None) -> Markup:
    return to_rich_text(text, language or i18n.get_locale())


def _relative(moment: datetime) -> str:
    return i18n.format_relative(moment, get_runtime().clock())


def _hold_text(reason: str | None) -> str:
    known = reason is not None and reason in messages.HOLD_REASONS
    return messages.text_of(messages.HOLD_REASONS, reason) if known and reason is not None else ""


def _name_of(person: object) -> Markup:
    """A person's name inside a sentence: isolated, so that it can't turn the words around it."""
    name = getattr(person, "display_name", None) or getattr(person, "holder", "")
    return Markup("<bdi>{}</bdi>").format(_marked(name))


def _reason_text(reason: str) -> str:
    """Why a task is there, where a code says more than the kind of the task."""
    for table in (messages.TASK_REASONS, messages.WAIT_REASONS, messages.TRANSLATION_REPORT_REASONS):
        if reason in table:
            return messages.text_of(table, reason)
    return ""


def _inject() -> dict[str, Any]:
    locale, alternates = i18n.get_locale(), list_alternates()
    actor = _find_actor()
    own = actor.locale if actor.is_signed_in else i18n.negotiate_request_locale()
    values: dict[str, Any] = {"locale": locale, "alternates": alternates, "actor": actor, "own_language": ""}
    if own != locale and locale not in actor.reading_languages:
        values |= {
            "own_language": own,
            "own_address": dict(alternates)[own],
            "own_offer": i18n.gettext_in(own, OFFER, language=i18n.endonym(own)),
        }
    return values


def init_context(app: Flask, assets: Assets) -> None:
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=True
    )
    environment.filters.update(marked=_marked, rich=_rich)
    environment.globals.update(
        asset_url=assets.url,
        count_unread=count_unread,
        initial=first_grapheme,
        relative=_relative,
        hold_text=_hold_text,
        name_of=_name_of,
        reason_text=_reason_text,
        show_post=show_post,
        show_title=show_title,
        wait_text=lambda shown: "",
        show_originals=False,
        **{
            name: getattr(i18n, name)
            for name in (
                "country_name",
                "endonym",
                "format_clock",
                "format_day",
                "format_number",
                "format_time",
                "language_name",
                "languages_to_read",
            )
        },
        **{
            name: getattr(messages, name)
            for name in dir(messages)
            if name.isupper() or name in {"text_of", "category_title", "error_text"}
        },
    )
    app.context_processor(_inject)
