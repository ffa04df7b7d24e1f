"""What a reader is shown of a text, decided in one place: which words, in which language, who vouches. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.forum.views import PostView, TitleView
from translation.glossary.queries import GistTerm
from translation.languages import LanguageTag
from translation.models import Grade, TranslationState
from translation.queries import TranslationView

#: Every pair that a reader may wait for, as in the interpreters' queue.
PairKey = tuple[LanguageTag, LanguageTag]


class Label(StrEnum):
    """The words under a text. ``NONE``: written in the reader's language, so there is nothing to vouch for."""

    NONE = ""
    TRANSLATING = "translating"
    MACHINE = "machine"
    VERIFIED = "verified"
    OUTDATED = "outdated"
    WAITING = "waiting"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Shown:
    """``text`` is in ``language``. Where it is a translation, ``original`` is what was written, one tap away."""

    text: str
    language: str
    label: Label
    is_original: bool
    original: str
    original_language: str
    is_reported: bool = False
    is_checked_twice: bool = False
    is_demo: bool = False
    reason: str | None = None
    updated_at: datetime | None = None
    gist: tuple[GistTerm, ...] = ()
    gist_language: str = ""


_LABELS = {
    TranslationState.PENDING: Label.TRANSLATING,
    TranslationState.MACHINE: Label.MACHINE,
    TranslationState.VERIFIED: Label.VERIFIED,
    TranslationState.STALE: Label.OUTDATED,
    TranslationState.WAITING: Label.WAITING,
}


def show_text(text: str, written_in: LanguageTag, translation: TranslationView | None, *, lacks: bool = False) -> Shown:
    """Translation first; the original wherever there is no translation that may be shown, never an empty bubble.

    ``lacks`` says that a translation is needed and nobody has asked for it yet.
    """
    if not written_in.is_known:
        return _as_written(text, written_in, Label.UNKNOWN)
    if translation is None:
        return _as_written(text, written_in, Label.TRANSLATING if lacks else Label.NONE)
    label = _LABELS.get(translation.state, Label.NONE)
    if translation.text is None:
        reason = translation.reason.value if translation.reason is not None else None
        shown = _as_written(text, written_in, label, reason=reason)
        return replace(shown, gist=translation.gist, gist_language=translation.language.value)
    return Shown(
        text=translation.text,
        language=translation.language.value,
        label=label,
        is_original=False,
        original=text,
        original_language=written_in.value,
        is_reported=translation.is_reported,
        is_checked_twice=translation.grade is Grade.TWO,
        is_demo=translation.is_demo and label is Label.MACHINE,
        updated_at=translation.updated_at,
    )


def _as_written(text: str, language: LanguageTag, label: Label, *, reason: str | None = None) -> Shown:
    return Shown(text, language.value, label, True, text, language.value, reason=reason)


def show_post(post: PostView) -> Shown:
    return show_text(post.body, post.language.tag, post.translation, lacks=post.lacks_translation)


def show_title(title: TitleView) -> Shown:
    return show_text(title.text, title.language.tag, title.translation)


def collect_waiting_pairs(posts: list[PostView]) -> set[PairKey]:
    """The pairs for which readers of these posts wait for a person."""
    return {
        (post.translation.source_language, post.translation.language)
        for post in posts
        if post.translation is not None and post.translation.underlying is TranslationState.WAITING
    }


def has_machine_text(posts: list[PostView]) -> bool:
    """Whether the reader should be told to have it checked before signing or paying."""
    return any(show_post(post).label is Label.MACHINE for post in posts)
