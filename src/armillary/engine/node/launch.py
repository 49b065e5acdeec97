"""What the runtime is told to start a pod's sandbox and containers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from armillary.engine.node.containers import AnyContainer
from armillary.engine.node.env import expand
from armillary.engine.node.images import Image
from armillary.engine.node.naming import Resolver, kernel_name_of, resolver_of
from armillary.engine.node.resources import cgroup_of, container_resources
from armillary.engine.node.runtime.port import ContainerSpec, Mount, PodName, SandboxSpec
from armillary.engine.node.security import ImageUser, container_security, sandbox_security
from armillary.engine.node.settings import NodeSettings
from armillary.kube.kinds.core import Pod

# kubelet's own labels (pkg/kubelet/types), so that tools that look at the runtime find what they know.
POD_NAME, POD_NAMESPACE = "io.kubernetes.pod.name", "io.kubernetes.pod.namespace"
POD_UID, CONTAINER_NAME = "io.kubernetes.pod.uid", "io.kubernetes.container.name"
ASKED_IMAGE = "armillary.io/image"
MESSAGE_PATH = "/dev/termination-log"


@dataclass(frozen=True, slots=True)
class Machine:
    """What of the machine bears on containers."""

    memory_bytes: int
    lowest_oom_score: int


def log_directory(settings: NodeSettings, pod: Pod) -> Path:
    meta = pod.metadata
    return settings.pod_logs / f"{meta.namespace}_{meta.name}_{meta.uid}"


def log_path(name: str, attempt: int) -> str:
    """Below the pod's log directory."""
    return f"{name}/{attempt}.log"


def message_file(settings: NodeSettings, pod: Pod, name: str, attempt: int) -> Path:
    """What a container writes to its termination message path is here."""
    return settings.pods / pod.metadata.uid / "containers" / name / str(attempt)


def hosts_path(settings: NodeSettings, pod: Pod) -> Path:
    return settings.pods / pod.metadata.uid / "etc-hosts"


def sandbox_spec(
    pod: Pod, attempt: int, settings: NodeSettings, host_resolver: Resolver
) -> tuple[SandboxSpec, tuple[str, ...]]:
    """And messages about what of the pod's DNS settings had to be cut. Raises ConfigError."""
    meta = pod.metadata
    resolver, cut = resolver_of(
        pod, host=host_resolver, cluster_dns=settings.cluster_dns, cluster_domain=settings.cluster_domain
    )
    spec = SandboxSpec(
        pod=PodName(meta.namespace, meta.name, meta.uid),
        attempt=attempt,
        hostname="" if pod.spec.host_network else kernel_name_of(pod, settings.cluster_domain),
        log_directory=str(log_directory(settings, pod)),
        cgroup_parent=cgroup_of(settings.cgroup_root, pod),
        security=sandbox_security(pod),
        dns=resolver,
        labels={**meta.labels, **_pod_labels(pod)},
        annotations=meta.annotations,
        handler=settings.runtime_handler,
    )
    return spec, cut


def container_spec(
    pod: Pod,
    container: AnyContainer,
    attempt: int,
    *,
    image: Image,
    environment: Sequence[tuple[str, str]],
    mounts: Sequence[Mount],
    settings: NodeSettings,
    machine: Machine,
    pid_target: str = "",
) -> ContainerSpec:
    """Raises ConfigError where the container may not run as its image would have it."""
    values = dict(environment)
    return ContainerSpec(
        name=container.name,
        attempt=attempt,
        image=image.id,
        log_path=log_path(container.name, attempt),
        resources=container_resources(
            container,
            pod,
            memory_capacity_bytes=machine.memory_bytes,
            lowest_oom_score=machine.lowest_oom_score,
        ),
        security=container_security(
            container, pod, ImageUser(image.uid, image.username), seccomp_root=str(settings.seccomp_profiles)
        ),
        command=_expanded(container.command, values),
        args=_expanded(container.args, values),
        working_dir=container.working_dir,
        env=tuple(environment),
        mounts=(*mounts, *_own_mounts(pod, container, attempt, settings, mounts)),
        labels={**_pod_labels(pod), CONTAINER_NAME: container.name},
        annotations={ASKED_IMAGE: container.image},
        stdin=container.stdin is True,
        stdin_once=container.stdin_once is True,
        tty=container.tty is True,
        pid_target=pid_target,
    )


def _expanded(words: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(expand(word, values) for word in words)


def _own_mounts(
    pod: Pod, container: AnyContainer, attempt: int, settings: NodeSettings, mounts: Sequence[Mount]
) -> tuple[Mount, ...]:
    taken = {mount.container_path for mount in mounts}
    own = (
        Mount(container.termination_message_path or MESSAGE_PATH,
              str(message_file(settings, pod, container.name, attempt))),
        Mount("/etc/hosts", str(hosts_path(settings, pod))),
    )  # fmt: skip
    return tuple(mount for mount in own if mount.container_path not in taken)


def _pod_labels(pod: Pod) -> dict[str, str]:
    meta = pod.metadata
    return {POD_NAME: meta.name, POD_NAMESPACE: meta.namespace, POD_UID: meta.uid}
