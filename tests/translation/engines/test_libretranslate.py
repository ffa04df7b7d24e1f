"""The adapter on a strict local server: codes, batches, look-ups, outages, and answers that are not to be believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from simulators.engines.faults import RETRY_AFTER, FaultKind
from simulators.engines.libretranslate import LibreTranslateSimulator
from tests.translation.engines.test_breaker import Monotonic
from translation.engines.base import EngineError, RouteMissingError
from translation.engines.libretranslate import LibreTranslateEngine
from translation.languages import LanguageTag

EN_VI = (LanguageTag.EN, LanguageTag.VI)
VI_ZH = (LanguageTag.VI, LanguageTag.ZH_HANT)


@pytest.fixture
def simulator() -> LibreTranslateSimulator:
    return LibreTranslateSimulator()


@pytest.fixture
def url(simulator: LibreTranslateSimulator) -> Iterator[str]:
    with simulator.serve() as url:
        yield url


@pytest.fixture
def time() -> Monotonic:
    return Monotonic()


@pytest.fixture
def engine(url: str, time: Monotonic) -> LibreTranslateEngine:
    return LibreTranslateEngine(url, timeout=10, clock=time)


def translate(engine: LibreTranslateEngine, *texts: str) -> list[str]:
    return [output.text for output in engine.translate(texts, pair=EN_VI)]


def count_calls(simulator: LibreTranslateSimulator, path: str) -> int:
    return sum(call.path == path for call in simulator.calls)


@pytest.mark.parametrize("has_old_codes", [False, True])
def test_chinese_is_told_apart_when_server_uses_its_own_codes(has_old_codes: bool) -> None:
    tags = ("en", "vi", "zh-Hant", "zh-Hans")
    simulator = LibreTranslateSimulator(tags=(*tags, "fr"), has_old_codes=has_old_codes)
    with simulator.serve() as url:
        engine = LibreTranslateEngine(url)

        assert engine.list_pairs() == set(permutations(map(LanguageTag, tags), 2))
        outputs = engine.translate(["Xin chào."], pair=VI_ZH)

    assert [output.text for output in outputs] == ["[vi>zh-Hant] Xin chào."]
    assert simulator.calls[-1].body["target"] == ("zt" if has_old_codes else "zh-Hant")


def test_key_is_sent_when_there_is_one() -> None:
    simulator = LibreTranslateSimulator(api_key="k3y")
    with simulator.serve() as url:
        assert translate(LibreTranslateEngine(url, api_key="k3y"), "Hello.") == ["[en>vi] Hello."]
        for wrong in ("", "other"):
            with pytest.raises(EngineError):
                translate(LibreTranslateEngine(url, api_key=wrong), "Hello.")


def test_server_gets_single_sentences_with_letters_when_texts_have_more(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine
) -> None:
    texts = ["Hello. Thank you!\n- One more?", "12345", "🎉", " \n", "Hello."]

    assert translate(engine, *texts) == [
        "[en>vi] Hello. [en>vi] Thank you!\n- [en>vi] One more?",
        "12345",
        "🎉",
        " \n",
        "[en>vi] Hello.",
    ]
    assert [call.body["q"] for call in simulator.calls if call.path == "/translate"] == [
        ["Hello.", "Thank you!", "One more?"]
    ]


def test_batches_are_of_the_promised_size_when_texts_are_many(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine
) -> None:
    texts = [f"Text {number}." for number in range(40)]

    assert translate(engine, *texts) == [f"[en>vi] {text}" for text in texts]

    sizes = [len(call.body["q"]) for call in simulator.calls if call.path == "/translate"]
    assert max(sizes) <= engine.capabilities.batch_size
    assert sum(sizes) == 40


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.FEWER,
        FaultKind.MORE,
        FaultKind.STRING,
        FaultKind.NUMBERS,
        FaultKind.SURROGATES,
        FaultKind.ENDLESS,
    ],
)
def test_answer_is_refused_when_it_is_no_translation(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine, kind: FaultKind
) -> None:
    assert engine.list_pairs()
    for _ in range(5):
        simulator.faults.inject(kind)
        with pytest.raises(EngineError) as caught:
            translate(engine, "Hello.", "Thank you!")
        assert caught.value.code == "engine.bad_answer"

    assert engine.list_pairs(), "the server is there: only outages open the breaker"
    assert translate(engine, "Hello.") == ["[en>vi] Hello."]


def test_languages_are_looked_up_once_when_asked_often(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine, time: Monotonic
) -> None:
    for _ in range(20):
        assert EN_VI in engine.list_pairs()
    assert count_calls(simulator, "/languages") == 1

    time.now += 301
    simulator.tags = ("en", "th")

    assert engine.list_pairs() == {(LanguageTag.EN, LanguageTag.TH), (LanguageTag.TH, LanguageTag.EN)}
    assert count_calls(simulator, "/languages") == 2


def test_languages_are_looked_up_once_when_threads_ask_first(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine
) -> None:
    with ThreadPoolExecutor(8) as pool:
        pairs = list(pool.map(lambda _: engine.list_pairs(), range(16)))

    assert all(EN_VI in each for each in pairs)
    assert count_calls(simulator, "/languages") == 1


def test_languages_are_looked_up_again_when_server_refuses_one(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine, time: Monotonic
) -> None:
    assert EN_VI in engine.list_pairs()
    simulator.tags = ("en", "th")
    with pytest.raises(EngineError) as caught:
        translate(engine, "Hello.")
    assert caught.value.code == "engine.refused"

    time.now += 20

    assert EN_VI not in engine.list_pairs()
    with pytest.raises(RouteMissingError):
        translate(engine, "Hello.")


def test_failed_look_up_is_remembered_when_server_is_down(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine, time: Monotonic
) -> None:
    simulator.faults.stay(FaultKind.DROP)
    for _ in range(10):
        assert engine.list_pairs() == frozenset()
    assert len(simulator.calls) == 1

    simulator.faults.clear()
    time.now += 20

    assert EN_VI in engine.list_pairs()


@pytest.mark.parametrize(
    "languages",
    [FaultKind.NOT_JSON, FaultKind.COMPRESSED, FaultKind.HUGE],
)
def test_no_pair_is_offered_when_languages_are_nonsense(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine, languages: FaultKind
) -> None:
    simulator.faults.inject(languages, path="/languages")

    assert engine.list_pairs() == frozenset()


def test_known_languages_stay_when_one_look_up_fails(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine, time: Monotonic
) -> None:
    assert EN_VI in engine.list_pairs()
    time.now += 301
    simulator.faults.inject(FaultKind.SERVER_ERROR)

    assert EN_VI in engine.list_pairs()


def test_engine_offers_nothing_for_a_while_when_server_fails_in_a_row(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine, time: Monotonic
) -> None:
    assert engine.list_pairs()
    simulator.faults.stay(FaultKind.SERVER_ERROR)
    for _ in range(3):
        with pytest.raises(EngineError):
            translate(engine, "Hello.")
    calls = len(simulator.calls)

    assert engine.list_pairs() == frozenset()
    with pytest.raises(RouteMissingError):
        translate(engine, "Hello.")
    assert len(simulator.calls) == calls, "nobody asks a server that rests"

    simulator.faults.clear()
    time.now += 30
    assert EN_VI in engine.list_pairs()
    assert translate(engine, "Hello.") == ["[en>vi] Hello."]


def test_engine_offers_nothing_for_as_long_as_asked_when_server_limits_it(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine, time: Monotonic
) -> None:
    assert engine.list_pairs()
    simulator.faults.inject(FaultKind.RATE_LIMIT)
    with pytest.raises(EngineError) as caught:
        translate(engine, "Hello.")
    assert caught.value.code == "engine.rate_limited"

    assert engine.list_pairs() == frozenset()
    time.now += RETRY_AFTER
    assert EN_VI in engine.list_pairs()


def test_list_answers_from_what_is_known_when_look_ups_start_elsewhere(
    simulator: LibreTranslateSimulator, url: str, time: Monotonic
) -> None:
    started: list[Callable[[], None]] = []
    engine = LibreTranslateEngine(url, clock=time, start=started.append)

    assert engine.list_pairs() == frozenset()
    assert simulator.calls == [], "no network on the caller's thread"
    started.pop()()

    assert EN_VI in engine.list_pairs()
    assert started == []


def test_version_is_the_servers_when_it_tells_one(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine, time: Monotonic
) -> None:
    assert engine.describe_version(EN_VI) == "1.9.6"

    time.now += 301
    simulator.faults.inject(FaultKind.NOT_JSON, path="/spec")
    assert engine.describe_version(EN_VI) == "1.9.6"

    for version, expected in [("2" * 200, "2" * 24), ("1>2", "2" * 24), ("", "2" * 24), ("版", "2" * 24)]:
        time.now += 301
        simulator.version = version
        assert engine.describe_version(EN_VI) == expected


def test_version_is_unknown_when_server_does_not_tell(
    simulator: LibreTranslateSimulator, engine: LibreTranslateEngine
) -> None:
    simulator.faults.stay(FaultKind.SERVER_ERROR, path="/spec")

    assert engine.describe_version(EN_VI) == "unknown"


def test_thai_is_composed_when_server_takes_it_apart(time: Monotonic) -> None:
    pair = (LanguageTag.EN, LanguageTag.TH)
    table = {("en", "th"): {"Work.": "ท\u0e4d\u0e32งาน\u0000"}}
    with LibreTranslateSimulator(table=table).serve() as url:
        outputs = LibreTranslateEngine(url).translate(["Work."], pair=pair)

    assert outputs[0].text == "ท\u0e33งาน"
