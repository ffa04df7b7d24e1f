"""The glossary for people: everybody looks terms up, interpreters vouch, moderators keep the entries."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from app.core.actor import Actor, Role
from app.runtime import Runtime
from app.web.i18n import LOCALES
from app.web.pages.glossary_shown import find_host
from tests.people import make_interpreter, make_person
from tests.translation.glossary.conftest import make_draft
from tests.web.pages.conftest import Browser
from tests.web.pages.lang_walk import find_faults
from tests.web.pages.test_browser import address, chromium, open_page
from translation.glossary.drafts import ConceptDraft, TermDraft
from translation.glossary.queries import ConceptView, get_concept, list_concepts
from translation.glossary.service import add_concept, verify_term
from translation.languages import LanguageTag

__all__ = ["address", "chromium", "open_page"]

ENTRY = make_draft(
    "migrant-worker",
    category="work",
    zh_Hant="移工 | 移住勞工 | !外勞",
    en="migrant worker",
    vi="lao động di trú",
    id="pekerja migran",
    th="แรงงานข้ามชาติ",
    km="ពលករចំណាកស្រុក | ពលករ",
)


def add(runtime: Runtime, draft: ConceptDraft = ENTRY) -> int:
    with runtime.db.transaction() as session:
        return add_concept(session, actor_id=None, draft=draft, now=runtime.clock()).id


def read(runtime: Runtime, concept_id: int) -> ConceptView:
    with runtime.db.reading() as session:
        return get_concept(session, concept_id)


def find_term_id(runtime: Runtime, concept_id: int, text: str) -> int:
    return next(term.id for term in read(runtime, concept_id).terms if term.text == text)


def list_names(runtime: Runtime, concept_id: int, language: str) -> list[tuple[str, str, bool]]:
    terms = read(runtime, concept_id).terms
    return [(term.text, term.status.value, term.is_verified) for term in terms if term.language == language]


@pytest.fixture
def entry(runtime: Runtime) -> int:
    return add(runtime)


@pytest.fixture
def interpreter(make_browser: Callable[[Actor], Browser], runtime: Runtime) -> Browser:
    return make_browser(make_interpreter(runtime.db, ("km", "zh-Hant"), now=runtime.clock()))


@pytest.fixture
def moderator(make_browser: Callable[[Actor], Browser], runtime: Runtime) -> Browser:
    return make_browser(make_person(runtime.db, now=runtime.clock(), roles=[Role.MODERATOR], reads=["en"]))


def send(browser: Browser, concept_id: int, **data: object) -> str:
    """A form of the entry's page, and the page after it."""
    seen = re.search(r'name="seen" value="([^"]+)"', browser.open(f"/en/glossary/{concept_id}"))
    response = browser.send(f"/en/glossary/{concept_id}", {"seen": seen[1] if seen else "", **data})
    return browser.follow(response) if response.status_code == 303 else browser.page


@pytest.mark.parametrize("locale", LOCALES)
def test_pages_render_and_are_labelled(
    browser: Browser, interpreter: Browser, moderator: Browser, entry: int, runtime: Runtime, locale: str
) -> None:
    with runtime.db.transaction() as session:
        verify_term(session, actor_id=1, term_id=find_term_id(runtime, entry, "pekerja migran"), now=runtime.clock())
    for person in (browser, interpreter, moderator):
        for path in (
            "glossary",
            "glossary?q=移工&verified=no&in=km&category=work",
            "glossary?q=zzz",
            f"glossary/{entry}",
        ):
            assert find_faults(person.open(f"/{locale}/{path}")) == [], path
    for person in (interpreter, moderator):
        assert find_faults(person.open(f"/{locale}/glossary/new")) == []


def test_reader_sees_her_own_languages_first_and_all_on_opening(
    make_browser: Callable[[Actor], Browser], runtime: Runtime, entry: int
) -> None:
    reader = make_browser(make_person(runtime.db, now=runtime.clock(), reads=["vi", "id"]))
    page = reader.open("/vi/glossary")
    shown, hidden = page.split("<details", 1)
    order = [shown.index(text) for text in ("lao động di trú", "pekerja migran", "移工")]
    assert order == sorted(order)
    for text in ("migrant worker", "แรงงานข้ามชาติ", "ពលករចំណាកស្រុក"):
        assert text not in shown
        assert text in hidden


