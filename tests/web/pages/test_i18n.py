from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.web import i18n

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cookie", "accepted", "expected"),
    [
        (None, [], "en"),
        (None, [("vi-VN", 1.0), ("en", 0.5)], "vi"),
        (None, [("ja", 1.0), ("km", 0.4)], "km"),
        (None, [("en", 0.2), ("th", 0.9)], "th"),
        (None, [("zh-CN", 1.0)], "zh-Hant"),
        (None, [("zh-TW", 1.0)], "zh-Hant"),
        (None, [("in", 1.0)], "id"),
        (None, [("vi", 0.0), ("ja", 1.0)], "en"),
        ("th", [("vi", 1.0)], "th"),
        ("xx", [("vi", 1.0)], "vi"),
        ("<script>", [], "en"),
    ],
)
def test_locale_is_negotiated(cookie: str | None, accepted: list[tuple[str, float]], expected: str) -> None:
    assert i18n.negotiate_locale(cookie, accepted) == expected


@pytest.mark.parametrize(
    ("locale", "expected"), [("en", "2 hours ago"), ("vi", "2 giờ trước"), ("zh-Hant", "2 小時前")]
)
def test_relative_time_is_in_the_pages_language(locale: str, expected: str) -> None:
    with Flask("x").test_request_context(f"/{locale}/"):
        assert i18n.format_relative(NOW - timedelta(hours=2), NOW) == expected


def test_relative_time_is_a_date_when_it_is_long_ago() -> None:
    with Flask("x").test_request_context("/en/"):
        assert i18n.format_relative(NOW - timedelta(days=30), NOW) == "Jan 31, 2026"


def test_relative_time_is_now_when_another_clock_is_ahead() -> None:
    with Flask("x").test_request_context("/en/"):
        assert i18n.format_relative(NOW + timedelta(minutes=3), NOW) == "just now"


def test_times_are_taiwans() -> None:
    with Flask("x").test_request_context("/en/"):
        assert "4:00" in i18n.format_clock(NOW)
        assert i18n.format_day(NOW.replace(hour=17)) == "Mar 3, 2026"


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_names_and_times_exist_in_every_locale(locale: str) -> None:
    with Flask("x").test_request_context(f"/{locale}/"):
        assert i18n.country_name("VN") != "VN"
        assert all(i18n.language_name(tag) for tag in i18n.languages_to_read())
        assert i18n.format_time(NOW)
        assert i18n.format_duration(1200)


def test_path_decides_when_it_names_a_locale() -> None:
    with Flask("x").test_request_context("/km/ask", headers={"Accept-Language": "vi"}):
        assert i18n.get_locale() == "km"


def test_header_decides_when_the_path_names_none() -> None:
    with Flask("x").test_request_context("/nowhere", headers={"Accept-Language": "vi"}):
        assert i18n.get_locale() == "vi"
