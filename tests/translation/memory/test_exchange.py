"""TMX in and out: files in the manner of four tools, files of the toolkit, hostile files, and our own read again."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translate.storage import po, tmx

from translation.languages import LanguageTag
from translation.memory import exchange
from translation.memory.exchange import (
    MAX_TEXT,
    ExportEntry,
    ImportProblem,
    Pair,
    TmxError,
    Unit,
    build_unit,
    read_tmx,
    write_tmx,
)
from translation.text import normalise_user_text

FILES = Path(__file__).parent / "tmx"
ZH, EN, VI, ID, TH, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def read(data: str | bytes) -> list[Unit]:
    return list(read_tmx(io.BytesIO(data.encode() if isinstance(data, str) else data)))


def read_pairs(data: str | bytes) -> list[Pair]:
    return [pair for unit in read(data) for pair in unit.pairs]


def make_file(body: str, *, header: str = '<header srclang="vi"/>', before: str = "") -> str:
    return f'<?xml version="1.0"?>{before}<tmx version="1.4">{header}<body>{body}</body></tmx>'


def make_unit(vi: str, zh: str = "中文") -> str:
    return f'<tu><tuv xml:lang="vi"><seg>{vi}</seg></tuv><tuv xml:lang="zh-TW"><seg>{zh}</seg></tuv></tu>'


def test_a_file_like_omegats_is_read_without_its_tags() -> None:
    assert read_pairs((FILES / "omegat.tmx").read_bytes()) == [
        Pair(VI, ZH, "Tôi cần giấy tờ gì để gia hạn thẻ cư trú?", "延長居留證需要哪些文件？"),
        Pair(VI, ZH, "Bấm vào đây để xem chi tiết.", "請點這裡看詳情。"),
        Pair(VI, ZH, "Cảm ơn.", "謝謝您。"),
    ]


def test_a_file_like_memoqs_keeps_lines_and_says_what_it_leaves_out() -> None:
    units = read((FILES / "memoq.tmx").read_bytes())
    expected = Pair(ZH, TH, "第一行\n第二行有 居留證 & 護照", "บรรทัดแรก\nบรรทัดที่สองมี ใบถิ่นที่อยู่ & หนังสือเดินทาง")
    assert units == [
        Unit((expected,), ()),
        Unit((), (ImportProblem.EMPTY,)),
        Unit((), (ImportProblem.NO_TARGET,)),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_like_trados_is_read_in_every_encoding_with_its_old_attribute(encoding: str) -> None:
    text = (FILES / "trados.tmx").read_text(encoding="utf-8")
    bom = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    assert read_pairs((bom + text).encode(encoding)) == [
        Pair(EN, ID, "The employer must keep the contract.", "Majikan harus menyimpan kontrak."),
        Pair(EN, KM, "Overtime is paid one third more.", "ម៉ោងបន្ថែមត្រូវបង់លើសមួយភាគបី។"),
    ]


def test_a_file_like_weblates_is_read() -> None:
    assert read_pairs((FILES / "weblate.tmx").read_bytes()) == [
        Pair(EN, ZH, "Send %(count)d messages", "傳送 %(count)d 則訊息"),
        Pair(EN, ID, "Sign in", "Masuk"),
    ]


def test_a_file_that_the_toolkit_wrote_is_read() -> None:
    """As its po2tmx does: units of a catalogue, one after the other."""
    catalogue = po.pofile.parsestring('msgid "Ask <a>\\nnow</a> & here"\nmsgstr "Hỏi\\nngay"\n'.encode())
    store = tmx.tmxfile()
    for unit in catalogue.units:
        store.addtranslation(unit.source, "en", unit.target, "vi-VN", comment="a comment")
    assert read_pairs(bytes(store)) == [Pair(EN, VI, "Ask <a>\nnow</a> & here", "Hỏi\nngay")]


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_pieces_of_any_size_give_the_same(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read((FILES / "memoq.tmx").read_bytes())
    monkeypatch.setattr(exchange, "_CHUNK", size)
    assert read((FILES / "memoq.tmx").read_bytes()) == whole


def test_every_language_is_a_source_where_the_file_says_so() -> None:
    texts = [("vi", "một"), ("en-GB", "one"), ("fr", "un"), ("zh-CN", "一")]
    assert set(build_unit(texts, "*all*").pairs) == {
        Pair(VI, EN, "một", "one"),
        Pair(EN, VI, "one", "một"),
        Pair(LanguageTag.ZH_HANS, VI, "一", "một"),
        Pair(LanguageTag.ZH_HANS, EN, "一", "one"),
    }
    assert build_unit(texts, "EN").pairs == (Pair(EN, VI, "one", "một"),)


def test_a_units_own_source_language_goes_before_the_headers() -> None:
    unit = make_unit("một", "一").replace("<tu>", '<tu srclang="zh-Hant">')
    assert read_pairs(make_file(unit)) == [Pair(ZH, VI, "一", "một")]


@pytest.mark.parametrize(
    ("unit", "problem"),
    [
        (make_unit("  "), ImportProblem.EMPTY),
        (make_unit("&#x200b;"), ImportProblem.EMPTY),
        (make_unit("x" * (MAX_TEXT + 1)), ImportProblem.TOO_LONG),
        ("<tu/>", ImportProblem.NO_SOURCE),
        ('<tu><tuv><seg>không</seg></tuv><tuv xml:lang="zh"><seg>不</seg></tuv></tu>', ImportProblem.NO_SOURCE),
        ('<tu><tuv xml:lang="vi"><seg>không</seg></tuv></tu>', ImportProblem.NO_TARGET),
        (
            '<tu><tuv xml:lang="vi"><seg>có</seg></tuv><tuv xml:lang="ko"><seg>x</seg></tuv></tu>',
            ImportProblem.NO_TARGET,
        ),
    ],
)
def test_a_unit_that_cant_be_used_is_told_and_the_next_one_read(unit: str, problem: ImportProblem) -> None:
    first, second = read(make_file(unit + make_unit("sau", "後")))
    assert first == Unit((), (problem,))
    assert second.pairs == (Pair(VI, ZH, "sau", "後"),)


def test_the_longest_text_is_taken() -> None:
    assert len(read_pairs(make_file(make_unit("x" * MAX_TEXT)))) == 1


def test_an_unknown_entity_of_another_dtd_spoils_its_unit_only() -> None:
    data = make_file(make_unit("a&nbsp;b") + make_unit("sau", "後"), before='<!DOCTYPE tmx SYSTEM "tmx14.dtd">')
    assert [unit.problems for unit in read(data)] == [(ImportProblem.ENTITY,), ()]


BOMB = '<!DOCTYPE tmx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE tmx [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE tmx [<!ENTITY % more SYSTEM "http://127.0.0.1:9/x.dtd"> %more;]>'


@pytest.mark.parametrize("before", [BOMB, OUTSIDE, PARAMETER])
def test_a_file_that_declares_entities_is_refused(before: str) -> None:
    with pytest.raises(TmxError) as raised:
        read(make_file(make_unit("&b;"), before=before))
    assert raised.value.data["reason"] == "it declares entities"


def test_an_entity_in_an_attribute_is_refused_too() -> None:
    with pytest.raises(TmxError):
        read(make_file(make_unit("x").replace('"vi"', '"&b;"'), before=BOMB))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("", 1),
        ("not xml", 1),
        ("<html/>", 1),
        ('<tmx version="1.4">\n<body>', 2),
        ('<tmx version="1.4">\n\n<body></tmx>', 3),
        ("\ud800".encode("utf-8", "surrogatepass"), 1),
        ('<?xml version="1.0" encoding="big5"?><tmx/>', 1),
        ("<tmx>" + "<a>" * 100, 1),
    ],
)
def test_what_is_no_tmx_file_is_refused_with_its_line(data: str | bytes, line: int) -> None:
    with pytest.raises(TmxError) as raised:
        read(data)
    assert raised.value.data["line"] == line
    assert raised.value.data["reason"]


def test_more_pairs_than_allowed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MAX_PAIRS", 2)
    assert len(read(make_file(make_unit("một") * 2))) == 2
    assert len(read_pairs(make_file(make_unit("một"), header='<header srclang="*all*"/>'))) == 2
    for data in (make_file(make_unit("một") * 3), make_file(make_unit("một") * 2, header="<header/>")):
        with pytest.raises(TmxError) as raised:
            read(data)
        assert raised.value.data["reason"] == "more than 2 pairs"


def test_a_tag_without_end_is_refused_before_all_of_it_is_read() -> None:
    read_bytes: list[int] = []
    data = make_file(make_unit("một")).replace("<body>", f"<body><!-- {'x' * 20_000_000} -->")
    with pytest.raises(TmxError) as raised:
        list(read_tmx(io.BytesIO(data.encode()), on_read=read_bytes.append))
    assert raised.value.data["reason"] == "a tag or comment is too long"
    assert sum(read_bytes) < 5_000_000
    assert len(read(make_file(make_unit("một")).replace("<body>", f"<body><!-- {'x' * 1_000_000} -->"))) == 1


def test_progress_is_told_in_bytes() -> None:
    data = (FILES / "omegat.tmx").read_bytes()
    told: list[int] = []
    list(read_tmx(io.BytesIO(data), on_read=told.append))
    assert sum(told) == len(data)


def export(*pairs: Pair, source: LanguageTag | None = None) -> bytes:
    file = io.BytesIO()
    entries = [ExportEntry(number, pair, "two", NOW) for number, pair in enumerate(pairs, 1)]
    assert write_tmx(file, entries, source=source, now=NOW) == len(pairs)
    return file.getvalue()


def test_an_exported_file_has_what_other_tools_ask_for() -> None:
    root = tmx.tmxfile.parsestring(export(Pair(VI, ZH, "một", "一"), source=VI)).document.getroot()
    header = root.find("header")
    required = {"creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "srclang", "datatype"}
    assert root.get("version") == "1.4"
    assert required <= set(header.keys())
    assert (header.get("srclang"), header.get("segtype")) == ("vi", "block")
    unit = root.find("body/tu")
    assert dict(unit.attrib) == {"tuid": "1", "creationdate": "20260302T080000Z", "srclang": "vi"}
    # The DTD's order: notes and properties before the texts.
    assert [child.tag for child in unit] == ["prop", "prop", "tuv", "tuv"]
    assert {prop.get("type"): prop.text for prop in unit.findall("prop")} == {
        "x-grade": "two",
        "x-origin": "interpreter",
    }


def test_the_toolkit_reads_an_exported_file() -> None:
    pairs = [Pair(VI, ZH, "A & <b>\nc", "甲 & <乙>\n丙"), Pair(ZH, KM, "健保卡", "ប័ណ្ណ\u200bធានា")]
    store = tmx.tmxfile.parsestring(export(*pairs))
    found = [tuple(unit.getNodeText(node) for node in unit.getlanguageNodes()) for unit in store.units]
    assert found == [(pair.source_text, pair.target_text) for pair in pairs]
    assert store.document.getroot().find("header").get("srclang") == "*all*"


def test_an_empty_memory_is_an_empty_file() -> None:
    assert read(export()) == []


TEXTS = st.text(max_size=60).map(
    lambda text: exchange._clean(normalise_user_text(text.replace("\ufffe", "").replace("\uffff", ""))) or "x"
)


@given(st.lists(st.builds(Pair, st.just(VI), st.sampled_from([ZH, EN, ID, TH, KM]), TEXTS, TEXTS), max_size=4))
def test_what_is_exported_can_be_imported_unchanged(pairs: list[Pair]) -> None:
    assert read_pairs(export(*pairs)) == pairs


def test_characters_that_xml_cant_hold_are_left_out() -> None:
    assert read_pairs(export(Pair(VI, ZH, "a\ufffeb\uffffc", "一"))) == [Pair(VI, ZH, "abc", "一")]
