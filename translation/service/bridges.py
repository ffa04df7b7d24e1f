"""Fixing the pivot once: where a text goes through English and a person has vouched for its English, the machine goes
on from that English instead of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from translation.languages import LanguageTag
from translation.models import Candidate, SourceText, Translation, TranslationState, WaitReason
from translation.results import GlossaryTerm, OriginKind
from translation.service.again import start_again
from translation.service.changes import is_human
from translation.service.turns import take_turns

#: The language between.
BRIDGE: Final = LanguageTag.EN

_CONCERNED = (
    TranslationState.PENDING,
    TranslationState.MACHINE,
    TranslationState.WAITING,
    TranslationState.VERIFIED,
)


@dataclass(frozen=True)
class Bridge:
    """A person's English of a text, with what memory and glossary know of it in the target language."""

    candidate_id: int
    text: str
    remembered: dict[str, str]
    terms: tuple[GlossaryTerm, ...] = ()


def goes_through_bridge(hops: Sequence[str] | None) -> bool:
    """Whether English is a stop on the way, not an end of it."""
    return BRIDGE in (hops or ())[1:-1]


def load_verified_english(session: Session, *, sources: Collection[SourceText]) -> dict[int, Candidate]:
    """People's English of texts in other languages as they are now, by source text id, in one query."""
    digests = {source.id: source.digest for source in sources if source.language is not BRIDGE}
    if not digests:
        return {}
    rows = session.execute(
        select(Translation.source_text_id, Candidate)
        .join(Candidate, Candidate.translation_id == Translation.id)
        .where(
            Translation.source_text_id.in_(digests),
            Translation.target_language == BRIDGE,
            Translation.state == TranslationState.VERIFIED,
            Candidate.is_active,
        )
    )
    return {
        source_id: candidate
        for source_id, candidate in rows
        if is_human(candidate) and candidate.source_digest == digests[source_id]
    }


def go_on_from(
    session: Session, *, source: SourceText, english: Candidate, before: Candidate | None, now: datetime
) -> None:
    """A person has vouched for the English of a text; ``before`` is what was active there until then.

    Of the same text in other languages, what a machine made through English is made again from this English, and so is
    what no engine could do or did badly; readers see the old text until then. What a person vouched for stays as it is
    and is offered for another look (``bridge_candidate_id`` of a verified translation), on two conditions: the English
    reads differently now, and a machine's text through English had been there for that person to start from. Whoever
    translated from the original alone is not asked. Nothing happens when somebody only confirms another's English.
    """
    if before is not None and is_human(before) and before.text == english.text:
        return
    rows = list(
        session.scalars(
            select(Translation)
            .where(
                Translation.source_text_id == source.id,
                Translation.target_language != BRIDGE,
                Translation.state.in_(_CONCERNED),
            )
            .order_by(Translation.id)
            .with_for_update()
        )
    )
    through = _load_made_through(session, rows)
    active = {each.translation_id: each for candidates in through.values() for each in candidates if each.is_active}
    is_different = before is None or before.text != english.text
    again: list[Translation] = []
    for row in rows:
        if row.state is TranslationState.VERIFIED:
            if is_different and row.id in through:
                row.bridge_candidate_id = english.id
        elif row.state is TranslationState.PENDING or row.id in active or _is_left(row):
            # A worker that took it before this will find its result outdated.
            row.bridge_candidate_id = english.id
            if row.state is not TranslationState.PENDING:
                again.append(row)
    if again:
        turns = take_turns(session, owner_id=source.owner_id, costs=[len(source.text)] * len(again))
        start_again(session, rows=again, active=active, turns=turns, now=now)
    session.flush()


def _is_left(row: Translation) -> bool:
    """Nothing came of it: English may be the way that was missing."""
    has_tried = row.reason in (WaitReason.NO_ENGINE, WaitReason.ENGINE_FAILED)
    return row.state is TranslationState.WAITING and has_tried


def _load_made_through(session: Session, rows: Sequence[Translation]) -> dict[int, list[Candidate]]:
    """All candidates that a machine made through English, by translation."""
    made: dict[int, list[Candidate]] = defaultdict(list)
    candidates = session.scalars(
        select(Candidate).where(
            Candidate.translation_id.in_([row.id for row in rows]), Candidate.origin == OriginKind.MACHINE
        )
    )
    for candidate in candidates:
        if goes_through_bridge(candidate.route):
            made[candidate.translation_id].append(candidate)
    return dict(made)
