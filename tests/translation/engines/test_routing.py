from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation.engines.base import Pair
from translation.engines.opencc import OPENCC
from translation.engines.routing import (
    EMPTY,
    UNKNOWN_TO,
    Choice,
    Offer,
    Offers,
    RoutingTable,
    Rule,
    Why,
    choose_route,
    find_quality,
    guess_quality,
    join_engines,
    rank_routes,
    split_engines,
)
from translation.languages import LANGUAGES, READING_LANGUAGES, LanguageTag
from translation.results import Route
from translation.routing.published import PUBLISHED_TABLE

ZH_HANT, ZH_HANS, EN, VI, ID, TH, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.ZH_HANS,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)
SCRIPTS: dict[str, Sequence[Pair]] = {OPENCC: [(ZH_HANT, ZH_HANS), (ZH_HANS, ZH_HANT)]}


def offer(**engines: Sequence[Pair]) -> Offers:
    """What the engines do, OpenCC always among them."""
    offers: dict[Pair, list[Offer]] = {}
    for engine, pairs in {**engines, **SCRIPTS}.items():
        for pair in pairs:
            offers.setdefault(pair, []).append(Offer(engine))
    return offers


def choose(source: LanguageTag, target: LanguageTag, offers: Offers, table: RoutingTable = EMPTY) -> Choice:
    return choose_route(source, target, offers=offers, table=table)


def test_better_engine_wins_when_two_do_the_hop() -> None:
    offers = offer(argos=[(ID, EN)], firefox=[(ID, EN)])

    found = choose(ID, EN, offers, PUBLISHED_TABLE)

    assert found.route == Route((ID, EN), "firefox")
    assert found.why is Why.AUTOMATIC
    assert found.best is not None
    assert found.best.estimate == 65.6
    assert [each.route.engine for each in found.alternatives] == ["argos"]


def test_measured_quality_decides_when_it_says_otherwise() -> None:
    table = RoutingTable({**PUBLISHED_TABLE.qualities, ("argos", (ID, EN)): 70.0})

    assert choose(ID, EN, offer(argos=[(ID, EN)], firefox=[(ID, EN)]), table).route == Route((ID, EN), "argos")


def test_each_hop_has_its_own_engine_when_that_is_best() -> None:
    offers = offer(argos=[(ID, EN), (EN, TH)], firefox=[(ID, EN)])

    found = choose(ID, TH, offers, PUBLISHED_TABLE)

    assert found.route == Route((ID, EN, TH), "firefox+argos")
    assert [each.route.engine for each in found.alternatives] == ["argos"]


@pytest.mark.parametrize(
    ("direct", "engine", "hops"), [(30.0, "firefox", (VI, EN, ID)), (50.0, "multilingual", (VI, ID))]
)
def test_chain_is_weighed_against_the_direct_hop_when_both_are_known(
    direct: float, engine: str, hops: tuple[LanguageTag, ...]
) -> None:
    offers = offer(firefox=[(VI, EN), (EN, ID)], multilingual=[(VI, ID)])
    table = RoutingTable({**PUBLISHED_TABLE.qualities, ("multilingual", (VI, ID)): direct})

    found = choose(VI, ID, offers, table)

    # 59.1 % of 71.2
    assert [round(each.estimate, 2) for each in (found.best, *found.alternatives) if each] == sorted(
        [42.08, direct], reverse=True
    )
    assert found.route == Route(hops, engine)


def test_fewest_model_hops_break_the_tie_when_estimates_are_equal() -> None:
    table = RoutingTable({("a", (VI, EN)): 100.0, ("a", (EN, TH)): 50.0, ("a", (VI, TH)): 50.0})

    assert choose(VI, TH, offer(a=[(VI, EN), (EN, TH), (VI, TH)]), table).route == Route((VI, TH), "a")


def test_change_of_script_is_free_when_the_other_script_is_better() -> None:
    offers = offer(argos=[(EN, ZH_HANT)], firefox=[(EN, ZH_HANS)])

    found = choose(EN, ZH_HANT, offers, PUBLISHED_TABLE)

    assert found.route == Route((EN, ZH_HANS, ZH_HANT), "firefox")
    assert found.best is not None
    assert found.best.estimate == 35.1


def test_change_of_script_is_left_to_opencc_when_another_engine_offers_it() -> None:
    offers = offer(llm=[(EN, ZH_HANS), (ZH_HANS, ZH_HANT)])

    found = choose(EN, ZH_HANT, offers)

    assert found.route == Route((EN, ZH_HANS, ZH_HANT), "llm")
    assert split_engines("llm", (EN, ZH_HANS, ZH_HANT)) == ("llm", OPENCC)
    del offers[ZH_HANS, ZH_HANT][1]  # type: ignore[attr-defined]
    assert choose(EN, ZH_HANT, offers).route is None


