"""What can be wrong with a moderator's request."""

from __future__ import annotations

from app.core.errors import ConflictError, NotFoundError


class ItemNotFoundError(NotFoundError):
    """There is no such item for this moderator: an item in a language that she doesn't read is none of hers."""

    code = "moderation.item_not_found"


class AlreadyDecidedError(ConflictError):
    """Somebody else has decided it."""

    code = "moderation.already_decided"
