"""The glossary in files: what comes back as it was written, what other tools write, and what is refused."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translate.storage.tbx import tbxfile

from app.core.errors import FieldError
from tests.translation.glossary.conftest import make_draft
from translation.glossary import exchange
from translation.glossary.drafts import ConceptDraft, ConceptInvalidError, TermDraft, clean_draft
from translation.glossary.exchange import COLUMNS, FileInvalidError, Row, format_csv, parse_csv
from translation.glossary.models import TermStatus
from translation.glossary.queries import ConceptView, TermView
from translation.glossary.tbx import TbxVersion, format_tbx, parse_tbx
from translation.languages import LANGUAGES, LanguageTag

ZH, EN, VI, TH = LanguageTag.ZH_HANT, LanguageTag.EN, LanguageTag.VI, LanguageTag.TH
NOW = datetime(2026, 3, 2, tzinfo=UTC)

DRAFTS = [
    make_draft(
        "migrant-worker",
        category="work",
        zh_Hant="移工 | 移住勞工 | !外勞",
        en="migrant worker | !foreign laborer",
        vi="lao động di trú",
        id="pekerja migran | PMI",
        th="แรงงานข้ามชาติ",
        km="ពលករចំណាកស្រុក",
    ),
    make_draft("line", keeps=True, en="LINE"),
    ConceptDraft(
        "1955", "https://a.tw/?a=1&b=<2>", (TermDraft(ZH, "1955專線"),), note='"Call", it\'s free; 24 h\n& more'
    ),
]


def to_view(draft: ConceptDraft) -> ConceptView:
    draft = clean_draft(draft)
    return ConceptView(
        id=1,
        key=draft.key,
        category=draft.category,
        source_url=draft.source_url,
        note=draft.note,
        is_do_not_translate=draft.is_do_not_translate,
        updated_at=NOW,
        terms=tuple(
            TermView(number, term.language, term.text, term.status, None, 7, NOW)
            for number, term in enumerate(draft.terms)
        ),
    )


VIEWS = [to_view(draft) for draft in DRAFTS]


def drafts_of(rows: list[Row]) -> list[ConceptDraft]:
    assert [row.errors for row in rows] == [()] * len(rows)
    return [row.draft for row in rows if row.draft is not None]


def test_csv_comes_back_as_it_was_written() -> None:
    assert drafts_of(parse_csv(format_csv(VIEWS))) == DRAFTS


@pytest.mark.parametrize("version", TbxVersion)
def test_tbx_comes_back_as_it_was_written(version: TbxVersion) -> None:
    assert drafts_of(parse_tbx(format_tbx(VIEWS, version=version))) == DRAFTS


def test_tbx_is_read_by_another_tool() -> None:
    store = tbxfile.parsestring(format_tbx(VIEWS, version=TbxVersion.MARTIF), "zh-Hant", "vi")
    (worker, *_) = store.units
    assert [(term.text, term.deprecated) for term in worker.get_source_terms()] == [
        ("移工", False),
        ("移住勞工", False),
        ("外勞", True),
    ]
    assert [term.text for term in worker.get_target_terms()] == ["lao động di trú"]
    assert [unit.istranslatable() for unit in store.units] == [True, False, True]


MARTIF = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE martif SYSTEM "TBXBasiccoreStructV02.dtd">
<martif type="TBX-Basic" xml:lang="en">
<martifHeader><fileDesc><sourceDesc><p>Written by hand</p></sourceDesc></fileDesc></martifHeader>
<text><body>
<!-- one -->
<termEntry id="c5">
  <descrip type="subjectField">Health</descrip>
  <descripGrp><descrip type="definition">What everybody pays</descrip><admin type="source">someone</admin></descripGrp>
  <langSet xml:lang="zh-TW"><ntig><termGrp><term>全民健康保險</term>
    <termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></termGrp></ntig>
    <ntig><termGrp><term>健保</term></termGrp></ntig></langSet>
  <langSet xml:lang="en-US"><tig><term>National  Health
    <hi>Insurance</hi></term></tig><tig><term>NHI</term>
    <termNote type="administrativeStatus">admittedTerm-admn-sts</termNote></tig>
    <tig><term>NHI</term></tig>
    <tig><term>labor insurance</term><termNote type="administrativeStatus">supersededTerm-admn-sts</termNote></tig>
  </langSet>
  <langSet xml:lang="fr"><tig><term>assurance</term></tig></langSet>
  <langSet xml:lang="vi"><tig><term/></tig></langSet>
</termEntry>
</body></text></martif>"""

