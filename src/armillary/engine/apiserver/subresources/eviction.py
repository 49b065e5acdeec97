"""Asking a pod to leave: `pods/eviction`, which a PodDisruptionBudget may refuse.

Semantics and wording: k8s.io/kubernetes, pkg/registry/core/pod/storage/eviction.go.
"""

from dataclasses import dataclass

from armillary.base.clock import Clock, format_time
from armillary.base.errors import ApiError, BadRequest, Cause, Conflict, Internal, TooManyRequests
from armillary.engine.apiserver.auth.rbac import label_selector
from armillary.engine.apiserver.auth.refusal import forbidden
from armillary.engine.apiserver.ports import Answer, Call
from armillary.engine.apiserver.subresources.binding import admit, set_condition
from armillary.engine.apiserver.subresources.body import field, is_dry_run, look_up, read_object
from armillary.engine.kinds.resource import Json

BUDGETS = "poddisruptionbudgets.policy"
MOST_DISRUPTED = 2000
RETRY_SECONDS = 10
_WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget."


@dataclass(frozen=True, slots=True)
class Evictions:
    """The handler of `pods/eviction`."""

    clock: Clock

    async def create(self, call: Call) -> Answer:
        eviction = read_object(call, "Eviction")
        if field(eviction, "metadata.name", str, "") != call.name:
            raise BadRequest("name in URL does not match name in Eviction object")
        options = dict(field(eviction, "deleteOptions", dict, {}))
        dry_run = _is_dry_run(call, options)
        pod = look_up(call, "pods", call.namespace, call.name)
        await admit(call, eviction, call.name)
        if not _ends_anyway(pod):
            budget = _budget_of(call, pod)
            if budget is not None and _is_counted(pod, budget):
                await self._take(call, budget, dry_run)
        await self._delete(call, options, dry_run)
        return Answer({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)

    async def _take(self, call: Call, budget: Json, dry_run: bool) -> None:
        """One of the budget's disruptions for this pod. Raises TooManyRequests when none is left."""
        now = format_time(self.clock.now())
        await call.server.update(
            call.user,
            call.server.resource(BUDGETS),
            call.namespace,
            budget["metadata"]["name"],
            lambda current: _taken(current, call.name, now),
            subresource="status",
            dry_run=dry_run,
        )

    async def _delete(self, call: Call, options: Json, dry_run: bool) -> None:
        pods = call.server.resource("pods")
        if not dry_run:
            now = format_time(self.clock.now())
            changed = await call.server.update(
                call.user,
                pods,
                call.namespace,
                call.name,
                lambda pod: _marked(pod, options.get("preconditions") or {}, now),
                subresource="status",
            )
            preconditions = options.get("preconditions") or {}
            if preconditions.get("resourceVersion"):
                version = changed["metadata"]["resourceVersion"]
                options = {**options, "preconditions": {**preconditions, "resourceVersion": version}}
        await call.server.delete(call.user, pods, call.namespace, call.name, options, dry_run=dry_run)


def _is_dry_run(call: Call, options: Json) -> bool:
    inside = options.pop("dryRun", None) or []
    if is_dry_run(call) and inside and inside != ["All"]:
        raise BadRequest(f"Non-matching dry-run options in request and content: [All] and {inside}")
    return is_dry_run(call) or "All" in inside


def _ends_anyway(pod: Json) -> bool:
    phase = (pod.get("status") or {}).get("phase")
    return phase in ("Succeeded", "Failed", "Pending") or bool(pod["metadata"].get("deletionTimestamp"))


def _budget_of(call: Call, pod: Json) -> Json | None:
    labels = pod["metadata"].get("labels") or {}
    found = [
        budget
        for budget in call.server.objects.list(BUDGETS, call.namespace)
        if budget["spec"].get("selector") is not None and label_selector(budget["spec"]["selector"]).matches(labels)
    ]
    if len(found) > 1:
        raise Internal(
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        )
    return found[0] if found else None


def _is_counted(pod: Json, budget: Json) -> bool:
    """Whether the pod's going needs one of the budget's disruptions: a pod that isn't ready may not."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    if any(c["type"] == "Ready" and c["status"] == "True" for c in conditions):
        return True
    if budget["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return False
    status = budget.get("status") or {}
    desired = status.get("desiredHealthy", 0)
    return not (status.get("currentHealthy", 0) >= desired > 0)


def _taken(budget: Json, pod: str, now: str) -> Json:
    name, status = budget["metadata"]["name"], budget.setdefault("status", {})
    if status.get("observedGeneration", 0) < budget["metadata"].get("generation", 0):
        said = f"The disruption budget {name} is still being processed by the server."
        raise _refused(said, RETRY_SECONDS)
    allowed = status.get("disruptionsAllowed", 0)
    if allowed < 0:
        raise forbidden("policy", "poddisruptionbudget", name, "pdb disruptions allowed is negative")
    disrupted = status.get("disruptedPods") or {}
    if len(disrupted) > MOST_DISRUPTED:
        why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        raise forbidden("policy", "poddisruptionbudget", name, why)
    if allowed == 0:
        raise _refused(_why_not(name, status))
    status["disruptionsAllowed"] = allowed - 1
    status["disruptedPods"] = {**disrupted, pod: now}
    if allowed == 1:
        condition = {"type": "DisruptionAllowed", "status": "False", "reason": "InsufficientPods", "message": ""}
        _replace(status, condition | {"observedGeneration": status.get("observedGeneration", 0)}, now)
    return budget


def _replace(status: Json, condition: Json, now: str) -> None:
    conditions: list[Json] = status.setdefault("conditions", [])
    conditions[:] = [c for c in conditions if c["type"] != condition["type"]]
    conditions.append({**condition, "lastTransitionTime": now})


def _why_not(name: str, status: Json) -> str:
    known = (c for c in status.get("conditions") or () if c["type"] == "DisruptionAllowed" and c["status"] == "False")
    condition: Json = next(known, {})
    reason, message = condition.get("reason", ""), condition.get("message", "")
    current, desired = status.get("currentHealthy", 0), status.get("desiredHealthy", 0)
    plain = f"The disruption budget {name} does not allow evicting pods currently"
    if message and reason == "SyncFailed":
        return f"{plain} because it failed sync: {message}"
    if current <= desired:
        return f"The disruption budget {name} needs {desired} healthy pods and has {current} currently"
    return f"{plain} ({reason}): {message}" if message else plain


def _refused(why: str, retry_seconds: int = 0) -> ApiError:
    return TooManyRequests(
        _WOULD_VIOLATE, causes=[Cause("DisruptionBudget", "", why)], retry_after_seconds=retry_seconds
    )


def _marked(pod: Json, preconditions: Json, now: str) -> Json:
    meta = pod["metadata"]
    for field_name, word, tail in (
        ("uid", "UID", "deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "modified"),
    ):
        wanted = preconditions.get(field_name)
        if wanted and wanted != meta[field_name]:
            raise Conflict(
                f'Operation cannot be fulfilled on Pod "{meta["name"]}": the {word} in the precondition ({wanted}) '
                f"does not match the {word} in record ({meta[field_name]}). The object might have been {tail}",
                kind="Pod",
                name=meta["name"],
            )
    set_condition(
        pod.setdefault("status", {}),
        {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "EvictionByEvictionAPI",
            "message": "Eviction API: evicting",
        },
        now,
    )
    return pod
