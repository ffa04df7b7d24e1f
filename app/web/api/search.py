"""Finding threads: by words, and by likeness to a question that somebody is about to ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from app.contract import schemas
from app.contract.bodies import SearchQuery, SimilarQuery
from app.contract.render import render_thread_summary
from app.forum.queries import get_category
from app.forum.views import ThreadSummary
from app.search.queries import find_similar_threads, search_threads
from app.web.api.adapter import make_blueprint
from app.web.api.common import choose_language, load_rendering
from app.web.auth import current_actor
from app.web.runtime import get_runtime

blueprint = make_blueprint("search", tag="Search")


@blueprint.get("/search")
@blueprint.input(SearchQuery, location="query")
@blueprint.output(schemas.ThreadPage)
def search(query_data: SearchQuery) -> schemas.ThreadPage:
    """Threads in which the words stand, in any language, with titles in the reader's"""
    actor, language = current_actor(), choose_language(query_data.language)

    def find(session: Session) -> Sequence[ThreadSummary]:
        if query_data.category is not None:
            get_category(session, query_data.category)
        return search_threads(session, actor=actor, text=query_data.q, language=language, category=query_data.category)

    return _to_page(find)


@blueprint.get("/similar")
@blueprint.input(SimilarQuery, location="query")
@blueprint.output(schemas.ThreadPage)
def similar(query_data: SimilarQuery) -> schemas.ThreadPage:
    """Answered threads like this text, the most alike first"""
    actor, language = current_actor(), choose_language(query_data.language)
    return _to_page(lambda session: find_similar_threads(session, actor=actor, text=query_data.text, language=language))


def _to_page(find: Callable[[Session], Sequence[ThreadSummary]]) -> schemas.ThreadPage:
    with get_runtime().db.reading() as session:
        found = find(session)
        rendering = load_rendering(session, (), [thread.title for thread in found])
    return schemas.ThreadPage(items=[render_thread_summary(thread, rendering) for thread in found], next=None)
