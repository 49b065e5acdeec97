"""What handlers read of a request by themselves: its object, its parameters; and what they look up for it."""

from typing import Any

from armillary.base.errors import BadRequest, NotFound
from armillary.engine.apiserver.ports import Call
from armillary.engine.apiserver.schema import body
from armillary.engine.kinds.faults import shown
from armillary.engine.kinds.resource import Json


def read_object(call: Call, kind: str) -> Json:
    """The body as an object of that kind, fields that are null left out. Raises BadRequest, UnsupportedMediaType."""
    obj = body.read_object(call.body, call.headers.get("content-type", ""), kind)
    if obj.get("kind") not in (None, "", kind):
        raise BadRequest(f"{obj['kind']} in version {shown(obj.get('apiVersion') or '')} cannot be handled as a {kind}")
    cleaned: Json = _without_nulls(obj)
    return cleaned | {"kind": kind}


def field(obj: Json, path: str, type_: type, default: Any = None) -> Any:
    """The value at a dotted path. Raises BadRequest if it has another type."""
    value: Any = obj
    for name in path.split("."):
        if value is None:
            return default
        if not isinstance(value, dict):
            raise BadRequest(f"{path}: expected an object around {name}")
        value = value.get(name)
    if value is None:
        return default
    if not isinstance(value, type_) or (type_ is int and isinstance(value, bool)):
        raise BadRequest(f"json: cannot unmarshal {shown(value)} into field {path} of type {type_.__name__}")
    return value


def strings(obj: Json, path: str) -> tuple[str, ...]:
    """The list of strings at a dotted path."""
    found = field(obj, path, list, [])
    if not all(isinstance(item, str) for item in found):
        raise BadRequest(f"json: cannot unmarshal {shown(found)} into field {path} of type []string")
    return tuple(found)


def text(call: Call, name: str) -> str:
    """A parameter of the query, "" if it is not there."""
    values = call.query.get(name)
    return values[0] if values else ""


def flag(call: Call, name: str) -> bool:
    """A boolean parameter: there, and neither 0 nor false."""
    values = call.query.get(name) or ("0",)
    return values[0].lower() not in ("0", "false")


def is_dry_run(call: Call) -> bool:
    return "All" in call.query.get("dryRun", ())


def look_up(call: Call, resource: str, namespace: str, name: str) -> Json:
    """The object of that name. Raises NotFound."""
    found = call.server.objects.get(resource, namespace, name)
    if found is None:
        plural, _, group = resource.partition(".")
        raise NotFound(f"{resource} {shown(name)} not found", group=group, kind=plural, name=name)
    return found


def _without_nulls(value: Any) -> Any:
    match value:
        case dict():
            return {name: _without_nulls(item) for name, item in value.items() if item is not None}
        case list():
            return [_without_nulls(item) for item in value]
    return value
