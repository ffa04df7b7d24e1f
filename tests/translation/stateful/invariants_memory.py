"""What must hold of what is kept: memory is people's and keeps to its scope, and what is withdrawn is gone."""

from __future__ import annotations

from collections.abc import Iterable

from app.forum.models import PostState
from app.notifications.models import DeliveryKind, DeliveryState
from tests.translation.stateful.cast import PRIVATE_MARK
from tests.translation.stateful.invariants import STALE, VERIFIED, WITHDRAWN, Moment, invariant
from translation.results import OriginKind
from translation.segments import split_segments


@invariant
def memory_is_what_people_vouch_for(moment: Moment) -> Iterable[str]:
    for entry in moment.now.memory:
        if entry.import_id is not None:
            continue
        candidate = moment.now.candidates.get(entry.candidate_id)
        row = moment.now.translations.get(candidate.translation_id) if candidate is not None else None
        if candidate is None or row is None:
            yield f"entry {entry.id} comes from nowhere"
            continue
        if not candidate.is_active or candidate.origin is not OriginKind.INTERPRETER:
            yield f"entry {entry.id} comes from candidate {candidate.id}"
        if row.state not in (VERIFIED, STALE):
            yield f"entry {entry.id} comes from translation {row.id}, which is {row.state}"
        source = moment.now.sources[row.source_text_id]
        pair = (source.language, row.target_language)
        if (entry.source_language, entry.target_language) != pair or entry.scope != source.scope:
            yield f"entry {entry.id} is not of text {source.id}"


@invariant
def memory_speaks_only_of_what_it_knows(moment: Moment) -> Iterable[str]:
    """What is new and comes from the memory is in it at that moment, where the text may look."""
    before = moment.before.candidates if moment.before is not None else {}
    for candidate in moment.now.candidates.values():
        if candidate.origin is not OriginKind.MEMORY or candidate.id in before:
            continue
        row = moment.now.translations[candidate.translation_id]
        source = moment.now.sources[row.source_text_id]
        known = {
            entry.source_text: entry.target_text
            for entry in moment.now.memory
            if (entry.source_language, entry.target_language) == (source.language, row.target_language)
            and entry.scope in ("public", source.scope)
            and entry.import_id is None
        }
        parts = [segment.text for segment in split_segments(source.text) if segment.text.strip()]
        if source.text not in known and not all(part in known for part in parts):
            yield f"candidate {candidate.id} of text {source.id}"


@invariant
def private_words_stay_private(moment: Moment) -> Iterable[str]:
    for candidate in moment.now.candidates.values():
        source_id = moment.now.translations[candidate.translation_id].source_text_id
        if PRIVATE_MARK in candidate.text and moment.now.is_public(source_id):
            yield f"candidate {candidate.id} of text {source_id}"
    for entry in moment.now.memory:
        if PRIVATE_MARK in entry.target_text and entry.scope == "public":
            yield f"entry {entry.id}"
    yield from moment.ledger.leaks


@invariant
def nothing_is_left_of_what_was_withdrawn(moment: Moment) -> Iterable[str]:
    now = moment.now
    for post in now.posts.values():
        if post.state is not PostState.WITHDRAWN:
            continue
        texts = now.texts_of[post.id]
        rows = [row for row in now.translations.values() if row.source_text_id in texts]
        ids = {row.id for row in rows}
        if any(now.sources[each].text or now.sources[each].facts for each in texts):
            yield f"post {post.id}: text"
        if any(row.state is not WITHDRAWN or row.checks or row.stale_candidate_id for row in rows):
            yield f"post {post.id}: translations"
        if any(candidate.translation_id in ids for candidate in now.candidates.values()):
            yield f"post {post.id}: candidates"
        if any(report.translation_id in ids for report in now.reports):
            yield f"post {post.id}: reports"
        if any(report.source_text_id in texts for report in now.language_reports):
            yield f"post {post.id}: language reports"
        tasks = {task.id for task in now.tasks if task.post_id == post.id}
        if any(draft.task_id in tasks for draft in now.drafts):
            yield f"post {post.id}: drafts"
        written = {moment.ledger.texts[each] for each in texts}
        gone_at = max(now.sources[each].withdrawn_at for each in texts)
        for preview in now.previews:
            if preview.account_id == post.author_id and preview.text in written and preview.created_at < gone_at:
                yield f"post {post.id}: preview {preview.id}"


@invariant
def nobody_is_told_of_what_is_gone(moment: Moment) -> Iterable[str]:
    about = (DeliveryKind.ANSWER, DeliveryKind.WAITING_NOTICE)
    for delivery in moment.now.deliveries:
        is_unsent = delivery.state in (DeliveryState.PLANNED, DeliveryState.SENDING)
        post = moment.now.posts.get(delivery.post_id)
        if delivery.kind in about and is_unsent and post is not None and post.state is not PostState.VISIBLE:
            yield f"delivery {delivery.id} of post {post.id}"
