"""The languages of Qiao as BCP-47 tags, and how tags from outside become ours.

Engine codes (``zt``, ``zh_TW``, ``khm_Khmr``…) live in their adapters, never here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from app.core.errors import InvalidInputError


class LanguageTag(StrEnum):
    """A language of content. ``UND`` is the honest answer "not sure" (BCP-47 ``und``)."""

    ZH_HANT = "zh-Hant"
    ZH_HANS = "zh-Hans"
    EN = "en"
    VI = "vi"
    ID = "id"
    TH = "th"
    KM = "km"
    UND = "und"

    @property
    def is_known(self) -> bool:
        return self is not LanguageTag.UND


#: The six languages of content and of the interface, in the order they are offered.
LANGUAGES: Final[tuple[LanguageTag, ...]] = (
    LanguageTag.ZH_HANT,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)

#: What a person can read: the six, and Simplified Chinese as a display variant of ``zh-Hant``.
READING_LANGUAGES: Final[tuple[LanguageTag, ...]] = (*LANGUAGES, LanguageTag.ZH_HANS)

#: Every language's name in its own script (endonym), for pickers and labels.
ENDONYMS: Final[dict[LanguageTag, str]] = {
    LanguageTag.ZH_HANT: "繁體中文",
    LanguageTag.ZH_HANS: "简体中文",
    LanguageTag.EN: "English",
    LanguageTag.VI: "Tiếng Việt",
    LanguageTag.ID: "Bahasa Indonesia",
    LanguageTag.TH: "ไทย",
    LanguageTag.KM: "ភាសាខ្មែរ",
}

_BY_LOWER: Final[dict[str, LanguageTag]] = {tag.value.lower(): tag for tag in LanguageTag}
_TRADITIONAL_HINTS: Final[frozenset[str]] = frozenset({"hant", "tw", "hk", "mo"})


class UnknownLanguageError(InvalidInputError):
    """The tag is not one of ours."""

    code = "language.unknown"


def find_language_tag(text: str) -> LanguageTag | None:
    """Our tag for a BCP-47 tag from outside, or None.

    Case and ``_`` are forgiven, regions are dropped (``vi-VN`` is ``vi``), ``in`` is the old code of Indonesian,
    Malay is read as Indonesian, and Chinese is told apart by script, then by region; plain ``zh`` is Traditional here.
    """
    parts = text.strip().replace("_", "-").lower().split("-")
    exact = _BY_LOWER.get("-".join(parts))
    if exact is not None:
        return exact
    primary, rest = parts[0], parts[1:]
    if primary == "zh":
        if "hans" in rest:
            return LanguageTag.ZH_HANS
        if not rest or _TRADITIONAL_HINTS.intersection(rest):
            return LanguageTag.ZH_HANT
        return LanguageTag.ZH_HANS if {"cn", "sg", "my"}.intersection(rest) else LanguageTag.ZH_HANT
    if primary in {"in", "ms"}:
        return LanguageTag.ID
    found = _BY_LOWER.get(primary)
    return found if found is not None and found.is_known else None


def parse_language_tag(text: str) -> LanguageTag:
    """Like :func:`find_language_tag`, but raises :class:`UnknownLanguageError`."""
    tag = find_language_tag(text)
    if tag is None or not tag.is_known:
        raise UnknownLanguageError(field="language")
    return tag
