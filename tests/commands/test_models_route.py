"""``qiao models route`` and what ``qiao doctor`` says of engines: which way each pair takes, why, and deciding."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.commands.conftest import Qiao
from tests.models.firefox.models import install_tiny_firefox
from tests.models.packages import install_tiny_models
from translation.engines.routing import Rule
from translation.languages import LanguageTag
from translation.routing.queries import load_table

VI, EN, ZH_HANT = LanguageTag.VI, LanguageTag.EN, LanguageTag.ZH_HANT


@pytest.fixture
def engines(migrated: Qiao) -> Qiao:
    """Argos for Vietnamese and Chinese, Firefox from Vietnamese; a database."""
    install_tiny_models(migrated.folder / "models", ["vi-en", "en-zt", "zt-en", "en-vi"])
    install_tiny_firefox(migrated.folder / "models", ["vi-en"])
    return migrated


def show_all(qiao: Qiao) -> dict[tuple[str, str], Any]:
    done = qiao.command("models", "route", "--json")
    assert done.returncode == 0, done.stderr
    return {(each["source"], each["target"]): each for each in json.loads(done.stdout)}


def load_rules(qiao: Qiao) -> Any:
    with qiao.database.reading() as session:
        return load_table(session).rules


def test_table_shows_every_pair_with_its_route_and_reason(engines: Qiao) -> None:
    done = engines.command("models", "route")
    assert done.returncode == 0, done.stderr
    header, *rows = [line.split() for line in done.stdout.splitlines()]
    assert header == ["PAIR", "ROUTE", "ENGINE", "ESTIMATE", "OTHERS", "WHY"]
    assert len(rows) == 30
    assert ["vi", ">", "zh-Hant", "vi>en>zh-Hant", "firefox+argos", "12.8", "1", "automatic"] in rows
    assert ["vi", ">", "en", "vi>en", "firefox", "59.1", "1", "automatic"] in rows
    assert ["km", ">", "en", "people", "-", "-", "0", "no_engine"] in rows
    found = show_all(engines)[VI, EN]
    assert found["best"] == {"hops": ["vi", "en"], "engine": "firefox", "estimate": 59.1, "unknown_hops": 0}
    assert [other["engine"] for other in found["alternatives"]] == ["argos"]


def test_pair_is_explained_with_figures_and_where_they_are_from(engines: Qiao) -> None:
    lines = engines.command("models", "route", "vi", "zh-Hant").stdout.splitlines()
    assert lines[0] == "vi > zh-Hant: vi>en>zh-Hant by firefox+argos (the best that is there)"
    assert lines[1].startswith("*  12.8  vi>en>zh-Hant by firefox+argos")
    assert lines[2].strip().startswith("vi>en: firefox 59.1 (Firefox Translations; FLORES devtest, n = 1,012")
    assert lines[3].strip() == "en>zh-Hant: argos, no figure known, taken for 21.6"
    assert lines[4] == "    8.6  vi>en>zh-Hant by argos"
    nothing = engines.command("models", "route", "km", "vi")
    assert (nothing.returncode, nothing.stdout) == (0, "km > vi: people (no engine: people are asked)\n")


def test_table_is_shown_without_a_database_and_makes_none(qiao: Qiao) -> None:
    install_tiny_models(qiao.folder / "models", ["vi-en"])
    assert show_all(qiao)[VI, EN]["best"]["engine"] == "argos"
    assert qiao.command("models", "list").returncode == 0
    assert [path.name for path in qiao.folder.iterdir()] == ["models"]
    refused = qiao.command("models", "route", "vi", "en", "--people")
    assert (refused.returncode, "Run: qiao db upgrade" in refused.stderr) == (1, True)
    assert [path.name for path in qiao.folder.iterdir()] == ["models"]


def test_decision_is_kept_shown_and_taken_back(engines: Qiao) -> None:
    decided = engines.command("models", "route", "vi", "zh-Hant", "--engine", "argos", "--via", "en")
    assert (decided.returncode, decided.stderr) == (0, "")
    assert decided.stdout.splitlines()[:2] == [
        "vi > zh-Hant: vi>en>zh-Hant by argos (your rule)",
        "decided: vi>en>zh-Hant by argos",
    ]
    assert load_rules(engines) == {(VI, ZH_HANT): Rule("argos", (VI, EN, ZH_HANT))}
    assert show_all(engines)[VI, ZH_HANT]["why"] == "rule"

    people = engines.command("models", "route", "vi", "zh-Hant", "--people")
    assert people.stdout.startswith("vi > zh-Hant: people (your rule: people are asked)\n")
    assert show_all(engines)[VI, ZH_HANT]["best"] is None

    back = engines.command("models", "route", "vi", "zh-Hant", "--auto")
    assert back.stdout.startswith("vi > zh-Hant: vi>en>zh-Hant by firefox+argos (the best that is there)\n")
    assert load_rules(engines) == {}


@pytest.mark.parametrize(
    ("arguments", "hops"),
    [
        (("--engine", "firefox+argos"), "vi>en>zh-Hant"),
        (("--engine", "argos"), "vi>en>zh-Hant"),
        (("--engine", "argos", "--via", "en"), "vi>en>zh-Hant"),
        # Not there, so exactly what was said.
        (("--engine", "argos", "--via", "en,zh-Hans"), "vi>en>zh-Hans>zh-Hant"),
        (("--engine", "llm"), "vi>zh-Hant"),
    ],
)
def test_hops_are_filled_in_when_they_follow_from_what_is_there(
    engines: Qiao, arguments: tuple[str, ...], hops: str
) -> None:
    assert engines.command("models", "route", "vi", "zh-Hant", *arguments).returncode == 0
    assert ">".join(load_rules(engines)[VI, ZH_HANT].hops) == hops


def test_change_of_script_need_not_be_said(engines: Qiao) -> None:
    decided = engines.command("models", "route", "zh-Hans", "vi", "--engine", "argos", "--via", "en")
    assert (decided.returncode, decided.stderr) == (0, "")
    (rule,) = load_rules(engines).values()
    assert ">".join(rule.hops) == "zh-Hans>zh-Hant>en>vi"


def test_decision_that_cannot_be_followed_is_kept_with_a_word_and_told_by_doctor(engines: Qiao) -> None:
    decided = engines.command("models", "route", "vi", "zh-Hant", "--engine", "llm")
    assert decided.returncode == 0
    assert "llm does not go this way now" in decided.stderr
    assert "your rule can't be followed now" in decided.stdout
    assert load_rules(engines) == {(VI, ZH_HANT): Rule("llm", (VI, ZH_HANT))}


@pytest.mark.parametrize(
    "arguments",
    [
        ("vi",),
        ("vi", "vi"),
        ("vi", "klingon"),
        ("vi", "en", "--via", "th"),
        ("vi", "en", "--people", "--auto"),
        ("vi", "en", "--people", "--engine", "argos"),
        ("vi", "en", "--engine", "argos", "--via", "x,y"),
        ("--people",),
    ],
)
def test_wrong_arguments_are_said(engines: Qiao, arguments: tuple[str, ...]) -> None:
    done = engines.command("models", "route", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert load_rules(engines) == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--engine", "Argos!"),
        ("--engine", "argos+argos+argos"),
        ("--engine", "argos", "--via", "en,en"),
        ("--engine", ""),
    ],
)
def test_decision_that_nobody_could_follow_is_refused(engines: Qiao, arguments: tuple[str, ...]) -> None:
    done = engines.command("models", "route", "vi", "zh-Hant", *arguments)
    assert (done.returncode, "Not decided: " in done.stderr) == (1, True)
    assert load_rules(engines) == {}


def test_doctor_tells_engines_missing_routes_and_decisions(engines: Qiao) -> None:
    def look() -> tuple[int, list[str]]:
        done = engines.command("doctor")
        return done.returncode, [line for line in done.stdout.splitlines() if "routes" in line or "direct hops" in line]

    code, lines = look()
    assert code == 0
    assert "ok       argos        4 direct hops" in lines
    assert lines[-1] == ("missing  routes       people are asked, having no engine: all of id; all of th; all of km")
    engines.command("models", "route", "vi", "en", "--people")
    engines.command("models", "route", "en", "vi", "--engine", "llm")

    code, lines = look()
    assert code == 1
    assert "ok       routes       people are asked, as decided: vi>en" in lines
    assert "PROBLEM  routes       decided otherwise than is possible now: en>vi" in lines
