"""Which engine translates which pair, for operators: what is taken now and why, and another decision."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from flask import Response, flash, make_response, render_template

from app.accounts.policy import can_operate
from app.core.errors import QiaoError
from app.core.offload import run_off_loop
from app.forum.policy import require
from app.web.auth import require_actor
from app.web.errors import to_failure
from app.web.forms import Form, read_form, with_errors
from app.web.i18n import gettext
from app.web.pages.blueprint import as_response, go_to, pages
from app.web.runtime import get_runtime
from translation.engines.routing import RatedRoute
from translation.languages import LanguageTag, parse_language_tag
from translation.models import EngineSet
from translation.routing.queries import PairRoute, decide_pairs, load_table
from translation.routing.service import RuleInvalidError, clear_rule, set_rule

#: What a form sends for "the best that is there" and for "people translate".
AUTOMATIC, PEOPLE = "automatic", "people"


@dataclass(frozen=True)
class Option:
    """A way to choose. ``value`` is ``engine|tag>tag>…``."""

    value: str
    rated: RatedRoute


@pages.get("/engines")
def show_engines() -> Response:
    return _render(Form())


@pages.post("/engines")
def set_route() -> Response:
    actor, runtime = require_actor(), get_runtime()
    require(can_operate(actor))
    form = read_form("source", "target", "way")
    try:
        pair = parse_language_tag(form["source"]), parse_language_tag(form["target"])
        with runtime.db.transaction() as session:
            if form["way"] == AUTOMATIC:
                clear_rule(session, pair=pair)
            else:
                engine, hops = _parse_way(form["way"])
                set_rule(session, pair=pair, engine=engine, hops=hops, actor_id=actor.account_id, now=runtime.clock())
    except QiaoError as error:
        return _render(with_errors(form, error), to_failure(error).status)
    flash(gettext("Decided. New messages take this way within seconds; what is translated already stays."))
    return go_to("pages.show_engines", anchor=f"{pair[0]}-{pair[1]}")


def _parse_way(way: str) -> tuple[str | None, tuple[LanguageTag, ...] | None]:
    if way == PEOPLE:
        return None, None
    engine, _, hops = way.partition("|")
    if not engine or not hops:
        raise RuleInvalidError(field="way", reason="incomplete")
    return engine, tuple(parse_language_tag(tag) for tag in hops.split(">"))


def _render(form: Form, status: int = 200) -> Response:
    runtime = get_runtime()
    require(can_operate(require_actor()))
    # Engines behind a URL may have to be asked what they offer.
    offers = run_off_loop(runtime.engines[EngineSet.INSTALLED].list_offers)
    with runtime.db.reading() as session:
        routes = decide_pairs(offers, load_table(session))
    page = render_template(
        "engines.html",
        groups=[(source, list(rows)) for source, rows in groupby(routes, key=lambda row: row.pair[0])],
        list_options=_list_options,
        has_engine=any(row.choice.best for row in routes),
        form=form,
    )
    return as_response(make_response(page, status))


def _list_options(row: PairRoute) -> list[Option]:
    """Every way that is there now, the one in use first."""
    choice = row.choice
    ways = [*([choice.best] if choice.best else []), *choice.alternatives]
    return [Option(f"{way.route.engine}|{way.route}", way) for way in ways]
