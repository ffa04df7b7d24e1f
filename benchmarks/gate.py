"""How well the gate tells good translations from wrong ones, and what each check costs: ``python -m benchmarks.gate``.

Good pairs, in all thirty directions: ``benchmarks/data/gate`` (sentences and one-word answers written for this), the
demo conversations and sentence patterns of ``tests/models``. Wrong ones: the same with one seeded error each
(:mod:`benchmarks.gate_errors`). Rows are split in halves by a digest: rules were tuned on ``development`` only, and
the figures to report are those of ``held-out``. *Held* is what a reader never sees; *warned* goes out with a warning to
interpreters.
"""

from __future__ import annotations

import argparse
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import gate_errors as errors
from benchmarks.gate_errors import Case
from tests.models.corpus import TAGS, Corpus, Row, load_demo_sentences, read_table
from translation.checks.base import CheckInput
from translation.checks.run import CHECKS
from translation.gate import decide_machine
from translation.languages import LanguageTag
from translation.mentions import forget_mentions
from translation.results import Finding

DATA: Final = Path(__file__).parent / "data" / "gate"
HALVES: Final = ("development", "held-out")
_PATTERNS: Final = 120
_TIMED: Final = 200


#: Name of the class, of which kinds a row must be (any; none is every row), whether a rule can see it, what makes it.
CLASSES: Final[tuple[tuple[str, frozenset[str], bool, errors.Mutation], ...]] = (
    ("number changed", frozenset({"number"}), True, errors.change_number),
    ("digit dropped", frozenset({"number", "money"}), True, errors.drop_digit),
    ("digit added", frozenset({"number", "money"}), True, errors.add_digit),
    ("number lost", frozenset({"number"}), True, errors.lose_number),
    ("scale changed", frozenset({"number", "money"}), True, errors.change_scale),
    ("amount changed", frozenset({"money"}), True, errors.change_number),
    ("currency changed", frozenset({"money"}), True, errors.change_currency),
    ("date shifted", frozenset({"date"}), True, errors.change_number),
    ("month shifted", frozenset({"date"}), True, errors.shift_month),
    ("month and day swapped", frozenset({"date"}), True, errors.swap_day_and_month),
    ("era forgotten", frozenset({"date"}), True, errors.forget_era),
    ("weekday changed", frozenset({"date"}), True, errors.change_weekday),
    ("time changed", frozenset({"time"}), True, errors.change_number),
    ("phone digit changed", frozenset({"phone"}), True, errors.change_phone),
    ("hotline changed", frozenset({"phone"}), True, errors.change_hotline),
    ("link changed", frozenset({"link"}), True, errors.change_link),
    ("link lost", frozenset({"link"}), True, errors.lose_link),
    ("code: digit changed", frozenset({"code"}), True, errors.change_code),
    ("code: letter changed", frozenset({"code"}), True, errors.change_code_letter),
    ("code lost", frozenset({"code"}), True, errors.lose_code),
    ("name misspelled", frozenset({"name"}), True, errors.misspell_name),
    ("name replaced", frozenset({"name"}), True, errors.replace_name_among_others),
    ("name replaced, Latin script", frozenset({"name"}), False, errors.replace_name_in_latin),
    ("negation dropped", frozenset({"negation"}), True, errors.drop_negation),
    ("negation added", frozenset({"plain", "number", "date", "money", "yes"}), False, errors.add_negation),
    ("yes and no swapped", frozenset({"yes", "no"}), True, errors.flip_answer),
    ("other language, other script", frozenset(), True, errors.write_other_language),
    ("other language, Latin", frozenset(), True, errors.write_other_latin),
    ("other language, few words", frozenset(), False, errors.write_few_other_latin),
    ("Vietnamese without marks", frozenset(), True, errors.write_bare_vietnamese),
    ("source copied", frozenset(), True, errors.copy_source),
    ("most dropped", frozenset(), True, errors.drop_most),
    ("half dropped", frozenset(), False, errors.drop_half),
    ("loop", frozenset(), True, errors.loop),
    ("said twice", frozenset(), True, errors.say_twice),
    ("Simplified characters", frozenset(), True, errors.simplify),
    ("placeholder left", frozenset(), True, errors.leave_placeholder),
    ("number invented", frozenset(), True, errors.invent_number),
    ("sentence invented", frozenset(), False, errors.invent_words),
)


