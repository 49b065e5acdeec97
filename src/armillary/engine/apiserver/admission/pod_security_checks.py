"""The Pod Security Standards: for each level, what a pod may not have. Pure.

Checks and wording: k8s.io/pod-security-admission, policy.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from armillary.engine.apiserver.auth.node import containers_of
from armillary.engine.kinds.faults import shown
from armillary.engine.kinds.resource import Json


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a check found."""

    reason: str
    detail: str = ""


Check = Callable[[Json, Json], Complaint | None]


def complaints(level: str, metadata: Json, spec: Json) -> list[Complaint]:
    """Everything that a pod of this level may not have, baseline first."""
    found = (check(metadata, spec) for check in _CHECKS[level])
    return [complaint for complaint in found if complaint is not None]


def _context(holder: Json) -> Mapping[str, Any]:
    return holder.get("securityContext") or {}


def _quoted(items: Iterable[str]) -> str:
    return ", ".join(f'"{item}"' for item in items)


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _containers(names: Sequence[str]) -> str:
    return f"{_plural('container', len(names))} {_quoted(names)}"


def _setters(pod: bool, containers: Sequence[str]) -> str:
    """`pod and containers "a", "b"`."""
    return " and ".join((["pod"] if pod else []) + ([_containers(containers)] if containers else []))


def _named(spec: Json, bad: Callable[[Json], object]) -> list[str]:
    return [container["name"] for container in containers_of(spec) if bad(container)]


def _is_windows(spec: Json) -> bool:
    return (spec.get("os") or {}).get("name") == "windows"


def _in_user_namespace(spec: Json) -> bool:
    return spec.get("hostUsers") is False


def _app_armor(metadata: Json, spec: Json) -> Complaint | None:
    allowed, values = ("RuntimeDefault", "Localhost"), set()

    def bad(holder: Json) -> bool:
        profile = _context(holder).get("appArmorProfile")
        if profile is None or profile.get("type") in allowed:
            return False
        values.add(profile.get("type", ""))
        return True

    setters = _setters(bad(spec), _named(spec, bad))
    prefix = "container.apparmor.security.beta.kubernetes.io/"
    notes = sorted(
        f"{key}={shown(value)}"
        for key, value in (metadata.get("annotations") or {}).items()
        if key.startswith(prefix) and value not in ("", "runtime/default") and not value.startswith("localhost/")
    )
    if notes:
        setters = " and ".join(filter(None, (setters, _plural("annotation", len(notes)))))
    if not setters:
        return None
    listed = sorted(values) + notes
    return Complaint(
        _plural("forbidden AppArmor profile", len(listed)),
        f"{setters} must not set AppArmor profile type to {_quoted(listed)}",
    )


_DEFAULT_CAPABILITIES = frozenset(
    (
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    )
)  # fmt: skip


def _added_beyond(spec: Json, allowed: frozenset[str]) -> tuple[list[str], list[str]]:
    """Containers that add other capabilities, and those capabilities."""

    def extra(container: Json) -> set[str]:
        return set((_context(container).get("capabilities") or {}).get("add") or ()) - allowed

    every = [extra(container) for container in containers_of(spec)]
    return _named(spec, extra), sorted(set().union(*every))


def _capabilities_baseline(metadata: Json, spec: Json) -> Complaint | None:
    names, values = _added_beyond(spec, _DEFAULT_CAPABILITIES)
    if not names:
        return None
    said = f"{_containers(names)} must not include {_quoted(values)} in securityContext.capabilities.add"
    return Complaint("non-default capabilities", said)


def _host_namespaces(metadata: Json, spec: Json) -> Complaint | None:
    found = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if spec.get(field)]
    return Complaint("host namespaces", ", ".join(found)) if found else None


def _host_paths(metadata: Json, spec: Json) -> Complaint | None:
    found = [volume["name"] for volume in spec.get("volumes") or () if "hostPath" in volume]
    return Complaint("hostPath volumes", f"{_plural('volume', len(found))} {_quoted(found)}") if found else None


