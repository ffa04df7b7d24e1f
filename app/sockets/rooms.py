"""Names of rooms. A thread has one for everybody who looks at it and one for each language it is read in."""

from __future__ import annotations

from typing import Final

from translation.languages import LanguageTag

ANY_DESK: Final = "desk:und"


def name_thread_room(thread_id: int) -> str:
    return f"thread:{thread_id}"


def name_language_room(thread_id: int, language: LanguageTag) -> str:
    return f"thread:{thread_id}:{language}"


def name_desk_room(source: str, target: str) -> str:
    """The interpreters of a pair; all of them for a text in a language that nobody knows yet."""
    return ANY_DESK if source == LanguageTag.UND else f"desk:{source}:{target}"
