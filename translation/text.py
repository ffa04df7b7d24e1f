"""Cleaning of text that people typed: what is stored, what is compared, and what a language detector may look at."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Final

import regex

from app.core.errors import InvalidInputError

_LINE_BREAKS: Final = regex.compile(r"\r\n?|[\u0085\u2028\u2029]")
_CONTROLS: Final = regex.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES: Final = regex.compile(r"[\ud800-\udfff]")
#: Zero-width characters and blanks, and the Braille pattern without a dot, which is neither by its properties.
_UNSEEN: Final = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{White_Space}\u2800]*")

# Addresses are ASCII here on purpose: Chinese, Thai and Khmer continue after a link without a space. Every pattern
# starts only where a run starts, so that the time stays linear in the length of the text.
_URL: Final = r"(?i:https?://|(?<![a-z0-9])www\.)[!-;=?-~]+"
_BARE_DOMAIN: Final = (
    r"(?<![A-Za-z0-9.@_-])(?:[A-Za-z0-9-]+\.)+"
    r"(?i:com|org|net|edu|gov|info|io|me|ly|be|tw|vn|id|th|kh)(?![A-Za-z0-9_-])(?:/[!-;=?-~]*)?"
)
_EMAIL: Final = r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_NO_EVIDENCE: Final = regex.compile(
    "|".join(
        (
            r"(?m:^[ \t]*[>＞][^\n]*)",  # quoted lines: somebody else's words
            r"```.*?(?:```|\Z)|`[^`\n]*`",  # code
            _URL,
            _EMAIL,
            _BARE_DOMAIN,
            r"(?<!\w)[@＠#＃][\w.]+",  # mentions and tags
            r"\([a-z]{2,16}(?: [a-z]{2,16})?\)",  # emoji of LINE, which come as words: "(moon grin)"
            r"(?<!\w):[a-z0-9_+-]{1,40}:",  # emoji short codes: ":smile:"
            r"[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\ufe0f\u20e3]",
        )
    ),
    regex.DOTALL,
)


class LoneSurrogateError(InvalidInputError):
    """The text holds half of a surrogate pair: it is no Unicode text and no database or network accepts it."""

    code = "text.surrogate"


class EmptyTextError(InvalidInputError):
    """Nothing is left of the text."""

    code = "text.empty"


class TextTooLongError(InvalidInputError):
    """Longer than the field allows; ``max_length`` in code points is in the data."""

    code = "text.too_long"


def normalise_user_text(text: str, *, field: str = "text") -> str:
    """The text as it is stored: NFC, ``\\n`` as the only line break, no control characters but it and the tab, no white
    space at the ends. Zero-width characters stay: Khmer is written with U+200B between words, and emoji and several
    scripts need the joiners; but a text of which nothing can be seen is empty. Raises :class:`LoneSurrogateError` for
    ``field``.
    """
    if _SURROGATES.search(text):
        raise LoneSurrogateError(field=field)
    text = _CONTROLS.sub("", _LINE_BREAKS.sub("\n", text))
    text = unicodedata.normalize("NFC", text).strip()
    return "" if _UNSEEN.fullmatch(text) else text


def parse_user_text(text: str, *, field: str, max_length: int) -> str:
    """Like :func:`normalise_user_text`, and neither empty nor longer than ``max_length`` code points."""
    if len(text) > max_length:
        raise TextTooLongError(field=field, max_length=max_length)
    text = normalise_user_text(text, field=field)
    if not text:
        raise EmptyTextError(field=field)
    return text


def digest_text(text: str) -> str:
    """SHA-256 (hex) of the text's NFC form in UTF-8: two texts with the same digest are the same source."""
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")).hexdigest()


def strip_for_detection(text: str) -> str:
    """The text without what tells nothing about its author's language: quoted lines, code, links, addresses, mentions,
    tags and emoji, each replaced by a space. Never raises."""
    return _NO_EVIDENCE.sub(" ", text)
