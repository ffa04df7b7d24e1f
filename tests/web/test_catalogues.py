"""The six catalogues: every text for people is marked, extracted and translated, and can't break the page it is put in.

The texts are extracted with the command line of ``make locales``, so the two can't part.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import PoFileError, read_po, write_po
from jinja2 import Environment

from app.core.catalogue import LOCALES_DIR, to_babel_locale
from app.web.i18n import LOCALES
from bots.line import texts
from bots.line.messages import CARD_LABEL, QUICK_REPLY_LABEL
from bots.line.units import cut_to_clusters
from translation.detection import detect_language
from translation.scripts import Script, find_simplified, share_by_script

ROOT: Final = Path(__file__).resolve().parents[2]
SCRIPTS: Final = {"zh_Hant": Script.HAN, "th": Script.THAI, "km": Script.KHMER}
#: A translation in another script may have a foreign word, but is not made of them.
OWN_SCRIPT: Final = 0.6
#: Names that stay in Latin letters everywhere.
NAMES: Final = re.compile(r"\b(?:Qiao|LINE|ID)\b")
PLACEHOLDER: Final = re.compile(r"%\(\w+\)[a-z]")
#: Translations are put into HTML and into attributes as they are.
MARKUP: Final = re.compile(r"[<>&\"]")

each_catalogue = pytest.mark.parametrize("name", [to_babel_locale(locale) for locale in LOCALES])


def read_recipe() -> str:
    """The recipe of ``make locales``."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    found = re.search(r"^locales:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert found
    return found[1]


@cache
def extract_messages() -> Catalog:
    """What ``make locales`` finds in the code and in the templates."""
    keywords = {**DEFAULT_KEYWORDS, **parse_keywords(re.findall(r"-k (\S+)", read_recipe()))}
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    catalogue = Catalog()
    for _file, _line, message, comments, _context in extract_from_dir(
        ROOT, methods, options, keywords=keywords, comment_tags=("Translators:",)
    ):
        catalogue.add(message, None, auto_comments=comments)
    return catalogue


def read_catalogue(name: str) -> Catalog:
    with (LOCALES_DIR / name / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=name, abort_invalid=True)


def list_forms(text: object) -> list[str]:
    """The one text of a message, or all forms of one with a plural."""
    return [str(form) for form in text] if isinstance(text, list | tuple) else [str(text or "")]


def list_messages(catalogue: Catalog) -> dict[str, Message]:
    """The messages by their first English text, without the header."""
    return {list_forms(message.id)[0]: message for message in catalogue if message.id}


def find_faults(catalogue: Catalog, template: Catalog) -> list[str]:
    """What is wrong with a catalogue, as "what: English text"."""
    wanted, given = list_messages(template), list_messages(catalogue)
    faults = [f"missing: {msgid}" for msgid in wanted.keys() - given.keys()]
    faults += [f"not in the code: {msgid}" for msgid in given.keys() - wanted.keys()]
    for msgid in wanted.keys() & given.keys():
        faults += [f"{fault}: {msgid}" for fault in judge_message(given[msgid], wanted[msgid], str(catalogue.locale))]
    return sorted(faults)


def judge_message(given: Message, wanted: Message, name: str) -> Iterator[str]:
    """What is wrong with a message. Forms that a plural lacks are read as empty, too many are refused."""
    if given.fuzzy:
        yield "fuzzy"
    if given.id != wanted.id:
        yield "another plural"
    for form in list_forms(given.string):
        yield from judge_text(form, list_forms(wanted.id), name)


def judge_text(text: str, english: list[str], name: str) -> Iterator[str]:
    """What is wrong with one translation of a message, whose English forms are given."""
    if not text.strip():
        yield "empty"
    if Counter(PLACEHOLDER.findall(text)) != Counter(PLACEHOLDER.findall(english[0])):
        yield "placeholders"
    if MARKUP.search(text):
        yield "markup"
    if text != text.strip():
        yield "space at an end"
    words = NAMES.sub("", PLACEHOLDER.sub("", text))
    if "%" in words:
        yield "placeholders"
    if name != "en" and text in english and len(re.findall(r"[^\W\d]+", words)) > 1:
        yield "not translated"
    shares = share_by_script(words)
    if shares and shares.get(SCRIPTS.get(name, Script.LATIN), 0.0) < (OWN_SCRIPT if name in SCRIPTS else 1.0):
        yield "script"
    if name == "zh_Hant" and find_simplified(text):
        yield "simplified"


