"""Plugins that complete pods: Priority, DefaultTolerationSeconds, RuntimeClass.

Facts: k8s.io/kubernetes, plugin/pkg/admission/{priority,defaulttolerationseconds,runtimeclass}.
"""

from armillary.engine.apiserver.admission.plugin import CREATE, UPDATE, Plugin, written
from armillary.engine.apiserver.auth.refusal import not_admitted
from armillary.engine.apiserver.ports import AdmissionRequest, Objects
from armillary.engine.kinds.faults import shown
from armillary.engine.kinds.resource import Json

CLASSES = "priorityclasses.scheduling.k8s.io"
RUNTIME_CLASSES = "runtimeclasses.node.k8s.io"


def priority(objects: Objects) -> Plugin:
    def change(request: AdmissionRequest) -> None:
        pod = written(request, "pods", CREATE, UPDATE)
        if pod is None:
            return
        if request.operation is UPDATE:
            _keep(pod["spec"], (request.old or {}).get("spec") or {})
        else:
            _resolve(request, pod["spec"], objects)

    def check(request: AdmissionRequest) -> None:
        new = written(request, CLASSES, CREATE, UPDATE)
        if new is None or not new.get("globalDefault"):
            return
        known = _default_class(objects)
        if known is not None and (request.operation is CREATE or known["metadata"]["name"] != new["metadata"]["name"]):
            name = known["metadata"]["name"]
            raise not_admitted(
                request, f"PriorityClass {name} is already marked as default. Only one default can exist"
            )

    return Plugin("Priority", change, check)


def _keep(spec: Json, old: Json) -> None:
    for name in ("priority", "preemptionPolicy"):
        if spec.get(name) is None and old.get(name) is not None:
            spec[name] = old[name]


def _resolve(request: AdmissionRequest, spec: Json, objects: Objects) -> None:
    name = spec.get("priorityClassName")
    found = objects.get(CLASSES, "", name) if name else _default_class(objects)
    if name and found is None:
        raise not_admitted(request, f"no PriorityClass with name {name} was found")
    value, policy = 0, "PreemptLowerPriority"
    if found is not None:
        value, policy = found["value"], found.get("preemptionPolicy", policy)
        spec["priorityClassName"] = found["metadata"]["name"]
    if spec.get("priority") not in (None, value):
        raise not_admitted(
            request,
            f"the integer value of priority ({spec['priority']}) must not be provided in pod spec; "
            f"priority admission controller computed {value} from the given PriorityClass name",
        )
    if spec.get("preemptionPolicy") not in (None, policy):
        raise not_admitted(
            request,
            f"the string value of PreemptionPolicy ({spec['preemptionPolicy']}) must not be provided in pod spec; "
            f"priority admission controller computed {policy} from the given PriorityClass name",
        )
    spec["priority"], spec["preemptionPolicy"] = value, policy


def _default_class(objects: Objects) -> Json | None:
    return min(
        (found for found in objects.list(CLASSES) if found.get("globalDefault")),
        key=lambda found: int(found["value"]),
        default=None,
    )


def default_toleration_seconds(seconds: int = 300) -> Plugin:
    def change(request: AdmissionRequest) -> None:
        pod = written(request, "pods", CREATE, UPDATE)
        if pod is None:
            return
        given = pod["spec"].get("tolerations") or []
        added = [
            {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds}
            for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
            if not any(t.get("key", "") in ("", key) and t.get("effect", "") in ("", "NoExecute") for t in given)
        ]
        if added:
            pod["spec"]["tolerations"] = [*given, *added]

    return Plugin("DefaultTolerationSeconds", change)


def runtime_class(objects: Objects) -> Plugin:
    def found(request: AdmissionRequest) -> tuple[Json, Json | None] | None:
        pod = written(request, "pods", CREATE)
        if pod is None:
            return None
        name = pod["spec"].get("runtimeClassName")
        if not name:
            return pod["spec"], None
        known = objects.get(RUNTIME_CLASSES, "", name)
        if known is None:
            raise not_admitted(request, f"pod rejected: RuntimeClass {shown(name)} not found")
        return pod["spec"], known

    def change(request: AdmissionRequest) -> None:
        match found(request):
            case spec, dict(known):
                _set_overhead(request, spec, known)
                _set_scheduling(request, spec, known.get("scheduling") or {})

    def check(request: AdmissionRequest) -> None:
        match found(request):
            case spec, None if spec.get("overhead"):
                raise not_admitted(
                    request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
                )
            case spec, dict(known) if spec.get("overhead") and not known.get("overhead"):
                raise not_admitted(
                    request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
                )

    return Plugin("RuntimeClass", change, check)


def _set_overhead(request: AdmissionRequest, spec: Json, known: Json) -> None:
    fixed = (known.get("overhead") or {}).get("podFixed")
    if not known.get("overhead"):
        return
    if spec.get("overhead") and spec["overhead"] != fixed:
        raise not_admitted(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    if fixed:
        spec["overhead"] = dict(fixed)


def _set_scheduling(request: AdmissionRequest, spec: Json, scheduling: Json) -> None:
    selector = dict(spec.get("nodeSelector") or {})
    for key, value in (scheduling.get("nodeSelector") or {}).items():
        if selector.setdefault(key, value) != value:
            raise not_admitted(
                request,
                f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                f"pod.spec.nodeSelector[{key}] = {selector[key]}",
            )
    if selector:
        spec["nodeSelector"] = selector
    given = spec.get("tolerations") or []
    added = [t for t in scheduling.get("tolerations") or () if t not in given]
    if added:
        spec["tolerations"] = [*given, *added]