TBX3 = """<?xml version="1.0" encoding="UTF-8"?>
<tbx style="dct" type="TBX-Basic" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"
     xmlns:min="http://www.tbxinfo.net/ns/min" xmlns:basic="http://www.tbxinfo.net/ns/basic">
<text><body>
<conceptEntry>
  <min:subjectField>money and fees</min:subjectField>
  <min:externalCrossReference target="https://law.moj.gov.tw/x">law</min:externalCrossReference>
  <langSec xml:lang="en"><termSec><term>Brokerage Fee (monthly)</term></termSec></langSec>
  <langSec xml:lang="th"><termSec><term>ค่านายหน้า</term>
    <min:administrativeStatus>deprecatedTerm-admn-sts</min:administrativeStatus></termSec>
    <termSec><term>ค่าบริการ</term></termSec></langSec>
</conceptEntry>
</body></text></tbx>"""


def test_tbx_of_2008_as_others_write_it_is_read() -> None:
    (draft,) = drafts_of(parse_tbx(MARTIF.encode(), source_url="https://example.org/list"))
    assert draft == ConceptDraft(
        key="c5",
        source_url="https://example.org/list",
        category="health",
        note="What everybody pays",
        terms=(
            TermDraft(ZH, "全民健康保險"),
            TermDraft(ZH, "健保", TermStatus.ADMITTED),
            TermDraft(EN, "National Health Insurance"),
            TermDraft(EN, "NHI", TermStatus.ADMITTED),
            TermDraft(EN, "labor insurance", TermStatus.FORBIDDEN),
        ),
    )


def test_tbx_of_2019_with_elements_of_its_own_is_read() -> None:
    (draft,) = drafts_of(parse_tbx(TBX3.encode()))
    assert draft == ConceptDraft(
        key="brokerage-fee-monthly",
        source_url="https://law.moj.gov.tw/x",
        terms=(
            TermDraft(EN, "Brokerage Fee (monthly)"),
            TermDraft(TH, "ค่านายหน้า", TermStatus.FORBIDDEN),
            TermDraft(TH, "ค่าบริการ"),
        ),
    )


def test_tbx_entry_without_a_source_is_an_error_of_that_entry() -> None:
    (row,) = parse_tbx(MARTIF.encode())
    assert (row.place, row.key, row.errors) == (1, "c5", (FieldError("source_url", "glossary.url"),))


_BOMB = '<!DOCTYPE martif [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><martif><text>&b;</text></martif>'
_THEFT = '<!DOCTYPE martif [<!ENTITY f SYSTEM "file:///etc/passwd">]><martif><text>&f;</text></martif>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not XML"),
        ("<martif>", "not XML"),
        ("<martif>\x00</martif>", "not XML"),
        ("<tmx/>", "not a TBX file"),
        (_BOMB, "it declares entities"),
        (_THEFT, "it declares entities"),
        ("<martif>" * 400 + "</martif>" * 400, "not XML"),
    ],
)
def test_tbx_is_refused_when_it_is_broken_or_hostile(text: str, reason: str) -> None:
    with pytest.raises(FileInvalidError) as caught:
        parse_tbx(text.encode())
    assert caught.value.data["reason"].startswith(reason)


