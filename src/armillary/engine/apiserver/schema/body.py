"""A request's body as an object of the right kind: JSON or YAML, checked as upstream's decoders check it."""

import json
from collections.abc import Container, Sequence
from enum import Enum
from typing import Any

import orjson
import yaml

from armillary.base.errors import BadRequest, UnsupportedMediaType
from armillary.engine.apiserver.schema.fit import MOST_STRICT_FAULTS, Unfit, fit
from armillary.engine.apiserver.schema.node import Node
from armillary.engine.apiserver.schema.syntax import TOO_DEEP, readable, syntax_fault
from armillary.engine.kinds.resource import Json

JSON_TYPE = "application/json"
YAML_TYPE = "application/yaml"
MOST_NODES = 1_000_000  # in a YAML document once its aliases are written out
MOST_DEPTH = 250  # of nested values; orjson writes 254
SAFE_YAML_BYTES = 10_000  # however deeply that much may be nested
_SUMMARY = 30  # bytes of a body that a message shows
_ENVELOPE = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'


class Validation(Enum):
    """What becomes of unknown and duplicate fields."""

    IGNORE = "Ignore"
    WARN = "Warn"
    STRICT = "Strict"


class Malformed(Exception):
    """A body that is no JSON or YAML; the message is Go's."""


def is_yaml(content_type: str) -> bool:
    """Whether a body of that media type is YAML; JSON otherwise. Raises UnsupportedMediaType."""
    media = content_type.partition(";")[0].strip().lower()
    if media in ("", JSON_TYPE):
        return False
    if media == YAML_TYPE:
        return True
    raise UnsupportedMediaType(
        f"the body of the request was in an unknown format - accepted media types include: "
        f"{JSON_TYPE}, {YAML_TYPE}, application/vnd.kubernetes.protobuf"
    )


def parse(body: bytes, *, as_yaml: bool = False) -> Any:
    """The value that a body holds. Raises Malformed."""
    if as_yaml:
        return _parse_yaml(body)
    try:
        return _within_depth(body, orjson.loads(body))
    except orjson.JSONDecodeError as exc:
        clean = readable(body)
        if clean is None:
            raise Malformed(syntax_fault(body) or str(exc)) from exc
    try:
        return _within_depth(clean, orjson.loads(clean))
    except orjson.JSONDecodeError as exc:
        raise Malformed(TOO_DEEP if "depth" in str(exc) else str(exc)) from exc


def _within_depth(body: bytes, value: Any) -> Any:
    """The value, unless it is nested more deeply than it could be written again. Raises Malformed."""
    if body.count(b"[") + body.count(b"{") > MOST_DEPTH:
        try:
            orjson.dumps(value)
        except orjson.JSONEncodeError as exc:
            raise Malformed(TOO_DEEP) from exc
    return value


