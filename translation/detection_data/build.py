"""Derives the data files of language identification: ``python -m translation.detection_data.build``.

Needs the development dependency ``wordfreq`` (word frequencies) and OpenCC's dictionaries; the product reads only the
files written here. ``README.md`` in this folder has their licences. The result depends on nothing but those two.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Final

import wordfreq

from translation.detection_latin import ALPHABET, BOUNDARY, COST_OFFSET, COST_STEP, MODEL_FILE, NO_COST, fold_word

FOLDER: Final = Path(__file__).parent

#: The word lists of each candidate, merged. Malay is read as Indonesian: there is no answer "Malay", and half of the
#: two is the same.
SOURCES: Final[dict[str, tuple[str, ...]]] = {"en": ("en",), "id": ("id", "ms"), "vi": ("vi",), "und": ("fil",)}
WORDS_KEPT: Final[dict[str, int]] = {"en": 20_000, "id": 20_000, "vi": 20_000, "und": 6_000}
#: How far one order of the letter model leans on the next lower one.
BACK_OFF: Final = 0.002

# Simplified by OpenCC's tables, and yet everyday writing in Taiwan, beyond its Taiwan variants: 雇主, 晒, 發霉…
_ALSO_TAIWANESE: Final = frozenset("雇晒霉肴虱昵")
_WORD: Final = re.compile(rf"[{re.escape(ALPHABET)}]+")


def read_words(languages: Iterable[str]) -> dict[str, float]:
    """Frequency of each folded word in whichever of the lists has it most."""
    merged: dict[str, float] = {}
    for language in languages:
        size = "large" if language in wordfreq.available_languages("large") else "small"
        counts: defaultdict[str, float] = defaultdict(float)
        for entry, probability in wordfreq.get_frequency_dict(language, wordlist=size).items():
            for word in entry.split():
                folded = fold_word(word)
                # Only Vietnamese is written with marks; elsewhere they are a foreign word's.
                if _WORD.fullmatch(folded) and (language == "vi" or word.isascii()):
                    counts[folded] += probability
        merged.update({word: max(count, merged.get(word, 0.0)) for word, count in counts.items()})
    return merged


def keep_most_frequent(words: Mapping[str, float], size: int) -> dict[str, float]:
    kept = dict(sorted(words.items(), key=lambda item: (-item[1], item[0]))[:size])
    total = sum(kept.values())
    return {word: probability / total for word, probability in kept.items()}


def read_candidates() -> dict[str, dict[str, float]]:
    """Word probabilities by candidate. Filipino is full of English: only words more its own than others' count."""
    words = {candidate: read_words(sources) for candidate, sources in SOURCES.items()}
    words["und"] = {
        word: probability
        for word, probability in words["und"].items()
        if probability > max(others.get(word, 0.0) for candidate, others in words.items() if candidate != "und")
    }
    return {candidate: keep_most_frequent(known, WORDS_KEPT[candidate]) for candidate, known in words.items()}


def count_letters(words: Mapping[str, float]) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Weighted counts of letter sequences up to three, and of their contexts. Square roots let rare words speak."""
    grams: defaultdict[str, float] = defaultdict(float)
    contexts: defaultdict[str, float] = defaultdict(float)
    for word, probability in words.items():
        weight = math.sqrt(probability)
        padded = BOUNDARY * 2 + word + BOUNDARY
        for end in range(2, len(padded)):
            for order in range(3):
                grams[padded[end - order : end + 1]] += weight
                contexts[padded[end - order : end]] += weight
    return grams, contexts


def weigh_trigrams(words: Mapping[str, float]) -> list[float]:
    """Log-probability of each letter after each two, in the order of ``product(symbols, repeat=3)``, backed off."""
    grams, contexts = count_letters(words)
    symbols = ALPHABET + BOUNDARY
    logs = []
    for trigram in map("".join, product(symbols, repeat=3)):
        probability = 1 / len(symbols)
        for order in range(3):
            gram = trigram[2 - order :]
            probability = (grams[gram] + BACK_OFF * probability) / (contexts[gram[:-1]] + BACK_OFF)
        logs.append(math.log(probability))
    return logs


def encode_costs(log_probabilities: Iterable[float | None]) -> str:
    """One printable character for each log-probability; None is a word that the language does not know."""
    return "".join(
        NO_COST if value is None else chr(COST_OFFSET + min(93, round(-value / COST_STEP)))
        for value in log_probabilities
    )


def build_latin_model() -> bytes:
    """The compressed model of English, Indonesian and Vietnamese without its marks."""
    words = read_candidates()
    vocabulary = sorted(set().union(*words.values()))
    model = {
        "attribution": "Derived from wordfreq (Robyn Speer) and its sources; CC BY-SA 4.0; see README.md.",
        "words": " ".join(vocabulary),
        "costs": {
            language: encode_costs(math.log(known[word]) if word in known else None for word in vocabulary)
            for language, known in words.items()
        },
        "trigrams": {language: encode_costs(weigh_trigrams(known)) for language, known in words.items()},
    }
    return gzip.compress(json.dumps(model, ensure_ascii=True, separators=(",", ":")).encode("ascii"), mtime=0)


def read_opencc(name: str) -> dict[str, set[str]]:
    """One of OpenCC's character tables: a character and what it may become."""
    lines = resources.files("opencc").joinpath("dictionary", f"{name}.txt").read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line)
    return {char: set(options.split()) for char, options in pairs}


def build_chinese_variants() -> str:
    """Characters of one variant that the other never uses: converted to something else, and never converted to."""
    to_traditional, to_simplified = read_opencc("STCharacters"), read_opencc("TSCharacters")
    taiwanese = set().union(*read_opencc("TWVariants").values()) | _ALSO_TAIWANESE

    def only(table: Mapping[str, set[str]], back: Mapping[str, set[str]]) -> set[str]:
        changed = {char for char, options in table.items() if char not in options}
        return changed - set(back) - set().union(*table.values())

    variants = {
        "attribution": "Derived from OpenCC's character tables; Apache-2.0; see README.md.",
        "traditional": "".join(sorted(only(to_simplified, to_traditional))),
        "simplified": "".join(sorted(only(to_traditional, to_simplified) - taiwanese)),
    }
    return unicodedata.normalize("NFC", json.dumps(variants, ensure_ascii=False, indent=1)) + "\n"


def main() -> None:
    (FOLDER / MODEL_FILE).write_bytes(build_latin_model())
    (FOLDER / "chinese_variants.json").write_text(build_chinese_variants(), "utf-8")


if __name__ == "__main__":
    main()
