"""The resources of the API group scheduling.

Rules: k8s.io/kubernetes, pkg/apis/scheduling/v1/defaults.go, pkg/apis/scheduling/validation.
"""

from collections.abc import Iterator, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import flag, number, text
from armillary.engine.kinds.checks import check_required_choice, check_same
from armillary.engine.kinds.columns import AGE
from armillary.engine.kinds.faults import forbidden
from armillary.engine.kinds.fields import fill, part
from armillary.engine.kinds.meta import validator
from armillary.engine.kinds.resource import Json, Resource

_SYSTEM_PREFIX = "system-"
_SYSTEM_VALUES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
_HIGHEST_VALUE = 1_000_000_000
_PREEMPTION = ("PreemptLowerPriority", "Never")


def _default(obj: Json) -> None:
    fill(obj, value=0, preemptionPolicy="PreemptLowerPriority")


def _prepare_create(obj: Json) -> None:
    part(obj, "metadata")["generation"] = 1  # and stays so


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    if old is None:
        return list(_check_created(new))
    found: list[Cause] = []
    if (new.get("value") or 0) != (old.get("value") or 0):
        found.append(forbidden("value", "may not be changed in an update."))
    return found + check_same(new, old, "preemptionPolicy")


def _check_created(obj: Json) -> Iterator[Cause]:
    name, value = (obj.get("metadata") or {}).get("name") or "", obj.get("value") or 0
    if name.startswith(_SYSTEM_PREFIX):
        if problem := _system_problem(name, value, default=bool(obj.get("globalDefault"))):
            fault = f"priority class names with '{_SYSTEM_PREFIX}' prefix are reserved for system use only"
            yield forbidden("metadata.name", f"{fault}. error: {problem}")
    elif value > _HIGHEST_VALUE:
        yield forbidden("value", f"maximum allowed value of a user defined priority is {_HIGHEST_VALUE}")
    policy = obj.get("preemptionPolicy")
    if policy is not None:
        yield from check_required_choice("preemptionPolicy", policy, _PREEMPTION)


def _system_problem(name: str, value: int, *, default: bool) -> str:
    if name not in _SYSTEM_VALUES:
        return f"{name} is not a known system priority class"
    if value != _SYSTEM_VALUES[name]:
        return f"value of {name} PriorityClass must be {_SYSTEM_VALUES[name]}"
    return f"globalDefault of {name} PriorityClass must be false" if default else ""


RESOURCES: tuple[Resource, ...] = (
    Resource(
        group="scheduling.k8s.io",
        version="v1",
        kind="PriorityClass",
        plural="priorityclasses",
        schema="io.k8s.api.scheduling.v1.PriorityClass",
        singular="priorityclass",
        namespaced=False,
        short_names=("pc",),
        columns=(
            number("Value", "value"),
            flag("Global-Default", "globalDefault"),
            AGE,
            text("PreemptionPolicy", "preemptionPolicy", priority=1),
        ),
        default=_default,
        prepare_create=_prepare_create,
        validate=validator(names.dns_subdomain, _validate, namespaced=False),
        counts_generation=False,
        has_status=False,
    ),
)
