"""A pod's containers, whatever their sort."""

from armillary.kube.kinds.core import Container, EphemeralContainer, Pod

AnyContainer = Container | EphemeralContainer


def all_containers(pod: Pod) -> tuple[AnyContainer, ...]:
    """Init containers, containers, ephemeral containers."""
    return (*pod.spec.init_containers, *pod.spec.containers, *pod.spec.ephemeral_containers)


def lasting_containers(pod: Pod) -> tuple[Container, ...]:
    """All but the ephemeral ones: those that were there when the pod was made."""
    return (*pod.spec.init_containers, *pod.spec.containers)