def test_known_hop_comes_before_an_unknown_one_to_the_same_language() -> None:
    """Otherwise nobody could know that a published figure helps."""
    for (name, pair), value in PUBLISHED_TABLE.qualities.items():
        assert value > guess_quality(Offer(name.partition(":")[0]), pair)
        assert value > UNKNOWN_TO[pair[1]]


def test_unknown_hops_are_counted_when_there_is_no_figure() -> None:
    found = choose(VI, KM, offer(firefox=[(VI, EN)], llm=[(EN, KM), (VI, KM)]), PUBLISHED_TABLE)

    rated = {str(each.route): each for each in (found.best, *found.alternatives) if each}
    assert rated["vi>km"].unknown_hops == 1
    assert rated["vi>km"].estimate == UNKNOWN_TO[KM] * 0.85
    assert rated["vi>en>km"].unknown_hops == 1
    assert round(rated["vi>en>km"].estimate, 6) == round(0.591 * UNKNOWN_TO[KM] * 0.85, 6)


def test_figure_of_a_model_holds_for_that_model_alone() -> None:
    nllb, small = Offer("multilingual", "nllb-200-600m"), Offer("multilingual", "small100")

    assert find_quality(nllb, (VI, EN), PUBLISHED_TABLE) == 57.0
    assert find_quality(small, (VI, EN), PUBLISHED_TABLE) is None
    measured = RoutingTable({**PUBLISHED_TABLE.qualities, ("multilingual", (VI, EN)): 50.0})
    assert find_quality(nllb, (VI, EN), measured) == 57.0
    assert find_quality(small, (VI, EN), measured) == 50.0


def test_figures_name_fits_the_column_when_the_models_is_long() -> None:
    assert len(Offer("multilingual", "x" * 100).figure) == 40


def test_rule_wins_when_its_engine_is_there() -> None:
    rule = Rule("argos", (VI, EN, ZH_HANT))
    offers = offer(argos=[(VI, EN), (EN, ZH_HANT)], multilingual=[(VI, ZH_HANT), (VI, EN)])

    found = choose(VI, ZH_HANT, offers, RoutingTable({}, {(VI, ZH_HANT): rule}))

    assert found.route == Route((VI, EN, ZH_HANT), "argos")
    assert (found.why, found.rule) == (Why.RULE, rule)
    assert Route((VI, ZH_HANT), "multilingual") in [each.route for each in found.alternatives]
    assert found.route not in [each.route for each in found.alternatives]
    assert choose(VI, EN, offers, RoutingTable({}, {(VI, ZH_HANT): rule})).why is Why.AUTOMATIC


@pytest.mark.parametrize(
    "rule",
    [
        Rule("firefox", (VI, EN, ZH_HANT)),
        Rule("argos", (VI, ID, ZH_HANT)),
        Rule("argos+firefox", (VI, EN, ZH_HANT)),
        Rule("argos+argos+argos", (VI, EN, ZH_HANT)),
        Rule("opencc", (VI, EN, ZH_HANT)),
    ],
)
def test_best_way_is_taken_and_said_when_rule_cannot_be_followed(rule: Rule) -> None:
    found = choose(VI, ZH_HANT, offer(argos=[(VI, EN), (EN, ZH_HANT)]), RoutingTable({}, {(VI, ZH_HANT): rule}))

    assert found.route == Route((VI, EN, ZH_HANT), "argos")
    assert (found.why, found.rule) == (Why.FALLBACK, rule)


def test_nothing_is_there_when_rule_cannot_be_followed_and_nobody_else_does_it() -> None:
    found = choose(VI, KM, offer(), RoutingTable({}, {(VI, KM): Rule("llm", (VI, KM))}))

    assert (found.route, found.why, found.rule) == (None, Why.NO_ENGINE, Rule("llm", (VI, KM)))


def test_people_are_asked_when_rule_says_so_whatever_is_there() -> None:
    table = RoutingTable({}, {(VI, ZH_HANT): Rule()})
    offers = offer(argos=[(VI, ZH_HANT)])

    found = choose(VI, ZH_HANT, offers, table)

    assert (found.route, found.why) == (None, Why.PEOPLE)
    assert [each.route for each in found.alternatives] == [Route((VI, ZH_HANT), "argos")]
    # Simplified is the same language in another script.
    assert choose(VI, ZH_HANS, offers, table).why is Why.PEOPLE
    assert choose(ZH_HANT, VI, offer(argos=[(ZH_HANT, VI)]), table).why is Why.AUTOMATIC
    assert choose(ZH_HANS, ZH_HANT, offers, table).why is Why.AUTOMATIC


