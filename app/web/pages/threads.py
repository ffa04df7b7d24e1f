"""A conversation: reading it, in parts too, answering in it, following it, saying whether it helped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, flash, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from app.core.errors import QiaoError, UnavailableError
from app.forum.models import PostState, Solved
from app.forum.queries import get_thread_view
from app.forum.service.looking import follow_look, look_at
from app.forum.service.posts import NewPost, create_post
from app.forum.service.threads import follow_thread, rate_thread, unfollow_thread
from app.forum.views import PostView, ThreadView
from app.interpreting.queries import Wait, estimate_waits
from app.notifications.service import mark_read
from app.web.auth import current_actor
from app.web.errors import to_failure
from app.web.forms import Form, make_form_key, read_cursor, read_form, read_idempotency_key, with_errors
from app.web.i18n import format_duration, gettext, ngettext
from app.web.messages import SOLVED, SOLVED_REASONS
from app.web.pages.blueprint import ID, as_response, created, go_to, pages, reading_language, refused
from app.web.pages.context import count_unread
from app.web.pages.shown import PairKey, Shown, collect_waiting_pairs, has_machine_text
from app.web.runtime import get_runtime
from translation.languages import LanguageTag, find_language_tag


@dataclass(frozen=True)
class Reading:
    """A thread as it is read now. ``posts`` are in the order in which they were written."""

    thread: ThreadView
    posts: tuple[PostView, ...]
    waits: Mapping[PairKey, Wait]

    @property
    def after(self) -> int:
        """The last change that this reading holds."""
        return self.thread.next_after if self.thread.next_after is not None else self.thread.change

    def wait_text(self, shown: Shown) -> str:
        """The honest clock of a text that waits for a person."""
        pair = LanguageTag(shown.original_language), reading_language()
        return describe_wait(self.waits.get(pair))


def describe_wait(wait: Wait | None) -> str:
    if wait is None or wait.people_on_shift == 0:
        return gettext("No interpreter for these languages is here right now. You will be told as soon as it is done.")
    people = ngettext(
        "%(num)s interpreter is here now.", "%(num)s interpreters are here now.", wait.people_on_shift
    ) % {"num": wait.people_on_shift}
    if wait.expected_seconds is None:
        return people
    # Translators: %(time)s is something like "20 minutes".
    usual = gettext("It usually takes about %(time)s.", time=format_duration(wait.expected_seconds))
    return f"{people} {usual}"


def read_thread(thread_id: int, *, after: int | None) -> Reading:
    """Read a thread in the page's language, asking for the translations that nobody has asked for yet."""
    runtime, actor, language = get_runtime(), current_actor(), reading_language()

    def load(session: Session) -> Reading:
        view = get_thread_view(session, actor=actor, thread_id=thread_id, language=language, after=after)
        waits = estimate_waits(session, collect_waiting_pairs(list(view.posts)), runtime.clock())
        return Reading(view, tuple(sorted(view.posts, key=lambda post: post.id)), waits)

    with runtime.db.reading() as session:
        reading = load(session)
        look = look_at(session, posts=reading.posts, language=language)
    if not look:
        return reading
    try:
        with runtime.db.transaction() as session:
            follow_look(session, look, now=runtime.clock())
            return load(session)
    except UnavailableError:
        # Reading goes on while nothing can be written.
        return reading


@pages.route(f"/q/<{ID}:thread_id>", methods=["GET", "POST"])
def show_thread(thread_id: int) -> Response:
    if request.method == "GET":
        return _render(thread_id, Form())
    form = read_form("body", "language")
    try:
        location = _reply(thread_id, form)
    except QiaoError as error:
        answer = refused(error, form)
        return answer or _render(thread_id, with_errors(form, error), to_failure(error).status)
    return created(location)


def _reply(thread_id: int, form: Form) -> str:
    runtime = get_runtime()
    new = NewPost(body=form["body"], language=find_language_tag(form["language"]) if form["language"] else None)
    key = read_idempotency_key(str(thread_id), new.body)
    with runtime.db.transaction() as session:
        made = create_post(session, actor=current_actor(), thread_id=thread_id, new=new, key=key, now=runtime.clock())
    return url_for("pages.show_thread", thread_id=thread_id, _anchor=f"post-{made.post_id}")


def _render(thread_id: int, form: Form, status: int = 200) -> Response:
    after = read_cursor("after")
    reading = read_thread(thread_id, after=after)
    thread = reading.thread
    if status == 200 and request.args.get("sent"):
        flash(gettext("Your question was sent. It is being translated now; answers appear here."))
    _mark_seen(thread_id)
    page = render_template(
        "thread.html",
        thread=thread,
        reading=reading,
        posts=[post for post in reading.posts if post.state in (PostState.VISIBLE, PostState.HELD)],
        is_later_page=after is not None,
        shows_care_line=thread.is_risky and has_machine_text(list(reading.posts)),
        show_originals=_wants_originals(),
        reading_tag=reading_language().value,
        wait_text=reading.wait_text,
        form=form,
        key=make_form_key(),
    )
    return as_response(make_response(page, status))


def _mark_seen(thread_id: int) -> None:
    """Whoever opens a conversation has seen what was told about it. Only a person with news costs a write."""
    if count_unread() == 0:
        return
    runtime = get_runtime()
    try:
        with runtime.db.transaction() as session:
            mark_read(session, actor=current_actor(), now=runtime.clock(), thread_id=thread_id)
    except UnavailableError:
        # The notice stays new; nothing is lost.
        return


@pages.get(f"/q/<{ID}:thread_id>/posts")
def show_posts(thread_id: int) -> str:
    """The posts changed since ``after``, as HTML: what a page that was told of a change fetches."""
    reading = read_thread(thread_id, after=read_cursor("after") or 0)
    return render_template(
        "_posts.html",
        posts=reading.posts,
        after=reading.after,
        has_more=reading.thread.next_after is not None,
        show_originals=_wants_originals(),
        wait_text=reading.wait_text,
    )


def _wants_originals() -> bool:
    """The switch of this page, else the person's setting."""
    given = request.args.get("originals")
    return given == "1" if given in {"0", "1"} else current_actor().show_originals


@pages.post(f"/q/<{ID}:thread_id>/follow")
def follow(thread_id: int) -> Response:
    runtime, actor = get_runtime(), current_actor()
    with runtime.db.transaction() as session:
        if request.form.get("follow") == "0":
            unfollow_thread(session, actor=actor, thread_id=thread_id)
            flash(gettext("You will not be told about this conversation any more."))
        else:
            follow_thread(session, actor=actor, thread_id=thread_id, now=runtime.clock())
            flash(gettext("You will be told when something new comes."))
    return go_to("pages.show_thread", thread_id=thread_id)


@pages.post(f"/q/<{ID}:thread_id>/rating")
def rate(thread_id: int) -> Response:
    solved = request.form.get("solved", "")
    if solved in SOLVED:
        runtime = get_runtime()
        reasons = [reason for reason in request.form.getlist("reasons") if reason in SOLVED_REASONS]
        with runtime.db.transaction() as session:
            rate_thread(
                session,
                actor=current_actor(),
                thread_id=thread_id,
                solved=Solved(solved),
                reasons=reasons,
                now=runtime.clock(),
            )
        flash(gettext("Thank you for telling us."))
    return go_to("pages.show_thread", thread_id=thread_id)
