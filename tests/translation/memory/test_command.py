"""``qiao memory``, as an operator meets it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from app.commands import memory as command
from app.commands.memory import memory_group
from app.core.db import Database
from app.core.outbox import Subscribers
from tests.conftest import TickingClock
from tests.translation.service.desk import TEXT, VI, ZH, Desk
from translation.memory import exchange
from translation.memory.exchange import Pair, read_tmx
from translation.models import MemoryBand, MemoryEntry, MemoryImport, SourceText
from translation.service.memory import list_matches

FILES = Path(__file__).parent / "tmx"
Qiao = Callable[..., Result]


@pytest.fixture
def desk(sqlite_url: str, clock: TickingClock) -> Desk:
    return Desk(Database(sqlite_url, session_info={"subscribers": Subscribers()}), clock, [])


@pytest.fixture
def qiao(sqlite_url: str, tmp_path: Path, desk: Desk) -> Qiao:
    """Call ``qiao memory …`` on the desk's database."""
    environment = {"QIAO_DATA_DIR": str(tmp_path), "QIAO_DATABASE_URL": sqlite_url}

    def call(*arguments: str | Path) -> Result:
        return CliRunner().invoke(memory_group, [str(each) for each in arguments], env=environment)

    return call


def make_file(folder: Path, *units: tuple[str, str], name: str = "pairs.tmx") -> Path:
    body = "".join(
        f'<tu><tuv xml:lang="vi"><seg>{vi}</seg></tuv><tuv xml:lang="zh-TW"><seg>{zh}</seg></tuv></tu>'
        for vi, zh in units
    )
    path = folder / name
    path.write_text(f'<tmx version="1.4"><header srclang="vi"/><body>{body}</body></tmx>', encoding="utf-8")
    return path


def count(desk: Desk, row: type[MemoryEntry] | type[MemoryBand] | type[MemoryImport]) -> int:
    with desk.db.reading() as session:
        return session.scalar(select(func.count()).select_from(row)) or 0


def test_a_file_comes_in_is_listed_and_goes_again(qiao: Qiao, desk: Desk) -> None:
    done = qiao("import", FILES / "omegat.tmx", "--name", "Agency  2025")
    assert done.exit_code == 0, done.stderr
    assert "Imported 3 pairs of 3 units as import 1, Agency 2025." in done.stderr
    assert done.stdout == ""
    assert qiao("imports").stdout.split("\t")[::3] == ["1", "Agency 2025\n"]
    with desk.db.reading() as session:
        (match,) = list_matches(session, source=session.get_one(SourceText, desk.add()), target=ZH)
        assert (match.source, match.import_name) == (TEXT, "Agency 2025")
    removed = qiao("remove-import", "1")
    assert removed.exit_code == 0
    assert "Removed import 1 with 3 entries." in removed.stderr
    assert count(desk, MemoryEntry) == count(desk, MemoryBand) == count(desk, MemoryImport) == 0
    assert qiao("imports").stdout == ""
    assert qiao("remove-import", "1").exit_code == 1


def test_personal_data_is_masked_and_what_would_be_held_is_left_out(qiao: Qiao, desk: Desk, tmp_path: Path) -> None:
    file = make_file(
        tmp_path,
        ("Gọi cho tôi số 0912345678 nhé.", "請打 0912345678 給我。"),
        ("Không cần thế chấp, vay tiền nhanh, lãi suất thấp, liên hệ ngay!", "免擔保，快速借款，低利率，立即聯絡！"),
        ("Tôi khỏe.", "我很好。"),
        ("Tôi khỏe.", "我很好。"),
    )
    done = qiao("import", file)
    assert "Imported 2 pairs of 4 units" in done.stderr
    assert "Personal data was masked in 1." in done.stderr
    assert "1: a text that a moderator would have to see" in done.stderr
    assert "1: the same pair again" in done.stderr
    with desk.db.reading() as session:
        texts = [text for row in session.scalars(select(MemoryEntry)) for text in (row.source_text, row.target_text)]
    assert not any("0912" in text for text in texts)
    assert "我很好。" in texts