@pytest.mark.parametrize(
    ("pair", "ruled", "hops"),
    [
        ((VI, ZH_HANS), (VI, EN, ZH_HANT), (VI, EN, ZH_HANT, ZH_HANS)),
        ((VI, ZH_HANS), (VI, EN, ZH_HANS, ZH_HANT), (VI, EN, ZH_HANS)),
        ((ZH_HANS, VI), (ZH_HANT, EN, VI), (ZH_HANS, ZH_HANT, EN, VI)),
        ((ZH_HANS, VI), (ZH_HANT, ZH_HANS, EN, VI), (ZH_HANS, EN, VI)),
    ],
)
def test_rule_holds_for_simplified_too_with_a_change_of_script(
    pair: Pair, ruled: tuple[LanguageTag, ...], hops: tuple[LanguageTag, ...]
) -> None:
    everything = list(permutations([VI, EN, ZH_HANT], 2)) + list(permutations([VI, EN, ZH_HANS], 2))
    offers = offer(argos=everything, firefox=everything)
    table = RoutingTable({}, {(ruled[0], ruled[-1]): Rule("argos", ruled)})

    found = choose(*pair, offers, table)

    assert (found.route, found.why) == (Route(hops, "argos"), Why.RULE)
    own = RoutingTable({}, {**table.rules, pair: Rule("firefox", pair)})
    assert choose(*pair, offers, own).route == Route(pair, "firefox")


@pytest.mark.parametrize(
    ("names", "hops", "engine"),
    [
        (("argos",), (VI, EN), "argos"),
        (("argos", "argos"), (VI, EN, ID), "argos"),
        (("firefox", "argos"), (VI, EN, ID), "firefox+argos"),
        ((OPENCC, "argos", "argos"), (ZH_HANS, ZH_HANT, EN, ID), "argos"),
        (("firefox", "argos", OPENCC), (VI, EN, ZH_HANS, ZH_HANT), "firefox+argos"),
        ((OPENCC,), (ZH_HANS, ZH_HANT), OPENCC),
    ],
)
def test_engines_of_all_hops_are_known_from_the_routes_text(
    names: tuple[str, ...], hops: tuple[LanguageTag, ...], engine: str
) -> None:
    assert join_engines(names) == engine
    assert split_engines(engine, hops) == names


@pytest.mark.parametrize(
    ("engine", "hops"),
    [("a+b", (VI, EN)), ("a+b+c", (VI, EN, ID)), ("argos", (ZH_HANS, ZH_HANT)), ("a+b", (VI, ZH_HANS, ZH_HANT))],
)
def test_engines_are_refused_when_they_are_not_one_a_hop(engine: str, hops: tuple[LanguageTag, ...]) -> None:
    assert split_engines(engine, hops) is None


ENGINES = ("argos", "firefox", "multilingual", "libretranslate", "llm")


@given(
    st.dictionaries(st.sampled_from(ENGINES), st.sets(st.sampled_from(list(permutations(READING_LANGUAGES, 2))))),
    st.sampled_from(list(permutations(READING_LANGUAGES, 2))),
)
def test_every_way_can_be_run_and_is_stored_whatever_is_on_offer(engines: dict[str, set[Pair]], pair: Pair) -> None:
    offers = offer(**{name: sorted(pairs) for name, pairs in engines.items()})

    ranked = rank_routes(*pair, offers=offers, table=PUBLISHED_TABLE)

    for each in ranked:
        hops = each.route.hops
        names = split_engines(each.route.engine, hops)
        assert names is not None
        assert (hops[0], hops[-1]) == pair
        assert len(set(hops)) == len(hops) <= 5
        assert len(each.route.engine) <= 40
        for name, hop in zip(names, pairwise(hops), strict=True):
            assert name in [offered.engine for offered in offers[hop]]
        assert 0 < each.estimate <= 100
    assert [each.estimate for each in ranked] == sorted((each.estimate for each in ranked), reverse=True)
    assert len({each.route for each in ranked}) == len(ranked)


def test_ways_stay_few_when_five_engines_do_everything() -> None:
    offers = offer(**{key: list(permutations(LANGUAGES, 2)) for key in ENGINES})

    assert len(rank_routes(VI, TH, offers=offers, table=PUBLISHED_TABLE)) == 5 + 25