def _host_ports(metadata: Json, spec: Json) -> Complaint | None:
    ports: set[str] = set()

    def used(container: Json) -> list[str]:
        mine = [str(port["hostPort"]) for port in container.get("ports") or () if port.get("hostPort")]
        ports.update(mine)
        return mine

    names = _named(spec, used)
    if not names:
        return None
    verb = "uses" if len(names) == 1 else "use"
    said = f"{_containers(names)} {verb} {_plural('hostPort', len(ports))} {', '.join(sorted(ports))}"
    return Complaint("hostPort", said)


def _probe_hosts(metadata: Json, spec: Json) -> Complaint | None:
    hosts: set[str] = set()

    def used(container: Json) -> set[str]:
        lifecycle = container.get("lifecycle") or {}
        handlers = [container.get(f"{kind}Probe") for kind in ("liveness", "readiness", "startup")]
        handlers += [lifecycle.get("postStart"), lifecycle.get("preStop")]
        mine = {
            handler[action]["host"]
            for handler in handlers
            if handler
            for action in ("httpGet", "tcpSocket")
            if (handler.get(action) or {}).get("host")
        }
        hosts.update(mine)
        return mine

    names = sorted(set(_named(spec, used)))
    if not names:
        return None
    verb = "uses" if len(names) == 1 else "use"
    word = _plural("probe or lifecycle host", len(hosts))
    return Complaint("probe or lifecycle host", f"{_containers(names)} {verb} {word} {_quoted(sorted(hosts))}")


def _privileged(metadata: Json, spec: Json) -> Complaint | None:
    names = _named(spec, lambda container: _context(container).get("privileged"))
    said = f"{_containers(names)} must not set securityContext.privileged=true"
    return Complaint("privileged", said) if names else None


def _proc_mount(metadata: Json, spec: Json) -> Complaint | None:
    def other(container: Json) -> bool:
        return bool(_context(container).get("procMount", "Default") != "Default")

    names = _named(spec, other)
    values = sorted({_context(c)["procMount"] for c in containers_of(spec) if other(c)})
    said = f"{_containers(names)} must not set securityContext.procMount to {_quoted(values)}"
    return Complaint("procMount", said) if names else None


def _proc_mount_baseline(metadata: Json, spec: Json) -> Complaint | None:
    return None if _in_user_namespace(spec) else _proc_mount(metadata, spec)


_SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")


def _selinux(metadata: Json, spec: Json) -> Complaint | None:
    types: set[str] = set()
    set_fields: set[str] = set()

    def bad(holder: Json) -> bool:
        options = _context(holder).get("seLinuxOptions") or {}
        wrong = options.get("type", "") not in _SELINUX_TYPES
        if wrong:
            types.add(options["type"])
        mine = {field for field in ("user", "role") if options.get(field)}
        set_fields.update(mine)
        return wrong or bool(mine)

    setters = _setters(bad(spec), _named(spec, bad))
    if not setters:
        return None
    data = [f"{_plural('type', len(types))} {_quoted(sorted(types))}"] if types else []
    data += [f"{field} may not be set" for field in ("user", "role") if field in set_fields]
    return Complaint("seLinuxOptions", f"{setters} set forbidden securityContext.seLinuxOptions: {'; '.join(data)}")


def _seccomp_baseline(metadata: Json, spec: Json) -> Complaint | None:
    values: set[str] = set()

    def bad(holder: Json) -> bool:
        profile = _context(holder).get("seccompProfile")
        if profile is None or profile.get("type") in ("RuntimeDefault", "Localhost"):
            return False
        values.add(profile.get("type", ""))
        return True

    setters = _setters(bad(spec), _named(spec, bad))
    if not setters:
        return None
    said = f"{setters} must not set securityContext.seccompProfile.type to {_quoted(sorted(values))}"
    return Complaint("seccompProfile", said)


_SYSCTLS = frozenset(
    (
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    )
)  # fmt: skip


def _sysctls(metadata: Json, spec: Json) -> Complaint | None:
    found = [s["name"] for s in _context(spec).get("sysctls") or () if s["name"] not in _SYSCTLS]
    return Complaint("forbidden sysctls", ", ".join(found)) if found else None


