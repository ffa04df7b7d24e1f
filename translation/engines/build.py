"""The engines that the settings name, in the order of preference where nothing else tells them apart."""

from __future__ import annotations

from collections.abc import Callable

from app.core.settings import Settings
from translation.engines.argos import ArgosEngine
from translation.engines.base import Engine
from translation.engines.cache import ModelCache
from translation.engines.firefox import FirefoxEngine
from translation.engines.multilingual import MultilingualEngine
from translation.engines.opencc import OpenccEngine
from translation.engines.registry import EngineRegistry
from translation.engines.routing import EMPTY, RoutingTable


def build_cache(settings: Settings) -> ModelCache:
    """The memory that all local engines of a process share."""
    return ModelCache(settings.models_memory_mb * 1024**2)


def build_engines(
    settings: Settings, cache: ModelCache, *, run_beside: Callable[[Callable[[], None]], None] | None = None
) -> list[Engine]:
    """Every engine: those on installed models, which offer nothing where nothing is installed, and those behind the
    URLs that are set. Nothing is loaded and nothing connected yet.

    Asking a server what it offers takes seconds at worst: ``run_beside`` runs it where it stalls no event loop (see
    :class:`app.core.loop.LoopThread`); without it the caller waits.
    """
    models_dir = settings.effective_models_dir
    engines: list[Engine] = [
        FirefoxEngine(models_dir, cache),
        MultilingualEngine(models_dir, cache),
        ArgosEngine(models_dir, cache),
    ]
    timeout = float(settings.engine_timeout_seconds)
    if settings.libretranslate_url:
        from translation.engines.libretranslate import LibreTranslateEngine, run_here

        engines.append(
            LibreTranslateEngine(
                settings.libretranslate_url,
                api_key=settings.libretranslate_api_key.get_secret_value(),
                timeout=timeout,
                start=run_beside or run_here,
            )
        )
    if settings.llm_url:
        from translation.engines.llm import LlmEngine

        engines.append(
            LlmEngine(
                settings.llm_url,
                model=settings.llm_model,
                api_key=settings.llm_api_key.get_secret_value(),
                timeout=timeout,
            )
        )
    return [*engines, OpenccEngine()]


def build_registry(
    settings: Settings,
    cache: ModelCache,
    *,
    routing: Callable[[], RoutingTable] = lambda: EMPTY,
    run_beside: Callable[[Callable[[], None]], None] | None = None,
) -> EngineRegistry:
    """The engines for people's texts, see :func:`build_engines`."""
    return EngineRegistry(build_engines(settings, cache, run_beside=run_beside), routing=routing)


def build_demo_registry(settings: Settings, cache: ModelCache) -> EngineRegistry:
    """The demo's small models, for the demo's own threads; no server ever sees them."""
    return EngineRegistry([ArgosEngine(settings.demo_models_dir, cache), OpenccEngine()])
