"""What operators are told about each pair."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app.core.db import Database
from tests.conftest import CountQueries, TickingClock
from tests.translation.engines.fake import FakeEngine
from translation.engines.opencc import OpenccEngine
from translation.engines.registry import EngineRegistry
from translation.engines.routing import Why
from translation.languages import LANGUAGES, LanguageTag
from translation.results import Route
from translation.routing.models import RoutingRule
from translation.routing.queries import ALL_PAIRS, list_routes, load_table
from translation.routing.service import seed_qualities, set_rule

ZH_HANT, ZH_HANS, EN, VI, ID, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.ZH_HANS,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.KM,
)


@pytest.fixture
def registry() -> EngineRegistry:
    """Firefox and Argos as they are published for Vietnamese, Indonesian and Chinese; nobody for Khmer and Thai."""
    firefox = FakeEngine([(VI, EN), (EN, ID), (ID, EN), (EN, ZH_HANS)], name="firefox")
    argos = FakeEngine([(EN, ID), (ID, EN), (EN, ZH_HANT), (ZH_HANT, EN)], name="argos")
    return EngineRegistry([firefox, argos, OpenccEngine()])


def test_every_pair_is_told_with_its_reason(db: Database, clock: TickingClock, registry: EngineRegistry) -> None:
    with db.transaction() as session:
        seed_qualities(session, now=clock())
        set_rule(session, pair=(ID, EN), engine="argos", hops=(ID, EN), actor_id=None, now=clock())
        set_rule(session, pair=(EN, ID), engine=None, hops=None, actor_id=None, now=clock())
        set_rule(session, pair=(VI, EN), engine="llm", hops=(VI, EN), actor_id=None, now=clock())
    with db.reading() as session:
        found = {each.pair: each.choice for each in list_routes(session, registry)}

    assert tuple(found) == ALL_PAIRS
    assert len(ALL_PAIRS) == len(set(ALL_PAIRS)) == len(LANGUAGES) * (len(LANGUAGES) - 1) == 30
    assert (found[ID, EN].route, found[ID, EN].why) == (Route((ID, EN), "argos"), Why.RULE)
    assert [each.route for each in found[ID, EN].alternatives] == [Route((ID, EN), "firefox")]
    assert (found[EN, ID].route, found[EN, ID].why) == (None, Why.PEOPLE)
    assert (found[VI, EN].route, found[VI, EN].why) == (Route((VI, EN), "firefox"), Why.FALLBACK)
    best = found[VI, ZH_HANT].best
    assert best is not None
    assert (best.route, best.unknown_hops) == (Route((VI, EN, ZH_HANS, ZH_HANT), "firefox"), 0)
    assert round(best.estimate, 4) == round(59.1 * 35.1 / 100, 4)
    assert (found[ZH_HANT, EN].route, found[ZH_HANT, EN].why) == (Route((ZH_HANT, EN), "argos"), Why.AUTOMATIC)
    for pair in ALL_PAIRS:
        assert (found[pair].why is Why.NO_ENGINE) == (found[pair].route is None and pair != (EN, ID))
        if KM in pair:
            assert found[pair].why is Why.NO_ENGINE


def test_table_takes_as_many_queries_when_it_is_full(
    db: Database, count_queries: CountQueries, clock: TickingClock
) -> None:
    with count_queries(db) as empty, db.reading() as session:
        load_table(session)
    with db.transaction() as session:
        seed_qualities(session, now=clock())
        for pair in ALL_PAIRS:
            set_rule(session, pair=pair, engine="argos", hops=pair, actor_id=None, now=clock())

    with count_queries(db) as full, db.reading() as session:
        assert len(load_table(session).rules) == 30
    # The two tables, and on SQLite the BEGIN.
    assert full.count == empty.count <= 3


def test_rule_is_left_out_when_a_language_of_it_is_gone(db: Database, clock: TickingClock) -> None:
    with db.transaction() as session:
        set_rule(session, pair=(VI, EN), engine="argos", hops=(VI, EN), actor_id=None, now=clock())
        set_rule(session, pair=(VI, ID), engine="argos", hops=(VI, EN, ID), actor_id=None, now=clock())
        session.execute(
            update(RoutingRule).where(RoutingRule.target_language == ID).values(hops=["vi", "tlh-Piqd", "id"])
        )
    with db.reading() as session:
        assert list(load_table(session).rules) == [(VI, EN)]
