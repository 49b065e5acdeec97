"""What the front door serves of its own: health, metrics, the API's description and its reader."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]  # it is one constant

from armillary.base.errors import Denied, NotFound, Unauthorized
from armillary.kube.client import Client
from armillary.kube.kinds.authorization import (
    SUBJECT_ACCESS_REVIEW,
    NonResourceAttributes,
    SubjectAccessReview,
    SubjectAccessReviewSpec,
)
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.capability import Call, Open, Reply, Route
from armillary.platform.frame.metrics import CONTENT_TYPE, Metrics

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
# The reader sets styles from its script; it needs nothing from elsewhere.
READER_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_READER = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Armillary API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="reader"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""
_START = """window.onload = function () {
  SwaggerUIBundle({ url: "/docs/openapi.json", dom_id: "#reader", deepLinking: true, validatorUrl: null });
};
"""
_FILES = {"swagger-ui.css": "text/css; charset=utf-8", "swagger-ui-bundle.js": "text/javascript; charset=utf-8"}
_FRONT = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Armillary</title></head>
<body><h1>Armillary</h1>
<p>API: <a href="/docs">/docs</a> (<a href="/openapi.json">openapi.json</a>)</p>
<p>Command line: <code>armillary login {origin}</code></p>
<p>This server has no console.</p>
<hr>
<p lang="zh-Hans">接口文档：<a href="/docs">/docs</a>（<a href="/openapi.json">openapi.json</a>）</p>
<p lang="zh-Hans">命令行：<code>armillary login {origin}</code></p>
<p lang="zh-Hans">本服务器未安装控制台。</p>
</body></html>
"""


@dataclass(slots=True)
class State:
    """How the server is: `ready` once it knows what it must, `leaving` before it stops."""

    ready: bool = False
    leaving: bool = False


@dataclass(slots=True)
class Pages:
    """What these routes are given. `description` and `description_3_0` are the OpenAPI document's bytes."""

    client: Client
    metrics: Metrics
    state: State
    origin: str
    description: bytes = b""
    description_3_0: bytes = b""
    scripts: Path = field(default_factory=lambda: Path(swagger_ui_path))


async def live(call: Call, pages: Pages) -> Reply:
    return Reply(b"ok", content_type=TEXT)


async def ready(call: Call, pages: Pages) -> Reply:
    if pages.state.leaving:
        return Reply(b"leaving", 503, TEXT)
    return Reply(b"ok", content_type=TEXT) if pages.state.ready else Reply(b"not ready yet", 503, TEXT)


async def metrics(call: Call, pages: Pages) -> Reply:
    """For this machine itself, and for whom the cluster allows to GET /metrics."""
    if not _is_local(call):
        if call.caller is None:
            raise Unauthorized("sign in first")
        if not await _may_get(pages.client, call.caller, "/metrics"):
            raise Denied('forbidden: you cannot get path "/metrics"')
    return Reply(pages.metrics.text(), content_type=CONTENT_TYPE)


def _is_local(call: Call) -> bool:
    """Whether it comes from this machine, and not by a proxy that stands here for somebody elsewhere."""
    if any(name in call.headers for name in ("forwarded", "x-forwarded-for", "via", "x-real-ip")):
        return False
    try:
        return ip_address(call.address).is_loopback
    except ValueError:
        return False


async def _may_get(client: Client, caller: Caller, path: str) -> bool:
    asked = NonResourceAttributes(path=path, verb="get")
    spec = SubjectAccessReviewSpec(user=caller.kube_user, groups=caller.kube_groups, non_resource_attributes=asked)
    return bool((await client.create(SUBJECT_ACCESS_REVIEW, SubjectAccessReview(spec=spec))).status.allowed)


async def description(call: Call, pages: Pages) -> Reply:
    return Reply(pages.description)


async def reader(call: Call, pages: Pages) -> Reply:
    return Reply(_READER.encode(), content_type=HTML, headers=(("content-security-policy", READER_POLICY),))


async def reader_file(call: Call, pages: Pages) -> Reply:
    name = call.path["file"]
    if name == "openapi.json":
        return Reply(pages.description_3_0)
    if name == "start.js":
        return Reply(_START.encode(), content_type="text/javascript; charset=utf-8")
    if name not in _FILES:
        raise NotFound("there is nothing at this path")
    kept = (("cache-control", "public, max-age=86400"),)
    return Reply((pages.scripts / name).read_bytes(), content_type=_FILES[name], headers=kept)


async def front(call: Call, pages: Pages) -> Reply:
    return Reply(_FRONT.format(origin=pages.origin).encode(), content_type=HTML)


ROUTES: tuple[Route[Pages], ...] = (
    Route("GET", "//healthz", live, Open.ANYBODY, "Whether the server is alive."),
    Route("GET", "//livez", live, Open.ANYBODY, "Whether the server is alive."),
    Route("GET", "//readyz", ready, Open.ANYBODY, "Whether requests should be sent here."),
    Route("GET", "//metrics", metrics, Open.ANYBODY, "Metrics for Prometheus."),
    Route("GET", "//openapi.json", description, Open.ANYBODY, "This description."),
    Route("GET", "//docs", reader, Open.ANYBODY, "This description, to be read and tried."),
    Route("GET", "//docs/{file}", reader_file, Open.ANYBODY, "What the reader is made of."),
)
FRONT: Route[Pages] = Route("GET", "//", front, Open.ANYBODY, "Where things are.")
