"""Types of the fields that clients may send, and the stable codes for what is wrong with them."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.accounts.passwords import MAX_PASSWORD_LENGTH
from app.accounts.service import MAX_NAME_LENGTH
from app.core.errors import FieldError, InvalidInputError
from translation.languages import LanguageTag, find_language_tag
from translation.text import normalise_user_text

Model = TypeVar("Model", bound=BaseModel)

#: Largest row id: a signed 64-bit integer, on SQLite and on PostgreSQL.
MAX_ID: Final = 2**63 - 1
#: Most reading languages that a person can name: the six and Simplified Chinese.
MAX_READING_LANGUAGES: Final = 7

_LANGUAGE_SCHEMA: Final = {
    "type": "string",
    "minLength": 2,
    "maxLength": 35,
    "description": "BCP-47 tag of one of zh-Hant, zh-Hans, en, vi, id, th, km; regions are dropped (vi-VN is vi).",
}

#: pydantic's kinds of error, in our words. Kinds with a dot in them are our own and stand as they are.
_CODES: Final = {
    "missing": "input.required",
    "extra_forbidden": "input.unknown_field",
    "string_too_long": "text.too_long",
    "string_too_short": "text.empty",
    "string_unicode": "text.surrogate",
    "string_pattern_mismatch": "input.invalid",
    "enum": "input.unknown_choice",
    "literal_error": "input.unknown_choice",
    "too_long": "list.too_long",
    "too_short": "list.empty",
    "greater_than_equal": "input.out_of_range",
    "less_than_equal": "input.out_of_range",
}


def refuse_nul(text: str) -> str:
    """U+0000 is in no human's text, and PostgreSQL refuses it."""
    if "\0" in text:
        raise PydanticCustomError("text.nul", "holds U+0000")
    return text


def clean_text(text: str) -> str:
    """What people typed, as it will be stored, and not empty. Lone surrogates were refused by pydantic before."""
    cleaned = normalise_user_text(refuse_nul(text))
    if not cleaned:
        raise PydanticCustomError("text.empty", "nothing is left of the text")
    return cleaned


def _parse_tag(value: Any) -> LanguageTag:
    tag = find_language_tag(value) if isinstance(value, str) and len(value) <= 35 else None
    if tag is None or not tag.is_known:
        raise PydanticCustomError("language.unknown", "not one of our languages")
    return tag


def _drop_repeated(tags: list[LanguageTag]) -> list[LanguageTag]:
    return list(dict.fromkeys(tags))


Tag = Annotated[LanguageTag, BeforeValidator(_parse_tag), WithJsonSchema(_LANGUAGE_SCHEMA)]
Tags = Annotated[list[Tag], Field(min_length=1, max_length=MAX_READING_LANGUAGES), AfterValidator(_drop_repeated)]
RowId = Annotated[StrictInt, Field(ge=1, le=MAX_ID)]
Flag = StrictBool
#: A change number of a thread; 0 is before the first.
Change = Annotated[int, Field(ge=0, le=MAX_ID)]

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH), AfterValidator(clean_text)]
Password = Annotated[str, Field(min_length=1, max_length=MAX_PASSWORD_LENGTH), AfterValidator(refuse_nul)]
#: ISO 3166-1 alpha-2.
Country = Annotated[str, Field(pattern=r"^[A-Za-z]{2}$")]
Slug = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(refuse_nul)]
Title = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(clean_text)]
Body = Annotated[str, Field(min_length=1, max_length=20_000), AfterValidator(clean_text)]
#: Translations grow: a Khmer one has about twice the characters of its Chinese source.
TranslatedText = Annotated[str, Field(min_length=1, max_length=60_000), AfterValidator(clean_text)]
DraftText = Annotated[str, Field(max_length=60_000), AfterValidator(refuse_nul)]
Note = Annotated[str, Field(max_length=1_000), AfterValidator(refuse_nul)]
Reason = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]
Key = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[ -~]+$")]


class Input(BaseModel):
    """What a client sends. A field that we don't know is refused, so that a misspelt one isn't lost silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Query(BaseModel):
    """A query string. Empty values count as not given; unknown names are ignored, as links pick them up."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value != ""} if isinstance(given, dict) else given


def to_input_error(error: ValidationError) -> InvalidInputError:
    """Our error for pydantic's: a code for each wrong field, by its dotted path; "" is the whole."""
    return InvalidInputError(
        errors=tuple(
            FieldError(field=".".join(str(part) for part in item["loc"]), code=_to_code(item["type"]))
            for item in error.errors(include_url=False, include_context=False, include_input=False)
        )
    )


def _to_code(kind: str) -> str:
    if "." in kind:
        return kind
    return _CODES.get(kind, "input.type" if kind.endswith(("_type", "_parsing")) else "input.invalid")


def parse_input(model: type[Model], given: object) -> Model:
    """The checked input. Raises :class:`InvalidInputError` with a code for each wrong field."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise to_input_error(error) from None
