"""What the front door tells Prometheus, in a registry of its own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from armillary.platform.frame.parts import Streams

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Requests by route, method and code; `registry` may hold other parts' metrics as well."""

    def __init__(self, registry: CollectorRegistry, streams: Streams) -> None:
        self.registry = registry
        labels = ("route", "method")
        self._requests = Counter("armillary_requests", "Requests answered.", (*labels, "code"), registry=registry)
        self._seconds = Histogram(
            "armillary_request_seconds", "From a request to the start of its answer.", labels, buckets=BUCKETS,
            registry=registry,
        )  # fmt: skip
        open_streams = Gauge(
            "armillary_streams",
            "Requests of known callers under way: most are watches and terminals.",
            registry=registry,
        )
        open_streams.set_function(lambda: len(streams))

    def count(self, route: str, method: str, code: int, seconds: float) -> None:
        self._requests.labels(route, method, str(code)).inc()
        self._seconds.labels(route, method).observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)
