"""Whose text the machine takes next: the owners take turns, what somebody is looking at goes first, and what is over
its budget comes later.

``Translation.turn`` is a place on one line, counted in characters of source text; the smallest is next:

    looked at (below 0) … everybody's (from 0) … nobody waits (from BACKGROUND) … put off (from PUT_OFF)

Among everybody's it is start-time fair queueing (Goyal, Vin, Cheng: Start-Time Fair Queuing, SIGCOMM 1996): a new text
starts where the queue is now, or behind its owner's last one by its own length, whichever is later. So an owner with
thousands of texts and one with a single text are served in turn. All looks go through the two partial indexes over
pending rows and cost the same however long the queue is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, select, update
from sqlalchemy.orm import Session

from translation.languages import LanguageTag
from translation.models import SourceText, Translation

#: How far ahead of everybody what is looked at goes: further than any queue is long, so that the order among the looked
#: at stays the fair one.
LIFT: Final = 2**40
#: From here on: what is only made better, when nothing else is to do.
BACKGROUND: Final = 2**50
#: From here on: what waits for an hour, that hour (since 1970) added.
PUT_OFF: Final = 2**60

_HOUR: Final = 3600
#: Written out, because a database may not take the partial indexes for a parameter.
IS_PENDING: Final[ColumnElement[bool]] = Translation.state == literal_column("'pending'")


def is_due(now: datetime) -> ColumnElement[bool]:
    """Pending translations that a worker may take. What is put off for a later hour is not even looked at."""
    return and_(IS_PENDING, Translation.turn <= _put_off_to(now), Translation.available_at <= now)


def _put_off_to(time: datetime) -> int:
    return PUT_OFF + int(time.timestamp()) // _HOUR


def find_put_off_until(row: Translation) -> datetime | None:
    """When the machine goes on with a text that is over its owner's budget, or everybody's; None for any other."""
    if row.turn < PUT_OFF:
        return None
    return datetime.fromtimestamp((row.turn - PUT_OFF) * _HOUR, tz=UTC)


def take_turns(session: Session, *, owner_id: int | None, costs: Sequence[int]) -> list[int]:
    """Turns for new pending translations of one owner, in their order. ``costs`` are their characters. One query."""
    turn = Translation.turn
    # Ordered and limited, because PostgreSQL may read the whole queue for a minimum or a maximum.
    now = select(turn).where(IS_PENDING, turn >= 0, turn < BACKGROUND).order_by(turn).limit(1)
    own = select(turn).where(IS_PENDING, Translation.owner_id == owner_id, turn < BACKGROUND)
    last = own.order_by(turn.desc()).limit(1)
    virtual_time, last_of_owner = session.execute(select(now.scalar_subquery(), last.scalar_subquery())).one()
    first = virtual_time or 0
    if last_of_owner is not None:
        # One that was lifted had this place before.
        before = last_of_owner + LIFT if last_of_owner < 0 else last_of_owner
        first = max(first, before + _weigh(costs[0]))
    return list(accumulate((_weigh(cost) for cost in costs[1:]), initial=first))


def take_background_turns(session: Session, *, costs: Sequence[int]) -> list[int]:
    """Turns for translations that readers have already and that are made again, behind everything else. One query."""
    turn = Translation.turn
    made_again = select(turn).where(IS_PENDING, turn >= BACKGROUND, turn < PUT_OFF)
    last = session.scalar(made_again.order_by(turn.desc()).limit(1))
    first = BACKGROUND if last is None else last + _weigh(costs[0])
    return list(accumulate((_weigh(cost) for cost in costs[1:]), initial=first))


def _weigh(characters: int) -> int:
    """Even an empty text takes some time."""
    return max(1, characters)


def is_behind(session: Session, *, source_text_ids: Collection[int], target: LanguageTag) -> bool:
    """Whether :func:`prioritise` would change anything. A look without a lock: a reader must not take SQLite's one."""
    return session.scalar(_behind(source_text_ids, target).limit(1)) is not None


def prioritise(session: Session, *, source_text_ids: Collection[int], target: LanguageTag) -> int:
    """Somebody looks at these texts: what is pending of them goes before everything that nobody looks at; how many
    moved. What is over a budget stays where it is. Writes nothing when nothing is behind."""
    # Whoever holds a row is at work on it.
    ids = list(session.scalars(_behind(source_text_ids, target).with_for_update(skip_locked=True)))
    if not ids:
        return 0
    turn = Translation.turn
    lifted = case((turn < BACKGROUND, turn - LIFT), else_=turn - BACKGROUND - LIFT)
    session.execute(
        update(Translation)
        .where(Translation.id.in_(ids))
        .values(turn=lifted)
        .execution_options(synchronize_session=False)
    )
    return len(ids)


def _behind(source_text_ids: Collection[int], target: LanguageTag) -> Select[int]:
    return (
        select(Translation.id)
        .where(
            Translation.source_text_id.in_(source_text_ids),
            Translation.target_language == target,
            IS_PENDING,
            Translation.turn >= 0,
            Translation.turn < PUT_OFF,
        )
        .order_by(Translation.id)
    )


def wake(session: Session, *, now: datetime, limit: int) -> None:
    """Bring what was put off for this hour, or an earlier one, back into the queue, where a new text would stand. A few
    at a time, so that a flood that slept is still a flood among others."""
    rows = session.execute(
        select(Translation, func.length(SourceText.text))
        .join(SourceText, SourceText.id == Translation.source_text_id)
        .where(IS_PENDING, Translation.turn >= PUT_OFF, Translation.turn <= _put_off_to(now))
        .order_by(Translation.turn, Translation.id)
        .limit(limit)
        .with_for_update(of=Translation, skip_locked=True)
    ).all()
    by_owner: dict[int | None, list[tuple[Translation, int]]] = defaultdict(list)
    for row, length in rows:
        by_owner[row.owner_id].append((row, length))
    for owner_id, own in by_owner.items():
        turns = take_turns(session, owner_id=owner_id, costs=[length for _, length in own])
        for (row, _), turn in zip(own, turns, strict=True):
            row.turn = turn
        session.flush()


def put_off(session: Session, *, which: ColumnElement[bool], now: datetime, until: datetime, limit: int) -> None:
    """Let due translations wait until an hour begins; they stay pending. At most ``limit``, the next ones first."""
    ids = (
        select(Translation.id)
        .where(is_due(now), which)
        .order_by(Translation.turn, Translation.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    session.execute(
        update(Translation)
        .where(Translation.id.in_(ids))
        .values(turn=_put_off_to(until), available_at=until)
        .execution_options(synchronize_session=False)
    )
