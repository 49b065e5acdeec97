"""What each volume of a pod is on this node: reads what it refers to, decides, changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from armillary.base.quantity import parse_quantity, whole
from armillary.engine.node.containers import all_containers
from armillary.engine.node.faults import MountError
from armillary.engine.node.resources import pod_resources
from armillary.engine.node.volumes.atomic import File
from armillary.engine.node.volumes.ownership import user_of_files
from armillary.engine.node.volumes.payload import DEFAULT_MODE, config_map_files, downward_files, secret_files
from armillary.engine.node.volumes.sources import Sources
from armillary.engine.node.volumes.tokens import TokenWish
from armillary.kube.kinds.core import (
    ConfigMapProjection,
    ConfigMapVolumeSource,
    CSIVolumeSource,
    DownwardAPIVolumeSource,
    EmptyDirVolumeSource,
    HostPathVolumeSource,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    ProjectedVolumeSource,
    SecretProjection,
    SecretVolumeSource,
    ServiceAccountTokenProjection,
    Volume,
    VolumeProjection,
)

TOKEN_SECONDS = 3600
_TOKEN_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Scratch:
    """An empty directory; in memory, if `memory_bytes` says how large it may get."""

    path: Path
    memory_bytes: int | None = None
    read_only = False


@dataclass(frozen=True, slots=True)
class Files:
    """Files that we write; kept in memory unless they are a config map's."""

    path: Path
    files: Mapping[str, File]
    in_memory: bool
    read_only = True


@dataclass(frozen=True, slots=True)
class HostPath:
    """A path of the host, used as it is."""

    path: Path
    type: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """A directory elsewhere (a local PersistentVolume), bound to the pod's place for it."""

    path: Path
    source: str
    volume_name: str
    read_only: bool = False


Plan = Scratch | Files | HostPath | Bound


