"""Every code that a person can meet has a text, and no text is for a code that is gone."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from app.core.actor import AccountKind, Role
from app.forum.models import Solved, ThreadKind, ThreadStatus
from app.forum.starter import COUNTRIES, FACETS, LIVING, to_country_slug
from app.interpreting.models import TaskKind
from app.notifications.models import DeliveryKind
from app.web import messages
from app.web.assets import STATIC_DIR
from moderation.models import Action, ReportReason
from translation.models import WaitReason

ROOT = Path(messages.__file__).resolve().parents[2]
_CODE = re.compile(r"(?:\bcode(?:: ClassVar\[str\])? ?= ?|deny\()\"([a-z_]+\.[a-z_]+)\"")
#: Codes that reach programs and operators only.
_NOT_FOR_PEOPLE = (
    "engine.",
    "models.",
    "socket.",
    "request.",
    "search.",
    "line.",
    "http.",
    "memory.",
    "routing.measurement",
)


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (messages.THREAD_KINDS, ThreadKind),
        (messages.THREAD_KIND_HINTS, ThreadKind),
        (messages.THREAD_STATUSES, ThreadStatus),
        (messages.ACCOUNT_KINDS, AccountKind),
        (messages.ROLES, Role),
        (messages.SOLVED, Solved),
        (messages.REPORT_REASONS, ReportReason),
        (messages.WAIT_REASONS, WaitReason),
        (messages.TASK_KINDS, TaskKind),
        (messages.MODERATION_ACTIONS, Action),
        (messages.DECISION_TEXTS, Action),
        (messages.NOTICE_TEXTS, DeliveryKind),
    ],
)
def test_table_has_every_code(table: dict[str, str], codes: type[StrEnum]) -> None:
    assert set(table) == {code.value for code in codes}


def test_topics_and_facets_have_titles_and_topics_pictures() -> None:
    assert set(messages.LIVING_TITLES) == {slug for slug, _ in LIVING}
    assert set(messages.FACET_TITLES) == {facet for facet, _ in FACETS}
    icons = (STATIC_DIR / "img" / "icons.svg").read_text()
    assert all(f'id="{slug}"' in icons for slug, _ in LIVING)


def test_country_slugs_are_told_from_topics() -> None:
    for country in COUNTRIES:
        for facet, _ in FACETS:
            assert messages.split_country_slug(to_country_slug(country, facet)) == (country, facet)
    assert all(messages.split_country_slug(slug) is None for slug, _ in LIVING)


def test_pictures_that_templates_name_exist() -> None:
    icons = set(re.findall(r'<symbol id="([^"]+)"', (STATIC_DIR / "img" / "icons.svg").read_text()))
    named = set()
    for path in (ROOT / "app/web/templates").glob("*.html"):
        named |= set(re.findall(r'icon\("([a-z-]+)"', path.read_text()))
    assert named <= icons


def test_errors_that_people_meet_have_texts() -> None:
    codes = set()
    for package in ("app", "moderation", "translation"):
        for path in (ROOT / package).rglob("*.py"):
            codes |= set(_CODE.findall(path.read_text()))
    missing = {code for code in codes if not code.startswith(_NOT_FOR_PEOPLE)} - set(messages.ERROR_TEXTS)
    assert missing == set()
