"""How a concept is shown to a reader: her languages first, and what she may do with each term."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.core.actor import Actor
from app.forum.service.texts import COMMON_LANGUAGE
from app.glossary.policy import can_change_term, can_vouch
from app.glossary.queries import to_searched
from app.interpreting.policy import to_pair_language
from translation.detection import detect_language
from translation.display import to_simplified
from translation.glossary.folding import fold_term
from translation.glossary.models import TermStatus
from translation.glossary.queries import ConceptView, TermView
from translation.languages import LANGUAGES, LanguageTag, find_language_tag


@dataclass(frozen=True)
class ShownLanguage:
    """What a concept is called in a language. ``language`` is that of the texts as they are shown."""

    language: LanguageTag
    terms: tuple[TermView, ...]
    texts: tuple[str, ...]
    may_vouch: bool
    may_change: bool

    @property
    def title(self) -> str:
        """The name to use."""
        return self.texts[0]

    def text_of(self, term: TermView) -> str:
        return self.texts[self.terms.index(term)]


@dataclass(frozen=True)
class ShownConcept:
    """``first`` are the languages of the page and of the reader, ``rest`` the others; both only with names."""

    view: ConceptView
    first: tuple[ShownLanguage, ...]
    rest: tuple[ShownLanguage, ...]
    note_language: LanguageTag | None

    @property
    def all(self) -> tuple[ShownLanguage, ...]:
        return (*self.first, *self.rest)

    @property
    def heading(self) -> ShownLanguage:
        """The first language with a name that may be used."""
        return next((each for each in self.all if each.terms[0].status is not TermStatus.FORBIDDEN), self.all[0])


def show_concept_view(
    view: ConceptView, *, actor: Actor, language: LanguageTag, wanted: Iterable[LanguageTag] = (), query: str = ""
) -> ShownConcept:
    """A concept for this reader of a page in ``language``. The common language, which is the one of every office here,
    ``wanted`` ones, and those in which the query is found are among the first too."""
    own = (find_language_tag(tag) for tag in actor.reading_languages)
    first = {to_pair_language(tag) for tag in (language, COMMON_LANGUAGE, *own, *wanted) if tag is not None}
    first |= _list_matching(view, query)
    shown = {tag: _show_language(view, tag, actor, language) for tag in _order(language, actor)}
    return ShownConcept(
        view=view,
        first=tuple(each for tag, each in shown.items() if tag in first and each.terms),
        rest=tuple(each for tag, each in shown.items() if tag not in first and each.terms),
        note_language=find_text_language(view.note or ""),
    )


def find_host(url: str) -> str:
    """Where a link leads: the name of the host, letters of other alphabets as in the DNS, so that none passes for
    another."""
    try:
        host = urlsplit(url).hostname or ""
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:
        return ""


def find_text_language(text: str) -> LanguageTag | None:
    """The language of a text that says of itself nothing, for its ``lang``; None where it isn't known."""
    tag = detect_language(text).tag
    return tag if tag.is_known else None


def _order(language: LanguageTag, actor: Actor) -> list[LanguageTag]:
    """The page's, the reader's, then the common language and the rest."""
    own = [tag for tag in map(find_language_tag, actor.reading_languages) if tag is not None and tag.is_known]
    return list(dict.fromkeys(to_pair_language(tag) for tag in (language, *own, COMMON_LANGUAGE, *LANGUAGES)))


def _list_matching(view: ConceptView, query: str) -> set[LanguageTag]:
    folded = fold_term(to_searched(query)) if query else ""
    return {term.language for term in view.terms if folded and folded in fold_term(term.text)}


def _show_language(view: ConceptView, tag: LanguageTag, actor: Actor, language: LanguageTag) -> ShownLanguage:
    """Readers of Simplified Chinese read the Traditional terms in their script."""
    terms = tuple(term for term in view.terms if term.language is tag)
    is_simplified = tag is LanguageTag.ZH_HANT and language is LanguageTag.ZH_HANS
    return ShownLanguage(
        language=LanguageTag.ZH_HANS if is_simplified else tag,
        terms=terms,
        texts=tuple(to_simplified(term.text) if is_simplified else term.text for term in terms),
        may_vouch=bool(can_vouch(actor, tag)),
        may_change=bool(can_change_term(actor, tag)),
    )
