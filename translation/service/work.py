"""What workers do: claim a batch of pending translations, and write what came out. Inference is in between, with no
transaction open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Row, and_, or_, select, update
from sqlalchemy.orm import Session

from app.core import outbox
from translation.events import TranslationsChanged
from translation.glossary.queries import find_terms, read_number
from translation.languages import LanguageTag
from translation.models import (
    Candidate,
    EngineSet,
    Grade,
    SourceText,
    Translation,
    TranslationState,
    WaitReason,
)
from translation.results import GlossaryTerm, OriginKind, PipelineResult, Route
from translation.segments import split_segments
from translation.service import memory, turns
from translation.service.again import find_kept
from translation.service.bridges import BRIDGE, Bridge, go_on_from, load_verified_english
from translation.service.budgets import EVERYBODY, Expense, Limits, book, end_hour, refund
from translation.service.changes import describe_change, is_human

#: A translation that failed so often waits for a person.
MAX_ATTEMPTS = 4
#: How many translations of an owner over the budget are put off in one go, and how often a claim looks on behind them.
_PUT_OFF_AT_ONCE: Final = 1000
_LOOKS: Final = 4

_Due = Row[Translation, SourceText]


@dataclass(frozen=True)
class WorkItem:
    """One pending translation as it was when it was claimed. ``digest`` and ``bridge_candidate_id`` are compared before
    anything is written. ``bridge`` is a person's English of the text; ``expense`` is what was booked for it at
    ``claimed_at``, ``context`` the thread's posts before it, oldest first, where an engine wants them."""

    translation_id: int
    source_text_id: int
    attempt: int
    text: str
    digest: str
    scope: str
    source: LanguageTag
    target: LanguageTag
    engine_set: EngineSet
    remembered: dict[str, str]
    terms: tuple[GlossaryTerm, ...] = ()
    glossary_number: int = 0
    context: tuple[str, ...] = ()
    bridge: Bridge | None = None
    bridge_candidate_id: int | None = None
    expense: Expense | None = None
    claimed_at: datetime | None = None


@dataclass(frozen=True)
class WorkDone:
    """What came of an item: a result with its route, or why there is none. ``is_bridged``: made from its bridge."""

    item: WorkItem
    result: PipelineResult | None = None
    route: Route | None = None
    model_version: str = ""
    reason: WaitReason | None = None
    is_bridged: bool = False


def has_work(session: Session, *, now: datetime) -> bool:
    """A look without a lock: an idle worker must not take SQLite's one."""
    return session.scalar(select(Translation.id).where(turns.is_due(now)).limit(1)) is not None


def claim_work(
    session: Session, *, now: datetime, lease: timedelta, limit: int, limits: Limits | None = None
) -> list[WorkItem]:
    """Take up to ``limit`` due translations, in their turn; another worker may have them only after the lease.

    With ``limits`` their characters are booked, and what is over a budget is put off to the next hour; the demo's texts
    cost nothing. Empty when nothing is due, or nothing but what was put off just now.
    """
    turns.wake(session, now=now, limit=limit)
    rows: list[_Due] = []
    expenses: list[Expense | None] = []
    for _ in range(_LOOKS):
        due = _lock_due(session, now, limit)
        rows, expenses = _admit(session, due, limits, now)
        if rows or not due:
            break
    if not rows:
        return []
    session.execute(
        update(Translation)
        .where(Translation.id.in_([row.id for row, _ in rows]))
        .values(available_at=now + lease, attempts=Translation.attempts + 1)
    )
    return _load_items(session, rows, expenses, now)


def _lock_due(session: Session, now: datetime, limit: int) -> list[_Due]:
    return list(
        session.execute(
            select(Translation, SourceText)
            .join(SourceText, SourceText.id == Translation.source_text_id)
            .where(turns.is_due(now))
            .order_by(Translation.turn, Translation.id)
            .limit(limit)
            .with_for_update(of=Translation, skip_locked=True)
            .execution_options(populate_existing=True)
        )
    )


def _admit(
    session: Session, due: Sequence[_Due], limits: Limits | None, now: datetime
) -> tuple[list[_Due], list[Expense | None]]:
    """Those of the locked translations that the budgets allow, with what was booked for each; the others are put off,
    and what else is due of their owners with them, so that nobody has to look through it again."""
    if limits is None:
        return list(due), [None] * len(due)
    costs = [_price(row, source) for row, source in due]
    booked = book(session, expenses=[cost for cost in costs if cost is not None], limits=limits, now=now)
    answers = iter(booked)
    refusals = [next(answers) if cost is not None else None for cost in costs]
    allowed = [(row, cost) for row, cost, refused in zip(due, costs, refusals, strict=True) if refused is None]
    is_left = Translation.id.not_in([row.id for (row, _), _ in allowed])
    for account in {refused for refused in refusals if refused is not None}:
        which = and_(_is_paid_by(account), is_left)
        turns.put_off(session, which=which, now=now, until=end_hour(now), limit=_PUT_OFF_AT_ONCE)
    return [row for row, _ in allowed], [cost for _, cost in allowed]


