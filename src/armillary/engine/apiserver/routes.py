"""What a path and a method ask for. Rules: k8s.io/apiserver, endpoints/request "RequestInfoFactory"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, unquote_plus

Query = Mapping[str, Sequence[str]]

_NAMESPACE_SUBRESOURCES = ("status", "finalize")
_OBJECT_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class Target:
    """A path below /api or /apis/<group> that names a resource."""

    group: str
    version: str
    plural: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""
    watch: bool = False  # by the old /watch/ prefix


@lru_cache(maxsize=8192)
def target_of(path: str) -> Target | None:
    """The resource that a path (still quoted) names; None when it names none."""
    parts = [part for part in path.split("/") if part]
    match parts:
        case ["api", version, *rest] if rest:
            group = ""
        case ["apis", group, version, *rest] if rest:
            group = unquote(group)
        case _:
            return None
    watch = rest[0] == "watch"
    rest = rest[1:] if watch else rest
    namespace = ""
    if len(rest) > 1 and rest[0] == "namespaces":
        namespace = unquote(rest[1])
        if len(rest) > 2 and rest[2] not in _NAMESPACE_SUBRESOURCES:
            rest = rest[2:]
    if not rest:
        return None
    plural, name, subresource = (*rest, "", "")[:3]
    tail = "/".join(rest[3:])
    if tail and path.endswith("/"):
        tail += "/"
    return Target(group, version, plural, namespace, unquote(name), unquote(subresource), tail, watch)


@lru_cache(maxsize=1024)
def query_of(text: bytes) -> Query:
    """Names and values of a query string."""
    found: dict[str, list[str]] = {}
    for pair in text.decode("latin-1").split("&"):
        if pair:
            name, _, value = pair.partition("=")
            found.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return found


def first(query: Query, name: str) -> str:
    """A parameter's first value, or ""."""
    values = query.get(name)
    return values[0] if values else ""


def is_true(text: str) -> bool:
    """A boolean parameter: there, and neither "0" nor "false"."""
    return text not in ("", "0", "false", "False", "FALSE", "f", "F")


def verb_of(method: str, target: Target, query: Query) -> str:
    """The verb in RBAC's words; "" for a method that has none."""
    verb = _OBJECT_VERBS.get(method, "")
    if target.name:
        if verb == "get" and not target.subresource and (target.watch or _asks_watch(query)):
            return "watch"
        return verb
    if verb == "get":
        return "watch" if target.watch or _asks_watch(query) else "list"
    return "deletecollection" if verb == "delete" else verb


def _asks_watch(query: Query) -> bool:
    values = query.get("watch") or ("0",)
    return values[0] == "" or is_true(values[0])
