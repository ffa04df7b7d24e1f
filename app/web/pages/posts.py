"""One message: changing it, taking it back, saying its language, reporting it or its translation."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, request

from app.core.errors import NotAuthenticatedError, QiaoError
from app.forum.queries import get_post_view
from app.forum.service.languages import report_post_language
from app.forum.service.posts import edit_post as save_edit
from app.forum.service.posts import set_post_language
from app.forum.service.posts import withdraw_post as save_withdrawal
from app.forum.service.translations import report_post_translation
from app.forum.views import PostView
from app.web.auth import current_actor
from app.web.errors import to_failure
from app.web.forms import Form, read_form, with_errors
from app.web.i18n import gettext
from app.web.messages import REPORT_REASONS, TRANSLATION_REPORT_REASONS
from app.web.pages.blueprint import ID, as_response, go_to, pages, reading_language
from app.web.runtime import get_runtime
from moderation.models import ReportReason
from moderation.service import report_post as save_report
from translation.languages import find_language_tag, parse_language_tag
from translation.service.verification import ReportReason as TranslationReportReason


def _load(post_id: int, *, language: str = "") -> PostView:
    """The post for somebody who is signed in: everything here is done by somebody."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise NotAuthenticatedError
    shown_in = find_language_tag(language) if language else None
    with get_runtime().db.reading() as session:
        return get_post_view(session, actor=actor, post_id=post_id, language=shown_in or reading_language())


def _back(post: PostView) -> Response:
    return go_to("pages.show_thread", thread_id=post.thread_id, anchor=f"post-{post.id}")


def _render(template: str, post: PostView, form: Form, status: int = 200) -> Response:
    return as_response(make_response(render_template(template, post=post, form=form), status))


@pages.route(f"/posts/<{ID}:post_id>/edit", methods=["GET", "POST"])
def edit_post(post_id: int) -> Response:
    post = _load(post_id)
    if request.method == "GET":
        return _render("post_edit.html", post, Form({"body": post.body}))
    form, runtime = read_form("body"), get_runtime()
    try:
        with runtime.db.transaction() as session:
            save_edit(session, actor=current_actor(), post_id=post_id, body=form["body"], now=runtime.clock())
    except QiaoError as error:
        return _render("post_edit.html", post, with_errors(form, error), to_failure(error).status)
    flash(gettext("Changed. The translations are being made anew."))
    return _back(post)


@pages.route(f"/posts/<{ID}:post_id>/withdraw", methods=["GET", "POST"])
def withdraw_post(post_id: int) -> Response:
    post = _load(post_id)
    if request.method == "GET":
        return _render("post_withdraw.html", post, Form())
    runtime = get_runtime()
    with runtime.db.transaction() as session:
        save_withdrawal(session, actor=current_actor(), post_id=post_id, now=runtime.clock())
    flash(gettext("Your message and all its translations were taken back."))
    return go_to("pages.show_thread", thread_id=post.thread_id)


@pages.route(f"/posts/<{ID}:post_id>/language", methods=["GET", "POST"])
def set_language(post_id: int) -> Response:
    """Who may, sets it; every other reader tells us, and an interpreter looks at it."""
    post, actor = _load(post_id), current_actor()
    if request.method == "GET":
        return _render("post_language.html", post, Form())
    form, runtime = read_form("language"), get_runtime()
    knows = post.author.id == actor.account_id or actor.is_interpreter or actor.is_moderator
    try:
        language = parse_language_tag(form["language"])
        change = set_post_language if knows else report_post_language
        with runtime.db.transaction() as session:
            change(session, actor=actor, post_id=post_id, language=language, now=runtime.clock())
    except QiaoError as error:
        return _render("post_language.html", post, with_errors(form, error), to_failure(error).status)
    if knows:
        flash(gettext("Thank you. It is being translated anew."))
    else:
        flash(gettext("Thank you. An interpreter looks at it."))
    return _back(post)


@pages.route(f"/posts/<{ID}:post_id>/report", methods=["GET", "POST"])
def report_post(post_id: int) -> Response:
    post = _load(post_id)
    form, runtime = read_form("reason", "note"), get_runtime()
    if request.method == "GET" or form["reason"] not in REPORT_REASONS:
        return _render("post_report.html", post, form)
    with runtime.db.transaction() as session:
        save_report(
            session,
            actor=current_actor(),
            post_id=post_id,
            reason=ReportReason(form["reason"]),
            note=form["note"].strip() or None,
            now=runtime.clock(),
        )
    flash(gettext("Thank you. A moderator looks at it, and you will be told what was decided."))
    return _back(post)


@pages.route(f"/posts/<{ID}:post_id>/translation-report", methods=["GET", "POST"])
def report_translation(post_id: int) -> Response:
    form, runtime = read_form("reason", "note", "target"), get_runtime()
    post = _load(post_id, language=form["target"])
    if request.method == "GET" or form["reason"] not in TRANSLATION_REPORT_REASONS or post.translation is None:
        return _render("translation_report.html", post, form)
    with runtime.db.transaction() as session:
        report_post_translation(
            session,
            actor=current_actor(),
            post_id=post_id,
            language=post.translation.language,
            reason=TranslationReportReason(form["reason"]),
            note=form["note"].strip() or None,
            now=runtime.clock(),
        )
    flash(gettext("Thank you. An interpreter looks at this translation."))
    return _back(post)
