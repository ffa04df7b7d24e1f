"""The only place that tells browsers something. What is told is a doorbell: whoever misses it catches up by HTTP or by
joining again.

A post is read once for every language in which somebody looks at its thread, as its author may read it, so that private
threads work too; rooms are entered only after a check of who may.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_socketio import SocketIO
from pydantic import BaseModel
from socketio.pubsub_manager import PubSubManager

from app.contract import schemas
from app.contract.render import Rendering, collect_waiting_pairs, render_post
from app.core.actor import Actor
from app.forum.models import Post, PostState, Thread
from app.forum.queries import get_post_view
from app.interpreting.models import Task
from app.interpreting.queries import estimate_waits
from app.runtime import Runtime
from app.sockets.presence import PersonHere
from app.sockets.rooms import name_desk_room, name_language_room, name_thread_room
from translation.languages import READING_LANGUAGES, LanguageTag


class Emitter:
    """Works in a web process, and in a worker through a write-only ``SocketIO`` on a message queue."""

    def __init__(self, socketio: SocketIO, runtime: Runtime) -> None:
        self._socketio = socketio
        self._runtime = runtime

    def post_created(self, post_id: int, thread_id: int) -> None:
        self._send_post("post.created", post_id, thread_id)

    def post_updated(self, post_id: int, thread_id: int) -> None:
        self._send_post("post.updated", post_id, thread_id)

    def post_withdrawn(self, post_id: int, thread_id: int) -> None:
        """Also when it was hidden: for readers it is gone."""
        with self._runtime.db.reading() as session:
            post = session.get(Post, post_id)
        if post is None or post.state is PostState.VISIBLE:
            return
        gone = schemas.LiveWithdrawal(post_id=post_id, thread_id=thread_id, change=post.change)
        self._send("post.withdrawn", gone, name_thread_room(thread_id))

    def translation_updated(self, post_id: int, thread_id: int, language: str) -> None:
        """Tell those who read this language; Simplified Chinese is shown from Traditional."""
        tag = LanguageTag(language)
        readers = [tag, LanguageTag.ZH_HANS] if tag is LanguageTag.ZH_HANT else [tag]
        for reader, post in self._read_post(post_id, self._list_present(thread_id, readers)):
            update = schemas.LiveTranslation(
                post_id=post_id,
                thread_id=thread_id,
                change=post.change,
                translation=post.translation,
                title=post.title,
            )
            self._send("translation.updated", update, name_language_room(thread_id, reader))

    def thread_updated(self, thread_id: int) -> None:
        """A question was solved, or is open again."""
        with self._runtime.db.reading() as session:
            thread = session.get(Thread, thread_id)
        if thread is not None:
            told = schemas.LiveThread(thread_id=thread_id, status=thread.status, change=thread.change)
            self._send("thread.updated", told, name_thread_room(thread_id))

    def task_opened(self, task_id: int) -> None:
        self._send_task("task.opened", task_id)

    def task_closed(self, task_id: int) -> None:
        self._send_task("task.closed", task_id)

    def typing(self, thread_id: int, person: PersonHere, *, skip_sid: str) -> None:
        told = schemas.LiveTyping(thread_id=thread_id, person=to_person(person))
        self._send("typing", told, name_thread_room(thread_id), skip_sid=skip_sid)

    def presence_updated(self, thread_id: int, people: Iterable[PersonHere]) -> None:
        told = schemas.LivePresence(thread_id=thread_id, people=[to_person(person) for person in people])
        self._send("presence.updated", told, name_thread_room(thread_id))

    def _send_post(self, event: str, post_id: int, thread_id: int) -> None:
        for language, post in self._read_post(post_id, self._list_present(thread_id, READING_LANGUAGES)):
            self._send(event, schemas.LivePost(post=post), name_language_room(thread_id, language))

    def _send_task(self, event: str, task_id: int) -> None:
        with self._runtime.db.reading() as session:
            task = session.get(Task, task_id)
        if task is None:
            return
        told = schemas.LiveTask(
            task_id=task.id,
            kind=task.kind,
            post_id=task.post_id,
            source_language=task.source_language,
            target_language=task.target_language,
            state=task.state,
        )
        self._send(event, told, name_desk_room(task.source_language, task.target_language))

    def _read_post(self, post_id: int, languages: Sequence[LanguageTag]) -> list[tuple[LanguageTag, schemas.Post]]:
        """The post in each language; nothing if it isn't visible any more."""
        if not languages:
            return []
        with self._runtime.db.reading() as session:
            row = session.get(Post, post_id)
            if row is None or row.state is not PostState.VISIBLE:
                return []
            author = Actor(account_id=row.author_id)
            views = [
                (language, get_post_view(session, actor=author, post_id=post_id, language=language))
                for language in languages
            ]
            pairs = collect_waiting_pairs((view for _, view in views), (view.title for _, view in views))
            waits = estimate_waits(session, pairs, self._runtime.clock()) if pairs else {}
        return [
            (language, render_post(view, Rendering(locale=_to_locale(language), waits=waits)))
            for language, view in views
        ]

    def _list_present(self, thread_id: int, languages: Iterable[LanguageTag]) -> list[LanguageTag]:
        """Those languages in which somebody looks at the thread; all of them where other processes may know more."""
        server = self._socketio.server
        if server is None or isinstance(server.manager, PubSubManager):
            return list(languages)
        return [
            language
            for language in languages
            if any(True for _ in server.manager.get_participants("/", name_language_room(thread_id, language)))
        ]

    def _send(self, event: str, told: BaseModel, room: str, **options: Any) -> None:
        self._socketio.emit(event, told.model_dump(mode="json"), to=room, **options)


def to_person(person: PersonHere) -> schemas.Person:
    return schemas.Person(id=person.account_id, display_name=person.display_name)


def _to_locale(language: LanguageTag) -> str:
    """The locale of somebody who reads this language."""
    return LanguageTag.ZH_HANT.value if language is LanguageTag.ZH_HANS else language.value
