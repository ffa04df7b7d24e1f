"""Reads a page as a browser does and says where text in a script that gives its language away is labelled otherwise.

axe does not find this: unlabelled Chinese in a Vietnamese page passes, and is drawn with Japanese shapes. Attributes
that people see or hear count too. Also says where elements aren't closed as they should be, and where ids repeat.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

SCRIPTS = {
    "km": re.compile(r"[\u1780-\u17ff\u19e0-\u19ff]"),
    "th": re.compile(r"[\u0e01-\u0e5b]"),
    "zh": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
}
SPOKEN = ("alt", "aria-label", "title", "placeholder", "content", "label")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
#: The title of a tab and what is being typed can't hold elements: where they mix, their main language is all there is.
UNREAD = {"script", "style", "title", "textarea"}


@dataclass(frozen=True)
class Fault:
    kind: str
    text: str
    nearest: str = ""


@dataclass
class Walk(HTMLParser):
    """Feed it a page, then read ``faults``."""

    faults: list[Fault] = field(default_factory=list)
    stack: list[tuple[str, str]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    texts: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @property
    def language(self) -> str:
        return self.stack[-1][1] if self.stack else ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        language = given.get("lang")
        inside = self.language if language is None else language
        for name in SPOKEN:
            self._check(given.get(name) or "", inside)
        own_id = given.get("id")
        if own_id is not None:
            if own_id in self.ids:
                self.faults.append(Fault("id twice", own_id))
            self.ids.add(own_id)
        if tag not in VOID:
            self.stack.append((tag, inside))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack[-1][0] != tag:
            self.faults.append(Fault("not nested", tag, self.stack[-1][0] if self.stack else ""))
            return
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1][0] in UNREAD:
            return
        if data.strip():
            self.texts.append((data.strip(), self.language))
            self._check(data, self.language)

    def _check(self, text: str, language: str) -> None:
        for expected, letters in SCRIPTS.items():
            if letters.search(text) and language.split("-")[0] != expected:
                self.faults.append(Fault(expected, text.strip(), language))

    def close(self) -> None:
        super().close()
        self.faults += [Fault("not closed", tag) for tag, _ in self.stack]


def walk(page: str) -> Walk:
    found = Walk()
    found.feed(page)
    found.close()
    return found


def find_faults(page: str) -> list[Fault]:
    """Everything that is wrong with the languages and the nesting of a page."""
    return walk(page).faults
