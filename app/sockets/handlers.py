"""What browsers ask over Socket.IO. Each handler opens its own transaction and answers with an acknowledgement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import flask_login
from flask import request
from flask_socketio import ConnectionRefusedError, SocketIO, join_room, leave_room
from sqlalchemy.orm import Session

from app.contract.bodies import JoinIn, LivePostIn, ThreadIn
from app.contract.fields import parse_input
from app.contract.render import Rendering, collect_waiting_pairs, render_position, render_post
from app.core.actor import Actor
from app.core.errors import ConflictError, NotAuthenticatedError
from app.forum.queries import get_post_view, get_thread_view
from app.forum.service.looking import follow_look, look_at
from app.forum.service.posts import NewPost, create_post
from app.forum.views import PostView, ThreadView
from app.interpreting.queries import estimate_waits
from app.runtime import Runtime
from app.sockets.connections import MAX_JOINED, Connection, Connections, TokenInvalidError
from app.sockets.emitter import Emitter, to_person
from app.sockets.errors import to_ack
from app.sockets.presence import CROWD, PersonHere, Presence
from app.sockets.rooms import ANY_DESK, name_desk_room, name_language_room, name_thread_room
from translation.languages import LanguageTag

#: Posts that one answer to ``thread.join`` brings; ``next`` is where to go on, by HTTP.
JOIN_PAGE: Final = 100
_MAX_TOKEN_LENGTH: Final = 200

Ack = dict[str, Any]


class NotJoinedError(ConflictError):
    """The event is about a thread that this connection has not joined."""

    code = "socket.not_joined"


class TooManyJoinedError(ConflictError):
    """The connection has as many threads open as it may."""

    code = "socket.too_many_joined"


def register_handlers(socketio: SocketIO, runtime: Runtime) -> None:
    """Answer the events of clients on the default namespace."""
    edge = _Edge(runtime, Emitter(socketio, runtime))
    socketio.on_event("connect", edge.connect)
    socketio.on_event("disconnect", edge.disconnect)
    handlers: dict[str, Callable[[Connection, object], Ack]] = {
        "thread.join": edge.join_thread,
        "thread.leave": edge.leave_thread,
        "post.create": edge.create_post,
        "typing": edge.tell_typing,
    }
    for event, handler in handlers.items():
        socketio.on_event(event, edge.answering(handler))
    socketio.on_error_default(to_ack)


class _Edge:
    """The handlers, with what they share: open connections and who is where."""

    def __init__(self, runtime: Runtime, emitter: Emitter) -> None:
        self._runtime = runtime
        self._emitter = emitter
        self._connections = Connections(runtime)
        self._presence = Presence()

    def answering(self, handler: Callable[[Connection, object], Ack]) -> Callable[..., Ack]:
        """The handler with its connection found and its pace checked. Errors become acks in ``to_ack``."""

        def answer(*given: object) -> Ack:
            connection = self._connections.get(request.sid)  # type: ignore[attr-defined]
            connection.pace.take()
            return handler(connection, given[0] if len(given) == 1 else None)

        return answer

    def connect(self, auth: object = None) -> None:
        """Anybody may connect and read public threads; a wrong token or a suspended account may not."""
        try:
            connection = self._identify(auth)
            with self._runtime.db.reading() as session:
                actor = self._connections.load_actor(session, connection)
        except Exception as error:
            # An exception here would otherwise count as an accepted connection.
            ack = to_ack(error)
            raise ConnectionRefusedError(ack["code"]) from None
        self._connections.open(connection)
        if actor.is_interpreter:
            for room in {ANY_DESK, *(name_desk_room(source, target) for source, target in actor.pairs)}:
                join_room(room)

    def _identify(self, auth: object) -> Connection:
        sid: str = request.sid  # type: ignore[attr-defined]
        token = auth.get("token") if isinstance(auth, dict) else None
        if token is not None:
            if not isinstance(token, str) or not token.isascii() or len(token) > _MAX_TOKEN_LENGTH:
                raise TokenInvalidError
            return Connection(sid=sid, token=token, account_id=None)
        # The cookie of the handshake; a page elsewhere can't use it, because other origins are refused.
        user = flask_login.current_user
        return Connection(sid=sid, token=None, account_id=user.id if user.is_authenticated else None)

    def disconnect(self, *_reason: object) -> None:
        connection = self._connections.close(request.sid)  # type: ignore[attr-defined]
        for thread_id in connection.languages if connection is not None else ():
            self._leave(thread_id, request.sid)  # type: ignore[attr-defined]

    def join_thread(self, connection: Connection, given: object) -> Ack:
        """Enter a thread in a language and catch up. The room is entered before the posts are read, so that nothing
        falls in between: what comes twice has the same change."""
        asked = parse_input(JoinIn, given)
        if asked.thread_id not in connection.languages and len(connection.languages) >= MAX_JOINED:
            raise TooManyJoinedError
        with self._runtime.db.reading() as session:
            actor = self._connections.load_actor(session, connection)
            get_thread_view(session, actor=actor, thread_id=asked.thread_id, language=asked.language, limit=1)
        self._enter(connection, actor, asked.thread_id, asked.language)
        view, posts = self._read_thread(actor, asked)
        people = self._presence.list_people(asked.thread_id)[:CROWD]
        presence = [to_person(person).model_dump(mode="json") for person in people]
        return {
            "ok": True,
            "posts": posts,
            "next": render_position(view),
            "change": view.change,
            "presence": presence,
        }

    def _read_thread(self, actor: Actor, asked: JoinIn) -> tuple[ThreadView, list[Ack]]:
        """The thread with its posts rendered; what isn't translated yet is asked for."""

        def read() -> ThreadView:
            return get_thread_view(
                session,
                actor=actor,
                thread_id=asked.thread_id,
                language=asked.language,
                after=asked.after,
                limit=JOIN_PAGE,
            )

        with self._runtime.db.reading() as session:
            view = read()
            look = look_at(session, posts=view.posts, language=asked.language)
        if look:
            with self._runtime.db.transaction() as session:
                follow_look(session, look, now=self._runtime.clock())
        with self._runtime.db.reading() as session:
            if look.missing:
                view = read()
            return view, self._render(session, actor, view.posts)

    def _render(self, session: Session, actor: Actor, views: tuple[PostView, ...]) -> list[Ack]:
        pairs = collect_waiting_pairs(views, [view.title for view in views])
        waits = estimate_waits(session, pairs, self._runtime.clock()) if pairs else {}
        rendering = Rendering(locale=actor.locale, waits=waits)
        return [render_post(view, rendering).model_dump(mode="json") for view in views]

    def leave_thread(self, connection: Connection, given: object) -> Ack:
        asked = parse_input(ThreadIn, given)
        language = connection.languages.pop(asked.thread_id, None)
        if language is not None:
            leave_room(name_language_room(asked.thread_id, language))
            leave_room(name_thread_room(asked.thread_id))
            self._leave(asked.thread_id, connection.sid)
        return {"ok": True}

    def create_post(self, connection: Connection, given: object) -> Ack:
        """Write into a thread; the same key and person get the same post again."""
        asked = parse_input(LivePostIn, given)
        with self._runtime.db.reading() as session:
            actor = self._connections.load_actor(session, connection)
        if actor.account_id is None:
            raise NotAuthenticatedError
        self._connections.take_write(actor.account_id)
        new = NewPost(body=asked.body, language=asked.language, reply_to=asked.reply_to)
        with self._runtime.db.transaction() as session:
            created = create_post(
                session, actor=actor, thread_id=asked.thread_id, new=new, key=asked.key, now=self._runtime.clock()
            )
        language = connection.languages.get(asked.thread_id) or LanguageTag(actor.reading_language)
        with self._runtime.db.reading() as session:
            view = get_post_view(session, actor=actor, post_id=created.post_id, language=language)
            return {"ok": True, "post": self._render(session, actor, (view,))[0]}

    def tell_typing(self, connection: Connection, given: object) -> Ack:
        asked = parse_input(ThreadIn, given)
        if asked.thread_id not in connection.languages:
            raise NotJoinedError
        with self._runtime.db.reading() as session:
            actor = self._connections.load_actor(session, connection)
        if actor.account_id is None:
            raise NotAuthenticatedError
        person = PersonHere(account_id=actor.account_id, display_name=actor.display_name)
        self._emitter.typing(asked.thread_id, person, skip_sid=connection.sid)
        return {"ok": True}

    def _enter(self, connection: Connection, actor: Actor, thread_id: int, language: LanguageTag) -> None:
        former = connection.languages.get(thread_id)
        if former is not None and former is not language:
            leave_room(name_language_room(thread_id, former))
        connection.languages[thread_id] = language
        join_room(name_thread_room(thread_id))
        join_room(name_language_room(thread_id, language))
        if actor.account_id is not None:
            person = PersonHere(account_id=actor.account_id, display_name=actor.display_name)
            if self._presence.enter(thread_id, connection.sid, person):
                self._announce(thread_id)

    def _leave(self, thread_id: int, sid: str) -> None:
        if self._presence.leave(thread_id, sid):
            self._announce(thread_id)

    def _announce(self, thread_id: int) -> None:
        people = self._presence.list_people(thread_id)
        if len(people) <= CROWD:
            self._emitter.presence_updated(thread_id, people)
