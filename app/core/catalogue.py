"""Texts for people in six languages, from one gettext catalogue, for every edge. Knows no request.

The ``.po`` files are read directly, so no compiled file can be out of date. ``zh-Hans`` is derived from ``zh-Hant``.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LOCALES_DIR = Path(__file__).resolve().parent.parent / "web" / "locales"


def to_babel_locale(locale: str) -> str:
    """Babel's name of an interface locale: ``zh-Hant`` is ``zh_Hant``."""
    return locale.replace("-", "_")


@lru_cache(maxsize=16)
def load_catalogue(locale: str) -> NullTranslations:
    """The catalogue of an interface locale; a missing one gives the English texts of the code."""
    path = LOCALES_DIR / to_babel_locale(locale) / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=to_babel_locale(locale))
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def translate(locale: str, message: str, **values: object) -> str:
    """The catalogue's text for an English message, ``%(name)s`` filled in."""
    text = str(load_catalogue(locale).gettext(message))
    return text % values if values else text


def translate_plural(locale: str, singular: str, plural: str, count: int, **values: object) -> str:
    """Like :func:`translate` with a plural; ``%(count)s`` is filled in."""
    text = str(load_catalogue(locale).ngettext(singular, plural, count))
    return text % {"count": count, **values}
