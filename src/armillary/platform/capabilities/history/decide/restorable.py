"""What can be written again of an object as it was. Pure.

Left out is what a cluster gives: identity, status, where it was placed, which addresses it had.
"""

from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any

GIVEN = (
    "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
    "managedFields", "selfLink",
)  # fmt: skip
GIVEN_ANNOTATIONS = (
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "volume.kubernetes.io/selected-node",
    "deployment.kubernetes.io/revision",
    "kubectl.kubernetes.io/last-applied-configuration",
)
# Where clusters write into specs, by kind: paths below the object.
GIVEN_FIELDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Pod": (("spec", "nodeName"), ("spec", "ephemeralContainers")),
    "Service": (
        ("spec", "clusterIP"),
        ("spec", "clusterIPs"),
        ("spec", "healthCheckNodePort"),
    ),
    "PersistentVolumeClaim": (("spec", "volumeName"),),
    "PersistentVolume": (("spec", "claimRef", "uid"), ("spec", "claimRef", "resourceVersion")),
    "Job": (("spec", "selector"),),
    "Namespace": (("spec", "finalizers"),),
    "ServiceAccount": (("secrets",),),
}
JOB_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
# What these manage is made again by their controllers: writing it beside them would only be in their way.
REMAKING = frozenset(
    {
        ("apps", "deployments"), ("apps", "replicasets"), ("apps", "statefulsets"), ("apps", "daemonsets"),
        ("batch", "jobs"), ("batch", "cronjobs"), ("", "replicationcontrollers"), ("", "services"),
        ("tenancy.armillary.io", "projects"), ("tenancy.armillary.io", "devopsprojects"),
        ("tenancy.armillary.io", "workspaces"),
    }
)  # fmt: skip


def restorable(body: Mapping[str, Any], uids: Mapping[str, str], alive: Collection[str]) -> dict[str, Any]:
    """An object to create. `uids` gives new owners for old ones; owners that are neither there nor `alive` are left
    out, since what they own would be collected at once."""
    item: dict[str, Any] = deepcopy(dict(body))
    item.pop("status", None)
    meta: dict[str, Any] = item.setdefault("metadata", {})
    for key in GIVEN:
        meta.pop(key, None)
    _drop(meta, "annotations", GIVEN_ANNOTATIONS)
    owners = [
        {**owner, "uid": uids.get(owner["uid"], owner["uid"])}
        for owner in meta.pop("ownerReferences", None) or ()
        if owner["uid"] in uids or owner["uid"] in alive
    ]
    if owners:
        meta["ownerReferences"] = owners
    kind = str(item.get("kind"))
    for path in () if kind == "Service" and _is_headless(item) else GIVEN_FIELDS.get(kind, ()):
        _remove(item, path)
    if kind == "Job":
        template = (item.get("spec") or {}).get("template") or {}
        for labelled in (meta, template.get("metadata") or {}):
            _drop(labelled, "labels", JOB_LABELS)
    return item


def _is_headless(item: Mapping[str, Any]) -> bool:
    return (item.get("spec") or {}).get("clusterIP") == "None"


def onto(body: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """The object that is there, made as it was: what a cluster gave it stays, and whose it is."""
    item = restorable(body, {}, ())
    item.pop("metadata")
    now = deepcopy(dict(current))
    then = body.get("metadata") or {}
    meta: dict[str, Any] = now.get("metadata") or {}
    meta.pop("managedFields", None)
    for part in ("labels", "annotations"):
        meta.pop(part, None)
        if then.get(part):
            meta[part] = then[part]
    result = {**item, "metadata": meta}
    if "status" in now:
        result["status"] = now["status"]
    for path in GIVEN_FIELDS.get(str(item.get("kind")), ()):
        _carry(now, result, path)
    return result


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two objects differ in nothing that could be restored."""
    return onto(one, other) == onto(other, other)


def _drop(meta: dict[str, Any], part: str, keys: Collection[str]) -> None:
    found = meta.get(part)
    if found:
        for key in keys:
            found.pop(key, None)
        if not found:
            del meta[part]


def _remove(item: dict[str, Any], path: tuple[str, ...]) -> None:
    for key in path[:-1]:
        item = item.get(key) or {}
    item.pop(path[-1], None)


def _carry(source: Mapping[str, Any], target: dict[str, Any], path: tuple[str, ...]) -> None:
    value: Any = source
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return
        value = value[key]
    for key in path[:-1]:
        target = target.setdefault(key, {})
    target[path[-1]] = value
