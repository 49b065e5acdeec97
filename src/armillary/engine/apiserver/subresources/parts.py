"""Subresources that are a part of the object itself: what a PUT or PATCH there may change. Pure.

Each function is given the object as the client wants it and as it is, and puts back in the first whatever is no
business of the subresource; it may refuse. Rules: k8s.io/kubernetes, the strategies of pods and of
certificatesigningrequests, and core/validation.
"""

from collections.abc import Callable, Mapping

from armillary.engine.apiserver.admission.service_accounts import MIRROR
from armillary.engine.kinds.faults import forbidden, refusal, shown
from armillary.engine.kinds.resource import Json

Narrow = Callable[[Json, Json, str], None]  # wanted (changed in place), as it is, now

_FIELDS = "spec.ephemeralContainers"


def _restore(new: Json, old: Json, *fields: str) -> None:
    for field in fields:
        if field in old:
            new[field] = old[field]
        else:
            new.pop(field, None)


def _restore_meta(new: Json, old: Json) -> None:
    """All that a subresource may not say of an object's metadata; a resourceVersion stays, to be compared."""
    meta = dict(old["metadata"])
    if new["metadata"].get("resourceVersion"):
        meta["resourceVersion"] = new["metadata"]["resourceVersion"]
    new["metadata"] = meta


def ephemeral_containers(new: Json, old: Json, now: str) -> None:
    """Containers may be added; none may be taken away or changed."""
    wanted = (new.get("spec") or {}).get("ephemeralContainers") or []
    _restore_meta(new, old)
    _restore(new, old, "status")
    new["spec"] = {**old["spec"], "ephemeralContainers": wanted}
    name, faults = old["metadata"]["name"], []
    if MIRROR in (old["metadata"].get("annotations") or {}):
        faults.append(forbidden("", "static pods do not support ephemeral containers"))
    by_name = {container.get("name"): container for container in wanted}
    for container in old["spec"].get("ephemeralContainers") or ():
        known = by_name.get(container["name"])
        said = f"existing ephemeral containers {shown(container['name'])} may not be"
        if known is None:
            faults.append(forbidden(_FIELDS, f"{said} removed\n"))
        elif known != container:
            faults.append(forbidden(_FIELDS, f"{said} changed\n"))
    if faults:
        raise refusal("", "Pod", name, faults)
    _count(new, old)


def resize(new: Json, old: Json, now: str) -> None:
    """Only what containers request and may use of CPU and memory, and their resize policies."""
    spec, before = new.get("spec") or {}, old["spec"]
    _restore_meta(new, old)
    _restore(new, old, "status")
    new["spec"] = dict(before)
    name, faults = old["metadata"]["name"], []
    if MIRROR in (old["metadata"].get("annotations") or {}):
        faults.append(forbidden("", "static pods cannot be resized"))
    for sort in ("containers", "initContainers"):
        wanted, known = spec.get(sort) or [], before.get(sort) or []
        if [c.get("name") for c in wanted] != [c["name"] for c in known]:
            faults.append(
                forbidden(f"spec.{sort}", "containers may not be added, removed, renamed or reordered on resize")
            )
            continue
        if known:
            new["spec"][sort] = [_resized(mine, theirs) for mine, theirs in zip(known, wanted, strict=True)]
        if any(_beyond_cpu_and_memory(a) != _beyond_cpu_and_memory(b) for a, b in zip(known, wanted, strict=True)):
            faults.append(forbidden("spec", "only cpu and memory resources are mutable"))
    if faults:
        raise refusal("", "Pod", name, faults)
    _count(new, old)


def _resized(container: Json, wanted: Json) -> Json:
    found = dict(container)
    _restore(found, wanted, "resources", "resizePolicy")
    return found


def _beyond_cpu_and_memory(container: Json) -> Json:
    resources = container.get("resources") or {}
    return {
        sort: {name: value for name, value in (resources.get(sort) or {}).items() if name not in ("cpu", "memory")}
        for sort in ("requests", "limits")
    }


def _count(new: Json, old: Json) -> None:
    if new["spec"] != old["spec"]:
        new["metadata"]["generation"] = (old["metadata"].get("generation") or 0) + 1


def approval(new: Json, old: Json, now: str) -> None:
    """Only the conditions of a CertificateSigningRequest; when they were set is filled in."""
    conditions = [dict(condition) for condition in (new.get("status") or {}).get("conditions") or ()]
    before = (old.get("status") or {}).get("conditions") or ()
    for condition in conditions:
        condition.setdefault("lastUpdateTime", now)
        if not condition.get("lastTransitionTime"):
            sign = (condition.get("type"), condition.get("status"))
            same = (c.get("lastTransitionTime") for c in before if (c.get("type"), c.get("status")) == sign)
            condition["lastTransitionTime"] = next(same, None) or now
    _restore_meta(new, old)
    _restore(new, old, "spec")
    new["status"] = {**(old.get("status") or {}), "conditions": conditions}


PARTS: Mapping[tuple[str, str], Narrow] = {
    ("pods", "ephemeralcontainers"): ephemeral_containers,
    ("pods", "resize"): resize,
    ("certificatesigningrequests.certificates.k8s.io", "approval"): approval,
}
