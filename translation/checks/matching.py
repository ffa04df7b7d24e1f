"""One-to-one matching of things that may each be read in more than one way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

#: More unmatched items per side than any honest text has; exact matching would cost time on hostile input.
_MAX_EXACT: Final = 200


def match_one_to_one(
    left: Sequence[T], right: Sequence[T], is_match: Callable[[T, T], bool]
) -> tuple[list[T], list[T]]:
    """Pair as many as possible (augmenting paths) and return what stays alone on either side, in order.

    Equal items are paired first, which is all there is to do for most texts; ``T`` must be hashable. Where too much is
    left for exact matching, all of it counts as alone.
    """
    if not left or not right:
        return list(left), list(right)
    left, right = _drop_equal(left, right)
    if len(left) > _MAX_EXACT or len(right) > _MAX_EXACT:
        return left, right
    options = [[j for j, other in enumerate(right) if is_match(item, other)] for item in left]
    partner_of: dict[int, int] = {}

    def find_partner(i: int, seen: set[int]) -> bool:
        for j in options[i]:
            if j not in seen:
                seen.add(j)
                if j not in partner_of or find_partner(partner_of[j], seen):
                    partner_of[j] = i
                    return True
        return False

    matched = {i for i in range(len(left)) if find_partner(i, set())}
    return (
        [item for i, item in enumerate(left) if i not in matched],
        [item for j, item in enumerate(right) if j not in partner_of],
    )


def _drop_equal(left: Sequence[T], right: Sequence[T]) -> tuple[list[T], list[T]]:
    waiting: dict[T, int] = defaultdict(int)
    for item in right:
        waiting[item] += 1
    left_over: list[T] = []
    for item in left:
        if waiting[item]:
            waiting[item] -= 1
        else:
            left_over.append(item)
    right_over: list[T] = []
    for item in reversed(right):
        if waiting[item]:
            waiting[item] -= 1
            right_over.append(item)
    return left_over, right_over[::-1]
