"""How LINE counts and cuts text: UTF-16 code units in messages, grapheme clusters in labels. Never inside a cluster."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import regex

_CLUSTER: Final = regex.compile(r"\X")
_ELLIPSIS: Final = "…"


def count_units(text: str) -> int:
    """Number of UTF-16 code units; half of a surrogate pair counts as one."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut_to_units(text: str, limit: int) -> str:
    """The text itself if it has at most ``limit`` UTF-16 units, else whole clusters of it and an ellipsis."""
    if count_units(text) <= limit:
        return text
    kept, room = [], limit - 1
    for cluster in _CLUSTER.findall(text):
        room -= count_units(cluster)
        if room < 0:
            break
        kept.append(cluster)
    return "".join(kept).rstrip() + _ELLIPSIS


def cut_to_clusters(text: str, limit: int) -> str:
    """The text itself if it has at most ``limit`` grapheme clusters, else its beginning and an ellipsis."""
    clusters = _CLUSTER.findall(text)
    if len(clusters) <= limit:
        return text
    return "".join(clusters[: limit - 1]).rstrip() + _ELLIPSIS


def remove_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text without the spans (start, length), which count UTF-16 units; what lies outside the text is ignored.
    Halves of surrogate pairs, which no database takes, become U+FFFD."""
    units = text.encode("utf-16-le", "surrogatepass")
    kept, position = [], 0
    for start, length in sorted(spans):
        kept.append(units[2 * position : 2 * max(start, position)])
        position = max(position, start + length)
    kept.append(units[2 * position :])
    return b"".join(kept).decode("utf-16-le", "replace")
