"""``qiao models list``: what is installed, and what the index has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from app.commands.common import fail, load_settings, tell
from app.commands.models.common import describe_error, load_routing_table, show_pair, show_size, show_table
from app.core.errors import QiaoError
from app.core.settings import Settings
from translation.engines.index import IndexEntry, fetch_index
from translation.engines.packages import InstalledModel, list_models
from translation.engines.routing import Offer, RoutingTable, find_quality

#: More pairs than this are counted, not listed.
_MOST_PAIRS = 3


@click.command("list")
@click.option("--available", is_flag=True, help="What the index of packages has, instead of what is installed.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list, every pair with its quality.")
def list_command(available: bool, as_json: bool) -> None:
    """List what is installed. Quality is chrF2 of 100: published, or measured by `qiao models benchmark --save`."""
    settings = load_settings()
    models = list_models(settings.effective_models_dir)
    if available:
        _list_available(settings, models, as_json=as_json)
        return
    table = load_routing_table(settings)
    if as_json:
        click.echo(json.dumps([_to_json(model, table) for model in models], ensure_ascii=False))
        return
    if not models:
        tell(f"Nothing is installed in {settings.effective_models_dir}. People are asked instead of an engine.")
        return
    rows = [
        (
            model.name,
            model.engine,
            _show_pairs(model),
            model.version or "-",
            show_size(model.size_bytes),
            model.licence or "not stated",
            f"PROBLEM: {model.problem}" if model.problem else _show_quality(model, table),
        )
        for model in models
    ]
    show_table(("NAME", "ENGINE", "PAIRS", "VERSION", "SIZE", "LICENCE", "QUALITY"), rows)


def _list_available(settings: Settings, models: Sequence[InstalledModel], *, as_json: bool) -> None:
    try:
        entries = fetch_index(settings.models_index_url)
    except QiaoError as error:
        fail(f"The index could not be read. {describe_error(error)}")
    installed = {model.name for model in models}
    if as_json:
        click.echo(json.dumps([_entry_to_json(entry, installed) for entry in entries]))
        return
    rows = [
        (
            entry.name,
            show_pair(entry.pair) if entry.pair else "-",
            entry.version,
            "yes" if entry.sha256 else "no",
            "yes" if entry.full_name in installed else "-",
        )
        for entry in entries
    ]
    show_table(("NAME", "PAIR", "VERSION", "CHECKSUM", "INSTALLED"), rows)


def _entry_to_json(entry: IndexEntry, installed: set[str]) -> dict[str, Any]:
    return {
        "name": entry.name,
        "pair": show_pair(entry.pair) if entry.pair else None,
        "version": entry.version,
        "links": list(entry.links),
        "sha256": entry.sha256,
        "is_installed": entry.full_name in installed,
    }


def _to_json(model: InstalledModel, table: RoutingTable) -> dict[str, Any]:
    offer = Offer(model.engine, model.figure)
    return {
        "name": model.name,
        "engine": model.engine,
        "pairs": {show_pair(pair): find_quality(offer, pair, table) for pair in model.pairs},
        "version": model.version,
        "size_bytes": model.size_bytes,
        "licence": model.licence or None,
        "problem": model.problem,
    }


def _show_pairs(model: InstalledModel) -> str:
    if len(model.pairs) > _MOST_PAIRS:
        return f"{len(model.pairs)} pairs"
    return ", ".join(map(show_pair, model.pairs)) or "-"


def _show_quality(model: InstalledModel, table: RoutingTable) -> str:
    offer = Offer(model.engine, model.figure)
    figures = [figure for pair in model.pairs if (figure := find_quality(offer, pair, table)) is not None]
    if not figures:
        return "not known"
    least, most = min(figures), max(figures)
    return f"{least:.1f}" if least == most else f"{least:.1f} to {most:.1f}"
