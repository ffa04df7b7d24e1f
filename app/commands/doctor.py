"""``qiao doctor``: what is installed, reachable and missing, in one screen. ``qiao settings``: every setting."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import redis

from app.commands.common import load_settings, tell
from app.commands.models.common import make_registry
from app.core.errors import UnavailableError
from app.core.outbox import Subscribers, count_dead_rows
from app.core.schema import is_schema_current
from app.core.settings import PREFIX, Settings
from app.runtime import Runtime, create_runtime
from translation.engines.base import Pair
from translation.engines.opencc import OPENCC
from translation.engines.packages import list_models
from translation.engines.routing import Why
from translation.languages import LANGUAGES
from translation.queries import count_by_state
from translation.routing.queries import PairRoute, decide_pairs

#: Less free space than this is a problem soon.
_LOW_DISK_BYTES = 1_000_000_000
#: More hops than this are counted, not listed.
_MOST_HOPS = 12


class _Screen:
    """Lines of the form ``ok  database  PostgreSQL``, and whether anything is wrong."""

    def __init__(self) -> None:
        self.has_problem = False

    def good(self, subject: str, text: str) -> None:
        click.echo(f"ok       {subject:<12} {text}")

    def missing(self, subject: str, text: str) -> None:
        """Not there, and Qiao works without it."""
        click.echo(f"missing  {subject:<12} {text}")

    def problem(self, subject: str, text: str) -> None:
        self.has_problem = True
        click.echo(f"PROBLEM  {subject:<12} {text}")


@click.command()
def doctor() -> None:
    """Say what is installed, reachable and missing. Exit code 1 if something is wrong."""
    settings = load_settings()
    runtime = create_runtime(settings, subscribers=Subscribers())
    screen = _Screen()
    _look_at_disk(screen, settings)
    _look_at_database(screen, runtime)
    _look_at_redis(screen, settings)
    _look_at_engines(screen, runtime)
    if settings.has_line:
        screen.good("LINE", settings.line_api_base or "set")
    else:
        screen.missing("LINE", "QIAO_LINE_CHANNEL_SECRET and QIAO_LINE_CHANNEL_ACCESS_TOKEN are not set")
    sys.exit(1 if screen.has_problem else 0)


def _look_at_disk(screen: _Screen, settings: Settings) -> None:
    free = shutil.disk_usage(settings.data_dir).free
    text = f"{settings.data_dir.resolve()}: {free / 1e9:.1f} GB free"
    (screen.good if free > _LOW_DISK_BYTES else screen.problem)("data folder", text)


def _look_at_database(screen: _Screen, runtime: Runtime) -> None:
    kind = "PostgreSQL" if runtime.settings.is_grown else "SQLite (embedded)"
    try:
        if not is_schema_current(runtime.db):
            screen.problem("database", f"{kind}: the schema is not up to date, run: qiao db upgrade")
            return
        with runtime.db.reading() as session:
            states, dead = count_by_state(session), count_dead_rows(session)
    except (UnavailableError, OSError, Exception) as error:
        screen.problem("database", f"{kind}: can't be reached ({type(error).__name__})")
        return
    screen.good("database", kind)
    counts = ", ".join(f"{count} {state.value}" for state, count in sorted(states.items())) or "none yet"
    screen.good("translations", counts)
    if dead:
        screen.problem("outbox", f"{dead} events failed too often and are no longer tried; see the log")


def _look_at_redis(screen: _Screen, settings: Settings) -> None:
    if not settings.redis_url:
        screen.missing("Redis", "not set: jobs, socket fan-out and limits are kept in this one process")
        return
    try:
        redis.Redis.from_url(settings.redis_url, socket_connect_timeout=2).ping()
    except (redis.RedisError, OSError) as error:
        screen.problem("Redis", f"can't be reached ({type(error).__name__})")
    else:
        screen.good("Redis", "reachable")


def _look_at_engines(screen: _Screen, runtime: Runtime) -> None:
    if importlib.util.find_spec("ctranslate2") is None:
        screen.missing("argos", "not installed: pip install 'qiao[argos]'")
    registry = make_registry(runtime.settings)
    models_dir = runtime.settings.effective_models_dir
    _look_at_models(screen, models_dir)
    set_urls = {"libretranslate": runtime.settings.libretranslate_url, "llm": runtime.settings.llm_url}
    offers = registry.list_offers()
    hops: dict[str, int] = Counter(offer.engine for offered in offers.values() for offer in offered)
    for engine in registry.engines:
        if hops[engine.name] and engine.name != OPENCC:
            screen.good(engine.name, f"{hops[engine.name]} direct hops")
        elif set_urls.get(engine.name):
            screen.problem(engine.name, "its server can't be reached, or offers nothing: see the setting and its log")
    pairs = sorted(f"{source}>{target}" for source, target in registry.list_pairs())
    if not pairs:
        screen.missing("engines", f"no model in {models_dir}; people are asked instead. qiao models install NAME")
        return
    screen.good("engines", ", ".join(pairs) if len(pairs) <= _MOST_HOPS else f"{len(pairs)} direct hops")
    _look_at_routes(screen, decide_pairs(offers, registry.table))


def _look_at_models(screen: _Screen, models_dir: Path) -> None:
    """Every model that is there and not used, and the room for more."""
    for model in list_models(models_dir):
        if model.problem is not None:
            screen.problem(model.engine, f"{model.name} is not used: {model.problem}")
    place = next(path for path in (models_dir, *models_dir.absolute().parents) if path.is_dir())
    free = shutil.disk_usage(place).free
    text = f"{models_dir.resolve()}: {free / 1e9:.1f} GB free"
    (screen.good if free > _LOW_DISK_BYTES else screen.problem)("models", text)


def _look_at_routes(screen: _Screen, routes: Sequence[PairRoute]) -> None:
    """The pairs for which people are asked, and decisions that can't be followed."""
    missing = [each.pair for each in routes if each.choice.why is Why.NO_ENGINE]
    decided = [each.pair for each in routes if each.choice.why is Why.PEOPLE]
    unfollowed = [each.pair for each in routes if each.choice.why is Why.FALLBACK]
    if missing:
        screen.missing("routes", f"people are asked, having no engine: {_describe_pairs(missing)}")
    else:
        screen.good("routes", "every pair has an engine, or a decision to ask people")
    if decided:
        screen.good("routes", f"people are asked, as decided: {_describe_pairs(decided)}")
    if unfollowed:
        screen.problem("routes", f"decided otherwise than is possible now: {_describe_pairs(unfollowed)}")


