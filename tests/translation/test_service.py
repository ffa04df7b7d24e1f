"""The states of a translation on both databases: what workers and people may do to it, and what they may not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.db import Database
from app.core.outbox import Subscribers
from tests.conftest import TickingClock
from tests.translation.engines.fake import FakeEngine
from translation.engines.registry import EngineRegistry
from translation.events import TranslationChange, TranslationsChanged
from translation.languages import LanguageTag
from translation.models import (
    PUBLIC_SCOPE,
    Candidate,
    EngineSet,
    Grade,
    MemoryEntry,
    SourceText,
    Translation,
    TranslationState,
    WaitReason,
)
from translation.queries import TranslationView, load_views
from translation.results import OriginKind, Severity
from translation.service.memory import list_matches
from translation.service.sources import (
    add_source_text,
    mark_stale,
    request_translations,
    set_source_language,
    withdraw_sources,
)
from translation.service.verification import (
    CandidateChangedError,
    ChecksFailedError,
    ReportReason,
    TranslationNotFoundError,
    report_translation,
    submit_translation,
)
from translation.service.work import MAX_ATTEMPTS, WorkDone, claim_work, finish_work
from translation.tasks import run_translations, translate_items

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
    """A database, a clock and the engines of one test."""

    def __init__(self, db: Database, clock: TickingClock, heard: list[TranslationChange]) -> None:
        self.db = db
        self.clock = clock
        self.heard = heard
        self.engines = {
            EngineSet.INSTALLED: EngineRegistry([FakeEngine({(VI, EN), (EN, ZH)}, table=TABLE)]),
            EngineSet.DEMO: EngineRegistry([]),
        }

    def add(
        self, text: str = TEXT, *targets: LanguageTag, scope: str = PUBLIC_SCOPE, declared: LanguageTag | None = None
    ) -> int:
        with self.db.transaction() as session:
            source = add_source_text(
                session,
                text=text,
                declared=declared,
                prior={},
                scope=scope,
                engine_set=EngineSet.INSTALLED,
                now=self.clock(),
            )
            request_translations(session, sources=[source], targets=targets or (ZH,), now=self.clock())
            return source.id

    def run(self) -> int:
        return run_translations(
            self.db,
            self.engines,
            clock=self.clock,
            lease=LEASE,
            off_loop=lambda function: function(),
            lock=lambda _session, _ids: None,
        )

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
        self, source_id: int, text: str = HUMAN, *, by: int = 7, base: int | None = None, accept: bool = True
    ) -> Candidate:
        with self.db.transaction() as session:
            return submit_translation(
                session,
                translation_id=self.row(source_id).id,
                text=text,
                base_candidate_id=base,
                actor_id=by,
                accept_warnings=accept,
                now=self.clock(),
            )

    def candidates(self, source_id: int) -> Sequence[Candidate]:
        with self.db.reading() as session:
            return session.scalars(
                select(Candidate)
                .join(Translation, Translation.id == Candidate.translation_id)
                .where(Translation.source_text_id == source_id)
                .order_by(Candidate.id)
            ).all()


@pytest.fixture
def desk(make_database: Callable[..., Database], clock: TickingClock) -> Desk:
    heard: list[TranslationChange] = []
    subscribers = Subscribers(now={TranslationsChanged: [lambda _s, event, _now: heard.extend(event.changes)]})
    return Desk(make_database(subscribers), clock, heard)


def test_machine_text_is_shown_with_its_route(desk: Desk) -> None:
    source = desk.add()
    assert desk.view(source).state is TranslationState.PENDING
    assert desk.run() == 1
    view = desk.view(source)
    assert view.state is TranslationState.MACHINE
    assert view.text
    assert view.origin is not None
    assert view.origin.route == ("vi", "en", "zh-Hant")
    assert [change.state for change in desk.heard] == [TranslationState.MACHINE]


def test_without_an_engine_a_person_is_asked(desk: Desk) -> None:
    source = desk.add(TEXT, KM)
    desk.run()
    view = desk.view(source, KM)
    assert (view.state, view.reason, view.text) == (TranslationState.WAITING, WaitReason.NO_ENGINE, None)


def test_an_unknown_language_waits_at_once(desk: Desk) -> None:
    source = desk.add("555")
    assert desk.view(source).reason is WaitReason.UNKNOWN_LANGUAGE
    assert desk.run() == 0
    assert [change.reason for change in desk.heard] == [WaitReason.UNKNOWN_LANGUAGE]


def test_requesting_again_changes_nothing(desk: Desk) -> None:
    source_id = desk.add()
    desk.run()
    with desk.db.transaction() as session:
        source = session.get_one(SourceText, source_id)
        request_translations(session, sources=[source], targets=[ZH, VI], now=desk.clock())
    assert desk.view(source_id).state is TranslationState.MACHINE
    with desk.db.reading() as session:
        assert len(session.scalars(select(Translation)).all()) == 1


def test_a_claimed_batch_is_left_alone_until_its_lease_ends(desk: Desk) -> None:
    desk.add()
    with desk.db.transaction() as session:
        assert len(claim_work(session, now=desk.clock(), lease=LEASE, limit=10)) == 1
    with desk.db.transaction() as session:
        assert claim_work(session, now=desk.clock(), lease=LEASE, limit=10) == []
    desk.clock.advance(seconds=61)
    with desk.db.transaction() as session:
        assert len(claim_work(session, now=desk.clock(), lease=LEASE, limit=10)) == 1


def _claim(desk: Desk) -> list[WorkDone]:
    with desk.db.transaction() as session:
        items = claim_work(session, now=desk.clock(), lease=LEASE, limit=10)
    return translate_items(items, desk.engines)


def _finish(desk: Desk, done: list[WorkDone]) -> None:
    with desk.db.transaction() as session:
        finish_work(session, done=done, now=desk.clock())


def test_a_late_worker_does_not_double_what_another_has_done(desk: Desk) -> None:
    source = desk.add()
    late = _claim(desk)
    desk.clock.advance(seconds=61)
    desk.run()
    _finish(desk, late)
    assert len(desk.candidates(source)) == 1


def test_a_result_is_dropped_when_a_person_was_faster(desk: Desk) -> None:
    source = desk.add()
    late = _claim(desk)
    desk.submit(source)
    _finish(desk, late)
    view = desk.view(source)
    assert (view.state, view.text) == (TranslationState.VERIFIED, HUMAN)
    assert [candidate.origin for candidate in desk.candidates(source)] == [OriginKind.INTERPRETER]


def test_a_result_is_dropped_when_the_text_was_withdrawn(desk: Desk) -> None:
    source = desk.add()
    late = _claim(desk)
    with desk.db.transaction() as session:
        withdraw_sources(session, source_text_ids=[source], now=desk.clock())
    _finish(desk, late)
    assert desk.row(source).state is TranslationState.WITHDRAWN
    assert desk.candidates(source) == []


def test_a_result_is_dropped_when_the_language_was_corrected(desk: Desk) -> None:
    source = desk.add()
    late = _claim(desk)
    with desk.db.transaction() as session:
        set_source_language(
            session, source_text_ids=[source], language=LanguageTag.ID, confirmed_by_id=1, now=desk.clock()
        )
    _finish(desk, late)
    assert desk.row(source).state is TranslationState.PENDING


def test_a_failing_engine_is_tried_again_and_then_a_person_is_asked(desk: Desk) -> None:
    source = desk.add()
    for _ in range(MAX_ATTEMPTS):
        assert desk.row(source).state is TranslationState.PENDING
        done = [WorkDone(item=each.item, reason=WaitReason.ENGINE_FAILED) for each in _claim(desk)]
        assert done
        _finish(desk, done)
        desk.clock.advance(minutes=5)
    assert desk.row(source).reason is WaitReason.ENGINE_FAILED


def test_the_database_allows_one_active_candidate(desk: Desk) -> None:
    source = desk.add()
    desk.run()
    translation_id = desk.row(source).id
    with pytest.raises(IntegrityError), desk.db.transaction() as session:
        session.add(
            Candidate(
                translation_id=translation_id,
                text="x",
                source_digest="",
                origin=OriginKind.MACHINE,
                is_active=True,
                created_at=desk.clock(),
            )
        )


def test_a_persons_text_is_verified_and_remembered(desk: Desk) -> None:
    desk.submit(desk.add())
    again = desk.add()
    view = desk.view(again)
    assert (view.state, view.text, view.grade) == (TranslationState.VERIFIED, HUMAN, Grade.ONE)
    assert view.origin is not None
    assert view.origin.kind is OriginKind.MEMORY
    assert desk.run() == 0


def test_memory_of_segments_helps_another_text(desk: Desk) -> None:
    first = desk.add("Xin chào các bạn. Tôi sống ở Đài Bắc.")
    desk.submit(first, "大家好。我住在台北。")
    second = desk.add("Tôi sống ở Đài Bắc. Tôi có hai con.")
    desk.run()
    text = desk.view(second).text
    assert text is not None
    assert text.startswith("我住在台北。")
    with desk.db.reading() as session:
        source = session.get_one(SourceText, second)
        assert [match.target for match in list_matches(session, source=source, target=ZH)] == ["我住在台北。"]


def test_private_memory_stays_where_it_was_made(desk: Desk) -> None:
    desk.submit(desk.add(scope="thread:1"))
    assert desk.view(desk.add()).state is TranslationState.PENDING
    assert desk.view(desk.add(scope="thread:2")).state is TranslationState.PENDING
    assert desk.view(desk.add(scope="thread:1")).state is TranslationState.VERIFIED


def test_public_memory_serves_private_threads(desk: Desk) -> None:
    desk.submit(desk.add())
    assert desk.view(desk.add(scope="thread:1")).state is TranslationState.VERIFIED


def test_machine_text_never_enters_memory(desk: Desk) -> None:
    desk.add()
    desk.run()
    with desk.db.reading() as session:
        assert session.scalars(select(MemoryEntry)).all() == []


def test_a_corrected_text_replaces_what_was_remembered(desk: Desk) -> None:
    source = desk.add()
    first = desk.submit(source)
    desk.submit(source, "要延長居留證，需要哪些文件？", base=first.id)
    assert desk.view(desk.add()).text == "要延長居留證，需要哪些文件？"


def test_a_text_somebody_else_wrote_is_not_overwritten_unseen(desk: Desk) -> None:
    source = desk.add()
    theirs = desk.submit(source)
    with pytest.raises(CandidateChangedError) as raised:
        desk.submit(source, "別的翻譯", by=8)
    assert raised.value.data == {"mine": "別的翻譯", "theirs": HUMAN, "source": TEXT}
    assert desk.view(source).text == HUMAN
    desk.submit(source, "別的翻譯", by=8, base=theirs.id)


def test_a_second_person_who_confirms_makes_it_two(desk: Desk) -> None:
    source = desk.add()
    first = desk.submit(source, by=7)
    same = desk.submit(source, by=7, base=first.id)
    assert desk.view(source).grade is Grade.ONE
    desk.submit(source, by=8, base=same.id)
    assert desk.view(source).grade is Grade.TWO


@pytest.mark.parametrize(("text", "code"), [("", "text.empty"), ("\ud800", "text.surrogate")])
def test_what_is_no_text_is_refused(desk: Desk, text: str, code: str) -> None:
    with pytest.raises(Exception) as raised:
        desk.submit(desk.add(), text)
    assert getattr(raised.value, "code", None) == code


def test_errors_block_and_warnings_pass_when_accepted(desk: Desk) -> None:
    source = desk.add("Lệ phí là 1000 Đài tệ.")
    with pytest.raises(ChecksFailedError) as copied:
        desk.submit(source, "Lệ phí là 1000 Đài tệ.", accept=True)
    assert Severity.ERROR in {finding.severity for finding in copied.value.data["findings"]}
    with pytest.raises(ChecksFailedError) as wrong:
        desk.submit(source, "費用是900元。", accept=False)
    assert {finding.severity for finding in wrong.value.data["findings"]} == {Severity.WARNING}
    assert desk.submit(source, "費用是900元。", accept=True).text == "費用是900元。"


def test_a_reported_text_stays_shown_and_is_told_once(desk: Desk) -> None:
    source = desk.add()
    desk.run()
    desk.heard.clear()
    for _ in range(2):
        _report(desk, source)
    view = desk.view(source)
    assert (view.state, view.is_reported) == (TranslationState.MACHINE, True)
    assert len(desk.heard) == 1
    desk.submit(source)
    assert not desk.view(source).is_reported


def _report(desk: Desk, source: int) -> None:
    with desk.db.transaction() as session:
        report_translation(
            session,
            translation_id=desk.row(source).id,
            account_id=3,
            reason=ReportReason.MEANING,
            note="  ",
            now=desk.clock(),
        )


def test_what_is_not_shown_can_not_be_reported(desk: Desk) -> None:
    source = desk.add(TEXT, KM)
    desk.run()
    with pytest.raises(TranslationNotFoundError), desk.db.transaction() as session:
        report_translation(
            session,
            translation_id=desk.row(source, KM).id,
            account_id=3,
            reason=ReportReason.OTHER,
            note=None,
            now=desk.clock(),
        )


def _edit(desk: Desk, old: int, text: str) -> int:
    """What the forum does when an author edits."""
    with desk.db.transaction() as session:
        source = _add(session, desk, text)
        stale = mark_stale(session, old_source_id=old, new_source_id=source.id, now=desk.clock())
        request_translations(session, sources=[source], targets=[ZH], now=desk.clock(), stale_candidates=stale)
        return source.id


def _add(session: Session, desk: Desk, text: str) -> SourceText:
    return add_source_text(
        session,
        text=text,
        declared=None,
        prior={},
        scope=PUBLIC_SCOPE,
        engine_set=EngineSet.INSTALLED,
        now=desk.clock(),
    )


def test_after_an_edit_machine_text_is_outdated_until_redone(desk: Desk) -> None:
    old = desk.add()
    desk.run()
    before = desk.view(old).text
    new = _edit(desk, old, TEXT + " Cảm ơn.")
    assert (desk.view(new).state, desk.view(new).text) == (TranslationState.STALE, before)
    desk.run()
    assert desk.view(new).state is TranslationState.MACHINE


def test_after_an_edit_a_persons_text_stays_until_a_person_redoes_it(desk: Desk) -> None:
    old = desk.add()
    desk.submit(old)
    new = _edit(desk, old, TEXT + " Cảm ơn nhiều.")
    desk.run()
    view = desk.view(new)
    assert (view.state, view.underlying) == (TranslationState.STALE, TranslationState.MACHINE)
    assert view.text == HUMAN
    newer = _edit(desk, new, TEXT + " Cảm ơn rất nhiều.")
    assert desk.view(newer).text == HUMAN
    desk.run()
    desk.submit(newer, HUMAN + "非常感謝。")
    assert (desk.view(newer).state, desk.view(newer).text) == (TranslationState.VERIFIED, HUMAN + "非常感謝。")


def test_the_text_of_an_earlier_version_can_not_be_submitted_any_more(desk: Desk) -> None:
    old = desk.add()
    desk.run()
    _edit(desk, old, TEXT + " Cảm ơn.")
    with pytest.raises(CandidateChangedError):
        desk.submit(old)


def test_withdrawing_leaves_no_text_anywhere(desk: Desk) -> None:
    old = desk.add()
    desk.submit(old)
    new = _edit(desk, old, TEXT + " Cảm ơn.")
    desk.run()
    with desk.db.transaction() as session:
        withdraw_sources(session, source_text_ids=[old, new], now=desk.clock())
    with desk.db.reading() as session:
        assert session.scalars(select(SourceText.text)).all() == ["", ""]
        assert session.scalars(select(Candidate)).all() == []
        assert session.scalars(select(MemoryEntry)).all() == []
        assert load_views(session, source_text_ids=[old, new], target=ZH) == {}
    assert desk.view(desk.add()).state is TranslationState.PENDING


def test_a_corrected_language_takes_memory_of_the_mistake(desk: Desk) -> None:
    source = desk.add("Nasi lemak sedap", declared=VI)
    desk.submit(source, "好吃的飯")
    with desk.db.transaction() as session:
        set_source_language(
            session, source_text_ids=[source], language=LanguageTag.ID, confirmed_by_id=1, now=desk.clock()
        )
    assert desk.view(source).state is TranslationState.PENDING
    assert desk.view(source).text is None
    with desk.db.reading() as session:
        assert session.scalars(select(MemoryEntry)).all() == []


def test_the_demos_texts_never_meet_installed_engines(desk: Desk) -> None:
    with desk.db.transaction() as session:
        source = _add(session, desk, TEXT)
        source.engine_set = EngineSet.DEMO
        request_translations(session, sources=[source], targets=[ZH], now=desk.clock())
        source_id = source.id
    desk.run()
    assert desk.view(source_id).reason is WaitReason.NO_ENGINE
    assert desk.view(source_id).is_demo
