"""Security contexts of a pod and its containers as options for the runtime. Pure.

A container's field wins over its pod's, as in pkg/securitycontext.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, TypeVar

from armillary.engine.node.containers import AnyContainer, lasting_containers
from armillary.engine.node.faults import ConfigError
from armillary.kube.kinds.core import (
    Capabilities,
    Pod,
    PodSecurityContext,
    SeccompProfile,
    SecurityContext,
)

T = TypeVar("T")

MAX_ID = 2**31 - 1

# Hidden and read-only parts of /proc and /sys: pkg/securitycontext, which has them from moby.
MASKED_PATHS = (
    "/proc/asound",
    "/proc/acpi",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
)
READ_ONLY_PATHS = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")

# Sysctls that a pod may set without the node's leave: pkg/kubelet/sysctl/safe_sysctls.go.
SAFE_SYSCTLS = frozenset({
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
})  # fmt: skip


class Namespace(Enum):
    """Whose namespace a container lives in."""

    POD = "pod"
    CONTAINER = "container"
    NODE = "node"


@dataclass(frozen=True, slots=True)
class Namespaces:
    network: Namespace
    pid: Namespace
    ipc: Namespace


@dataclass(frozen=True, slots=True)
class Seccomp:
    """`path` is the profile's file, for Localhost only."""

    type: Literal["RuntimeDefault", "Unconfined", "Localhost"]
    path: str = ""


@dataclass(frozen=True, slots=True)
class ImageUser:
    """The user an image wants to run as: a number, a name, or (neither) root."""

    uid: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class ContainerSecurity:
    """For the runtime, about one container."""

    namespaces: Namespaces
    seccomp: Seccomp
    run_as_user: int | None
    run_as_username: str
    run_as_group: int | None
    supplemental_groups: tuple[int, ...]
    supplemental_groups_policy: str
    capabilities_add: tuple[str, ...]
    capabilities_drop: tuple[str, ...]
    privileged: bool
    read_only_root: bool
    no_new_privileges: bool
    masked_paths: tuple[str, ...]
    read_only_paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SandboxSecurity:
    """For the runtime, about the pod's sandbox; its seccomp profile is always the runtime's own."""

    namespaces: Namespaces
    run_as_user: int | None
    run_as_group: int | None
    supplemental_groups: tuple[int, ...]
    supplemental_groups_policy: str
    privileged: bool
    sysctls: Mapping[str, str]


def namespaces_of(pod: Pod) -> Namespaces:
    spec = pod.spec
    shared = Namespace.POD if spec.share_process_namespace else Namespace.CONTAINER
    return Namespaces(
        network=Namespace.NODE if spec.host_network else Namespace.POD,
        pid=Namespace.NODE if spec.host_pid else shared,
        ipc=Namespace.NODE if spec.host_ipc else Namespace.POD,
    )


def sandbox_security(pod: Pod) -> SandboxSecurity:
    own = pod.spec.security_context or PodSecurityContext()
    return SandboxSecurity(
        namespaces=namespaces_of(pod),
        run_as_user=own.run_as_user,
        run_as_group=own.run_as_group,
        supplemental_groups=_groups(own),
        supplemental_groups_policy=own.supplemental_groups_policy,
        privileged=any(_is_privileged(c) for c in lasting_containers(pod)),
        sysctls={sysctl.name: sysctl.value for sysctl in own.sysctls},
    )


def container_security(
    container: AnyContainer, pod: Pod, image: ImageUser, *, seccomp_root: str, seccomp_default: bool = False
) -> ContainerSecurity:
    """Raises ConfigError where the container may not run as its image would have it."""
    own = container.security_context or SecurityContext()
    shared = pod.spec.security_context or PodSecurityContext()
    user = _first(own.run_as_user, shared.run_as_user)
    check_non_root(container, pod, image)
    capabilities = own.capabilities or Capabilities()
    unmasked = own.proc_mount == "Unmasked"
    return ContainerSecurity(
        namespaces=namespaces_of(pod),
        seccomp=_seccomp(own.seccomp_profile or shared.seccomp_profile, seccomp_root, seccomp_default),
        run_as_user=user if user is not None else image.uid,
        run_as_username=image.name if user is None else "",
        run_as_group=_first(own.run_as_group, shared.run_as_group),
        supplemental_groups=_groups(shared),
        supplemental_groups_policy=shared.supplemental_groups_policy,
        capabilities_add=capabilities.add,
        capabilities_drop=capabilities.drop,
        privileged=_is_privileged(container),
        read_only_root=own.read_only_root_filesystem is True,
        no_new_privileges=own.allow_privilege_escalation is False,
        masked_paths=() if unmasked else MASKED_PATHS,
        read_only_paths=() if unmasked else READ_ONLY_PATHS,
    )


