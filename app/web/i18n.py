"""The locale of a request, and everything that depends on it: texts, names of languages and countries, times.

A locale is one of the six languages of the interface; the path decides (``/vi/…``), a cookie remembers a choice,
``Accept-Language`` is asked on the first visit only. Nothing is guessed from an address.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.dates import format_date as babel_format_date
from babel.dates import format_time as babel_format_time
from babel.dates import format_timedelta
from babel.numbers import format_decimal
from flask import g, has_request_context, request

from app.core.catalogue import load_catalogue, to_babel_locale
from translation.languages import ENDONYMS, LANGUAGES, READING_LANGUAGES, LanguageTag, find_language_tag

LOCALES: Final[tuple[str, ...]] = tuple(tag.value for tag in LANGUAGES)
DEFAULT_LOCALE: Final = LanguageTag.EN.value
LOCALE_COOKIE: Final = "qiao_locale"

#: Taiwan has one time zone and no summer time, so no time-zone database is needed.
TAIPEI: Final = timezone(timedelta(hours=8), "Asia/Taipei")


def find_locale(text: str | None) -> str | None:
    """The locale for a tag from outside (a cookie, a header), or None. Simplified Chinese readers get ``zh-Hant``."""
    tag = find_language_tag(text) if text else None
    if tag is LanguageTag.ZH_HANS:
        return LanguageTag.ZH_HANT.value
    return tag.value if tag is not None and tag.value in LOCALES else None


def negotiate_locale(cookie: str | None, accepted: Iterable[tuple[str, float]]) -> str:
    """The cookie's locale, else the best of ``Accept-Language`` (tag, quality), else English."""
    chosen = find_locale(cookie)
    if chosen is not None:
        return chosen
    for text, quality in sorted(accepted, key=lambda item: -item[1]):
        locale = find_locale(text) if quality > 0 else None
        if locale is not None:
            return locale
    return DEFAULT_LOCALE


def negotiate_request_locale() -> str:
    """What this visitor would be shown on an address without a locale."""
    return negotiate_locale(request.cookies.get(LOCALE_COOKIE), list(request.accept_languages))


def get_locale() -> str:
    """The locale of the current request: its path's (``/vi/…``), else the negotiated one."""
    if not has_request_context():
        return DEFAULT_LOCALE
    if "locale" not in g:
        in_path = request.path.split("/", 2)[1]
        g.locale = in_path if in_path in LOCALES else negotiate_request_locale()
    return str(g.locale)


def gettext(message: str, **values: object) -> str:
    """The text of an English message in the request's locale."""
    return gettext_in(get_locale(), message, **values)


def gettext_in(locale: str, message: str, **values: object) -> str:
    """Like :func:`gettext` in another locale than the page's."""
    text = str(load_catalogue(locale).gettext(message))
    return text % values if values else text


def ngettext(singular: str, plural: str, count: int) -> str:
    """The plural form for ``count``; whoever shows it fills in ``%(num)s``."""
    return str(load_catalogue(get_locale()).ngettext(singular, plural, count))


def N_(message: str) -> str:  # noqa: N802 - the usual name of gettext's "translate later"
    """Mark a message for the catalogue; it is looked up when it is shown."""
    return message


@lru_cache(maxsize=16)
def _babel_locale(locale: str) -> Locale:
    return Locale.parse(to_babel_locale(locale))


def endonym(tag: str) -> str:
    """A language's name in its own script; empty for ``und`` and for tags that aren't ours."""
    found = find_language_tag(tag)
    return ENDONYMS.get(found, "") if found is not None else ""


def language_name(tag: str) -> str:
    """A language's name in the language of the page, for lists in forms."""
    return _babel_locale(get_locale()).languages.get(to_babel_locale(tag), endonym(tag) or tag)


def country_name(code: str, locale: str | None = None) -> str:
    """A country's name (ISO 3166-1 alpha-2) in the language of the page; the code itself if CLDR has none."""
    return str(_babel_locale(locale or get_locale()).territories.get(code.upper(), code.upper()))


def format_time(moment: datetime) -> str:
    """Date and time of day in Taiwan."""
    locale, local = _babel_locale(get_locale()), moment.astimezone(TAIPEI)
    # CLDR's own pattern of the locale: {0} is the time, {1} the date.
    pattern = str(locale.datetime_formats["medium"])
    return pattern.format(format_clock(moment), babel_format_date(local, locale=locale))


def format_clock(moment: datetime) -> str:
    """The time of day in Taiwan."""
    local = moment.astimezone(TAIPEI)
    return str(babel_format_time(local, "short", tzinfo=TAIPEI, locale=_babel_locale(get_locale())))


def format_day(moment: datetime) -> str:
    return str(babel_format_date(moment.astimezone(TAIPEI).date(), "medium", locale=_babel_locale(get_locale())))


def format_relative(moment: datetime, now: datetime) -> str:
    """ "2 hours ago" within a week, the date beyond it. A moment in the future (another clock) counts as now."""
    passed = max(now - moment, timedelta())
    if passed >= timedelta(days=7):
        return format_day(moment)
    if passed < timedelta(minutes=1):
        return gettext("just now")
    return str(format_timedelta(-passed, add_direction=True, threshold=1, locale=_babel_locale(get_locale())))


def format_duration(seconds: float) -> str:
    """About how long: "20 minutes", "3 hours"."""
    return str(format_timedelta(timedelta(seconds=max(seconds, 60)), threshold=1, locale=_babel_locale(get_locale())))


def format_number(value: int) -> str:
    return str(format_decimal(value, locale=_babel_locale(get_locale())))


def languages_to_read() -> tuple[str, ...]:
    """Every tag that a person may choose to read."""
    return tuple(tag.value for tag in READING_LANGUAGES)
