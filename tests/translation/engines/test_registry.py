from __future__ import annotations

import pytest

from tests.translation.engines.fake import FakeEngine
from translation.engines.argos import ArgosEngine
from translation.engines.base import EngineError, ModelBrokenError, RouteMissingError
from translation.engines.opencc import OpenccEngine
from translation.engines.registry import EngineRegistry
from translation.languages import LanguageTag
from translation.results import Route

ZH_HANT, ZH_HANS, EN, VI, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.ZH_HANS,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.KM,
)


def test_route_is_direct_when_a_model_does_it() -> None:
    registry = EngineRegistry([FakeEngine([(VI, ZH_HANT), (VI, EN), (EN, ZH_HANT)])])

    assert registry.find_route(VI, ZH_HANT) == Route((VI, ZH_HANT), "fake")


def test_route_is_through_english_when_nothing_is_direct() -> None:
    registry = EngineRegistry([FakeEngine([(VI, EN), (EN, ZH_HANT)]), OpenccEngine()])

    assert registry.find_route(VI, ZH_HANT) == Route((VI, EN, ZH_HANT), "fake")
    assert str(registry.find_route(VI, ZH_HANT)) == "vi>en>zh-Hant"
    assert registry.find_route(ZH_HANT, VI) is None
    assert registry.is_available(VI, ZH_HANT)
    assert not registry.is_available(ZH_HANT, VI)


@pytest.mark.parametrize(
    ("source", "target", "hops"),
    [
        (VI, ZH_HANS, (VI, EN, ZH_HANT, ZH_HANS)),
        (EN, ZH_HANS, (EN, ZH_HANT, ZH_HANS)),
        (ZH_HANS, EN, (ZH_HANS, ZH_HANT, EN)),
        (ZH_HANS, VI, (ZH_HANS, ZH_HANT, EN, VI)),
        (ZH_HANS, ZH_HANT, (ZH_HANS, ZH_HANT)),
    ],
)
def test_script_is_changed_at_the_end_when_model_knows_the_other(
    source: LanguageTag, target: LanguageTag, hops: tuple[LanguageTag, ...]
) -> None:
    pairs = [(VI, EN), (EN, VI), (EN, ZH_HANT), (ZH_HANT, EN)]
    registry = EngineRegistry([FakeEngine(pairs), OpenccEngine()])

    route = registry.find_route(source, target)

    assert route is not None
    assert route.hops == hops
    assert route.engine == ("opencc" if len(hops) == 2 else "fake")


def test_one_model_hop_is_better_than_two_when_script_must_change() -> None:
    registry = EngineRegistry([FakeEngine([(VI, ZH_HANS), (VI, EN), (EN, ZH_HANT)]), OpenccEngine()])

    assert registry.find_route(VI, ZH_HANT) == Route((VI, ZH_HANS, ZH_HANT), "fake")


@pytest.mark.parametrize("pair", [(VI, VI), (KM, ZH_HANT), (LanguageTag.UND, EN), (EN, LanguageTag.UND)])
def test_no_route_when_nothing_leads_there(pair: tuple[LanguageTag, LanguageTag]) -> None:
    registry = EngineRegistry([FakeEngine([(VI, EN), (EN, ZH_HANT), (EN, VI)]), OpenccEngine()])

    assert registry.find_route(*pair) is None


def test_first_engine_is_preferred_when_two_do_the_hop() -> None:
    first, second = FakeEngine([(EN, VI)], name="first"), FakeEngine([(EN, VI), (VI, EN)], name="second")
    registry = EngineRegistry([first, second])
    route = registry.find_route(EN, VI)
    assert route == Route((EN, VI), "first")

    registry.run_route(route, ["a"])

    assert first.calls == [((EN, VI), ["a"])]
    assert second.calls == []


def test_both_engines_are_named_when_each_does_a_hop() -> None:
    one, other = FakeEngine([(VI, EN)], name="one"), FakeEngine([(EN, ZH_HANT)], name="other")
    registry = EngineRegistry([other, one])
    route = registry.find_route(VI, ZH_HANT)
    assert route == Route((VI, EN, ZH_HANT), "one+other")

    outputs = registry.run_route(route, ["a"])

    assert [output.text for output in outputs] == ["[en>zh-Hant] [vi>en] a"]
    assert registry.describe_version(route) == "1>1"


