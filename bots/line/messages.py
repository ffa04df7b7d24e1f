"""Message objects of LINE: texts, choices and the greeting. Pure; the card of an answer is in ``cards``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from app.core.catalogue import translate
from bots.line.postbacks import Tap, make_postback
from bots.line.texts import (
    ADD_TO_QUESTION,
    CHOOSE_LANGUAGE,
    GREETING,
    NEW_QUESTION,
    PRIVACY_NOTE,
    in_every_language,
)
from bots.line.units import cut_to_clusters, cut_to_units
from translation.languages import ENDONYMS, LANGUAGES, LanguageTag

JsonObject = dict[str, Any]

#: LINE's limits: UTF-16 units of a text and of an alternative text; clusters of a label, shorter on a quick reply.
TEXT_UNITS: Final = 5_000
ALT_TEXT_UNITS: Final = 1_500
CARD_LABEL: Final = 40
QUICK_REPLY_LABEL: Final = 20


def make_text(*paragraphs: str) -> JsonObject:
    """A text message; empty paragraphs are left out."""
    return {"type": "text", "text": cut_to_units("\n\n".join(filter(None, paragraphs)), TEXT_UNITS)}


def make_choice_card(questions: Sequence[str], choices: Sequence[JsonObject]) -> JsonObject:
    """A question, perhaps in several languages, with its choices: as buttons, which stay and show on computers, and as
    quick replies, which are at the thumb and vanish with the next message."""
    texts = [{"type": "text", "text": question, "wrap": True, "size": "sm"} for question in questions]
    body = {"type": "box", "layout": "vertical", "contents": [*texts, *map(make_button, choices)]}
    items = [
        {"type": "action", "action": {**choice, "label": cut_to_clusters(choice["label"], QUICK_REPLY_LABEL)}}
        for choice in choices
    ]
    return {
        "type": "flex",
        "altText": cut_to_units(" / ".join(questions), ALT_TEXT_UNITS),
        "contents": {"type": "bubble", "body": body},
        "quickReply": {"items": items},
    }


def make_choice(label: str, tap: Tap, *arguments: object) -> JsonObject:
    """A postback that leaves its label in the chat, so that people see what they chose."""
    return {
        "type": "postback",
        "label": cut_to_clusters(label, CARD_LABEL),
        "data": make_postback(tap, *arguments),
        "displayText": label,
    }


def make_button(action: JsonObject, *, style: str = "secondary") -> JsonObject:
    """A button of a card."""
    return {"type": "button", "style": style, "height": "sm", "margin": "sm", "action": action}


def list_language_choices(likely: LanguageTag | None) -> list[JsonObject]:
    """The six languages, each in its own script, the likely one first."""
    ordered = sorted(LANGUAGES, key=lambda tag: tag is not likely)
    return [make_choice(ENDONYMS[tag], Tap.LANGUAGE, tag) for tag in ordered]


def list_place_choices(locale: str) -> list[JsonObject]:
    """Where a later text belongs; adding to the question comes first."""
    return [
        make_choice(translate(locale, ADD_TO_QUESTION), Tap.ADD),
        make_choice(translate(locale, NEW_QUESTION), Tap.NEW),
    ]


def make_greeting(likely: LanguageTag | None) -> list[JsonObject]:
    """Hello, what becomes of a question, and the six languages to choose from."""
    welcome = [
        "\n".join((hello, privacy))
        for hello, privacy in zip(in_every_language(GREETING), in_every_language(PRIVACY_NOTE), strict=False)
    ]
    return [make_text(*welcome), make_language_card(likely, in_every_language(CHOOSE_LANGUAGE))]


def make_language_card(likely: LanguageTag | None, questions: Sequence[str]) -> JsonObject:
    """Asks for a language, in as many languages as ``questions`` has."""
    return make_choice_card(questions, list_language_choices(likely))
