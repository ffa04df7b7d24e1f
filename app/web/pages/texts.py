"""People's texts as HTML: escaped, every run of another script labelled with its language, links clickable. Pure.

A browser chooses glyphs by ``lang``: unlabelled Chinese inside Vietnamese is drawn with Japanese shapes, and a screen
reader takes the wrong voice. So the label is part of showing a text at all.
"""

from __future__ import annotations

import re
from typing import Final

import regex
from markupsafe import Markup, escape

_SCRIPTS: Final = {
    "km": "\u1780-\u17ff\u19e0-\u19ff",
    "th": "\u0e01-\u0e3a\u0e40-\u0e5b",
    "zh-Hant": "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
}
#: A run may go on over what stands between letters of one script: spaces, ZERO WIDTH SPACE, full-width punctuation.
_BETWEEN: Final = "\\s\u200b\u3000-\u3004\u3008-\u303f\uff01-\uff5e·"
_RUNS: Final = re.compile(
    "|".join(
        f"(?P<{tag.replace('-', '_')}>[{letters}](?:[{letters}{_BETWEEN}]*[{letters}])?)"
        for tag, letters in _SCRIPTS.items()
    )
)
_LINK: Final = re.compile(r"https?://[^\s<>\"'\u200b\u3000-\u303f\uff00-\uffef]+", re.IGNORECASE)
_AFTER_LINK: Final = ".,;:!?)]}"


def mark_scripts(text: str, language: str) -> Markup:
    """The escaped text, with ``<span lang>`` around runs in a script that isn't the one of ``language``."""
    own = "zh-Hant" if language.startswith("zh") else language
    parts: list[Markup] = []
    end = 0
    for match in _RUNS.finditer(text):
        tag = str(match.lastgroup).replace("_", "-")
        if tag == own:
            continue
        parts += (escape(text[end : match.start()]), Markup('<span lang="{}">{}</span>').format(tag, match[0]))
        end = match.end()
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def to_rich_text(text: str, language: str) -> Markup:
    """Like :func:`mark_scripts`, with web addresses as links that vouch for nothing."""
    parts: list[Markup] = []
    end = 0
    for match in _LINK.finditer(text):
        address = match[0].rstrip(_AFTER_LINK)
        parts += (
            mark_scripts(text[end : match.start()], language),
            Markup('<a href="{}" rel="nofollow ugc noopener noreferrer">{}</a>').format(
                address, mark_scripts(address, language)
            ),
        )
        end = match.start() + len(address)
    parts.append(mark_scripts(text[end:], language))
    return Markup("").join(parts)


def first_grapheme(name: str) -> str:
    """What stands in for a picture: the first letter with its marks (Khmer and Thai letters are several characters)."""
    found = regex.search(r"\X", name.strip())
    return found[0].upper() if found else "?"
