"""What happens in conversations. Ids only: handlers read what is visible at the time they run."""

from __future__ import annotations

from typing import ClassVar

from app.core.outbox import Event


class PostCreated(Event):
    """A post became visible for the first time."""

    name: ClassVar[str] = "post.created"
    post_id: int
    thread_id: int


class PostRestored(Event):
    """A held post was published, or a hidden one is shown again."""

    name: ClassVar[str] = "post.restored"
    post_id: int
    thread_id: int


class PostHeld(Event):
    """Screening holds a new post until a moderator has looked at it."""

    name: ClassVar[str] = "post.held"
    post_id: int
    thread_id: int


class PostChanged(Event):
    """A visible post was edited, or its language was corrected."""

    name: ClassVar[str] = "post.changed"
    post_id: int
    thread_id: int


class PostWithdrawn(Event):
    """A post vanished for readers: withdrawn by its author, unsent, removed (``is_final``) or hidden."""

    name: ClassVar[str] = "post.withdrawn"
    post_id: int
    thread_id: int
    is_final: bool


class PostTranslated(Event):
    """A visible post's translation into one language changed."""

    name: ClassVar[str] = "post.translated"
    post_id: int
    thread_id: int
    language: str


class ThreadChanged(Event):
    """A thread's status changed."""

    name: ClassVar[str] = "thread.changed"
    thread_id: int
