"""Refusals in upstream's words. Wording: k8s.io/apimachinery, api/errors, and apiserver, responsewriters."""

from armillary.base.errors import AlreadyExists, Conflict, MethodNotAllowed, NotFound
from armillary.engine.kinds.resource import Resource

LOCK = "the object has been modified; please apply your changes to the latest version and try again"


def not_found(resource: Resource, name: str) -> NotFound:
    return NotFound(f'{resource.name} "{name}" not found', group=resource.group, kind=resource.plural, name=name)


def already_exists(resource: Resource, name: str, *, ending: bool = False) -> AlreadyExists:
    text = f'{resource.name} "{name}" already exists'
    said = f"object is being deleted: {text}" if ending else text
    return AlreadyExists(said, group=resource.group, kind=resource.plural, name=name)


def conflict(resource: Resource, name: str, why: str = LOCK) -> Conflict:
    text = f'Operation cannot be fulfilled on {resource.name} "{name}": {why}'
    return Conflict(text, group=resource.group, kind=resource.plural, name=name)


def not_supported(resource: Resource, verb: str) -> MethodNotAllowed:
    text = f'{verb} is not supported on resources of kind "{resource.name}"'
    return MethodNotAllowed(text, group=resource.group, kind=resource.plural)


def no_method() -> MethodNotAllowed:
    return MethodNotAllowed("the server does not allow this method on the requested resource")


def no_resource() -> NotFound:
    return NotFound("the server could not find the requested resource")
