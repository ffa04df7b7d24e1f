"""Readers of the glossary: the terms in a text, a gist of it for readers, and pages of concepts for people who keep it.

Every process holds the whole glossary with its matchers and looks every few seconds, with one cheap query, whether it
has changed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, exists, func, select
from sqlalchemy.orm import Session

from app.core.errors import NotFoundError
from translation.glossary.folding import fold_term
from translation.glossary.matching import Matcher
from translation.glossary.models import Concept, Term, TermStatus
from translation.languages import LanguageTag
from translation.results import GlossaryTerm

#: How long a process may not know of another's change.
REFRESH_SECONDS: Final = 3.0
MAX_PAGE: Final = 100
#: A gist is a help, not a dictionary.
MAX_GIST: Final = 30

_ORDER: Final = {TermStatus.PREFERRED: 0, TermStatus.ADMITTED: 1, TermStatus.FORBIDDEN: 2}


class ConceptNotFoundError(NotFoundError):
    code = "glossary.concept_not_found"


@dataclass(frozen=True)
class TermView:
    """One name of a concept. ``verified_by_id`` is the interpreter who vouches for it, None while nobody does."""

    id: int
    language: LanguageTag
    text: str
    status: TermStatus
    source_url: str | None
    verified_by_id: int | None
    verified_at: datetime | None

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


@dataclass(frozen=True)
class ConceptView:
    """A concept with all its names: by language in the order of tags, preferred first."""

    id: int
    key: str
    category: str | None
    source_url: str
    note: str | None
    is_do_not_translate: bool
    updated_at: datetime
    terms: tuple[TermView, ...]


@dataclass(frozen=True)
class GistTerm:
    """A term as it is written in a text and what it is called in the reader's language."""

    source: str
    target: str
    is_verified: bool


@dataclass(frozen=True)
class _Name:
    """A row of the glossary as matching needs it."""

    concept_id: int
    text: str
    status: TermStatus
    is_verified: bool


@dataclass(frozen=True)
class _Meaning:
    category: str | None
    is_do_not_translate: bool
    names: dict[LanguageTag, tuple[_Name, ...]]


_numbers = count(1)


class Glossary:
    """The whole glossary at one moment; never changed. Matchers are built when a language is first asked for.
    ``number`` is another one after every change, in this process."""

    def __init__(self, concepts: Iterable[Concept], terms: Iterable[Term]) -> None:
        names: dict[int, dict[LanguageTag, list[_Name]]] = defaultdict(lambda: defaultdict(list))
        for term in sorted(terms, key=lambda term: (_ORDER[term.status], term.id)):
            name = _Name(term.concept_id, term.text, term.status, term.verified_at is not None)
            names[term.concept_id][term.language].append(name)
        self._meanings = {
            concept.id: _Meaning(
                concept.category,
                concept.is_do_not_translate,
                {language: tuple(found) for language, found in names[concept.id].items()},
            )
            for concept in concepts
        }
        self._matchers: dict[LanguageTag, Matcher[_Name]] = {}
        self.number = next(_numbers)

    def find_terms(
        self, text: str, *, source: LanguageTag, target: LanguageTag, category: str | None = None
    ) -> tuple[GlossaryTerm, ...]:
        """Each term of the text once, in the order in which they first stand there."""
        found: dict[GlossaryTerm, None] = {}
        for match in self._get_matcher(source).find_all(text):
            for name in match.values:
                meaning = self._meanings[name.concept_id]
                if meaning.is_do_not_translate and text[match.start : match.end] != name.text:
                    continue  # a name is written as it is: nobody who stands in line means LINE
                if category is None or meaning.category in (None, category):
                    terms = _to_terms(text[match.start : match.end], name, meaning, _list_names(meaning, target))
                    found.update(dict.fromkeys(terms))
        return tuple(found)

    def has_concept(self, text: str, language: LanguageTag, concept_ids: Collection[int]) -> bool:
        """Whether one of the concepts is named in the text."""
        matches = self._get_matcher(language).find_all(text)
        return any(name.concept_id in concept_ids for match in matches for name in match.values)

    def _get_matcher(self, language: LanguageTag) -> Matcher[_Name]:
        matcher = self._matchers.get(language)
        if matcher is None:
            names = [name for meaning in self._meanings.values() for name in _list_names(meaning, language)]
            matcher = self._matchers[language] = Matcher([(name.text, name) for name in names], language)
        return matcher


def _list_names(meaning: _Meaning, language: LanguageTag) -> tuple[_Name, ...]:
    if language is not LanguageTag.ZH_HANS:
        return meaning.names.get(language, ())
    # Nobody keeps Simplified terms: they are the Traditional ones, shown in the other script. (Imported here, because
    # what is shown of translations rests on how they are checked, and that on the glossary.)
    from translation.display import to_simplified

    return tuple(
        _Name(name.concept_id, to_simplified(name.text), name.status, name.is_verified)
        for name in meaning.names.get(LanguageTag.ZH_HANT, ())
    )


def _to_terms(written: str, name: _Name, meaning: _Meaning, targets: Sequence[_Name]) -> list[GlossaryTerm]:
    """What is known of a word of the text. It is verified when people vouch both for it and for a name in the target
    language. Forbidden variants that differ from it in that come as a second term without targets."""
    allowed = [target for target in targets if target.status is not TermStatus.FORBIDDEN]
    texts = tuple(target.text for target in allowed)
    keeps = meaning.is_do_not_translate
    is_verified = name.is_verified and (keeps or any(target.is_verified for target in allowed))
    terms = []
    for each in (is_verified, not is_verified):
        is_main = each is is_verified
        forbidden = tuple(
            target.text for target in targets if target.status is TermStatus.FORBIDDEN and target.is_verified is each
        )
        if forbidden or (is_main and (texts or keeps)):
            terms.append(
                GlossaryTerm(
                    source=written,
                    targets=(texts or ((written,) if keeps else ())) if is_main else (),
                    forbidden=forbidden,
                    is_do_not_translate=keeps and is_main,
                    is_verified=each,
                    concept_id=name.concept_id,
                )
            )
    return terms


