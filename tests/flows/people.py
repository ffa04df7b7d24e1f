"""What people do in several flows: an interpreter works her queue, somebody looks at the page of notices."""

from __future__ import annotations

import html
import re

import requests

from tests.flows.server import PATIENCE, Api, Server, Told, eventually

PASSWORD = "correct horse"


def find_task(interpreter: Api, post_id: int, target: str) -> Told | None:
    """The open task about this post in the interpreter's queue."""
    queue = interpreter.get("/tasks", target=target, state="open", limit=100).expect(200)["items"]
    return next((task for task in queue if task["post_id"] == post_id), None)


def interpret(interpreter: Api, post_id: int, target: str, text: str, *, title: str | None = None) -> Told:
    """Wait for the post's task, take it, and vouch for a text; the translation."""
    task = eventually(lambda: find_task(interpreter, post_id, target), what=f"a task for post {post_id} in {target}")
    taken = interpreter.post(f"/tasks/{task['id']}/claim").expect(200)
    assert taken["state"] == "claimed"
    candidate = taken["candidate"]["id"] if taken["candidate"] else None
    submission = {"text": text, "title_text": title, "base_candidate_id": candidate}
    done: Told = interpreter.post(f"/tasks/{task['id']}/submit", submission).expect(200)
    return done


def read_notices(server: Server, name: str) -> str:
    """The visible words of the English page of notices of a person, signed in as a browser does."""
    with requests.Session() as browser:
        page = browser.get(f"{server.url}/en/sign-in", timeout=PATIENCE).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None, page
        form = {"csrf_token": token[1], "display_name": name, "password": PASSWORD}
        signed_in = browser.post(f"{server.url}/en/sign-in", data=form, timeout=PATIENCE)
        assert signed_in.status_code == 200, signed_in.text
        notices = browser.get(f"{server.url}/en/notices", timeout=PATIENCE)
        assert notices.status_code == 200, notices.text
        return html.unescape(re.sub(r"<[^>]+>", " ", notices.text))
