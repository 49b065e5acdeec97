"""A claim of class local-path gets a directory and a volume; when released, both go."""

from pathlib import Path

import msgspec
import pytest
from tests.unit.engine.node.clock import TestClock

from armillary.engine.node.provisioner import provisioner, reclaimer
from armillary.engine.node.volumes.mounts import bind, unmount
from armillary.kube.events import Record
from armillary.kube.kinds.core import NODE, PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM
from armillary.kube.kinds.storage import STORAGE_CLASS
from armillary.kube.reconcile import Create, Delete

SELECTED = {"volume.kubernetes.io/selected-node": "n1"}
OURS = {"pv.kubernetes.io/provisioned-by": "armillary.io/local-path"}


class World:
    """What the caches hold."""

    def __init__(self, volumes: Path) -> None:
        self.volumes, self.items = volumes, {}
        self.add(NODE, "n1", {"metadata": {"labels": {"kubernetes.io/hostname": "host-1"}}})

    def add(self, kind, name: str, given: dict, namespace: str = "") -> None:
        meta = {"name": name, "namespace": namespace, "uid": f"uid-{name}", **given.get("metadata", {})}
        self.items[kind.plural, namespace, name] = msgspec.convert({**given, "metadata": meta}, type=kind.type)

    def storage_class(self, **given) -> None:
        made = {"provisioner": "armillary.io/local-path", "volumeBindingMode": "WaitForFirstConsumer", **given}
        self.add(STORAGE_CLASS, "local-path", made)

    def claim(self, annotations: dict | None = None, **spec) -> None:
        spec = {
            "storageClassName": "local-path",
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            **spec,
        }
        given = {"metadata": {"annotations": SELECTED if annotations is None else annotations}, "spec": spec}
        self.add(PERSISTENT_VOLUME_CLAIM, "data", given, "shop")

    def volume(self, phase: str = "Released", policy: str = "Delete", annotations: dict = OURS, path: str = "") -> Path:
        place = self.volumes / "pvc-1"
        place.mkdir(exist_ok=True)
        (place / "f").touch()
        spec = {"persistentVolumeReclaimPolicy": policy, "local": {"path": path or str(place)}}
        meta = {"annotations": annotations}
        self.add(PERSISTENT_VOLUME, "pvc-1", {"metadata": meta, "spec": spec, "status": {"phase": phase}})
        return place

    def get(self, kind, name, namespace=""):
        return self.items.get((kind.plural, namespace, name))

    def list(self, kind, namespace=""):
        return [item for (plural, _, _), item in self.items.items() if plural == kind.plural]

    def by(self, kind, index, value):
        return []

    def now(self):
        return TestClock().now()

    async def provision(self):
        return await self._reconcile(provisioner(self.volumes, "n1"), ("shop", "data"))

    async def reclaim(self):
        return await self._reconcile(reclaimer(self.volumes), ("", "pvc-1"))

    async def _reconcile(self, controller, key):
        seen = await controller.observe(key, self)
        return controller.decide(seen).actions if seen is not None else None


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = World(tmp_path)
    found.storage_class()
    return found


async def test_a_claim_gets_a_directory_and_a_volume(world: World):
    world.claim()
    first, create, last = await world.provision()
    assert isinstance(create, Create)
    path = world.volumes / "pvc-uid-data"
    assert path.stat().st_mode & 0o777 == 0o777
    made = msgspec.to_builtins(create.item)
    made.pop("status")
    assert made == {
        "metadata": {"name": "pvc-uid-data", "annotations": OURS},
        "spec": {
            "accessModes": ("ReadWriteOnce",),
            "capacity": {"storage": "1Gi"},
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "name": "data",
                "namespace": "shop",
                "uid": "uid-data",
            },
            "local": {"path": str(path)},
            "nodeAffinity": {
                "required": {
                    "nodeSelectorTerms": (
                        {
                            "matchExpressions": (
                                {"key": "kubernetes.io/hostname", "operator": "In", "values": ("host-1",)},
                            )
                        },
                    )
                }
            },
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": "local-path",
            "volumeMode": "Filesystem",
        },
    }
    assert (first.reason, last.reason) == ("Provisioning", "ProvisioningSucceeded")
    assert last.message == "Successfully provisioned volume pvc-uid-data"


@pytest.mark.parametrize(
    ("storage_class", "claim"),
    [
        ({}, {"annotations": {}}),  # no pod yet
        ({}, {"annotations": {"volume.kubernetes.io/selected-node": "other"}}),
        ({"provisioner": "other"}, {}),
        ({}, {"volumeName": "pv"}),
        ({}, {"storageClassName": ""}),
    ],
)
async def test_other_claims_are_left_alone(world: World, storage_class: dict, claim: dict):
    world.storage_class(**storage_class)
    world.claim(**claim)
    assert await world.provision() is None
    assert list(world.volumes.iterdir()) == []


async def test_an_immediate_class_waits_for_nobody(world: World):
    world.storage_class(volumeBindingMode="Immediate", reclaimPolicy="Retain")
    world.claim(annotations={})
    _, create, _ = await world.provision()
    assert create.item.spec.persistent_volume_reclaim_policy == "Retain"


async def test_a_volume_is_made_once(world: World):
    world.claim()
    world.add(PERSISTENT_VOLUME, "pvc-uid-data", {})
    assert await world.provision() is None


@pytest.mark.parametrize(
    ("spec", "because"),
    [
        ({"volumeMode": "Block"}, "block volumes are not supported"),
        ({"selector": {}}, "claim.spec.selector is not supported"),
        ({"dataSource": {"kind": "X", "name": "x"}}, "claim.spec.dataSource is not supported"),
    ],
)
async def test_what_cannot_be_had_is_told(world: World, spec: dict, because: str):
    world.claim(**spec)
    (record,) = await world.provision()
    assert isinstance(record, Record)
    assert (record.type, record.reason) == ("Warning", "ProvisioningFailed")
    assert record.message == f'failed to provision volume with StorageClass "local-path": {because}'


async def test_a_claim_older_than_its_class_is_looked_at_when_the_class_comes(world: World):
    world.claim()
    (watch,) = provisioner(world.volumes, "n1").watches
    assert list(watch.keys(world.get(STORAGE_CLASS, "local-path"), world)) == [("shop", "data")]


async def test_a_released_volume_goes_with_its_data(world: World):
    place = world.volume()
    (delete,) = await world.reclaim()
    assert delete == Delete(PERSISTENT_VOLUME, ("", "pvc-1"), "uid-pvc-1")
    assert not place.exists()
    (again,) = await world.reclaim()
    assert again == delete


@pytest.mark.parametrize(
    "given", [{"phase": "Bound"}, {"phase": "Available"}, {"policy": "Retain"}, {"annotations": {}}]
)
async def test_other_volumes_keep_their_data(world: World, given: dict):
    place = world.volume(**given)
    assert await world.reclaim() is None
    assert (place / "f").exists()


async def test_only_its_own_directories_are_deleted(world: World, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    world.volume(path=str(other))
    (record,) = await world.reclaim()
    assert record.reason == "VolumeFailedDelete"
    assert other.exists()


@pytest.mark.machine
async def test_what_is_mounted_in_a_volume_is_not_deleted(world: World, tmp_path_factory):
    precious = tmp_path_factory.mktemp("precious")
    (precious / "f").touch()
    inner = world.volume() / "inner"
    inner.mkdir()
    bind(str(precious), inner)
    try:
        (record,) = await world.reclaim()
        assert record.reason == "VolumeFailedDelete"
    finally:
        unmount(str(inner))
    assert (precious / "f").exists()
