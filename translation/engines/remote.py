"""What adapters of engines behind a URL share: texts cut to what a server takes, and its answers distrusted."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import regex

from translation.engines.base import EngineOutput, Pair
from translation.engines.http import BadAnswerError
from translation.protect import has_words
from translation.results import Segment
from translation.segments import join_segments, split_segments

#: Control characters that no text needs and no database takes; the tab and the line break stay.
_CONTROLS: Final = regex.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: NFKC, which most models' tokenizers apply, takes Thai SARA AM apart, also around a tone mark.
_SARA_AM: Final = regex.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")
#: From Chinese to Khmer a sentence grows eightfold at most.
_GROWTH: Final = 10
_ALWAYS_ALLOWED: Final = 200

#: Sends some texts, none of them blank, and gives as many translations in the same order.
Ask = Callable[[list[str]], list[str]]


def translate_pieces(
    texts: Sequence[str], *, pair: Pair, ask: Ask, window: int, batch_size: int, by_sentence: bool
) -> list[EngineOutput]:
    """Cut texts into pieces of at most ``window`` characters, ask for each different one once, in batches of at most
    ``batch_size``, and put the answers together; same length and order as ``texts``.

    ``by_sentence``: cut at every sentence; otherwise only what is longer than the window. What has no letter is not
    sent but comes back as it is, for servers invent sentences for a bare number or emoji. A text of which a piece came
    back empty is empty: nobody would see the hole.
    """
    plans = [_plan(_clean(text), window, by_sentence=by_sentence) for text in texts]
    asks = list(dict.fromkeys(segment.text for plan in plans for segment in plan if segment.text))
    answers: dict[str, str] = {}
    for start in range(0, len(asks), batch_size):
        batch = asks[start : start + batch_size]
        answers.update(zip(batch, ask(batch), strict=True))
    return [_join(plan, answers, pair) for plan in plans]


def read_answer(answer: object, asked: str, *, engine: str) -> str:
    """One translation as a server gave it: NFC, without control characters and blanks at the ends; may be empty.

    Raises :class:`BadAnswerError` for what is no text, no valid Unicode, or far longer than what was asked for.
    """
    if not isinstance(answer, str):
        raise BadAnswerError(engine=engine, reason="not_text")
    if len(answer) > _GROWTH * len(asked) + _ALWAYS_ALLOWED:
        raise BadAnswerError(engine=engine, reason="too_long")
    try:
        answer.encode("utf-8")
    except UnicodeEncodeError:
        raise BadAnswerError(engine=engine, reason="not_unicode") from None
    text = unicodedata.normalize("NFC", _CONTROLS.sub("", answer)).strip()
    return _SARA_AM.sub("\\1\u0e33", text)


def _join(plan: list[Segment], answers: Mapping[str, str], pair: Pair) -> EngineOutput:
    texts = [answers[segment.text] if segment.text else "" for segment in plan]
    if any(segment.text and not text for segment, text in zip(plan, texts, strict=True)):
        return EngineOutput("")
    return EngineOutput(join_segments(plan, texts, source=pair[0], target=pair[1]))


def _clean(text: str) -> str:
    # The edges refuse lone surrogates; one that gets here must not fail the whole batch.
    return _CONTROLS.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def _plan(text: str, window: int, *, by_sentence: bool) -> list[Segment]:
    if by_sentence or len(text) > window:
        return split_segments(text, window=window)
    if not has_words(text):
        return [Segment("", prefix=text)]
    core = text.strip()
    start = text.index(core)
    return [Segment(core, prefix=text[:start], suffix=text[start + len(core) :])]
