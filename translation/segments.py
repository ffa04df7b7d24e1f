"""Texts cut into segments (sentences, lines) for translation and memory, and put together again.

Works for all six languages by rule alone. Where a rule is in doubt the text stays whole: a long segment costs nothing,
a sentence cut in two loses its sense. Thai marks no sentence ends and is cut only where it is longer than the window.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Final

import regex

from translation.languages import LanguageTag
from translation.results import Segment

#: From where to where, in characters of the whole text.
Span = tuple[int, int]

_LINE: Final = regex.compile(r"[^\n]+")
_FENCE: Final = regex.compile(r"[ \t]*```([^\n`]*)$")
_CLUSTER: Final = regex.compile(r"\X")
#: Text of which every character is a grapheme cluster of its own (UAX #29), as most is outside Thai, Khmer and emoji.
_ONE_BY_ONE: Final = regex.compile(r"[\p{GCB=Other}\p{GCB=Control}\n]*")
_LETTER: Final = regex.compile(r"\p{L}")
#: White space and U+200B, which stands between Khmer and Thai words.
_BLANK: Final = regex.compile(r"[\s\u200b]")
_BLANKS: Final = regex.compile(r"[\s\u200b]*")
_VISIBLE: Final = regex.compile(r"[^\s\u200b]")

#: Bullets, numbers and letters before the items of a list, quotation marks of a mail, box marks; also several of them.
_LIST_MARKS: Final = regex.compile(
    r"(?:\s*+(?:"
    r"[-*+–—>#]+(?=\s)"
    r"|[•·‣▪●○◦■□◆◇★☆※☐☑✓✔→]"
    r"|\p{Nd}{1,2}(?:[)）、]|[.．៖](?![\p{Nd}.．]))"
    r"|[(（](?:\p{Nd}{1,2}|[a-zA-Z]|[一二三四五六七八九十]{1,3})[)）]"
    r"|[a-zA-Z][)）](?=\s)"
    r"|[一二三四五六七八九十]{1,3}、"
    r"|[①-⑳]|\d\ufe0f?\u20e3"
    r"))*+\s*+"
)

#: Marks that may end a sentence with the closing quotes and brackets behind them. "។ល។" is Khmer for "and so on".
_END_MARKS: Final = regex.compile(r"(?:។[ \u200b]?ល[ \u200b]?។|[。！？｡។៕៚.!?…]+)[\"'”’」』）)\]】》〉»]*")
#: These end a sentence wherever they stand; the others need white space or a script without spaces after them.
_SURE_MARKS: Final = regex.compile(r"[。！？｡។៕៚]")
_HAN: Final = regex.compile(r"\p{Han}")
_NO_SPACES: Final = regex.compile(r"[\p{Han}\p{Thai}\p{Khmer}\p{Hiragana}\p{Katakana}]")
#: The word that ends right here, with the dots in it.
_WORD_BEFORE: Final = regex.compile(r"[\p{L}\p{M}\p{Nd}.'’]+$")
_LONGEST_WORD: Final = 24
_INITIALS: Final = regex.compile(r"(?:\p{L}\p{M}*){1,2}(?:\.(?:\p{L}\p{M}*){1,2})+|\p{L}|\p{Nd}{1,2}")
_THAI_WORD: Final = regex.compile(r".*\p{Thai}")

#: Never at the end of a sentence: titles and kinds of places, in English, Vietnamese and Indonesian.
_TITLES: Final = regex.compile(
    r"mrs?|ms|dr|prof|st|[js]r|vs|co|mt|capt|gen|gov|rev|hon|dept|approx|cf"
    r"|tp|ths?|ts|pgs|gs|bs|tx|tt|jln?|bpk?|sdr|tn|ny|drs|ir|kec|kab|kel|prov"
)
#: Not an end where a number follows: "No. 5", "Rp. 5.000", "đt. 0912", but "No. I don't."
_BEFORE_NUMBERS: Final = regex.compile(r"nos?|te?lp?|hp|wa|rp|tgl|hlm|hal|fig|art|pp|pasal|s?đt|km|lt")
#: An end only where a capital follows: "beras, gula, dll. di toko".
_AND_SO_ON: Final = regex.compile(r"etc|dll|dsb|dst|inc|ltd|corp|al")

#: Where a sentence that is too long is best cut: behind a clause, with the blank after it.
_CLAUSE_ENDS: Final = regex.compile(r"[，、；：៖](?:[\s\u200b]*)|[,;:)–—][\s\u200b]+")
_BLANK_RUNS: Final = regex.compile(r"[\s\u200b]+")

_CHINESE: Final = frozenset({LanguageTag.ZH_HANT, LanguageTag.ZH_HANS})
#: Written without spaces between words, so that nothing may stand between two segments either.
_UNSPACED: Final = _CHINESE | {LanguageTag.TH, LanguageTag.KM}


#: Longest segment, in characters: well under the 200 tokens that models are trained with, in every language. The same
#: wherever a text is cut, or memory would not know its own segments again.
WINDOW: Final = 240


def split_segments(text: str, *, window: int = WINDOW) -> list[Segment]:
    """Cut a text into segments of at most ``window`` characters.

    Line breaks, blanks, list marks, fenced code and pieces without a letter (numbers, emoji, rules) are kept in
    ``prefix`` and ``suffix``, never translated. No grapheme cluster is cut, unless it alone is longer than the window.
    A text without any letter is one segment with an empty ``text``; the empty text has none.
    """
    if window < 1:
        raise ValueError("window must be positive")
    clusters = _find_clusters(text)
    spans = [
        span
        for line in _list_lines(text)
        for sentence in _cut_sentences(text, _skip_marks(text, line, clusters), clusters)
        for span in _cut_window(text, sentence, window, clusters)
        if _LETTER.search(text, *span)
    ]
    return _build_segments(text, spans)


def join_segments(
    segments: Sequence[Segment], texts: Sequence[str], *, source: LanguageTag, target: LanguageTag
) -> str:
    """Put translated texts, one for each segment, in the places of the segments.

    Line breaks and list marks stay. Blanks between sentences become the target's: none in Chinese, a space elsewhere
    (``。`` has none after it). Raises ValueError when the numbers differ.
    """
    if len(segments) != len(texts):
        raise ValueError("one text for each segment is needed")
    if not segments:
        return ""
    parts = [segments[0].prefix]
    for segment, following, text in zip(segments, segments[1:], texts, strict=False):
        parts += [text, _fit_gap(segment.suffix + following.prefix, source, target)]
    return "".join([*parts, texts[-1], segments[-1].suffix])


def _list_lines(text: str) -> list[Span]:
    """The lines that are not fenced code, which nobody translates. A fence that is never closed is only a line."""
    lines = [match.span() for match in _LINE.finditer(text)]
    if "```" not in text:
        return lines
    code: set[int] = set()
    opening: int | None = None
    for index, (start, end) in enumerate(lines):
        fence = _FENCE.match(text, start, end)
        if fence is None:
            continue
        if opening is None:
            opening = index
        elif not fence[1].strip():
            code.update(range(opening, index + 1))
            opening = None
    return [line for index, line in enumerate(lines) if index not in code]


def _find_clusters(text: str) -> Container[int]:
    """Where the text may be cut: between grapheme clusters, and at its ends."""
    if _ONE_BY_ONE.fullmatch(text):
        return range(len(text) + 1)
    return {0} | {match.end() for match in _CLUSTER.finditer(text)}


def _build_segments(text: str, spans: Sequence[Span]) -> list[Segment]:
    """Segments for the spans to translate; what is between two belongs to the first up to the last line break."""
    if not spans:
        return [Segment(text="", prefix=text)] if text else []
    segments = []
    begin = 0
    for index, (start, end) in enumerate(spans):
        following = spans[index + 1][0] if index + 1 < len(spans) else len(text)
        last_break = text.rfind("\n", end, following)
        suffix_end = following if last_break < 0 or following == len(text) else last_break + 1
        segments.append(Segment(text=text[start:end], prefix=text[begin:start], suffix=text[end:suffix_end]))
        begin = suffix_end
    return segments


def _fit_gap(gap: str, source: LanguageTag, target: LanguageTag) -> str:
    """What stands between two segments, as the target writes it. Line breaks, tabs and anything visible stay."""
    if source is target or gap.strip("\u200b \u00a0\u3000"):
        return gap
    if target in _CHINESE:
        return gap if source in _CHINESE else ""
    return " " if source in _UNSPACED and " " not in gap else gap


def _skip_marks(text: str, span: Span, clusters: Container[int]) -> Span:
    """The line without the marks before it, unless nothing else is in it."""
    start, end = span
    match = _LIST_MARKS.match(text, start, end)
    after = match.end() if match is not None else start
    return (after, end) if after in clusters else span


def _cut_sentences(text: str, span: Span, clusters: Container[int]) -> Iterator[Span]:
    """Sentences of one line, without the blanks around them."""
    start, end = span
    for match in _END_MARKS.finditer(text, start, end):
        if match.end() in clusters and _is_sentence_end(text, match, start=start, end=end):
            yield _trim(text, (start, match.end()), clusters)
            start = match.end()
    yield _trim(text, (start, end), clusters)


def _is_sentence_end(text: str, match: regex.Match[str], *, start: int, end: int) -> bool:
    """Whether the marks end a sentence that began at ``start`` in a line that ends at ``end``."""
    marks = match.group()
    after = match.end()
    if _SURE_MARKS.search(marks) or after == end:
        return True
    if _BLANK.match(text, after) is None:
        is_plain_dot_in_chinese = marks[0] == "." and _HAN.match(text, match.start() - 1) is not None
        return _NO_SPACES.match(text, after) is not None and (marks[0] in "!?" or is_plain_dot_in_chinese)
    visible = _VISIBLE.search(text, after, end)
    following = visible.group() if visible is not None else ""
    if marks[0] in "!?":
        return True
    if marks.startswith(("..", "…")):
        return not following.islower()
    return not _is_abbreviation(text, start, match.start(), following)


def _is_abbreviation(text: str, start: int, dot: int, following: str) -> bool:
    """Whether the dot belongs to the word before it. ``following`` is the first visible character after it."""
    match = _WORD_BEFORE.search(text, max(start, dot - _LONGEST_WORD), dot)
    if match is None:
        return False
    word = match.group().casefold()
    if _THAI_WORD.match(word) or _INITIALS.fullmatch(word) or _TITLES.fullmatch(word):
        return True
    if _BEFORE_NUMBERS.fullmatch(word):
        return following.isdigit()
    return _AND_SO_ON.fullmatch(word) is not None and not following.isupper()


def _cut_window(text: str, span: Span, window: int, clusters: Container[int]) -> Iterator[Span]:
    """Pieces of a sentence that are no longer than the window, cut behind clauses, else at blanks, else anywhere."""
    start, end = span
    while end - start > window:
        cut = _find_cut(text, start, start + window, clusters)
        yield _trim(text, (start, cut), clusters)
        start, end = _trim(text, (cut, end), clusters)
    yield start, end


def _find_cut(text: str, start: int, limit: int, clusters: Container[int]) -> int:
    """The best place to cut in ``start < place <= limit``."""
    middle = start + (limit - start) // 2
    for pattern, least in ((_CLAUSE_ENDS, middle), (_BLANK_RUNS, start)):
        places = [match.end() for match in pattern.finditer(text, start, limit)]
        good = [place for place in places if place > least and place in clusters]
        if good:
            return good[-1]
    return next((place for place in range(limit, start, -1) if place in clusters), limit)


def _trim(text: str, span: Span, clusters: Container[int]) -> Span:
    """The span without blanks at its ends; a blank that carries a combining mark is none."""
    start, end = span
    first, last = start, end
    if start < end and _may_be_blank(text[start]):
        blank = _BLANKS.match(text, start, end)
        first = blank.end() if blank is not None else start
    while first not in clusters and first > start:
        first -= 1
    while last > first and _may_be_blank(text[last - 1]) and _BLANK.match(text, last - 1) and last - 1 in clusters:
        last -= 1
    return first, last


def _may_be_blank(char: str) -> bool:
    """False for what is surely none; cheaper than the pattern, which knows."""
    return char.isspace() or char == "\u200b"
