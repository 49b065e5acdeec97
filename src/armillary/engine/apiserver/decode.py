"""A request's body as an object of the resource it was sent to."""

from armillary.engine.apiserver.options import WriteOptions
from armillary.engine.apiserver.schema.body import Validation, check_kind, conform, duplicates, is_yaml, read_object
from armillary.engine.apiserver.verbs.core import Core
from armillary.engine.kinds.resource import Json, Resource


def decode(
    core: Core, resource: Resource, body: bytes, content_type: str, options: WriteOptions, warnings: list[str]
) -> Json:
    """The object in a body, fit to its schema. Raises BadRequest, UnsupportedMediaType."""
    obj = read_object(body, content_type, resource.kind)
    doubled: list[str] = []
    if options.validation is not Validation.IGNORE and not is_yaml(content_type):
        doubled = duplicates(body, obj)
    check_kind(obj, resource.api_version, resource.kind, core.table.kinds)
    warnings += conform(obj, core.node(resource), options.validation, doubled)
    obj.setdefault("metadata", {})
    return obj
