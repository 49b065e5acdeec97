"""What the server itself does to an object that is written: names, metadata, generation, status kept apart.

Pure. Rules: k8s.io/apiserver, registry/rest "BeforeCreate" and "BeforeUpdate".
"""

from collections.abc import Callable

from armillary.base.errors import BadRequest
from armillary.engine.apiserver.schema.node import Node
from armillary.engine.apiserver.verbs.core import has_status
from armillary.engine.kinds.resource import Json, Resource

GENERIC = ("", "status", "finalize", "scale")  # subresources of the object itself
LONGEST_GENERATED_PREFIX = 58  # of 63, five are for the suffix
_SYSTEM = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")
_KEPT = ("generation", "creationTimestamp")
DUPLICATE_OWNERS = (
    "metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, "
    "and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {}"
)


def meta_of(obj: Json) -> Json:
    """An object's metadata, made if there is none."""
    meta: Json = obj.setdefault("metadata", {})
    return meta


def settle_namespace(resource: Resource, meta: Json, namespace: str) -> None:
    """The namespace of the request, unless the object names another. Raises BadRequest."""
    if not resource.namespaced:
        meta.pop("namespace", None)
        return
    named = meta.get("namespace")
    if named and named != namespace:
        raise BadRequest("the namespace of the provided object does not match the namespace sent on the request")
    meta["namespace"] = namespace


def begin_create(resource: Resource, obj: Json, namespace: str) -> None:
    """Take out what only the server says."""
    meta = meta_of(obj)
    for name in _SYSTEM:
        meta.pop(name, None)
    settle_namespace(resource, meta, namespace)
    if meta.pop("resourceVersion", "") not in ("", "0"):
        raise BadRequest("resourceVersion should not be set on objects to be created")


def fill_meta(meta: Json, *, uid: str, timestamp: str, new_suffix: Callable[[], str]) -> None:
    """Put in what only the server says."""
    prefix = meta.get("generateName")
    if prefix and not meta.get("name"):
        meta["name"] = prefix[:LONGEST_GENERATED_PREFIX] + new_suffix()
    meta["uid"] = uid
    meta["creationTimestamp"] = timestamp


def prepare_create(resource: Resource, node: Node, obj: Json) -> None:
    if resource.has_status and "status" in resource.subresources and has_status(node):
        obj["status"] = {}
    if resource.counts_generation:
        obj["metadata"]["generation"] = 1
    else:
        obj["metadata"].pop("generation", None)
    resource.prepare_create(obj)


def carry_meta(new: Json, old: Json) -> None:
    """What an update can't change, and what it need not repeat."""
    meta, before = new["metadata"], old["metadata"]
    meta.pop("selfLink", None)
    for name in _KEPT:
        if name in before:
            meta[name] = before[name]
        else:
            meta.pop(name, None)
    if not meta.get("uid"):
        meta["uid"] = before["uid"]
    # Left out means unchanged; an empty list gives the fields back to nobody.
    if "managedFields" in before:
        meta.setdefault("managedFields", before["managedFields"])
    if not any(meta.get("managedFields") or ()):
        meta.pop("managedFields", None)
    if "deletionTimestamp" in before:
        meta["deletionTimestamp"] = before["deletionTimestamp"]
        if "deletionGracePeriodSeconds" in before:
            meta.setdefault("deletionGracePeriodSeconds", before["deletionGracePeriodSeconds"])
    else:
        meta.pop("deletionTimestamp", None)
        meta.pop("deletionGracePeriodSeconds", None)


def prepare_update(resource: Resource, new: Json, old: Json, subresource: str) -> None:
    """Keep apart what this request may not write, count the generation."""
    if subresource == "status":
        _keep_all_but(new, old, "status")
        _restore(new["metadata"], old["metadata"], "ownerReferences")
        return
    if subresource == "finalize":
        _keep_all_but(new, old, "spec")
        return
    if "status" in resource.subresources:
        _restore(new, old, "status")
    if resource.prepare_update is not None:
        resource.prepare_update(new, old)
    if resource.counts_generation and _differ(new, old):
        new["metadata"]["generation"] = (old["metadata"].get("generation") or 0) + 1


def _restore(new: Json, old: Json, field: str) -> None:
    if field in old:
        new[field] = old[field]
    else:
        new.pop(field, None)


def _keep_all_but(new: Json, old: Json, changing: str) -> None:
    for field in {*new, *old} - {changing, "metadata"}:
        _restore(new, old, field)


def _differ(new: Json, old: Json) -> bool:
    """Whether what the user wants has changed."""
    apart = ("metadata", "status")
    return {k: v for k, v in new.items() if k not in apart} != {k: v for k, v in old.items() if k not in apart}


def without_repeated_owners(meta: Json) -> str:
    """Drop owner references that are there twice; gives a warning, or ""."""
    owners = meta.get("ownerReferences")
    if not owners or len(owners) < 2:
        return ""
    kept: list[Json] = []
    doubled: list[str] = []
    for owner in owners:
        if owner in kept:
            doubled.append(owner.get("uid", ""))
        else:
            kept.append(owner)
    if not doubled:
        return ""
    meta["ownerReferences"] = kept
    return DUPLICATE_OWNERS.format(", ".join(doubled))
