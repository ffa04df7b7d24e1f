"""Which engines an installation has follows from its settings and its models folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.settings import Settings
from tests.models.firefox.models import install_tiny_firefox
from tests.models.packages import install_tiny_models
from translation.engines.build import (
    build_cache,
    build_demo_registry,
    build_engines,
    build_registry,
)
from translation.engines.routing import RoutingTable, Rule
from translation.languages import LanguageTag
from translation.results import Route

VI, EN = LanguageTag.VI, LanguageTag.EN


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    return lambda **more: Settings.from_env({}, data_dir=tmp_path, **more)


def name_engines(settings: Settings) -> list[str]:
    return [engine.name for engine in build_engines(settings, build_cache(settings))]


def test_engines_behind_urls_are_there_when_the_urls_are_set(make_settings: Callable[..., Settings]) -> None:
    local = ["firefox", "multilingual", "argos"]
    assert name_engines(make_settings()) == [*local, "opencc"]
    # Nobody listens on port 9 of this machine, and nothing is asked there yet.
    both = make_settings(libretranslate_url="http://127.0.0.1:9", llm_url="http://127.0.0.1:9/v1", llm_model="m")
    assert name_engines(both) == [*local, "libretranslate", "llm", "opencc"]


def test_nothing_is_offered_when_nothing_is_installed(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()
    registry = build_registry(settings, build_cache(settings))

    assert registry.list_pairs() == frozenset()
    assert registry.find_route(VI, EN) is None
    assert list(settings.data_dir.iterdir()) == []


def test_installed_models_share_one_memory_and_follow_the_table(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(models_memory_mb=64)
    install_tiny_models(settings.effective_models_dir, ["vi-en"])
    install_tiny_firefox(settings.effective_models_dir, ["vi-en"])
    cache = build_cache(settings)
    assert cache.budget == 64 * 1024**2
    tables = [RoutingTable()]
    registry = build_registry(settings, cache, routing=lambda: tables[-1])
    assert registry.find_route(VI, EN) == Route((VI, EN), "firefox")
    tables.append(RoutingTable({}, {(VI, EN): Rule("argos", (VI, EN))}))
    route = registry.find_route(VI, EN)
    assert route == Route((VI, EN), "argos")

    assert registry.run_route(route, ["Xin chào mọi người."])[0].text == "Hello everyone."

    assert len(cache.list_loaded()) == 1


def test_demo_has_its_own_models_alone(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(libretranslate_url="http://127.0.0.1:9")
    install_tiny_models(settings.effective_models_dir, ["vi-en"])
    cache = build_cache(settings)
    assert build_demo_registry(settings, cache).list_pairs() == frozenset()
    install_tiny_models(settings.demo_models_dir, ["en-vi"])
    assert build_demo_registry(settings, cache).list_pairs() == {(EN, VI)}


def test_server_is_asked_elsewhere_when_that_is_wanted(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(libretranslate_url="http://127.0.0.1:9")
    asked: list[Callable[[], None]] = []
    registry = build_registry(settings, build_cache(settings), run_beside=asked.append)

    assert registry.find_route(VI, EN) is None

    assert len(asked) == 1