_Version = tuple[object, ...]


@dataclass
class _Held:
    glossary: Glossary
    version: _Version
    checked_at: float


class GlossaryCache:
    """The glossary of each database of a process. ``clock`` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: WeakKeyDictionary[Engine, _Held] = WeakKeyDictionary()

    def get_glossary(self, session: Session) -> Glossary:
        """The glossary as it was at most :data:`REFRESH_SECONDS` ago."""
        engine = session.get_bind().engine
        held = self._held.get(engine)
        now = self._clock()
        if held is not None and now - held.checked_at < REFRESH_SECONDS:
            return held.glossary
        # The version first: what changes between the two queries is found the next time.
        version = _read_version(session)
        if held is None or held.version != version:
            glossary = Glossary(session.scalars(select(Concept)).all(), session.scalars(select(Term)).all())
            self._held[engine] = held = _Held(glossary, version, now)
        held.checked_at = now
        return held.glossary

    def expire(self, session: Session) -> None:
        """Look again the next time: this process has changed the glossary, or must know the newest."""
        held = self._held.get(session.get_bind().engine)
        if held is not None:
            held.checked_at = float("-inf")


#: That of this process.
CACHE: Final = GlossaryCache()


def _read_version(session: Session) -> _Version:
    """Differs after every change: each gives its concept a later ``updated_at`` than any had before."""
    row = session.execute(select(func.count(Concept.id), func.max(Concept.updated_at))).one()
    return tuple(row)


def read_number(session: Session) -> int:
    """Differs between two moments if the glossary has changed between them, as far as this process knows."""
    return CACHE.get_glossary(session).number


def find_terms(
    session: Session,
    *,
    texts: Sequence[str],
    source: LanguageTag,
    target: LanguageTag,
    category: str | None = None,
) -> list[tuple[GlossaryTerm, ...]]:
    """The glossary's terms in each text, with what they are called in the target language; one tuple a text, empty
    where nothing is known. With ``category`` only terms of that topic and of every topic. A term without targets only
    forbids."""
    if not texts or source is target:
        return [() for _ in texts]
    glossary = CACHE.get_glossary(session)
    return [glossary.find_terms(text, source=source, target=target, category=category) for text in texts]


def list_gist(session: Session, *, text: str, source: LanguageTag, target: LanguageTag) -> tuple[GistTerm, ...]:
    """What a reader can know of a text that nobody has translated yet: its terms and their preferred names, verified
    or not, at most :data:`MAX_GIST`."""
    (terms,) = find_terms(session, texts=[text], source=source, target=target)
    gist = dict.fromkeys(
        GistTerm(term.source, term.targets[0], term.is_verified)
        for term in terms
        if term.targets and fold_term(term.targets[0]) != fold_term(term.source)
    )
    return tuple(gist)[:MAX_GIST]


def list_concepts(
    session: Session,
    *,
    language: LanguageTag | None = None,
    category: str | None = None,
    is_verified: bool | None = None,
    query: str | None = None,
    after_id: int = 0,
    limit: int = 50,
) -> tuple[ConceptView, ...]:
    """A page of concepts in the order in which they were added, from the one after ``after_id``, at most
    :data:`MAX_PAGE`. ``is_verified`` and ``query`` (a part of a name, however it is written) are about the names in
    ``language``, or in any."""
    named = select(Term.id).where(Term.concept_id == Concept.id)
    if language is not None:
        named = named.where(Term.language == language)
    if is_verified is not None:
        named = named.where(Term.verified_at.is_not(None) if is_verified else Term.verified_at.is_(None))
    if query is not None and (folded := fold_term(query)):
        named = named.where(Term.folded.contains(folded[:200], autoescape=True))
    # A removed concept is one without names.
    statement = select(Concept).where(Concept.id > after_id, exists(named))
    if category is not None:
        statement = statement.where(Concept.category == category)
    concepts = session.scalars(statement.order_by(Concept.id).limit(min(max(limit, 1), MAX_PAGE))).all()
    return _to_views(session, concepts)


def get_concept(session: Session, concept_id: int) -> ConceptView:
    """Raises :class:`ConceptNotFoundError`, also for a removed one."""
    concept = session.get(Concept, concept_id)
    views = _to_views(session, [concept]) if concept is not None else ()
    if not views or not views[0].terms:
        raise ConceptNotFoundError
    return views[0]


def _to_views(session: Session, concepts: Sequence[Concept]) -> tuple[ConceptView, ...]:
    names: dict[int, list[TermView]] = defaultdict(list)
    rows = session.scalars(select(Term).where(Term.concept_id.in_([concept.id for concept in concepts])))
    tags = list(LanguageTag)
    for row in sorted(rows, key=lambda row: (tags.index(row.language), _ORDER[row.status], row.id)):
        view = TermView(row.id, row.language, row.text, row.status, row.source_url, row.verified_by_id, row.verified_at)
        names[row.concept_id].append(view)
    return tuple(
        ConceptView(
            id=concept.id,
            key=concept.key,
            category=concept.category,
            source_url=concept.source_url,
            note=concept.note,
            is_do_not_translate=concept.is_do_not_translate,
            updated_at=concept.updated_at,
            terms=tuple(names[concept.id]),
        )
        for concept in concepts
    )
