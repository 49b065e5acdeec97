"""The pods of this node as what is measured. Pure."""

from collections.abc import Iterable, Sequence

from armillary.engine.node.launch import log_directory, log_path
from armillary.engine.node.record import PodRecord
from armillary.engine.node.resources import cgroup_of
from armillary.engine.node.settings import NodeSettings
from armillary.engine.node.stats.subjects import ContainerSubject, PodSubject, VolumeSubject


def subjects_of(records: Iterable[PodRecord], settings: NodeSettings) -> Sequence[PodSubject]:
    """Pods with a sandbox, and their containers that run."""
    return [_pod(record, settings) for record in records if record.sandbox.ready]


def _pod(record: PodRecord, settings: NodeSettings) -> PodSubject:
    pod, meta = record.pod, record.pod.metadata
    cgroup, logs = cgroup_of(settings.cgroup_root, pod), log_directory(settings, pod)
    containers = tuple(
        ContainerSubject(
            name=found.name,
            id=run.id,
            cgroup=f"{cgroup}/{run.id}",
            image=run.image,
            started=run.started_at or record.started_at,
            logs=logs / log_path(found.name, run.attempt),
        )
        for found in record.containers.values()
        if found.is_running and (run := found.current) is not None
    )
    volumes = tuple(
        VolumeSubject(
            name=volume.name,
            path=settings.pods / meta.uid / "volumes" / "kubernetes.io~empty-dir" / volume.name,
            whole=volume.empty_dir.medium == "Memory",
            ephemeral=volume.empty_dir.medium != "Memory",
        )
        for volume in pod.spec.volumes
        if volume.empty_dir is not None
    )
    return PodSubject(
        name=meta.name,
        namespace=meta.namespace,
        uid=meta.uid,
        cgroup=cgroup,
        started=record.started_at,
        containers=containers,
        network_pid=None if pod.spec.host_network else record.sandbox.pid or None,
        volumes=volumes,
    )
