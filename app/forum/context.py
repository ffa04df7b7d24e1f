"""What was said before a text, for engines that translate better when they know."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.forum.models import Post
from app.forum.queries import list_posts_before
from translation.models import SourceText

#: Posts before the one to translate.
CONTEXT = 5


def load_context(session: Session, source_text_ids: Collection[int]) -> Mapping[int, tuple[str, ...]]:
    """The visible posts of the same thread before those that these are the texts of, oldest first, as they are stored:
    masked. Titles and texts of earlier revisions have none. Two queries a text."""
    contexts: dict[int, tuple[str, ...]] = {}
    for post in session.scalars(select(Post).where(Post.source_text_id.in_(source_text_ids))).all():
        before = [each.source_text_id for each in list_posts_before(session, post=post, limit=CONTEXT)]
        rows = session.execute(select(SourceText.id, SourceText.text).where(SourceText.id.in_(before)))
        texts = dict(rows.all())
        contexts[post.source_text_id] = tuple(texts[text_id] for text_id in before)
    return contexts
