"""What the translation memory's fuzzy look-up costs and finds at 200,000 entries, on both databases. Takes minutes."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import regex
from sqlalchemy import text as sql
from sqlalchemy.orm import Session
from tqdm import tqdm

from app.core.clock import utc_now
from app.core.db import Database
from app.core.outbox import Subscribers
from app.core.schema import upgrade_schema
from benchmarks.harness import (
    Figure,
    Report,
    create_database,
    describe_seconds,
    name_database,
)
from tests.models.corpus import Corpus
from translation.languages import LanguageTag
from translation.memory.exchange import Pair
from translation.memory.imports import add_pairs, begin_import, finish_import
from translation.memory.similarity import measure_likeness, prepare
from translation.models import PUBLIC_SCOPE, EngineSet, SourceText
from translation.results import Basis
from translation.service.memory import list_matches
from translation.text import digest_text

ENTRIES: Final = int(os.environ.get("QIAO_BENCH_MEMORY_ENTRIES", "200000"))
#: Look-ups for each language.
LOOKUPS: Final = 300
_AT_ONCE: Final = 5000
_SEED: Final = 20261122
#: The share of each source language; most in one pair, because a look-up meets no other.
_SHARES: Final = (
    (LanguageTag.VI, LanguageTag.ZH_HANT, 0.55),
    (LanguageTag.ZH_HANT, LanguageTag.VI, 0.15),
    (LanguageTag.TH, LanguageTag.ZH_HANT, 0.15),
    (LanguageTag.KM, LanguageTag.ZH_HANT, 0.15),
)
_CLUSTER: Final = regex.compile(r"\X")


@dataclass(frozen=True)
class _Question:
    """A text like a stored one: ``likeness`` as an interpreter would be shown it."""

    text: str
    source: LanguageTag
    target: LanguageTag
    original: str
    likeness: int


def measure() -> Report:
    figures: list[Figure] = []
    names = []
    with TemporaryDirectory(prefix="qiao-bench-") as name:
        folder = Path(name)
        with create_database(folder=folder) as url:
            if not url.startswith("sqlite"):
                figures += _measure_database(url)
                names.append(name_database(url))
        url = f"sqlite:///{folder / 'memory.sqlite3'}"
        _migrate(url)
        figures += _measure_database(url)
        names.append("SQLite")
    return Report(
        "matches",
        [
            f"{ENTRIES} entries of sentence patterns with words put in from others; "
            + ", ".join(f"{share:.0%} {source} to {target}" for source, target, share in _SHARES),
            f"{LOOKUPS} texts a language, each a stored one with words changed, left out or added; " + ", ".join(names),
            "found: the stored text, or one at least as much like the question, is offered",
        ],
        figures,
    )


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade_schema(database)
    database.dispose()


def _measure_database(url: str) -> list[Figure]:
    database = Database(url, session_info={"subscribers": Subscribers()})
    label = "SQLite" if database.is_sqlite else "PostgreSQL"
    questions, seconds = _fill(database, label)
    with database.transaction() as session:
        if not database.is_sqlite:
            session.execute(sql("ANALYZE memory_bands, memory_entries"))
    times: list[float] = []
    found: dict[tuple[LanguageTag, bool], list[bool]] = {}
    with database.reading() as session:
        size = _read_size(session, is_sqlite=database.is_sqlite)
        for question in questions[:20]:
            _look_up(session, question)
        for question in questions:
            started = time.perf_counter()
            is_found = _look_up(session, question)
            times.append(time.perf_counter() - started)
            found.setdefault((question.source, question.likeness >= 80), []).append(is_found)
    database.dispose()
    figures = [
        Figure(f"{label}: look-up", f"{describe_seconds(times, 50, 95, 99)}", "20 ms"),
        Figure(f"{label}: bytes an entry, its texts and index", f"{size / ENTRIES:.0f}"),
        Figure(f"{label}: writing an entry, in batches of {_AT_ONCE}", f"{1000 * seconds / ENTRIES:.2f} ms"),
    ]
    return figures + [
        Figure(f"{label}: found, {language}, match {'80 to 99' if is_near else '70 to 79'}", _describe_share(flags))
        for (language, is_near), flags in sorted(found.items())
    ]


def _describe_share(flags: Sequence[bool]) -> str:
    return f"{sum(flags) / len(flags):.1%} of {len(flags)}"


def _fill(database: Database, label: str) -> tuple[list[_Question], float]:
    """Store the entries; questions about some of them, and the seconds that the writing took."""
    draw = random.Random(_SEED)
    questions: list[_Question] = []
    seconds = 0.0
    now = utc_now()
    with database.transaction() as session:
        import_id = begin_import(session, name="benchmark", digest="0" * 64, now=now)
    with tqdm(total=ENTRIES, desc=f"Filling {label}", unit=" entries") as bar:
        for source, target, share in _SHARES:
            pairs = _draw_pairs(draw, source, target, round(ENTRIES * share))
            kept: list[Pair] = []
            while batch := list(islice(pairs, _AT_ONCE)):
                started = time.perf_counter()
                with database.transaction() as session:
                    add_pairs(session, import_id=import_id, pairs=batch, now=now)
                seconds += time.perf_counter() - started
                kept += draw.sample(batch, min(len(batch), 200))
                bar.update(len(batch))
            questions += _draw_questions(draw, kept)
    with database.transaction() as session:
        finish_import(session, import_id=import_id, entries=ENTRIES)
    draw.shuffle(questions)
    return questions, seconds


def _draw_pairs(draw: random.Random, source: LanguageTag, target: LanguageTag, count: int) -> Iterator[Pair]:
    corpus = Corpus(draw.randrange(2**31))
    pool = [_cut_words(corpus.draw()[source.value], source) for _ in range(2000)]
    for _ in range(count):
        row = corpus.draw_variants()
        words = _cut_words(row[source.value], source)
        for _ in range(len(words) // 3):
            words[draw.randrange(len(words))] = draw.choice(draw.choice(pool))
        yield Pair(source, target, _join_words(words, source), row[target.value])


def _draw_questions(draw: random.Random, pairs: Sequence[Pair]) -> list[_Question]:
    """Texts that match a stored one by 70 to 99."""
    questions: list[_Question] = []
    while len(questions) < LOOKUPS:
        pair, other = draw.sample(pairs, 2)
        words = _cut_words(pair.source_text, pair.source)
        strange = _cut_words(other.source_text, pair.source)
        at = draw.randrange(len(words))
        match draw.randrange(3):
            case 0:
                words[at : at + 1 + len(words) // 6] = [draw.choice(strange)]
            case 1:
                del words[at : at + 1 + len(words) // 5]
            case _:
                words[at:at] = strange[: 1 + len(words) // 4]
        text = _join_words(words, pair.source)
        likeness = measure_likeness(prepare(text, pair.source), prepare(pair.source_text, pair.source))
        if 70 <= likeness < 100:
            questions.append(_Question(text, pair.source, pair.target, pair.source_text, likeness))
    return questions


def _cut_words(text: str, language: LanguageTag) -> list[str]:
    """Words, or what stands for them where there are no spaces: three clusters."""
    if language is LanguageTag.VI:
        return text.split(" ")
    clusters = _CLUSTER.findall(text)
    return ["".join(clusters[at : at + 3]) for at in range(0, len(clusters), 3)]


def _join_words(words: Sequence[str], language: LanguageTag) -> str:
    return (" " if language is LanguageTag.VI else "").join(words)


def _look_up(session: Session, question: _Question) -> bool:
    source = SourceText(
        text=question.text,
        digest=digest_text(question.text),
        language=question.source,
        basis=Basis.DECLARED,
        scope=PUBLIC_SCOPE,
        engine_set=EngineSet.INSTALLED,
    )
    matches = list_matches(session, source=source, target=question.target)
    asked = prepare(question.text, question.source)
    return any(
        measure_likeness(asked, prepare(match.source, question.source)) >= question.likeness for match in matches
    )


def _read_size(session: Session, *, is_sqlite: bool) -> int:
    """Bytes of the whole database: nothing else is in it."""
    if is_sqlite:
        return int(session.scalar(sql("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")))
    return int(session.scalar(sql("SELECT pg_database_size(current_database())")))
