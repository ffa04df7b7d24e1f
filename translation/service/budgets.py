"""How much the machine takes on in an hour, of one owner and of all together, so that what somebody pours in costs the
others nothing and the operator not everything. Counted when a worker takes a text on; what is over waits for the next
hour."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.db import insert_absent
from translation.models import WorkBudget

#: The account of all owners together.
EVERYBODY: Final = 0


@dataclass(frozen=True)
class Limits:
    """Characters of source text an hour, counted once for each target language."""

    per_hour: int
    per_owner_hour: int

    def of(self, account: int) -> int:
        return self.per_hour if account == EVERYBODY else self.per_owner_hour


@dataclass(frozen=True)
class Expense:
    """What taking on one text costs. ``owner_id`` None: nobody's own share, only everybody's."""

    owner_id: int | None
    characters: int

    @property
    def accounts(self) -> tuple[int, ...]:
        return (EVERYBODY,) if self.owner_id is None else (EVERYBODY, self.owner_id)


def start_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def end_hour(now: datetime) -> datetime:
    """When the next hour, with its own budgets, begins."""
    return start_hour(now) + timedelta(hours=1)


def book(session: Session, *, expenses: Sequence[Expense], limits: Limits, now: datetime) -> list[int | None]:
    """Book what the budgets allow, in order. For each expense None, or the account that is used up.

    A text is allowed while its accounts are below their limits, however long it is, so that a text that is longer than
    the budget of an hour is not put off for ever; an hour is overdrawn by one text at most.
    """
    wanted = {account for expense in expenses for account in expense.accounts}
    rows = _lock_accounts(session, wanted, now)
    refused: list[int | None] = []
    for expense in expenses:
        over = next((each for each in expense.accounts if rows[each].characters >= limits.of(each)), None)
        refused.append(over)
        for account in expense.accounts if over is None else ():
            rows[account].characters += expense.characters
    session.flush()
    return refused


def refund(session: Session, *, expenses: Sequence[Expense], booked_at: datetime, now: datetime) -> None:
    """Give back what was booked and not used, if the hour isn't over."""
    if start_hour(booked_at) != start_hour(now):
        return
    rows = _lock_accounts(session, {account for expense in expenses for account in expense.accounts}, now)
    for expense in expenses:
        for account in expense.accounts:
            rows[account].characters = max(0, rows[account].characters - expense.characters)
    session.flush()


def _lock_accounts(session: Session, accounts: Collection[int], now: datetime) -> dict[int, WorkBudget]:
    """This hour's rows, made where they are missing. Everybody locks in ascending order."""
    hour = start_hour(now)
    statement = (
        select(WorkBudget)
        .where(WorkBudget.owner_id.in_(accounts), WorkBudget.hour == hour)
        .order_by(WorkBudget.owner_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = {row.owner_id: row for row in session.scalars(statement)}
    missing = [account for account in sorted(accounts) if account not in rows]
    if not missing:
        return rows
    if EVERYBODY in missing:
        # The first of a new hour clears away the old ones.
        session.execute(delete(WorkBudget).where(WorkBudget.hour < hour))
    insert_absent(session, WorkBudget, [{"owner_id": each, "hour": hour, "characters": 0} for each in missing])
    return {row.owner_id: row for row in session.scalars(statement)}


def is_over_budget(session: Session, *, owner_id: int | None, limits: Limits, now: datetime) -> bool:
    """Whether new texts of this owner wait for the next hour, on their own account or on everybody's."""
    rows = session.execute(
        select(WorkBudget.owner_id, WorkBudget.characters).where(
            WorkBudget.owner_id.in_(Expense(owner_id, 0).accounts), WorkBudget.hour == start_hour(now)
        )
    )
    return any(characters >= limits.of(account) for account, characters in rows)
