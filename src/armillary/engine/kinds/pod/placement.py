"""Where a pod may run: node selectors, affinity, spread, tolerations, gates.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "validateAffinity", "validateTopologySpreadConstraints",
"ValidateTolerations".
"""

from collections.abc import Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import (
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
    under,
    unsupported,
    wrong,
)
from armillary.engine.kinds.meta import check_label_selector
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import POSITIVE

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def check_taint_effect(effect: str, field: str) -> list[Cause]:
    return [] if effect in _EFFECTS else [unsupported(field, effect, _EFFECTS)]


def check_tolerations(tolerations: Sequence[Json], field: str = "tolerations") -> list[Cause]:
    """Tolerations that stand at `field`."""
    found: list[Cause] = []
    for i, toleration in enumerate(tolerations):
        if faults := _check_toleration(toleration):
            found += under(f"{field}[{i}]", faults)
    return found


def _check_toleration(toleration: Json) -> list[Cause]:
    key, operator = toleration.get("key") or "", toleration.get("operator") or ""
    value, effect = toleration.get("value") or "", toleration.get("effect") or ""
    found = wrong("key", key, names.label_key(key)) if key else []
    if not key and operator != "Exists":
        fault = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        found.append(invalid("operator", operator, fault))
    if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
        found.append(invalid("effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    if operator in ("", "Equal"):
        if problems := names.label_value(value):
            found.append(invalid("operator", value, ";".join(problems)))
    elif operator == "Exists":
        if value:
            found.append(invalid("operator", value, "value must be empty when `operator` is 'Exists'"))
    else:
        allowed = ("Equal", "Exists", "Lt", "Gt") if operator in ("Lt", "Gt") else ("Equal", "Exists")
        found.append(unsupported("operator", operator, allowed))
    return found + (check_taint_effect(effect, "effect") if effect else [])


def check_node_selector(selector: Json) -> list[Cause]:
    """A NodeSelector (node affinity, a volume's nodes); relative to it."""
    terms = selector.get("nodeSelectorTerms") or ()
    if not terms:
        return [required("nodeSelectorTerms", "must have at least one node selector term")]
    found: list[Cause] = []
    for i, term in enumerate(terms):
        found += under(f"nodeSelectorTerms[{i}]", check_node_selector_term(term))
    return found


def check_node_selector_term(term: Json, *, values: bool = True) -> list[Cause]:
    """One alternative of a NodeSelector; preferred terms may hold any `values`."""
    found: list[Cause] = []
    for i, requirement in enumerate(term.get("matchExpressions") or ()):
        found += under(f"matchExpressions[{i}]", _check_node_requirement(requirement, values=values))
    for i, requirement in enumerate(term.get("matchFields") or ()):
        found += under(f"matchFields[{i}]", _check_node_field(requirement))
    return found


def _check_node_requirement(requirement: Json, *, values: bool) -> list[Cause]:
    operator, given = requirement.get("operator") or "", requirement.get("values") or ()
    found: list[Cause] = []
    match operator:
        case "In" | "NotIn":
            if not given:
                found.append(required("values", "must be specified when `operator` is 'In' or 'NotIn'"))
        case "Exists" | "DoesNotExist":
            if given:
                fault = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                found.append(forbidden("values", fault))
        case "Gt" | "Lt":
            if len(given) != 1:
                fault = "must be specified single value when `operator` is 'Lt' or 'Gt'"
                found.append(required("values", fault))
        case _:
            found.append(invalid("operator", operator, "not a valid selector operator"))
    key = requirement.get("key") or ""
    found += wrong("key", key, names.label_key(key))
    for i, value in enumerate(given if values else ()):
        found += wrong(f"values[{i}]", value, names.label_value(value))
    return found


def _check_node_field(requirement: Json) -> list[Cause]:
    operator, given = requirement.get("operator") or "", requirement.get("values") or ()
    found: list[Cause] = []
    if operator not in ("In", "NotIn"):
        found.append(invalid("operator", operator, "not a valid selector operator"))
    elif len(given) != 1:
        fault = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        found.append(required("values", fault))
    if requirement.get("key") != "metadata.name":
        return [*found, invalid("key", requirement.get("key") or "", "not a valid field selector key")]
    for i, value in enumerate(given):
        found += wrong(f"values[{i}]", value, names.dns_subdomain(value))
    return found


def check_affinity(affinity: Json) -> list[Cause]:
    """Node, pod and anti-affinity; relative to it."""
    found: list[Cause] = []
    if (node := affinity.get("nodeAffinity")) is not None:
        found += under("nodeAffinity", _check_node_affinity(node))
    for kind in ("podAffinity", "podAntiAffinity"):
        if (pods := affinity.get(kind)) is not None:
            found += under(kind, _check_pod_affinity(pods))
    return found


def _check_node_affinity(affinity: Json) -> list[Cause]:
    found: list[Cause] = []
    if (selector := affinity.get(_REQUIRED)) is not None:
        found += under(_REQUIRED, check_node_selector(selector))
    for i, term in enumerate(affinity.get(_PREFERRED) or ()):
        found += _check_weight(term, f"{_PREFERRED}[{i}].weight")
        faults = check_node_selector_term(term.get("preference") or {}, values=False)
        found += under(f"{_PREFERRED}[{i}].preference", faults)
    return found


def _check_weight(term: Json, field: str) -> list[Cause]:
    weight = term.get("weight") or 0
    return [] if 1 <= weight <= 100 else [invalid(field, weight, "must be in the range 1-100")]


def _check_pod_affinity(affinity: Json) -> list[Cause]:
    found: list[Cause] = []
    for i, term in enumerate(affinity.get(_REQUIRED) or ()):
        found += under(f"{_REQUIRED}[{i}]", _check_pod_term(term))
    for i, term in enumerate(affinity.get(_PREFERRED) or ()):
        found += _check_weight(term, f"{_PREFERRED}[{i}].weight")
        found += under(f"{_PREFERRED}[{i}].podAffinityTerm", _check_pod_term(term.get("podAffinityTerm") or {}))
    return found


def _check_pod_term(term: Json) -> list[Cause]:
    found = check_label_selector(term.get("labelSelector"), "labelSelector")
    found += check_label_selector(term.get("namespaceSelector"), "namespaceSelector")
    for namespace in term.get("namespaces") or ():
        found += wrong("namespace", namespace, names.dns_label(namespace))
    found += _check_label_keys(term)
    key = term.get("topologyKey") or ""
    if not key:
        found.append(required("topologyKey", "can not be empty"))
    return found + wrong("topologyKey", key, names.label_key(key))


def _check_label_keys(term: Json) -> list[Cause]:
    """`matchLabelKeys` and `mismatchLabelKeys`: keys whose values the pod brings; relative to the term."""
    selector, found = term.get("labelSelector"), list[Cause]()
    match, mismatch = term.get("matchLabelKeys") or (), term.get("mismatchLabelKeys") or ()
    if not match and not mismatch:
        return found
    for field, keys in (("matchLabelKeys", match), ("mismatchLabelKeys", mismatch)):
        if keys and selector is None:
            found.append(forbidden(field, "must not be specified when labelSelector is not set"))
        elif keys:
            for i, key in enumerate(keys):
                found += wrong(f"{field}[{i}]", key, names.label_key(key))
    if selector is not None:
        known = set(selector.get("matchLabels") or ())
        for expression in selector.get("matchExpressions") or ():
            key = expression.get("key") or ""
            # The key that is merged in stands once; a second one was there before.
            if key in match and key in known:
                fault = "exists in both matchLabelKeys and labelSelector"
                found.append(invalid(f"[{list(match).index(key)}]", key, fault))
            known.add(key)
    both = "exists in both matchLabelKeys and mismatchLabelKeys"
    return found + [invalid(f"matchLabelKeys[{i}]", k, both) for i, k in enumerate(match) if k in mismatch]


def check_spread(constraints: Sequence[Json]) -> list[Cause]:
    """`topologySpreadConstraints`; relative to the spec."""
    found: list[Cause] = []
    for i, constraint in enumerate(constraints):
        faults = _check_constraint(constraint)
        pair = (constraint.get("topologyKey") or "", constraint.get("whenUnsatisfiable") or "")
        rest = ((c.get("topologyKey") or "", c.get("whenUnsatisfiable") or "") for c in constraints[i + 1 :])
        if pair in rest:
            faults.append(duplicate("{topologyKey, whenUnsatisfiable}", f"{{{pair[0]}, {pair[1]}}}"))
        found += under(f"topologySpreadConstraints[{i}]", faults)
    return found


def _check_constraint(constraint: Json) -> list[Cause]:
    skew, action = constraint.get("maxSkew") or 0, constraint.get("whenUnsatisfiable") or ""
    found = [] if skew > 0 else [invalid("maxSkew", skew, POSITIVE)]
    if not constraint.get("topologyKey"):
        found.append(required("topologyKey", "can not be empty"))
    if action not in ("DoNotSchedule", "ScheduleAnyway"):
        found.append(not_supported("whenUnsatisfiable", action, ("DoNotSchedule", "ScheduleAnyway")))
    if (least := constraint.get("minDomains")) is not None:
        if least <= 0:
            found.append(invalid("minDomains", least, POSITIVE))
        if action != "DoNotSchedule":
            fault = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
            found.append(invalid("minDomains", least, fault))
    policies = {f: constraint.get(f) for f in ("nodeAffinityPolicy", "nodeTaintsPolicy")}
    found += [
        not_supported(field, policy, ("Honor", "Ignore"))
        for field, policy in policies.items()
        if policy not in (None, "Honor", "Ignore")
    ]
    found += _check_label_keys({**constraint, "mismatchLabelKeys": None})
    return found + check_label_selector(constraint.get("labelSelector"), "labelSelector")


def check_scheduling_gates(gates: Sequence[Json]) -> list[Cause]:
    """`schedulingGates`; relative to the spec."""
    found: list[Cause] = []
    seen: set[str] = set()
    for i, gate in enumerate(gates):
        name = gate.get("name") or ""
        found += wrong(f"schedulingGates[{i}]", name, names.label_key(name))
        if name in seen:
            found.append(duplicate(f"schedulingGates[{i}]", name))
        seen.add(name)
    return found
