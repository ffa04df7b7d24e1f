"""Previews on both databases: who may ask for how many, the way there and back, and what happens when it fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core.db import Database
from app.core.errors import InvalidInputError
from tests.conftest import TickingClock
from tests.translation.engines.fake import FakeEngine
from translation.engines.base import EngineError
from translation.engines.registry import EngineRegistry
from translation.languages import LanguageTag
from translation.models import EngineSet, WaitReason
from translation.previews.models import Preview, PreviewState
from translation.previews.queries import PreviewNotFoundError, PreviewView, get_preview
from translation.previews.service import (
    LIFE,
    MAX_ATTEMPTS,
    MAX_LENGTH,
    MOST_PENDING,
    NothingToPreviewError,
    TooManyPreviewsError,
    claim_previews,
    finish_previews,
    request_preview,
)
from translation.previews.tasks import make_preview, run_previews
from translation.results import CheckCode

VI, ZH, KM, EN = LanguageTag.VI, LanguageTag.ZH_HANT, LanguageTag.KM, LanguageTag.EN
LEASE = timedelta(seconds=60)
TABLE = {
    ("Tôi cần gia hạn thẻ.", (VI, ZH)): "我需要延長卡片。",
    ("我需要延長卡片。", (ZH, VI)): "Tôi cần kéo dài thẻ.",
    ("Tôi trả 3000 đồng.", (VI, ZH)): "我付 5000 元。",
    ("我付 5000 元。", (ZH, VI)): "Tôi trả 5000 đồng.",
}


class Room:
    """A database, a clock and engines."""

    def __init__(self, db: Database, clock: TickingClock) -> None:
        self.db, self.clock = db, clock
        self.engine = FakeEngine({(VI, ZH), (ZH, VI), (VI, EN)}, table=TABLE)

    def ask(
        self,
        text: str = "Tôi cần gia hạn thẻ.",
        *,
        target: LanguageTag = ZH,
        account: int = 7,
        is_round_trip: bool = True,
    ) -> int:
        with self.db.transaction() as session:
            return request_preview(
                session,
                account_id=account,
                text=text,
                source=VI,
                target=target,
                engine_set=EngineSet.INSTALLED,
                is_round_trip=is_round_trip,
                now=self.clock(),
            ).id

    def run(self) -> int:
        engines = {EngineSet.INSTALLED: EngineRegistry([self.engine])}
        return run_previews(self.db, engines, clock=self.clock, lease=LEASE, off_loop=lambda function: function())

    def read(self, preview_id: int, account: int = 7) -> PreviewView:
        with self.db.reading() as session:
            return get_preview(session, account_id=account, preview_id=preview_id)


@pytest.fixture
def room(db: Database, clock: TickingClock) -> Room:
    return Room(db, clock)


def test_text_is_shown_there_and_back(room: Room) -> None:
    preview = room.ask()
    assert room.read(preview).state is PreviewState.PENDING
    assert room.run() == 1
    view = room.read(preview)
    assert (view.state, view.forward_text, view.back_text) == (
        PreviewState.READY,
        "我需要延長卡片。",
        "Tôi cần kéo dài thẻ.",
    )


def test_what_the_gate_would_hold_is_said(room: Room) -> None:
    preview = room.ask("Tôi trả 3000 đồng.")
    room.run()
    assert {CheckCode.NUMBERS, CheckCode.MONEY} & {finding.code for finding in room.read(preview).findings}


def test_good_text_has_no_findings(room: Room) -> None:
    preview = room.ask()
    room.run()
    assert room.read(preview).findings == ()


def test_way_back_alone_is_one_translation(room: Room) -> None:
    preview = room.ask(is_round_trip=False)
    room.run()
    view = room.read(preview)
    assert (view.forward_text, view.back_text) == (None, "我需要延長卡片。")
    assert [pair for pair, _ in room.engine.calls] == [(VI, ZH)]


def test_missing_engine_is_a_state_with_a_reason(room: Room) -> None:
    preview = room.ask(target=KM)
    room.run()
    view = room.read(preview)
    assert (view.state, view.reason, view.forward_text) == (PreviewState.UNAVAILABLE, WaitReason.NO_ENGINE, None)


def test_missing_way_back_leaves_the_way_there(room: Room) -> None:
    preview = room.ask(target=EN)
    room.run()
    view = room.read(preview)
    assert view.state is PreviewState.READY
    assert view.forward_text is not None
    assert view.back_text is None


def test_failing_engine_is_tried_again_and_then_said(room: Room) -> None:
    room.engine = FakeEngine({(VI, ZH)}, fail=lambda _text: EngineError())
    preview = room.ask()
    assert room.run() == MAX_ATTEMPTS
    view = room.read(preview)
    assert (view.state, view.reason) == (PreviewState.UNAVAILABLE, WaitReason.ENGINE_FAILED)


def test_same_question_is_one_preview(room: Room) -> None:
    assert room.ask() == room.ask()
    assert room.ask() != room.ask(account=8)
    assert room.ask() != room.ask(is_round_trip=False)


def test_unavailable_preview_is_made_anew_when_asked_again(room: Room) -> None:
    room.engine = FakeEngine(set())
    first = room.ask()
    room.run()
    assert room.ask() != first


def test_nobody_floods_the_engines_with_previews(room: Room) -> None:
    for number in range(MOST_PENDING):
        room.ask(f"Xin chào {number}.")
    with pytest.raises(TooManyPreviewsError):
        room.ask("Xin chào.")
    room.ask("Xin chào.", account=8)
    room.run()
    room.ask("Xin chào.")


def test_preview_is_nobody_elses(room: Room) -> None:
    preview = room.ask()
    with pytest.raises(PreviewNotFoundError):
        room.read(preview, account=8)


@pytest.mark.parametrize("target", [VI, LanguageTag.UND])
def test_there_must_be_two_languages(room: Room, target: LanguageTag) -> None:
    with pytest.raises(NothingToPreviewError):
        room.ask(target=target)


def test_text_is_bounded(room: Room) -> None:
    room.ask("x" * MAX_LENGTH)
    with pytest.raises(InvalidInputError):
        room.ask("x" * (MAX_LENGTH + 1))


def test_previews_go_after_their_hour(room: Room) -> None:
    room.ask()
    room.run()
    room.clock.now += LIFE
    room.ask("Xin chào.")
    with room.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Preview)) == 2
    room.clock.now += timedelta(seconds=1)
    room.ask("Xin chào bạn.")
    with room.db.reading() as session:
        assert set(session.scalars(select(Preview.text))) == {"Xin chào.", "Xin chào bạn."}


def test_dead_worker_leaves_its_previews_to_another(room: Room) -> None:
    preview = room.ask()
    with room.db.transaction() as session:
        assert len(claim_previews(session, now=room.clock(), lease=LEASE, limit=4)) == 1
    assert room.run() == 0
    room.clock.advance(seconds=61)
    assert room.run() == 1
    assert room.read(preview).state is PreviewState.READY


def test_result_of_a_preview_that_is_gone_is_dropped(room: Room) -> None:
    room.ask()
    with room.db.transaction() as session:
        (item,) = claim_previews(session, now=room.clock(), lease=LEASE, limit=4)
        session.delete(session.get_one(Preview, item.id))
    done = make_preview(item, EngineRegistry([room.engine]))
    with room.db.transaction() as session:
        finish_previews(session, done=[done], now=room.clock())
        assert session.get(Preview, item.id) is None