class _Loader(yaml.CSafeLoader):
    """YAML as JSON knows it: a date is a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _parse_yaml(body: bytes) -> Any:
    try:
        if len(body) > SAFE_YAML_BYTES:
            _check_yaml_depth(body)
        loaded = yaml.load(body, Loader=_Loader)  # noqa: S506  # a subclass of the safe loader
        return orjson.loads(orjson.dumps(_plain(loaded, [MOST_NODES])))
    except (yaml.YAMLError, orjson.JSONEncodeError, ValueError, RecursionError) as exc:
        raise Malformed(f"error converting YAML to JSON: yaml: {' '.join(str(exc).split())}") from exc


def _check_yaml_depth(body: bytes) -> None:
    """Raises ValueError. The C loader would overflow the stack, and take the process with it."""
    depth = 0
    for event in yaml.parse(body, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MOST_DEPTH:
            raise ValueError(TOO_DEEP)


def _plain(value: Any, budget: list[int]) -> Any:
    """Aliases written out (each place gets a copy of its own), keys as strings."""
    budget[0] -= 1
    if budget[0] < 0:
        raise ValueError("document contains excessive aliasing")
    if isinstance(value, dict):
        return {_key(k): _plain(v, budget) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v, budget) for v in value]
    if isinstance(value, bytes | set | tuple):
        raise ValueError("only JSON's types can be used")
    return value


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return key if isinstance(key, str) else str(key)


def duplicates(body: bytes, decoded: Any) -> list[str]:
    """Fields that a JSON body names twice, in the words of strict decoding."""
    # Nothing was lost when the body is as long as what was read: the rule for bodies written by programs.
    if len(orjson.dumps(decoded)) == len(body.rstrip()):
        return []
    try:
        tree = json.loads(body, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return []
    found: list[str] = []
    _find_duplicates(tree, "", found)
    return found[:MOST_STRICT_FAULTS]


def yaml_duplicates(body: bytes) -> list[str]:
    """Keys that a YAML mapping names twice, in the words of strict decoding."""
    found: list[str] = []
    waiting = [yaml.compose(body, Loader=_Loader)]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue  # an alias
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            known: set[str] = set()
            for key, value in node.value:
                name = str(key.value)
                if name in known:
                    found.append(f'  line {key.start_mark.line + 1}: key "{name}" already set in map')
                known.add(name)
                waiting.append(value)
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    return ["\n".join(["error converting YAML to JSON: yaml: unmarshal errors:", *found])] if found else []


class _Pairs(list[tuple[str, Any]]):
    """An object with every member that was written."""


def _find_duplicates(tree: Any, path: str, found: list[str]) -> None:
    if isinstance(tree, _Pairs):
        seen = set()
        for key, value in tree:
            inner = f"{path}.{key}" if path else key
            if key in seen:
                found.append(f'duplicate field "{inner}"')
            seen.add(key)
            _find_duplicates(value, inner, found)
    elif isinstance(tree, list):
        for i, value in enumerate(tree):
            _find_duplicates(value, f"{path}[{i}]", found)


def summary(body: bytes) -> str:
    """The beginning of a body, for a message."""
    if not body:
        return "<empty>"
    shown = body[:_SUMMARY].decode(errors="replace") if body[:1] == b"{" else body[:_SUMMARY].hex()
    return shown + (" ..." if len(body) > _SUMMARY else "")


def _unrecognized(kind: str, fault: str, body: bytes) -> BadRequest:
    return BadRequest(f"the object provided is unrecognized (must be of type {kind}): {fault} ({summary(body)})")


def read_object(body: bytes, content_type: str, kind: str) -> Json:
    """The JSON object in a body. Raises BadRequest, UnsupportedMediaType."""
    as_yaml = is_yaml(content_type)
    try:
        value = parse(body, as_yaml=as_yaml)
    except Malformed as exc:
        fault = str(exc) if as_yaml else f"couldn't get version/kind; json parse error: {exc}"
        raise _unrecognized(kind, fault, body) from exc
    if value is None:
        return {}
    if isinstance(value, dict):
        for name in ("apiVersion", "kind"):
            if value.get(name) is not None and not isinstance(value[name], str):
                fault = f"json: cannot unmarshal {type_word(value[name])} into Go struct field .{name} of type string"
                raise _unrecognized(kind, f"couldn't get version/kind; json parse error: {fault}", body)
        if (value.get("apiVersion") or "").count("/") > 1:
            raise _unrecognized(kind, f"unexpected GroupVersion string: {value['apiVersion']}", body)
        return value
    fault = f"json: cannot unmarshal {type_word(value)} into Go value of type {_ENVELOPE}"
    raise _unrecognized(kind, f"couldn't get version/kind; json parse error: {fault}", body)


def type_word(value: Any) -> str:
    """What Go calls a JSON value."""
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return "string" if isinstance(value, str) else "bool" if isinstance(value, bool) else "number"


def check_kind(value: Json, api_version: str, kind: str, known: Container[tuple[str, str]]) -> None:
    """Whether a body is of the kind it was sent as; what it leaves out is filled in. Raises BadRequest.

    `known` are the kinds that the server knows, as (apiVersion, kind).
    """
    said_kind, said_version = value.get("kind") or kind, value.get("apiVersion") or api_version
    value["kind"], value["apiVersion"] = kind, api_version
    if (said_version, said_kind) == (api_version, kind):
        return
    version = said_version.rpartition("/")[2]
    if (said_version, said_kind) not in known:
        scheme = "pkg/api/legacyscheme/scheme.go:30"
        fault = f'no kind "{said_kind}" is registered for version "{said_version}" in scheme "{scheme}"'
        raise BadRequest(f'{said_kind} in version "{version}" cannot be handled as a {kind}: {fault}')
    if said_kind != kind:
        fault = f"converting ({version}.{said_kind}) to ({_package(api_version)}.{kind}): unknown conversion"
        raise BadRequest(f'{said_kind} in version "{version}" cannot be handled as a {kind}: {fault}')
    raise BadRequest(
        f"the API version in the data ({said_version}) does not match the expected API version ({api_version})"
    )


def _package(api_version: str) -> str:
    """Where upstream keeps the type that all versions are converted to."""
    group = api_version.rpartition("/")[0].partition(".")[0]
    return group if group not in ("", "events") else "core"


def conform(value: Json, node: Node, validation: Validation, doubled: Sequence[str] = ()) -> list[str]:
    """Fit an object to its type; gives warnings. Raises BadRequest in the words of upstream's decoder."""
    version = value["apiVersion"].rpartition("/")[2]
    place = f'{value["kind"]} in version "{version}" cannot be handled as a {value["kind"]}'
    try:
        found = fit(value, node)
    except Unfit as exc:
        raise BadRequest(f"{place}: {exc}") from exc
    except RecursionError as exc:
        raise BadRequest(f"{place}: exceeded max depth") from exc
    if validation is Validation.IGNORE:
        return []
    faults = [*doubled, *found.faults()]
    if faults and validation is Validation.STRICT:
        raise BadRequest(f"{place}: strict decoding error: {', '.join(faults)}")
    return faults
