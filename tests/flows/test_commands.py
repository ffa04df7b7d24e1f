"""The command ``qiao``, as an operator and a script meet it."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, func, select

from app.accounts.models import Account
from app.core.db import Database
from app.core.schema import ROOT
from app.forum.models import Category, Post, Thread
from tests.flows.conftest import OpenServer
from tests.flows.server import Server
from tests.models.packages import install_tiny_models, package_path


@pytest.fixture
def server(open_server: OpenServer) -> Server:
    """A migrated data folder; nothing runs."""
    return open_server()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A data folder that doesn't exist yet."""
    return Server(tmp_path_factory.mktemp("empty") / "data")


def open_database(server: Server) -> Database:
    return Database(f"sqlite:///{server.folder / 'qiao.sqlite3'}")


def count(server: Server, *rows: type[Any]) -> list[int]:
    database = open_database(server)
    with database.reading() as session:
        counts: list[Select[int]] = [select(func.count()).select_from(row) for row in rows]
        found = [session.scalar(statement) or 0 for statement in counts]
    database.dispose()
    return found


def answer_lines(server: Server, *arguments: str, given: Sequence[str | bytes]) -> list[dict[str, Any]]:
    """One JSON object for each line."""
    lines = [line.encode() if isinstance(line, str) else line for line in given]
    done = server.command(*arguments, given=b"\n".join(lines) + b"\n")
    assert done.returncode == 0, done.stderr
    answers = done.stdout.splitlines()
    assert len(answers) == len(given)
    return [json.loads(answer) for answer in answers]


def test_upgrade_and_demo_change_nothing_the_second_time(empty: Server) -> None:
    upgraded = empty.command("db", "upgrade")
    assert (upgraded.returncode, upgraded.stdout) == (0, "")
    (categories,) = count(empty, Category)
    assert categories > 50
    assert count(empty, Account, Thread) == [0, 0]
    first = empty.command("demo")
    assert first.returncode == 0, first.stderr
    assert first.stdout == ""
    assert "demo-interpreter-km" in first.stderr
    before = count(empty, Category, Account, Thread, Post)
    assert before[1:] > [5, 3, 10]
    again = [empty.command("db", "upgrade"), empty.command("demo")]
    assert [done.returncode for done in again] == [0, 0]
    assert "nothing was changed" in again[1].stderr
    assert count(empty, Category, Account, Thread, Post) == before


def test_commands_say_what_is_missing_before_the_first_upgrade(tmp_path: Path) -> None:
    fresh = Server(tmp_path / "data")
    done = fresh.command("run")
    assert done.returncode == 1
    assert "qiao db upgrade" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_settings_are_listed_at_once(server: Server) -> None:
    server.settings.update(
        QIAO_PORT="70000",
        QIAO_PROT="8000",
        QIAO_LOG_FORMAT="xml",
        QIAO_DATABASE_URL="mysql://user:hunter2@host/db",
        QIAO_JOB_LEASE_SECONDS="soon",
    )
    done = server.command("run")
    assert (done.returncode, done.stdout) == (2, "")
    for key in ("QIAO_PORT", "QIAO_PROT", "QIAO_LOG_FORMAT", "QIAO_DATABASE_URL", "QIAO_JOB_LEASE_SECONDS"):
        assert f"  {key}:" in done.stderr
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_page_is_generated_from_the_code(server: Server) -> None:
    done = server.command("settings", "--markdown")
    assert done.returncode == 0
    # Regenerate it with: qiao settings --markdown > docs/settings.md
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == done.stdout


def test_user_is_created_with_roles_and_pairs(server: Server) -> None:
    options = ("--role", "interpreter", "--role", "moderator", "--pairs", "km:zh-Hant,zh-Hant:km")
    made = server.command("user", "create", "helper", "--password", "correct horse", "--reads", "km,zh-Hant", *options)
    assert (made.returncode, made.stdout) == (0, ""), made.stderr
    assert "correct horse" not in made.stderr
    database = open_database(server)
    with database.reading() as session:
        account = session.scalars(select(Account).where(Account.display_name == "helper")).one()
    database.dispose()
    assert (sorted(account.roles), account.reading_languages) == (["interpreter", "moderator"], ["km", "zh-Hant"])
    taken = server.command("user", "create", "HELPER", "--password", "correct horse")
    assert taken.returncode == 1
    assert "accounts.name_taken" in taken.stderr
    refused = server.command("user", "create", "other", "--role", "interpreter", "--pairs", "km:zh-Hant,km:km")
    assert refused.returncode == 2
    assert "km:km: not a pair of two languages" in refused.stderr
    assert count(server, Account) == [1]


def test_detect_answers_every_line(empty: Server) -> None:
    lines = ["ខ្ញុំត្រូវបន្តប័ណ្ណស្នាក់នៅ", "", "我的居留證下個月到期", "我的居留证下个月到期", "ok", b"\xff\xfe", "บัตร\r", "\t"]
    answers = answer_lines(empty, "detect", given=lines)
    assert [answer["tag"] for answer in answers] == ["km", "und", "zh-Hant", "zh-Hans", "und", "und", "th", "und"]
    assert answers[0]["basis"] == "script"
    assert all(answer.keys() == {"tag", "basis", "confidence"} for answer in answers)


