"""How a refusal is worded.

Wording: k8s.io/apimachinery, api/errors, "NewForbidden"; k8s.io/apiserver, handlers/responsewriters, "Forbidden".
"""

from armillary.base.errors import Cause, Denied
from armillary.engine.apiserver.ports import AdmissionRequest, Attributes
from armillary.engine.kinds.faults import shown

_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def forbidden(group: str, resource: str, name: str, why: str, causes: tuple[Cause, ...] = ()) -> Denied:
    """`pods "x" is forbidden: why`."""
    kind = f"{resource}.{group}" if group else resource
    if not kind:
        return Denied(f"forbidden: {why}", causes=causes)
    said = f'{kind} "{name}" is forbidden: {why}' if name else f"{kind} is forbidden: {why}"
    return Denied(said, group=group, kind=resource, name=name, causes=causes)


def forbidden_request(asked: Attributes, reason: str = "") -> Denied:
    """`User "x" cannot list resource "pods" in API group "" in the namespace "y"`."""
    user = shown(asked.user.name)
    if asked.path:
        said = f"User {user} cannot {asked.verb} path {shown(asked.path)}"
    else:
        resource = f"{asked.resource}/{asked.subresource}" if asked.subresource else asked.resource
        said = f"User {user} cannot {asked.verb} resource {shown(resource)} in API group {shown(asked.group)}"
        said += f" in the namespace {shown(asked.namespace)}" if asked.namespace else " at the cluster scope"
    said = said.translate(_ESCAPED)
    return forbidden(asked.group, asked.resource, asked.name, f"{said}: {reason}" if reason else said)


def not_admitted(request: AdmissionRequest, why: str, causes: tuple[Cause, ...] = ()) -> Denied:
    """What an admission plugin answers when it refuses."""
    name = request.name
    if not name and request.object is not None:
        meta = request.object.get("metadata") or {}
        name = meta.get("name") or meta.get("generateName") or ""
    name = name or "Unknown"
    return forbidden(request.resource.group, request.resource.plural, name, why, causes)
