"""From read models to the objects of the contract. Pure: whatever is shown has been read and allowed before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.accounts.models import Account as AccountRow
from app.contract import schemas
from app.contract.messages import describe_check
from app.core.lease import Lease
from app.forum.views import AuthorView, LanguageView, PostView, ThreadSummary, ThreadView, TitleView
from app.interpreting.queries import CandidateView, TaskView, Wait
from moderation.queries import ItemView
from translation.glossary.queries import ConceptView, TermView
from translation.languages import LanguageTag
from translation.models import TranslationState
from translation.previews.queries import PreviewView
from translation.queries import TranslationView
from translation.results import Fact, Finding

PairKey = tuple[LanguageTag, LanguageTag]


@dataclass(frozen=True)
class Rendering:
    """What rendering needs beside the object: the locale of texts for people, and how long a person would take."""

    locale: str
    waits: Mapping[PairKey, Wait] = field(default_factory=dict)


def collect_waiting_pairs(posts: Iterable[PostView], titles: Iterable[TitleView | None] = ()) -> set[PairKey]:
    """The language pairs for which readers of these posts and titles wait for a person."""
    translations = [post.translation for post in posts] + [title.translation for title in titles if title]
    return {
        (translation.source_language, translation.language)
        for translation in translations
        if translation is not None and translation.underlying is TranslationState.WAITING
    }


def render_account(
    account: AccountRow, *, pairs: Iterable[tuple[str, str]], expertise: Iterable[str]
) -> schemas.Account:
    return schemas.Account(
        id=account.id,
        display_name=account.display_name,
        kind=account.kind,
        roles=sorted(account.roles),
        locale=account.locale,
        reading_languages=account.reading_languages,
        show_originals=account.show_originals,
        expertise=list(expertise),
        pairs=[
            schemas.Pair(source=LanguageTag(source), target=LanguageTag(target)) for source, target in sorted(pairs)
        ],
    )


def render_post(post: PostView, rendering: Rendering) -> schemas.Post:
    return schemas.Post(
        id=post.id,
        thread_id=post.thread_id,
        change=post.change,
        author=render_author(post.author),
        channel=post.channel,
        language=render_language(post.language),
        body=post.body,
        facts=render_facts(post.facts),
        created_at=post.created_at,
        edited_at=post.edited_at,
        state=post.state,
        hold_reason=post.hold_reason,
        reply_to=post.reply_to_id,
        title=render_title(post.title, rendering) if post.title else None,
        translation=render_translation(post.translation, rendering) if post.translation else None,
        is_demo=post.is_demo,
    )


def render_title(title: TitleView, rendering: Rendering) -> schemas.Title:
    return schemas.Title(
        text=title.text,
        language=render_language(title.language),
        translation=render_translation(title.translation, rendering) if title.translation else None,
    )


def render_translation(translation: TranslationView, rendering: Rendering) -> schemas.Translation:
    origin = translation.origin
    return schemas.Translation(
        language=translation.language,
        state=translation.state,
        grade=translation.grade,
        reported=translation.is_reported,
        text=translation.text,
        origin=schemas.Origin(kind=origin.kind, engine=origin.engine, route=list(origin.route)) if origin else None,
        candidate_id=translation.candidate_id,
        reason=translation.reason,
        checks=render_checks(translation.checks, rendering.locale),
        gist=[schemas.GistTerm(term=term.source, text=term.target) for term in translation.gist],
        wait=_render_wait(translation, rendering),
        is_demo=translation.is_demo,
        updated_at=translation.updated_at,
    )


def _render_wait(translation: TranslationView, rendering: Rendering) -> schemas.Wait | None:
    if translation.underlying is not TranslationState.WAITING:
        return None
    wait = rendering.waits.get((translation.source_language, translation.language))
    return schemas.Wait(
        people_on_shift=wait.people_on_shift if wait else 0, expected_seconds=wait.expected_seconds if wait else None
    )


def render_preview(preview: PreviewView, locale: str) -> schemas.Preview:
    return schemas.Preview(
        id=preview.id,
        source=preview.source,
        target=preview.target,
        state=preview.state,
        reason=preview.reason,
        text=preview.text,
        translation=preview.forward_text,
        back_translation=preview.back_text,
        checks=render_checks(preview.findings, locale),
    )


def render_checks(findings: Iterable[Finding], locale: str) -> list[schemas.Check]:
    return [
        schemas.Check(
            code=finding.code,
            severity=finding.severity,
            message=describe_check(finding.code, locale),
            detail=list(finding.detail),
        )
        for finding in findings
    ]


def render_author(author: AuthorView) -> schemas.Author:
    return schemas.Author(id=author.id, display_name=author.display_name, kind=author.kind)


def render_language(language: LanguageView) -> schemas.Language:
    return schemas.Language(tag=language.tag, basis=language.basis, confidence=language.confidence)


def render_facts(facts: Iterable[Fact]) -> list[schemas.Fact]:
    return [schemas.Fact(kind=fact.kind, text=fact.text) for fact in facts]


def render_thread(thread: ThreadView, rendering: Rendering) -> schemas.Thread:
    return schemas.Thread(
        id=thread.id,
        kind=thread.kind,
        category=thread.category_slug,
        status=thread.status,
        author=render_author(thread.author),
        title=render_title(thread.title, rendering),
        created_at=thread.created_at,
        change=thread.change,
        is_demo=thread.is_demo,
        rating=thread.rating,
        is_following=thread.is_following,
        posts=schemas.PostPage(
            items=[render_post(post, rendering) for post in thread.posts],
            next=render_position(thread),
        ),
    )


def render_position(thread: ThreadView) -> str | None:
    """Where to go on: after a post while reading, after a change while catching up."""
    if thread.next_post is not None:
        return f"post-{thread.next_post}"
    return str(thread.next_after) if thread.next_after is not None else None


def render_thread_summary(thread: ThreadSummary, rendering: Rendering) -> schemas.ThreadSummary:
    return schemas.ThreadSummary(
        id=thread.id,
        kind=thread.kind,
        category=thread.category_slug,
        status=thread.status,
        author=render_author(thread.author),
        title=render_title(thread.title, rendering),
        created_at=thread.created_at,
        change=thread.change,
        is_demo=thread.is_demo,
    )


def render_task_summary(task: TaskView) -> schemas.TaskSummary:
    return schemas.TaskSummary(**_task_fields(task))


def render_task(task: TaskView, rendering: Rendering) -> schemas.Task:
    return schemas.Task(
        **_task_fields(task),
        context=[render_post(post, rendering) for post in task.context],
        candidate=_render_candidate(task.candidate),
        title_candidate=_render_candidate(task.title_candidate),
        matches=[
            schemas.MemoryMatch(
                source=match.source,
                target=match.target,
                match=match.match,
                is_whole=match.is_whole,
                differences=[
                    schemas.MemoryDifference(remembered=each.remembered, here=each.asked) for each in match.differences
                ],
                grade=match.grade,
                from_file=match.import_name,
            )
            for match in task.matches
        ],
        terms=[
            schemas.Term(
                source=term.source, target=term.target, forbidden=list(term.forbidden), is_verified=term.is_verified
            )
            for term in task.terms
        ],
        checks=render_checks(task.checks, rendering.locale),
        draft=task.draft,
    )


def _task_fields(task: TaskView) -> dict[str, object]:
    return {
        "id": task.id,
        "kind": task.kind,
        "post_id": task.post_id,
        "thread_id": task.thread_id,
        "source_language": task.source_language,
        "target_language": task.target_language,
        "state": task.state,
        "reason": task.reason,
        "source": schemas.TaskSource(text=task.source_text, title=task.source_title, facts=render_facts(task.facts)),
        "lease": render_lease(task.lease) if task.lease else None,
        "created_at": task.created_at,
    }


def render_lease(lease: Lease) -> schemas.Lease:
    return schemas.Lease(holder=lease.holder, expires_at=lease.expires_at)


def _render_candidate(candidate: CandidateView | None) -> schemas.Candidate | None:
    return schemas.Candidate(id=candidate.id, text=candidate.text) if candidate is not None else None


def render_item(item: ItemView, rendering: Rendering) -> schemas.ModerationItem:
    return schemas.ModerationItem(
        id=item.id,
        kind=item.kind,
        state=item.state,
        hold_reason=item.hold_reason,
        post=render_post(item.post, rendering),
        back_translation=None,
        reports=[
            schemas.ItemReport(reason=report.reason, note=report.note, created_at=report.created_at)
            for report in item.reports
        ],
        decisions=[
            schemas.Decision(action=decision.action, note=decision.note, decided_at=decision.decided_at)
            for decision in item.decisions
        ],
        created_at=item.created_at,
    )


def render_concept(concept: ConceptView) -> schemas.Concept:
    return schemas.Concept(
        id=concept.id,
        key=concept.key,
        category=concept.category,
        source_url=concept.source_url,
        note=concept.note,
        is_do_not_translate=concept.is_do_not_translate,
        terms=[render_concept_term(term) for term in concept.terms],
        updated_at=concept.updated_at,
    )


def render_concept_term(term: TermView) -> schemas.ConceptTerm:
    """Without the interpreter's name: that somebody vouches is everybody's to know, who it is isn't."""
    return schemas.ConceptTerm(
        id=term.id,
        language=term.language,
        text=term.text,
        status=term.status,
        source_url=term.source_url,
        is_verified=term.is_verified,
        verified_at=term.verified_at,
    )
