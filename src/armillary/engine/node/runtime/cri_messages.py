"""Our runtime types as CRI messages and back. Pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cri_api.v1 import api_pb2 as cri

from armillary.engine.node.images import Image
from armillary.engine.node.resources import ContainerResources
from armillary.engine.node.runtime.port import (
    Container,
    ContainerSpec,
    Mount,
    PodName,
    Sandbox,
    SandboxSpec,
    State,
)
from armillary.engine.node.security import ContainerSecurity, Namespace, Namespaces, SandboxSecurity, Seccomp
from armillary.kube.image_credentials import Credential

_NAMESPACES = {Namespace.POD: cri.POD, Namespace.CONTAINER: cri.CONTAINER, Namespace.NODE: cri.NODE}
_PROPAGATION = {
    "private": cri.PROPAGATION_PRIVATE,
    "host-to-container": cri.PROPAGATION_HOST_TO_CONTAINER,
    "bidirectional": cri.PROPAGATION_BIDIRECTIONAL,
}
_STATES = {
    cri.CONTAINER_CREATED: State.CREATED,
    cri.CONTAINER_RUNNING: State.RUNNING,
    cri.CONTAINER_EXITED: State.EXITED,
}


def sandbox_config(spec: SandboxSpec) -> Any:
    security, pod = spec.security, spec.pod
    dns = None
    if spec.dns is not None:
        dns = cri.DNSConfig(servers=spec.dns.nameservers, searches=spec.dns.searches, options=spec.dns.options)
    return cri.PodSandboxConfig(
        metadata=cri.PodSandboxMetadata(name=pod.name, uid=pod.uid, namespace=pod.namespace, attempt=spec.attempt),
        hostname=spec.hostname,
        log_directory=spec.log_directory,
        dns_config=dns,
        labels=spec.labels,
        annotations=spec.annotations,
        linux=cri.LinuxPodSandboxConfig(
            cgroup_parent=spec.cgroup_parent,
            sysctls=security.sysctls,
            security_context=_sandbox_security(security),
        ),
    )


def _sandbox_security(security: SandboxSecurity) -> Any:
    return cri.LinuxSandboxSecurityContext(
        namespace_options=_namespaces(security.namespaces),
        run_as_user=_int(security.run_as_user),
        run_as_group=_int(security.run_as_group) if security.run_as_user is not None else None,
        supplemental_groups=security.supplemental_groups,
        privileged=security.privileged,
        seccomp=_seccomp(Seccomp("RuntimeDefault")),
    )


def container_config(spec: ContainerSpec) -> Any:
    return cri.ContainerConfig(
        metadata=cri.ContainerMetadata(name=spec.name, attempt=spec.attempt),
        image=cri.ImageSpec(image=spec.image),
        command=spec.command,
        args=spec.args,
        working_dir=spec.working_dir,
        envs=[cri.KeyValue(key=key, value=value) for key, value in spec.env],
        mounts=[_mount(mount) for mount in spec.mounts],
        labels=spec.labels,
        annotations=spec.annotations,
        log_path=spec.log_path,
        stdin=spec.stdin,
        stdin_once=spec.stdin_once,
        tty=spec.tty,
        linux=cri.LinuxContainerConfig(
            resources=resources(spec.resources),
            security_context=_container_security(spec.security, spec.pid_target),
        ),
    )


def resources(wanted: ContainerResources) -> Any:
    return cri.LinuxContainerResources(
        cpu_period=wanted.cpu_period,
        cpu_quota=wanted.cpu_quota,
        cpu_shares=wanted.cpu_shares,
        memory_limit_in_bytes=wanted.memory_limit_bytes,
        oom_score_adj=wanted.oom_score_adj,
    )


def _mount(mount: Mount) -> Any:
    return cri.Mount(
        container_path=mount.container_path,
        host_path=mount.host_path,
        readonly=mount.read_only,
        propagation=_PROPAGATION[mount.propagation],
    )


def _container_security(security: ContainerSecurity, pid_target: str) -> Any:
    namespaces = _namespaces(security.namespaces)
    if pid_target:
        namespaces.pid, namespaces.target_id = cri.TARGET, pid_target
    return cri.LinuxContainerSecurityContext(
        capabilities=cri.Capability(
            add_capabilities=security.capabilities_add, drop_capabilities=security.capabilities_drop
        ),
        privileged=security.privileged,
        namespace_options=namespaces,
        run_as_user=_int(security.run_as_user),
        run_as_username=security.run_as_username,
        run_as_group=_int(security.run_as_group),
        readonly_rootfs=security.read_only_root,
        supplemental_groups=security.supplemental_groups,
        no_new_privs=security.no_new_privileges,
        masked_paths=security.masked_paths,
        readonly_paths=security.read_only_paths,
        seccomp=_seccomp(security.seccomp),
    )


def _namespaces(wanted: Namespaces) -> Any:
    return cri.NamespaceOption(
        network=_NAMESPACES[wanted.network], pid=_NAMESPACES[wanted.pid], ipc=_NAMESPACES[wanted.ipc]
    )


def _seccomp(wanted: Seccomp) -> Any:
    kind = getattr(cri.SecurityProfile, wanted.type)
    return cri.SecurityProfile(profile_type=kind, localhost_ref=wanted.path)


def _int(value: int | None) -> Any:
    return None if value is None else cri.Int64Value(value=value)


def auth_config(credential: Credential) -> Any:
    return cri.AuthConfig(username=credential.username, password=credential.password)


def sandbox(found: Any, info: Mapping[str, str] | None = None) -> Sandbox:
    """From a PodSandbox or a PodSandboxStatus; `info` is what the latter tells when asked for more."""
    more = json.loads((info or {}).get("info", "{}"))
    ips: tuple[str, ...] = ()
    if info is not None:
        network = found.network
        ips = tuple(ip for ip in (network.ip, *(other.ip for other in network.additional_ips)) if ip)
    return Sandbox(
        id=found.id,
        pod=PodName(found.metadata.namespace, found.metadata.name, found.metadata.uid),
        attempt=found.metadata.attempt,
        ready=found.state == cri.SANDBOX_READY,
        created_at=_required_time(found.created_at),
        ips=ips,
        labels=dict(found.labels),
        annotations=dict(found.annotations),
        pid=int(more.get("pid") or 0),
    )


def listed_container(found: Any) -> Container:
    return Container(
        id=found.id,
        sandbox_id=found.pod_sandbox_id,
        name=found.metadata.name,
        attempt=found.metadata.attempt,
        state=_STATES.get(found.state, State.UNKNOWN),
        created_at=_required_time(found.created_at),
        image=found.image.image,
        image_ref=found.image_ref,
        labels=dict(found.labels),
        annotations=dict(found.annotations),
    )


def container(found: Any) -> Container:
    """From a ContainerStatus."""
    return Container(
        id=found.id,
        sandbox_id="",
        name=found.metadata.name,
        attempt=found.metadata.attempt,
        state=_STATES.get(found.state, State.UNKNOWN),
        created_at=_required_time(found.created_at),
        image=found.image.image,
        image_ref=found.image_ref,
        started_at=_time(found.started_at),
        finished_at=_time(found.finished_at),
        exit_code=found.exit_code,
        reason=found.reason,
        message=found.message,
        log_path=found.log_path,
        labels=dict(found.labels),
        annotations=dict(found.annotations),
    )


def image(found: Any) -> Image:
    return Image(
        id=found.id,
        tags=tuple(found.repo_tags),
        digests=tuple(found.repo_digests),
        size_bytes=found.size,
        uid=found.uid.value if found.HasField("uid") else None,
        username=found.username,
        pinned=found.pinned,
    )


def _time(nanoseconds: int) -> datetime | None:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC) if nanoseconds > 0 else None


def _required_time(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC)
