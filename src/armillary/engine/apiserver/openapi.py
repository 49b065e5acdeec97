"""OpenAPI v3 for each group-version, and v2 for all of them: built when asked for, kept as bytes."""

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

import orjson

from armillary.base.errors import NotAcceptable
from armillary.engine.apiserver.discovery import subresource_kind, subresource_verbs
from armillary.engine.apiserver.ports import Answer
from armillary.engine.apiserver.protobuf import openapi as swagger
from armillary.engine.apiserver.registry import Table
from armillary.engine.apiserver.schemas import META, Schemas
from armillary.engine.kinds.resource import Json, Resource

_V3_REF = "#/components/schemas/"
_V2_REF = "#/definitions/"
_METHODS = {
    "get": "get",
    "list": "get",
    "create": "post",
    "update": "put",
    "patch": "patch",
    "delete": "delete",
    "deletecollection": "delete",
}
_ACTIONS = {"create": "post", "update": "put", "deletecollection": "deletecollection"}
_PATCHES = (
    "application/json-patch+json", "application/merge-patch+json",
    "application/strategic-merge-patch+json", "application/apply-patch+yaml",
)  # fmt: skip
FOREVER = {"cache-control": "public, immutable", "expires": "Thu, 31 Dec 2099 23:59:59 GMT"}