def test_score_is_the_worst_when_route_has_two_hops() -> None:
    one, other = FakeEngine([(VI, EN)], name="one", score=-0.5), FakeEngine([(EN, ZH_HANT)], name="other", score=-0.2)
    registry = EngineRegistry([one, other, OpenccEngine()])
    route = registry.find_route(VI, ZH_HANS)
    assert route is not None

    assert registry.run_route(route, ["a"])[0].score == -0.5


def test_score_is_none_when_no_hop_gives_one() -> None:
    registry = EngineRegistry([OpenccEngine()])

    assert registry.run_route(Route((ZH_HANS, ZH_HANT), "opencc"), ["软件"])[0].score is None


def test_running_fails_when_hop_went_away() -> None:
    engine = FakeEngine([(VI, EN)])
    registry = EngineRegistry([engine])
    route = registry.find_route(VI, EN)
    assert route is not None
    engine.pairs = frozenset()

    with pytest.raises(RouteMissingError):
        registry.run_route(route, ["a"])
    with pytest.raises(RouteMissingError):
        registry.describe_version(route)
    with pytest.raises(RouteMissingError):
        registry.get_window(route)


def test_engines_error_is_passed_on_when_it_fails() -> None:
    registry = EngineRegistry([FakeEngine([(EN, VI)], fail=lambda text: ModelBrokenError() if text == "b" else None)])

    with pytest.raises(ModelBrokenError):
        registry.run_route(Route((EN, VI), "fake"), ["a", "b"])


def test_running_fails_when_engine_loses_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine([(EN, VI)])
    monkeypatch.setattr(engine, "translate", lambda texts, *, pair: [])

    with pytest.raises(EngineError):
        EngineRegistry([engine]).run_route(Route((EN, VI), "fake"), ["a"])


def test_window_is_the_smallest_when_engines_differ(argos: ArgosEngine) -> None:
    registry = EngineRegistry([argos, OpenccEngine()])
    route = registry.find_route(VI, ZH_HANS)
    assert route is not None

    assert registry.get_window(route) == argos.capabilities.window
    assert registry.get_batch_size(route) == argos.capabilities.batch_size


@pytest.mark.parametrize(
    ("source", "target", "text", "expected"),
    [
        ("zh-Hant", "vi", "請到移民署服務站辦理。", "Vui lòng đến trạm dịch vụ di dân."),
        ("zh-Hant", "vi", "費用是1000元。", "Lệ phí là 1000 Đài tệ."),
        ("vi", "zh-Hant", "Thẻ cư trú của tôi hết hạn vào tháng sau.", "我的居留證下個月到期。"),
        ("vi", "zh-Hans", "Thẻ cư trú của tôi hết hạn vào tháng sau.", "我的居留证下个月到期。"),
        ("zh-Hans", "vi", "请到移民署服务站办理。", "Vui lòng đến trạm dịch vụ di dân."),
        ("id", "th", "Halo semuanya.", "สวัสดีทุกคน"),
        ("th", "id", "ขอบคุณ", "Terima kasih!"),
    ],
)
def test_translation_is_right_when_models_are_chained(
    argos: ArgosEngine, source: str, target: str, text: str, expected: str
) -> None:
    registry = EngineRegistry([argos, OpenccEngine()])
    route = registry.find_route(LanguageTag(source), LanguageTag(target))
    assert route is not None

    output = registry.run_route(route, [text])[0]

    assert output.text == expected
    assert output.score is not None
    assert output.score > -0.5


def test_khmer_has_no_engine_when_toy_packages_are_installed(argos: ArgosEngine) -> None:
    registry = EngineRegistry([argos, OpenccEngine()])

    assert not registry.is_available(KM, ZH_HANT)
    assert not registry.is_available(ZH_HANT, KM)


def test_version_names_every_hop_when_route_has_three(argos: ArgosEngine) -> None:
    registry = EngineRegistry([argos, OpenccEngine()])
    route = registry.find_route(VI, ZH_HANS)
    assert route is not None

    first, second, third = registry.describe_version(route).split(">")

    assert first.startswith("0.1+")
    assert second.startswith("0.1+")
    assert first != second
    assert third == "tw2sp"
