"""A database, a clock and engines: what the tests of texts and translations do over and over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import Database
from tests.conftest import TickingClock
from tests.translation.engines.fake import FakeEngine
from translation.engines.registry import EngineRegistry
from translation.events import TranslationChange
from translation.languages import LanguageTag
from translation.models import PUBLIC_SCOPE, Candidate, EngineSet, SourceText, Translation
from translation.queries import TranslationView, load_views
from translation.service.budgets import Limits
from translation.service.sources import add_source_text, mark_stale, request_translations
from translation.service.verification import submit_translation
from translation.service.work import WorkDone, WorkItem, claim_work, finish_work
from translation.tasks import LoadContext, run_translations, translate_items

VI, ZH, KM, EN = LanguageTag.VI, LanguageTag.ZH_HANT, LanguageTag.KM, LanguageTag.EN
LEASE = timedelta(seconds=60)
TEXT = "Tôi cần giấy tờ gì để gia hạn thẻ cư trú?"
HUMAN = "延長居留證需要哪些文件？"

#: What the engine makes of the sentences below: Vietnamese, English, Chinese.
_KNOWN = (
    (TEXT, "What papers do I need to renew my residence permit?", "我要延長居留證，需要什麼文件？"),
    ("Cảm ơn.", "Thanks.", "謝謝。"),
    ("Cảm ơn nhiều.", "Thanks a lot.", "多謝。"),
    ("Cảm ơn rất nhiều.", "Thank you very much.", "非常感謝您。"),
    ("Tôi có hai con.", "I have two children.", "我有兩個孩子。"),
)
TABLE = {(vi, (VI, EN)): en for vi, en, _ in _KNOWN} | {(en, (EN, ZH)): zh for _, en, zh in _KNOWN}


class Desk:
    """A database, a clock and the engines of one test. ``heard`` is what was told of changes, ``engine`` the one behind
    the installed set."""

    def __init__(self, db: Database, clock: TickingClock, heard: list[TranslationChange]) -> None:
        self.db = db
        self.clock = clock
        self.heard = heard
        self.use(FakeEngine({(VI, EN), (EN, ZH)}, table=TABLE))

    def use(self, engine: FakeEngine) -> FakeEngine:
        """Install this engine instead."""
        self.engine = engine
        self.engines = {EngineSet.INSTALLED: EngineRegistry([engine]), EngineSet.DEMO: EngineRegistry([])}
        return engine

    def add(
        self,
        text: str = TEXT,
        *targets: LanguageTag,
        scope: str = PUBLIC_SCOPE,
        declared: LanguageTag | None = None,
        owner: int | None = None,
        engine_set: EngineSet = EngineSet.INSTALLED,
    ) -> int:
        with self.db.transaction() as session:
            source = add_source(session, self, text, scope=scope, declared=declared, owner=owner, engine_set=engine_set)
            request_translations(session, sources=[source], targets=targets or (ZH,), now=self.clock())
            return source.id

    def add_many(self, texts: Collection[str], *, owner: int, declared: LanguageTag = VI) -> list[int]:
        """Many texts into Chinese, in one transaction."""
        with self.db.transaction() as session:
            ids = []
            for text in texts:
                source = add_source(session, self, text, declared=declared, owner=owner)
                request_translations(session, sources=[source], targets=[ZH], now=self.clock())
                ids.append(source.id)
            return ids

    def run(self, *, limits: Limits | None = None, load_context: LoadContext | None = None) -> int:
        return run_translations(
            self.db,
            self.engines,
            clock=self.clock,
            lease=LEASE,
            off_loop=lambda function: function(),
            lock=lambda _session, _ids: None,
            limits=limits,
            load_context=load_context,
        )

    def claim(self, *, limit: int = 10, limits: Limits | None = None) -> list[WorkItem]:
        with self.db.transaction() as session:
            return claim_work(session, now=self.clock(), lease=LEASE, limit=limit, limits=limits)

    def translate(self, items: Sequence[WorkItem]) -> list[WorkDone]:
        return translate_items(items, self.engines)

    def finish(self, done: Sequence[WorkDone]) -> None:
        with self.db.transaction() as session:
            finish_work(session, done=done, now=self.clock())

    def row(self, source_id: int, target: LanguageTag = ZH) -> Translation:
        with self.db.reading() as session:
            return session.scalars(
                select(Translation).where(
                    Translation.source_text_id == source_id, Translation.target_language == target
                )
            ).one()

    def view(self, source_id: int, target: LanguageTag = ZH) -> TranslationView:
        with self.db.reading() as session:
            return load_views(session, source_text_ids=[source_id], target=target)[source_id]

    def submit(
        self,
        source_id: int,
        text: str = HUMAN,
        *,
        target: LanguageTag = ZH,
        by: int = 7,
        base: int | None = None,
        accept: bool = True,
    ) -> Candidate:
        with self.db.transaction() as session:
            return submit_translation(
                session,
                translation_id=self.row(source_id, target).id,
                text=text,
                base_candidate_id=base,
                actor_id=by,
                accept_warnings=accept,
                now=self.clock(),
            )

    def edit(self, old: int, text: str, *targets: LanguageTag) -> int:
        """What the forum does when an author edits."""
        with self.db.transaction() as session:
            source = add_source(session, self, text)
            stale = mark_stale(session, old_source_id=old, new_source_id=source.id, now=self.clock())
            request_translations(
                session, sources=[source], targets=targets or (ZH,), now=self.clock(), stale_candidates=stale
            )
            return source.id

    def candidates(self, source_id: int, target: LanguageTag | None = None) -> Sequence[Candidate]:
        statement = (
            select(Candidate)
            .join(Translation, Translation.id == Candidate.translation_id)
            .where(Translation.source_text_id == source_id)
            .order_by(Candidate.id)
        )
        if target is not None:
            statement = statement.where(Translation.target_language == target)
        with self.db.reading() as session:
            return session.scalars(statement).all()


def add_source(
    session: Session,
    desk: Desk,
    text: str,
    *,
    scope: str = PUBLIC_SCOPE,
    declared: LanguageTag | None = None,
    owner: int | None = None,
    engine_set: EngineSet = EngineSet.INSTALLED,
) -> SourceText:
    return add_source_text(
        session,
        text=text,
        declared=declared,
        prior={},
        scope=scope,
        engine_set=engine_set,
        owner_id=owner,
        now=desk.clock(),
    )
