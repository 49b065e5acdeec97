"""Figures and how they are shown: ours, a competitor's where there is one, and the ratio of the two."""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


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


def median_of(runs: int, work: Callable[[], float]) -> float:
    return statistics.median(work() for _ in range(runs))


def timed(work: Callable[[], object]) -> float:
    """Seconds that it took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ratio(figure: Figure, other: float) -> str:
    """How many times better than `other`: above 1 is better, whichever way that is."""
    if not other or not figure.value:
        return ""
    times = other / figure.value if figure.better == "less" else figure.value / other
    return f"{times:.2f}x"


def show(title: str, ours: Sequence[Figure], theirs: Sequence[Figure] = ()) -> None:
    """A table on standard output. Without a competitor in this run, the ratio is to the reference figures."""
    known = {figure.name: figure.value for figure in theirs}
    other = "competitor" if theirs else "Kubernetes 1.36*"
    print(f"\n## {title}\n")
    print(f"| measured | ours | aim | {other} | ratio |")
    print("|---|---:|---:|---:|---:|")
    for figure in ours:
        against = known.get(figure.name, 0.0) if theirs else figure.reference
        cells = [_shown(value, figure.unit) for value in (figure.value, figure.aim, against)]
        print(f"| {figure.name} | {cells[0]} | {cells[1]} | {cells[2]} | {ratio(figure, against)} |")
    if not theirs:
        print("\n\\* measured on another machine of this kind; give `--against KUBECONFIG` to compare in one run.")
    sys.stdout.flush()


def _shown(value: float, unit: str) -> str:
    if not value:
        return "-"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.2f} {unit}"
