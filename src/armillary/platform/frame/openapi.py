"""The OpenAPI document, written out from the routes: what is served is what is described."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import inspect

from armillary.platform.frame.capability import FORM, Needs, Open, Route
from armillary.platform.frame.decode import FORM_TYPE
from armillary.platform.frame.server import Bound

TITLE = "Armillary"
REF = "#/components/schemas/"
DESCRIPTION = (
    "The platform's REST API. Kubernetes' own API of each cluster is served below /clusters/{cluster}/ as the caller, "
    "and described there at /openapi/v3. Errors are Status objects, as Kubernetes has them."
)
JSON = "application/json"
_PARAMETER = re.compile(r"\{([^}]*)\}")
_NAME = {"type": "string", "minLength": 1, "maxLength": 512, "pattern": r"^[A-Za-z0-9]([A-Za-z0-9:._@-]*[A-Za-z0-9])?$"}
STATUS: dict[str, Any] = {
    "title": "Status",
    "description": "Why a request was not answered as asked.",
    "type": "object",
    "required": ["kind", "apiVersion", "status", "message", "reason", "code"],
    "properties": {
        "kind": {"const": "Status"},
        "apiVersion": {"const": "v1"},
        "metadata": {"type": "object"},
        "status": {"const": "Failure"},
        "message": {"type": "string"},
        "reason": {"type": "string"},
        "code": {"type": "integer"},
        "details": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "group": {"type": "string"},
                "kind": {"type": "string"},
                "retryAfterSeconds": {"type": "integer"},
                "causes": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "reason": {"type": "string"},
                            "field": {"type": "string"},
                            "message": {"type": "string"},
                        },
                    },
                },
            },
        },
    },
}
_REFUSALS = {
    "400": "The request can't be read.",
    "401": "Sign in first.",
    "403": "You may not.",
    "404": "It is not there, or you may not see it.",
    "413": "The body is too large.",
    "415": "The body is of another type.",
    "422": "The body does not fit.",
    "426": "Ask for an upgrade to a WebSocket.",
    "429": "Too much at once.",
}


def document_of(routes: Sequence[Bound], tags: Mapping[str, str], version: str) -> dict[str, Any]:
    """OpenAPI 3.1; `tags` says what each capability is for."""
    types = {type_ for bound in routes for type_ in _types(bound.route)}
    ordered = sorted(types, key=repr)
    schemas, components = _open(msgspec.json.schema_components(ordered, ref_template=REF + "{name}"))
    known = dict(zip(ordered, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for bound in routes:
        paths.setdefault(bound.path, {})[bound.route.method.lower()] = _operation(bound, known, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": version, "description": DESCRIPTION, "license": _LICENSE},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in tags.items()],
        "paths": paths,
        "components": {
            "schemas": {**components, "Status": STATUS},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "An access token."},
                "oidc": {"type": "openIdConnect", "openIdConnectUrl": "/.well-known/openid-configuration"},
            },
        },
    }


def _open(value: Any) -> Any:
    """Schemas in which an object of which nothing is said may have any fields: generators take it for an empty one."""
    if isinstance(value, list | tuple):
        return [_open(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _open(item) for key, item in value.items()}
    is_bare = found.get("type") == "object" and not found.keys() & {"properties", "additionalProperties"}
    return found | {"additionalProperties": True} if is_bare else found


_LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def _types(route: Route[Any]) -> Iterable[Any]:
    for type_ in (route.query, route.body, route.returns):
        if type_ is not None and type_ not in (FORM, bytes):
            yield type_


def _operation(bound: Bound, known: Mapping[Any, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    route = bound.route
    names = _PARAMETER.findall(bound.path)
    parameters = [{"name": name, "in": "path", "required": True, "schema": _NAME} for name in names]
    if route.query is not None:
        parameters += _query(route.query, known, components)
    operation: dict[str, Any] = {
        "operationId": _id(route.method, bound.path),
        "summary": route.summary,
        "tags": [bound.tag],
        "responses": _responses(route, known, has_name=bool(names)),
        "security": [] if route.needs is Open.ANYBODY else [{"token": []}],
    }
    permission = _permission(route.needs) if isinstance(route.needs, Needs) else ""
    if said := "\n\n".join(filter(None, (permission, route.about))):
        operation["description"] = said
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(route.body, known)}
    return operation


def _id(method: str, path: str) -> str:
    return "_".join([method.lower(), *re.findall(r"\w+", path)])


def _permission(needs: Needs) -> str:
    what = f"{needs.resource}.{needs.group}" if needs.group else needs.resource
    where = f" in the namespace `{needs.namespace}`" if needs.namespace else ""
    which = f" `{needs.name}`" if needs.name else ""
    return f"Needs the permission to {needs.verb} {what}{which}{where} in the host cluster."


def _query(type_: Any, known: Mapping[Any, Any], components: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not isinstance(inspect.type_info(type_), inspect.StructType):
        return []
    schema = known[type_]
    schema = components[schema["$ref"].removeprefix(REF)] if "$ref" in schema else schema
    required = schema.get("required", ())
    found = []
    for name, field in schema["properties"].items():
        plain = {key: value for key, value in field.items() if key != "description"}
        entry = {"name": name, "in": "query", "required": name in required, "schema": plain}
        found.append(entry | ({"description": field["description"]} if "description" in field else {}))
    return found


def _content(type_: Any, known: Mapping[Any, Any]) -> dict[str, Any]:
    if type_ is FORM:
        return {FORM_TYPE: {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}}
    if type_ is bytes:
        return {"application/octet-stream": {"schema": {}}}
    return {JSON: {"schema": known[type_]}}


def _responses(route: Route[Any], known: Mapping[Any, Any], *, has_name: bool) -> dict[str, Any]:
    if route.socket:
        refused = {code: _refusal(_REFUSALS[code]) for code in ("401", "403", "426", "429")}
        return {"101": {"description": "A WebSocket."}, **refused, "default": _refusal("What happened otherwise.")}
    done: dict[str, Any] = {"description": "Done."}
    if route.returns is not None:
        done["content"] = _content(route.returns, known)
    status = "204" if route.returns is None and route.status == 200 else str(route.status)
    codes = ["429"]
    codes += ["401", "403"] if route.needs is not Open.ANYBODY else []
    codes += ["404"] if has_name else []
    codes += ["400"] if has_name or route.query is not None or route.body is not None else []
    codes += ["413", "415", "422"] if route.body is not None else []
    refused = {code: _refusal(_REFUSALS[code]) for code in sorted(codes)}
    return {status: done, **refused, "default": _refusal("What happened otherwise.")}


def _refusal(description: str) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": {"$ref": f"{REF}Status"}}}}


def as_3_0(value: Any) -> Any:
    """The same document for tools that know OpenAPI 3.0 only (Swagger UI 4): less exact, but readable there."""
    if isinstance(value, list | tuple):
        return [as_3_0(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: as_3_0(item) for key, item in value.items() if key not in ("prefixItems", "identifier")}
    if found.get("openapi") == "3.1.0":
        found["openapi"] = "3.0.3"
    if "const" in found:
        found["enum"] = [found.pop("const")]
    if "prefixItems" in value:
        found["items"] = {}
    if isinstance(found.get("anyOf"), list):
        found |= _nullable(found.pop("anyOf"))
    return found


def _nullable(options: list[Any]) -> dict[str, Any]:
    present = [option for option in options if option != {"type": "null"}]
    if len(present) == len(options):
        return {"anyOf": options}
    merged = {"allOf": present} if len(present) == 1 else {"anyOf": present}
    return merged | {"nullable": True}
