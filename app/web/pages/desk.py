"""The interpreter's desk: the queue of her pairs, and one task with everything that is needed to do it."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Response, flash, make_response, render_template, request

from app.contract.messages import describe_check
from app.core.errors import ConflictError, QiaoError
from app.forum.policy import require
from app.interpreting.errors import LeaseHeldError
from app.interpreting.models import TaskKind
from app.interpreting.policy import can_interpret
from app.interpreting.queries import TaskView, get_task_view, list_tasks
from app.interpreting.service import (
    claim_next,
    claim_task,
    confirm_language,
    release_task,
    renew_task,
    save_draft,
    skip_task,
    submit_task,
)
from app.web.auth import current_actor, require_actor
from app.web.errors import to_failure
from app.web.forms import Form, read_cursor, read_form, read_text, with_errors
from app.web.i18n import get_locale, gettext
from app.web.messages import SKIP_REASONS
from app.web.pages.blueprint import ID, as_response, go_to, pages
from app.web.runtime import get_runtime
from translation.languages import LanguageTag, find_language_tag, parse_language_tag
from translation.results import Finding, Severity
from translation.service.memory import MemoryMatch
from translation.service.verification import ChecksFailedError


@dataclass(frozen=True)
class Trouble:
    """What stands between a text and its confirmation."""

    findings: tuple[Finding, ...] = ()
    #: What stands now, where somebody was faster; None where nobody was.
    theirs: str | None = None
    source: str | None = None
    next_task_id: int | None = None
    form: Form = field(default_factory=Form)

    @property
    def can_be_accepted(self) -> bool:
        """Warnings pass when she says so; errors never do."""
        return bool(self.findings) and all(finding.severity is Severity.WARNING for finding in self.findings)

    def describe(self, finding: Finding) -> str:
        return describe_check(finding.code, get_locale())


@pages.get("/desk")
def show_desk() -> str:
    actor, runtime = require_actor(), get_runtime()
    source, target = _read_pair()
    with runtime.db.reading() as session:
        require(can_interpret(actor))
        tasks = list_tasks(
            session,
            actor=actor,
            now=runtime.clock(),
            source=source,
            target=target,
            after=read_cursor("after"),
        )
    return render_template("desk.html", tasks=tasks.items, next_after=tasks.next, source=source, target=target)


def _read_pair() -> tuple[LanguageTag | None, LanguageTag | None]:
    """The pair that the queue is narrowed to, as ``vi:zh-Hant``; it stays in the address."""
    source, _, target = request.values.get("pair", "").partition(":")
    return find_language_tag(source) if source else None, find_language_tag(target) if target else None


@pages.post("/desk/next")
def take_next() -> Response:
    actor, runtime = require_actor(), get_runtime()
    source, target = _read_pair()
    with runtime.db.transaction() as session:
        task_id = claim_next(session, actor=actor, source=source, target=target, now=runtime.clock())
    if task_id is None:
        flash(gettext("Nothing is waiting in your languages. Thank you!"))
        return go_to("pages.show_desk", pair=request.values.get("pair"))
    return go_to("pages.show_task", task_id=task_id)


@pages.get(f"/desk/<{ID}:task_id>")
def show_task(task_id: int) -> Response:
    return _render(task_id, Form(), Trouble())


@pages.post(f"/desk/<{ID}:task_id>")
def confirm(task_id: int) -> Response:
    """Vouch for the text; her time starts anew and her text is kept whatever stands in the way."""
    actor, runtime = require_actor(), get_runtime()
    form = read_form("text", "title_text", "base_candidate_id", "language", "accept_warnings")
    try:
        with runtime.db.transaction() as session:
            if form["language"]:
                confirm_language(
                    session,
                    actor=actor,
                    task_id=task_id,
                    language=parse_language_tag(form["language"]),
                    now=runtime.clock(),
                )
            else:
                submit_task(
                    session,
                    actor=actor,
                    task_id=task_id,
                    text=form["text"],
                    title_text=form["title_text"] or None,
                    base_candidate_id=read_cursor("base_candidate_id"),
                    accept_warnings=bool(form["accept_warnings"]),
                    now=runtime.clock(),
                )
    except QiaoError as error:
        _keep_text(task_id, form["text"])
        return _render(task_id, form, _explain(error, form), to_failure(error).status)
    flash(gettext("Confirmed. Readers see it now. Thank you!"))
    return take_next()


def _explain(error: QiaoError, form: Form) -> Trouble:
    if isinstance(error, ChecksFailedError):
        return Trouble(findings=tuple(error.data["findings"]))
    if isinstance(error, ConflictError):
        return Trouble(
            theirs=error.data.get("theirs"),
            source=error.data.get("source"),
            next_task_id=error.data.get("task_id"),
            form=with_errors(form, error),
        )
    return Trouble(form=with_errors(form, error))


def _keep_text(task_id: int, text: str) -> None:
    runtime = get_runtime()
    try:
        with runtime.db.transaction() as session:
            save_draft(session, actor=current_actor(), task_id=task_id, text=text, now=runtime.clock())
    except QiaoError:
        # The page that follows still has the text.
        return


@pages.post(f"/desk/<{ID}:task_id>/claim")
def claim(task_id: int) -> Response:
    runtime = get_runtime()
    try:
        with runtime.db.transaction() as session:
            claim_task(session, actor=require_actor(), task_id=task_id, now=runtime.clock())
    except LeaseHeldError as error:
        return _render(task_id, Form(), Trouble(form=with_errors(Form(), error)), to_failure(error).status)
    return go_to("pages.show_task", task_id=task_id)


@pages.post(f"/desk/<{ID}:task_id>/release")
def release(task_id: int) -> Response:
    runtime = get_runtime()
    with runtime.db.transaction() as session:
        release_task(session, actor=require_actor(), task_id=task_id, now=runtime.clock())
    flash(gettext("Given back. What you typed is kept."))
    return go_to("pages.show_desk")


@pages.post(f"/desk/<{ID}:task_id>/skip")
def skip(task_id: int) -> Response:
    runtime, reason = get_runtime(), request.form.get("reason", "")
    with runtime.db.transaction() as session:
        skip_task(
            session,
            actor=require_actor(),
            task_id=task_id,
            reason=reason if reason in SKIP_REASONS else None,
            now=runtime.clock(),
        )
    flash(gettext("Skipped. Somebody else takes it."))
    return go_to("pages.show_desk")


@pages.post(f"/desk/<{ID}:task_id>/draft")
def keep_draft(task_id: int) -> Response:
    """Every few seconds while she types. Typing is the sign of life that renews the lease."""
    actor, runtime = require_actor(), get_runtime()
    now = runtime.clock()
    try:
        with runtime.db.transaction() as session:
            save_draft(session, actor=actor, task_id=task_id, text=read_text("text"), now=now)
            expires_at = renew_task(session, actor=actor, task_id=task_id, now=now).expires_at
    except QiaoError as error:
        _keep_text(task_id, read_text("text"))
        page = render_template("_draft_state.html", trouble=with_errors(Form(), error).error(""))
        return as_response(make_response(page, 200))
    return as_response(make_response(render_template("_draft_state.html", saved_at=now, expires_at=expires_at)))


def _render(task_id: int, form: Form, trouble: Trouble, status: int = 200) -> Response:
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.reading() as session:
        task = get_task_view(session, actor=actor, task_id=task_id, now=runtime.clock())
    page = render_template(
        "desk_task.html",
        task=task,
        is_mine=task.lease is not None and task.lease.holder_id == actor.account_id,
        is_language_task=task.kind is TaskKind.CONFIRM_LANGUAGE,
        text=form["text"] or _first_text(task),
        title_text=form["title_text"] or (task.title_candidate.text if task.title_candidate else ""),
        trouble=trouble,
    )
    return as_response(make_response(page, status))


def _first_text(task: TaskView) -> str:
    """Where she starts: what she typed before, what stands now, what was vouched for elsewhere."""
    exact = next((match.target for match in task.matches if _is_vouched_for(match)), "")
    return task.draft or (task.candidate.text if task.candidate else "") or exact


def _is_vouched_for(match: MemoryMatch) -> bool:
    """The very text, all of it, and by somebody here: an import is a suggestion."""
    return match.match == 100 and match.is_whole and match.import_name is None
