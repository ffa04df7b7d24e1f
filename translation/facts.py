"""Fact chips: what a reader can hold on to when the translation may be wrong, exactly as it stands in the source."""

from __future__ import annotations

from typing import Final

import regex

from translation.languages import LanguageTag
from translation.mentions import MentionKind, find_mentions
from translation.results import Fact, FactKind

MAX_FACTS: Final = 12
_MAX_TEXT: Final = 10_000
_MAX_FACT: Final = 200

_KINDS: Final[dict[MentionKind, FactKind]] = {
    MentionKind.LINK: FactKind.LINK,
    MentionKind.PHONE: FactKind.PHONE,
    MentionKind.DATE: FactKind.DATE,
    MentionKind.YEAR: FactKind.DATE,
    MentionKind.TIME: FactKind.NUMBER,
    MentionKind.MONEY: FactKind.MONEY,
    MentionKind.NUMBER: FactKind.NUMBER,
}
#: Papers and public schemes by the names that stand on them, which people meet at the counter.
_PERMITS: Final = regex.compile(
    r"外僑居留證|永久居留證|居留證|健保卡|身分證|工作許可證?|工作證|外僑永久居留證|停留簽證|居留簽證|簽證|護照|統一證號|良民證|就業金卡"
    r"|(?<![A-Za-z])(?:APRC|ARC|NHI|TARC|SIM|MOFA|NIA)(?![A-Za-z])"
)


def list_facts(text: str, language: LanguageTag = LanguageTag.UND) -> list[Fact]:
    """Numbers, dates, amounts, phones, links and permit names, in order of appearance, each once, at most
    :data:`MAX_FACTS`. Number words ("three") are none, amounts in words are."""
    text = text[:_MAX_TEXT]
    found: list[tuple[int, Fact]] = [
        (match.start(), Fact(FactKind.PERMIT, match[0])) for match in _PERMITS.finditer(text)
    ]
    for mention in find_mentions(text, language):
        kind = _KINDS.get(mention.kind)
        if kind is not None and (mention.is_explicit or kind is FactKind.MONEY):
            found.append((mention.start, Fact(kind, text[mention.start : mention.end].strip()[:_MAX_FACT])))
    unique = dict.fromkeys(fact for _, fact in sorted(found, key=lambda item: item[0]))
    return list(unique)[:MAX_FACTS]
