"""What happens to notices."""

from __future__ import annotations

from typing import ClassVar

from app.core.outbox import Event
from app.forum.models import Channel


class DeliveryPlanned(Event):
    """There may be something to send by this channel."""

    name: ClassVar[str] = "notifications.delivery_planned"
    channel: Channel