def _host_process(metadata: Json, spec: Json) -> Complaint | None:
    def bad(holder: Json) -> bool:
        return bool((_context(holder).get("windowsOptions") or {}).get("hostProcess"))

    setters = _setters(bad(spec), _named(spec, bad))
    said = f"{setters} must not set securityContext.windowsOptions.hostProcess=true"
    return Complaint("hostProcess", said) if setters else None


def _privilege_escalation(metadata: Json, spec: Json) -> Complaint | None:
    if _is_windows(spec):
        return None
    names = _named(spec, lambda c: _context(c).get("allowPrivilegeEscalation") is not False)
    said = f"{_containers(names)} must set securityContext.allowPrivilegeEscalation=false"
    return Complaint("allowPrivilegeEscalation != false", said) if names else None


def _capabilities_restricted(metadata: Json, spec: Json) -> Complaint | None:
    if _is_windows(spec):
        return None
    keeping = _named(spec, lambda c: "ALL" not in ((_context(c).get("capabilities") or {}).get("drop") or ()))
    adding, values = _added_beyond(spec, frozenset(["NET_BIND_SERVICE"]))
    said = []
    if keeping:
        said.append(f'{_containers(keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        said.append(f"{_containers(adding)} must not include {_quoted(values)} in securityContext.capabilities.add")
    return Complaint("unrestricted capabilities", "; ".join(said)) if said else None


_PLAIN_VOLUMES = (
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret",
)  # fmt: skip


def _restricted_volumes(metadata: Json, spec: Json) -> Complaint | None:
    bad = [v for v in spec.get("volumes") or () if not any(sort in v for sort in _PLAIN_VOLUMES)]
    if not bad:
        return None
    types = sorted({next((sort for sort in volume if sort != "name"), "unknown") for volume in bad})
    verb = "uses" if len(bad) == 1 else "use"
    volumes = f"{_plural('volume', len(bad))} {_quoted(v['name'] for v in bad)}"
    said = f"{volumes} {verb} {_plural('restricted volume type', len(types))} {_quoted(types)}"
    return Complaint("restricted volume types", said)


def _non_root(metadata: Json, spec: Json) -> Complaint | None:
    if _in_user_namespace(spec):
        return None
    pod = _context(spec).get("runAsNonRoot")
    setters = _setters(pod is False, _named(spec, lambda c: _context(c).get("runAsNonRoot") is False))
    if setters:
        return Complaint("runAsNonRoot != true", f"{setters} must not set securityContext.runAsNonRoot=false")
    silent = _named(spec, lambda c: not pod and _context(c).get("runAsNonRoot") is None)
    said = f"pod or {_containers(silent)} must set securityContext.runAsNonRoot=true"
    return Complaint("runAsNonRoot != true", said) if silent else None


def _user(metadata: Json, spec: Json) -> Complaint | None:
    if _in_user_namespace(spec):
        return None
    setters = _setters(_context(spec).get("runAsUser") == 0, _named(spec, lambda c: _context(c).get("runAsUser") == 0))
    return Complaint("runAsUser=0", f"{setters} must not set runAsUser=0") if setters else None


def _seccomp_restricted(metadata: Json, spec: Json) -> Complaint | None:
    if _is_windows(spec):
        return None
    found = _seccomp_baseline(metadata, spec)
    if found is not None:
        return found
    if _context(spec).get("seccompProfile") is not None:
        return None
    silent = _named(spec, lambda c: _context(c).get("seccompProfile") is None)
    said = (
        f'pod or {_containers(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    )
    return Complaint("seccompProfile", said) if silent else None


# In the order of upstream's check ids; a restricted check may stand in for the baseline one of the same thing.
_CHECKS: dict[str, tuple[Check, ...]] = {
    "privileged": (),
    "baseline": (
        _app_armor, _capabilities_baseline, _host_namespaces, _host_paths, _host_ports, _probe_hosts, _privileged,
        _proc_mount_baseline, _selinux, _seccomp_baseline, _sysctls, _host_process,
    ),
    "restricted": (
        _app_armor, _host_namespaces, _host_ports, _probe_hosts, _privileged, _selinux, _sysctls, _host_process,
        _privilege_escalation, _capabilities_restricted, _proc_mount, _restricted_volumes, _non_root, _user,
        _seccomp_restricted,
    ),
}  # fmt: skip