def used_volumes(pod: Pod) -> tuple[Volume, ...]:
    """Volumes that some container mounts; the others need not be there."""
    containers = all_containers(pod)
    named = {m.name for c in containers for m in c.volume_mounts}
    named |= {d.name for c in containers for d in c.volume_devices}
    return tuple(volume for volume in pod.spec.volumes if volume.name in named)


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans the volumes of pods whose directories stand in `pods`."""

    pods: Path
    sources: Sources
    allocatable: Callable[[], Mapping[str, str]]

    def place(self, pod: Pod, plugin: str, name: str) -> Path:
        return self.pods / pod.metadata.uid / "volumes" / f"kubernetes.io~{plugin}" / name

    async def plan(self, volume: Volume, pod: Pod) -> Plan:
        """Raises MountError, whose text is that of a FailedMount event, or ApiError."""
        if volume.persistent_volume_claim is not None:
            claim = volume.persistent_volume_claim
            return await self._claimed(claim.claim_name, claim.read_only is True, volume, pod)
        if volume.ephemeral is not None:
            return await self._claimed(f"{pod.metadata.name}-{volume.name}", False, volume, pod)
        try:
            return await self._direct(volume, pod)
        except MountError as exc:
            raise MountError(f'MountVolume.SetUp failed for volume "{volume.name}" : {exc}') from exc

    async def _direct(self, volume: Volume, pod: Pod) -> Plan:
        name, namespace = volume.name, pod.metadata.namespace
        match volume:
            case Volume(empty_dir=EmptyDirVolumeSource() as empty):
                return self._scratch(empty, name, pod)
            case Volume(host_path=HostPathVolumeSource() as host):
                return HostPath(Path(host.path), host.type)
            case Volume(config_map=ConfigMapVolumeSource() as source):
                files = await self._config_map(source, _mode(source.default_mode), namespace)
                return Files(self.place(pod, "configmap", name), files, in_memory=False)
            case Volume(secret=SecretVolumeSource() as secret):
                files = await self._secret(secret, secret.secret_name, _mode(secret.default_mode), namespace)
                return Files(self.place(pod, "secret", name), files, in_memory=True)
            case Volume(downward_api=DownwardAPIVolumeSource() as told):
                files = downward_files(told.items, pod, _mode(told.default_mode), self.allocatable())
                return Files(self.place(pod, "downward-api", name), files, in_memory=True)
            case Volume(projected=ProjectedVolumeSource() as projected):
                return Files(self.place(pod, "projected", name), await self._projected(projected, pod), in_memory=True)
            case Volume(csi=CSIVolumeSource() as csi):
                raise MountError(
                    "kubernetes.io/csi: mounter.SetUpAt failed to get CSI client:"
                    f" driver name {csi.driver} not found in the list of registered CSI drivers"
                )
        raise MountError(f"{_type_of(volume)} volumes are not supported on this node")

    async def _config_map(
        self, wanted: ConfigMapVolumeSource | ConfigMapProjection, mode: int, namespace: str
    ) -> dict[str, File]:
        found = await self.sources.config_map(wanted.name, namespace)
        return config_map_files(found, wanted.items, mode, name=wanted.name, optional=wanted.optional is True)

    async def _secret(
        self, wanted: SecretVolumeSource | SecretProjection, name: str, mode: int, namespace: str
    ) -> dict[str, File]:
        found = await self.sources.secret(name, namespace)
        return secret_files(found, wanted.items, mode, name=name, optional=wanted.optional is True)

    async def _projected(self, projected: ProjectedVolumeSource, pod: Pod) -> dict[str, File]:
        files: dict[str, File] = {}
        faults = []
        for source in projected.sources:
            try:
                files |= await self._project(source, _mode(projected.default_mode), pod)
            except MountError as exc:
                faults.append(str(exc))
        if faults:
            raise MountError(faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]")
        return files

    async def _project(self, source: VolumeProjection, mode: int, pod: Pod) -> dict[str, File]:
        namespace = pod.metadata.namespace
        if source.config_map is not None:
            return await self._config_map(source.config_map, mode, namespace)
        if source.secret is not None:
            return await self._secret(source.secret, source.secret.name, mode, namespace)
        if source.downward_api is not None:
            return downward_files(source.downward_api.items, pod, mode, self.allocatable())
        if source.service_account_token is not None:
            return await self._token(source.service_account_token, mode, pod)
        if source.cluster_trust_bundle is not None and source.cluster_trust_bundle.optional:
            return {source.cluster_trust_bundle.path: File(b"", mode)}
        raise MountError("clusterTrustBundle and podCertificate projections are not supported on this node")

    async def _token(self, wanted: ServiceAccountTokenProjection, mode: int, pod: Pod) -> dict[str, File]:
        wish = TokenWish(
            namespace=pod.metadata.namespace,
            account=pod.spec.service_account_name or "default",
            audience=wanted.audience,
            seconds=wanted.expiration_seconds or TOKEN_SECONDS,
            pod_name=pod.metadata.name,
            pod_uid=pod.metadata.uid,
        )
        user = user_of_files(pod)
        group = pod.spec.security_context.fs_group if pod.spec.security_context else None
        # One user, or a group that gets its share of the mode later: nobody else need read it.
        mode = mode if user is None and group is None else _TOKEN_MODE
        return {wanted.path: File((await self.sources.token(wish)).encode(), mode, user)}

    def _scratch(self, source: EmptyDirVolumeSource, name: str, pod: Pod) -> Scratch:
        path = self.place(pod, "empty-dir", name)
        match source.medium:
            case "":
                return Scratch(path)
            case "Memory":
                return Scratch(path, memory_volume_bytes(source.size_limit, pod, self.allocatable()))
        raise MountError(f'unknown storage medium "{source.medium}"')

    async def _claimed(self, name: str, read_only: bool, volume: Volume, pod: Pod) -> Plan:
        namespace = pod.metadata.namespace
        claim = await self.sources.claim(name, namespace)
        fault = _unusable(claim, name, namespace, pod if volume.ephemeral else None)
        if fault or claim is None:
            names = f"[{volume.name}]"
            raise MountError(
                f"Unable to attach or mount volumes: unmounted volumes={names}, unattached volumes=[],"
                f" failed to process volumes={names}: error processing PVC {namespace}/{name}: {fault}"
            )
        found = await self.sources.volume(claim.spec.volume_name)
        if found is None or found.spec.claim_ref is None or found.spec.claim_ref.uid != claim.metadata.uid:
            lost = f'persistentvolume "{claim.spec.volume_name}" not found or not bound to this claim'
            raise MountError(f'MountVolume.SetUp failed for volume "{claim.spec.volume_name}" : {lost}')
        return self._persistent(found, read_only, pod)

    def _persistent(self, volume: PersistentVolume, read_only: bool, pod: Pod) -> Plan:
        name, spec = volume.metadata.name, volume.spec
        if spec.volume_mode == "Block":
            raise MountError(f'MapVolume.SetUpDevice failed for volume "{name}" : block volumes are not supported')
        if spec.host_path is not None:
            return HostPath(Path(spec.host_path.path), spec.host_path.type, read_only)
        if spec.local is not None:
            return Bound(self.place(pod, "local-volume", name), spec.local.path, name, read_only)
        if spec.csi is not None:
            raise MountError(
                f'MountVolume.MountDevice failed for volume "{name}" : kubernetes.io/csi: attacher.MountDevice failed'
                f" to create newCsiDriverClient: driver name {spec.csi.driver} not found in the list of registered"
                " CSI drivers"
            )
        kind = next(
            (field for field in ("nfs", "iscsi", "cephfs", "rbd", "fc") if getattr(spec, field)), "this type of"
        )
        raise MountError(
            f'MountVolume.SetUp failed for volume "{name}" : {kind} volumes are not supported on this node'
        )


def memory_volume_bytes(size_limit: str, pod: Pod, allocatable: Mapping[str, str]) -> int:
    """The least of the node's memory, the pod's limit and the volume's own."""
    size = whole(allocatable.get("memory", "0"))
    for limit in (pod_resources(pod).memory_limit_bytes or 0, int(parse_quantity(size_limit or "0"))):
        if limit > 0 and (limit <= size or not size):
            size = limit
    return size


def _unusable(claim: PersistentVolumeClaim | None, name: str, namespace: str, owner: Pod | None) -> str:
    if claim is None:
        return f'failed to fetch PVC from API server: persistentvolumeclaims "{name}" not found'
    if owner is not None and all(o.uid != owner.metadata.uid for o in claim.metadata.owner_references):
        pod_name = f"{namespace}/{owner.metadata.name}"
        return f"PVC {namespace}/{name} was not created for pod {pod_name} (pod is not owner)"
    if claim.metadata.deletion_timestamp:
        return "PVC is being deleted"
    if claim.status.phase != "Bound" or not claim.spec.volume_name:
        return "PVC is not bound"
    return ""


def _mode(given: int | None) -> int:
    return DEFAULT_MODE if given is None else given


def _type_of(volume: Volume) -> str:
    fields = (name for name in volume.__struct_fields__ if name != "name" and getattr(volume, name) is not None)
    return next(fields, "unknown").replace("_", "")
