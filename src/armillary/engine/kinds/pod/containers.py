"""A pod's containers: ordinary, init and ephemeral ones.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "validateContainers", "validateInitContainers",
"validateEphemeralContainers". Fields are relative to the pod's spec.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import (
    duplicate,
    forbidden,
    invalid,
    not_found,
    not_supported,
    required,
    too_many,
    under,
    unsupported,
    wrong,
)
from armillary.engine.kinds.pod.environment import check_env, check_env_from
from armillary.engine.kinds.pod.mounts import check_devices, check_mounts
from armillary.engine.kinds.pod.probes import check_probes_and_hooks
from armillary.engine.kinds.pod.resources import check_resources, is_sidecar
from armillary.engine.kinds.pod.security import check_security_context
from armillary.engine.kinds.resource import Json

PROTOCOLS = ("SCTP", "TCP", "UDP")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_RESTART_POLICIES = ("Always", "Never", "OnFailure")
_FOR_SIDECARS = ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
_NOT_EPHEMERAL = (
    "ports", "resources", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "resizePolicy",
    "restartPolicy", "restartPolicyRules",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a container's rules depend on beside the container."""

    volumes: Mapping[str, Json]
    claims: frozenset[str]
    grace_seconds: int | None
    restart_policy: str
    host_users: bool
    os: str


def check_containers(containers: Sequence[Json], around: Surroundings) -> list[Cause]:
    """`containers`."""
    if not containers:
        return [required("containers")]
    found: list[Cause] = []
    seen: set[str] = set()
    for i, container in enumerate(containers):
        faults = _check_common(container, around)
        name = container.get("name") or ""
        if name in seen:
            faults.append(duplicate("name", name))
        seen.add(name)
        faults += check_probes_and_hooks(container, around.grace_seconds, around.os)
        faults += _check_restart_policy(container)
        if faults:
            found += under(f"containers[{i}]", faults)
    return found + _check_host_ports(containers, "containers")


def check_init_containers(containers: Sequence[Json], ordinary: Sequence[Json], around: Surroundings) -> list[Cause]:
    """`initContainers`; those with restartPolicy Always are sidecars."""
    found: list[Cause] = []
    seen = {c.get("name") or "" for c in ordinary}
    for i, container in enumerate(containers):
        faults = _check_common(container, around) + _check_restart_policy(container)
        name = container.get("name") or ""
        if name in seen:
            faults.append(duplicate("name", name))
        elif name:
            seen.add(name)
        if is_sidecar(container):
            faults += check_probes_and_hooks(container, around.grace_seconds, around.os)
        else:
            fault = "may not be set for init containers without restartPolicy=Always"
            faults += [forbidden(field, fault) for field in _FOR_SIDECARS if container.get(field) is not None]
            fault = "must not be set to 'RestartContainer' for non-sidecar initContainers"
            for j, policy in enumerate(container.get("resizePolicy") or ()):
                if policy.get("restartPolicy") == "RestartContainer":
                    faults.append(invalid(f"resizePolicy[{j}].restartPolicy", "RestartContainer", fault))
        found += under(f"initContainers[{i}]", faults)
        found += _check_host_ports([container], "initContainers")
    return found


def check_ephemeral_containers(spec: Json, around: Surroundings) -> list[Cause]:
    """`ephemeralContainers`."""
    found: list[Cause] = []
    others = {c.get("name") or "" for kind in ("containers", "initContainers") for c in spec.get(kind) or ()}
    seen = set(others)
    for i, container in enumerate(spec.get("ephemeralContainers") or ()):
        name, target = container.get("name") or "", container.get("targetContainerName") or ""
        faults = _check_common(container, around) + check_image_spaces(container)
        if name in seen:
            faults.append(duplicate("name", name))
        seen.add(name)
        if target and target not in others:
            faults.append(not_found("targetContainerName", target))
        fault = "cannot be set for an Ephemeral Container"
        faults += [forbidden(field, fault) for field in _NOT_EPHEMERAL if container.get(field)]
        for j, mount in enumerate(container.get("volumeMounts") or ()):
            for field in ("subPath", "subPathExpr"):
                if mount.get(field):
                    faults.append(forbidden(f"volumeMounts[{j}].{field}", fault))
        found += under(f"ephemeralContainers[{i}]", faults)
    return found


def check_image_spaces(container: Json) -> list[Cause]:
    """Pods, in contrast to templates, refuse images with spaces around them; relative to the container."""
    image = container.get("image") or ""
    if image == image.strip():
        return []
    return [invalid("image", image, "must not have leading or trailing whitespace")]


