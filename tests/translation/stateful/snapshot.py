"""Everything that histories are judged by, read from the tables at one moment."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import Base
from app.forum.models import Category, Post, PostState, Revision, Thread
from app.interpreting.models import Task, TaskDraft
from app.interpreting.opening import UNFINISHED
from app.notifications.models import Delivery
from tests.translation.stateful.cast import SPOKEN
from translation.checks.base import CheckInput
from translation.checks.glossary import GlossaryCheck
from translation.glossary.models import Regate
from translation.glossary.queries import CACHE
from translation.languages import LanguageTag
from translation.models import Candidate, LanguageReport, MemoryEntry, SourceText, Translation, TranslationReport
from translation.previews.models import Preview
from translation.queries import TranslationView, load_views
from translation.results import Severity

#: A row as it was, with its columns as attributes.
Row = Any


def _read(session: Session, row_type: type[Base]) -> list[Row]:
    table = row_type.__table__
    return list(session.execute(select(table).order_by(*table.primary_key.columns)))


@dataclass
class Snapshot:
    """The tables at one moment, and what readers see then: ``views`` by source text and language. ``misnamed`` are
    translations whose machine text the verified glossary forbids."""

    at: datetime
    posts: dict[int, Row]
    revisions: list[Row]
    threads: dict[int, Row]
    risky: set[int]
    sources: dict[int, Row]
    translations: dict[int, Row]
    candidates: dict[int, Row]
    memory: list[Row]
    tasks: list[Row]
    drafts: list[Row]
    previews: list[Row]
    deliveries: list[Row]
    reports: list[Row]
    language_reports: list[Row]
    regates: list[Row]
    views: dict[tuple[int, LanguageTag], TranslationView]
    misnamed: list[int] = field(default_factory=list)

    @cached_property
    def active(self) -> dict[int, Row]:
        """The active candidate of each translation that has one."""
        return {row.translation_id: row for row in self.candidates.values() if row.is_active}

    @cached_property
    def unfinished(self) -> dict[int | None, list[Row]]:
        """Open and claimed tasks by translation; those that ask for a language are under None."""
        tasks: dict[int | None, list[Row]] = defaultdict(list)
        for task in self.tasks:
            if task.state in UNFINISHED:
                tasks[task.translation_id].append(task)
        return dict(tasks)

    @cached_property
    def texts_of(self) -> dict[int, set[int]]:
        """The texts and titles of all revisions, by post."""
        texts: dict[int, set[int]] = defaultdict(set)
        for row in self.revisions:
            texts[row.post_id] |= {row.source_text_id, row.title_text_id} - {None}
        return dict(texts)

    @cached_property
    def by_text(self) -> dict[tuple[int, LanguageTag], Row]:
        return {(row.source_text_id, row.target_language): row for row in self.translations.values()}

    @cached_property
    def visible(self) -> list[Row]:
        return [post for post in self.posts.values() if post.state is PostState.VISIBLE]

    def is_public(self, source_id: int) -> bool:
        return bool(self.sources[source_id].scope == "public")

    def count_active(self) -> Counter[int]:
        return Counter(row.translation_id for row in self.candidates.values() if row.is_active)


def take_snapshot(session: Session, *, now: datetime) -> Snapshot:
    def by_id(row_type: type[Base]) -> dict[int, Row]:
        return {row.id: row for row in _read(session, row_type)}

    sources = by_id(SourceText)
    views = {
        (source_id, target): view
        for target in SPOKEN
        for source_id, view in load_views(session, source_text_ids=sources, target=target).items()
    }
    snapshot = Snapshot(
        at=now,
        posts=by_id(Post),
        revisions=_read(session, Revision),
        threads=by_id(Thread),
        risky=set(session.scalars(select(Category.id).where(Category.is_risky))),
        sources=sources,
        translations=by_id(Translation),
        candidates=by_id(Candidate),
        memory=_read(session, MemoryEntry),
        tasks=_read(session, Task),
        drafts=_read(session, TaskDraft),
        previews=_read(session, Preview),
        deliveries=_read(session, Delivery),
        reports=_read(session, TranslationReport),
        language_reports=_read(session, LanguageReport),
        regates=_read(session, Regate),
        views=views,
    )
    snapshot.misnamed = _list_misnamed(session, snapshot)
    return snapshot


def _list_misnamed(session: Session, snapshot: Snapshot) -> list[int]:
    glossary = CACHE.get_glossary(session)
    misnamed = []
    for view in snapshot.views.values():
        candidate = snapshot.candidates.get(view.candidate_id or 0)
        if candidate is None or candidate.translation_id != view.id or candidate.origin != "machine":
            continue
        source = snapshot.sources[view.source_text_id]
        languages = view.source_language, view.language
        terms = glossary.find_terms(source.text, source=languages[0], target=languages[1])
        findings: Sequence[Any] = GlossaryCheck().check(CheckInput(source.text, candidate.text, *languages, terms))
        if any(finding.severity is Severity.ERROR for finding in findings):
            misnamed.append(view.id)
    return misnamed
