"""ResourceQuota: nobody takes more of a namespace than it was given.

What is in use is counted from the state that the write itself is judged against, so two writes at once cannot both
have the last share, and no stored count can be out of date. Wording: k8s.io/apiserver, admission/plugin/resourcequota.
"""

from collections.abc import Mapping
from decimal import Decimal

from armillary.base.clock import Clock
from armillary.engine.apiserver.admission.amounts import Amount, Amounts, add, parse_amounts
from armillary.engine.apiserver.admission.plugin import CREATE, UPDATE, Plugin
from armillary.engine.apiserver.admission.quota_usage import (
    in_scopes,
    is_terminating,
    missing_values,
    tracked,
    usage,
)
from armillary.engine.apiserver.auth.refusal import not_admitted
from armillary.engine.apiserver.ports import AdmissionRequest, Objects
from armillary.engine.kinds.resource import Json

_NOT_COUNTED = frozenset(("bindings", "events", "events.events.k8s.io"))
_ZERO = Amount(Decimal(0))


def resource_quota(objects: Objects, clock: Clock) -> Plugin:
    def check(request: AdmissionRequest) -> None:
        if not request.namespace or not _counts(request):
            return
        for quota in objects.list("resourcequotas", request.namespace):
            _check_quota(request, quota, objects, clock)

    return Plugin("ResourceQuota", check=check)


def _counts(request: AdmissionRequest) -> bool:
    """Whether the request may take more than was taken before."""
    name, operation = request.resource.name, request.operation
    if request.object is None or name in _NOT_COUNTED:
        return False
    if name == "pods" and operation is UPDATE:
        if request.subresource == "resize":
            return True
        old = request.old or {"spec": {}}
        return not request.subresource and is_terminating(old["spec"]) != is_terminating(request.object["spec"])
    if request.subresource:
        return False
    return operation is CREATE or (operation is UPDATE and name in ("services", "persistentvolumeclaims"))


def _check_quota(request: AdmissionRequest, quota: Json, objects: Objects, clock: Clock) -> None:
    obj, resource, spec = request.object, request.resource.name, quota["spec"]
    hard = parse_amounts(spec.get("hard"))
    names = tracked(resource, hard)
    if obj is None or not names or not in_scopes(resource, spec, obj):
        return
    quota_name = quota["metadata"]["name"]
    if resource == "pods":
        missing = missing_values(names, obj["spec"])
        if missing:
            raise not_admitted(request, f"failed quota: {quota_name}: {missing}")
    now = clock.now()
    wanted = {name: amount for name, amount in usage(resource, obj, now).items() if name in names}
    negative = sorted(name for name, amount in wanted.items() if amount.value < 0)
    if negative:
        raise not_admitted(request, f"quota usage is negative for resource(s): {','.join(negative)}")
    if request.old is not None and in_scopes(resource, spec, request.old):
        before = usage(resource, request.old, now)
        wanted = {name: amount - before.get(name, _ZERO) for name, amount in wanted.items()}
    wanted = {name: amount for name, amount in wanted.items() if amount.value > 0}
    if not wanted:
        return
    used: Amounts = dict.fromkeys(wanted, _ZERO)
    for other in objects.list(resource, request.namespace):
        if in_scopes(resource, spec, other):
            counted = usage(resource, other, now)
            used = add(used, {name: counted[name] for name in wanted if name in counted})
    exceeded = [name for name in sorted(wanted) if used[name].value + wanted[name].value > hard[name].value]
    if exceeded:
        raise not_admitted(
            request,
            f"exceeded quota: {quota_name}, requested: {_listed(wanted, exceeded)}, "
            f"used: {_listed(used, exceeded)}, limited: {_listed(hard, exceeded)}",
        )


def _listed(amounts: Mapping[str, Amount], names: list[str]) -> str:
    return ",".join(f"{name}={amounts[name]}" for name in names)
