"""From what somebody typed to a stored source text: parsed, screened, masked, its language identified, and asked for
in the languages that its readers need."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core.actor import Actor
from app.forum.models import Follow, Post, Thread
from moderation.screening import Screening, ScreeningDecision, screen_text
from translation.languages import LanguageTag, find_language_tag
from translation.models import PUBLIC_SCOPE, EngineSet, SourceText
from translation.service.sources import add_source_text, request_translations
from translation.text import parse_user_text

MAX_TITLE_LENGTH = 200
MAX_BODY_LENGTH = 20_000
#: How many of an author's latest posts say which languages are likely.
_HISTORY = 20

#: Always translated into: the common language here.
COMMON_LANGUAGE = LanguageTag.ZH_HANT


@dataclass(frozen=True)
class ScreenedText:
    """A text after screening: ``text`` is masked, ``hold_reason`` says why a moderator should look first."""

    text: str
    hold_reason: str | None


def parse_body(raw: str, *, actor: Actor, declared: LanguageTag | None = None) -> ScreenedText:
    return _screen(parse_user_text(raw, field="body", max_length=MAX_BODY_LENGTH), actor, declared)


def parse_title(raw: str, *, actor: Actor, declared: LanguageTag | None = None) -> ScreenedText:
    """A title is one line."""
    line = " ".join(parse_user_text(raw, field="title", max_length=MAX_TITLE_LENGTH).split())
    return _screen(line, actor, declared)


def _screen(text: str, actor: Actor, declared: LanguageTag | None) -> ScreenedText:
    screening: Screening = screen_text(text, author_is_new=actor.is_guest, language=declared)
    is_held = screening.decision is ScreeningDecision.HOLD
    reasons = [finding.kind for finding in screening.findings if finding.holds] if is_held else []
    return ScreenedText(text=screening.masked, hold_reason=str(reasons[0]) if reasons else None)


def store_text(
    session: Session, *, text: str, actor: Actor, declared: LanguageTag | None, thread: Thread, now: datetime
) -> SourceText:
    """Store a screened text, its language identified with the author's history as a prior."""
    return add_source_text(
        session,
        text=text,
        declared=declared,
        prior=load_history(session, actor),
        scope=f"thread:{thread.id}" if thread.is_private else PUBLIC_SCOPE,
        engine_set=EngineSet.DEMO if thread.is_demo else EngineSet.INSTALLED,
        owner_id=actor.account_id,
        now=now,
    )


def load_history(session: Session, actor: Actor) -> dict[LanguageTag, float]:
    """How often the author's latest posts were in each language; without posts, the own reading languages."""
    latest = (
        select(Post.source_text_id)
        .where(Post.author_id == actor.account_id)
        .order_by(Post.id.desc())
        .limit(_HISTORY)
        .subquery()
    )
    rows = session.execute(
        select(SourceText.language, func.count())
        .join(latest, latest.c.source_text_id == SourceText.id)
        .where(SourceText.language != LanguageTag.UND)
        .group_by(SourceText.language)
    )
    history = {language: float(count) for language, count in rows}
    if history:
        return history
    tags = [find_language_tag(tag) for tag in actor.reading_languages]
    return {tag: 1.0 for tag in tags[:1] if tag is not None}


def request_needed(
    session: Session,
    *,
    thread_id: int,
    sources: Sequence[SourceText],
    now: datetime,
    also: Collection[LanguageTag] = (),
    stale_candidates: dict[tuple[int, LanguageTag], int] | None = None,
) -> None:
    """Ask for the languages that the thread's people read. One language a person: the first that she reads, unless
    she reads the text as it is."""
    readers = _load_reading_languages(session, thread_id)
    for source in sources:
        targets = {COMMON_LANGUAGE, *also}
        targets.update(languages[0] for languages in readers if languages and source.language not in languages)
        request_translations(
            session,
            sources=[source],
            targets={to_translated_language(target) for target in targets},
            now=now,
            stale_candidates=stale_candidates,
        )


def to_translated_language(language: LanguageTag) -> LanguageTag:
    """Simplified Chinese is shown from Traditional Chinese, so that there is one text for people to check."""
    return LanguageTag.ZH_HANT if language is LanguageTag.ZH_HANS else language


def _load_reading_languages(session: Session, thread_id: int) -> list[tuple[LanguageTag, ...]]:
    distinct = (
        select(cast(Account.reading_languages, String))
        .distinct()
        .join(Follow, Follow.account_id == Account.id)
        .where(Follow.thread_id == thread_id)
    )
    return [tuple(LanguageTag(tag) for tag in json.loads(stored)) for stored in session.scalars(distinct)]
