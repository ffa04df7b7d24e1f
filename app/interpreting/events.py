"""What happens to human work."""

from __future__ import annotations

from typing import ClassVar

from app.core.outbox import Event


class TaskOpened(Event):
    """There is something to do: a new task, or one that was given back."""

    name: ClassVar[str] = "interpreting.task_opened"
    task_id: int


class TaskClaimed(Event):
    """Somebody has taken a task."""

    name: ClassVar[str] = "interpreting.task_claimed"
    task_id: int


class TaskClosed(Event):
    """A task was done or is no longer needed."""

    name: ClassVar[str] = "interpreting.task_closed"
    task_id: int
