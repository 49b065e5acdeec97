"""A request's body as an object of the resource it was sent to."""

from armillary.base.errors import BadRequest
from armillary.engine.apiserver.options import WriteOptions
from armillary.engine.apiserver.schema.body import (
    Validation,
    check_kind,
    conform,
    duplicates,
    is_yaml,
    read_object,
    yaml_duplicates,
)
from armillary.engine.apiserver.verbs.core import Core
from armillary.engine.kinds.resource import Json, Resource


def decode(
    core: Core, resource: Resource, body: bytes, content_type: str, options: WriteOptions, warnings: list[str]
) -> Json:
    """The object in a body, fit to its schema. Raises BadRequest, UnsupportedMediaType."""
    obj = read_object(body, content_type, resource.kind)
    doubled: list[str] = []
    if options.validation is not Validation.IGNORE:
        doubled = yaml_duplicates(body) if is_yaml(content_type) else duplicates(body, obj)
    check_kind(obj, resource.api_version, resource.kind, core.table.kinds)
    warnings += conform(obj, core.node(resource), options.validation, doubled)
    obj.setdefault("metadata", {})
    return obj


def check_name(obj: Json, name: str, namespace: str = "") -> None:
    """Whether an object is the one that the URL names. Raises BadRequest."""
    meta = obj["metadata"]
    own_name, own_namespace = meta.get("name") or "", meta.get("namespace") or ""
    if not own_name:
        fault = f"the name of the object ({name} based on URL) was undeterminable: name must be provided"
        raise BadRequest(fault)
    if own_name != name:
        raise BadRequest(f"the name of the object ({own_name}) does not match the name on the URL ({name})")
    if namespace and own_namespace and own_namespace != namespace:
        raise BadRequest(
            f"the namespace of the object ({own_namespace}) does not match the namespace on the request ({namespace})"
        )
