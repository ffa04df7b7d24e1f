"""Machine texts after a change of the glossary, on both databases: held, shown again, or left alone."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import Database
from app.core.outbox import Subscribers
from tests.conftest import TickingClock
from tests.translation.glossary.conftest import WORKER, Shelf, make_draft
from translation.checks.glossary import REPLACED
from translation.events import TranslationChange, TranslationsChanged
from translation.glossary.models import Regate
from translation.glossary.regate import SETTLING, regate_batch, run_regates
from translation.glossary.service import remove_concept, update_concept, withdraw_verification
from translation.languages import LanguageTag
from translation.models import (
    PUBLIC_SCOPE,
    Candidate,
    EngineSet,
    Grade,
    SourceText,
    Translation,
    TranslationState,
    WaitReason,
)
from translation.results import Basis, OriginKind
from translation.text import digest_text

ZH, EN, VI, KM = LanguageTag.ZH_HANT, LanguageTag.EN, LanguageTag.VI, LanguageTag.KM
MACHINE, WAITING, VERIFIED = TranslationState.MACHINE, TranslationState.WAITING, TranslationState.VERIFIED
TEXT = "Migrant workers may change jobs."
RIGHT, WRONG, FORBIDDEN = "移工可以換工作。", "候鳥可以換工作。", "外勞可以換工作。"


def make_finding(code: str, severity: str = "error", message: str = "x") -> dict[str, Any]:
    return {"code": code, "severity": severity, "message": message, "detail": []}


class Desk(Shelf):
    """A glossary, translations in any state, and what was told of them."""

    def __init__(self, db: Database, clock: TickingClock, heard: list[TranslationChange]) -> None:
        super().__init__(db, clock)
        self.heard = heard
        self.locked: list[set[int]] = []

    def translate(
        self,
        target_text: str,
        *,
        text: str = TEXT,
        state: TranslationState = MACHINE,
        reason: WaitReason | None = None,
        origin: OriginKind = OriginKind.MACHINE,
        checks: list[dict[str, Any]] | None = None,
        source: LanguageTag = EN,
        target: LanguageTag = ZH,
    ) -> int:
        now = self.clock()
        with self.db.transaction() as session:
            text_row = SourceText(
                text=text,
                digest=digest_text(text),
                language=source,
                basis=Basis.CONFIRMED,
                confidence=1.0,
                scope=PUBLIC_SCOPE,
                engine_set=EngineSet.INSTALLED,
                facts=[],
                created_at=now,
            )
            session.add(text_row)
            session.flush()
            row = Translation(
                source_text_id=text_row.id,
                source_language=source,
                target_language=target,
                state=state,
                reason=reason,
                grade=Grade.ONE if state is VERIFIED else None,
                checks=checks or [],
                available_at=now,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            session.flush()
            session.add(
                Candidate(
                    translation_id=row.id,
                    text=target_text,
                    source_digest=text_row.digest,
                    origin=origin,
                    is_active=True,
                    created_at=now,
                )
            )
            return row.id

    def row(self, translation_id: int) -> Translation:
        with self.db.reading() as session:
            return session.get_one(Translation, translation_id)

    def state(self, translation_id: int) -> tuple[TranslationState, WaitReason | None]:
        row = self.row(translation_id)
        return row.state, row.reason

    def run(self) -> int:
        self.clock.now += SETTLING
        return run_regates(self.db, clock=self.clock, lock=self.lock)

    def lock(self, _session: Session, ids: Collection[int]) -> None:
        self.locked.append(set(ids))


@pytest.fixture
def desk(make_database: Callable[..., Database], clock: TickingClock) -> Desk:
    heard: list[TranslationChange] = []
    subscribers = Subscribers(now={TranslationsChanged: [lambda _s, event, _now: heard.extend(event.changes)]})
    return Desk(make_database(subscribers), clock, heard)


HELD = (WAITING, WaitReason.HELD)


@pytest.mark.parametrize("text", [WRONG, FORBIDDEN])
def test_shown_machine_text_is_held_when_a_term_is_verified(desk: Desk, text: str) -> None:
    translation_id = desk.translate(text)
    desk.add(WORKER, verified=True)
    assert desk.run() == 1
    assert desk.state(translation_id) == HELD
    assert [(finding["code"], finding["severity"]) for finding in desk.row(translation_id).checks] == [
        ("glossary", "error")
    ]
    assert [(change.translation_id, change.state, change.reason) for change in desk.heard] == [(translation_id, *HELD)]
    assert desk.locked == [{desk.row(translation_id).source_text_id}]
    assert desk.regates() == []


def test_machine_text_stays_when_it_uses_the_term(desk: Desk) -> None:
    translation_id = desk.translate(RIGHT)
    desk.add(WORKER, verified=True)
    assert desk.run() == 1
    assert desk.state(translation_id) == (MACHINE, None)
    assert (desk.heard, desk.locked) == ([], [])


def test_nothing_is_held_when_terms_are_unverified(desk: Desk) -> None:
    translation_id = desk.translate(FORBIDDEN)
    concept_id = desk.add(WORKER)
    desk.verify(concept_id, VI)
    desk.run()
    assert desk.state(translation_id) == (MACHINE, None)
    assert [finding["severity"] for finding in desk.row(translation_id).checks] == ["warning"]
    assert desk.heard == []


@pytest.mark.parametrize("origin", [OriginKind.INTERPRETER, OriginKind.MEMORY])
def test_what_people_vouch_for_is_never_touched(desk: Desk, origin: OriginKind) -> None:
    verified = desk.translate(FORBIDDEN, state=VERIFIED, origin=origin)
    stale = desk.translate(FORBIDDEN, state=TranslationState.STALE, origin=origin)
    waiting = desk.translate(FORBIDDEN, state=WAITING, reason=WaitReason.HELD, origin=origin)
    desk.add(WORKER, verified=True)
    desk.run()
    assert desk.state(verified) == (VERIFIED, None)
    assert desk.state(stale) == (TranslationState.STALE, None)
    assert desk.state(waiting) == HELD
    assert all(desk.row(number).checks == [] for number in (verified, stale, waiting))


@pytest.mark.parametrize("reason", [WaitReason.NO_ENGINE, WaitReason.ENGINE_FAILED])
def test_what_waits_for_another_reason_goes_on_waiting(desk: Desk, reason: WaitReason) -> None:
    translation_id = desk.translate(RIGHT, state=WAITING, reason=reason, checks=[make_finding("glossary")])
    desk.add(WORKER, verified=True)
    desk.run()
    assert desk.state(translation_id) == (WAITING, reason)


@pytest.mark.parametrize("how", ["withdraw", "update", "remove"])
def test_held_text_is_shown_when_the_glossary_does_not_mind_any_more(desk: Desk, how: str) -> None:
    translation_id = desk.translate(WRONG)
    concept_id = desk.add(WORKER, verified=True)
    desk.run()
    assert desk.state(translation_id) == HELD
    with desk.db.transaction() as session:
        now = desk.clock()
        if how == "withdraw":
            for term in desk.terms(concept_id):
                withdraw_verification(session, term_id=term.id, now=now)
        elif how == "update":
            draft = make_draft("migrant-worker", zh_Hant="候鳥 | 移工", en="migrant worker")
            update_concept(session, concept_id=concept_id, draft=draft, now=now)
        else:
            remove_concept(session, concept_id=concept_id, now=now)
    desk.run()
    assert desk.state(translation_id) == (MACHINE, None)
    assert desk.row(translation_id).checks == []
    assert [change.state for change in desk.heard] == [WAITING, MACHINE]


def test_findings_of_other_checks_stay_and_hold(desk: Desk) -> None:
    others = [make_finding("numbers"), make_finding("glossary", "warning", REPLACED)]
    translation_id = desk.translate(
        RIGHT, state=WAITING, reason=WaitReason.HELD, checks=[*others, make_finding("glossary")]
    )
    desk.add(WORKER, verified=True)
    desk.run()
    assert desk.state(translation_id) == HELD
    assert desk.row(translation_id).checks == others


@pytest.mark.parametrize(
    ("text", "source", "target"), [("We may change jobs.", EN, ZH), (TEXT, VI, ZH), (TEXT, EN, KM)]
)
def test_texts_without_the_term_are_left_alone(desk: Desk, text: str, source: LanguageTag, target: LanguageTag) -> None:
    translation_id = desk.translate(FORBIDDEN, text=text, source=source, target=target)
    desk.add(WORKER, verified=True)
    before = desk.row(translation_id).updated_at
    desk.run()
    assert desk.state(translation_id) == (MACHINE, None)
    assert desk.row(translation_id).updated_at == before


def test_text_is_left_alone_when_it_was_edited_or_withdrawn(desk: Desk) -> None:
    edited, withdrawn = desk.translate(FORBIDDEN), desk.translate(FORBIDDEN)
    with desk.db.transaction() as session:
        source = session.get_one(SourceText, desk.row(edited).source_text_id)
        source.text, source.digest = "Migrant workers!", digest_text("Migrant workers!")
        gone = session.get_one(SourceText, desk.row(withdrawn).source_text_id)
        gone.text, gone.withdrawn_at = "", desk.clock()
    desk.add(WORKER, verified=True)
    desk.run()
    assert desk.state(edited) == desk.state(withdrawn) == (MACHINE, None)


def test_change_settles_before_texts_are_looked_at(desk: Desk) -> None:
    desk.translate(FORBIDDEN)
    desk.add(WORKER, verified=True)
    assert run_regates(desk.db, clock=desk.clock, lock=desk.lock) == 0
    assert desk.regates() != []


def test_many_texts_are_looked_at_batch_by_batch_from_where_it_stopped(desk: Desk) -> None:
    numbers = [desk.translate(FORBIDDEN) for _ in range(7)]
    concept_id = desk.add(WORKER, verified=True)
    desk.clock.now += SETTLING

    def step() -> int:
        with desk.db.transaction() as session:
            return regate_batch(session, now=desk.clock(), limit=3)

    def held() -> int:
        return sum(desk.state(number) == HELD for number in numbers)

    assert (step(), held()) == (3, 3)
    with desk.db.reading() as session:
        assert [row.after_id for row in session.scalars(select(Regate))] == [numbers[2]]
    # Another concept changes meanwhile: it starts behind, and both go on together from where the first stands.
    other = desk.add(make_draft("job", en="job", zh_Hant="職務"), verified=True)
    desk.clock.now += SETTLING
    assert desk.regates() == [concept_id, other]
    assert (step(), held()) == (3, 3)
    with desk.db.reading() as session:
        assert [row.after_id for row in session.scalars(select(Regate))] == [numbers[2], numbers[2]]
    assert (step(), held()) == (3, 6)
    assert (step(), held()) == (1, 7)
    assert desk.regates() == []
    assert (step(), held()) == (0, 7)


def test_several_changes_of_a_concept_are_one_round(desk: Desk) -> None:
    concept_id = desk.add(WORKER, verified=True)
    assert desk.regates() == [concept_id]


def test_change_after_a_round_has_begun_asks_for_another(desk: Desk) -> None:
    for _ in range(2):
        desk.translate(FORBIDDEN)
    concept_id = desk.add(WORKER, verified=True)
    desk.clock.now += SETTLING
    with desk.db.transaction() as session:
        assert regate_batch(session, now=desk.clock(), limit=1) == 1
    with desk.db.transaction() as session:
        withdraw_verification(session, term_id=desk.terms(concept_id)[0].id, now=desk.clock())
    assert desk.regates() == [concept_id, concept_id]
    desk.run()
    assert desk.regates() == []


def test_person_wins_when_faster_than_the_check(desk: Desk) -> None:
    translation_id = desk.translate(FORBIDDEN)
    desk.add(WORKER, verified=True)
    desk.clock.now += SETTLING

    def verify_meanwhile(session: Session, _ids: Collection[int]) -> None:
        session.get_one(Translation, translation_id).state = VERIFIED
        session.flush()

    with desk.db.transaction() as session:
        regate_batch(session, now=desk.clock(), limit=10, lock=verify_meanwhile)
    assert desk.state(translation_id) == (VERIFIED, None)
    assert desk.heard == []
