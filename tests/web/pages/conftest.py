"""A browser without scripts: cookies, forms with their hidden fields, redirects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.core.actor import Actor
from app.forum.models import Post
from app.runtime import Runtime
from tests.people import PASSWORD
from translation.languages import LanguageTag
from translation.models import Candidate, SourceText, Translation, TranslationState
from translation.results import OriginKind

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_KEY = re.compile(r'name="key" value="([^"]+)"')


class Browser:
    """``open`` a page, then ``send`` one of its forms: the hidden fields of the page go with it."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.page = ""

    def open(self, path: str, status: int = 200, **headers: str) -> str:
        response = self.client.get(path, headers={"Accept": "text/html", **headers})
        assert response.status_code == status, response.get_data(as_text=True)[:2000]
        self.page = response.get_data(as_text=True)
        return self.page

    def send(self, path: str, data: Mapping[str, object], **headers: str) -> TestResponse:
        hidden = {name: unescape(found[1]) for name, found in self._hidden() if found}
        response = self.client.post(path, data={**hidden, **data}, headers={"Accept": "text/html", **headers})
        if not response.is_json and response.status_code != 303:
            self.page = response.get_data(as_text=True)
        return response

    def _hidden(self) -> list[tuple[str, re.Match[str] | None]]:
        return [("csrf_token", _TOKEN.search(self.page)), ("key", _KEY.search(self.page))]

    def follow(self, response: TestResponse) -> str:
        assert response.status_code == 303, response.get_data(as_text=True)[:2000]
        return self.open(response.headers["Location"].split("#")[0])

    def sign_in(self, actor: Actor, locale: str = "en") -> Browser:
        self.open(f"/{locale}/sign-in")
        response = self.send(f"/{locale}/sign-in", {"display_name": actor.display_name, "password": PASSWORD})
        assert response.status_code == 303, response.get_data(as_text=True)[:2000]
        return self


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def make_browser(app: Flask) -> Callable[[Actor], Browser]:
    return lambda actor: Browser(app).sign_in(actor)


@pytest.fixture
def put_translation(runtime: Runtime) -> Callable[..., int]:
    """Bring a post's translation into a state, as a worker or a person would have left it; the translation's id."""

    def put(post_id: int, language: str, state: str, text: str | None = None, **values: object) -> int:
        with runtime.db.transaction() as session:
            translation = _find(session, post_id, language)
            translation.state = TranslationState(state)
            for name, value in values.items():
                setattr(translation, name, value)
            if text is not None:
                session.add(
                    Candidate(
                        translation_id=translation.id,
                        text=text,
                        source_digest=session.get_one(SourceText, translation.source_text_id).digest,
                        origin=OriginKind.INTERPRETER if state == "verified" else OriginKind.MACHINE,
                        is_active=True,
                        created_at=runtime.clock(),
                    )
                )
            return translation.id

    return put


def _find(session: Session, post_id: int, language: str) -> Translation:
    post = session.get_one(Post, post_id)
    found = session.scalar(
        select(Translation).where(
            Translation.source_text_id == post.source_text_id, Translation.target_language == LanguageTag(language)
        )
    )
    assert found is not None, f"nobody asked for {language}"
    return found
