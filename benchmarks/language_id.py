"""How well and how fast languages are identified: ``python -m benchmarks.language_id FILE``.

FILE has lines ``language TAB text TAB source`` with a header; ``$QIAO_LANGUAGE_ID_FILE`` names one where no argument is
given. Labels beyond our tags: ``ms`` (Malay, read as Indonesian), ``vi-nodiac`` (Vietnamese without its marks);
``mix-zh-vi`` is right as either. Chinese without a character that only one variant uses is counted apart (``zh both``).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from translation.detection import detect_language
from translation.languages import LanguageTag
from translation.results import Detection
from translation.scripts import count_variants

LENGTHS = ("1-2 words", "3-5 words", "sentence")
EXPECTED: dict[str, frozenset[str]] = {
    "ms": frozenset({"id"}),
    "vi-nodiac": frozenset({"vi"}),
    "mix-zh-vi": frozenset({"zh-Hant", "vi"}),
    "zh both": frozenset({"zh-Hant", "zh-Hans"}),
}


def read_rows(path: Path) -> Iterator[tuple[str, str]]:
    """Label and text of each row."""
    with path.open(encoding="utf-8") as file:
        next(file)
        for line in file:
            label, text, *_ = line.rstrip("\n").split("\t")
            yield ("zh both" if label.startswith("zh") and count_variants(text) == (0, 0) else label), text


def name_length(text: str) -> str:
    """Words are what white space separates, so a Chinese, Thai or Khmer sentence often is "1-2 words"."""
    words = len(text.split())
    return LENGTHS[0] if words < 3 else LENGTHS[1] if words < 6 else LENGTHS[2]


def judge(label: str, found: Detection) -> str:
    if found.tag is LanguageTag.UND:
        return "not sure"
    return "right" if found.tag.value in EXPECTED.get(label, {label}) else "wrong"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=os.environ.get("QIAO_LANGUAGE_ID_FILE"))
    path = parser.parse_args().file
    if path is None or not Path(path).is_file():
        print(f"language_id: no test file at {path}; nothing was measured", file=sys.stderr)
        return 1
    rows = list(read_rows(Path(path)))
    detect_language("warm up: the model is read on the first call")
    outcomes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    started = time.perf_counter()
    found = [detect_language(text) for _, text in rows]
    seconds = time.perf_counter() - started
    for (label, text), detection in zip(rows, found, strict=True):
        outcome = judge(label, detection)
        outcomes[label, name_length(text)][outcome] += 1
        outcomes["all", "any"][outcome] += 1
    print(f"{'language':<12}{'length':<12}{'texts':>7}{'right %':>10}{'wrong %':>10}{'not sure %':>12}")
    for (label, length), counts in sorted(outcomes.items()):
        right, wrong, unsure = (100 * counts[outcome] / counts.total() for outcome in ("right", "wrong", "not sure"))
        print(f"{label:<12}{length:<12}{counts.total():>7}{right:>10.2f}{wrong:>10.2f}{unsure:>12.2f}")
    print(f"{1e6 * seconds / len(rows):.0f} µs a text on average")
    return 0


if __name__ == "__main__":
    sys.exit(main())
