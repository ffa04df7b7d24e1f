"""The operators' page of engines: what is taken and why, and deciding otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.core.actor import Actor, Role
from app.runtime import Runtime
from tests.models.packages import install_tiny_models
from tests.people import make_person
from tests.web.pages.conftest import Browser


@pytest.fixture
def operator(make_browser: Callable[[Actor], Browser], runtime: Runtime) -> Browser:
    return make_browser(make_person(runtime.db, now=runtime.clock(), roles=[Role.ADMIN], reads=["en"]))


def test_nothing_installed_is_said_with_the_command_that_helps(operator: Browser) -> None:
    page = operator.open("/en/engines")
    assert "qiao models list --available" in page
    assert "An interpreter is asked" in page


def test_way_in_use_is_shown_with_its_reason(operator: Browser, runtime: Runtime) -> None:
    install_tiny_models(runtime.settings.effective_models_dir)
    page = operator.open("/en/engines")
    assert '<option value="argos|vi&gt;en&gt;zh-Hant">' in page
    assert "qiao models list --available" not in page


def test_operator_leaves_a_pair_to_people_and_back(operator: Browser, runtime: Runtime) -> None:
    install_tiny_models(runtime.settings.effective_models_dir)
    operator.open("/en/engines")
    page = operator.follow(operator.send("/en/engines", {"source": "vi", "target": "zh-Hant", "way": "people"}))
    assert "Decided here: interpreters only" in page
    page = operator.follow(operator.send("/en/engines", {"source": "vi", "target": "zh-Hant", "way": "automatic"}))
    assert "Decided here: interpreters only" not in page


def test_operator_chooses_a_way(operator: Browser, runtime: Runtime) -> None:
    install_tiny_models(runtime.settings.effective_models_dir)
    operator.open("/en/engines")
    data = {"source": "vi", "target": "zh-Hant", "way": "argos|vi>en>zh-Hant"}
    assert '<option value="argos|vi&gt;en&gt;zh-Hant" selected>' in operator.follow(operator.send("/en/engines", data))


@pytest.mark.parametrize("way", ["", "x", "argos|", "argos|en>zh-Hant", "argos|vi>fr>zh-Hant", "ARGOS|vi>zh-Hant"])
def test_way_that_leads_nowhere_is_refused(operator: Browser, way: str) -> None:
    operator.open("/en/engines")
    response = operator.send("/en/engines", {"source": "vi", "target": "zh-Hant", "way": way})
    assert response.status_code == 422
    assert 'id="errors"' in operator.page


@pytest.mark.parametrize("roles", [[], [Role.INTERPRETER], [Role.MODERATOR]])
def test_page_is_for_operators(make_browser: Callable[[Actor], Browser], runtime: Runtime, roles: list[Role]) -> None:
    browser = make_browser(make_person(runtime.db, now=runtime.clock(), roles=roles, reads=["en"]))
    browser.open("/en/engines", status=403)
    data = {"source": "vi", "target": "zh-Hant", "way": "people"}
    assert browser.send("/en/engines", data).status_code == 403
