"""Completion indexes of indexed jobs: as text (`0,2-5`), on pods, and which to start next. Pure.

Upstream: pkg/controller/job/indexed_job_utils.go.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from armillary.kube.kinds.core import Pod

INDEX = "batch.kubernetes.io/job-completion-index"


def parse_indexes(text: str, completions: int) -> frozenset[int]:
    """Numbers and ranges, as far as they are below `completions`; what can't be read is left out."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        if first.isdigit() and (last or first).isdigit():
            found.update(range(int(first), min(int(last or first), completions - 1) + 1))
    return frozenset(found)


def format_indexes(indexes: Collection[int]) -> str:
    """As upstream writes them: two in a row are listed, more are a range."""
    parts = []
    for _, run in groupby(enumerate(sorted(indexes)), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        if len(numbers) <= 2:
            parts += [str(number) for number in numbers]
        else:
            parts.append(f"{numbers[0]}-{numbers[-1]}")
    return ",".join(parts)


def index_of(pod: Pod) -> int | None:
    text = pod.metadata.annotations.get(INDEX, "")
    return int(text) if text.isdigit() else None


def pending_indexes(taken: Collection[int], completions: int, number: int) -> list[int]:
    """The lowest indexes nobody has or has done."""
    found: list[int] = []
    for index in range(completions):
        if len(found) == number:
            break
        if index not in taken:
            found.append(index)
    return found


def misplaced(pods: Iterable[Pod], completions: int) -> tuple[list[Pod], list[Pod]]:
    """Of active pods, best last: those that are of no use (no index, too high, a double), and the others."""
    doomed: list[Pod] = []
    kept: dict[int, Pod] = {}
    for pod in pods:
        index = index_of(pod)
        if index is None or index >= completions:
            doomed.append(pod)
            continue
        if index in kept:
            doomed.append(kept[index])
        kept[index] = pod
    return doomed, list(kept.values())


def required_met(required: Collection[int], done: Collection[int], enough: int | None) -> bool:
    """Whether all (or enough) of the indexes a rule asks for have succeeded."""
    both = len(frozenset(required) & frozenset(done))
    return both == len(required) or (enough is not None and both >= enough)


def sorted_by_index(pods: Iterable[Pod]) -> Sequence[Pod]:
    return sorted(pods, key=lambda pod: -1 if (index := index_of(pod)) is None else index)
