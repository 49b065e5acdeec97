"""Whether a pod uses more local storage than it may: why it is evicted. Pure; words as kubelet's eviction manager."""

from collections.abc import Mapping

from armillary.base.quantity import canonical, whole
from armillary.kube.kinds.core import Pod
from armillary.kube.requests import pod_amounts

_STORAGE = "ephemeral-storage"


def storage_excess(pod: Pod, volumes: Mapping[str, int], containers: Mapping[str, int]) -> str:
    """Why the pod is to be evicted, or "".

    `volumes` and `containers` are bytes used, by name: a volume's, and a container's logs and root file system.
    """
    for volume in pod.spec.volumes:
        limit = volume.empty_dir.size_limit if volume.empty_dir is not None else ""
        if limit and 0 < whole(limit) < volumes.get(volume.name, 0):
            return f'Usage of EmptyDir volume "{volume.name}" exceeds the limit "{canonical(limit)}". '
    total = pod_amounts(pod.spec, "limits").get(_STORAGE, 0)
    on_disk = {v.name for v in pod.spec.volumes if v.empty_dir is not None and v.empty_dir.medium == ""}
    used = sum(containers.values()) + sum(size for name, size in volumes.items() if name in on_disk)
    if 0 < total < used:
        return f"Pod ephemeral local storage usage exceeds the total limit of containers {_binary(total)}. "
    for container in pod.spec.containers:
        limit = container.resources.limits.get(_STORAGE, "") if container.resources else ""
        if limit and whole(limit) < containers.get(container.name, 0):
            return f'Container {container.name} exceeded its local ephemeral storage limit "{canonical(limit)}". '
    return ""


def _binary(count: int) -> str:
    return canonical(f"{count // 1024}Ki") if count % 1024 == 0 else str(count)