# The catalogues


@each_catalogue
def test_a_catalogue_has_every_text_of_the_code(name: str) -> None:
    assert find_faults(read_catalogue(name), extract_messages()) == []


@each_catalogue
def test_a_catalogue_is_in_its_language(name: str) -> None:
    written = "\n".join(form for message in read_catalogue(name) if message.id for form in list_forms(message.string))
    assert to_babel_locale(detect_language(PLACEHOLDER.sub("", written)).tag) == name


@each_catalogue
def test_a_catalogue_is_stored_as_make_locales_writes_it(name: str) -> None:
    """Sorted, without places in the code and without a header, so that only changed texts change the file."""
    stored = io.BytesIO()
    write_po(stored, read_catalogue(name), no_location=True, omit_header=True, sort_output=True, width=0)
    assert (LOCALES_DIR / name / "LC_MESSAGES" / "messages.po").read_bytes() == stored.getvalue()


def test_make_locales_updates_exactly_the_languages_of_the_interface() -> None:
    listed = re.search(r"for locale in ([\w ]+);", read_recipe())
    assert listed
    assert sorted(listed[1].split()) == sorted(map(to_babel_locale, LOCALES))


@each_catalogue
@pytest.mark.parametrize(
    ("label", "limit"),
    [
        (texts.ADD_TO_QUESTION, QUICK_REPLY_LABEL),
        (texts.NEW_QUESTION, QUICK_REPLY_LABEL),
        (texts.REPLY, CARD_LABEL),
        (texts.WRONG_TRANSLATION, CARD_LABEL),
        (texts.OPEN_ON_WEB, CARD_LABEL),
    ],
)
def test_a_label_of_line_needs_no_cut(name: str, label: str, limit: int) -> None:
    translated = list_messages(read_catalogue(name))[label].string
    assert cut_to_clusters(str(translated), limit) == translated


# The extraction


@pytest.mark.parametrize(
    "message",
    [
        "Skip to the content",  # _() in a template
        "Your question",  # _() among the arguments of a macro
        "Saved.",  # gettext() in a view
        "It stays.",  # N_() in a table
        "A number differs from the original.",  # N_() of the contract
        "It usually takes about %(time)s.",  # with a value
        "%(num)s interpreter is here now.",  # ngettext()
        "Reply",  # N_() of the bot
    ],
)
def test_extraction_finds_a_text_when_it_is_marked(message: str) -> None:
    assert message in list_messages(extract_messages())


def test_extraction_finds_every_text_of_the_bot() -> None:
    said = [value for name, value in vars(texts).items() if name.isupper() and isinstance(value, str)]
    said += texts.DECISIONS.values()
    assert len(said) > 30
    assert set(said) <= list_messages(extract_messages()).keys()


