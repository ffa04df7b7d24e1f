"""Languages as arguments of commands."""

from __future__ import annotations

from typing import Any

import click

from translation.languages import LanguageTag, UnknownLanguageError, parse_language_tag


class LanguageType(click.ParamType[LanguageTag]):
    name = "language"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> LanguageTag:
        try:
            return parse_language_tag(str(value))
        except UnknownLanguageError:
            self.fail(f"{value} is not one of our languages", param, ctx)


class LanguagesType(click.ParamType[tuple[LanguageTag, ...]]):
    """Tags separated by commas."""

    name = "languages"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[LanguageTag, ...]:
        try:
            return tuple(parse_language_tag(part) for part in str(value).split(","))
        except UnknownLanguageError:
            self.fail(f"{value} is not a list of our languages", param, ctx)


LANGUAGE = LanguageType()
LANGUAGES_BY_COMMA = LanguagesType()
