"""``qiao glossary``, as an operator meets it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.flows.server import Server

HEADER = "key,category,source_url,do_not_translate,zh-Hant,en,vi,id,th,km,note\n"
WORKER = "migrant-worker,work,https://www.mol.gov.tw/,0,移工 | !外勞,migrant worker,lao động di trú,,,,=note\n"


@pytest.fixture
def server(sqlite_template: Path, tmp_path: Path) -> Server:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "qiao.sqlite3")
    return Server(folder)


def write(tmp_path: Path, name: str, text: str) -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_terms_go_in_and_out_and_in_again(server: Server, tmp_path: Path) -> None:
    given = write(tmp_path, "given.csv", HEADER + WORKER)
    done = server.command("glossary", "import", given)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "1 added, 0 changed, 0 left as they were." in done.stderr
    for name in ("out.csv", "out.tbx", "out.xml"):
        path = tmp_path / name
        assert server.command("glossary", "export", str(path)).returncode == 0
        again = server.command("glossary", "import", str(path), "--update")
        assert "0 added, 0 changed, 1 left as they were." in again.stderr, name
    new = server.command("glossary", "export", "-", "--format", "tbx3")
    assert "<conceptEntry" in new.stdout
    assert "'=note" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_existing_concepts_are_changed_only_when_told(server: Server, tmp_path: Path) -> None:
    server.command("glossary", "import", write(tmp_path, "one.csv", HEADER + WORKER))
    changed = write(tmp_path, "two.csv", HEADER + WORKER.replace("移工", "移住勞工"))
    done = server.command("glossary", "import", changed)
    assert "Concepts that were there before are only changed with --update." in done.stderr
    assert (
        server.command("glossary", "list").stdout == "migrant-worker\t移工\tmigrant worker\tlao động di trú\t-\t-\t-\n"
    )
    assert "1 changed" in server.command("glossary", "import", changed, "--update").stderr
    assert "移住勞工" in server.command("glossary", "list", "--language", "zh-Hant", "--query", "移住").stdout
    for filters in (("--verified",), ("--language", "km"), ("--category", "health"), ("--query", "nobody")):
        assert server.command("glossary", "list", *filters).stdout == ""
    assert server.command("glossary", "list", "--language", "zh-Hans").returncode == 2


def test_nothing_is_imported_and_every_wrong_line_is_named_when_one_is_wrong(server: Server, tmp_path: Path) -> None:
    wrong = "Bad Key,,ftp://a,0,,,,,,,\n" + WORKER
    done = server.command("glossary", "import", write(tmp_path, "given.csv", HEADER + WORKER + wrong))
    assert done.returncode == 1
    assert "Nothing was imported." in done.stderr
    assert "line 3 (Bad Key): key: use small letters, digits and hyphens, at most 80" in done.stderr
    assert "line 3 (Bad Key): source_url: no address that begins with https:// or http://" in done.stderr
    assert "line 4 (migrant-worker): key: stood in the file before" in done.stderr
    assert server.command("glossary", "list").stdout == ""


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "a,b\n", "unknown columns: a, b"),
        ("a.tbx", "no xml", "not XML"),
        ("a.tbx", "<martif><termEntry id='x'/></martif>", "entry 1 (x): source_url: no address"),
    ],
)
def test_unreadable_file_is_said_clearly(server: Server, tmp_path: Path, name: str, text: str, message: str) -> None:
    done = server.command("glossary", "import", write(tmp_path, name, text))
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
