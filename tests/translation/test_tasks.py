"""The job that translates: what becomes a batch, what engines are told, and what slow ones give back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from app.core.db import Database
from app.core.outbox import Subscribers
from tests.conftest import TickingClock
from tests.translation.engines.fake import FakeEngine
from tests.translation.service.desk import EN, LEASE, TEXT, VI, ZH, Desk
from translation.engines.base import NO_HINTS, Capabilities, EngineError, EngineOutput, Hints, Pair
from translation.glossary.drafts import ConceptDraft, TermDraft
from translation.glossary.service import add_concept
from translation.models import TranslationState, WaitReason
from translation.service.budgets import EVERYBODY, Limits, is_over_budget
from translation.tasks import GIVEN_UP_AFTER


class Talker(FakeEngine):
    """An engine that uses hints; ``told`` records them. ``seconds`` is how long an answer takes on the test's clock,
    ``meanwhile`` what happens until then."""

    def __init__(
        self,
        *,
        clock: TickingClock | None = None,
        seconds: float = 0,
        keeps_placeholders: bool = False,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__({(VI, ZH)})
        self.told: list[Hints] = []
        self._clock = clock
        self._seconds = seconds
        self._meanwhile = meanwhile
        self._keeps_placeholders = keeps_placeholders

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, uses_hints=True, keeps_placeholders=self._keeps_placeholders)

    def translate(self, texts: Sequence[str], *, pair: Pair, hints: Hints = NO_HINTS) -> list[EngineOutput]:
        self.told.append(hints)
        if self._clock is not None:
            self._clock.advance(seconds=self._seconds)
        outputs = super().translate(texts, pair=pair)
        self._meanwhile()
        return outputs


@pytest.fixture
def desk(make_database: Callable[..., Database], clock: TickingClock) -> Desk:
    return Desk(make_database(Subscribers()), clock, [])


def test_texts_of_one_route_are_one_call(desk: Desk) -> None:
    engine = desk.use(FakeEngine({(VI, ZH), (EN, ZH)}))
    desk.add_many(["Tôi có hai con.", "Cảm ơn nhiều."], owner=1)
    desk.add_many(["I have two children."], owner=2, declared=EN)
    desk.run()
    assert sorted(len(texts) for _, texts in engine.calls) == [1, 2]


def test_the_same_text_of_two_people_is_translated_once(desk: Desk) -> None:
    engine = desk.use(FakeEngine({(VI, ZH)}))
    sources = [desk.add(TEXT, owner=owner) for owner in (1, 2)]
    assert desk.run() == 2
    assert engine.calls == [((VI, ZH), [TEXT])]
    assert {desk.row(source).state for source in sources} <= {TranslationState.MACHINE, TranslationState.WAITING}


def test_an_engine_that_uses_hints_gets_one_text_at_a_time_with_its_own(desk: Desk) -> None:
    engine = Talker()
    desk.use(engine)
    sources = desk.add_many(["Tôi có hai con.", "Cảm ơn nhiều."], owner=1)
    asked: list[int] = []

    def load_context(_session: Session, ids: Collection[int]) -> Mapping[int, tuple[str, ...]]:
        asked.extend(ids)
        return {sources[1]: ("before", "x" * 900)}

    desk.run(load_context=load_context)
    assert [texts for _, texts in engine.calls] == [["Tôi có hai con."], ["Cảm ơn nhiều."]]
    assert [hints.context for hints in engine.told] == [(), ("before", "x" * 500)]
    assert asked == sources


def test_an_engine_that_uses_none_is_told_nothing(desk: Desk) -> None:
    desk.use(FakeEngine({(VI, ZH)}))
    desk.add()

    def load_context(_session: Session, _ids: Collection[int]) -> Mapping[int, tuple[str, ...]]:
        raise AssertionError("nobody wants it")

    assert desk.run(load_context=load_context) == 1


def test_hints_are_the_terms_of_the_text(desk: Desk) -> None:
    engine = Talker()
    desk.use(engine)
    _add_term(desk)
    desk.add("Tôi cần gia hạn thẻ cư trú.", declared=VI)
    desk.add("Cảm ơn nhiều.", declared=VI)
    desk.run()
    assert [hints.terms for hints in engine.told] == [(("thẻ cư trú", "居留證"),), ()]


def _add_term(desk: Desk) -> None:
    draft = ConceptDraft(
        key="residence-card",
        source_url="https://example.org/terms",
        terms=(TermDraft(VI, "thẻ cư trú"), TermDraft(ZH, "居留證")),
    )
    with desk.db.transaction() as session:
        add_concept(session, actor_id=None, draft=draft, now=desk.clock())


@pytest.mark.parametrize("keeps", [True, False])
def test_links_reach_only_engines_that_keep_placeholders(desk: Desk, keeps: bool) -> None:
    engine = Talker(keeps_placeholders=keeps)
    desk.use(engine)
    desk.add("Xem tại https://example.org nhé các bạn.", declared=VI)
    desk.run()
    [(_, asked)] = engine.calls
    assert len(asked) == (1 if keeps else 2)
    assert not any("example.org" in text for text in asked)


def test_a_slow_engine_gives_back_what_it_has_not_begun(desk: Desk) -> None:
    engine = Talker(clock=desk.clock, seconds=LEASE.total_seconds() / 4)
    desk.use(engine)
    sources = desk.add_many([f"Tôi có {number} con." for number in range(6)], owner=1)
    limits = Limits(per_hour=1000, per_owner_hour=1000)
    assert desk.run(limits=limits) == 6
    assert len(engine.calls) == 6
    # Nothing was done twice, paid for twice, or counted as a failure.
    assert {desk.row(source).attempts for source in sources} == {1}
    spent = sum(len(f"Tôi có {number} con.") for number in range(6))
    with desk.db.reading() as session:
        for account in (EVERYBODY, 1):
            exact = Limits(per_hour=spent, per_owner_hour=spent)
            more = Limits(per_hour=spent + 1, per_owner_hour=spent + 1)
            assert is_over_budget(session, owner_id=account, limits=exact, now=desk.clock())
            assert not is_over_budget(session, owner_id=account, limits=more, now=desk.clock())


def test_what_comes_while_a_slow_engine_works_does_not_wait_for_all_of_it(desk: Desk) -> None:
    def arrive() -> None:
        if len(engine.calls) == 1:
            desk.add("Cảm ơn nhiều.", declared=VI, owner=2)

    engine = Talker(clock=desk.clock, seconds=LEASE.total_seconds() / 4, meanwhile=arrive)
    desk.use(engine)
    desk.add_many([f"Tôi có {number} con." for number in range(9)], owner=1)
    assert desk.run() == 10
    order = [texts[0] for _, texts in engine.calls]
    assert order.index("Cảm ơn nhiều.") == 2


class Killed(BaseException):
    """What a worker's process dies of."""


def _kill(text: str) -> EngineError | None:
    if text == TEXT:
        raise Killed
    return None


def test_text_that_ends_the_worker_is_given_up_and_takes_no_other_with_it(desk: Desk) -> None:
    deadly, harmless = desk.add(TEXT), desk.add("Tôi có hai con.")
    desk.use(FakeEngine({(VI, ZH)}, table={("Tôi có hai con.", (VI, ZH)): "我有兩個孩子。"}, fail=_kill))
    deaths = 0
    for _ in range(2 * GIVEN_UP_AFTER):
        try:
            desk.run()
        except Killed:
            deaths += 1
            desk.clock.advance(seconds=LEASE.total_seconds() + 1)
    assert deaths == GIVEN_UP_AFTER
    assert desk.view(harmless).text == "我有兩個孩子。"
    view = desk.view(deadly)
    assert (view.state, view.reason) == (TranslationState.WAITING, WaitReason.ENGINE_FAILED)
