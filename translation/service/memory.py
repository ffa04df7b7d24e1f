"""The translation memory: verified pairs of whole texts and segments, in the scope in which they were verified."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from translation.languages import LanguageTag
from translation.models import PUBLIC_SCOPE, Candidate, Grade, MemoryEntry, SourceText, TranslationReport
from translation.segments import split_segments
from translation.text import digest_text

#: Well below what either database takes as parameters of one query.
_DIGESTS_AT_ONCE: Final = 1000


@dataclass(frozen=True)
class MemoryMatch:
    """A remembered pair. ``match`` is 100 for an exact one."""

    source: str
    target: str
    match: int


def _readable_scopes(scope: str) -> tuple[str, ...]:
    return (scope,) if scope == PUBLIC_SCOPE else (scope, PUBLIC_SCOPE)


def find_exact(
    session: Session, *, source: SourceText, targets: Collection[LanguageTag]
) -> dict[LanguageTag, MemoryEntry]:
    """The newest verified translations of exactly this text, by target, made in its scope or in public."""
    rows = session.scalars(
        select(MemoryEntry)
        .where(
            MemoryEntry.source_digest == source.digest,
            MemoryEntry.source_language == source.language,
            MemoryEntry.target_language.in_(targets),
            MemoryEntry.scope.in_(_readable_scopes(source.scope)),
        )
        .order_by(MemoryEntry.id)
    )
    return {LanguageTag(row.target_language): row for row in rows}


@dataclass(frozen=True)
class Lookup:
    """What to look up for one text: its segments, in the scope and the language pair of its translation."""

    texts: frozenset[str]
    scope: str
    source: LanguageTag
    target: LanguageTag


def find_segments(session: Session, *, lookups: Sequence[Lookup]) -> list[dict[str, str]]:
    """Verified translations of the segments that memory knows, by segment text, for each look-up; the newest wins."""
    digests = {text: digest_text(text) for lookup in lookups for text in lookup.texts}
    wanted = sorted(set(digests.values()))
    known: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for start in range(0, len(wanted), _DIGESTS_AT_ONCE):
        rows = session.execute(
            select(
                MemoryEntry.source_language,
                MemoryEntry.target_language,
                MemoryEntry.source_digest,
                MemoryEntry.scope,
                MemoryEntry.target_text,
            )
            .where(
                MemoryEntry.source_digest.in_(wanted[start : start + _DIGESTS_AT_ONCE]),
                MemoryEntry.scope.in_({scope for lookup in lookups for scope in _readable_scopes(lookup.scope)}),
            )
            .order_by(MemoryEntry.id)
        )
        for source, target, digest, scope, translated in rows:
            known[source, target, digest].append((scope, translated))
    return [
        {
            text: translated
            for text in lookup.texts
            for scope, translated in known.get((lookup.source, lookup.target, digests[text]), ())
            if scope in _readable_scopes(lookup.scope)
        }
        for lookup in lookups
    ]


def list_matches(session: Session, *, source: SourceText, target: LanguageTag) -> list[MemoryMatch]:
    """Exact matches of the text and of its segments, for the interpreter."""
    texts = [source.text, *(segment.text for segment in split_segments(source.text))]
    lookup = Lookup(frozenset(texts), source.scope, source.language, target)
    (known,) = find_segments(session, lookups=[lookup])
    return [MemoryMatch(source=text, target=translated, match=100) for text, translated in known.items()]


def remember(
    session: Session,
    *,
    source: SourceText,
    target: LanguageTag,
    candidate: Candidate,
    grade: Grade,
    now: datetime,
) -> None:
    """Keep a verified text: whole, and segment by segment where both sides have the same number of segments."""
    pairs = {source.text: candidate.text, **_align(source.text, candidate.text)}
    for source_side, target_side in pairs.items():
        session.add(
            MemoryEntry(
                source_language=source.language,
                target_language=target,
                source_digest=digest_text(source_side),
                source_text=source_side,
                target_text=target_side,
                scope=source.scope,
                candidate_id=candidate.id,
                grade=grade,
                created_at=now,
            )
        )


def _align(source_text: str, target_text: str) -> dict[str, str]:
    sources, targets = _texts(source_text), _texts(target_text)
    if len(sources) != len(targets) or len(sources) < 2:
        return {}
    return dict(zip(sources, targets, strict=True))


def _texts(text: str) -> Sequence[str]:
    return [segment.text for segment in split_segments(text) if segment.text.strip()]


def forget_translations(session: Session, *, translation_ids: Collection[int]) -> None:
    """Verification is withdrawn: what was remembered from these translations goes."""
    candidates = select(Candidate.id).where(Candidate.translation_id.in_(translation_ids))
    session.execute(delete(MemoryEntry).where(MemoryEntry.candidate_id.in_(candidates)))


def forget_reports(session: Session, *, translation_ids: Collection[int]) -> None:
    session.execute(delete(TranslationReport).where(TranslationReport.translation_id.in_(translation_ids)))
