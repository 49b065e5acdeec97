"""The roll has each pod from before its first container until after its last, whatever its object says."""

import pytest

from armillary.engine.network.policies.roll import Roll
from armillary.kube.kinds.core import Container, Pod, PodSpec, PodStatus
from armillary.kube.kinds.meta import ObjectMeta

A, B = "10.0.0.1", "10.0.0.2"


def pod(
    uid: str, ip: str = "", *, app: str = "", phase: str = "Running", created: str = "2026-01-01T00:00:00Z",
    deleted: str = "", host: bool = False,
) -> Pod:  # fmt: skip
    meta = ObjectMeta(
        name="p", namespace="d", uid=uid, creation_timestamp=created, deletion_timestamp=deleted,
        labels={"app": app or uid},
    )  # fmt: skip
    spec = PodSpec(containers=(Container(name="c"),), host_network=host)
    return Pod(metadata=meta, spec=spec, status=PodStatus(pod_ip=ip, phase=phase))


def present(roll: Roll) -> dict[str, str]:
    """Address -> label."""
    return {one.address: one.labels["app"] for one in roll.members()}


def test_a_pod_is_there_before_its_status_tells_its_address() -> None:
    roll = Roll()
    assert not roll.see(None, pod("a"))
    roll.join(pod("a"), A)
    assert present(roll) == {A: "a"}
    assert not roll.see(pod("a"), pod("a", A)), "which tells nothing new"
    assert present(roll) == {A: "a"}


def test_a_pod_whose_object_is_gone_stays_until_it_has_left() -> None:
    roll = Roll()
    roll.join(pod("a"), A)
    roll.see(None, pod("a", A))
    roll.see(pod("a", A), None)
    assert present(roll) == {A: "a"}
    roll.leave(pod("a", A))
    assert present(roll) == {}


def test_one_that_left_does_not_come_back_by_its_status() -> None:
    roll = Roll()
    roll.join(pod("a"), A)
    roll.see(None, pod("a", A))
    roll.leave(pod("a", A))
    assert not roll.see(pod("a", A), pod("a", A, app="other"))
    assert present(roll) == {}
    roll.join(pod("a"), B)
    assert present(roll) == {B: "a"}, "but by a new sandbox"
    roll.see(pod("a", A), pod("a", A, app="b"))
    assert present(roll) == {B: "b"}, "whose address counts, not the status's"


@pytest.mark.parametrize("first", [True, False])
def test_pods_from_before_this_process_are_there_by_their_status(first: bool) -> None:
    roll = Roll()
    old = pod("old", A, deleted="2026-01-01T00:00:09Z", created="2026-01-01T00:00:02Z")
    new = pod("new", A, created="2026-01-01T00:00:01Z")
    for one in (old, new) if first else (new, old):
        roll.see(None, one)
    assert present(roll) == {A: "new"}, "the address has passed on"


def test_who_is_given_an_address_has_it() -> None:
    roll = Roll()
    roll.see(None, pod("old", A, created="2026-01-01T00:00:09Z"))
    roll.join(pod("new"), A)
    assert present(roll) == {A: "new"}


def test_labels_and_ends_are_seen_and_readiness_is_not() -> None:
    roll = Roll()
    assert roll.see(None, pod("a", A))
    assert not roll.see(pod("a", A), pod("a", A, deleted="2026-01-01T00:00:09Z"))
    assert roll.see(pod("a", A), pod("a", A, app="b"))
    assert roll.see(pod("a", A, app="b"), pod("a", A, app="b", phase="Succeeded"))
    assert present(roll) == {}
    assert not roll.see(None, pod("h", B, host=True))


def test_another_pod_of_the_same_name_is_another() -> None:
    roll = Roll()
    roll.join(pod("a"), A)
    roll.see(None, pod("a", A))
    assert not roll.see(pod("a", A), pod("b")), "it has no address yet"
    assert present(roll) == {A: "a"}
    roll.join(pod("b"), B)
    roll.leave(pod("a"))
    assert present(roll) == {B: "b"}