def _check_common(container: Json, around: Surroundings) -> list[Cause]:
    get = container.get
    found = _check_identity(container)
    if ports := get("ports"):
        found += _check_ports(ports)
    if env := get("env"):
        found += check_env(env)
    if sources := get("envFrom"):
        found += check_env_from(sources)
    if mounts := get("volumeMounts"):
        found += check_mounts(container, mounts, around.volumes)
    if devices := get("volumeDevices"):
        found += check_devices(container, devices, around.volumes)
    if (resources := get("resources")) and (faults := check_resources(resources, around.claims)):
        found += under("resources", faults)
    if resize := get("resizePolicy"):
        found += _check_resize_policy(resize, around.restart_policy)
    if context := get("securityContext"):
        found += under("securityContext", check_security_context(context, host_users=around.host_users))
    return found


def _check_identity(container: Json) -> list[Cause]:
    found: list[Cause] = []
    name = container.get("name") or ""
    if not name:
        found.append(required("name"))
    elif problems := names.dns_label(name):
        found += wrong("name", name, problems)
    if not container.get("image"):
        found.append(required("image"))
    policy = container.get("terminationMessagePolicy") or ""
    if policy not in _MESSAGE_POLICIES:
        fault = unsupported("terminationMessagePolicy", policy, _MESSAGE_POLICIES)
        found.append(fault if policy else required("terminationMessagePolicy"))
    pull = container.get("imagePullPolicy") or ""
    if pull not in _PULL_POLICIES:
        found.append(not_supported("imagePullPolicy", pull, _PULL_POLICIES) if pull else required("imagePullPolicy"))
    return found


def _check_ports(ports: Sequence[Json]) -> list[Cause]:
    found: list[Cause] = []
    seen: set[str] = set()
    for i, port in enumerate(ports):
        if name := port.get("name"):
            if problems := names.port_name(name):
                found += wrong(f"ports[{i}].name", name, problems)
            elif name in seen:
                found.append(duplicate(f"ports[{i}].name", name))
            seen.add(name)
        number, host = port.get("containerPort") or 0, port.get("hostPort") or 0
        if not number:
            found.append(required(f"ports[{i}].containerPort"))
        elif problems := names.port_number(number):
            found += wrong(f"ports[{i}].containerPort", number, problems)
        if host and (problems := names.port_number(host)):
            found += wrong(f"ports[{i}].hostPort", host, problems)
        protocol = port.get("protocol") or ""
        if protocol not in PROTOCOLS:
            fault = not_supported(f"ports[{i}].protocol", protocol, PROTOCOLS)
            found.append(fault if protocol else required(f"ports[{i}].protocol"))
    return found


def _check_host_ports(containers: Sequence[Json], field: str) -> list[Cause]:
    found: list[Cause] = []
    taken: set[str] = set()
    for i, container in enumerate(containers):
        for j, port in enumerate(container.get("ports") or ()):
            if not (number := port.get("hostPort")):
                continue
            key = f"{port.get('protocol') or ''}/{port.get('hostIP') or ''}/{number}"
            if key in taken:
                found.append(duplicate(f"{field}[{i}].ports[{j}].hostPort", key))
            taken.add(key)
    return found


def _check_resize_policy(policies: Sequence[Json], restart_policy: str) -> list[Cause]:
    found: list[Cause] = []
    seen: set[str] = set()
    for i, policy in enumerate(policies):
        name, restart = policy.get("resourceName") or "", policy.get("restartPolicy") or ""
        if name in seen:
            found.append(duplicate(f"resizePolicy[{i}]", name))
        seen.add(name)
        for value, allowed in ((name, ("cpu", "memory")), (restart, ("NotRequired", "RestartContainer"))):
            if not value:
                found.append(required("resizePolicy"))
            elif value not in allowed:
                found.append(not_supported("resizePolicy", value, allowed))
        if restart_policy == "Never" and restart != "NotRequired":
            fault = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
            found.append(invalid("resizePolicy", restart, fault))
    return found


def _check_restart_policy(container: Json) -> list[Cause]:
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules") or ()
    if policy is None and not rules:
        return []
    found: list[Cause] = []
    if policy is None:
        found.append(required("restartPolicy", "must specify restartPolicy when restart rules are used"))
    elif policy not in _RESTART_POLICIES:
        found.append(not_supported("restartPolicy", policy, _RESTART_POLICIES))
    if len(rules) > 20:
        found.append(too_many("restartPolicyRules", len(rules), 20))
    for i, rule in enumerate(rules):
        found += under(f"restartPolicyRules[{i}]", _check_restart_rule(rule))
    return found


def _check_restart_rule(rule: Json) -> list[Cause]:
    found: list[Cause] = []
    action, allowed = rule.get("action") or "", ("Restart", "RestartAllContainers")
    if action not in allowed:
        found.append(not_supported("action", action, allowed))
    codes = rule.get("exitCodes")
    if codes is None:
        return [*found, required("exitCodes", "must be specified")]
    if (operator := codes.get("operator") or "") not in ("In", "NotIn"):
        found.append(not_supported("exitCodes.operator", operator, ("In", "NotIn")))
    if (count := len(codes.get("values") or ())) > 255:
        found.append(too_many("exitCodes.values", count, 255))
    return found
