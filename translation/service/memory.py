"""The translation memory: verified pairs of whole texts and segments, in the scope in which they were verified.

Beside them stand imported pairs (``import_id``). They are suggestions to interpreters and nothing else: nobody here
vouches for them, so that no translation is made or verified from them without a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from translation.languages import LanguageTag
from translation.memory import fuzzy
from translation.memory.similarity import EXACT, LEAST_MATCH, Difference, find_differences, grade_match, prepare
from translation.models import PUBLIC_SCOPE, Candidate, Grade, MemoryEntry, SourceText, TranslationReport
from translation.segments import split_segments
from translation.text import digest_text

#: Well below what either database takes as parameters of one query.
_DIGESTS_AT_ONCE: Final = 1000


#: Matches that an interpreter is shown; more than she can take in at a glance help nobody.
MOST_MATCHES: Final = 5
#: Of them for one part of the text, so that a sentence with many relatives leaves room for the others.
_MOST_OF_PART: Final = 3
#: The text and its first segments are looked up; of more than so few parts each one less thoroughly.
_MOST_PARTS: Final = 9
_FEW_PARTS: Final = 3
#: Entries with exactly these texts that are read.
_MOST_SAME: Final = 200
#: Similar texts of a part whose numbers are compared, which costs more than comparing characters.
_MOST_GRADED: Final = 5


@dataclass(frozen=True)
class MemoryMatch:
    """A remembered pair whose ``source`` is like ``part`` of the text: the whole of it (``is_whole``) or a segment.

    ``match`` is 100 for the very same text and for nothing else, less for a similar one, whose numbers, dates, links…
    that differ are in ``differences``. ``grade`` tells who vouched: one person or two; ``import_name`` the file from
    which it came, None where an interpreter of this installation wrote it. ``is_private``: made in the same private
    conversation.
    """

    source: str
    target: str
    match: int
    part: str
    is_whole: bool
    differences: tuple[Difference, ...]
    grade: Grade
    created_at: datetime
    import_name: str | None
    is_private: bool


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
            MemoryEntry.import_id.is_(None),
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
                MemoryEntry.import_id.is_(None),
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
    """What the memory knows that is the same as, or like, the text and its segments, for the interpreter; best first,
    at most :data:`MOST_MATCHES`. Only what was made in the text's own scope, in public, or imported.

    Fuzzy matches are for her eyes only: nothing is translated with them. Of two that match alike, the one for the whole
    text goes first, then what a person of this installation wrote, what two people vouched for, the newest.
    """
    if not source.language.is_known:
        return []
    parts = list(dict.fromkeys([source.text, *(segment.text for segment in split_segments(source.text))]))
    parts = [part for part in parts if part.strip()][:_MOST_PARTS]
    same = _find_same(session, parts, source, target)
    effort = fuzzy.THOROUGH if len(parts) <= _FEW_PARTS else fuzzy.QUICK
    matches = []
    for part in parts:
        found = [_to_match(row, part, source, EXACT, ()) for row in same[part]]
        matches += _choose(found or _find_fuzzy(session, part, source, target, effort), _MOST_OF_PART)
    return _choose(matches, MOST_MATCHES)


def _find_same(
    session: Session, parts: Sequence[str], source: SourceText, target: LanguageTag
) -> dict[str, list[fuzzy.StoredEntry]]:
    """The newest entries with exactly these texts, imported ones too."""
    statement = (
        fuzzy.select_stored(scopes=_readable_scopes(source.scope), source=source.language, target=target)
        .where(MemoryEntry.source_digest.in_([digest_text(part) for part in parts]))
        .order_by(MemoryEntry.id.desc())
        .limit(_MOST_SAME)
    )
    same: dict[str, list[fuzzy.StoredEntry]] = defaultdict(list)
    for row in session.execute(statement):
        same[row.source_text].append(fuzzy.StoredEntry(*row))
    return same


def _find_fuzzy(
    session: Session, part: str, source: SourceText, target: LanguageTag, effort: fuzzy.Effort
) -> list[MemoryMatch]:
    scopes = _readable_scopes(source.scope)
    similar = fuzzy.find_similar(
        session, text=part, source=source.language, target=target, scopes=scopes, effort=effort
    )
    asked = prepare(part, source.language)
    graded = {}
    for each in similar[:_MOST_GRADED]:
        differences = find_differences(asked, each.form)
        match = grade_match(each.likeness, differences)
        if match >= LEAST_MATCH:
            graded[each.entry_id] = (match, differences)
    if not graded:
        return []
    statement = fuzzy.select_stored(scopes=scopes, source=source.language, target=target)
    entries = [fuzzy.StoredEntry(*row) for row in session.execute(statement.where(MemoryEntry.id.in_(graded)))]
    return [_to_match(entry, part, source, *graded[entry.id]) for entry in entries]


def _to_match(
    entry: fuzzy.StoredEntry, part: str, source: SourceText, match: int, differences: tuple[Difference, ...]
) -> MemoryMatch:
    return MemoryMatch(
        source=entry.source_text,
        target=entry.target_text,
        match=match,
        part=part,
        is_whole=part == source.text,
        differences=differences,
        grade=entry.grade,
        created_at=entry.created_at,
        import_name=entry.import_name,
        is_private=entry.scope != PUBLIC_SCOPE,
    )


def _choose(matches: Sequence[MemoryMatch], count: int) -> list[MemoryMatch]:
    """The best of them, the same pair only once."""
    newest_first = sorted(matches, key=lambda match: match.created_at, reverse=True)
    ranked = sorted(
        newest_first,
        key=lambda match: (
            -match.match,
            not match.is_whole,
            match.import_name is not None,
            match.grade is not Grade.TWO,
        ),
    )
    unique = {(match.source, match.target): match for match in reversed(ranked)}
    return [match for match in ranked if unique[match.source, match.target] is match][:count]


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
    entries = [
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
        for source_side, target_side in pairs.items()
    ]
    session.add_all(entries)
    session.flush()
    fuzzy.index_entries(session, entries)


def _align(source_text: str, target_text: str) -> dict[str, str]:
    sources, targets = _texts(source_text), _texts(target_text)
    if len(sources) != len(targets) or len(sources) < 2:
        return {}
    return dict(zip(sources, targets, strict=True))


def _texts(text: str) -> Sequence[str]:
    return [segment.text for segment in split_segments(text) if segment.text.strip()]


def forget_translations(session: Session, *, translation_ids: Collection[int]) -> None:
    """Verification is withdrawn: what was remembered from these translations goes, from the index too."""
    candidates = select(Candidate.id).where(Candidate.translation_id.in_(translation_ids))
    session.execute(delete(MemoryEntry).where(MemoryEntry.candidate_id.in_(candidates)))


def forget_reports(session: Session, *, translation_ids: Collection[int]) -> None:
    session.execute(delete(TranslationReport).where(TranslationReport.translation_id.in_(translation_ids)))
