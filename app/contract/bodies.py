"""What clients may send: bodies and query strings of ``/api/v1`` and payloads of Socket.IO, each field bounded."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.contract.fields import (
    Body,
    Change,
    Country,
    DraftText,
    Flag,
    Input,
    Key,
    Name,
    Note,
    Password,
    Query,
    Reason,
    RowId,
    Slug,
    Tag,
    Tags,
    Title,
    TranslatedText,
    clean_text,
)
from app.core.actor import AccountKind
from app.forum.models import Solved, ThreadKind, ThreadStatus
from app.glossary.service import MAX_URL_LENGTH
from app.interpreting.models import TaskState
from moderation.models import Action, ItemState, ReportReason
from translation.glossary.drafts import MAX_TERM_LENGTH, MAX_TERMS
from translation.glossary.models import TermStatus
from translation.previews.service import MAX_LENGTH as MAX_PREVIEW_LENGTH
from translation.service.verification import ReportReason as TranslationReportReason

Cursor = Annotated[str, Field(min_length=1, max_length=64)]
Limit = Annotated[int, Field(ge=1, le=100)]


class NewAccountIn(Input):
    display_name: Name
    password: Password
    kind: Literal[AccountKind.RESIDENT, AccountKind.CITIZEN, AccountKind.COMPANY]
    locale: Tag
    reading_languages: Tags | None = None


class NewGuestIn(Input):
    """Without reading languages, the locale is the one."""

    locale: Tag
    reading_languages: Tags | None = None


class CredentialsIn(Input):
    display_name: Name
    password: Password


class ProfileIn(Input):
    """Only what is given is changed."""

    locale: Tag | None = None
    reading_languages: Tags | None = None
    show_originals: Flag | None = None
    expertise: Annotated[list[Country], Field(max_length=20)] | None = None


class NewThreadIn(Input):
    category: Slug
    kind: ThreadKind
    title: Title
    body: Body
    language: Tag | None = None


class NewPostIn(Input):
    body: Body
    language: Tag | None = None
    reply_to: RowId | None = None


class EditIn(Input):
    body: Body


class LanguageIn(Input):
    language: Tag


class LanguageReportIn(Input):
    """Which language it is, where the reader knows."""

    language: Tag | None = None


def _parse_report_reason(value: object) -> TranslationReportReason:
    if not isinstance(value, str) or value not in set(TranslationReportReason):
        raise PydanticCustomError("input.unknown_choice", "not one of the reasons")
    return TranslationReportReason(value)


class TranslationReportIn(Input):
    #: Described here, because a schema of the document has one name and posts are reported for other reasons.
    reason: Annotated[
        TranslationReportReason,
        PlainValidator(_parse_report_reason),
        WithJsonSchema({"type": "string", "enum": [reason.value for reason in TranslationReportReason]}),
    ]
    note: Note | None = None


class RatingIn(Input):
    solved: Solved
    reasons: Annotated[list[Reason], Field(max_length=8, default_factory=list)]


class PairIn(Input):
    """An interpreter may name one of her pairs, or leave the choice to the queue."""

    source: Tag | None = None
    target: Tag | None = None


class SkipIn(Input):
    """Why she leaves it to somebody else, as a code such as ``no_time``."""

    reason: Reason | None = None


class DraftIn(Input):
    text: DraftText


class PreviewIn(Input):
    """Without a language it is found out; without a target it is the common language, Traditional Chinese."""

    body: Annotated[Body, Field(max_length=MAX_PREVIEW_LENGTH)]
    language: Tag | None = None
    target: Tag | None = None


class BackTranslationIn(Input):
    text: Annotated[TranslatedText, Field(max_length=MAX_PREVIEW_LENGTH)]


class SubmissionIn(Input):
    text: TranslatedText
    title_text: TranslatedText | None = None
    base_candidate_id: RowId | None
    accept_warnings: Flag = False


class PostReportIn(Input):
    post_id: RowId
    reason: ReportReason
    note: Note | None = None


class DecisionIn(Input):
    action: Action
    note: Note = ""


class ThreadsQuery(Query):
    category: Slug | None = None
    status: ThreadStatus | None = None
    language: Tag | None = None
    after: Cursor | None = None
    limit: Limit = 20


class ThreadQuery(Query):
    """``after`` is the last change that the client has seen, or the ``next`` of a page of posts."""

    language: Tag | None = None
    after: Annotated[str, Field(pattern=r"^(post-)?[0-9]{1,18}$")] | None = None
    limit: Limit = 50


class LanguageQuery(Query):
    language: Tag | None = None


class TasksQuery(Query):
    source: Tag | None = None
    target: Tag | None = None
    state: TaskState | None = None
    after: Cursor | None = None
    limit: Limit = 20


class ItemsQuery(Query):
    state: ItemState | None = None
    after: Cursor | None = None
    limit: Limit = 20


class SearchQuery(Query):
    q: Annotated[Title, Field(description="Words or part of a text, in any language.")]
    language: Tag | None = None
    category: Slug | None = None


class SimilarQuery(Query):
    text: Annotated[Body, Field(max_length=2_000)]
    language: Tag | None = None


TermText = Annotated[str, Field(min_length=1, max_length=MAX_TERM_LENGTH), AfterValidator(clean_text)]


class GlossaryQuery(Query):
    """``q`` is a part of a term, ``verified`` whether somebody vouches for one; both of a term in ``language``, or in
    any."""

    q: Annotated[Title, Field(description="A part of a term, in any language.")] | None = None
    language: Tag | None = None
    category: Slug | None = None
    verified: bool | None = None
    after: Cursor | None = None
    limit: Limit = 20


class ConceptTermIn(Input):
    language: Tag
    text: TermText
    status: TermStatus = TermStatus.PREFERRED


class NewConceptIn(Input):
    """``key`` names it in files; without one it is made from the English term. Without a category it is for every
    topic."""

    terms: Annotated[list[ConceptTermIn], Field(min_length=1, max_length=MAX_TERMS)]
    source_url: Annotated[
        str, Field(min_length=1, max_length=MAX_URL_LENGTH, pattern=r"^https:[/]{2}\S+$"), AfterValidator(clean_text)
    ]
    category: Slug | None = None
    note: Note | None = None
    is_do_not_translate: Flag = False
    key: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$")] | None = None


class NewTermIn(Input):
    """With ``confirm_as`` the interpreter vouches for it at once; without, it waits for somebody who does."""

    language: Tag
    text: TermText
    confirm_as: TermStatus | None = None


class ConfirmationIn(Input):
    """As it stands, or as ``status`` says. With ``seen_at``, the ``updated_at`` that the client has seen, only if
    nothing has changed since."""

    status: TermStatus | None = None
    seen_at: AwareDatetime | None = None


class JoinIn(Input):
    """``after`` is the last change that the client has seen."""

    thread_id: RowId
    language: Tag
    after: Change | None = None


class ThreadIn(Input):
    thread_id: RowId


class LivePostIn(NewPostIn):
    thread_id: RowId
    key: Key
