"""Every namespace has a service account `default`, and a ConfigMap with the cluster's CA certificate.

Upstream: pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from msgspec import structs

from armillary.kube.kinds.core import CONFIG_MAP, NAMESPACE, SERVICE_ACCOUNT, ConfigMap, Namespace, ServiceAccount
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import Key, Object, is_ending
from armillary.kube.reconcile import Controller, Create, Decision, Reads, Update, Watch

ACCOUNT = "default"
CA_CONFIG_MAP = "kube-root-ca.crt"
CA_KEY = "ca.crt"
_DESCRIPTION = {
    "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using "
    "internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed "
    "across distributions of Kubernetes clusters."
}


@dataclass(frozen=True, slots=True)
class SeenAccount:
    namespace: Namespace
    account: ServiceAccount | None


@dataclass(frozen=True, slots=True)
class SeenMap:
    namespace: Namespace
    published: ConfigMap | None


def _is_living(namespace: Namespace) -> bool:
    return not is_ending(namespace) and namespace.status.phase in ("", "Active")


async def _observe_account(key: Key, reads: Reads) -> SeenAccount | None:
    namespace = reads.get(NAMESPACE, key[1])
    return SeenAccount(namespace, reads.get(SERVICE_ACCOUNT, ACCOUNT, key[1])) if namespace else None


def decide_account(seen: SeenAccount) -> Decision:
    if seen.account is not None or not _is_living(seen.namespace):
        return Decision("has its service account, or is going")
    made = ServiceAccount(metadata=ObjectMeta(name=ACCOUNT, namespace=seen.namespace.metadata.name))
    return Decision("lacks its default service account", (Create(SERVICE_ACCOUNT, made),))


async def _observe_map(key: Key, reads: Reads) -> SeenMap | None:
    namespace = reads.get(NAMESPACE, key[1])
    return SeenMap(namespace, reads.get(CONFIG_MAP, CA_CONFIG_MAP, key[1])) if namespace else None


def decide_map(ca_certificate: str, seen: SeenMap) -> Decision:
    if not _is_living(seen.namespace):
        return Decision("is going")
    old, data = seen.published, {CA_KEY: ca_certificate}
    if old is None:
        meta = ObjectMeta(name=CA_CONFIG_MAP, namespace=seen.namespace.metadata.name, annotations=_DESCRIPTION)
        return Decision("lacks the CA's certificate", (Create(CONFIG_MAP, ConfigMap(metadata=meta, data=data)),))
    if old.data == data and _DESCRIPTION.items() <= old.metadata.annotations.items():
        return Decision("has the CA's certificate")
    annotations = {**old.metadata.annotations, **_DESCRIPTION}
    new = structs.replace(old, data=data, metadata=structs.replace(old.metadata, annotations=annotations))
    return Decision("has another certificate than the CA's", (Update(CONFIG_MAP, new),))


def _namespace_of(name: str, item: Object, reads: Reads) -> Iterable[Key]:
    if item.metadata.name == name:
        yield "", item.metadata.namespace


SERVICE_ACCOUNTS = Controller(
    name="serviceaccount-controller",
    root=NAMESPACE,
    observe=_observe_account,
    decide=decide_account,
    watches=(Watch(SERVICE_ACCOUNT, partial(_namespace_of, ACCOUNT)),),
)


def root_ca_publisher(ca_certificate: str) -> Controller[SeenMap]:
    """For a CA whose certificate this is, in PEM."""
    return Controller(
        name="root-ca-certificate-publisher",
        root=NAMESPACE,
        observe=_observe_map,
        decide=partial(decide_map, ca_certificate),
        watches=(Watch(CONFIG_MAP, partial(_namespace_of, CA_CONFIG_MAP)),),
    )
