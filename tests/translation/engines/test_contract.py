"""What every engine promises, held against every adapter and the tests' fake."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.translation.engines.fake import ALL_PAIRS, FakeEngine
from translation.engines.argos import ArgosEngine
from translation.engines.base import Engine, Pair, RouteMissingError
from translation.engines.opencc import OpenccEngine
from translation.languages import LanguageTag

EN_VI = (LanguageTag.EN, LanguageTag.VI)
TO_TRADITIONAL = (LanguageTag.ZH_HANS, LanguageTag.ZH_HANT)
ENGINES: dict[str, tuple[Callable[[ArgosEngine], Engine], Pair, list[str]]] = {
    "argos": (lambda argos: argos, EN_VI, ["Hello everyone.", "Thank you!", "What should I do?"]),
    "opencc": (lambda argos: OpenccEngine(), TO_TRADITIONAL, ["大家好。", "软件", "谢谢您！"]),
    "fake": (lambda argos: FakeEngine([EN_VI]), EN_VI, ["one", "two", "three"]),
}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, argos: ArgosEngine) -> Engine:
    return ENGINES[request.param][0](argos)


@pytest.fixture
def pair(engine: Engine) -> Pair:
    return ENGINES[engine.name][1]


@pytest.fixture
def texts(engine: Engine) -> list[str]:
    return ENGINES[engine.name][2]


def test_pair_is_listed_when_engine_translates_it(engine: Engine, pair: Pair) -> None:
    assert pair in engine.list_pairs()
    assert all(source != target for source, target in engine.list_pairs())


def test_length_and_order_are_kept_when_texts_are_many(engine: Engine, pair: Pair, texts: list[str]) -> None:
    alone = [engine.translate([text], pair=pair)[0].text for text in texts]
    assert len(set(alone)) == len(texts)

    together = engine.translate(texts * 25, pair=pair)

    assert [output.text for output in together] == alone * 25


def test_nothing_comes_back_when_nothing_is_given(engine: Engine, pair: Pair) -> None:
    assert engine.translate([], pair=pair) == []


@pytest.mark.parametrize("empty", ["", " ", "\n \n"])
def test_empty_text_stays_empty_when_among_others(engine: Engine, pair: Pair, texts: list[str], empty: str) -> None:
    outputs = engine.translate([texts[0], empty, texts[1]], pair=pair)

    assert len(outputs) == 3
    if engine.name != "fake" or not empty:
        assert outputs[1].text == empty
        assert outputs[1].score is None
    assert outputs[2] == engine.translate([texts[1]], pair=pair)[0]


def test_one_output_comes_back_when_text_has_5000_characters(engine: Engine, pair: Pair, texts: list[str]) -> None:
    long = (texts[0] + " ") * (5000 // (len(texts[0]) + 1))

    outputs = engine.translate([long, texts[1]], pair=pair)

    assert len(outputs) == 2
    assert len(outputs[0].text) > len(long) / 3
    assert outputs[1] == engine.translate([texts[1]], pair=pair)[0]


@pytest.mark.parametrize(
    "hostile", ["\0", "a\0b", "\ud800 a", "⟦0⟧", "🎉" * 500, "ក" * 5000, "\u0301" * 300, "▁", "<s> </s>"]
)
def test_others_are_translated_when_one_text_is_hostile(
    engine: Engine, pair: Pair, texts: list[str], hostile: str
) -> None:
    outputs = engine.translate([hostile, texts[0]], pair=pair)

    assert len(outputs) == 2
    assert outputs[1] == engine.translate([texts[0]], pair=pair)[0]


def test_scores_are_given_when_engine_says_so(engine: Engine, pair: Pair, texts: list[str]) -> None:
    for output in engine.translate(texts, pair=pair):
        if engine.capabilities.gives_scores:
            assert output.score is not None
            assert output.score <= 0
        else:
            assert output.score is None


@pytest.mark.parametrize("unknown", [(LanguageTag.KM, LanguageTag.ZH_HANT), (LanguageTag.EN, LanguageTag.UND)])
def test_route_is_missing_when_pair_is_unknown(engine: Engine, unknown: Pair, texts: list[str]) -> None:
    with pytest.raises(RouteMissingError):
        engine.translate(texts, pair=unknown)
    with pytest.raises(RouteMissingError):
        engine.describe_version(unknown)


def test_version_is_stable_when_asked_twice(engine: Engine, pair: Pair) -> None:
    assert engine.describe_version(pair)
    assert engine.describe_version(pair) == engine.describe_version(pair)


def test_outputs_are_right_when_threads_translate_at_once(engine: Engine, pair: Pair, texts: list[str]) -> None:
    expected = engine.translate(texts, pair=pair)

    with ThreadPoolExecutor(8) as pool:
        outputs = list(pool.map(lambda _: engine.translate(texts, pair=pair), range(24)))

    assert outputs == [expected] * 24


def test_fake_offers_every_pair_when_nothing_else_is_said() -> None:
    assert FakeEngine().list_pairs() == ALL_PAIRS
    assert len(ALL_PAIRS) == 30
