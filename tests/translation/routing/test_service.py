"""The routing table on real databases: figures seeded and measured, rules set and taken back."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.core.db import Database
from tests.conftest import TickingClock
from translation.engines.routing import Rule
from translation.languages import LanguageTag
from translation.routing.models import HopQuality, RoutingRule
from translation.routing.published import PUBLISHED, PUBLISHED_TABLE
from translation.routing.queries import list_qualities, load_table
from translation.routing.service import (
    MeasurementInvalidError,
    RuleInvalidError,
    clear_rule,
    record_measurement,
    seed_qualities,
    set_rule,
)

ZH_HANT, ZH_HANS, EN, VI, KM, UND = (
    LanguageTag.ZH_HANT,
    LanguageTag.ZH_HANS,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.KM,
    LanguageTag.UND,
)


def test_published_figures_are_there_once_when_seeded_twice(db: Database, clock: TickingClock) -> None:
    with db.transaction() as session:
        assert seed_qualities(session, now=clock()) == len(PUBLISHED)
    seeded = clock.now
    clock.advance(days=1)
    with db.transaction() as session:
        assert seed_qualities(session, now=clock()) == 0

    with db.reading() as session:
        assert load_table(session) == PUBLISHED_TABLE
        for quality in list_qualities(session):
            assert "FLORES devtest, n = 1,012" in quality.citation
            assert not quality.is_measured
            assert quality.updated_at == seeded


def test_published_figures_are_sane() -> None:
    assert len({(each.name, each.pair) for each in PUBLISHED}) == len(PUBLISHED)
    for each in PUBLISHED:
        assert each.pair[0] != each.pair[1]
        assert 0 < each.value < 100
        assert len(each.name) <= 40


def test_newer_published_figures_replace_published_ones_alone(db: Database, clock: TickingClock) -> None:
    first, second, third, *_others = PUBLISHED
    with db.transaction() as session:
        seed_qualities(session, now=clock(), published=[first, second])
        record_measurement(session, name=second.name, pair=second.pair, value=12.5, citation="here", now=clock())
    newer = [replace(first, value=90.0, citation="newer"), replace(second, value=91.0), replace(third, value=92.0)]
    with db.transaction() as session:
        assert seed_qualities(session, now=clock.advance(days=1), published=newer) == 2

    with db.reading() as session:
        found = {(each.name, each.pair): each for each in list_qualities(session)}
    assert found[first.name, first.pair].value == 90.0
    assert (found[first.name, first.pair].citation, found[first.name, first.pair].updated_at) == ("newer", clock.now)
    assert (found[second.name, second.pair].value, found[second.name, second.pair].is_measured) == (12.5, True)
    assert found[third.name, third.pair].value == 92.0


def test_published_figure_goes_when_it_is_published_no_longer_and_a_measured_one_stays(
    db: Database, clock: TickingClock
) -> None:
    first, second, third, *_others = PUBLISHED
    with db.transaction() as session:
        seed_qualities(session, now=clock(), published=[first, second, third])
        record_measurement(session, name=second.name, pair=second.pair, value=1.0, citation="here", now=clock())

    with db.transaction() as session:
        assert seed_qualities(session, now=clock(), published=[third]) == 1

    with db.reading() as session:
        assert set(load_table(session).qualities) == {(second.name, second.pair), (third.name, third.pair)}


@pytest.mark.parametrize("name", ["argos", "multilingual:nllb-200-600m", "multilingual:Small_100.v1+x"])
def test_measurement_replaces_what_was_there(db: Database, clock: TickingClock, name: str) -> None:
    for value in (40.0, 0.0, 100.0):
        with db.transaction() as session:
            record_measurement(session, name=name, pair=(VI, KM), value=value, citation="c" * 9_000, now=clock())
        with db.reading() as session:
            row = session.scalars(select(HopQuality)).one()
            assert (row.engine, row.value, row.is_measured, row.updated_at) == (name, value, True, clock.now)
            assert len(row.citation) == 500
        clock.advance(hours=1)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"name": ""}, "name"),
        ({"name": "Argos"}, "name"),
        ({"name": "a" * 41}, "name"),
        ({"name": "argos\n"}, "name"),
        ({"name": "multilingual:"}, "name"),
        ({"name": "firefox+argos"}, "name"),
        ({"pair": (VI, VI)}, "pair"),
        ({"pair": (UND, VI)}, "pair"),
        ({"value": -0.1}, "value"),
        ({"value": 100.1}, "value"),
        ({"value": math.nan}, "value"),
        ({"value": math.inf}, "value"),
    ],
)
def test_measurement_is_refused_when_it_is_none(
    db: Database, clock: TickingClock, wrong: dict[str, Any], reason: str
) -> None:
    given = {"name": "argos", "pair": (VI, EN), "value": 50.0, "citation": "here", "now": clock()} | wrong
    with pytest.raises(MeasurementInvalidError) as raised, db.transaction() as session:
        record_measurement(session, **given)
    assert raised.value.data["reason"] == reason
    with db.reading() as session:
        assert load_table(session).qualities == {}


@pytest.mark.parametrize(
    ("pair", "rule"),
    [
        ((VI, ZH_HANT), Rule("argos", (VI, ZH_HANT))),
        ((VI, ZH_HANT), Rule("firefox+argos", (VI, EN, ZH_HANS, ZH_HANT))),
        ((ZH_HANS, VI), Rule("multilingual", (ZH_HANS, VI))),
        ((VI, KM), Rule()),
    ],
)
def test_rule_is_kept_as_it_was_set(db: Database, clock: TickingClock, pair: Any, rule: Rule) -> None:
    with db.transaction() as session:
        set_rule(session, pair=pair, engine=rule.engine, hops=rule.hops, actor_id=7, now=clock())

    with db.reading() as session:
        assert load_table(session).rules == {pair: rule}
        row = session.scalars(select(RoutingRule)).one()
        assert (row.updated_by_id, row.updated_at) == (7, clock.now)


def test_rule_replaces_the_pairs_earlier_one_and_can_be_taken_back(db: Database, clock: TickingClock) -> None:
    pair = (VI, ZH_HANT)
    for engine, hops in (("argos", (VI, ZH_HANT)), (None, None), ("llm", (VI, EN, ZH_HANT))):
        with db.transaction() as session:
            set_rule(session, pair=pair, engine=engine, hops=hops, actor_id=None, now=clock())
        with db.reading() as session:
            assert load_table(session).rules == {pair: Rule(engine, hops)}

    with db.transaction() as session:
        assert not clear_rule(session, pair=(ZH_HANT, VI))
        assert clear_rule(session, pair=pair)
        assert not clear_rule(session, pair=pair)
    with db.reading() as session:
        assert load_table(session).rules == {}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"pair": (VI, VI), "hops": (VI, VI)}, "pair"),
        ({"pair": (VI, UND), "hops": (VI, UND)}, "pair"),
        ({"engine": None}, "incomplete"),
        ({"hops": None}, "incomplete"),
        ({"hops": ()}, "ends"),
        ({"hops": (VI,)}, "ends"),
        ({"hops": (EN, ZH_HANT)}, "ends"),
        ({"hops": (VI, EN)}, "ends"),
        ({"hops": (ZH_HANT, VI)}, "ends"),
        ({"hops": (VI, UND, ZH_HANT)}, "hops"),
        ({"hops": (VI, EN, EN, ZH_HANT)}, "hops"),
        ({"hops": (VI, EN, KM, LanguageTag.TH, LanguageTag.ID, ZH_HANT)}, "hops"),
        ({"engine": ""}, "engine"),
        ({"engine": "argos firefox"}, "engine"),
        ({"engine": "argos+"}, "engine"),
        ({"engine": "argos+firefox"}, "engine"),
        ({"engine": "a" * 41}, "engine"),
    ],
)
def test_rule_is_refused_when_nobody_could_follow_it(
    db: Database, clock: TickingClock, wrong: dict[str, Any], reason: str
) -> None:
    given = {"pair": (VI, ZH_HANT), "engine": "argos", "hops": (VI, ZH_HANT), "actor_id": None, "now": clock()} | wrong
    with pytest.raises(RuleInvalidError) as raised, db.transaction() as session:
        set_rule(session, **given)
    assert raised.value.data["reason"] == reason
    with db.reading() as session:
        assert load_table(session).rules == {}
