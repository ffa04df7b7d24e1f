"""Posts: answering, editing, withdrawing, correcting the language; their translations, and reports of those."""

from __future__ import annotations

from app.contract import schemas
from app.contract.bodies import EditIn, LanguageIn, LanguageReportIn, NewPostIn, TranslationReportIn
from app.contract.render import render_post, render_translation
from app.core.actor import Actor
from app.forum import queries
from app.forum.service import posts
from app.forum.service.languages import report_post_language
from app.forum.service.looking import follow_look, look_at
from app.forum.views import PostView
from app.web.api.adapter import for_signed_in, make_blueprint
from app.web.api.common import CreationHeaders, choose_language, load_rendering
from app.web.auth import current_actor, require_actor
from app.web.runtime import get_runtime
from translation.languages import LanguageTag, parse_language_tag
from translation.queries import TranslationView
from translation.service.verification import TranslationNotFoundError, report_translation

blueprint = make_blueprint("posts", tag="Posts")


@blueprint.post("/threads/<row_id:thread_id>/posts")
@for_signed_in
@blueprint.input(NewPostIn)
@blueprint.input(CreationHeaders, location="headers")
@blueprint.output(schemas.Post, status_code=201)
def create_post(thread_id: int, json_data: NewPostIn, headers_data: CreationHeaders) -> tuple[schemas.Post, int]:
    """Answer in a thread"""
    actor, runtime = require_actor(), get_runtime()
    new = posts.NewPost(body=json_data.body, language=json_data.language, reply_to=json_data.reply_to)
    with runtime.db.transaction() as session:
        created = posts.create_post(
            session,
            actor=actor,
            thread_id=thread_id,
            new=new,
            key=headers_data.idempotency_key,
            now=runtime.clock(),
        )
    return _read_post(actor, created.post_id), 201 if created.is_new else 200


@blueprint.get("/posts/<row_id:post_id>")
@blueprint.output(schemas.Post)
def show_post(post_id: int) -> schemas.Post:
    """One post, in the reader's language"""
    return _read_post(current_actor(), post_id)


@blueprint.patch("/posts/<row_id:post_id>")
@for_signed_in
@blueprint.input(EditIn)
@blueprint.output(schemas.Post)
def edit_post(post_id: int, json_data: EditIn) -> schemas.Post:
    """Change the own text; its translations become outdated and are made anew"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        posts.edit_post(session, actor=actor, post_id=post_id, body=json_data.body, now=runtime.clock())
    return _read_post(actor, post_id)


@blueprint.delete("/posts/<row_id:post_id>")
@for_signed_in
@blueprint.doc(responses={204: {"description": "Withdrawn, with everything made from it."}})
def withdraw_post(post_id: int) -> tuple[str, int]:
    """Take the own post back"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        posts.withdraw_post(session, actor=actor, post_id=post_id, now=runtime.clock())
    return "", 204


@blueprint.put("/posts/<row_id:post_id>/language")
@for_signed_in
@blueprint.input(LanguageIn)
@blueprint.output(schemas.Post)
def set_language(post_id: int, json_data: LanguageIn) -> schemas.Post:
    """Say which language a post is in; everything is translated again from it"""
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        posts.set_post_language(session, actor=actor, post_id=post_id, language=json_data.language, now=runtime.clock())
    return _read_post(actor, post_id)


@blueprint.post("/posts/<row_id:post_id>/language-reports")
@for_signed_in
@blueprint.input(LanguageReportIn)
@blueprint.output(schemas.LanguageReport, status_code=201)
def create_language_report(post_id: int, json_data: LanguageReportIn) -> schemas.LanguageReport:
    """Say that a post is not in the language it is taken for

    An interpreter looks at it; authors, interpreters and moderators set the language themselves.
    """
    actor, runtime = require_actor(), get_runtime()
    with runtime.db.transaction() as session:
        report_post_language(session, actor=actor, post_id=post_id, language=json_data.language, now=runtime.clock())
    return schemas.LanguageReport(post_id=post_id, language=json_data.language)


@blueprint.get("/posts/<row_id:post_id>/translations/<tag>")
@blueprint.output(schemas.Translation)
def show_translation(post_id: int, tag: str) -> schemas.Translation:
    """A post's translation into a language; asks for it when it does not exist yet"""
    actor, runtime, language = current_actor(), get_runtime(), parse_language_tag(tag)
    with runtime.db.reading() as session:
        view = queries.get_post_view(session, actor=actor, post_id=post_id, language=language)
        look = look_at(session, posts=[view], language=language)
    if look:
        with runtime.db.transaction() as session:
            follow_look(session, look, now=runtime.clock())
    with runtime.db.reading() as session:
        view = queries.get_post_view(session, actor=actor, post_id=post_id, language=language)
        return render_translation(_require_translation(view), load_rendering(session, [view]))


@blueprint.post("/posts/<row_id:post_id>/translations/<tag>/reports")
@for_signed_in
@blueprint.input(TranslationReportIn)
@blueprint.output(schemas.TranslationReport, status_code=201)
def create_translation_report(post_id: int, tag: str, json_data: TranslationReportIn) -> schemas.TranslationReport:
    """Say that a translation is wrong

    It stays shown, labelled, and an interpreter looks at it first.
    """
    actor, runtime, language = require_actor(), get_runtime(), parse_language_tag(tag)
    with runtime.db.transaction() as session:
        view = queries.get_post_view(session, actor=actor, post_id=post_id, language=language)
        report_translation(
            session,
            translation_id=_require_translation(view).id,
            account_id=actor.account_id or 0,
            reason=json_data.reason,
            note=json_data.note,
            now=runtime.clock(),
        )
    return schemas.TranslationReport(post_id=post_id, language=language, reason=json_data.reason)


def _read_post(actor: Actor, post_id: int) -> schemas.Post:
    language: LanguageTag = choose_language(None)
    with get_runtime().db.reading() as session:
        view = queries.get_post_view(session, actor=actor, post_id=post_id, language=language)
        return render_post(view, load_rendering(session, [view], [view.title]))


def _require_translation(view: PostView) -> TranslationView:
    """There is none into the post's own language, and none of a post whose text is gone."""
    if view.translation is None:
        raise TranslationNotFoundError
    return view.translation