def test_names_that_match_are_shown_without_opening(browser: Browser, entry: int) -> None:
    assert "ពលករ" not in browser.open("/en/glossary").split("<details", 1)[0]
    assert "ពលករ" in browser.open("/en/glossary?q=ពលករ").split("<details", 1)[0].split("</form>", 1)[1]


def test_reader_of_simplified_chinese_sees_and_finds_simplified_terms(
    make_browser: Callable[[Actor], Browser], runtime: Runtime, entry: int
) -> None:
    reader = make_browser(make_person(runtime.db, now=runtime.clock(), reads=["en", "zh-Hans"]))
    page = reader.open("/zh-Hant/glossary?q=外劳")
    assert 'lang="zh-Hans" dir="auto">外劳<' in page
    assert 'lang="zh-Hant" dir="auto">外勞<' in make_browser(
        make_person(runtime.db, now=runtime.clock(), reads=["zh-Hant"])
    ).open("/zh-Hant/glossary?q=外劳")


def test_source_is_a_link_that_says_where_it_leads(browser: Browser, entry: int) -> None:
    page = browser.open(f"/en/glossary/{entry}")
    assert re.search(
        r'<a [^>]*href="https://www\.mol\.gov\.tw/" rel="[^"]*noopener[^"]*"><bdi>www\.mol\.gov\.tw</bdi></a>', page
    )


def test_term_from_elsewhere_has_its_own_source(browser: Browser, runtime: Runtime) -> None:
    elsewhere = TermDraft(LanguageTag.ID, "kata lain", source_url="https://www.kemlu.go.id/")
    entry = add(runtime, replace(ENTRY, terms=(*ENTRY.terms[:4], elsewhere)))
    assert "<bdi>www.kemlu.go.id</bdi>" in browser.open(f"/en/glossary/{entry}")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://law.moj.gov.tw/x?y", "law.moj.gov.tw"),
        ("https://safe.tw@evil.example/", "evil.example"),
        ("https://аррӏе.example/", "xn--80ak6aa92e.example"),
        ("https://" + "ā" * 80 + ".tw/", ""),
    ],
)
def test_host_is_the_one_that_is_visited(url: str, host: str) -> None:
    assert find_host(url) == host


def test_confirmation_has_a_date_and_no_name(
    interpreter: Browser, browser: Browser, runtime: Runtime, entry: int
) -> None:
    assert "Confirmed by an interpreter</span>" not in browser.open(f"/en/glossary/{entry}")
    page = send(interpreter, entry, action="confirm", term=find_term_id(runtime, entry, "移工"))
    assert "Confirmed. Machine translations that are shown are being checked again with it." in page
    page = browser.open(f"/en/glossary/{entry}")
    assert "Confirmed by an interpreter</span>" in page
    assert "Mar 2, 2026" in page
    assert "person " not in page


def test_interpreter_works_the_terms_of_her_languages(interpreter: Browser, runtime: Runtime, entry: int) -> None:
    variant = find_term_id(runtime, entry, "移住勞工")
    send(interpreter, entry, action="prefer", term=variant)
    assert list_names(runtime, entry, "zh-Hant")[0] == ("移住勞工", "preferred", True)
    assert "Withdrawn. Machine" in send(interpreter, entry, action="withdraw", term=variant)
    send(interpreter, entry, action="forbid", term=variant)
    assert ("移住勞工", "forbidden", True) in list_names(runtime, entry, "zh-Hant")
    send(interpreter, entry, action="allow", term=variant)
    assert ("移住勞工", "admitted", True) in list_names(runtime, entry, "zh-Hant")
    send(interpreter, entry, action="remove", term=variant)
    assert "移住勞工" not in str(list_names(runtime, entry, "zh-Hant"))


def test_interpreter_proposes_or_vouches_at_once(interpreter: Browser, runtime: Runtime, entry: int) -> None:
    page = send(interpreter, entry, action="propose", language="km", text="កម្មករបរទេស", confirm_as="")
    assert "it counts once an interpreter confirms it" in page
    assert ("កម្មករបរទេស", "admitted", False) in list_names(runtime, entry, "km")
    send(interpreter, entry, action="propose", language="km", text="កម្មករ", confirm_as="preferred")
    assert list_names(runtime, entry, "km")[0] == ("កម្មករ", "preferred", True)


def test_wrong_wording_is_said_beside_its_field(interpreter: Browser, entry: int) -> None:
    page = send(interpreter, entry, action="propose", language="km", text="ក", confirm_as="")
    assert 'href="#field-text">A term needs at least two characters.' in page
    assert 'value="ក"' in page
    page = send(interpreter, entry, action="propose", language="vi", text="chữ", confirm_as="preferred")
    assert "This is not in one of your languages." in page