@dataclass(frozen=True)
class Text:
    """One row in all six languages and what it is about."""

    kinds: frozenset[str]
    texts: Row
    origin: str

    @property
    def half(self) -> str:
        return HALVES[zlib.crc32(self.texts["zh-Hant"].encode()) % 2]


@dataclass
class Tally:
    held: int = 0
    warned: int = 0
    total: int = 0

    def __str__(self) -> str:
        return f"{100 * self.held / self.total:.1f}" if self.total else "-"


def read_texts(half: str) -> list[Text]:
    texts = [Text(frozenset(row.pop("kinds").split()), row, "sentences") for row in read_table(DATA / "sentences.tsv")]
    texts += [Text(frozenset(), dict(row.texts), "demo conversations") for row in load_demo_sentences()]
    corpus = Corpus(seed=7)
    texts += [Text(frozenset(), corpus.draw(), "sentence patterns") for _ in range(_PATTERNS)]
    return [text for text in texts if text.half == half]


def read_answers() -> list[tuple[str, Row]]:
    """One-word answers: too few to be split."""
    return [(row.pop("meaning"), row) for row in read_table(DATA / "answers.tsv")]


def list_cases(texts: Sequence[Text]) -> Iterator[tuple[Text, Case]]:
    for text in texts:
        for source in TAGS:
            for target in TAGS:
                if source != target:
                    yield text, Case(text.kinds, source, target, text.texts)


def make_input(case: Case, target: str) -> CheckInput:
    return CheckInput(case.source, target, LanguageTag(case.source_tag), LanguageTag(case.target_tag))


def judge(case: Case, target: str) -> tuple[bool, tuple[Finding, ...]]:
    """Whether it is held, and what was found."""
    decision = decide_machine(make_input(case, target))
    return not decision.is_published, decision.findings


def measure_good(texts: Sequence[Text], *, shown: int) -> None:
    by_pair: defaultdict[tuple[str, str], Tally] = defaultdict(Tally)
    by_origin: defaultdict[str, Tally] = defaultdict(Tally)
    codes: Counter[str] = Counter()
    examples: list[str] = []
    cases = [(text.origin, case) for text, case in list_cases(texts)]
    cases += [
        ("one-word answers", Case(frozenset(), source, target, row))
        for _, row in read_answers()
        for source in TAGS
        for target in TAGS
        if source != target
    ]
    for origin, case in cases:
        is_held, findings = judge(case, case.target)
        for tally in (by_pair[case.source_tag, case.target_tag], by_origin[origin], by_origin["all"]):
            tally.total += 1
            tally.held += is_held
            tally.warned += bool(findings) and not is_held
        codes.update({finding.code for finding in findings if is_held})
        if is_held:
            marks = ", ".join(f"{finding.code} {'/'.join(finding.detail)}" for finding in findings)
            examples.append(f"      {case.source_tag}>{case.target_tag} {case.source} | {case.target} | {marks}")
    print("  good pairs: % held (false holds), % with a warning only")
    for origin, tally in by_origin.items():
        print(f"    {origin:<22}{tally.total:>7}{tally!s:>8}{100 * tally.warned / tally.total:>8.1f}")
    print(f"    held for: {', '.join(f'{code} {count}' for code, count in codes.most_common()) or 'nothing'}")
    print(f"    % held by pair, source down, target across\n{'':<12}" + "".join(f"{tag:>9}" for tag in TAGS))
    for source in TAGS:
        print(f"    {source:<8}" + "".join(f"{by_pair[source, target]!s:>9}" for target in TAGS))
    print("\n".join(examples[:shown]))


