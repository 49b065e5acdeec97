"""Which pods stand behind which service, and on which ports: shared by endpoints and endpoint slices."""

import ipaddress
from collections.abc import Iterable

from armillary.engine.controllers.pods import is_finished
from armillary.kube.kinds.core import SERVICE, Pod, Service, ServicePort
from armillary.kube.object import Key, is_ending, key_of
from armillary.kube.reconcile import Index, Reads

HEADLESS = "service.kubernetes.io/headless"


def _by_selector(service: Service) -> Iterable[str]:
    """Under one of its labels: every pod it selects has that label."""
    pairs = sorted(service.spec.selector.items())[:1]
    return [f"{service.metadata.namespace}/{key}={value}" for key, value in pairs]


BY_SELECTOR = Index(SERVICE, "selector", _by_selector)


def services_of(pod: Pod, reads: Reads) -> Iterable[Key]:
    """The services of its namespace that select a pod."""
    labels = pod.metadata.labels
    for key, value in labels.items():
        for service in reads.by(SERVICE, BY_SELECTOR.name, f"{pod.metadata.namespace}/{key}={value}"):
            if service.spec.selector.items() <= labels.items():
                yield key_of(service)


def has_endpoints(service: Service) -> bool:
    """Whether its endpoints are ours to make: others bring their own, or are a mere name."""
    return service.spec.type != "ExternalName" and bool(service.spec.selector)


def is_headless(service: Service) -> bool:
    return service.spec.cluster_ip in ("", "None")


def may_serve(pod: Pod, *, ending_too: bool) -> bool:
    return not is_finished(pod) and bool(addresses(pod)) and (ending_too or not is_ending(pod))


def addresses(pod: Pod) -> list[str]:
    many = [entry.ip for entry in pod.status.pod_ips]
    return many or [pod.status.pod_ip] * bool(pod.status.pod_ip)


def family(address: str) -> str:
    return "IPv6" if ipaddress.ip_address(address).version == 6 else "IPv4"


def families(service: Service) -> tuple[str, ...]:
    if service.spec.ip_families:
        return service.spec.ip_families
    ip = service.spec.cluster_ip
    return ("IPv4",) if ip in ("", "None") else (family(ip),)


def hostname(pod: Pod, service: Service) -> str:
    """The name DNS gives a pod under its own headless service."""
    return pod.spec.hostname if pod.spec.subdomain == service.metadata.name else ""


def target_port(pod: Pod, port: ServicePort) -> int | None:
    """The number of the port meant; a name is looked up in the pod's containers."""
    target = port.target_port if port.target_port not in (None, 0, "") else port.port
    if isinstance(target, int):
        return target
    sidecars = [c for c in pod.spec.init_containers if c.restart_policy == "Always"]
    for container in (*pod.spec.containers, *sidecars):
        for candidate in container.ports:
            if candidate.name == target and (candidate.protocol or "TCP") == (port.protocol or "TCP"):
                return candidate.container_port
    return None