def _describe_pairs(pairs: Sequence[Pair]) -> str:
    """``all of km; th>vi``: a language that nothing leads to or from is said once."""
    cut_off = [
        tag
        for tag in LANGUAGES
        if sum(tag in pair for pair in pairs) == 2 * (len(LANGUAGES) - 1) and len(pairs) < len(LANGUAGES) * 5
    ]
    rest = [f"{source}>{target}" for source, target in pairs if source not in cut_off and target not in cut_off]
    return "; ".join([*(f"all of {tag}" for tag in cut_off), *([", ".join(rest)] if rest else [])])


@click.command("settings")
@click.option("--markdown", is_flag=True, help="As docs/settings.md.")
def show_settings(markdown: bool) -> None:
    """List every setting with its default."""
    rows = [
        (PREFIX + name.upper(), field.get_default(), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    if not markdown:
        for key, _default, description in rows:
            tell(f"{key}\n    {description}")
        return
    click.echo("# Settings\n\nAll from the environment. Generated by `qiao settings --markdown`; a test compares.\n")
    click.echo("| setting | default | meaning |\n|---|---|---|")
    for key, default, description in rows:
        shown = "" if str(default) in {"", ".", "**********"} else f"`{default}`"
        click.echo(f"| `{key}` | {shown} | {description} |")