def measure_errors(texts: Sequence[Text], *, shown: int, only: str) -> None:
    print("\n  seeded errors: % held by target language, all, and warned only")
    print(f"    {'':<30}{'n':>6}" + "".join(f"{tag:>9}" for tag in TAGS) + f"{'all':>9}{'warned':>8}")
    sums = {True: Tally(), False: Tally()}
    cases = [case for _, case in list_cases(texts)]
    for name, kinds, is_visible, mutate in CLASSES:
        if only and only != name:
            continue
        by_target: defaultdict[str, Tally] = defaultdict(Tally)
        missed: list[str] = []
        for case in cases:
            if kinds and not kinds & case.kinds:
                continue
            for target in mutate(case):
                if target == case.target:
                    continue
                is_held, findings = judge(case, target)
                for tally in (by_target[case.target_tag], by_target["all"], sums[is_visible]):
                    tally.total += 1
                    tally.held += is_held
                    tally.warned += bool(findings) and not is_held
                if not is_held:
                    missed.append(f"      {case.source_tag}>{case.target_tag} {case.source} | {target}")
        _print_class(name if is_visible else f"({name})", by_target)
        step = max(1, len(missed) // shown) if shown else 1
        print("".join(f"{line}\n" for line in missed[::step][:shown]), end="")
    if not only:
        _measure_answers(sums[True], shown)
        print("    in brackets: no rule can surely see it; what is seen is seen by length and numbers")
        for is_visible, label in ((True, "all that a rule can see"), (False, "the others")):
            tally = sums[is_visible]
            print(f"    {label:<30}{tally.total:>6}{'':>54}{tally!s:>9}{100 * tally.warned / tally.total:>8.1f}")


def _measure_answers(sums: Tally, shown: int) -> None:
    answers = read_answers()
    by_target: defaultdict[str, Tally] = defaultdict(Tally)
    missed = []
    for meaning, row in answers:
        for other, wrong in answers:
            if other == meaning:
                continue
            for source in TAGS:
                for target in TAGS:
                    if source == target:
                        continue
                    is_held, findings = judge(Case(frozenset(), source, target, row), wrong[target])
                    for tally in (by_target[target], by_target["all"], sums):
                        tally.total += 1
                        tally.held += is_held
                        tally.warned += bool(findings) and not is_held
                    if not is_held:
                        missed.append(f"      {source}>{target} {row[source]} | {wrong[target]}")
    _print_class("one-word answer flipped", by_target)
    print("".join(f"{line}\n" for line in missed[:shown]), end="")


def _print_class(name: str, by_target: dict[str, Tally]) -> None:
    every = by_target.get("all", Tally())
    warned = f"{100 * every.warned / every.total:.1f}" if every.total else "-"
    cells = "".join(f"{by_target.get(tag, Tally())!s:>9}" for tag in (*TAGS, "all"))
    print(f"    {name:<30}{every.total:>6}{cells}{warned:>8}")


def measure_speed(texts: Sequence[Text]) -> None:
    """Each check with what it reads first, on texts that nobody has read before; the whole gate also with one text
    after the other into five languages, as a worker does it."""
    cases = [case for _, case in list_cases(texts)]
    spread = cases[:: max(1, len(cases) // _TIMED)][:_TIMED]
    letters = sum(len(case.source) + len(case.target) for case in spread)
    print(f"\n  µs a pair, {len(spread)} pairs of {letters / len(spread):.0f} characters on average, best of five")
    for check in CHECKS:
        print(f"    {type(check).__name__:<36}{_time_best(spread, check.check):>8.0f}")
    print(f"    {'the whole gate':<36}{_time_best(spread, decide_machine):>8.0f}")
    print(f"    {'the same, a text into five languages':<36}{_time_best(cases[:_TIMED], decide_machine):>8.0f}")


def _time_best(cases: Sequence[Case], run: Callable[[CheckInput], object]) -> float:
    best = float("inf")
    for _ in range(5):
        forget_mentions()
        pairs = [make_input(case, case.target) for case in cases]
        started = time.process_time()
        for pair in pairs:
            run(pair)
        best = min(best, time.process_time() - started)
    return 1e6 * best / len(cases)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=HALVES, default="held-out")
    parser.add_argument(
        "--show", type=int, default=0, metavar="N", help="so many false holds, and misses of each class"
    )
    parser.add_argument("--only", default="", metavar="CLASS", help="this class of errors only")
    given = parser.parse_args()
    texts = read_texts(given.half)
    print(f"gate, {given.half} half: {len(texts)} texts in six languages")
    measure_good(texts, shown=given.show)
    measure_errors(texts, shown=given.show, only=given.only)
    measure_speed(texts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
