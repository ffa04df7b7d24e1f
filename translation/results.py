"""Values that the pure translation modules hand to each other. Frozen, no behaviour beyond small questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from translation.languages import LanguageTag


class Basis(StrEnum):
    """How the language of a text is known, strongest evidence first where they disagree."""

    CONFIRMED = "confirmed"
    SCRIPT = "script"
    DECLARED = "declared"
    DETECTED = "detected"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Detection:
    """The identified language, on what basis, and a confidence in 0…1 (1 only for people and clear scripts)."""

    tag: LanguageTag
    basis: Basis
    confidence: float
    is_mixed: bool = False


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class CheckCode(StrEnum):
    """Codes of the public contract."""

    NUMBERS = "numbers"
    DATES = "dates"
    MONEY = "money"
    PHONES = "phones"
    LINKS = "links"
    NAMES = "names"
    SCRIPT = "script"
    COPY = "copy"
    REPETITION = "repetition"
    LENGTH = "length"
    NEGATION = "negation"
    GLOSSARY = "glossary"
    SIMPLIFIED = "simplified"
    EMPTY = "empty"
    PLACEHOLDERS = "placeholders"


@dataclass(frozen=True)
class Finding:
    """One thing that a check found. ``message`` is for logs and developers (English, never the user's text);
    edges show a text from the catalogue by ``code``. ``detail`` holds the facts that differ, for the interpreter."""

    code: CheckCode
    severity: Severity
    message: str
    detail: tuple[str, ...] = ()


class FactKind(StrEnum):
    NUMBER = "number"
    DATE = "date"
    MONEY = "money"
    PHONE = "phone"
    LINK = "link"
    PERMIT = "permit"


@dataclass(frozen=True)
class Fact:
    """A number, date, amount, phone, link or permit name, exactly as it stands in the source text."""

    kind: FactKind
    text: str


@dataclass(frozen=True)
class Segment:
    """The smallest aligned unit of a text. ``text`` is translated; ``prefix`` and ``suffix`` (list marks, white space,
    line breaks) are kept. ``"".join(prefix + text + suffix)`` over all segments is the whole text again."""

    text: str
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class GateDecision:
    """Publish as machine translation, or hold for a person, with what was found."""

    is_published: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Route:
    """The hops a text takes, at least two tags: ``(vi, en, zh-Hant)`` is through English."""

    hops: tuple[LanguageTag, ...]
    engine: str

    @property
    def source(self) -> LanguageTag:
        return self.hops[0]

    @property
    def target(self) -> LanguageTag:
        return self.hops[-1]

    def __str__(self) -> str:
        return ">".join(self.hops)


@dataclass(frozen=True)
class GlossaryTerm:
    """A term of the glossary that stands in a source text. ``source`` is how it is written there, ``targets`` how it
    may be called in the target language, preferred first, ``forbidden`` how it must not be called."""

    source: str
    targets: tuple[str, ...]
    forbidden: tuple[str, ...] = ()
    is_do_not_translate: bool = False
    is_verified: bool = False
    concept_id: int = 0


@dataclass(frozen=True)
class PipelineInput:
    """One text to translate. ``remembered`` maps a segment's text to its verified translation, ``terms`` are those of
    the glossary that it contains."""

    text: str
    remembered: dict[str, str] = field(default_factory=dict)
    terms: tuple[GlossaryTerm, ...] = ()


class OriginKind(StrEnum):
    MEMORY = "memory"
    MACHINE = "machine"
    INTERPRETER = "interpreter"


@dataclass(frozen=True)
class PipelineResult:
    """``origin`` is MEMORY only if every segment came from memory. ``score`` is comparable within one engine only."""

    text: str
    origin: OriginKind
    decision: GateDecision
    score: float | None = None
