"""How long the server works on a page of a thread: 50 of its 1,000 posts, translated, as JSON and as HTML."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.accounts.passwords import hash_password
from app.accounts.service import create_account
from app.core.actor import AccountKind
from app.core.clock import utc_now
from app.core.db import Base, Database
from app.core.logging import configure_logging
from app.core.settings import Settings
from app.factory import create_app
from app.forum.models import Channel, Post, ThreadKind
from app.forum.service.posts import next_change
from app.forum.service.threads import NewThread, create_thread
from app.interpreting.queries import build_actor
from app.runtime import Runtime, create_runtime
from app.subscribers import SUBSCRIBERS
from benchmarks.harness import Figure, Report, create_database, describe_seconds, name_database
from tests.models.corpus import draw_held_out
from translation.facts import list_facts
from translation.languages import LanguageTag
from translation.models import PUBLIC_SCOPE, Candidate, EngineSet, SourceText, Translation, TranslationState
from translation.results import Basis, OriginKind
from translation.text import digest_text

VI, ZH = LanguageTag.VI, LanguageTag.ZH_HANT
POSTS, RUNS, WARM_UP = 1000, 60, 5


def measure() -> Report:
    configure_logging(log_format="console", level="WARNING")
    with TemporaryDirectory(prefix="qiao-bench-") as name, create_database(folder=Path(name)) as url:
        runtime = _make_runtime(Path(name), url)
        thread_id = _fill(runtime)
        http = create_app(runtime).test_client()
        posts = http.get(f"/api/v1/threads/{thread_id}?language=zh-Hant").get_json()["posts"]
        translated = sum(1 for post in posts["items"] if post["translation"] and post["translation"]["text"])
        paths = {
            "API, first page": f"/api/v1/threads/{thread_id}?language=zh-Hant",
            "API, a page in the middle": f"/api/v1/threads/{thread_id}?language=zh-Hant&after=post-{POSTS // 2}",
            "HTML, first page": f"/zh-Hant/q/{thread_id}",
        }
        figures = []
        for what, path in paths.items():
            cpu = time.process_time()
            seconds, queries = _time(http, runtime.db, path)
            cpu = (time.process_time() - cpu) / (WARM_UP + RUNS)
            figures += [
                Figure(what, describe_seconds(seconds, 50, 95), "p95 ≤ 40 ms"),
                Figure(f"{what}: processor time", f"{1000 * cpu:.1f} ms"),
                Figure(f"{what}: queries", "…".join(map(str, sorted({min(queries), max(queries)}))), "≤ 8"),
            ]
        runtime.db.dispose()
    return Report(
        "page",
        [
            f"a thread of {POSTS} Vietnamese posts read in Chinese, {len(posts['items'])} a page,"
            f" {translated} of them with a translation's text; {RUNS} times each, {name_database(url)}",
            "the application called in this process, without a server or a socket; a guest without a session",
            "the design's budget is for 10 thousand and 1 million posts in all; these are the only ones",
        ],
        figures,
    )


def _make_runtime(folder: Path, url: str) -> Runtime:
    settings = Settings.from_env({}, data_dir=folder, database_url=url, secret_key="b" * 40, reads_per_minute=1_000_000)
    return create_runtime(settings, subscribers=SUBSCRIBERS, clock=utc_now)


def _fill(runtime: Runtime) -> int:
    """A thread with its posts and their machine translations, written as rows; its id."""
    rows, now = draw_held_out(2, POSTS), runtime.clock()
    with runtime.db.transaction() as session:
        account = create_account(
            session,
            display_name="bench",
            password_hash=hash_password("correct horse"),
            kind=AccountKind.RESIDENT,
            locale=VI,
            reading_languages=[VI],
            now=now,
        )
        question = NewThread(category="daily-life", kind=ThreadKind.QUESTION, title="?", body=rows[0][VI], language=VI)
        actor = build_actor(session, account)
        thread_id = create_thread(session, actor=actor, new=question, key=None, now=now).thread_id
        texts = [_make_text(row[VI], now) for row in rows[1:]]
        _insert(session, texts)
        posts = [
            Post(
                thread_id=thread_id,
                author_id=account.id,
                channel=Channel.WEB,
                source_text_id=source.id,
                change=next_change(session, thread_id),
                created_at=now,
            )
            for source in texts
        ]
        _insert(session, posts)
        translations = [_make_translation(source, now) for source in texts]
        _insert(session, translations)
        _insert(
            session,
            [
                _make_candidate(translation, source, row[ZH], now)
                for translation, source, row in zip(translations, texts, rows[1:], strict=True)
            ],
        )
    return thread_id


def _insert(session: Session, rows: Iterable[Base]) -> None:
    session.add_all(rows)
    session.flush()


def _make_text(text: str, now: datetime) -> SourceText:
    return SourceText(
        text=text,
        digest=digest_text(text),
        language=VI,
        basis=Basis.DETECTED,
        confidence=0.9,
        scope=PUBLIC_SCOPE,
        engine_set=EngineSet.INSTALLED,
        facts=[asdict(fact) for fact in list_facts(text, VI)],
        created_at=now,
    )


def _make_translation(source: SourceText, now: datetime) -> Translation:
    return Translation(
        source_text_id=source.id,
        source_language=VI,
        target_language=ZH,
        state=TranslationState.MACHINE,
        checks=[],
        available_at=now,
        created_at=now,
        updated_at=now,
    )


def _make_candidate(translation: Translation, source: SourceText, text: str, now: datetime) -> Candidate:
    return Candidate(
        translation_id=translation.id,
        text=text,
        source_digest=source.digest,
        origin=OriginKind.MACHINE,
        engine="argos",
        route=[VI, LanguageTag.EN, ZH],
        is_active=True,
        created_at=now,
    )


def _time(http: FlaskClient, database: Database, path: str) -> tuple[list[float], list[int]]:
    """Seconds and number of queries of each request."""
    seconds, queries = [], []
    for number in range(WARM_UP + RUNS):
        with _counting(database) as count:
            started = time.perf_counter()
            status = http.get(path).status_code
            took = time.perf_counter() - started
        if status != 200:
            raise RuntimeError(f"GET {path}: {status}")
        if number >= WARM_UP:
            seconds.append(took)
            queries.append(len(count))
    return seconds, queries


@contextmanager
def _counting(database: Database) -> Iterator[list[str]]:
    """The statements that are sent."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
