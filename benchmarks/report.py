"""Figures and how they are shown: ours, a competitor's where there is one, and the ratio of the two."""

import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing. `better` says which way is good; `reference` is what real Kubernetes 1.36 took."""

    name: str
    value: float
    unit: str
    better: str  # "less" or "more"
    reference: float = 0.0
    aim: float = 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """`share` 0.5 is the median."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def medians(rounds: Iterable[Sequence[Figure]]) -> list[Figure]:
    """One figure of each name, from several rounds."""
    found: dict[str, list[Figure]] = {}
    for figures in rounds:
        for figure in figures:
            found.setdefault(figure.name, []).append(figure)
    return [replace(group[0], value=statistics.median(f.value for f in group)) for group in found.values()]


def ratio(figure: Figure, other: float) -> float:
    """How many times better than `other`: above 1 is better, whichever way that is; 0 where it can't be said."""
    if not other or not figure.value:
        return 0.0
    return other / figure.value if figure.better == "less" else figure.value / other


def show(title: str, ours: Sequence[Figure], theirs: Sequence[Figure] = ()) -> None:
    """A table on standard output. What no competitor was measured for is set against the reference figures."""
    known = {figure.name: figure.value for figure in theirs}
    other = "competitor" if theirs else "Kubernetes 1.36*"
    print(f"\n## {title}\n")
    print(f"| measured | ours | aim | {other} | ratio |")
    print("|---|---:|---:|---:|---:|")
    for figure in ours:
        against = known.get(figure.name, 0.0) if theirs else figure.reference
        cells = [_shown(value, figure.unit) for value in (figure.value, figure.aim, against)]
        times = ratio(figure, against)
        print(f"| {figure.name} | {cells[0]} | {cells[1]} | {cells[2]} | {f'{times:.2f}x' if times else ''} |")
    sys.stdout.flush()


def plain(section: str, ours: Sequence[Figure], theirs: Sequence[Figure] = ()) -> list[dict[str, Any]]:
    """The same for programs."""
    known = {figure.name: figure.value for figure in theirs}
    return [
        {
            "section": section,
            "name": figure.name,
            "unit": figure.unit,
            "better": figure.better,
            "value": figure.value,
            "aim": figure.aim or None,
            "reference": figure.reference or None,
            "competitor": known.get(figure.name),
            "ratio": ratio(figure, known.get(figure.name, 0.0) if theirs else figure.reference) or None,
        }
        for figure in ours
    ]


def _shown(value: float, unit: str) -> str:
    if not value:
        return "-"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.2f} {unit}"
