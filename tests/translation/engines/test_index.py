"""The index of packages, as the public one is, and as somebody hostile could write it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.translation.engines.files_server import FilesServer, serve_files
from translation.engines.download import DownloadError
from translation.engines.index import IndexInvalidError, PackageUnknownError, fetch_index, find_entry, parse_index
from translation.languages import LanguageTag

SHA256 = "ab" * 32


def make_entry(source: str = "en", target: str = "zt", version: str = "1.9", **more: Any) -> dict[str, Any]:
    return {
        "package_version": version,
        "argos_version": "1.9",
        "from_code": source,
        "from_name": "x",
        "to_code": target,
        "to_name": "y",
        "links": [f"https://example.org/translate-{source}_{target}.argosmodel"],
        "code": f"translate-{source}_{target}",
        "type": "translate",
    } | more


def parse(*entries: Any) -> list[str]:
    return [entry.full_name for entry in parse_index(json.dumps(entries).encode())]


@pytest.fixture
def server() -> Iterator[FilesServer]:
    with serve_files() as running:
        yield running


def test_entries_between_our_languages_are_found_newest_first(server: FilesServer) -> None:
    entries = [make_entry(version="1.9"), make_entry(version="1.10"), make_entry("en", "id"), make_entry("en", "fr")]
    url = server.add("/index.json", json.dumps(entries).encode())

    found = fetch_index(url)

    assert [entry.full_name for entry in found] == [
        "translate-en_id-1_9",
        "translate-en_zt-1_10",
        "translate-en_zt-1_9",
    ]
    assert found[1].pair == (LanguageTag.EN, LanguageTag.ZH_HANT)
    assert found[1].links == ("https://example.org/translate-en_zt.argosmodel",)
    assert found[1].sha256 is None


def test_checksum_is_kept_when_it_is_one_and_the_entry_is_not_when_it_is_none() -> None:
    (entry,) = parse_index(json.dumps([make_entry(sha256=SHA256.upper())]).encode())
    assert entry.sha256 == SHA256
    for wrong in ("", "ab", SHA256 + "0", 7, [SHA256], "g" * 64):
        assert parse(make_entry(sha256=wrong)) == []
    assert parse(make_entry(sha256=None)) == ["translate-en_zt-1_9"]


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        7,
        "translate-en_zt",
        [],
        {},
        make_entry(type="sbd"),
        make_entry("../..", "en"),
        make_entry("en", "en"),
        make_entry("en", "fr"),
        make_entry("e\x1b[2Jn", "zt"),
        make_entry(version="1.9/../../x"),
        make_entry(version="1\n9"),
        make_entry(version="1" * 40),
        make_entry(version=""),
        make_entry(from_code=None),
        make_entry(to_code=["zt"]),
        make_entry(package_version=1.9),
        make_entry(links=None),
        make_entry(links="https://example.org/a"),
        make_entry(links=[]),
        make_entry(links=["ipfs://Qm", "file:///etc/passwd", 7, None]),
        make_entry(links=["https://example.org/" + "a" * 3_000]),
        make_entry(links=["https://example.org/\x1b[2J"]),
    ],
)
def test_odd_entry_is_passed_over_and_harms_no_other(wrong: Any) -> None:
    assert parse(wrong, make_entry("en", "id")) == ["translate-en_id-1_9"]


def test_usable_links_are_kept_and_few() -> None:
    links = ["ipfs://Qm", "http://localhost/a", *[f"https://example.org/{number}" for number in range(50)]]
    (entry,) = parse_index(json.dumps([make_entry(links=links)]).encode())
    assert entry.links[:2] == ("http://localhost/a", "https://example.org/0")
    assert len(entry.links) < 10


@pytest.mark.parametrize("data", [b"", b"{}", b"<html>", b"\xff\xfe", b"[" * 100_000, b'"text"', b"7", b"null"])
def test_garbage_is_no_index(data: bytes) -> None:
    with pytest.raises(IndexInvalidError):
        parse_index(data)


def test_index_of_50_megabytes_is_refused(server: FilesServer) -> None:
    for url in (server.flood("/flood", 50_000_000), server.hold("/held", b"[", length=50_000_000)):
        with pytest.raises(DownloadError) as raised:
            fetch_index(url)
        assert raised.value.data["reason"] == "too_large"


def test_entries_beyond_the_bound_are_passed_over() -> None:
    entries = [make_entry(version=f"1.{number}") for number in range(10_002)]
    assert len(parse(*entries)) == 10_000


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*make_entry(), "sha256"]) | st.text(), inner),
    )
)
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        entries = parse_index(json.dumps(value).encode())
    except IndexInvalidError:
        return
    assert all(entry.pair for entry in entries)


@pytest.mark.parametrize("name", ["translate-en_zt", "en_zt", "EN_ZT", " translate-en_zt "])
def test_newest_is_found_by_name_and_an_old_one_by_its_whole_name(name: str) -> None:
    entries = parse_index(json.dumps([make_entry(version="1.9"), make_entry(version="1.10")]).encode())
    assert find_entry(entries, name).version == "1.10"
    assert find_entry(entries, "translate-en_zt-1_9").version == "1.9"
    with pytest.raises(PackageUnknownError):
        find_entry(entries, "translate-zt_en")
    with pytest.raises(PackageUnknownError):
        find_entry([], name)