def refs_in(schema: Any) -> Iterator[str]:
    """The names of the schemas that a schema refers to."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for value in schema.values():
            yield from refs_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from refs_in(value)


def closure(definitions: Mapping[str, Any], roots: Iterator[str]) -> dict[str, Any]:
    """The schemas of these names, and all they refer to."""
    found: dict[str, Any] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found and name in definitions:
            found[name] = definitions[name]
            waiting += refs_in(found[name])
    return dict(sorted(found.items()))


def linked(schema: Any, prefix: str) -> Any:
    """A schema with whole references; one that says more than its reference wraps it, as upstream's do."""
    if isinstance(schema, list):
        return [linked(item, prefix) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        ref = {"$ref": prefix + schema["$ref"]}
        return rest | {"allOf": [ref], "default": {}} if prefix == _V3_REF else ref | rest
    found = {key: linked(value, prefix) for key, value in schema.items() if key != "properties"}
    if "properties" in schema:
        found["properties"] = {name: linked(sub, prefix) for name, sub in schema["properties"].items()}
    return found


def with_lists(definitions: Mapping[str, Any], resources: Iterable[Resource]) -> dict[str, Any]:
    """All schemas, with those of lists that nobody wrote down."""
    found = dict(definitions)
    for resource in resources:
        if f"{resource.schema}List" not in found:
            kind = {"group": resource.group, "version": resource.version, "kind": f"{resource.kind}List"}
            found[f"{resource.schema}List"] = {
                "type": "object",
                "required": ["items"],
                "properties": {
                    "apiVersion": {"type": "string"},
                    "kind": {"type": "string"},
                    "metadata": {"$ref": f"{META}.ListMeta"},
                    "items": {"type": "array", "items": {"$ref": resource.schema}},
                },
                "x-kubernetes-group-version-kind": [kind],
            }
    return found


class OpenApi:
    """The documents for one table of resources."""

    def __init__(self, table: Table, schemas: Schemas) -> None:
        self._table, self._schemas = table, schemas
        self._documents: dict[str, bytes] = {}
        self._tags: dict[str, str] = {}
        self._whole: bytes | None = None
        self._swagger: bytes | None = None

    def _places(self) -> dict[str, tuple[str, str]]:
        return {
            f"apis/{group}/{version}" if group else f"api/{version}": (group, version)
            for group, versions in self._table.groups.items()
            for version in versions
        }

    def v3(self, place: str, tag: str, headers: Mapping[str, str]) -> Answer:
        """The index, or one group-version's document."""
        places = self._places()
        if not place:
            self._build(places)
            index = {name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={self._tags[name]}"} for name in places}
            return Answer({"paths": index})
        if place not in places:
            return Answer(b"404 page not found\n", 404, "text/plain; charset=utf-8")
        self._build(places)
        known = {"etag": f'"{self._tags[place]}"'} | (FOREVER if tag == self._tags[place] else {})
        if headers.get("if-none-match") == known["etag"]:
            return Answer(b"", 304, headers=known)
        return Answer(self._documents[place], headers=known | {"vary": "Accept"})

    def _build(self, places: Mapping[str, tuple[str, str]]) -> None:
        if self._documents:
            return
        definitions = with_lists(self._schemas.definitions(), self._table.resources)
        for place, (group, version) in places.items():
            document = orjson.dumps(self._document(definitions, group, version))
            self._documents[place] = document
            self._tags[place] = hashlib.sha256(document).hexdigest().upper()

    def _document(self, definitions: Mapping[str, Any], group: str, version: str) -> Json:
        paths: Json = {}
        names: set[str] = {f"{META}.DeleteOptions", f"{META}.Status", f"{META}.Patch"}
        for resource in self._table.of(group, version):
            paths |= _paths(resource, definitions)
            names |= {resource.schema, f"{resource.schema}List"}
            names |= {_schema_of(resource, sub) for sub in resource.subresources}
        return {
            "openapi": "3.0.0",
            "info": {"title": "Kubernetes", "version": "v1.36.0"},
            "paths": paths,
            "components": {"schemas": linked(closure(definitions, iter(names)), _V3_REF)},
        }

    def v2(self, headers: Mapping[str, str]) -> Answer:
        """Everything in one document, for clients that know no v3."""
        accept = headers.get("accept", "")
        if any(media in accept for media in swagger.ASKED):
            if self._swagger is None:
                self._swagger = swagger.encode_document(orjson.loads(self._json()))
            return Answer(self._swagger, content_type=swagger.MEDIA)
        if accept and "json" not in accept and "*/*" not in accept:
            raise NotAcceptable(f"only the following media types are accepted: application/json, {swagger.MEDIA}")
        return Answer(self._json())

    def _json(self) -> bytes:
        if self._whole is None:
            definitions = with_lists(self._schemas.definitions(), self._table.resources)
            names = {r.schema for r in self._table.resources} | {f"{r.schema}List" for r in self._table.resources}
            names |= {f"{META}.DeleteOptions", f"{META}.Status", f"{META}.Patch"}
            paths: Json = {}
            for resource in self._table.resources:
                paths |= _paths(resource, definitions, v2=True)
                names |= {_schema_of(resource, sub) for sub in resource.subresources}
            self._whole = orjson.dumps({
                "swagger": "2.0",
                "info": {"title": "Kubernetes", "version": "v1.36.0"},
                "paths": paths,
                "definitions": linked(closure(definitions, iter(names)), _V2_REF),
            })  # fmt: skip
        return self._whole


def _schema_of(resource: Resource, subresource: str) -> str:
    kind, group, version = subresource_kind(resource, subresource)
    if (kind, group, version) == (resource.kind, resource.group, resource.version):
        return resource.schema
    return f"io.k8s.api.{group.partition('.')[0] or 'core'}.{version}.{kind}"


def _paths(resource: Resource, known: Container[str], *, v2: bool = False) -> Json:
    """The paths of a resource, with the operations on them."""
    root = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
    base = f"{root}/namespaces/{{namespace}}/{resource.plural}" if resource.namespaced else f"{root}/{resource.plural}"
    params = [_parameter("namespace")] if resource.namespaced else []
    named = [*params, _parameter("name")]
    kind = (resource.group, resource.version, resource.kind)
    found = {
        base: _operations(resource, resource.schema, kind, ("list", "create", "deletecollection"), params, v2=v2),
        f"{base}/{{name}}": _operations(
            resource, resource.schema, kind, ("get", "update", "patch", "delete"), named, v2=v2
        ),
    }
    for sub in resource.subresources:
        schema, verbs = _schema_of(resource, sub), subresource_verbs(resource, sub)
        sub_kind, group, version = subresource_kind(resource, sub)
        # What connect subresources speak has no schema.
        schema = schema if schema in known else f"{META}.Status"
        operations = _operations(resource, schema, (group, version, sub_kind), verbs, named, v2=v2, every=True)
        found[f"{base}/{{name}}/{sub}"] = operations
    return found


def _parameter(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "uniqueItems": True}}


def _query_parameters(verb: str) -> list[Json]:
    """Parameters that clients look for: kubectl asks here whether a dry run and field validation are known."""
    if verb in ("create", "update", "patch"):
        names = ["dryRun", "fieldManager", "fieldValidation"] + (["force"] if verb == "patch" else [])
    else:
        names = ["dryRun"] if verb in ("delete", "deletecollection") else []
    return [{"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}} for name in names]


def _operations(
    resource: Resource,
    schema: str,
    kind: tuple[str, str, str],
    verbs: tuple[str, ...],
    params: list[Json],
    *,
    v2: bool,
    every: bool = False,
) -> Json:
    found: Json = {"parameters": [_plain(p) if v2 else p for p in params]} if params else {}
    gvk = dict(zip(("group", "version", "kind"), kind, strict=True))
    for verb in verbs:
        if not every and verb not in resource.verbs:
            continue
        answer = f"{schema}List" if verb == "list" else f"{META}.Status" if verb.startswith("delete") else schema
        sent = {"create": schema, "update": schema, "patch": f"{META}.Patch"}.get(verb, "")
        media = _patches(resource) if verb == "patch" else ("*/*",)
        found[_METHODS[verb]] = _operation(verb, answer, sent, media, v2=v2) | {
            "x-kubernetes-action": _ACTIONS.get(verb, verb),
            "x-kubernetes-group-version-kind": gvk,
        }
    return found


def _patches(resource: Resource) -> tuple[str, ...]:
    """What a patch may be: kubectl chooses by this. Custom kinds have no strategies to merge by."""
    return tuple(media for media in _PATCHES if "strategic" not in media) if resource.custom else _PATCHES


def _operation(verb: str, answer: str, sent: str, media: tuple[str, ...], *, v2: bool) -> Json:
    query = _query_parameters(verb)
    if v2:
        body = [{"name": "body", "in": "body", "required": True, "schema": {"$ref": _V2_REF + sent}}] if sent else []
        return {
            "consumes": list(media),
            "produces": ["application/json"],
            "parameters": [*(_plain(p) for p in query), *body],
            "responses": {"200": {"description": "OK", "schema": {"$ref": _V2_REF + answer}}},
        }
    found: Json = {
        "parameters": query,
        "responses": {
            "200": {
                "description": "OK",
                "content": {"application/json": {"schema": {"$ref": _V3_REF + answer}}},
            }
        },
    }
    if sent:
        found["requestBody"] = {"content": {m: {"schema": {"$ref": _V3_REF + sent}} for m in media}, "required": True}
    return found


def _plain(parameter: Json) -> Json:
    """A parameter as OpenAPI v2 writes it."""
    return {key: value for key, value in parameter.items() if key != "schema"} | {"type": "string", "uniqueItems": True}
