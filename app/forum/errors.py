"""What can be wrong with a request to the forum."""

from __future__ import annotations

from app.core.errors import InvalidInputError, NotFoundError


class ThreadNotFoundError(NotFoundError):
    code = "forum.thread_not_found"


class PostNotFoundError(NotFoundError):
    code = "forum.post_not_found"


class UnknownCategoryError(InvalidInputError):
    """``field`` is ``category``."""

    code = "forum.category_unknown"


class UnknownReplyError(InvalidInputError):
    """The post replied to isn't a visible post of this thread. ``field`` is ``reply_to``."""

    code = "forum.reply_to_unknown"