def test_screen_masks_and_decides_every_line(empty: Server) -> None:
    lines = ["Số điện thoại của tôi là 0912345678.", "", "Xin chào mọi người."]
    phone, blank, harmless = answer_lines(empty, "screen", "--language", "vi", given=lines)
    assert "0912345678" not in phone["masked"]
    (finding,) = phone["findings"]
    assert lines[0][finding["start"] : finding["end"]] == "0912345678"
    for line, answer in ((lines[1], blank), (lines[2], harmless)):
        assert answer == {"masked": line, "decision": "pass", "findings": []}


def test_check_decides_as_the_gate_does(empty: Server) -> None:
    lines = ["Lệ phí là 200 Đài tệ.\t費用是200元。", "Lệ phí là 200 Đài tệ.\t費用是2000元。", "", "Không có bản dịch"]
    right, wrong, _blank, no_target = answer_lines(empty, "check", "--from", "vi", "--to", "zh-Hant", given=lines)
    assert right == {"decision": "pass", "checks": []}
    assert wrong["decision"] == "hold"
    assert {check["code"] for check in wrong["checks"]} & {"numbers", "money"}
    assert "empty" in {check["code"] for check in no_target["checks"]}


def test_translate_answers_every_line(server: Server) -> None:
    lines = ["Thẻ cư trú của tôi hết hạn vào tháng sau.", ""]
    command = ("translate", "--from", "vi", "--to", "zh-Hant")
    for answer in answer_lines(server, *command, given=lines):
        assert (answer["text"], answer["state"], answer["origin"]) == (None, "waiting", None)
    install_tiny_models(server.folder / "models", ["vi-en", "en-zt"])
    machine, _blank = answer_lines(server, *command, given=lines)
    assert (machine["text"], machine["state"], machine["checks"]) == ("我的居留證下個月到期。", "machine", [])
    assert machine["origin"] == {"kind": "machine", "engine": "argos", "route": ["vi", "en", "zh-Hant"]}
    wrong = server.command("translate", "--from", "vi", "--to", "klingon")
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_broken_package_is_refused_and_leaves_nothing(server: Server, tmp_path: Path) -> None:
    whole = package_path("vi-en").read_bytes()
    broken = tmp_path / "translate-vi_en-0_1.argosmodel"
    broken.write_bytes(whole[: len(whole) // 2])
    refused = server.command("models", "install", str(broken))
    assert refused.returncode == 1
    assert "Not installed: not_a_readable_archive" in refused.stderr
    assert "Traceback" not in refused.stderr
    models = server.folder / "models"
    assert [path for path in models.rglob("*") if path.is_file()] == []
    assert server.command("models", "install", str(tmp_path / "absent.argosmodel")).returncode == 2

    whole_file = str(package_path("vi-en"))
    assert "models.test_package" in server.command("models", "install", whole_file).stderr
    installed = server.command("models", "install", whole_file, "--allow-test-models")
    assert installed.returncode == 0, installed.stderr
    listed = server.command("models", "list")
    assert [line.split()[:4] for line in listed.stdout.splitlines()] == [
        ["NAME", "ENGINE", "PAIRS", "VERSION"],
        ["translate-vi_en-0_1", "argos", "vi>en", "0.1"],
    ]
    removed = server.command("models", "remove", "translate-vi_en-0_1")
    assert removed.returncode == 0
    assert "Nothing is installed" in server.command("models", "list").stderr


def test_doctor_tells_what_is_there_and_what_is_wrong(server: Server) -> None:
    healthy = server.command("doctor")
    assert healthy.returncode == 0, healthy.stdout
    lines = {line[9:].split("  ")[0].strip(): line.split()[0] for line in healthy.stdout.splitlines()}
    assert (lines["database"], lines["engines"], lines["LINE"], lines["Redis"]) == (
        "ok",
        "missing",
        "missing",
        "missing",
    )
    # Nobody listens on port 9 of this machine.
    server.settings.update(
        QIAO_DATABASE_URL="postgresql://nobody@127.0.0.1:9/qiao",
        QIAO_SECRET_KEY="x" * 40,
        QIAO_REDIS_URL="redis://127.0.0.1:9/0",
    )
    ill = server.command("doctor")
    assert ill.returncode == 1
    assert [line.split()[1] for line in ill.stdout.splitlines() if line.startswith("PROBLEM")] == ["database", "Redis"]


def test_taken_port_is_said_clearly(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = server.command("run", "--port", str(port))
    assert done.returncode == 1
    assert f"Can't listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_run_stops_when_told(server: Server) -> None:
    process = server.run()
    assert process.stop() == 0
    assert f"Qiao 橋 is open: {server.url}" in process.read_log()
    assert "Closing …" in process.read_log()
    assert "Traceback" not in process.read_log()
