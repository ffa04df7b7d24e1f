"""The card by which an answer reaches a reader in LINE: a translation with who vouches for it, and the original. Pure.

Everything is cut on the borders of grapheme clusters: Khmer and Thai have no spaces to cut at.
"""

from __future__ import annotations

from typing import Any, Final

from app.core.catalogue import translate
from app.forum.views import PostView
from bots.line import texts
from bots.line.messages import (
    ALT_TEXT_UNITS,
    CARD_LABEL,
    JsonObject,
    make_button,
    make_choice,
)
from bots.line.postbacks import Tap
from bots.line.units import cut_to_clusters, cut_to_units
from translation.languages import ENDONYMS, LanguageTag
from translation.models import TranslationState
from translation.queries import TranslationView

#: LINE allows a bubble of 30 KB, measured (to be safe) as escaped JSON, where a character of ours takes six bytes.
_BODY_UNITS: Final = 1_600
_ORIGINAL_UNITS: Final = 1_000
_ALT_BODY_UNITS: Final = 200

_GREY: Final = "#5f6368"
_GREEN: Final = "#0b6b3a"


def make_answer_card(post: PostView, *, locale: str, url: str) -> JsonObject:
    """A Flex message of one bubble. ``url`` is where the whole thread can be read."""
    translation = post.translation
    shown = translation.text if translation is not None and translation.text else post.body
    title = translate(locale, texts.ANSWER_TO, number=post.thread_id)
    label = describe_voucher(post, locale=locale)
    is_cut = cut_to_units(shown, _BODY_UNITS) != shown
    contents = [
        _text(title, size="sm", weight="bold"),
        _text(label, size="xs", color=_GREEN if _is_checked(translation) else _GREY),
        _text(cut_to_units(shown, _BODY_UNITS), size="md", margin="md"),
        *([_text(translate(locale, texts.READ_ON), size="xs", color=_GREY)] if is_cut else []),
        *(_list_original(post, locale) if shown is not post.body else []),
    ]
    bubble = {
        "type": "bubble",
        "size": "mega",
        "body": {"type": "box", "layout": "vertical", "spacing": "sm", "contents": contents},
        "footer": {
            "type": "box",
            "layout": "vertical",
            "spacing": "sm",
            "contents": _list_buttons(post, locale=locale, url=url),
        },
    }
    alt_text = f"{title} · {label}\n{cut_to_units(shown, _ALT_BODY_UNITS)}"
    return {"type": "flex", "altText": cut_to_units(alt_text, ALT_TEXT_UNITS), "contents": bubble}


def describe_voucher(post: PostView, *, locale: str) -> str:
    """Who vouches for what the reader sees, and which language it comes from."""
    language = ENDONYMS.get(post.language.tag) or translate(locale, texts.UNKNOWN_LANGUAGE)
    if post.translation is None or post.translation.text is None:
        return translate(locale, texts.NOT_TRANSLATED, language=language)
    label = {TranslationState.VERIFIED: texts.CHECKED_FROM, TranslationState.STALE: texts.OUTDATED_FROM}
    return translate(locale, label.get(post.translation.state, texts.MACHINE_FROM), language=language)


def _is_checked(translation: TranslationView | None) -> bool:
    return translation is not None and translation.state is TranslationState.VERIFIED


def _list_original(post: PostView, locale: str) -> list[JsonObject]:
    heading = translate(locale, texts.ORIGINAL)
    if post.language.tag is not LanguageTag.UND:
        heading = f"{heading} · {ENDONYMS[post.language.tag]}"
    return [
        {"type": "separator", "margin": "lg"},
        _text(heading, size="xs", color=_GREY, margin="md"),
        _text(cut_to_units(post.body, _ORIGINAL_UNITS), size="sm", color=_GREY),
    ]


def _list_buttons(post: PostView, *, locale: str, url: str) -> list[JsonObject]:
    reply = {**make_choice(translate(locale, texts.REPLY), Tap.REPLY, post.id), "inputOption": "openKeyboard"}
    actions = [make_button(reply, style="primary")]
    if post.translation is not None and post.translation.candidate_id is not None:
        wrong = translate(locale, texts.WRONG_TRANSLATION)
        actions.append(make_button(make_choice(wrong, Tap.WRONG, post.id, post.translation.candidate_id)))
    label = cut_to_clusters(translate(locale, texts.OPEN_ON_WEB), CARD_LABEL)
    actions.append(make_button({"type": "uri", "label": label, "uri": url}, style="link"))
    return actions


def _text(text: str, **style: Any) -> JsonObject:
    return {"type": "text", "text": text, "wrap": True, **style}
