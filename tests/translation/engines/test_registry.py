from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from tests.translation.engines.fake import FakeEngine
from translation.engines.argos import ArgosEngine
from translation.engines.base import (
    NO_HINTS,
    Capabilities,
    EngineError,
    EngineOutput,
    Hints,
    ModelBrokenError,
    Pair,
    RouteMissingError,
)
from translation.engines.opencc import OpenccEngine
from translation.engines.registry import EngineRegistry
from translation.engines.routing import RoutingTable, Rule, Why
from translation.languages import LanguageTag
from translation.results import Route

ZH_HANT, ZH_HANS, EN, VI, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.ZH_HANS,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.KM,
)


class HintedEngine(FakeEngine):
    """One that keeps placeholders and uses hints, and remembers which it was given."""

    def __init__(self, pairs: Sequence[Pair], *, name: str = "hinted", model: str = "") -> None:
        super().__init__(pairs, name=name)
        self.hints: list[Hints] = []
        self.model = model

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, batch_size=4, window=900, keeps_placeholders=True, uses_hints=True)

    def translate(self, texts: Sequence[str], *, pair: Pair, hints: Hints = NO_HINTS) -> list[EngineOutput]:
        self.hints.append(hints)
        return super().translate(texts, pair=pair)

    def name_model(self, pair: Pair) -> str:
        return self.model


class UnlistableEngine(FakeEngine):
    """One whose offer cannot be had now."""

    def list_pairs(self) -> frozenset[Pair]:
        raise EngineError(engine=self.name)


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


def test_route_says_which_engine_does_each_hop_when_two_offer_both() -> None:
    one, other = FakeEngine([(VI, EN), (EN, ZH_HANT)], name="one"), FakeEngine([(VI, EN), (EN, ZH_HANT)], name="other")
    table = RoutingTable({("one", (VI, EN)): 50.0, ("other", (VI, EN)): 60.0, ("one", (EN, ZH_HANT)): 30.0})
    registry = EngineRegistry([one, other], routing=lambda: table)
    route = registry.find_route(VI, ZH_HANT)
    assert route == Route((VI, EN, ZH_HANT), "other+one")

    registry.run_route(route, ["a"])

    assert (other.calls, one.calls) == ([((VI, EN), ["a"])], [((EN, ZH_HANT), ["[vi>en] a"])])


def test_running_fails_before_the_first_hop_when_names_are_not_one_a_hop() -> None:
    engine = FakeEngine([(VI, EN), (EN, ZH_HANT)])
    registry = EngineRegistry([engine])

    for name in ("fake+fake+fake", "fake+gone", "opencc", ""):
        with pytest.raises(RouteMissingError):
            registry.run_route(Route((VI, EN, ZH_HANT), name), ["a"])
    assert engine.calls == []


def test_hints_go_to_engines_that_use_them_alone() -> None:
    hinted, plain = HintedEngine([(VI, EN)]), FakeEngine([(EN, ZH_HANT)])
    registry = EngineRegistry([hinted, plain])
    hints = Hints(terms=(("thẻ cư trú", "residence permit"),), context=("Xin chào",))

    registry.run_route(Route((VI, EN), "hinted"), ["a"], hints)
    assert hinted.hints == [hints]

    # The terms are Vietnamese and Chinese there, which is not what the first hop writes.
    registry.run_route(Route((VI, EN, ZH_HANT), "hinted+fake"), ["a"], hints)
    assert hinted.hints[1:] == [Hints(context=("Xin chào",))]
    assert len(plain.calls) == 1


def test_capabilities_are_the_least_of_the_hops() -> None:
    hinted, plain = HintedEngine([(VI, EN), (EN, ZH_HANS)]), FakeEngine([(EN, ZH_HANT)])
    registry = EngineRegistry([hinted, plain, OpenccEngine()])

    mixed = registry.get_capabilities(Route((VI, EN, ZH_HANT), "hinted+fake"))
    assert (mixed.keeps_placeholders, mixed.uses_hints, mixed.batch_size, mixed.window) == (False, True, 4, 500)

    alone = registry.get_capabilities(Route((VI, EN, ZH_HANS, ZH_HANT), "hinted"))
    assert (alone.keeps_placeholders, alone.uses_hints, alone.batch_size, alone.window) == (True, True, 4, 900)

    without = registry.get_capabilities(Route((EN, ZH_HANT), "fake"))
    assert (without.keeps_placeholders, without.uses_hints) == (False, False)

    with pytest.raises(RouteMissingError):
        registry.get_capabilities(Route((VI, KM), "fake"))


def test_rule_is_followed_as_soon_as_the_table_has_it() -> None:
    tables = [RoutingTable()]
    registry = EngineRegistry(
        [FakeEngine([(VI, EN)], name="one"), FakeEngine([(VI, EN)], name="other")], routing=lambda: tables[-1]
    )
    assert registry.find_route(VI, EN) == Route((VI, EN), "one")

    tables.append(RoutingTable({}, {(VI, EN): Rule("other", (VI, EN))}))
    assert registry.find_route(VI, EN) == Route((VI, EN), "other")

    tables.append(RoutingTable({}, {(VI, EN): Rule()}))
    assert registry.find_route(VI, EN) is None
    assert not registry.is_available(VI, EN)
    assert registry.choose_route(VI, EN).why is Why.PEOPLE


def test_rule_may_lead_over_any_language() -> None:
    engine = FakeEngine([(VI, LanguageTag.ID), (LanguageTag.ID, KM), (VI, KM)])
    rule = Rule("fake", (VI, LanguageTag.ID, KM))
    registry = EngineRegistry([engine], routing=lambda: RoutingTable({}, {(VI, KM): rule}))

    assert registry.find_route(VI, KM) == Route((VI, LanguageTag.ID, KM), "fake")
    assert registry.find_route(VI, LanguageTag.ID) == Route((VI, LanguageTag.ID), "fake")
    assert registry.list_offers([VI, KM]).keys() == {(VI, KM)}


def test_rule_that_cannot_be_followed_is_logged_once_a_rule() -> None:
    table = RoutingTable({}, {(VI, EN): Rule("gone", (VI, EN)), (VI, KM): Rule("gone", (VI, KM))})
    registry = EngineRegistry([FakeEngine([(VI, EN)])], routing=lambda: table)

    with capture_logs() as logs:
        for _ in range(3):
            assert registry.find_route(VI, EN) == Route((VI, EN), "fake")
            assert registry.find_route(VI, KM) is None

    assert [(entry["event"], entry["pair"], entry["instead"]) for entry in logs] == [
        ("routing.rule_not_followed", "vi>en", "vi>en"),
        ("routing.rule_not_followed", "vi>km", None),
    ]


def test_other_engines_are_offered_when_one_cannot_say_what_it_does() -> None:
    registry = EngineRegistry([UnlistableEngine(name="remote"), FakeEngine([(VI, EN)])])

    assert registry.find_route(VI, EN) == Route((VI, EN), "fake")


def test_figures_of_the_very_model_count_when_the_engine_names_it() -> None:
    table = RoutingTable({("hinted:good", (VI, EN)): 60.0, ("fake", (VI, EN)): 50.0})

    def find(model: str) -> Route | None:
        engines = [FakeEngine([(VI, EN)]), HintedEngine([(VI, EN)], model=model)]
        return EngineRegistry(engines, routing=lambda: table).find_route(VI, EN)

    assert find("good") == Route((VI, EN), "hinted")
    assert find("other") == Route((VI, EN), "fake")