def _price(row: Translation, source: SourceText) -> Expense | None:
    if source.engine_set is EngineSet.DEMO:
        return None
    # What is made again is nobody's wish.
    is_own = not turns.BACKGROUND <= row.turn < turns.PUT_OFF
    return Expense(row.owner_id if is_own else None, len(source.text))


def _is_paid_by(account: int) -> ColumnElement[bool]:
    free = select(SourceText.id).where(
        SourceText.id == Translation.source_text_id, SourceText.engine_set == EngineSet.DEMO
    )
    if account == EVERYBODY:
        return ~free.exists()
    is_own = or_(Translation.turn < turns.BACKGROUND, Translation.turn >= turns.PUT_OFF)
    return and_(Translation.owner_id == account, is_own, ~free.exists())


def _load_items(
    session: Session, rows: Sequence[_Due], expenses: Sequence[Expense | None], now: datetime
) -> list[WorkItem]:
    """One look-up of each kind for the whole batch: a query for each text costs more than a small engine."""
    english = load_verified_english(session, sources=[source for row, source in rows if _may_cross(row)])
    crossing = {row.id: english[source.id] for row, source in rows if _may_cross(row) and source.id in english}
    wanted = [
        *(_Wanted(source.text, source.scope, row.source_language, row.target_language) for row, source in rows),
        *(
            _Wanted(crossing[row.id].text, source.scope, BRIDGE, row.target_language)
            for row, source in rows
            if row.id in crossing
        ),
    ]
    remembered = memory.find_segments(session, lookups=[each.to_lookup() for each in wanted])
    glossary_number = read_number(session)
    terms = _load_terms(session, wanted)
    of_bridges = zip(crossing.items(), remembered[len(rows) :], terms[len(rows) :], strict=True)
    bridges = {
        row_id: Bridge(candidate.id, candidate.text, known, found) for (row_id, candidate), known, found in of_bridges
    }
    return [
        WorkItem(
            translation_id=row.id,
            source_text_id=source.id,
            attempt=row.attempts,
            text=source.text,
            digest=source.digest,
            scope=source.scope,
            source=row.source_language,
            target=row.target_language,
            engine_set=source.engine_set,
            remembered=remembered[number],
            terms=terms[number],
            glossary_number=glossary_number,
            bridge=bridges.get(row.id),
            bridge_candidate_id=row.bridge_candidate_id,
            expense=expense,
            claimed_at=now,
        )
        for number, ((row, source), expense) in enumerate(zip(rows, expenses, strict=True))
    ]


def _may_cross(row: Translation) -> bool:
    return BRIDGE not in (row.source_language, row.target_language)


@dataclass(frozen=True)
class _Wanted:
    """A text that is going to be translated, for which memory and glossary are asked."""

    text: str
    scope: str
    source: LanguageTag
    target: LanguageTag

    def to_lookup(self) -> memory.Lookup:
        segments = frozenset(segment.text for segment in split_segments(self.text))
        return memory.Lookup(segments, self.scope, self.source, self.target)


def _load_terms(session: Session, wanted: Sequence[_Wanted]) -> list[tuple[GlossaryTerm, ...]]:
    by_pair: dict[tuple[LanguageTag, LanguageTag], list[int]] = defaultdict(list)
    for number, each in enumerate(wanted):
        by_pair[each.source, each.target].append(number)
    terms: list[tuple[GlossaryTerm, ...]] = [()] * len(wanted)
    for (source, target), numbers in by_pair.items():
        texts = [wanted[number].text for number in numbers]
        found = find_terms(session, texts=texts, source=source, target=target)
        for number, of_text in zip(numbers, found, strict=True):
            terms[number] = of_text
    return terms


def release_work(session: Session, *, items: Sequence[WorkItem], now: datetime) -> None:
    """Give back what was claimed and not begun, as if it had not been claimed."""
    by_id = {item.translation_id: item for item in items}
    is_waiting = and_(Translation.id.in_(by_id), turns.IS_PENDING)
    rows = session.scalars(select(Translation).where(is_waiting).order_by(Translation.id).with_for_update())
    expenses: dict[datetime, list[Expense]] = defaultdict(list)
    for row in rows:
        item = by_id[row.id]
        if row.attempts != item.attempt:
            continue
        row.attempts, row.available_at = row.attempts - 1, now
        if item.expense is not None and item.claimed_at is not None:
            expenses[item.claimed_at].append(item.expense)
    session.flush()
    for booked_at, own in expenses.items():
        refund(session, expenses=own, booked_at=booked_at, now=now)


