"""What a request to a Kubernetes API asks for, told from its path: for the audit log, never to decide who may.

Semantics: k8s.io/apiserver, RequestInfoFactory. Paths that could be read in two ways are refused.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from armillary.base.errors import BadRequest, NotFound

CLUSTER_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
# What an API server serves to its users; nothing else is passed on.
SERVED = frozenset(
    {"api", "apis", "version", "openapi", "healthz", "livez", "readyz", "metrics", ".well-known", "openid"}
)
STREAMED = frozenset({"exec", "attach", "portforward"})
# They are asked by POST and write nothing.
_REVIEWS = frozenset({"authorization.k8s.io", "authentication.k8s.io"})
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xff/\\]")


@dataclass(frozen=True, slots=True)
class Subject:
    """`resource` is "" for what is no resource."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    is_dry: bool = False
    is_stream: bool = False  # lasts as long as the client likes

    @property
    def is_proxy(self) -> bool:
        """Whether it is answered by somebody's own server behind the API server."""
        return self.subresource == "proxy"

    @property
    def is_read(self) -> bool:
        return self.verb in ("get", "list", "watch") and self.subresource not in STREAMED and not self.is_proxy

    @property
    def is_noted(self) -> bool:
        """Whether it is a deed: a write, or a way into a container."""
        if self.subresource in STREAMED:
            return True
        is_write = self.verb not in ("get", "list", "watch", "head", "options") and not self.is_dry
        return is_write and bool(self.resource) and self.group not in _REVIEWS


def split(path: str) -> tuple[str, str]:
    """`/clusters/NAME/REST` as name and `/REST`. Raises NotFound, or BadRequest for what may lead elsewhere."""
    _, _, cluster, *segments = path.split("/")
    if CLUSTER_NAME.fullmatch(cluster) is None or not segments or segments[0] not in SERVED:
        raise NotFound("there is nothing at this path")
    for segment in segments[:-1] if segments[-1] == "" else segments:
        _check(segment)
    return cluster, "/" + "/".join(segments)


def _check(segment: str) -> None:
    once = unquote(segment, "latin-1")
    twice = unquote(once, "latin-1")
    if not segment or _UNSAFE.search(segment) or "#" in segment or "?" in segment:
        raise BadRequest("the path is not one that an API server serves")
    if any(text in (".", "..") or re.search(r"[\x00-\x1f\x7f/\\]", text) for text in (once, twice)):
        raise BadRequest("the path leads elsewhere: segments like '..' and encoded slashes are refused")


def subject_of(method: str, rest: str, query: bytes) -> Subject:
    """`rest` as `split` gives it."""
    segments = [unquote(segment) for segment in rest.split("/") if segment]
    match segments:
        case ["api", _, *left]:
            group = ""
        case ["apis", group, _, *left] if left:
            pass
        case _:
            return Subject(method.lower() if method not in ("GET", "HEAD") else "get")
    asked = parse_qs(query.decode("latin-1"), keep_blank_values=True, max_num_fields=1000) if query else {}
    is_watch = _is_true(asked, "watch") or (bool(left) and left[0] == "watch")
    if left and left[0] in ("watch", "proxy"):
        prefix, left = left[0], left[1:]
    else:
        prefix = ""
    namespace = ""
    if len(left) >= 2 and left[0] == "namespaces":
        namespace = left[1]
        if len(left) > 2 and left[2] not in ("status", "finalize"):
            left = left[2:]
    resource, name, subresource = (*left[:3], "", "", "")[:3]
    if prefix == "proxy":
        subresource = "proxy"
    verb = _VERBS.get(method) or ("watch" if is_watch else "get" if name else "list")
    if verb == "delete" and not name:
        verb = "deletecollection"
    follows = subresource == "log" and _is_true(asked, "follow")
    return Subject(
        verb, group, resource, subresource, namespace, name,
        is_dry="dryRun" in asked, is_stream=verb == "watch" or follows or subresource in STREAMED,
    )  # fmt: skip


def _is_true(asked: dict[str, list[str]], name: str) -> bool:
    return name in asked and asked[name][0].lower() not in ("false", "0")
