"""The starter set: official terms of living in Taiwan in six languages, each with where it comes from. Unverified until
an interpreter confirms them."""

from __future__ import annotations

from datetime import datetime
from importlib import resources

from sqlalchemy.orm import Session

from translation.glossary.drafts import ConceptDraft, ConceptInvalidError
from translation.glossary.exchange import parse_csv
from translation.glossary.service import ensure_concepts


def read_starter() -> list[ConceptDraft]:
    """The concepts of ``starter.tsv``. Raises :class:`ConceptInvalidError` for the first row that is wrong."""
    drafts = []
    for row in parse_csv(resources.files("translation.glossary").joinpath("starter.tsv").read_bytes()):
        if row.draft is None:
            raise ConceptInvalidError(errors=row.errors, place=row.place)
        drafts.append(row.draft)
    return drafts


def ensure_starter(session: Session, now: datetime) -> int:
    """Add what is missing of the starter set and leave alone what people changed, verified or removed. How many
    concepts were added or changed: none, when it is done again."""
    return ensure_concepts(session, drafts=read_starter(), now=now)
