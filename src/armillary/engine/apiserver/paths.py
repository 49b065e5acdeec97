"""Paths that are no resources: discovery, version, health, metrics, OpenAPI."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from platform import python_version

import orjson

from armillary.engine.apiserver.discovery import Discovery
from armillary.engine.apiserver.exchange import Asked
from armillary.engine.apiserver.faults import no_method
from armillary.engine.apiserver.health import Health
from armillary.engine.apiserver.metrics import Metrics
from armillary.engine.apiserver.negotiation import Shape, wanted
from armillary.engine.apiserver.openapi import OpenApi
from armillary.engine.apiserver.ports import Answer
from armillary.engine.apiserver.routes import first
from armillary.engine.apiserver.verbs.core import Core

MAJOR, MINOR, PATCH = "1", "36", "0"
TEXT = "text/plain; charset=utf-8"
NO_PAGE = Answer(b"404 page not found\n", 404, TEXT)
_DISCOVERY = frozenset({Shape.DISCOVERY})
AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_ROOT = ("/api", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/readyz", "/version")


def _own_version() -> str:
    try:
        return version("armillary")
    except PackageNotFoundError:  # run from a source tree
        return "0.0.0"


class Paths:
    """Answers for one server; discovery and OpenAPI are made anew when the table of resources was replaced."""

    def __init__(self, core: Core, health: Health, metrics: Metrics, documents: Mapping[str, Answer]) -> None:
        self._core, self._health, self._metrics, self._documents = core, health, metrics, documents
        self._table = core.table
        self._discovery, self._openapi = Discovery(core.table), OpenApi(core.table, core.schemas)

    def _refresh(self) -> None:
        if self._table is not self._core.table:
            self._table = self._core.table
            self._discovery, self._openapi = Discovery(self._table), OpenApi(self._table, self._core.schemas)

    async def answer(self, asked: Asked) -> Answer:
        if asked.method not in ("GET", "HEAD"):
            raise no_method()
        document = self._documents.get(asked.path.rstrip("/"))
        if document is not None:
            return document
        self._refresh()
        return self._answer(asked)

    def _answer(self, asked: Asked) -> Answer:
        parts = [part for part in asked.path.split("/") if part]
        match parts:
            case []:
                return Answer(orjson.dumps({"paths": [*_ROOT]}))
            case ["api"] | ["apis"]:
                return self._groups(asked, parts[0])
            case ["api", number]:
                return _found(self._discovery.resources("", number))
            case ["apis", group]:
                return _found(self._discovery.group(group))
            case ["apis", group, number]:
                return _found(self._discovery.resources(group, number))
            case ["version"]:
                return Answer(version_info())
            case ["healthz" | "livez" | "readyz" as endpoint, *only]:
                return self._report(asked, endpoint, only)
            case ["metrics"]:
                return Answer(self._metrics.text().encode(), content_type="text/plain; version=0.0.4; charset=utf-8")
            case ["openapi", "v3", *rest]:
                return self._openapi.v3("/".join(rest), first(asked.query, "hash"), asked.headers)
            case ["openapi", "v2"]:
                return self._openapi.v2(asked.headers)
        return NO_PAGE

    def _groups(self, asked: Asked, root: str) -> Answer:
        form = wanted(asked.headers.get("accept", ""), _DISCOVERY)
        found = self._discovery
        if form.shape is not Shape.DISCOVERY:
            return Answer(found.versions if root == "api" else found.groups)
        body = found.aggregated_core if root == "api" else found.aggregated_groups
        if form.version == "v2":
            return Answer(body, content_type=AGGREGATED_TYPE)
        beta = body.replace(b'"apidiscovery.k8s.io/v2"', b'"apidiscovery.k8s.io/v2beta1"', 1)
        return Answer(beta, content_type=AGGREGATED_TYPE.replace("v=v2", "v=v2beta1"))

    def _report(self, asked: Asked, endpoint: str, only: list[str]) -> Answer:
        well, text = self._health.report(
            endpoint,
            verbose="verbose" in asked.query,
            without=asked.query.get("exclude", ()),
            only="/".join(only),
        )
        return Answer(text.encode(), 200 if well else 500, TEXT)


def _found(body: bytes | None) -> Answer:
    return NO_PAGE if body is None else Answer(body)


def version_info() -> dict[str, str]:
    """/version"""
    return {
        "major": MAJOR,
        "minor": MINOR,
        "gitVersion": f"v{MAJOR}.{MINOR}.{PATCH}+armillary",
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": f"python{python_version()}",
        "compiler": f"armillary {_own_version()}",
        "platform": "linux/amd64",
    }