def test_somebody_who_looked_earlier_is_told_to_look_again(interpreter: Browser, runtime: Runtime, entry: int) -> None:
    term = find_term_id(runtime, entry, "移工")
    old = re.search(r'name="seen" value="([^"]+)"', interpreter.open(f"/en/glossary/{entry}"))
    assert old
    send(interpreter, entry, action="forbid", term=term)
    response = interpreter.send(f"/en/glossary/{entry}", {"seen": old[1], "action": "confirm", "term": term})
    assert response.status_code == 409
    assert "Somebody changed this entry in the meantime." in interpreter.page


@pytest.mark.parametrize(
    "data",
    [
        {"action": "confirm", "term": "999"},
        {"action": "confirm", "term": "9" * 40},
        {"action": "confirm"},
        {"action": "burn", "term": "1"},
        {},
    ],
)
def test_term_that_is_not_there_is_told(interpreter: Browser, entry: int, data: dict[str, str]) -> None:
    interpreter.open(f"/en/glossary/{entry}")
    assert interpreter.send(f"/en/glossary/{entry}", data).status_code == 404
    assert "This term is not there any more." in interpreter.page


def test_buttons_are_for_those_who_may(
    browser: Browser, interpreter: Browser, moderator: Browser, runtime: Runtime, entry: int
) -> None:
    assert "<button" not in browser.open(f"/en/glossary/{entry}").split("<main", 1)[1]
    page = interpreter.open(f"/en/glossary/{entry}")
    assert page.count('value="confirm"') == 5
    assert 'value="remove_concept"' not in page
    page = moderator.open(f"/en/glossary/{entry}")
    assert 'value="confirm"' not in page
    assert 'name="confirm_as"' not in page
    assert 'value="remove_concept"' in page


def test_deeds_are_refused_to_those_who_may_not(
    browser: Browser, interpreter: Browser, make_browser: Callable[[Actor], Browser], runtime: Runtime, entry: int
) -> None:
    before = read(runtime, entry)
    citizen = make_browser(make_person(runtime.db, now=runtime.clock()))
    term = before.terms[0].id
    for data in (
        {"action": "confirm", "term": term},
        {"action": "remove", "term": term},
        {"action": "propose", "language": "km", "text": "ពាក្យ"},
        {"action": "remove_concept"},
    ):
        citizen.open(f"/en/glossary/{entry}")
        assert citizen.send(f"/en/glossary/{entry}", data).status_code == 403
    interpreter.open(f"/en/glossary/{entry}")
    vietnamese = find_term_id(runtime, entry, "lao động di trú")
    for data in ({"action": "confirm", "term": vietnamese}, {"action": "remove_concept"}):
        assert interpreter.send(f"/en/glossary/{entry}", data).status_code == 403
    browser.open("/en/help")
    browser.open("/en/sign-in")
    response = browser.send(f"/en/glossary/{entry}", {"action": "confirm", "term": term})
    assert "/en/sign-in" in response.headers["Location"]
    citizen.open("/en/glossary/new", status=403)
    assert read(runtime, entry) == before


def test_entry_is_added_once_and_found(moderator: Browser, runtime: Runtime) -> None:
    moderator.open("/en/glossary/new")
    data = {"terms.km": "ប័ណ្ណស្នាក់នៅ", "terms.en": "Residence card", "category": "residence"}
    data |= {"source_url": "https://www.immigration.gov.tw/", "note": "The plastic one"}
    first = moderator.send("/en/glossary/new", data)
    again = moderator.send("/en/glossary/new", data)
    assert first.headers["Location"] == again.headers["Location"]
    page = moderator.follow(first)
    assert "Its terms count once interpreters" in page
    assert '<p lang="en" dir="auto">The plastic one</p>' in page
    with runtime.db.reading() as session:
        [concept] = list_concepts(session)
    assert (concept.key, concept.category) == ("residence-card", "residence")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source_url": "http://www.immigration.gov.tw/"}, "source_url"),
        ({"terms.en": ""}, "terms"),
        ({"terms.en": "x"}, "terms.en"),
        ({"terms.km": "|"}, "terms.km"),
        ({"category": "nothing"}, "category"),
        ({"note": "x" * 1_001}, "note"),
        ({"name": "Not A Name"}, "key"),
    ],
)
def test_wrong_entry_keeps_what_was_typed(
    interpreter: Browser, runtime: Runtime, changes: dict[str, str], field: str
) -> None:
    interpreter.open("/en/glossary/new")
    data = {"terms.en": "Residence card", "source_url": "https://www.immigration.gov.tw/"} | changes
    assert interpreter.send("/en/glossary/new", data).status_code == 422
    assert f'href="#field-{field}"' in interpreter.page
    assert f'id="field-{field}"' in interpreter.page
    assert data["source_url"] in interpreter.page
    assert find_faults(interpreter.page) == []
    with runtime.db.reading() as session:
        assert list_concepts(session) == ()


