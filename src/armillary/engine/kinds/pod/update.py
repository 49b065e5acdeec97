"""What may change about a pod once it exists: through the pod itself, its ephemeral containers, a resize.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidatePodUpdate", "ValidatePodEphemeralContainersUpdate",
"ValidatePodResize". Fields are whole paths.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.diff import diff
from armillary.engine.kinds.faults import forbidden, invalid, required, under
from armillary.engine.kinds.pod.placement import check_tolerations
from armillary.engine.kinds.pod.resources import is_sidecar, qos_class
from armillary.engine.kinds.pod.spec import MIRROR
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import same

_INT32 = 0x7FFFFFFF
_NODE_TERMS = "requiredDuringSchedulingIgnoredDuringExecution"
_KINDS = ("requests", "limits")
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_MUTABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def check_pod_update(new: Json, old: Json) -> list[Cause]:
    """What an ordinary update may not do to a pod's spec and annotations."""
    found = check_annotation_changes(new, old)
    after: Json = new.get("spec") or {}
    before: Json = old.get("spec") or {}
    for kind in ("containers", "initContainers"):
        now, then = after.get(kind) or (), before.get(kind) or ()
        if len(now) != len(then):
            return [*found, forbidden(f"spec.{kind}", "pod updates may not add or remove containers")]
        found += [required(f"spec.{kind}[{i}].image") for i, c in enumerate(now) if not c.get("image")]
    deadline, stop = _check_deadline(after.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds"))
    found += deadline
    if stop:
        return found
    found += _check_added_tolerations(after.get("tolerations") or (), before.get("tolerations") or ())
    found += _check_removed_gates(after.get("schedulingGates") or (), before.get("schedulingGates") or ())
    if same(after, before):
        return found
    settled = _with_allowed_changes(after, before)
    if before.get("schedulingGates"):
        found += _check_gated(settled, before)
    if not same(settled, before):
        fault = f"pod updates may not change fields other than {_MUTABLE}\n{diff(before, settled)}"
        found.append(forbidden("spec", fault))
    return found


def check_annotation_changes(new: Json, old: Json) -> list[Cause]:
    """Annotations that are fixed when the pod is made."""
    after: Mapping[str, str] = (new.get("metadata") or {}).get("annotations") or {}
    before: Mapping[str, str] = (old.get("metadata") or {}).get("annotations") or {}
    if after == before:
        return []
    found: list[Cause] = []
    for key in {**before, **after}:
        mirror = key == MIRROR
        if after.get(key) == before.get(key) or not (mirror or key.startswith(_APPARMOR)):
            continue
        verb = "remove or update" if key in before else "add"
        what = "mirror pod annotation" if mirror else "AppArmor annotations"
        found.append(forbidden(f"metadata.annotations[{key}]", f"may not {verb} {what}"))
    return found


def _check_deadline(now: int | None, then: int | None) -> tuple[list[Cause], bool]:
    """The faults, and whether nothing else is to be said."""
    field = "spec.activeDeadlineSeconds"
    if now is None:
        fault = "must not update from a positive integer to nil value"
        return ([invalid(field, None, fault)] if then is not None else []), False
    if not 0 <= now <= _INT32:
        return [invalid(field, now, names.range_problem(0, _INT32))], True
    if then is not None and then < now:
        return [invalid(field, now, "must be less than or equal to previous value")], True
    return [], False


def _check_added_tolerations(after: Sequence[Json], before: Sequence[Json]) -> list[Cause]:
    have = [{**t, "tolerationSeconds": None} for t in after]
    if any(not any(same({**t, "tolerationSeconds": None}, h) for h in have) for t in before):
        fault = "existing toleration can not be modified except its tolerationSeconds"
        return [forbidden("spec.tolerations", fault)]
    return check_tolerations(after, "spec.tolerations") if after != before else []


def _check_removed_gates(after: Sequence[Json], before: Sequence[Json]) -> list[Cause]:
    known = {gate.get("name") for gate in before}
    return [
        forbidden(
            f"spec.schedulingGates[{i}].name",
            f"only deletion is allowed, but found new scheduling gate '{gate.get('name') or ''}'",
        )
        for i, gate in enumerate(after)
        if gate.get("name") not in known
    ]


def _with_allowed_changes(after: Json, before: Json) -> Json:
    """The new spec, with everything that may change as it was."""
    spec = dict(after)
    for kind in ("containers", "initContainers"):
        pairs = zip(after.get(kind) or (), before.get(kind) or (), strict=True)
        spec[kind] = [{**now, "image": then.get("image")} for now, then in pairs]
    for field in ("activeDeadlineSeconds", "schedulingGates", "tolerations"):
        spec[field] = before.get(field)
    grace = before.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0 and after.get("terminationGracePeriodSeconds") == 1:
        spec["terminationGracePeriodSeconds"] = grace
    return spec


def _check_gated(spec: Json, before: Json) -> list[Cause]:
    """A pod that waits behind gates may still be narrowed down; what is judged here is put back in `spec`."""
    found: list[Cause] = []
    selector, old_selector = spec.get("nodeSelector") or {}, before.get("nodeSelector") or {}
    if any(selector.get(k) != v for k, v in old_selector.items()):
        fault = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
        found.append(invalid("spec.nodeSelector", selector, fault))
    spec["nodeSelector"] = before.get("nodeSelector")
    affinity: Json = spec.get("affinity") or {}
    old_affinity: Json = before.get("affinity") or {}
    found += _check_narrowed(affinity.get("nodeAffinity") or {}, old_affinity.get("nodeAffinity") or {})
    spec["affinity"] = {**affinity, "nodeAffinity": old_affinity.get("nodeAffinity")}
    if not old_affinity and not any(spec["affinity"].values()):
        spec["affinity"] = before.get("affinity")
    return found


def _check_narrowed(after: Json, before: Json) -> list[Cause]:
    field = f"spec.affinity.nodeAffinity.{_NODE_TERMS}.nodeSelectorTerms"
    then = (before.get(_NODE_TERMS) or {}).get("nodeSelectorTerms") or []
    now = (after.get(_NODE_TERMS) or {}).get("nodeSelectorTerms") or []
    if not then:
        return []
    if len(now) != len(then):
        fault = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        return [invalid(field, now, fault)]
    fault = "only additions are allowed (no mutations or deletions)"
    pairs = enumerate(zip(now, then, strict=True))
    return [invalid(f"{field}[{i}]", a, fault) for i, (a, b) in pairs if not _only_adds(a, b)]


def _only_adds(after: Json, before: Json) -> bool:
    parts = ("matchExpressions", "matchFields")
    if not any(before.get(part) for part in parts):
        return not any(after.get(part) for part in parts)
    return all(same((after.get(p) or [])[: len(before.get(p) or ())], before.get(p) or []) for p in parts)


def prepare_ephemeral_containers(new: Json, old: Json) -> None:
    """Through `pods/ephemeralcontainers` nothing else changes; in place."""
    given = (new.get("spec") or {}).get("ephemeralContainers")
    new["spec"] = {**(old.get("spec") or {})}
    if given:
        new["spec"]["ephemeralContainers"] = given
    new["status"] = old.get("status") or {}


def check_ephemeral_containers_update(new: Json, old: Json) -> list[Cause]:
    """Ephemeral containers are only ever added."""
    if MIRROR in ((old.get("metadata") or {}).get("annotations") or {}):
        return [forbidden("", "static pods do not support ephemeral containers")]
    field = "spec.ephemeralContainers"
    have = {c.get("name"): c for c in (new.get("spec") or {}).get("ephemeralContainers") or ()}
    found: list[Cause] = []
    for container in (old.get("spec") or {}).get("ephemeralContainers") or ():
        name = container.get("name")
        if name not in have:
            found.append(forbidden(field, f'existing ephemeral containers "{name}" may not be removed\n'))
        elif not same(container, have[name]):
            changed = diff(container, have[name])
            found.append(forbidden(field, f'existing ephemeral containers "{name}" may not be changed\n{changed}'))
    return found


def prepare_resize(new: Json, old: Json) -> None:
    """Through `pods/resize` only resources and resize policies change; in place."""
    after: Json = new.get("spec") or {}
    before: Json = old.get("spec") or {}
    if any(len(after.get(k) or ()) != len(before.get(k) or ()) for k in ("containers", "initContainers")):
        return  # refused by validation
    spec = dict(before)
    for kind in ("containers", "initContainers"):
        if before.get(kind):
            spec[kind] = _merge_resources(after[kind], before[kind])
    if "resources" in after:
        spec["resources"] = after["resources"]
    new["spec"] = spec
    new["status"] = old.get("status") or {}


def _merge_resources(after: list[Json], before: list[Json]) -> list[Json]:
    if any(a.get("name") != b.get("name") for a, b in zip(after, before, strict=True)):
        return after
    return [
        {**b, **{k: a[k] for k in ("resources", "resizePolicy") if k in a}} for a, b in zip(after, before, strict=True)
    ]


def check_resize(new: Json, old: Json) -> list[Cause]:
    """What a resize may not do, beside what holds for every pod."""
    after: Json = new.get("spec") or {}
    before: Json = old.get("spec") or {}
    if MIRROR in ((old.get("metadata") or {}).get("annotations") or {}):
        return [forbidden("", "static pods cannot be resized")]
    if (before.get("os") or {}).get("name") == "windows":
        return [forbidden("", "windows pods cannot be resized")]
    found: list[Cause] = []
    status: Json = old.get("status") or {}
    if (status.get("qosClass") or qos_class(before)) != qos_class(after):
        fault = "Pod QOS Class may not change as a result of resizing"
        found.append(invalid("spec", status.get("qosClass") or "", fault))
    running = (s for s in status.get("containerStatuses") or () if (s.get("state") or {}).get("running") is not None)
    if (first := next(running, None)) is not None and first.get("resources") is None:
        found.append(forbidden("spec", "Pod running on node without support for resize"))
    order = _check_order(after, before)
    if order:
        return found + order
    found += under("spec", _check_removed(after.get("resources"), before.get("resources"), pod=True))
    for kind in ("initContainers", "containers"):
        for i, (a, b) in enumerate(zip(after.get(kind) or (), before.get(kind) or (), strict=True)):
            faults = _check_removed(a.get("resources"), b.get("resources"), pod=False)
            found += under(f"spec.{kind}[{i}]", faults)
            found += _check_resized(kind, i, a, b)
    if not found and not same(_without_sizes(after), _without_sizes(before)):
        found.append(forbidden("spec", "only cpu and memory resources are mutable"))
    return found


def _check_order(after: Json, before: Json) -> list[Cause]:
    found: list[Cause] = []
    for kind in ("containers", "initContainers"):
        now, then = after.get(kind) or (), before.get(kind) or ()
        if len(now) != len(then):
            found.append(forbidden(f"spec.{kind}", f"{kind} may not be added or removed on resize"))
            continue
        fault = f"{kind} may not be renamed or reordered on resize"
        pairs = enumerate(zip(now, then, strict=True))
        found += [forbidden(f"spec.{kind}[{i}].name", fault) for i, (a, b) in pairs if a.get("name") != b.get("name")]
    return found


def _check_removed(after: Json | None, before: Json | None, *, pod: bool) -> list[Cause]:
    what = "pod-level resource" if pod else "resource"
    if pod and before is not None and after is None:
        return [forbidden("resources", "pod-level resources cannot be removed")]
    gone = (k for k in _KINDS if ((before or {}).get(k) or {}).keys() - ((after or {}).get(k) or {}).keys())
    return [forbidden(f"resources.{kind}", f"{what} {kind} cannot be removed") for kind in gone]


def _check_resized(kind: str, i: int, after: Json, before: Json) -> list[Cause]:
    if kind == "initContainers" and not is_sidecar(after):
        fault = "resources for non-sidecar init containers are immutable"
        return [] if same(after, before) else [forbidden("spec", fault)]
    if same(_fixed(after), _fixed(before)):
        return []
    if kind == "containers":
        return [forbidden("spec", "only cpu and memory resources are mutable")]
    fault = "only cpu and memory resources for init or sidecar containers are mutable"
    return [forbidden(f"spec.initContainers[{i}]", fault)]


def _fixed(container: Json) -> Json:
    """A container without what a resize may change."""
    return {**container, "resources": _fixed_resources(container.get("resources"))}


def _fixed_resources(resources: Json | None) -> Any:
    if not resources:
        return None
    kept = {k: {n: v for n, v in (resources.get(k) or {}).items() if n not in ("cpu", "memory")} for k in _KINDS}
    return {**resources, **kept}


def _without_sizes(spec: Json) -> Json:
    found = {**spec, "resources": _fixed_resources(spec.get("resources"))}
    for kind in ("containers", "initContainers"):
        found[kind] = [_fixed(container) for container in spec.get(kind) or ()]
    return found
