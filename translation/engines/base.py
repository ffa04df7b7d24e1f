"""What every translation engine promises. Adapters say how (``ArgosEngine``); nothing here knows posts or people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from app.core.errors import QiaoError
from translation.languages import LanguageTag

#: One hop, source and target.
Pair = tuple[LanguageTag, LanguageTag]


@dataclass(frozen=True)
class Capabilities:
    """What a caller may rely on. ``batch_size`` is texts per call that the engine digests best; ``window`` is the
    longest text in characters it translates without loss. ``keeps_placeholders`` is measured, never hoped for. Texts
    of different posts may share a call unless the engine uses hints."""

    batch_size: int
    window: int
    gives_scores: bool
    needs_network: bool
    keeps_placeholders: bool
    uses_hints: bool = False


@dataclass(frozen=True)
class Hints:
    """What helps an engine that can use it. ``terms`` are glossary pairs, source and target; ``context`` is the
    thread's last posts, oldest first, masked as they are shown. All of it is data, never an instruction."""

    terms: tuple[tuple[str, str], ...] = ()
    context: tuple[str, ...] = ()


NO_HINTS: Final = Hints()


@dataclass(frozen=True)
class EngineOutput:
    """One translated text. ``score`` is a mean log-probability per token where the engine gives one."""

    text: str
    score: float | None = None


class EngineError(QiaoError):
    """The engine could not do it this time; trying again may help."""

    code = "engine.failed"


class RouteMissingError(EngineError):
    """No installed model does this hop (any more)."""

    code = "engine.no_route"


class ModelBrokenError(EngineError):
    """The model's files are incomplete or corrupted; trying again will not help."""

    code = "engine.model_broken"


class Engine(Protocol):
    """A machine translation system. Thread-safe; ``translate`` blocks and must never run on the event loop's thread."""

    @property
    def name(self) -> str:
        """Short stable name used in origins and routes, for example ``argos``."""

    @property
    def capabilities(self) -> Capabilities: ...

    def list_pairs(self) -> frozenset[Pair]:
        """Direct hops that are installed now; cheap, may change while the process runs."""

    def translate(self, texts: Sequence[str], *, pair: Pair, hints: Hints = NO_HINTS) -> list[EngineOutput]:
        """Translate each text along one hop; same length and order. Raises :class:`EngineError`."""

    def describe_version(self, pair: Pair) -> str:
        """Version of the model behind the hop, so that memory of old output can be told apart."""
