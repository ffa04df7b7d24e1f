"""The only writers of the routing table."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.db import insert_if_absent
from app.core.errors import InvalidInputError
from translation.engines.base import Pair
from translation.engines.routing import LONGEST_ENGINE, Hops, split_engines
from translation.languages import LanguageTag
from translation.routing.models import HopQuality, RoutingRule
from translation.routing.published import PUBLISHED, PublishedQuality

#: An engine (``argos``), or a model of it (``multilingual:nllb-200-600m``).
_FIGURE_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*(:[A-Za-z0-9._+-]+)?")
_ENGINE: Final = re.compile(r"[a-z][a-z0-9_-]*(\+[a-z][a-z0-9_-]*)*")
#: Stops of the longest way that makes sense: script, English, script again.
_MOST_STOPS: Final = 5
_LONGEST_CITATION: Final = 500


class RuleInvalidError(InvalidInputError):
    """The rule can never be followed; ``reason`` is a short code."""

    code = "routing.rule_invalid"


class MeasurementInvalidError(InvalidInputError):
    """Not a quality of a hop; ``reason`` is a short code."""

    code = "routing.measurement_invalid"


def seed_qualities(session: Session, *, now: datetime, published: Sequence[PublishedQuality] = PUBLISHED) -> int:
    """Bring the published figures up to date; the number of rows that changed.

    Absent ones are inserted, other published ones replaced, and those that are no longer published deleted. What was
    measured here stays as it is.
    """
    rows = {
        (row.engine, row.source_language, row.target_language): row for row in session.scalars(select(HopQuality)).all()
    }
    changed = 0
    for each in published:
        row = rows.pop((each.name, *each.pair), None)
        if row is None:
            changed += insert_if_absent(session, HopQuality, _to_values(each, now))
        elif not row.is_measured and (row.value, row.citation) != (each.value, each.citation):
            row.value, row.citation, row.updated_at = each.value, each.citation, now
            changed += 1
    for row in rows.values():
        if not row.is_measured:
            session.delete(row)
            changed += 1
    session.flush()
    return changed


def record_measurement(
    session: Session, *, name: str, pair: Pair, value: float, citation: str, now: datetime
) -> HopQuality:
    """Keep a quality that was measured here, instead of what stood there. ``name`` is an engine's or, as
    ``engine:model``, a model's; ``value`` is chrF2, 0…100; ``citation`` says on what and by what it was measured.

    Raises :class:`MeasurementInvalidError` with ``reason`` ``name``, ``pair`` or ``value``.
    """
    if len(name) > LONGEST_ENGINE or not _FIGURE_NAME.fullmatch(name):
        raise MeasurementInvalidError(field="engine", reason="name")
    if not _is_pair(*pair):
        raise MeasurementInvalidError(field="pair", reason="pair")
    if not math.isfinite(value) or not 0 <= value <= 100:
        raise MeasurementInvalidError(field="value", reason="value")
    cited = citation[:_LONGEST_CITATION]
    measured = PublishedQuality(name, pair, value, cited)
    insert_if_absent(session, HopQuality, _to_values(measured, now))
    row = session.scalars(
        select(HopQuality)
        .where(HopQuality.engine == name, HopQuality.source_language == pair[0], HopQuality.target_language == pair[1])
        .with_for_update()
    ).one()
    row.value, row.citation, row.is_measured, row.updated_at = value, cited, True, now
    session.flush()
    return row


def set_rule(
    session: Session,
    *,
    pair: Pair,
    engine: str | None,
    hops: Hops | None,
    actor_id: int | None,
    now: datetime,
) -> RoutingRule:
    """Decide for a pair: ``engine`` over ``hops``, or with both None that people are asked. Replaces the pair's rule.

    Whether such an engine is there now does not matter: it may be installed later, and removed. Raises
    :class:`RuleInvalidError` with ``reason`` ``pair``, ``incomplete`` (one of the two is missing), ``ends`` (the hops
    do not lead from the one language to the other), ``hops`` (not known, twice the same, too many) or ``engine`` (not
    a name, or not one name a hop).
    """
    if not _is_pair(*pair):
        raise RuleInvalidError(field="pair", reason="pair")
    if (engine is None) != (hops is None):
        raise RuleInvalidError(field="engine", reason="incomplete")
    if engine is not None and hops is not None:
        _check_way(pair, engine, hops)
    values = {
        "source_language": pair[0],
        "target_language": pair[1],
        "engine": engine,
        "hops": [hop.value for hop in hops] if hops else None,
        "updated_by_id": actor_id,
        "updated_at": now,
    }
    insert_if_absent(session, RoutingRule, values)
    row = session.scalars(
        select(RoutingRule)
        .where(RoutingRule.source_language == pair[0], RoutingRule.target_language == pair[1])
        .with_for_update()
    ).one()
    for key, value in values.items():
        setattr(row, key, value)
    session.flush()
    return row


def clear_rule(session: Session, *, pair: Pair) -> bool:
    """Back to the best route that is there; True if there was a rule."""
    found = session.scalars(
        delete(RoutingRule)
        .where(RoutingRule.source_language == pair[0], RoutingRule.target_language == pair[1])
        .returning(RoutingRule.id)
    )
    return found.first() is not None


def _check_way(pair: Pair, engine: str, hops: Hops) -> None:
    if len(hops) < 2 or (hops[0], hops[-1]) != pair:
        raise RuleInvalidError(field="hops", reason="ends")
    if len(hops) > _MOST_STOPS or len(set(hops)) != len(hops) or not all(hop.is_known for hop in hops):
        raise RuleInvalidError(field="hops", reason="hops")
    is_name = len(engine) <= LONGEST_ENGINE and _ENGINE.fullmatch(engine)
    if not is_name or split_engines(engine, hops) is None:
        raise RuleInvalidError(field="engine", reason="engine")


def _is_pair(source: LanguageTag, target: LanguageTag) -> bool:
    return source.is_known and target.is_known and source != target


def _to_values(quality: PublishedQuality, now: datetime) -> dict[str, object]:
    return {
        "engine": quality.name,
        "source_language": quality.pair[0],
        "target_language": quality.pair[1],
        "value": quality.value,
        "citation": quality.citation,
        "is_measured": False,
        "updated_at": now,
    }
