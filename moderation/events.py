"""What happens in moderation."""

from __future__ import annotations

from typing import ClassVar

from app.core.outbox import Event


class PostReported(Event):
    """A post came into the queue, or another reader reported it."""

    name: ClassVar[str] = "moderation.post_reported"
    item_id: int


class DecisionMade(Event):
    """Something was decided; its author and everybody who reported it are told."""

    name: ClassVar[str] = "moderation.decision_made"
    item_id: int
    decision_id: int
