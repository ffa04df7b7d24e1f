"""The starter glossary as it is shipped: every cell in its language's script, every concept with a source."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Final
from urllib.parse import urlsplit

import pytest
import regex

from app.forum.starter import COUNTRIES, FACETS, LIVING, to_country_slug
from translation.glossary.drafts import ConceptDraft, ConceptInvalidError, TermDraft, clean_draft
from translation.glossary.folding import fold_term
from translation.glossary.models import TermStatus
from translation.languages import LanguageTag
from translation.scripts import Script, find_simplified, share_by_script

LANGUAGES: Final = ("zh-Hant", "en", "vi", "id", "th", "km")
COLUMNS: Final = ("key", "category", "source_url", "do_not_translate", *LANGUAGES, "note")
CATEGORIES: Final = frozenset(slug for slug, _ in LIVING) | frozenset(
    to_country_slug(country, facet) for country in COUNTRIES for facet, _ in FACETS
)
#: Topics that are a subject; whoever doesn't know hers needs no words of its own.
SUBJECTS: Final = frozenset(slug for slug, _ in LIVING) - {"dont-know"}
SCRIPTS: Final = {
    "zh-Hant": Script.HAN,
    "en": Script.LATIN,
    "vi": Script.LATIN,
    "id": Script.LATIN,
    "th": Script.THAI,
    "km": Script.KHMER,
}
#: Besides what the government runs: bodies that the law names, international ones, and those whose own name it is.
AUTHORITIES: Final = frozenset(
    {
        "asean.org",
        "line.me",
        "pay.line.me",
        "tocfl.edu.tw",
        "www.edu.tw",
        "www.facebook.com",
        "www.laf.org.tw",
        "www.taitra.org.tw",
        "www.whatsapp.com",
        "www.youbike.com.tw",
        "zalo.me",
    }
)
_KEY: Final = regex.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LAW: Final = regex.compile(r"https://law\.moj\.gov\.tw/LawClass/LawAll\.aspx\?pcode=[A-Z]\d{7}")
_LATIN_WORD: Final = regex.compile(r"\p{Latin}+")
#: A letter, its subscripts and shifter, one vowel, its signs; ``ៗ`` repeats a word.
_KHMER_WORDS: Final = regex.compile(
    r"(?:[\u1780-\u17A2\u17A5-\u17B3]\u17CC?[\u17C9\u17CA]?(?:\u17D2[\u1780-\u17A2]){0,2}[\u17C9\u17CA]?[\u17B6-\u17C5]?"
    r"[\u17C6-\u17C8\u17CB\u17CD-\u17D0]*|\u17D7|[ 0-9A-Za-z])+"
)
#: A sign without its letter, two vowels or tones on one letter, and what looks like another sign in two halves.
_BAD_THAI: Final = regex.compile(
    r"(?:^|[ \u0E40-\u0E44])[\u0E30-\u0E3A\u0E47-\u0E4E]|\u0E40\u0E40|\u0E4D[\u0E48-\u0E4B]?\u0E32"
    r"|[\u0E48-\u0E4B]{2}|[\u0E31\u0E34-\u0E39]{2}"
)
_VIETNAMESE: Final = regex.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1EA0-\u1EF9àáãèéìíòóõùúýĩũ]")

Row = Mapping[str, str]


def read_rows() -> list[dict[str, str]]:
    with resources.files("translation.glossary").joinpath("starter.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))


ROWS: Final = read_rows()


def list_variants(row: Row, language: str) -> list[tuple[str, TermStatus]]:
    """Each variant of a cell, as it is written, and how it may be used."""
    variants = []
    for place, written in enumerate(row[language].split(" | ")):
        if written.startswith("!"):
            variants.append((written.removeprefix("!"), TermStatus.FORBIDDEN))
        else:
            variants.append((written, TermStatus.PREFERRED if place == 0 else TermStatus.ADMITTED))
    return variants


def list_permitted(row: Row, language: str) -> list[str]:
    return [text for text, status in list_variants(row, language) if status is not TermStatus.FORBIDDEN]


def list_script_errors(row: Row) -> Iterator[str]:
    """Variants that are not written in their language. A Latin word inside another script must be a short form or a
    proper name that is English for the same concept (ATM, TOCFL)."""
    english = {word for text in list_permitted(row, "en") for word in _LATIN_WORD.findall(text) if not word.islower()}
    for language in LANGUAGES:
        for text, _ in list_variants(row, language):
            own, found = SCRIPTS[language], set(share_by_script(text))
            borrowed = set() if own is Script.LATIN else set(_LATIN_WORD.findall(text))
            if not found or not found <= {own, Script.LATIN} or not borrowed <= english:
                yield f"{language}: {text} is not {own}"
            if language in {"en", "id"} and not text.isascii():
                yield f"{language}: {text} has letters of another language"
            if language == "zh-Hant" and (simplified := find_simplified(text)):
                yield f"{language}: {text} has {simplified}"


def list_spelling_errors(row: Row) -> Iterator[str]:
    """What no keyboard for Thai or Khmer should have produced."""
    for text, _ in list_variants(row, "th"):
        if _BAD_THAI.search(text):
            yield f"th: {text}"
    for text, _ in list_variants(row, "km"):
        if not _KHMER_WORDS.fullmatch(text):
            yield f"km: {text}"


def list_source_errors(row: Row) -> Iterator[str]:
    """Why the source is not one that anybody should trust."""
    parts = urlsplit(row["source_url"])
    host = parts.hostname or ""
    if parts.scheme != "https":
        yield "not https"
    if not host.endswith(".gov.tw") and host not in AUTHORITIES:
        yield f"{host} is no authority"
    if host == "law.moj.gov.tw" and not _LAW.fullmatch(row["source_url"]):
        yield "not the page of a law"


def make_row(**cells: str) -> dict[str, str]:
    """A good row, with other cells where a test wants them."""
    return dict(ROWS[0]) | {name.replace("zh_Hant", "zh-Hant"): cell for name, cell in cells.items()}


def test_file_has_the_columns_in_order_and_no_blank_or_broken_line() -> None:
    text = resources.files("translation.glossary").joinpath("starter.tsv").read_text("utf-8")
    lines = text.split("\n")
    assert lines[0].split("\t") == list(COLUMNS)
    assert lines[-1] == ""
    assert all(line.count("\t") == len(COLUMNS) - 1 for line in lines[:-1])
    assert "\r" not in text
    assert '"' not in text
    assert not text.startswith("\ufeff")


def test_keys_are_slugs_and_none_stands_twice() -> None:
    assert [row["key"] for row in ROWS if not _KEY.fullmatch(row["key"])] == []
    assert [key for key, count in Counter(row["key"] for row in ROWS).items() if count > 1] == []


def test_at_least_three_hundred_concepts_are_named_in_all_six_languages() -> None:
    assert all(row[language].strip() for row in ROWS for language in LANGUAGES)
    assert len(ROWS) >= 300


def test_every_subject_has_fifteen_terms_and_every_category_exists() -> None:
    counts = Counter(row["category"] for row in ROWS)
    assert set(counts) - {""} <= CATEGORIES
    assert {slug for slug in SUBJECTS if counts[slug] < 15} == set()


def test_ten_concepts_or_more_say_which_words_hurt_or_are_out_of_date() -> None:
    forbidding = [
        row["key"]
        for row in ROWS
        if any(status is TermStatus.FORBIDDEN for language in LANGUAGES for _, status in list_variants(row, language))
    ]
    assert len(forbidding) >= 10
    assert {"migrant-worker", "missing-migrant-worker", "new-immigrant", "person-with-disabilities"} <= set(forbidding)


def test_every_concept_is_stored_as_it_stands_in_the_file() -> None:
    for row in ROWS:
        draft = make_draft(row)
        assert clean_draft(draft).terms == draft.terms, row["key"]


def test_flags_are_flags_and_notes_are_short_and_english() -> None:
    assert {row["do_not_translate"] for row in ROWS} == {"0", "1"}
    assert [row["key"] for row in ROWS if not row["note"].isascii() or len(row["note"]) > 120] == []


def make_draft(row: Row) -> ConceptDraft:
    terms = tuple(
        TermDraft(LanguageTag(language), text, status)
        for language in LANGUAGES
        for text, status in list_variants(row, language)
    )
    return ConceptDraft(row["key"], row["source_url"], terms, row["category"] or None, row["note"] or None)


@pytest.mark.parametrize("cell", ["thẻ cư trú | ", "x", "thẻ cư trú |thẻ", "thẻ | !thẻ"])
def test_cell_that_cannot_be_stored_is_caught(cell: str) -> None:
    with pytest.raises(ConceptInvalidError):
        clean_draft(make_draft(make_row(vi=cell)))


def test_every_cell_is_written_in_its_language() -> None:
    assert [(row["key"], error) for row in ROWS for error in list_script_errors(row)] == []


def test_every_thai_and_khmer_cell_is_well_formed() -> None:
    assert [(row["key"], error) for row in ROWS for error in list_spelling_errors(row)] == []


@pytest.mark.parametrize(
    ("language", "cell"),
    [
        ("zh-Hant", "居留证"),
        ("zh-Hant", "居留證 card"),
        ("en", "carte de séjour"),
        ("en", "residence 居留"),
        ("vi", "ใบถิ่นที่อยู่"),
        ("id", "thẻ cư trú"),
        ("th", "ប័ណ្ណស្នាក់នៅ"),
        ("th", "ใบ residence"),
        ("km", "ใบถิ่นที่อยู่"),
        ("km", "ប័ណ្ណ card"),
        ("km", "residence card"),
    ],
)
def test_cell_in_another_language_is_caught(language: str, cell: str) -> None:
    assert list(list_script_errors({**ROWS[0], language: cell}))


@pytest.mark.parametrize(
    ("language", "cell"),
    [
        ("th", "ำใบ"),
        ("th", "เเรงงาน"),
        ("th", "ทํางาน"),
        ("th", "ที่่อยู่"),
        ("km", "្ណប័"),
        ("km", "ប័ណ្ស្នាក់ិី"),
        ("km", "ាការ"),
    ],
)
def test_misspelt_thai_and_khmer_is_caught(language: str, cell: str) -> None:
    assert list(list_spelling_errors({**ROWS[0], language: cell}))


def test_most_vietnamese_cells_have_vietnamese_letters() -> None:
    marked = [row for row in ROWS if _VIETNAMESE.search(row["vi"])]
    assert len(marked) / len(ROWS) >= 0.95


def test_every_source_is_an_authority() -> None:
    assert [(row["key"], error) for row in ROWS for error in list_source_errors(row)] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://www.immigration.gov.tw/",
        "https://immigration.gov.tw.example.com/",
        "https://example.org/arc",
        "https://law.moj.gov.tw/",
        "https://law.moj.gov.tw/LawClass/LawAll.aspx?pcode=D30001",
    ],
)
def test_source_that_is_no_authority_is_caught(url: str) -> None:
    assert list(list_source_errors(make_row(source_url=url)))


def test_no_cell_says_the_same_twice() -> None:
    assert [
        (row["key"], language)
        for row in ROWS
        for language in LANGUAGES
        if max(Counter(fold_term(text) for text, _ in list_variants(row, language)).values()) > 1
    ] == []


def test_no_word_names_two_concepts() -> None:
    # Which of two meanings would be meant, nobody could say.
    names = Counter((tag, fold_term(text)) for row in ROWS for tag in LANGUAGES for text in list_permitted(row, tag))
    kept = {fold_term(row["en"]) for row in ROWS if row["do_not_translate"] == "1"}
    assert [name for name, count in names.items() if count > 1 and name[1] not in kept] == []


def test_no_concept_uses_a_word_that_another_forbids() -> None:
    forbidden = {
        (tag, fold_term(text))
        for row in ROWS
        for tag in LANGUAGES
        for text, status in list_variants(row, tag)
        if status is TermStatus.FORBIDDEN
    }
    used = {(tag, fold_term(text)) for row in ROWS for tag in LANGUAGES for text in list_permitted(row, tag)}
    assert forbidden & used == set()


def test_no_forbidden_word_is_part_of_a_permitted_one_of_the_same_concept() -> None:
    assert [
        (row["key"], forbidden)
        for row in ROWS
        for tag in LANGUAGES
        for forbidden, status in list_variants(row, tag)
        if status is TermStatus.FORBIDDEN
        for permitted in list_permitted(row, tag)
        if fold_term(forbidden) in fold_term(permitted)
    ] == []


def test_a_name_that_is_not_translated_is_the_same_everywhere() -> None:
    kept = [row for row in ROWS if row["do_not_translate"] == "1"]
    assert "line" in {row["key"] for row in kept}
    assert [row["key"] for row in kept if len({row[language] for language in LANGUAGES}) != 1] == []
