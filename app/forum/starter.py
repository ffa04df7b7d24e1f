"""The starter categories. Titles come from the catalogue (``app/web/i18n.py``), by slug."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from app.core.db import insert_if_absent
from app.forum.models import Category, CategoryGroup

#: Topics of living in Taiwan, and whether a wrong word there can cost somebody her permit, health or wages.
LIVING: Final[tuple[tuple[str, bool], ...]] = (
    ("residence", True),
    ("health", True),
    ("work", True),
    ("school", False),
    ("family-law", True),
    ("driving", False),
    ("daily-life", False),
    ("money", True),
    ("learning-chinese", False),
    ("dont-know", False),
)
#: ISO 3166-1 alpha-2, in the order in which they are offered.
COUNTRIES: Final[tuple[str, ...]] = ("VN", "ID", "TH", "KH", "PH", "MM", "MY")
FACETS: Final[tuple[tuple[str, bool], ...]] = (
    ("travel", False),
    ("study", False),
    ("invest", True),
    ("trade", True),
    ("hiring", True),
    ("culture", False),
    ("regulation", True),
)


def to_country_slug(country: str, facet: str) -> str:
    return f"{country.lower()}-{facet}"


def ensure_categories(session: Session) -> None:
    """Insert the categories that aren't there; existing ones, and what an operator added, stay."""
    rows: list[tuple[str, CategoryGroup, str | None, bool]] = [
        (slug, CategoryGroup.LIVING, None, is_risky) for slug, is_risky in LIVING
    ]
    rows += [
        (to_country_slug(country, facet), CategoryGroup.COUNTRY, country, is_risky)
        for country in COUNTRIES
        for facet, is_risky in FACETS
    ]
    for position, (slug, group, country, is_risky) in enumerate(rows):
        values = {"slug": slug, "group": group, "country": country, "position": position, "is_risky": is_risky}
        insert_if_absent(session, Category, values)
