"""What an object names: pod templates their claims, secrets and config maps, routes their services. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from armillary.platform.capabilities.resources.decide.thing import Thing

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicaSet", "ReplicationController", "Pod")
CLAIM, SECRET, CONFIG_MAP, ACCOUNT = "PersistentVolumeClaim", "Secret", "ConfigMap", "ServiceAccount"
Json = Mapping[str, Any]
Named = tuple[str, str]  # kind and name, in the same namespace
_Use = tuple[str, str, bool]  # and whether it must be there


def template_of(thing: Thing) -> tuple[Mapping[str, str], Json]:
    """Labels and spec of the pods that a workload makes, or of the pod itself."""
    if thing.kind == "Pod":
        return thing.row.labels, thing.spec
    spec: Json = thing.spec
    if thing.kind == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    template = spec.get("template") or {}
    return (template.get("metadata") or {}).get("labels") or {}, template.get("spec") or {}


def used_by(thing: Thing) -> dict[Named, bool]:
    """What a workload's pods use, in the order in which it is named; whether they can't start without it."""
    _, pod = template_of(thing)
    found: dict[Named, bool] = {}
    for kind, name, is_required in _of_pod(pod):
        found[kind, name] = found.get((kind, name), False) or is_required
    for claim in thing.spec.get("volumeClaimTemplates") or () if thing.kind == "StatefulSet" else ():
        for number in range(int(thing.spec.get("replicas") or 0)):
            found[CLAIM, f"{claim['metadata']['name']}-{thing.name}-{number}"] = False  # it makes them itself
    return found


def _of_pod(pod: Json) -> Iterator[_Use]:
    for volume in pod.get("volumes") or ():
        yield from _of_volume(volume)
    for container in (*(pod.get("initContainers") or ()), *(pod.get("containers") or ())):
        for source in container.get("envFrom") or ():
            yield from _named(SECRET, source.get("secretRef"))
            yield from _named(CONFIG_MAP, source.get("configMapRef"))
        for variable in container.get("env") or ():
            value = variable.get("valueFrom") or {}
            yield from _named(SECRET, value.get("secretKeyRef"))
            yield from _named(CONFIG_MAP, value.get("configMapKeyRef"))
    for secret in pod.get("imagePullSecrets") or ():
        yield from _named(SECRET, {**secret, "optional": True})  # an image may be pulled without
    if pod.get("serviceAccountName") not in (None, "", "default"):
        yield ACCOUNT, str(pod["serviceAccountName"]), True


def _of_volume(volume: Json) -> Iterator[_Use]:
    yield from _named(CLAIM, volume.get("persistentVolumeClaim"), "claimName")
    yield from _named(SECRET, volume.get("secret"), "secretName")
    yield from _named(CONFIG_MAP, volume.get("configMap"))
    for source in (volume.get("projected") or {}).get("sources") or ():
        yield from _named(SECRET, source.get("secret"))
        # What every pod has: the cluster's certificate, for its account's token.
        yield from (n for n in _named(CONFIG_MAP, source.get("configMap")) if n[1] != "kube-root-ca.crt")


def _named(kind: str, reference: Json | None, key: str = "name") -> Iterator[_Use]:
    if reference and reference.get(key):
        yield kind, str(reference[key]), not reference.get("optional")


def leads_to(route: Thing) -> dict[str, None]:
    """The services of an Ingress."""
    spec = route.spec
    backends = [spec.get("defaultBackend")]
    backends += [path.get("backend") for rule in spec.get("rules") or () for path in _paths(rule)]
    services = ((backend or {}).get("service") or {} for backend in backends)
    return dict.fromkeys(str(service["name"]) for service in services if service.get("name"))


def _paths(rule: Json) -> list[Json]:
    return (rule.get("http") or {}).get("paths") or []


def shown_by(route: Thing) -> dict[str, None]:
    """The secrets that hold an Ingress's certificates."""
    return dict.fromkeys(str(tls["secretName"]) for tls in route.spec.get("tls") or () if tls.get("secretName"))


def selects(selector: Mapping[str, str] | None, labels: Mapping[str, str]) -> bool:
    """As a Service selects: without a selector it selects nothing."""
    return bool(selector) and selector is not None and selector.items() <= labels.items()