def check_non_root(container: AnyContainer, pod: Pod, image: ImageUser) -> None:
    """Raises ConfigError if runAsNonRoot holds and the container would, or might, run as root."""
    own = container.security_context or SecurityContext()
    shared = pod.spec.security_context or PodSecurityContext()
    if not _first(own.run_as_non_root, shared.run_as_non_root):
        return
    meta = pod.metadata
    where = f'(pod: "{meta.name}_{meta.namespace}({meta.uid})", container: {container.name})'
    user = _first(own.run_as_user, shared.run_as_user)
    if user is not None:
        if user == 0:
            raise ConfigError(f"container's runAsUser breaks non-root policy {where}")
        return
    if image.uid is None and image.name:
        raise ConfigError(
            f"container has runAsNonRoot and image has non-numeric user ({image.name}),"
            f" cannot verify user is non-root {where}"
        )
    if not image.uid:
        raise ConfigError(f"container has runAsNonRoot and image will run as root {where}")
    if image.uid > MAX_ID:
        raise ConfigError(
            f"container has runAsNonRoot and image has an invalid user id ({image.uid}). (Must be 1-({MAX_ID})):"
            f" must be between 0 and {MAX_ID}, inclusive {where}"
        )


def parse_image_user(text: str) -> ImageUser:
    """The `User` of an image's config: `1000`, `1000:1000`, `app`, or nothing."""
    user = text.partition(":")[0]
    if not user:
        return ImageUser(uid=0)
    return ImageUser(uid=int(user)) if user.isdigit() else ImageUser(name=user)


def forbidden_sysctl(pod: Pod, allowed: frozenset[str] = frozenset()) -> str:
    """Why the pod's sysctls are refused (reason SysctlForbidden), or "".

    `allowed` holds further names, or prefixes that end in `*`, that this node permits.
    """
    own = pod.spec.security_context or PodSecurityContext()
    for sysctl in own.sysctls:
        name = sysctl.name.replace("/", ".")
        if not _allows(SAFE_SYSCTLS | allowed, name):
            return f'forbidden sysctl: "{name}" not allowlisted'
        if pod.spec.host_network and name.startswith("net."):
            return f'forbidden sysctl: "{name}" not allowed with host net enabled'
        if pod.spec.host_ipc and name.startswith(("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")):
            return f'forbidden sysctl: "{name}" not allowed with host ipc enabled'
    return ""


def _allows(patterns: frozenset[str], name: str) -> bool:
    return name in patterns or any(p.endswith("*") and name.startswith(p[:-1]) for p in patterns)


def _is_privileged(container: AnyContainer) -> bool:
    return container.security_context is not None and container.security_context.privileged is True


def _groups(shared: PodSecurityContext) -> tuple[int, ...]:
    return ((shared.fs_group,) if shared.fs_group is not None else ()) + shared.supplemental_groups


def _seccomp(profile: SeccompProfile | None, root: str, default: bool) -> Seccomp:
    if profile is None:
        return Seccomp("RuntimeDefault" if default else "Unconfined")
    match profile.type:
        case "RuntimeDefault":
            return Seccomp("RuntimeDefault")
        case "Localhost":
            if not profile.localhost_profile:
                raise ConfigError("localhostProfile must be set if seccompProfile type is Localhost.")
            return Seccomp("Localhost", f"{root}/{profile.localhost_profile}")
    return Seccomp("Unconfined")


def _first(own: Any, shared: T) -> T:
    return own if own is not None else shared
