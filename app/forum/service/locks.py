"""The order in which rows are locked: threads in ascending order first, then whatever hangs on them. Everybody who is
going to change a post or a translation begins here, so that nobody waits for somebody who waits for them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.forum.models import Post, Revision, Thread


def lock_thread(session: Session, thread_id: int) -> None:
    session.execute(select(Thread.id).where(Thread.id == thread_id).with_for_update())


def lock_threads_of_texts(session: Session, source_text_ids: Collection[int]) -> None:
    """Lock the threads in which these texts, of whichever revision, stand."""
    threads = (
        select(Post.thread_id)
        .join(Revision, Revision.post_id == Post.id)
        .where(or_(Revision.source_text_id.in_(source_text_ids), Revision.title_text_id.in_(source_text_ids)))
    )
    session.execute(select(Thread.id).where(Thread.id.in_(threads)).order_by(Thread.id).with_for_update())
