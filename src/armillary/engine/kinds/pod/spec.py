"""A pod's spec as a whole. Pods and pod templates share these rules.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidatePodSpec". Fields are relative to the spec.
"""

from collections.abc import Sequence
from decimal import Decimal

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import (
    duplicate,
    forbidden,
    invalid,
    not_found,
    not_supported,
    required,
    too_long,
    under,
    unsupported,
    wrong,
)
from armillary.engine.kinds.meta import check_labels
from armillary.engine.kinds.pod.containers import (
    Surroundings,
    check_containers,
    check_ephemeral_containers,
    check_init_containers,
)
from armillary.engine.kinds.pod.placement import (
    check_affinity,
    check_scheduling_gates,
    check_spread,
    check_tolerations,
)
from armillary.engine.kinds.pod.resources import aggregate, check_pod_resource_name, check_resources, is_huge_page
from armillary.engine.kinds.pod.security import (
    check_pod_security_context,
    check_profile_annotations,
    containers_with_paths,
)
from armillary.engine.kinds.pod.volumes import check_volumes
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import check_ip, format_quantity, quantity

_INT32 = 0x7FFFFFFF
_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_PREEMPTION = ("PreemptLowerPriority", "Never")
_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
MIRROR = "kubernetes.io/config.mirror"
_NOT_FOR_WINDOWS_PODS = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls", "runAsUser",
    "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy",
)  # fmt: skip
_NOT_FOR_WINDOWS_CONTAINERS = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
    "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
)  # fmt: skip


def check_pod_spec(spec: Json, pod_name: str = "", *, is_pod: bool = False) -> list[Cause]:
    """The faults of a pod's spec; `is_pod` when it is not a template's."""
    get = spec.get
    volumes, found = check_volumes(get("volumes") or (), pod_name, is_pod=is_pod)
    grace = get("terminationGracePeriodSeconds")
    if grace is None:
        found.append(required("terminationGracePeriodSeconds"))
    claims = get("resourceClaims") or ()
    around = Surroundings(
        volumes=volumes,
        claims=frozenset(c.get("name") or "" for c in claims),
        grace_seconds=grace,
        restart_policy=get("restartPolicy") or "",
        host_users=get("hostUsers") is not False,
        os=(get("os") or {}).get("name") or "",
    )
    if claims:
        found += _check_resource_claims(claims)
    containers = get("containers") or ()
    found += check_containers(containers, around)
    if init := get("initContainers"):
        found += check_init_containers(init, containers, around)
    if get("ephemeralContainers"):
        found += check_ephemeral_containers(spec, around)
    if get("resources") is not None:
        found += _check_pod_resources(spec, around)
    found += _check_policies(spec)
    if get("hostNetwork"):
        found += _check_host_network(containers, is_pod=is_pod)
    if (context := get("securityContext")) is not None:
        found += under("securityContext", check_pod_security_context(context, spec))
    found += _check_placement(spec)
    found += _check_names(spec)
    found += _check_rarely(spec)
    return found


def _check_policies(spec: Json) -> list[Cause]:
    found: list[Cause] = []
    for field, allowed in (("restartPolicy", _RESTART_POLICIES), ("dnsPolicy", _DNS_POLICIES)):
        value = spec.get(field) or ""
        if value not in allowed:
            found.append(unsupported(field, value, allowed) if value else required(field))
    if (policy := spec.get("preemptionPolicy")) is not None and policy not in _PREEMPTION:
        fault = unsupported("preemptionPolicy", policy, _PREEMPTION)
        found.append(fault if policy else required("preemptionPolicy"))
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= _INT32:
        found.append(invalid("activeDeadlineSeconds", deadline, names.range_problem(1, _INT32)))
    return found


def _check_placement(spec: Json) -> list[Cause]:
    found: list[Cause] = []
    if selector := spec.get("nodeSelector"):
        found += check_labels(selector, "nodeSelector")
    if affinity := spec.get("affinity"):
        found += under("affinity", check_affinity(affinity))
    if gates := spec.get("schedulingGates"):
        found += check_scheduling_gates(gates)
    if constraints := spec.get("topologySpreadConstraints"):
        found += check_spread(constraints)
    if tolerations := spec.get("tolerations"):
        found += check_tolerations(tolerations)
    return found