def test_files_are_refused_when_they_are_too_big(monkeypatch: pytest.MonkeyPatch) -> None:
    for parse in (parse_csv, parse_tbx):
        with pytest.raises(FileInvalidError):
            parse(b" " * (exchange.MAX_BYTES + 1))
    monkeypatch.setattr(exchange, "MAX_CONCEPTS", 2)
    with pytest.raises(FileInvalidError) as caught:
        parse_csv(format_csv(VIEWS))
    assert caught.value.data["reason"] == "more than 2 concepts"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the first line must name the columns"),
        (b"key,note\na,b", "the first line must name the columns"),
        (b"en,vi\na,b", "the first line must name the columns"),
        (b"key,en,en\na,b,c", "a column stands there twice"),
        (b"key,en,fr\na,b,c", "unknown columns: fr"),
        ("key,en\na,é".encode("latin-1"), "not UTF-8"),
        (b'key,en\na,"b\n', "line 2: "),
        (b"key,en\na," + b"x" * 200_000, "line 2: field larger"),
    ],
)
def test_csv_is_refused_when_it_is_no_glossary(data: bytes, reason: str) -> None:
    with pytest.raises(FileInvalidError) as caught:
        parse_csv(data)
    assert caught.value.data["reason"].startswith(reason)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_spreadsheet_is_read(delimiter: str) -> None:
    lines = ["key;en;zh-Hant;do_not_translate", "a;work permit;工作許可;", "", "b;LINE;;x"]
    data = "\ufeff" + "\r\n".join(lines).replace(";", delimiter)
    drafts = drafts_of(parse_csv(data.encode(), source_url="https://a.tw"))
    assert [(draft.key, len(draft.terms), draft.is_do_not_translate) for draft in drafts] == [
        ("a", 2, False),
        ("b", 1, True),
    ]


def test_csv_says_line_by_line_what_is_wrong() -> None:
    rows = parse_csv(
        b"key,en,source_url\ngood,work permit,https://a.tw\nBad Key,,ftp://a\ngood,other,https://a.tw\nx,y z,https://a.tw,more"
    )
    assert [(row.place, row.key, row.errors) for row in rows if row.errors] == [
        (
            3,
            "Bad Key",
            (
                FieldError("key", "glossary.key"),
                FieldError("source_url", "glossary.url"),
                FieldError("terms", "glossary.no_term"),
            ),
        ),
        (4, "good", (FieldError("key", "glossary.key_twice"),)),
        (5, "x", (FieldError("row", "glossary.too_many_cells"),)),
    ]


@pytest.mark.parametrize("text", ["=1+1", "+886", "-5 °C", "@me", "'quoted", "''twice", "'=x"])
def test_no_cell_is_a_formula_and_all_come_back(text: str) -> None:
    draft = ConceptDraft("a", "https://a.tw", (TermDraft(EN, text),), note=text)
    data = format_csv([to_view(draft)])
    cells = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert drafts_of(parse_csv(data)) == [draft]


def test_header_of_an_empty_glossary_is_a_file_to_fill_in() -> None:
    assert format_csv([]).decode("utf-8-sig").strip().split(",") == list(COLUMNS)
    assert parse_csv(format_csv([])) == []
    assert parse_tbx(format_tbx([], version=TbxVersion.TBX3)) == []


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=2, max_size=20)


@given(st.lists(st.tuples(st.sampled_from(LANGUAGES), NAMES, st.sampled_from(TermStatus)), max_size=6), NAMES)
def test_whatever_is_accepted_comes_back_from_every_format(
    terms: list[tuple[LanguageTag, str, TermStatus]], note: str
) -> None:
    try:
        draft = clean_draft(ConceptDraft("a", "https://a.tw/x", tuple(TermDraft(*term) for term in terms), note=note))
    except ConceptInvalidError:
        return
    view = to_view(draft)
    csv_draft = parse_csv(format_csv([view]))[0].draft
    assert csv_draft is not None
    assert {(term.language, term.text, term.status is TermStatus.FORBIDDEN) for term in csv_draft.terms} == {
        (term.language, term.text, term.status is TermStatus.FORBIDDEN) for term in draft.terms
    }
    for version in TbxVersion:
        assert parse_tbx(format_tbx([view], version=version))[0].draft is not None
