"""Who takes part in the pods' network."""

import pytest

from armillary.engine.network.policies.members import NamedPort, member
from armillary.kube.kinds.core import Container, ContainerPort, Pod, PodSpec, PodStatus
from armillary.kube.kinds.meta import ObjectMeta


def pod(
    uid: str, ip: str = "", *, phase: str = "Running", host: bool = False, created: str = "2026-01-01T00:00:00Z",
    deleted: str = "", label: str = "",
) -> Pod:  # fmt: skip
    meta = ObjectMeta(
        name=uid, namespace="d", uid=uid, creation_timestamp=created, deletion_timestamp=deleted, labels={"app": label}
    )
    spec = PodSpec(containers=(Container(name="c"),), host_network=host)
    return Pod(metadata=meta, spec=spec, status=PodStatus(pod_ip=ip, phase=phase))


@pytest.mark.parametrize(
    ("one", "takes_part"),
    [
        (pod("a", "10.0.0.1"), True),
        (pod("a"), False),
        (pod("a", "10.0.0.1", host=True), False),
        (pod("a", "10.0.0.1", phase="Succeeded"), False),
        (pod("a", "10.0.0.1", phase="Failed"), False),
        (pod("a", "fd00::1"), False),
        (pod("a", "10.0.0.1", deleted="2026-01-01T00:00:09Z"), True),
    ],
    ids=["runs", "no address yet", "host network", "done", "failed", "IPv6", "is ending"],
)
def test_who_takes_part(one: Pod, takes_part: bool) -> None:
    assert (member(one) is not None) is takes_part


def test_named_ports_of_containers_and_sidecars() -> None:
    ports = (ContainerPort(name="http", container_port=80), ContainerPort(container_port=81))
    again = (
        ContainerPort(name="http", container_port=90),
        ContainerPort(name="http", container_port=91, protocol="UDP"),
    )
    spec = PodSpec(
        containers=(Container(name="a", ports=ports),),
        init_containers=(
            Container(name="b", restart_policy="Always", ports=again),
            Container(name="c", ports=(ContainerPort(name="once", container_port=1),)),
        ),
    )
    found = member(Pod(spec=spec, status=PodStatus(pod_ip="10.0.0.1")))
    assert found is not None
    assert found.ports == (NamedPort("http", "tcp", 80), NamedPort("http", "udp", 91))
