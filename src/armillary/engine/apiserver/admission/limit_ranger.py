"""LimitRanger: a namespace's LimitRanges give containers defaults and keep pods and claims between bounds.

Semantics and wording: k8s.io/kubernetes, plugin/pkg/admission/limitranger.
"""

from collections.abc import Iterator, Mapping, Sequence

from armillary.engine.apiserver.admission.amounts import Amount, Amounts, parse_amounts, pod_amounts
from armillary.engine.apiserver.admission.plugin import CREATE, UPDATE, Plugin, written
from armillary.engine.apiserver.auth.refusal import not_admitted
from armillary.engine.apiserver.ports import AdmissionRequest, Objects
from armillary.engine.kinds.resource import Json

_ANNOTATION = "kubernetes.io/limit-ranger"


def limit_ranger(objects: Objects) -> Plugin:
    def change(request: AdmissionRequest) -> None:
        pod = written(request, "pods", CREATE)
        if pod is not None:
            for limit_range in objects.list("limitranges", request.namespace):
                _set_defaults(pod, limit_range["spec"].get("limits") or ())

    def check(request: AdmissionRequest) -> None:
        pod = written(request, "pods", CREATE) or written(request, "pods", UPDATE, subresource="resize")
        claim = written(request, "persistentvolumeclaims", CREATE, UPDATE)
        if (pod is None and claim is None) or _is_ending(request.old):
            return
        for limit_range in objects.list("limitranges", request.namespace):
            faults: list[str] = []
            for limit in limit_range["spec"].get("limits") or ():
                if pod is not None:
                    faults += _pod_faults(pod["spec"], limit)
                elif claim is not None and limit["type"] == "PersistentVolumeClaim":
                    faults += _claim_faults(claim, limit)
            faults = list(dict.fromkeys(faults))
            if faults:
                raise not_admitted(request, faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]")

    return Plugin("LimitRanger", change, check)


def _is_ending(old: Json | None) -> bool:
    return old is not None and "deletionTimestamp" in old["metadata"]


def _set_defaults(pod: Json, limits: Sequence[Json]) -> None:
    defaults: dict[str, dict[str, str]] = {"limits": {}, "requests": {}}
    for limit in limits:
        if limit["type"] == "Container":
            defaults["requests"] |= limit.get("defaultRequest") or {}
            defaults["limits"] |= limit.get("default") or {}
    notes = []
    for sort, word in (("containers", "container"), ("initContainers", "init container")):
        for container in pod["spec"].get(sort) or ():
            added = {kind: _fill(container, kind, values) for kind, values in defaults.items()}
            for kind in ("requests", "limits"):
                if added[kind]:
                    names = ", ".join(sorted(added[kind]))
                    notes.append(f"{names} {kind.removesuffix('s')} for {word} {container.get('name', '')}")
    if notes:
        annotations = pod["metadata"].get("annotations") or {}
        said = "LimitRanger plugin set: " + "; ".join(notes)
        pod["metadata"]["annotations"] = {**annotations, _ANNOTATION: said}


def _fill(container: Json, kind: str, values: Mapping[str, str]) -> list[str]:
    """Give the container what it does not say itself; which that was."""
    resources = container.get("resources") or {}
    given = resources.get(kind) or {}
    missing = {name: value for name, value in values.items() if name not in given}
    if missing:
        container["resources"] = {**resources, kind: {**given, **missing}}
    return list(missing)


def _pod_faults(spec: Json, limit: Json) -> Iterator[str]:
    if limit["type"] == "Pod":
        requests, limits = (pod_amounts(spec, sort, overhead=False) for sort in ("requests", "limits"))
        yield from _faults(limit, requests, limits)
    elif limit["type"] == "Container":
        for container in (*spec["containers"], *(spec.get("initContainers") or ())):
            resources = container.get("resources") or {}
            yield from _faults(limit, parse_amounts(resources.get("requests")), parse_amounts(resources.get("limits")))


def _faults(limit: Json, requests: Amounts, limits: Amounts) -> Iterator[str]:
    kind = limit["type"]
    for name, enforced in parse_amounts(limit.get("min")).items():
        yield from _below(kind, name, enforced, requests.get(name), limits.get(name))
    for name, enforced in parse_amounts(limit.get("max")).items():
        yield from _above(kind, name, enforced, requests.get(name), limits.get(name))
    for name, enforced in parse_amounts(limit.get("maxLimitRequestRatio")).items():
        yield from _out_of_ratio(kind, name, enforced, requests.get(name), limits.get(name))


def _below(kind: str, name: str, enforced: Amount, request: Amount | None, limit: Amount | None) -> Iterator[str]:
    said = f"minimum {name} usage per {kind} is {enforced}"
    if request is None:
        yield f"{said}.  No request is specified"
    elif request.value < enforced.value:
        yield f"{said}, but request is {request}"
    elif limit is not None and limit.value < enforced.value:
        yield f"{said}, but limit is {limit}"


def _above(kind: str, name: str, enforced: Amount, request: Amount | None, limit: Amount | None) -> Iterator[str]:
    said = f"maximum {name} usage per {kind} is {enforced}"
    if limit is None:
        yield f"{said}.  No limit is specified"
    elif limit.value > enforced.value:
        yield f"{said}, but limit is {limit}"
    elif request is not None and request.value > enforced.value:
        yield f"{said}, but request is {request}"


def _out_of_ratio(
    kind: str, name: str, enforced: Amount, request: Amount | None, limit: Amount | None
) -> Iterator[str]:
    said = f"{name} max limit to request ratio per {kind} is {enforced}, but"
    if request is None or not request.value:
        yield f"{said} no request is specified or request is 0"
    elif limit is None or not limit.value:
        yield f"{said} no limit is specified or limit is 0"
    elif limit.value / request.value > enforced.value:
        yield f"{said} provided ratio is {float(limit.value / request.value):f}"


def _claim_faults(claim: Json, limit: Json) -> Iterator[str]:
    requests = parse_amounts((claim["spec"].get("resources") or {}).get("requests"))
    for name, enforced in parse_amounts(limit.get("min")).items():
        yield from _below(limit["type"], name, enforced, requests.get(name), None)
    for name, enforced in parse_amounts(limit.get("max")).items():
        said, request = f"maximum {name} usage per {limit['type']} is {enforced}", requests.get(name)
        if request is None:
            yield f"{said}.  No request is specified"
        elif request.value > enforced.value:
            yield f"{said}, but request is {request}"