class _Words(HTMLParser):
    """Collects what a person reads of a page: texts, and the attributes that are shown or read aloud."""

    ATTRIBUTES: Final = frozenset({"alt", "aria-label", "content", "placeholder", "title"})
    #: Names, keys, a viewport, and a CSS class that a page hands to its frame.
    NOT_WORDS: Final = re.compile(
        r"\b(?:Qiao|Ctrl|Enter|narrow|width=device-width, initial-scale=1)\b|[\w-]+=\"[^\"]*\""
    )

    def __init__(self, template: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed("".join(token for _line, kind, token in Environment().lex(template) if kind == "data"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in self.ATTRIBUTES and not (tag == "meta" and str(value).startswith(("#", "{"))):
                self.handle_data(value or "")

    def handle_data(self, data: str) -> None:
        if re.search(r"[^\W\d_]", self.NOT_WORDS.sub("", data)):
            self.found.append(" ".join(data.split()))


def find_unmarked(template: str) -> list[str]:
    """Words of a template that are not inside ``_()``."""
    return _Words(template).found


def test_templates_have_no_words_outside_the_catalogue() -> None:
    # The reference of the API is for programmers and in English.
    pages = sorted((ROOT / "app/web/templates").glob("*.html"))
    assert len(pages) > 15
    assert {page.name: found for page in pages if (found := find_unmarked(page.read_text("utf-8")))} == {
        # The name of the site in its own script.
        "base.html": ["橋"]
    }


@pytest.mark.parametrize(
    "template",
    [
        "<p>Hello</p>",
        '<img alt="A bridge" src="x">',
        '<p>{{ _("Hi") }}: there</p>',
        '<input placeholder="Name">',
        '<a title="Next {{ page }}">1</a>',
    ],
)
def test_words_are_found_when_a_template_does_not_mark_them(template: str) -> None:
    assert find_unmarked(template)


# Planted faults

GOOD: Final = """
msgid "Saved at %(time)s."
msgstr "已於 %(time)s 儲存。"

msgid "Go on"
msgstr "繼續處理"

msgid "%(num)s person"
msgid_plural "%(num)s people"
msgstr[0] "%(num)s 人"
"""


def parse_catalogue(text: str, name: str = "zh_Hant") -> Catalog:
    return read_po(io.BytesIO(text.encode()), locale=name, abort_invalid=True)


def test_no_fault_is_found_when_a_catalogue_is_good() -> None:
    assert find_faults(parse_catalogue(GOOD), parse_catalogue(GOOD)) == []


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (lambda good: good.replace('msgid "Go on"', 'msgid "Go off"'), "missing: Go on"),
        (lambda good: good + '\nmsgid "Gone"\nmsgstr "不在"\n', "not in the code: Gone"),
        (lambda good: good.replace("繼續處理", ""), "empty: Go on"),
        (lambda good: good.replace("繼續處理", " "), "empty: Go on"),
        (lambda good: good.replace('msgid "Go on"', '#, fuzzy\nmsgid "Go on"'), "fuzzy: Go on"),
        (lambda good: good.replace("已於 %(time)s", "已"), "placeholders: Saved at %(time)s."),
        (lambda good: good.replace("已於 %(time)s", "已於 %(tiem)s"), "placeholders: Saved at %(time)s."),
        (lambda good: good.replace("已於 %(time)s", "已於 % (time)s"), "placeholders: Saved at %(time)s."),
        (lambda good: good.replace("%(num)s 人", "%(num)s %(num)s 人"), "placeholders: %(num)s person"),
        (lambda good: good.replace("%(num)s people", "%(num)s persons"), "another plural: %(num)s person"),
        (lambda good: good.replace("繼續處理", "<b>繼續</b>"), "markup: Go on"),
        (lambda good: good.replace("繼續處理", '繼續\\"處理'), "markup: Go on"),
        (lambda good: good.replace("繼續處理", "繼續處理 "), "space at an end: Go on"),
        (lambda good: good.replace("繼續處理", "Go on"), "not translated: Go on"),
        (lambda good: good.replace("繼續處理", "Go 繼"), "script: Go on"),
        (lambda good: good.replace("繼續處理", "ทำต่อ"), "script: Go on"),
        (lambda good: good.replace("繼續處理", "继续處理"), "simplified: Go on"),
    ],
)
def test_a_planted_fault_is_found(plant: Callable[[str], str], fault: str) -> None:
    planted = plant(GOOD)
    assert planted != GOOD
    assert fault in find_faults(parse_catalogue(planted), parse_catalogue(GOOD))


def test_a_planted_form_is_refused_when_the_language_has_fewer() -> None:
    with pytest.raises(PoFileError):
        parse_catalogue(GOOD + 'msgstr[1] "%(num)s 人"\n')


def test_a_form_is_missed_when_the_language_has_more() -> None:
    one_form = 'msgid "%(num)s person"\nmsgid_plural "%(num)s people"\nmsgstr[0] "%(num)s person"\n'
    template = parse_catalogue(one_form)
    assert "empty: %(num)s person" in find_faults(parse_catalogue(one_form, "en"), template)
    assert find_faults(parse_catalogue(one_form + 'msgstr[1] "%(num)s people"\n', "en"), template) == []
