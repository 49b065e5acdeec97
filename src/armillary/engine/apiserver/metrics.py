"""What the server counts about its requests, as Prometheus reads it. Names: kube-apiserver's own metrics."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LONG_RUNNING = frozenset({"WATCH", "CONNECT"})

# verb, group, version, resource, subresource, scope, code
Labels = tuple[str, str, str, str, str, str, int]


class Metrics:
    """Counters and histograms of one server; `gauges` are read when asked."""

    def __init__(self, gauges: Mapping[str, tuple[str, Callable[[], float]]] | None = None) -> None:
        self._requests: defaultdict[Labels, int] = defaultdict(int)
        self._durations: dict[tuple[str, ...], list[float]] = {}
        self._gauges = dict(gauges or {})
        self.watchers: defaultdict[str, int] = defaultdict(int)  # open watches by resource

    def count(self, labels: Labels, seconds: float) -> None:
        self._requests[labels] += 1
        if labels[0] in LONG_RUNNING:
            return
        kept = self._durations.get(labels[:6])
        if kept is None:
            kept = self._durations[labels[:6]] = [0.0] * (len(BUCKETS) + 2)
        for i, bound in enumerate(BUCKETS):
            if seconds <= bound:
                kept[i] += 1
                break
        kept[-2] += 1
        kept[-1] += seconds

    def text(self) -> str:
        lines = [
            "# HELP apiserver_request_total Counter of apiserver requests.",
            "# TYPE apiserver_request_total counter",
        ]
        names = ("verb", "group", "version", "resource", "subresource", "scope", "code")
        lines += [f"apiserver_request_total{_labels(names, key)} {n}" for key, n in self._requests.items()]
        lines += [
            "# HELP apiserver_request_duration_seconds Response latency of requests, in seconds.",
            "# TYPE apiserver_request_duration_seconds histogram",
        ]
        for key, kept in self._durations.items():
            lines += _histogram("apiserver_request_duration_seconds", list(zip(names, key, strict=False)), kept)
        lines += [
            "# HELP apiserver_longrunning_requests Open watches.",
            "# TYPE apiserver_longrunning_requests gauge",
        ]
        lines += [
            f"apiserver_longrunning_requests{_labels(('verb', 'resource'), ('WATCH', resource))} {n}"
            for resource, n in self.watchers.items()
        ]
        for name, (text, read) in self._gauges.items():
            lines += [f"# HELP {name} {text}", f"# TYPE {name} gauge", f"{name} {read():g}"]
        return "\n".join([*lines, ""])


def _labels(names: Iterable[str], values: Iterable[object]) -> str:
    return "{" + ",".join(f'{n}="{v}"' for n, v in zip(names, values, strict=False)) + "}"


def _histogram(name: str, labels: list[tuple[str, str]], kept: list[float]) -> list[str]:
    fixed = ",".join(f'{n}="{v}"' for n, v in labels)
    lines, total = [], 0.0
    for bound, n in zip(BUCKETS, kept, strict=False):
        total += n
        lines.append(f'{name}_bucket{{{fixed},le="{bound:g}"}} {total:g}')
    lines.append(f'{name}_bucket{{{fixed},le="+Inf"}} {kept[-2]:g}')
    return [*lines, f"{name}_sum{{{fixed}}} {kept[-1]:g}", f"{name}_count{{{fixed}}} {kept[-2]:g}"]
