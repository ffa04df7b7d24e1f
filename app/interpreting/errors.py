"""What can be wrong with somebody's work on a task."""

from __future__ import annotations

from app.core.errors import ConflictError, InvalidInputError, NotFoundError


class TaskNotFoundError(NotFoundError):
    """There is no such task for this person: a task of somebody else's pair is none of her business."""

    code = "interpreting.task_not_found"


class LeaseHeldError(ConflictError):
    """Somebody else is at work on it. Data: ``holder`` (display name), ``expires_at``."""

    code = "interpreting.lease_held"


class LeaseLostError(ConflictError):
    """The lease to renew is no longer hers: it was given back."""

    code = "interpreting.lease_lost"


class TaskClosedError(ConflictError):
    """The task was done by somebody else, or its text has changed or vanished. Data: ``mine``, ``theirs`` (the text
    that stands now, or None), ``source`` (the source as it is now, or None), ``task_id`` (the task that follows, or
    None)."""

    code = "interpreting.task_closed"


class LanguageExpectedError(InvalidInputError):
    """This task asks for the language of the text, not for a translation. ``field`` is ``text``."""

    code = "interpreting.language_expected"


class SamePairError(InvalidInputError):
    """A pair leads from one language to another. ``field`` is ``pairs``."""

    code = "interpreting.same_language"