def finish_work(session: Session, *, done: Sequence[WorkDone], now: datetime) -> None:
    """Write results. Whatever has changed since the claim (edited, withdrawn, another language, a person's text, a
    person's English, what memory and glossary know) wins over the result, which is then dropped."""
    by_id = {each.item.translation_id: each for each in done}
    rows = session.execute(
        select(Translation, SourceText)
        .join(SourceText, SourceText.id == Translation.source_text_id)
        .where(Translation.id.in_(by_id), Translation.state == TranslationState.PENDING)
        .order_by(Translation.id)
        .with_for_update(of=Translation)
    ).all()
    fresh = [(row, source, by_id[row.id]) for row, source in rows if _is_fresh(row, source, by_id[row.id].item)]
    outdated = _find_outdated(session, [each.item for _, _, each in fresh if each.result is not None])
    changed: list[Translation] = []
    for row, source, each in fresh:
        if row.bridge_candidate_id != each.item.bridge_candidate_id or row.id in outdated:
            row.available_at = now
        elif each.reason is WaitReason.ENGINE_FAILED and row.attempts < MAX_ATTEMPTS:
            row.available_at = now + timedelta(seconds=5 * 2**row.attempts)
        else:
            _settle(session, row, source, each, now)
            changed.append(row)
    session.flush()
    if changed:
        changes = [describe_change(session, row) for row in changed]
        outbox.record(session, TranslationsChanged(changes=changes), now=now)


def _is_fresh(row: Translation, source: SourceText, item: WorkItem) -> bool:
    is_same = source.digest == item.digest and row.source_language is item.source
    return is_same and row.attempts == item.attempt


def _find_outdated(session: Session, items: Sequence[WorkItem]) -> set[int]:
    """Translations that were made with what nobody vouches for any more: a remembered text that has been taken back or
    corrected since the claim, or names that the glossary has otherwise now."""
    starts: list[tuple[WorkItem, _Wanted, WorkItem | Bridge]] = []
    for item in items:
        starts.append((item, _Wanted(item.text, item.scope, item.source, item.target), item))
        if item.bridge is not None:
            starts.append((item, _Wanted(item.bridge.text, item.scope, BRIDGE, item.target), item.bridge))
    # Most know nothing by heart, and the glossary hardly ever changes: then there is nothing to look up.
    with_memory = [each for each in starts if each[2].remembered]
    lookups = [replace(wanted.to_lookup(), texts=frozenset(start.remembered)) for _, wanted, start in with_memory]
    remembered = memory.find_segments(session, lookups=lookups)
    outdated = {
        item.translation_id
        for (item, _, start), known in zip(with_memory, remembered, strict=True)
        if known != start.remembered
    }
    number = read_number(session)
    with_terms = [each for each in starts if each[0].glossary_number != number]
    terms = _load_terms(session, [wanted for _, wanted, _ in with_terms])
    return outdated | {
        item.translation_id for (item, _, start), found in zip(with_terms, terms, strict=True) if found != start.terms
    }


def _settle(session: Session, row: Translation, source: SourceText, done: WorkDone, now: datetime) -> None:
    """Store what came out; or, where it is nothing to show and readers see an earlier machine's text of the same
    source, leave them that."""
    row.updated_at = now
    is_published = done.result is not None and done.result.decision.is_published
    kept = None if is_published else find_kept(session, row)
    if kept is not None:
        kept.is_active = True
        row.state, row.stale_candidate_id, row.bridge_candidate_id = TranslationState.MACHINE, None, None
    elif done.result is not None:
        candidate = _store_result(session, row, done, done.result, now)
        if row.state is TranslationState.VERIFIED and row.target_language is BRIDGE:
            session.flush()
            go_on_from(session, source=source, english=candidate, before=None, now=now)
    else:
        row.state, row.reason = TranslationState.WAITING, done.reason


def _store_result(
    session: Session, row: Translation, done: WorkDone, result: PipelineResult, now: datetime
) -> Candidate:
    is_machine = result.origin is OriginKind.MACHINE
    candidate = Candidate(
        translation_id=row.id,
        text=result.text,
        source_digest=done.item.digest,
        origin=result.origin,
        engine=done.route.engine if done.route and is_machine else None,
        route=[hop.value for hop in done.route.hops] if done.route and is_machine else None,
        model_version=done.model_version or None,
        score=result.score,
        is_active=True,
        created_at=now,
    )
    session.add(candidate)
    row.checks = [asdict(finding) for finding in result.decision.findings]
    row.bridge_candidate_id = done.item.bridge.candidate_id if done.is_bridged and done.item.bridge else None
    if not result.decision.is_published:
        row.state, row.reason = TranslationState.WAITING, WaitReason.HELD
    elif is_machine:
        row.state = TranslationState.MACHINE
        _forget_outdated(session, row)
    else:
        row.state, row.grade, row.stale_candidate_id = TranslationState.VERIFIED, Grade.ONE, None
    return candidate


def _forget_outdated(session: Session, row: Translation) -> None:
    """A machine's text of before is replaced by this one; a person's stays shown until a person has redone it."""
    if row.stale_candidate_id is not None and not is_human(session.get(Candidate, row.stale_candidate_id)):
        row.stale_candidate_id = None
