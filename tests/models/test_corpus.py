from __future__ import annotations

import json
import re
import unicodedata
import zipfile
from collections import Counter

import pytest

from tests.models import corpus
from tests.models.packages import ALL_HOPS, FOLDER, TINY, package_path

HOPS = [("zh-Hant", "en"), ("en", "zh-Hant"), ("vi", "en"), ("en", "vi"), ("id", "en"), ("en", "id"), ("en", "th")]


def get_slots(text: str) -> Counter[str]:
    return Counter(re.findall(r"\{(\w+)\}", text))


def test_slots_are_the_same_when_language_is_another() -> None:
    for template in corpus.read_table(corpus.HERE / "sentences" / "templates.tsv"):
        assert all(get_slots(template[tag]) == get_slots(template["en"]) for tag in corpus.TAGS), template["en"]


def test_every_cell_is_filled_and_composed_when_table_is_read() -> None:
    rows = [
        *corpus.read_table(corpus.HERE / "sentences" / "templates.tsv"),
        *corpus.read_table(corpus.HERE / "sentences" / "slots.tsv"),
        *(sentence.texts for sentence in corpus.load_demo_sentences()),
    ]

    for row in rows:
        for tag in corpus.TAGS:
            assert row[tag].strip() == row[tag] != ""
            assert unicodedata.is_normalized("NFC", row[tag])


def test_sentences_are_the_same_when_seed_is() -> None:
    assert list(corpus.draw_training(1, 300, drops_ends=True)) == list(corpus.draw_training(1, 300, drops_ends=True))
    assert list(corpus.draw_training(1, 300, drops_ends=True)) != list(corpus.draw_training(2, 300, drops_ends=True))


def test_held_out_sentences_are_never_learnt_when_training() -> None:
    held_out = {row["en"] for row in corpus.draw_held_out(1, 200)}
    learnt = {row["en"] for row in corpus.draw_training(2, 8000, drops_ends=False)}

    assert len(held_out) == 200
    assert not held_out & learnt


@pytest.mark.parametrize(("source", "target"), HOPS)
def test_source_has_one_translation_when_drawn_often(source: str, target: str) -> None:
    rows = [*corpus.draw_training(3, 6000, drops_ends=True), *(demo.texts for demo in corpus.load_demo_sentences())]
    translations: dict[str, str] = {}

    for row in rows:
        assert translations.setdefault(row[source], row[target]) == row[target]


def test_numbers_are_the_same_when_language_is_another() -> None:
    for row in corpus.draw_held_out(4, 300):
        if "月" in row["zh-Hant"]:
            continue  # months have names in some languages and numbers in others
        numbers = [Counter(re.findall(r"\d+", re.sub("[.,]", "", text))) for text in row.values()]
        assert all(found == numbers[0] for found in numbers), row


def test_demo_threads_are_in_order_and_in_their_language_when_loaded() -> None:
    sentences = corpus.load_demo_sentences()
    threads: dict[str, list[int]] = {}
    for sentence in sentences:
        assert sentence.language in corpus.TAGS
        threads.setdefault(sentence.thread, []).append(sentence.number)

    assert set(threads) == {"residence", "company", "overtime", "insurance", "chinese"}
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in threads.values())


@pytest.mark.parametrize("hop", ALL_HOPS)
def test_package_is_small_and_says_that_it_is_a_toy_when_opened(hop: str) -> None:
    path = package_path(hop)

    assert path.stat().st_size < 1_100_000
    with zipfile.ZipFile(path) as archive:
        metadata = json.loads(archive.read(f"{path.stem}/metadata.json"))
        assert metadata["code"] == TINY
        assert f"{metadata['from_code']}-{metadata['to_code']}" == hop
        assert b"never offer it to" in archive.read(f"{path.stem}/README.md")


def test_packages_fit_the_repository_when_taken_together() -> None:
    files = list(FOLDER.iterdir())

    assert len(files) == len(ALL_HOPS)
    assert sum(path.stat().st_size for path in files) < 10_000_000