def _check_names(spec: Json) -> list[Cause]:
    found: list[Cause] = []
    for field in ("serviceAccountName", "nodeName", "priorityClassName"):
        if (name := spec.get(field)) and (problems := names.dns_subdomain(name)):
            found += wrong(field, name, problems)
    if (name := spec.get("runtimeClassName")) is not None:
        found += wrong("runtimeClassName", name, names.dns_subdomain(name))
    for field in ("hostname", "subdomain"):
        if name := spec.get(field):
            found += wrong(field, name, names.dns_label(name))
    if (name := spec.get("hostnameOverride")) is not None:
        if spec.get("setHostnameAsFQDN"):
            fault = "may not be specified when setHostnameAsFQDN is true"
            found.append(forbidden("hostnameOverride", fault))
        if spec.get("hostNetwork"):
            found.append(forbidden("hostnameOverride", "may not be specified when hostNetwork is true"))
        if names.size(name) > 64:
            found.append(too_long("hostnameOverride", 64))
        found += wrong("hostnameOverride", name, names.dns_subdomain(name))
    return found


def _check_rarely(spec: Json) -> list[Cause]:
    found: list[Cause] = []
    if spec.get("dnsConfig") is not None or spec.get("dnsPolicy") == "None":
        found += _check_dns(spec.get("dnsConfig"), spec.get("dnsPolicy") or "")
    for i, gate in enumerate(spec.get("readinessGates") or ()):
        kind = gate.get("conditionType") or ""
        found += wrong(f"readinessGates[{i}].conditionType", kind, names.label_key(kind))
    for i, alias in enumerate(spec.get("hostAliases") or ()):
        found += check_ip(f"hostAliases[{i}].ip", alias.get("ip") or "")
        for j, name in enumerate(alias.get("hostnames") or ()):
            found += wrong(f"hostAliases[{i}].hostnames[{j}]", name, names.dns_subdomain(name))
    if spec.get("hostUsers") is False:
        found += _check_own_users(spec)
    if overhead := spec.get("overhead"):
        faults = check_resources({"limits": overhead}, ())
        found += under("overhead", faults)
    if (system := spec.get("os")) is not None:
        found += _check_os(system.get("name") or "", spec)
    if any(c.get("env") for _, c in containers_with_paths(spec)):
        found += _check_file_keys(spec)
    return found


def _check_dns(config: Json | None, policy: str) -> list[Cause]:
    if policy == "None" and not config:
        return [required("dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None")]
    config = config or {}
    servers, searches = config.get("nameservers") or [], config.get("searches") or []
    if policy == "None" and not servers:
        fault = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        return [required("dnsConfig.nameservers", fault)]
    found: list[Cause] = []
    if len(servers) > 3:
        found.append(invalid("dnsConfig.nameservers", servers, "must not have more than 3 nameservers"))
    for i, server in enumerate(servers):
        found += check_ip(f"dnsConfig.nameservers[{i}]", server)
    if len(searches) > 32:
        found.append(invalid("dnsConfig.searches", searches, "must not have more than 32 search paths"))
    if names.size(" ".join(searches)) > 2048:
        fault = "must not have more than 2048 characters (including spaces) in the search list"
        found.append(invalid("dnsConfig.searches", searches, fault))
    for i, search in enumerate(searches):
        if search != ".":
            name = search.removesuffix(".")
            found += wrong(f"dnsConfig.searches[{i}]", name, names.dns_subdomain_with_underscore(name))
    for i, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            found.append(required(f"dnsConfig.options[{i}]", "must not be empty"))
    return found


def _check_host_network(containers: Sequence[Json], *, is_pod: bool) -> list[Cause]:
    found: list[Cause] = []
    for i, container in enumerate(containers):
        for j, port in enumerate(container.get("ports") or ()):
            host, own = port.get("hostPort") or 0, port.get("containerPort") or 0
            if (is_pod or host) and host != own:
                fault = "must match `containerPort` when `hostNetwork` is true"
                found.append(invalid(f"containers[{i}].ports[{j}].hostPort", host, fault))
    return found


