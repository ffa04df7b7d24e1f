"""Small parts of the core: keys, catalogue, jobs, logs, language tags."""

from __future__ import annotations

import json
import logging
import threading

import pytest
import structlog

from app.core.catalogue import LOCALES_DIR, load_catalogue, to_babel_locale, translate
from app.core.crypto import Vault, digest_token, make_token
from app.core.jobs import JobQueue
from app.core.logging import configure_logging
from translation.languages import LanguageTag, UnknownLanguageError, find_language_tag, parse_language_tag


def test_vault_finds_and_decrypts_only_with_the_same_key() -> None:
    vault, other = Vault("a" * 32, "line"), Vault("b" * 32, "line")
    sealed = vault.encrypt("U123")
    assert vault.decrypt(sealed) == "U123"
    assert "U123" not in sealed
    assert vault.look_up_key("U123") == Vault("a" * 32, "line").look_up_key("U123")
    assert vault.look_up_key("U123") != other.look_up_key("U123")
    assert vault.look_up_key("U123") != Vault("a" * 32, "mail").look_up_key("U123")


def test_tokens_are_long_and_differ() -> None:
    assert len(make_token()) >= 43
    assert make_token() != make_token()
    assert digest_token("x") != "x"


def test_translate_gives_the_english_text_when_the_catalogue_lacks_it() -> None:
    assert translate("km", "No such text %(number)s", number=3) == "No such text 3"
    assert to_babel_locale("zh-Hant") == "zh_Hant"
    assert load_catalogue("xx").gettext("nothing") == "nothing"
    assert LOCALES_DIR.name == "locales"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("vi", LanguageTag.VI),
        ("VI-vn", LanguageTag.VI),
        ("zh", LanguageTag.ZH_HANT),
        ("zh_TW", LanguageTag.ZH_HANT),
        ("zh-Hans-TW", LanguageTag.ZH_HANS),
        ("zh-CN", LanguageTag.ZH_HANS),
        ("in", LanguageTag.ID),
        ("ms-MY", LanguageTag.ID),
        ("und", LanguageTag.UND),
        ("", None),
        ("fr", None),
        ("x" * 500, None),
    ],
)
def test_find_language_tag_reads_tags_from_outside(given: str, expected: LanguageTag | None) -> None:
    assert find_language_tag(given) is expected


@pytest.mark.parametrize("given", ["und", "fr", "", "zz-Hant"])
def test_parse_language_tag_refuses_what_is_not_ours(given: str) -> None:
    with pytest.raises(UnknownLanguageError):
        parse_language_tag(given)


def test_jobs_run_after_enqueue_and_again_after_a_failure() -> None:
    queue = JobQueue()
    ran = threading.Event()
    attempts: list[int] = []

    def job() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise RuntimeError("first time")
        ran.set()

    queue.register("test.run", job)
    queue.start(threads=1, sweep_seconds=0.05)
    try:
        assert ran.wait(10)
    finally:
        queue.stop()


def test_enqueue_of_a_waiting_job_asks_once() -> None:
    queue = JobQueue()
    runs: list[int] = []
    queue.register("test.count", lambda: runs.append(1))
    for _ in range(5):
        queue.enqueue("test.count")
    queue.start(threads=1, sweep_seconds=60)
    done = threading.Event()
    queue.register("test.done", done.set)
    queue.enqueue("test.done")
    try:
        assert done.wait(10)
    finally:
        queue.stop()
    # Once for the five, and once for the sweep that begins with the workers.
    assert 1 <= len(runs) <= 2


def test_enqueue_never_fails_when_the_broker_is_gone() -> None:
    queue = JobQueue("redis://127.0.0.1:9/0")
    queue.register("test.lost", lambda: None)
    queue.enqueue("test.lost")


def test_json_logs_carry_bound_ids(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        configure_logging(log_format="json", level="INFO")
        with structlog.contextvars.bound_contextvars(request_id="r1"):
            structlog.get_logger("qiao.test").info("post.created", post_id=7)
        line = json.loads(capsys.readouterr().err.strip())
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        structlog.reset_defaults()
    assert line["event"] == "post.created"
    assert (line["post_id"], line["request_id"]) == (7, "r1")


def test_the_sweep_asks_for_a_rare_job_rarely() -> None:
    queue = JobQueue()
    rare: list[int] = []
    often: list[int] = []
    done = threading.Event()

    def count() -> None:
        often.append(1)
        if len(often) == 5:
            done.set()

    queue.register("test.rare", lambda: rare.append(1), every_seconds=3600)
    queue.register("test.often", count)
    queue.start(threads=1, sweep_seconds=0.02)
    try:
        assert done.wait(10)
    finally:
        queue.stop()
    assert len(rare) == 1