def test_the_same_file_is_not_imported_twice(qiao: Qiao, desk: Desk) -> None:
    assert qiao("import", FILES / "omegat.tmx").exit_code == 0
    again = qiao("import", FILES / "omegat.tmx", "--name", "other")
    assert again.exit_code == 1
    assert "there already, as import 1" in again.stderr
    assert count(desk, MemoryEntry) == 3


def test_of_a_file_that_breaks_off_nothing_stays(
    qiao: Qiao, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_AT_ONCE", 2)
    monkeypatch.setattr(exchange, "_CHUNK", 100)
    whole = make_file(tmp_path, *((f"Câu {number}", f"句{number}") for number in range(20)))
    broken = tmp_path / "broken.tmx"
    broken.write_bytes(whole.read_bytes()[:-300])
    done = qiao("import", broken)
    assert done.exit_code == 1
    assert "Nothing was imported: line 1: unclosed token." in done.stderr
    assert count(desk, MemoryEntry) == count(desk, MemoryImport) == 0
    assert qiao("import", whole).exit_code == 0
    assert count(desk, MemoryEntry) == 20


def test_a_file_without_our_languages_leaves_no_import(qiao: Qiao, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "korean.tmx"
    file.write_text(
        '<tmx version="1.4"><header srclang="ko"/><body><tu><tuv xml:lang="ko"><seg>네</seg></tuv></tu></body></tmx>',
        encoding="utf-8",
    )
    done = qiao("import", file)
    assert done.exit_code == 1
    assert "there is no pair of two of the six languages" in done.stderr
    assert count(desk, MemoryImport) == 0


def test_an_import_that_was_broken_off_is_named(qiao: Qiao, desk: Desk) -> None:
    qiao("import", FILES / "omegat.tmx")
    with desk.db.transaction() as session:
        session.scalars(select(MemoryImport)).one().entries = 0
    assert "broken off" in qiao("imports").stdout
    assert "qiao memory remove-import 1" in qiao("import", FILES / "omegat.tmx").stderr


def test_only_what_people_verified_in_public_is_exported(qiao: Qiao, desk: Desk, tmp_path: Path) -> None:
    desk.submit(desk.add(), "延長居留證需要哪些文件？")
    desk.submit(desk.add("Chủ giữ hộ chiếu của tôi.", scope="thread:1"), "老闆扣我的護照。")
    desk.submit(desk.add("我的小孩發燒了。", VI), "Con tôi bị sốt.", target=VI)
    qiao("import", make_file(tmp_path, ("Tôi khỏe.", "我很好。")))
    file = tmp_path / "out.tmx"
    done = qiao("export", file)
    assert done.exit_code == 0, done.stderr
    assert "Exported 2 pairs." in done.stderr
    with file.open("rb") as opened:
        pairs = [pair for unit in read_tmx(opened) for pair in unit.pairs]
    assert pairs == [
        Pair(VI, ZH, TEXT, "延長居留證需要哪些文件？"),
        Pair(ZH, VI, "我的小孩發燒了。", "Con tôi bị sốt."),
    ]
    assert qiao("export", file, "--from", "vi", "--to", "zh-Hant").exit_code == 0
    assert "護照" not in file.read_text(encoding="utf-8")
    with file.open("rb") as opened:
        assert [unit.pairs for unit in read_tmx(opened)] == [(pairs[0],)]
    assert list(tmp_path.glob("*.part")) == []


def test_a_file_that_cant_be_written_leaves_no_half_of_one(qiao: Qiao, tmp_path: Path) -> None:
    done = qiao("export", tmp_path / "nowhere" / "out.tmx")
    assert done.exit_code == 1
    assert "can't be written" in done.stderr


def test_the_index_can_be_built_anew(qiao: Qiao, desk: Desk) -> None:
    desk.submit(desk.add())
    before = count(desk, MemoryBand)
    with desk.db.transaction() as session:
        for band in session.scalars(select(MemoryBand)).all():
            session.delete(band)
    done = qiao("reindex")
    assert done.exit_code == 0
    assert "Indexed 1 entries." in done.stderr
    assert count(desk, MemoryBand) == before > 0
