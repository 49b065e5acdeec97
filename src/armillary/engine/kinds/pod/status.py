"""What may be said in a pod's status.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidatePodStatusUpdate". Fields are whole paths.
"""

from collections.abc import Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import forbidden, immutable, invalid, wrong
from armillary.engine.kinds.pod.resources import is_sidecar
from armillary.engine.kinds.pod.update import check_annotation_changes
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import check_ip, is_ipv6

_SYSTEM_CONDITIONS = frozenset({"PodScheduled", "Ready", "Initialized"})
_NOT_AGAIN = "may not be transitioned to non-terminated state"


def check_pod_status(new: Json, old: Json) -> list[Cause]:
    """The faults of a pod's new status."""
    status: Json = new.get("status") or {}
    before: Json = old.get("status") or {}
    found = check_annotation_changes(new, old)
    found += _check_conditions(status.get("conditions") or ())
    bound = (old.get("spec") or {}).get("nodeName") or ""
    nominated, previous = status.get("nominatedNodeName") or "", before.get("nominatedNodeName") or ""
    if nominated and nominated != previous:
        found += wrong("status.nominatedNodeName", nominated, names.dns_subdomain(nominated))
        if bound:
            fault = "may not be set on pods that are already bound to a node"
            found.append(forbidden("status.nominatedNodeName", fault))
    if (generation := status.get("observedGeneration") or 0) < 0:
        found.append(invalid("status.observedGeneration", generation, "must be a non-negative integer"))
    if (status.get("qosClass") or before.get("qosClass")) != before.get("qosClass"):
        found.append(immutable("status.qosClass", status.get("qosClass")))
    spec: Json = old.get("spec") or {}
    for kind in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        found += _check_transitions(kind, status.get(kind) or (), before.get(kind) or (), spec)
    return found + _check_addresses(status, before)


def _check_conditions(conditions: Sequence[Json]) -> list[Cause]:
    found: list[Cause] = []
    for i, condition in enumerate(conditions):
        if (generation := condition.get("observedGeneration") or 0) < 0:
            field = f"status.conditions[{i}].observedGeneration"
            found.append(invalid(field, generation, "must be a non-negative integer"))
        kind = condition.get("type") or ""
        if kind not in _SYSTEM_CONDITIONS:
            found += wrong(f"status.conditions[{i}].Type", kind, names.label_key(kind))
    return found


def _check_transitions(kind: str, after: Sequence[Json], before: Sequence[Json], spec: Json) -> list[Cause]:
    ended = [(i, s) for i, s in enumerate(before) if _terminated(s) is not None]
    if not ended or (kind != "ephemeralContainerStatuses" and _may_restart_all(spec)):
        return []
    lives = {s.get("name") for s in after if _terminated(s) is None}
    containers = {c.get("name"): c for c in spec.get(kind.removesuffix("Statuses") + "s") or ()}
    return [
        forbidden(f"status.{kind}[{i}].state", _NOT_AGAIN)
        for i, status in ended
        if status.get("name") in lives and not _may_restart(containers.get(status.get("name")), status, kind, spec)
    ]


def _terminated(status: Json) -> Json | None:
    ended: Json | None = (status.get("state") or {}).get("terminated")
    return ended


def _may_restart_all(spec: Json) -> bool:
    containers = [c for kind in ("containers", "initContainers") for c in spec.get(kind) or ()]
    rules = (rule for c in containers for rule in c.get("restartPolicyRules") or ())
    return any(rule.get("action") == "RestartAllContainers" for rule in rules)


def _may_restart(container: Json | None, status: Json, kind: str, spec: Json) -> bool:
    if container is None or kind == "ephemeralContainerStatuses":
        return False
    if kind == "initContainerStatuses" and is_sidecar(container):
        return True
    code = (_terminated(status) or {}).get("exitCode") or 0
    for rule in container.get("restartPolicyRules") or ():
        codes = rule.get("exitCodes") or {}
        if (code in (codes.get("values") or ())) is (codes.get("operator") == "In"):
            return bool(rule.get("action") == "Restart")
    policy = container.get("restartPolicy") or spec.get("restartPolicy") or "Always"
    return policy == "Always" or (policy == "OnFailure" and code != 0)


def _check_addresses(status: Json, before: Json) -> list[Cause]:
    found: list[Cause] = []
    for field in ("podIPs", "hostIPs"):
        given = status.get(field) or []
        known = {a.get("ip") for a in before.get(field) or ()}
        addresses = [a.get("ip") or "" for a in given]
        if field == "hostIPs" and addresses and (status.get("hostIP") or "") != addresses[0]:
            found.append(invalid("status.hostIPs[0].ip", addresses[0], "must be equal to `hostIP`"))
        for i, address in enumerate(addresses):
            if address not in known:
                found += check_ip(f"status.{field}[{i}]", address)
        if len(addresses) > 1 and (len(addresses) > 2 or is_ipv6(addresses[0]) == is_ipv6(addresses[1])):
            fault = "may specify no more than one IP for each IP family"
            found.append(invalid(f"status.{field}", given, fault))
    return found