def test_second_entry_of_a_name_is_refused(interpreter: Browser, entry: int) -> None:
    interpreter.open("/en/glossary/new")
    data = {"terms.en": "Migrant worker", "source_url": "https://a.tw/"}
    assert interpreter.send("/en/glossary/new", data).status_code == 409
    assert "Another entry already has this name." in interpreter.page
    assert interpreter.send("/en/glossary/new", data | {"name": "migrant-worker-2"}).status_code == 303


def test_moderator_removes_an_entry(moderator: Browser, entry: int) -> None:
    page = send(moderator, entry, action="remove_concept")
    assert "Removed." in page
    assert "No term like this." in page
    moderator.open(f"/en/glossary/{entry}", status=404)


def test_list_is_paged_and_keeps_its_filters(browser: Browser, runtime: Runtime) -> None:
    for number in range(25):
        add(runtime, make_draft(f"word-{number}", category="work", en=f"word number {number}"))
    page = browser.open("/en/glossary?q=number&category=work&in=en&verified=no")
    assert page.count('id="concept-') == 20
    more = re.search(r'<a class="button" href="([^"]+)" rel="next">', page)
    assert more
    address_of_more = more[1].replace("&amp;", "&")
    for kept in ("q=number", "category=work", "in=en", "verified=no", "after="):
        assert kept in address_of_more
    rest = browser.open(address_of_more)
    assert rest.count('id="concept-') == 5
    assert 'rel="next"' not in rest


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=%ED%A0%80", "q=" + "x" * 5_000, "category=%00", "category=none", "in=xx", "after=-1", "verified=2"],
)
def test_hostile_address_is_a_page(browser: Browser, entry: int, query: str) -> None:
    browser.open(f"/en/glossary?{query}")


def test_everybody_finds_the_glossary_at_the_foot_and_keepers_in_the_bar(
    browser: Browser, interpreter: Browser, moderator: Browser
) -> None:
    link = 'href="/en/glossary"'
    assert link in browser.open("/en/").split("<footer", 1)[1]
    assert link not in browser.page.split("<main", 1)[0]
    for person in (interpreter, moderator):
        assert link in person.open("/en/").split("<main", 1)[0]


_MEASURE = """() => ({
  cut: [...document.querySelectorAll('.button, .chip, summary, dd, dt, h2')]
    .filter((element) => element.getClientRects().length && element.scrollHeight > element.clientHeight + 1)
    .map((element) => element.textContent.trim()),
  low: [...document.querySelectorAll('main a, main button, main summary, main select')]
    .filter((element) => element.getClientRects().length && element.getBoundingClientRect().height < 43.5)
    .map((element) => element.outerHTML.slice(0, 80)),
  isWide: document.documentElement.scrollWidth > innerWidth,
})"""


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["km", "th", "zh-Hant"])
@pytest.mark.parametrize("path", ["glossary", "glossary/1", "glossary/new"])
def test_nothing_is_cut_off_or_hard_to_hit_on_a_narrow_screen(
    open_page: Callable[..., Page], runtime: Runtime, entry: int, locale: str, path: str
) -> None:
    person = make_interpreter(runtime.db, ("km", "zh-Hant"), now=runtime.clock())
    page = open_page(f"/{locale}/{path}", person=person, width=320)
    for details in page.locator("main details").all():
        details.evaluate("(element) => { element.open = true; }")
    assert page.evaluate(_MEASURE) == {"cut": [], "low": [], "isWide": False}


@pytest.mark.browser
def test_term_is_confirmed_with_the_keyboard_alone(
    open_page: Callable[..., Page], runtime: Runtime, entry: int
) -> None:
    person = make_interpreter(runtime.db, ("km", "zh-Hant"), now=runtime.clock())
    page = open_page(f"/en/glossary/{entry}", person=person)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "confirm":
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/en/glossary/{entry}#term-*")
    assert sum(term.is_verified for term in read(runtime, entry).terms) == 1
