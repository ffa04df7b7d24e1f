"""What no engine may touch: links, addresses, phone and account numbers, mentions, emoji, code, and the terms that the
glossary says are written the same in every language.

Small engines turn ``_`` into spaces and invent sentences for a bare number, link or emoji. So a text is split around
such items by default and only the words between are translated; placeholders are for engines that promise to keep them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import regex

from translation.numerals import fold_digits
from translation.results import GlossaryTerm

_TLDS: Final = (
    "com|net|org|info|biz|io|me|ly|co|cc|gl|app|dev|xyz|top|shop|vip|club|site|online|live|link|gov|edu"
    "|tw|vn|id|th|kh|hk|jp|cn|us|uk|eu"
)
#: Links end at the first character that is not ASCII: Chinese, Thai and Khmer run on without a space.
LINK_PATTERN: Final = (
    r"(?:https?://|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*[A-Za-z0-9\-_~/#@$&*+=%]"
    rf"|(?<![A-Za-z0-9@.\-])(?:[A-Za-z0-9\-]{{1,63}}\.){{1,4}}(?:{_TLDS})(?![A-Za-z0-9\-@])"
    r"(?:[/?#][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*[A-Za-z0-9\-_~/#@$&*+=%])?/?"
)
EMAIL_PATTERN: Final = (
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,4}"
)
#: International with ``+``, or national with a leading 0 and at least nine digits (fewer look like dates and hours).
PHONE_PATTERN: Final = (
    r"(?<![A-Za-z0-9+])(?:\+\d{1,3}(?:[ .\-]{0,2}\(?\d{1,5}\)?){2,5}(?<=\d)"
    r"|(?=(?:\(?\d\)?[ .\-]{0,2}){9})\(?0\d{1,3}\)?(?:[ .\-]{0,2}\d{2,4}){2,3})(?!\d)(?:[ ]?#\d{1,6})?"
)
_LONG_NUMBER: Final = r"(?<![A-Za-z0-9.,])(?:[A-Z]{1,3}\d{6,24}|\d{7,24}|\d{3,14}(?:-\d{2,14}){2,4})(?![A-Za-z0-9])"
_EMOJI: Final = (
    r"(?:\p{RI}\p{RI}|[0-9#*]\uFE0F?\u20E3"
    r"|\p{Extended_Pictographic}[\uFE0F\U0001F3FB-\U0001F3FF]?(?:\u200D\p{Extended_Pictographic}[\uFE0F\U0001F3FB-\U0001F3FF]?){0,8})+"
)
# LINE delivers its own emoji as such words in brackets, or as empty brackets.
_LINE_EMOJI: Final = (
    r"\((?:love|heart|smile|happy|laugh|cry|sad|angry|kiss|wink|ok|hi|bye|thanks|moon|brown|cony|sally|james|emoji)?\)"
)

# Letters of scripts with spaces between words; Chinese, Thai and Khmer run on around a term.
_IN_WORD: Final = regex.compile(r"[\p{Latin}\p{N}]")
_NOT_BEFORE: Final = r"(?<![\p{Latin}\p{N}])"
_NOT_AFTER: Final = r"(?![\p{Latin}\p{N}\p{M}])"

_PLACEHOLDER: Final = r"⟦\d{1,3}⟧"
_PROTECTED: Final = regex.compile(
    r"```[^`]{1,4000}```|`[^`\n]{1,400}`"
    rf"|{_PLACEHOLDER}|{EMAIL_PATTERN}|{LINK_PATTERN}|{_LINE_EMOJI}|(?<![A-Za-z0-9])@\w[\w.\-]{{0,29}}"
    rf"|{PHONE_PATTERN}|{_LONG_NUMBER}|{_EMOJI}"
)


@dataclass(frozen=True)
class Piece:
    """A stretch of a text: kept as it is, or free to be translated."""

    text: str
    is_protected: bool = False


@dataclass(frozen=True)
class Masked:
    """A text with placeholders, and what each stands for, in order."""

    text: str
    items: tuple[str, ...]


def has_words(text: str) -> bool:
    """Whether there is a letter of any script, so that there is something to translate."""
    return any(char.isalpha() for char in text)


def list_untranslated(terms: Iterable[GlossaryTerm]) -> tuple[str, ...]:
    """The do-not-translate terms, as they are written in the source text."""
    return tuple(dict.fromkeys(term.source for term in terms if term.is_do_not_translate))


def split_protected(text: str, terms: Sequence[str] = ()) -> list[Piece]:
    """The text as pieces that join to it again; no piece is empty and no two free ones are neighbours. ``terms`` are
    protected too, where they stand as words of their own and outside other items."""
    pieces: list[Piece] = []
    end = 0
    for start, stop in _list_spans(text, terms):
        if start > end:
            pieces.append(Piece(text[end:start]))
        pieces.append(Piece(text[start:stop], is_protected=True))
        end = stop
    if end < len(text):
        pieces.append(Piece(text[end:]))
    return pieces


def _list_spans(text: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    spans = [match.span() for match in _PROTECTED.finditer(fold_digits(text))]
    pattern = _build_pattern(terms)
    if not pattern:
        return spans
    gaps = zip([0, *(end for _, end in spans)], [*(start for start, _ in spans), len(text)], strict=True)
    return sorted(
        spans + [match.span() for start, end in gaps for match in regex.finditer(pattern, text, pos=start, endpos=end)]
    )


def _build_pattern(terms: Sequence[str]) -> str:
    # Longest first, so that a term inside another one doesn't cut it.
    return "|".join(
        (_NOT_BEFORE if _IN_WORD.match(term[0]) else "")
        + regex.escape(term)
        + (_NOT_AFTER if _IN_WORD.match(term[-1]) else "")
        for term in sorted(filter(None, terms), key=len, reverse=True)
    )


def strip_protected(text: str, terms: Sequence[str] = ()) -> str:
    """The text with a space for each protected item."""
    return "".join(" " if piece.is_protected else piece.text for piece in split_protected(text, terms))


def needs_engine(text: str, terms: Sequence[str] = ()) -> bool:
    """Whether anything but protected items, numbers and punctuation is in the text."""
    return any(has_words(piece.text) for piece in split_protected(text, terms) if not piece.is_protected)


def mask_protected(text: str, terms: Sequence[str] = ()) -> Masked:
    """Protected items as ``⟦0⟧``, ``⟦1⟧``… for engines that keep placeholders."""
    parts: list[str] = []
    items: list[str] = []
    for piece in split_protected(text, terms):
        if piece.is_protected:
            parts.append(f"⟦{len(items)}⟧")
            items.append(piece.text)
        else:
            parts.append(piece.text)
    return Masked("".join(parts), tuple(items))


def restore_protected(text: str, items: Sequence[str]) -> str | None:
    """The items put back, in whatever order the engine placed them; None when one is missing, doubled or invented."""
    found = regex.findall(_PLACEHOLDER, text)
    if sorted(found) != sorted(f"⟦{index}⟧" for index in range(len(items))):
        return None
    return regex.sub(_PLACEHOLDER, lambda match: items[int(match[0][1:-1])], text)
