"""The one blueprint of the pages, all under ``/{locale}/…``, and what every view needs."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, g, jsonify, redirect, request, url_for

from app.core.actor import NOBODY
from app.core.errors import NotAuthenticatedError, QiaoError
from app.web.auth import current_actor
from app.web.errors import respond_to_error
from app.web.forms import Form, with_errors
from app.web.i18n import LOCALE_COOKIE, LOCALES, get_locale
from translation.languages import LanguageTag, find_language_tag

_YEAR_SECONDS: Final = 365 * 24 * 3600
#: Ids of rows; anything larger would not fit into the database's integer.
ID: Final = "int(min=1, max=9223372036854775807)"
#: Scripts mark what they send, and get data instead of a page.
FETCH_HEADER: Final = "X-Qiao-Fetch"

pages = Blueprint(
    "pages",
    __name__,
    url_prefix="/<any({}):locale>".format(", ".join(f'"{locale}"' for locale in LOCALES)),
)


@pages.url_value_preprocessor
def _take_locale(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Views don't take the locale: it is the request's, in :func:`get_locale`."""
    if values is not None:
        g.locale = values.pop("locale", None) or get_locale()


@pages.url_defaults
def _give_locale(_endpoint: str, values: dict[str, Any]) -> None:
    values.setdefault("locale", get_locale())


@pages.before_request
def _remember_choice() -> Response | None:
    """``?choose=1``, as the links of the language bar have it: remember, and go on to the clean address.

    Only a choice is remembered. A link that somebody sent in another language does not change one's own.
    """
    if request.method != "GET" or "choose" not in request.args:
        return None
    kept = {key: value for key, value in request.args.items() if key not in {"choose", "locale"}}
    arguments = {key: value for key, value in kept.items() if not key.startswith("_")}
    response = go_to(str(request.endpoint), **{**arguments, **(request.view_args or {})})
    remember_locale(response, get_locale())
    return response


@pages.after_request
def _keep_first_locale(response: Response) -> Response:
    """The first visit settles the language, so that the next page without one in its address agrees."""
    if LOCALE_COOKIE not in request.cookies and "Set-Cookie" not in response.headers:
        remember_locale(response, get_locale())
    response.vary.update(("Cookie", "Accept-Language"))
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def remember_locale(response: Response, locale: str) -> None:
    response.set_cookie(
        LOCALE_COOKIE, locale, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure
    )


@pages.errorhandler(NotAuthenticatedError)
def _ask_to_sign_in(error: NotAuthenticatedError) -> Response:
    """To the sign-in page, and back afterwards; scripts get the error itself."""
    if is_fetch():
        return respond_to_error(error)
    return go_to("pages.sign_in", next=request.full_path.rstrip("?"))


def is_fetch() -> bool:
    """Whether one of our scripts asks, rather than a form."""
    return FETCH_HEADER in request.headers


def go_to(endpoint: str, *, anchor: str | None = None, **values: Any) -> Response:
    """See other: the answer to every form that worked."""
    return as_response(redirect(url_for(endpoint, _anchor=anchor, **values), 303))


def as_response(response: Any) -> Response:
    """Flask's ``redirect`` and ``make_response`` as the one type that views answer with."""
    if not isinstance(response, Response):
        raise TypeError(type(response).__name__)
    return response


def created(location: str) -> Response:
    """Something was made: a redirect for a form, its address for a script."""
    if is_fetch():
        response = jsonify(location=location)
        response.status_code = 201
        return response
    return as_response(redirect(location, 303))


def refused(error: QiaoError, form: Form) -> Response | None:
    """What a script gets when its form is refused; None for a form, whose page is shown again."""
    if not is_fetch():
        return None
    response = jsonify(errors=dict(with_errors(form, error).errors))
    response.status_code = respond_to_error(error).status_code
    return response


def reading_language() -> LanguageTag:
    """In which language this page shows what people wrote: the page's own, or the one asked for by ``?language=``.

    Simplified Chinese has no pages of its own: who reads it reads the Chinese pages with the texts in Simplified.
    """
    asked = find_language_tag(request.args.get("language", ""))
    if asked is not None and asked.is_known:
        return asked
    if get_locale() == LanguageTag.ZH_HANT:
        mine = (current_actor() or NOBODY).reading_languages
        if LanguageTag.ZH_HANS in mine and LanguageTag.ZH_HANT not in mine:
            return LanguageTag.ZH_HANS
    return LanguageTag(get_locale())
