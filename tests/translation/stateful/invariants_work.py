"""What must hold of people's work: each text that needs somebody has one task of the right kind, and no other has."""

from __future__ import annotations

from collections.abc import Iterable

from app.forum.models import PostState
from app.interpreting.models import TaskKind
from tests.translation.stateful.invariants import (
    MACHINE,
    PENDING,
    VERIFIED,
    WAITING,
    Moment,
    invariant,
)
from tests.translation.stateful.snapshot import Row, Snapshot
from translation.languages import LanguageTag
from translation.models import WaitReason
from translation.results import OriginKind


def _find_needed(now: Snapshot, post: Row, row: Row) -> TaskKind | None:
    """The kind of task that the translation of a visible post's text needs, besides that of a report."""
    title = now.by_text.get((post.title_text_id, row.target_language)) if post.title_text_id is not None else None
    if row.state is VERIFIED:
        return TaskKind.CHECK if row.bridge_candidate_id is not None else None
    if row.state not in (WAITING, MACHINE) or row.reason is WaitReason.UNKNOWN_LANGUAGE:
        return None
    stale = now.candidates.get(row.stale_candidate_id or 0)
    if stale is not None and stale.origin is not OriginKind.MACHINE:
        return TaskKind.OUTDATED
    if row.state is WAITING:
        return TaskKind.TRANSLATE
    is_risky = now.threads[post.thread_id].category_id in now.risky
    return TaskKind.CHECK if is_risky or (title is not None and title.state is WAITING) else None


@invariant
def texts_that_need_somebody_have_a_task(moment: Moment) -> Iterable[str]:
    now = moment.now
    for post in now.visible:
        for row in now.translations.values():
            if row.source_text_id != post.source_text_id:
                continue
            tasks = now.unfinished.get(row.id, [])
            kinds = [task.kind for task in tasks if task.kind is not TaskKind.REPORTED]
            is_touched = any(task.id in moment.ledger.touched for task in tasks)
            needed = _find_needed(now, post, row)
            if len(kinds) > 1:
                yield f"translation {row.id} has {kinds}"
            if needed is not None and (not kinds or (kinds != [needed] and not is_touched)):
                yield f"translation {row.id} needs {needed} and has {kinds}"
            if needed is None and kinds and row.state is not PENDING and not (is_touched and row.state is MACHINE):
                yield f"translation {row.id}, which is {row.state}, has {kinds}"


@invariant
def reports_are_looked_into(moment: Moment) -> Iterable[str]:
    """As long as readers see that somebody looks, somebody is asked to."""
    now = moment.now
    for post in now.visible:
        for row in now.translations.values():
            if row.source_text_id != post.source_text_id or row.state is PENDING:
                continue
            reported = [task for task in now.unfinished.get(row.id, []) if task.kind is TaskKind.REPORTED]
            if len(reported) != row.is_reported:
                yield f"translation {row.id} has {len(reported)} for a report"


@invariant
def unknown_languages_are_asked_for(moment: Moment) -> Iterable[str]:
    now = moment.now
    doubted = {report.source_text_id for report in now.language_reports}
    for post in now.visible:
        texts = {post.source_text_id, post.title_text_id} - {None}
        is_unsure = any(now.sources[each].language is LanguageTag.UND or each in doubted for each in texts)
        tasks = [task for task in now.unfinished.get(None, []) if task.post_id == post.id]
        if len(tasks) != is_unsure:
            yield f"post {post.id} has {len(tasks)} tasks for its language"


@invariant
def nobody_works_on_what_readers_do_not_see(moment: Moment) -> Iterable[str]:
    now = moment.now
    for task in (task for tasks in now.unfinished.values() for task in tasks):
        post = now.posts[task.post_id]
        if post.state is not PostState.VISIBLE:
            yield f"task {task.id} of post {post.id}, which is {post.state}"
        row = now.translations.get(task.translation_id)
        if row is not None and row.source_text_id != post.source_text_id:
            yield f"task {task.id} of an earlier text of post {post.id}"
