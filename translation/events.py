"""What happens to texts and translations."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from app.core.outbox import Event
from translation.languages import LanguageTag
from translation.models import TranslationState, WaitReason


class TranslationsRequested(Event):
    """There are pending translations for the workers."""

    name: ClassVar[str] = "translation.requested"


class PreviewRequested(Event):
    """Somebody waits to see how a text will read."""

    name: ClassVar[str] = "preview.requested"


class TranslationChange(BaseModel):
    """One translation as it is now. ``keeps_human_text`` says that readers still see a person's text of the version
    before an edit."""

    model_config = ConfigDict(frozen=True)

    translation_id: int
    source_text_id: int
    source: LanguageTag
    target: LanguageTag
    state: TranslationState
    reason: WaitReason | None = None
    keeps_human_text: bool = False


class TranslationsChanged(Event):
    """Translations changed their state or their active text; many at once, because workers finish batches."""

    name: ClassVar[str] = "translation.changed"
    changes: list[TranslationChange]


class LanguageReported(Event):
    """A reader says that the language of a text was got wrong."""

    name: ClassVar[str] = "language.reported"
    source_text_id: int


class TranslationReported(Event):
    """A reader says that a translation is wrong."""

    name: ClassVar[str] = "translation.reported"
    translation_id: int
    source_text_id: int
    target: LanguageTag
