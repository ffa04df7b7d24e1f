"""The interpreters' desk: the queue, taking and giving back, drafts, submitting."""

from __future__ import annotations

from contextlib import suppress

from app.contract import schemas
from app.contract.bodies import DraftIn, PairIn, SkipIn, SubmissionIn, TasksQuery
from app.contract.render import Rendering, render_task, render_task_summary, render_translation
from app.core.actor import Actor
from app.core.errors import ConflictError, NotFoundError, QiaoError
from app.interpreting import queries, service
from app.web.api.adapter import for_signed_in, make_blueprint
from app.web.api.common import load_rendering, make_cursor, read_cursor
from app.web.auth import require_actor
from app.web.i18n import get_locale
from app.web.runtime import get_runtime
from translation.queries import get_translation, load_views
from translation.service.verification import ChecksFailedError

blueprint = make_blueprint("tasks", tag="Desk")


class NoTaskLeftError(NotFoundError):
    """Nothing waits for this interpreter."""

    code = "interpreting.no_task_left"


@blueprint.get("/tasks")
@for_signed_in
@blueprint.input(TasksQuery, location="query")
@blueprint.output(schemas.TaskPage)
def list_tasks(query_data: TasksQuery) -> schemas.TaskPage:
    """The interpreter's queue, the most urgent first"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.reading() as session:
        page = queries.list_tasks(
            session,
            actor=actor,
            source=query_data.source,
            target=query_data.target,
            state=query_data.state,
            after=read_cursor(query_data.after),
            limit=query_data.limit,
            now=runtime.clock(),
        )
    return schemas.TaskPage(items=[render_task_summary(task) for task in page.items], next=make_cursor(page.next))


@blueprint.get("/tasks/<row_id:task_id>")
@for_signed_in
@blueprint.output(schemas.Task)
def show_task(task_id: int) -> schemas.Task:
    """A task with all that it takes to do it"""
    return _read_task(require_actor(), task_id)


@blueprint.post("/tasks/next")
@for_signed_in
@blueprint.input(PairIn)
@blueprint.output(schemas.Task)
def claim_next(json_data: PairIn) -> schemas.Task:
    """Take the most urgent free task"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        task_id = service.claim_next(
            session, actor=actor, source=json_data.source, target=json_data.target, now=runtime.clock()
        )
    if task_id is None:
        raise NoTaskLeftError
    return _read_task(actor, task_id)


@blueprint.post("/tasks/<row_id:task_id>/claim")
@for_signed_in
@blueprint.output(schemas.Task)
def claim_task(task_id: int) -> schemas.Task:
    """Take a task; 409 `interpreting.lease_held` while somebody else has it"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        service.claim_task(session, actor=actor, task_id=task_id, now=runtime.clock())
    return _read_task(actor, task_id)


@blueprint.post("/tasks/<row_id:task_id>/renew")
@for_signed_in
@blueprint.output(schemas.Task)
def renew_task(task_id: int) -> schemas.Task:
    """Still at it: the lease begins anew"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        service.renew_task(session, actor=actor, task_id=task_id, now=runtime.clock())
    return _read_task(actor, task_id)


@blueprint.post("/tasks/<row_id:task_id>/release")
@for_signed_in
@blueprint.output(schemas.Task)
def release_task(task_id: int) -> schemas.Task:
    """Give a task back; the draft is kept"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        service.release_task(session, actor=actor, task_id=task_id, now=runtime.clock())
    return _read_task(actor, task_id)


@blueprint.post("/tasks/<row_id:task_id>/skip")
@for_signed_in
@blueprint.input(SkipIn)
@blueprint.output(schemas.Task)
def skip_task(task_id: int, json_data: SkipIn) -> schemas.Task:
    """Leave a task to others; "next" doesn't bring it again"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        service.skip_task(session, actor=actor, task_id=task_id, reason=json_data.reason, now=runtime.clock())
    return _read_task(actor, task_id)


@blueprint.put("/tasks/<row_id:task_id>/draft")
@for_signed_in
@blueprint.input(DraftIn)
@blueprint.doc(responses={204: {"description": "Kept."}})
def save_draft(task_id: int, json_data: DraftIn) -> tuple[str, int]:
    """Keep what is typed so far"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        service.save_draft(session, actor=actor, task_id=task_id, text=json_data.text, now=runtime.clock())
    return "", 204


@blueprint.post("/tasks/<row_id:task_id>/submit")
@for_signed_in
@blueprint.input(SubmissionIn)
@blueprint.output(schemas.Translation)
def submit_task(task_id: int, json_data: SubmissionIn) -> schemas.Translation:
    """Vouch for a translation

    422 with `checks` if it fails them (warnings pass with `accept_warnings`), 409 with both texts if somebody else was
    faster.
    """
    actor, runtime = require_actor(), get_runtime()
    try:
        with runtime.db.transaction() as session:
            translation_id = service.submit_task(
                session,
                actor=actor,
                task_id=task_id,
                text=json_data.text,
                title_text=json_data.title_text,
                base_candidate_id=json_data.base_candidate_id,
                accept_warnings=json_data.accept_warnings,
                now=runtime.clock(),
            )
    except (ConflictError, ChecksFailedError):
        _keep_as_draft(actor, task_id, json_data.text)
        raise
    with runtime.db.reading() as session:
        row = get_translation(session, translation_id)
        views = load_views(session, source_text_ids=[row.source_text_id], target=row.target_language)
    return render_translation(views[row.source_text_id], Rendering(locale=get_locale()))


def _keep_as_draft(actor: Actor, task_id: int, text: str) -> None:
    """What was refused is not lost. Where nothing can be kept any more, the refusal itself says why."""
    runtime = get_runtime()
    with suppress(QiaoError), runtime.db.transaction() as session:
        service.save_draft(session, actor=actor, task_id=task_id, text=text, now=runtime.clock())


def _read_task(actor: Actor, task_id: int) -> schemas.Task:
    runtime = get_runtime()
    with runtime.db.reading() as session:
        task = queries.get_task_view(session, actor=actor, task_id=task_id, now=runtime.clock())
        return render_task(task, load_rendering(session, task.context, [post.title for post in task.context]))
