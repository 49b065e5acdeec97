"""Sources of volumes that a test fills by hand."""

from collections.abc import Callable

import msgspec

from armillary.engine.node.volumes.tokens import TokenWish
from armillary.kube.kinds.core import ConfigMap, PersistentVolume, PersistentVolumeClaim, Pod, Secret


class HandSources:
    def __init__(self) -> None:
        self.config_maps: dict[str, ConfigMap] = {}
        self.secrets: dict[str, Secret] = {}
        self.claims: dict[str, PersistentVolumeClaim] = {}
        self.volumes: dict[str, PersistentVolume] = {}
        self.tokens: list[TokenWish] = []
        self.followed: set[str] = set()
        self.listeners: list[Callable[[str], None]] = []

    async def config_map(self, name: str, namespace: str) -> ConfigMap | None:
        return self.config_maps.get(name)

    async def secret(self, name: str, namespace: str) -> Secret | None:
        return self.secrets.get(name)

    async def claim(self, name: str, namespace: str) -> PersistentVolumeClaim | None:
        return self.claims.get(name)

    async def volume(self, name: str) -> PersistentVolume | None:
        return self.volumes.get(name)

    async def token(self, wish: TokenWish) -> str:
        self.tokens.append(wish)
        return f"token for {wish.account}"

    def follow(self, pod: Pod) -> None:
        self.followed.add(pod.metadata.uid)

    def forget(self, pod_uid: str) -> None:
        self.followed.discard(pod_uid)

    def listen(self, listener: Callable[[str], None]) -> None:
        self.listeners.append(listener)

    def bind(self, claim: str, source: dict, **spec) -> None:
        """A claim of that name, bound to a volume `pv-<name>` of that source."""
        self.claims[claim] = msgspec.convert(
            {
                "metadata": {"name": claim, "uid": f"uid-{claim}"},
                "spec": {"volumeName": f"pv-{claim}"},
                "status": {"phase": "Bound"},
            },
            type=PersistentVolumeClaim,
        )
        self.volumes[f"pv-{claim}"] = msgspec.convert(
            {"metadata": {"name": f"pv-{claim}"}, "spec": {**source, **spec, "claimRef": {"uid": f"uid-{claim}"}}},
            type=PersistentVolume,
        )