def _check_own_users(spec: Json) -> list[Cause]:
    fault = "when `hostUsers` is false"
    shared = (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC"))
    found = [forbidden(shown, fault) for field, shown in shared if spec.get(field)]
    for path, container in containers_with_paths(spec):
        if container.get("volumeDevices"):
            found.append(forbidden(f"{path}.volumeDevices", fault))
    return found


def _check_os(system: str, spec: Json) -> list[Cause]:
    if not system:
        return [required("os.name")]
    own: Json = spec.get("securityContext") or {}
    contexts = [(f"{p}.securityContext", c.get("securityContext") or {}) for p, c in containers_with_paths(spec)]
    if system == "linux":
        fault = "windows options cannot be set for a linux pod"
        holders = [("securityContext", own), *contexts]
        return [forbidden(f"{p}.windowsOptions", fault) for p, c in holders if c.get("windowsOptions") is not None]
    if system != "windows":
        return [not_supported("os", system, ("linux", "windows"))]
    fault = "cannot be set for a windows pod"
    found = [forbidden(f, fault) for f in ("hostUsers", "shareProcessNamespace") if spec.get(f) is not None]
    found += [forbidden(f, fault) for f in ("hostPID", "hostIPC") if spec.get(f)]
    found += [forbidden(f"securityContext.{f}", fault) for f in _NOT_FOR_WINDOWS_PODS if own.get(f) is not None]
    for path, context in contexts:
        found += [forbidden(f"{path}.{f}", fault) for f in _NOT_FOR_WINDOWS_CONTAINERS if context.get(f) is not None]
    return found


def _check_resource_claims(claims: Sequence[Json]) -> list[Cause]:
    found: list[Cause] = []
    seen: set[str] = set()
    for i, claim in enumerate(claims):
        field, name = f"resourceClaims[{i}]", claim.get("name") or ""
        if not name:
            found.append(required(f"{field}.name"))
        elif name in seen:
            found.append(duplicate(f"{field}.name", name))
        else:
            found += wrong(f"{field}.name", name, names.dns_label(name))
        seen.add(name)
        direct, template = claim.get("resourceClaimName"), claim.get("resourceClaimTemplateName")
        if direct is not None and template is not None:
            fault = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            found.append(invalid(field, claim, fault))
        if direct is None and template is None:
            fault = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            found.append(invalid(field, claim, fault))
        if direct is not None:
            found += wrong(f"{field}.resourceClaimName", direct, names.dns_subdomain(direct))
        if template is not None:
            found += wrong(f"{field}.resourceClaimTemplateName", template, names.dns_subdomain(template))
    return found


def _check_pod_resources(spec: Json, around: Surroundings) -> list[Cause]:
    own: Json = spec["resources"]
    if around.os == "windows":
        return [forbidden("resources", "may not be set for a windows pod")]
    found: list[Cause] = []
    if own.get("claims") is not None:
        found.append(forbidden("resources.claims", "claims may not be set for Resources at pod-level"))
    found += under("resources", check_resources(own, around.claims, check_pod_resource_name))
    requests, limits = own.get("requests") or {}, own.get("limits") or {}
    found += _check_sums(requests, aggregate(spec, "requests"), "requests")
    huge = {n: v for n, v in aggregate(spec, "limits").items() if is_huge_page(n)}
    found += _check_sums(limits, huge, "limits")
    for i, container in enumerate(spec.get("containers") or ()):
        for name, value in ((container.get("resources") or {}).get("limits") or {}).items():
            number, most = quantity(value), quantity(limits.get(name))
            if number is not None and most is not None and number > most:
                fault = f"must be less than or equal to pod limits of {limits[name]}"
                found.append(invalid(f"resources.containers[{i}][{name}].limits", value, fault))
    return found


def _check_sums(own: Json, sums: dict[str, Decimal], kind: str) -> list[Cause]:
    found: list[Cause] = []
    for name, total in sums.items():
        number = quantity(own.get(name))
        if number is not None and total > number:
            shown = format_quantity(total, binary=name != "cpu")
            fault = f"must be greater than or equal to aggregate container {kind} of {shown}"
            found.append(invalid(f"resources.{kind}[{name}]", own[name], fault))
    return found


def _check_file_keys(spec: Json) -> list[Cause]:
    volumes = {v.get("name") or "": v for v in spec.get("volumes") or ()}
    found: list[Cause] = []
    for path, container in containers_with_paths(spec):
        for i, variable in enumerate(container.get("env") or ()):
            ref = (variable.get("valueFrom") or {}).get("fileKeyRef")
            if ref is None:
                continue
            field, name = f"{path}.env[{i}].valueFrom.fileKeyRef.volumeName", ref.get("volumeName") or ""
            if name not in volumes:
                found.append(not_found(field, name))
            elif volumes[name].get("emptyDir") is None:
                found.append(invalid(field, name, "referenced volume must be of type emptyDir"))
    return found


def check_pod_annotations(annotations: Json, spec: Json, field: str) -> list[Cause]:
    """Annotations that mean something to the cluster."""
    found: list[Cause] = []
    if MIRROR in annotations and not spec.get("nodeName"):
        fault = "must set spec.nodeName if mirror pod annotation is set"
        found.append(invalid(f"{field}[{MIRROR}]", annotations[MIRROR], fault))
    if (cost := annotations.get(_DELETION_COST)) is not None and not _is_int32(cost):
        found.append(invalid(f"{field}[{_DELETION_COST}]", cost, "must be a 32bit integer"))
    return found + check_profile_annotations(annotations, spec, field)


def _is_int32(text: str) -> bool:
    digits = text.removeprefix("-")
    fine = digits.isascii() and digits.isdecimal() and len(digits) <= 10 and (digits == "0" or digits[0] != "0")
    return fine and text != "-0" and -_INT32 - 1 <= int(text) <= _INT32
