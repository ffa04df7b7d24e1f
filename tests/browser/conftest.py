"""Debian's Chromium through Playwright, and a Qiao with LINE beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from simulators.line.sender import http_transport
from simulators.line.simulator import LineSimulator
from tests.flows.conftest import OpenServer, open_server
from tests.flows.server import PATIENCE, Server

CHROMIUM = Path("/usr/bin/chromium")
INSTALL = "apt-get install -y --no-install-recommends chromium fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji"
SECRET, TOKEN = "simulated-channel-secret", "simulated-access-token"
#: Chromium's own calls home would be refused, many at a time.
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

__all__ = ["open_server"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a module; skips where there is none, never in CI."""
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"no Chromium: {INSTALL}")
        pytest.skip(f"no Chromium: {INSTALL}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def line() -> LineSimulator:
    return LineSimulator(secret=SECRET, access_token=TOKEN)


@pytest.fixture(scope="module")
def server(open_server: OpenServer, line: LineSimulator) -> Iterator[Server]:
    """``qiao run`` on an empty database with the simulator as its LINE."""
    with line.serve() as api_base:
        server = open_server(
            QIAO_LINE_CHANNEL_SECRET=SECRET, QIAO_LINE_CHANNEL_ACCESS_TOKEN=TOKEN, QIAO_LINE_API_BASE=api_base
        )
        server.run()
        line.connect(http_transport(f"{server.url}/line/webhook", timeout=PATIENCE))
        yield server
        server.close()


OpenPage = Callable[..., Page]


def _is_trouble(message: ConsoleMessage) -> bool:
    is_expected = message.text.startswith("Failed to load resource") or "ERR_INTERNET_DISCONNECTED" in message.text
    return message.type == "error" and not is_expected


@pytest.fixture
def open_page(chromium: Browser, server: Server) -> Iterator[OpenPage]:
    """A page of a person of her own: another browser context. An error of a script, something that the content security
    policy refuses, or an answer of 500 and more fails the test; a refused form (422) and a cut network don't."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_one(path: str, *, width: int = 1280, height: int = 900, **options: object) -> Page:
        context = chromium.new_context(
            base_url=server.url,
            viewport={"width": width, "height": height},
            **options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda message: troubles.append(message.text) if _is_trouble(message) else None,
        )
        page.on(
            "response",
            lambda answer: troubles.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None,
        )
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert troubles == []
