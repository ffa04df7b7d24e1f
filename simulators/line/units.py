"""How LINE counts text: UTF-16 code units for texts, grapheme clusters for labels (DOC/text-character-count)."""

from __future__ import annotations

import json
from typing import Any

import regex


def utf16_length(text: str) -> int:
    """Number of UTF-16 code units; a lone surrogate counts as one."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, index: int, length: int) -> str:
    """The part of a text at an offset given in UTF-16 code units, as LINE gives offsets of emojis and mentions."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * index : 2 * (index + length)].decode("utf-16-le", "surrogatepass")


def grapheme_length(text: str) -> int:
    """Number of user-perceived characters (extended grapheme clusters)."""
    return len(regex.findall(r"\X", text))


def json_size(value: Any) -> int:
    """Bytes of a value as the SDK puts it on the wire: ASCII-escaped JSON.

    LINE does not say how it measures "30 KB"; the escaped form is the largest candidate: what passes here passes there.
    """
    return len(json.dumps(value))
