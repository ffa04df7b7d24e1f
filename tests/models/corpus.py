"""The project's own parallel corpus for the small test models: sentence patterns with slots, in six languages.

``sentences/templates.tsv`` holds one sentence pattern a line, a column per language tag; ``{slot}`` marks are filled
from ``sentences/slots.tsv`` with the same draw in every language, so that the six columns are exactly parallel. Numbers
are drawn much wider than life needs, so that the models learn to copy digits and not a list of numbers.
"""

from __future__ import annotations

import csv
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TAGS = ("zh-Hant", "en", "vi", "id", "th", "km")
HERE = Path(__file__).parent

#: One draw in every language, by tag.
Row = dict[str, str]

_SLOT = re.compile(r"\{([a-z]+)(2?)\}")
#: Lowest and highest value of the slots that hold a plain number.
_NUMBERS = {"days": (2, 90), "hours": (4, 14), "age": (2, 60), "count": (2, 200), "percent": (2, 45), "day": (2, 28)}
_FREE_NUMBERS = frozenset({"days", "age", "count"})
_DECIMAL_POINT_GROUPS = frozenset({"vi", "id"})
_NO_GAP = frozenset({"zh-Hant"})
_ENDS = ".?!。？！។"


@dataclass(frozen=True)
class DemoSentence:
    """A sentence of a demo conversation: its thread, place there, language it is written in, and all six texts."""

    thread: str
    number: int
    language: str
    texts: Row


def read_table(path: Path) -> list[dict[str, str]]:
    """Rows of a tab-separated file with a header line."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def load_demo_sentences(path: Path = HERE / "demo_sentences.tsv") -> list[DemoSentence]:
    """The fixed sentences that demo threads and tests use; every model is trained on them."""
    return [
        DemoSentence(row["thread"], int(row["number"]), row["language"], {tag: row[tag] for tag in TAGS})
        for row in read_table(path)
    ]


class Corpus:
    """Draws parallel sentences; the same seed gives the same sentences."""

    def __init__(self, seed: int, *, drops_ends: bool = False) -> None:
        self._drops_ends = drops_ends
        self._random = random.Random(seed)
        self._templates = read_table(HERE / "sentences" / "templates.tsv")
        self._slots: dict[str, list[Row]] = defaultdict(list)
        for row in read_table(HERE / "sentences" / "slots.tsv"):
            for name in row.pop("slots").split():
                self._slots[name].append(row)
        # A pattern with more slots has more to learn, and copying digits is the hardest: they get more of the draws.
        self._weights = [
            1 + sum(2 if name in self._slots else 6 for name, _ in _SLOT.findall(template["en"]))
            for template in self._templates
        ]

    def draw(self) -> Row:
        """One filled pattern in all six languages."""
        template = self._random.choices(self._templates, self._weights)[0]
        fillers: dict[str, Row] = {}
        for match in _SLOT.finditer(template["en"]):
            name, twin = match.groups()
            filler = self._draw_filler(name)
            while twin and filler == fillers.get(name):
                filler = self._draw_filler(name)
            fillers[name + twin] = filler
        return {tag: _capitalize(self._fill(template[tag], fillers, tag)) for tag in TAGS}

    def draw_variants(self) -> Row:
        """Like :meth:`draw`, sometimes without its closing mark (Thai has none: there English must keep it, or a
        question could not be told from a title), sometimes two sentences in one text."""
        row = self.draw()
        chance = self._random.random()
        if chance < 0.08 and self._drops_ends:
            return {tag: text.rstrip(_ENDS) for tag, text in row.items()}
        if 0.08 <= chance < 0.12:
            more = self.draw()
            return {tag: f"{text}{'' if tag in _NO_GAP else ' '}{more[tag]}" for tag, text in row.items()}
        return row

    def _draw_filler(self, name: str) -> Row:
        if name in self._slots:
            return self._random.choice(self._slots[name])
        if name == "money":
            return self._draw_money()
        if name == "clock":
            text = (
                f"{self._random.randint(7, 21)}:{self._random.choice(('00', '10', '15', '20', '30', '40', '45', '50'))}"
            )
        elif name == "year":
            text = str(self._random.randint(2018, 2034))
        elif name == "hotline":
            text = str(self._random.choice((113, 110, 1955, 1990, 1922, self._random.randint(1000, 9999))))
        elif name in _FREE_NUMBERS and self._random.random() < 0.3:
            text = str(self._draw_number(self._random.randint(2, 4)))
        else:
            text = str(self._random.randint(*_NUMBERS[name]))
        return dict.fromkeys(TAGS, text)

    def _draw_number(self, digits: int) -> int:
        """A number of so many digits; often of two digits only, because runs such as 1222 are the hardest to copy."""
        alphabet = self._random.sample("0123456789", 2) if self._random.random() < 0.3 else "0123456789"
        return int(self._random.choice("123456789") + "".join(self._random.choices(alphabet, k=digits - 1)))

    def _draw_money(self) -> Row:
        """An amount; a quarter of the long ones grouped by thousands as each language writes it."""
        value = self._draw_number(self._random.randint(2, 6))
        if self._random.random() < 0.3:
            value = max(100, value // 100 * 100)
        if value < 1000 or self._random.random() < 0.75:
            return dict.fromkeys(TAGS, str(value))
        grouped = f"{value:,}"
        return {tag: grouped.replace(",", ".") if tag in _DECIMAL_POINT_GROUPS else grouped for tag in TAGS}

    @staticmethod
    def _fill(pattern: str, fillers: dict[str, Row], tag: str) -> str:
        return _SLOT.sub(lambda match: fillers[match.group(1) + match.group(2)][tag], pattern)


def is_held_out(row: Row) -> bool:
    """Whether a drawn sentence is kept out of training (one in twenty, by content, the same in every run)."""
    return zlib.crc32(row["en"].encode()) % 20 == 0


def draw_training(seed: int, count: int, *, drops_ends: bool) -> Iterator[Row]:
    """``count`` sentences to learn from, none of them held out."""
    corpus = Corpus(seed, drops_ends=drops_ends)
    fixed = [row for row in corpus._templates if not _SLOT.search(row["en"])]
    yield from ({tag: row[tag] for tag in TAGS} for row in fixed)
    drawn = len(fixed)
    while drawn < count:
        row = corpus.draw_variants()
        if not is_held_out(row):
            drawn += 1
            yield row


def draw_held_out(seed: int, count: int) -> list[Row]:
    """``count`` different sentences with slots that training never sees."""
    corpus = Corpus(seed)
    fixed = {row["en"] for row in corpus._templates}
    found: dict[str, Row] = {}
    while len(found) < count:
        row = corpus.draw()
        if is_held_out(row) and row["en"] not in fixed:
            found[row["en"]] = row
    return list(found.values())


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]
