"""Texts for people inside the contract's objects, as messages of the catalogue."""

from __future__ import annotations

from typing import Final

from app.core.catalogue import translate
from translation.results import CheckCode


def N_(message: str) -> str:  # noqa: N802 - the name that Babel's extractor knows
    """Mark a message for the catalogue where it can't be translated yet."""
    return message


CHECK_MESSAGES: Final[dict[CheckCode, str]] = {
    CheckCode.NUMBERS: N_("A number differs from the original."),
    CheckCode.DATES: N_("A date differs from the original."),
    CheckCode.MONEY: N_("An amount of money differs from the original."),
    CheckCode.PHONES: N_("A phone number differs from the original."),
    CheckCode.LINKS: N_("A link differs from the original."),
    CheckCode.NAMES: N_("A name or code is missing or changed."),
    CheckCode.SCRIPT: N_("The text is not in the script of its language."),
    CheckCode.COPY: N_("The original was copied instead of translated."),
    CheckCode.REPETITION: N_("Words are repeated over and over."),
    CheckCode.LENGTH: N_("The length does not fit: something may be missing or added."),
    CheckCode.NEGATION: N_("A “not” may be missing or added."),
    CheckCode.GLOSSARY: N_("A term of the glossary is not used."),
    CheckCode.SIMPLIFIED: N_("Simplified characters in Traditional Chinese text."),
    CheckCode.EMPTY: N_("There is no text."),
    CheckCode.PLACEHOLDERS: N_("A part that must stay as it is got lost."),
}


def describe_check(code: CheckCode, locale: str) -> str:
    return translate(locale, CHECK_MESSAGES[code])
