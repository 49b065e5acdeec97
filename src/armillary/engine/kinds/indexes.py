"""Completion indexes of jobs as text: `1,3-5,7`.

Grammar and complaints: k8s.io/kubernetes, pkg/apis/batch/validation "validateIndexesFormat".
"""

import re

from armillary.engine.kinds.faults import shown

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


def count_indexes(text: str, completions: int) -> int:
    """How many indexes are named. Raises ValueError."""
    if not text:
        return 0
    total, last = 0, None
    for part in text.split(","):
        first, end = parse_interval(part, completions)
        if last is not None and last >= first:
            raise ValueError(f"non-increasing order, previous: {last}, current: {first}")
        total += end - first + 1
        last = end
    return total


def parse_interval(text: str, completions: int) -> tuple[int, int]:
    """First and last index of `3` or `3-5`. Raises ValueError."""
    limits = text.split("-")
    if len(limits) > 2:
        raise ValueError(
            f"the fragment {shown(text)} violates the requirement that an index interval can have at most two parts "
            "separated by '-'"
        )
    numbers = []
    for limit in limits:
        if not _INTEGER.fullmatch(limit):
            raise ValueError(f"cannot convert string to integer for index: {shown(limit)}")
        if int(limit) >= completions:
            raise ValueError(f"too large index: {shown(limit)}")
        numbers.append(int(limit))
    if len(numbers) == 2 and numbers[0] >= numbers[1]:
        raise ValueError(f"non-increasing order, previous: {numbers[0]}, current: {numbers[1]}")
    return numbers[0], numbers[-1]


def first_overlap(completed: str, failed: str, completions: int) -> int | None:
    """An index that both name, parts that are malformed left out."""
    mine, yours = _intervals(completed, completions), _intervals(failed, completions)
    i = j = 0
    while i < len(mine) and j < len(yours):
        (a, b), (c, d) = mine[i], yours[j]
        if a <= d and c <= b:
            return max(a, c)
        if a <= c:
            i += 1
        else:
            j += 1
    return None


def _intervals(text: str, completions: int) -> list[tuple[int, int]]:
    found = []
    for part in text.split(",") if text else ():
        try:
            found.append(parse_interval(part, completions))
        except ValueError:
            continue
    return found
