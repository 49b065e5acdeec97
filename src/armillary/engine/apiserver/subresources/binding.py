"""Giving a pod its node: `pods/binding`, and `bindings` as a resource of its own.

Semantics: k8s.io/kubernetes, pkg/registry/core/pod/storage.
"""

from dataclasses import dataclass

from armillary.base.clock import Clock, format_time
from armillary.base.errors import BadRequest, Conflict
from armillary.engine.apiserver.ports import AdmissionRequest, Answer, Call, Operation
from armillary.engine.apiserver.subresources.body import field, is_dry_run, read_object
from armillary.engine.apiserver.subresources.sent import sent_as
from armillary.engine.kinds.faults import refusal, shown
from armillary.engine.kinds.pod.pod import check_binding
from armillary.engine.kinds.resource import Json


async def admit(call: Call, obj: Json, name: str) -> None:
    """Ask admission about an object made at a subresource, which is not stored itself."""
    await call.server.admit(
        AdmissionRequest(
            call.user,
            Operation.CREATE,
            call.resource,
            call.subresource,
            call.namespace,
            name,
            obj,
            None,
            is_dry_run(call),
            kind=sent_as(call.resource, call.subresource),
        )
    )


@dataclass(frozen=True, slots=True)
class Bindings:
    """The handler of `pods/binding` and `bindings`."""

    clock: Clock

    async def create(self, call: Call) -> Answer:
        binding = read_object(call, "Binding")
        name = field(binding, "metadata.name", str, "")
        if call.name and name != call.name:
            raise BadRequest("name in URL does not match name in Binding object")
        faults = check_binding(binding)
        if faults:
            raise refusal("", "Binding", name, faults)
        await admit(call, binding, name)
        now = format_time(self.clock.now())
        await call.server.update(
            call.user,
            call.server.resource("pods"),
            call.namespace,
            name,
            lambda pod: _bound(pod, binding, now),
            subresource="binding",
            dry_run=is_dry_run(call),
        )
        return Answer({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)


def _bound(pod: Json, binding: Json, now: str) -> Json:
    meta, spec, wanted = pod["metadata"], pod["spec"], binding.get("metadata") or {}
    name = meta["name"]
    if wanted.get("uid") not in (None, "", meta["uid"]):
        raise _conflict(
            name, f"Precondition failed: UID in precondition: {wanted['uid']}, UID in object meta: {meta['uid']}"
        )
    if wanted.get("resourceVersion") not in (None, "", meta["resourceVersion"]):
        raise _conflict(
            name,
            f"Precondition failed: ResourceVersion in precondition: {wanted['resourceVersion']}, "
            f"ResourceVersion in object meta: {meta['resourceVersion']}",
        )
    if meta.get("deletionTimestamp"):
        raise _conflict(name, f"pod {name} is being deleted, cannot be assigned to a host")
    if spec.get("nodeName"):
        raise _conflict(name, f"pod {name} is already assigned to node {shown(spec['nodeName'])}")
    if spec.get("schedulingGates"):
        raise _conflict(name, f"pod {name} has non-empty .spec.schedulingGates")
    spec["nodeName"] = binding["target"]["name"]
    for sort in ("annotations", "labels"):
        if wanted.get(sort):
            meta[sort] = {**(meta.get(sort) or {}), **wanted[sort]}
    status = pod.setdefault("status", {})
    status.pop("nominatedNodeName", None)
    set_condition(status, {"type": "PodScheduled", "status": "True"}, now)
    return pod


def set_condition(status: Json, condition: Json, now: str) -> None:
    """Put in a condition; when it last changed is kept if it says the same as before."""
    conditions: list[Json] = status.setdefault("conditions", [])
    known = next((c for c in conditions if c["type"] == condition["type"]), None)
    changed = known is None or known["status"] != condition["status"]
    since = now if known is None or changed else known.get("lastTransitionTime", now)
    made = {"lastTransitionTime": since, **condition}
    if known is None:
        conditions.append(made)
    else:
        conditions[conditions.index(known)] = made


def _conflict(name: str, why: str) -> Conflict:
    said = f"Operation cannot be fulfilled on pods/binding {shown(name)}: {why}"
    return Conflict(said, kind="pods/binding", name=name)
