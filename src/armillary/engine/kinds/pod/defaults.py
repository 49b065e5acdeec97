"""What a pod gets when it does not say: defaults of pods and of pod templates, in place.

Rules: k8s.io/kubernetes, pkg/apis/core/v1 "SetDefaults_*". What admission adds (service account, tolerations,
priority, limits of the namespace) is not here.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from armillary.engine.kinds.claim import default_claim_spec
from armillary.engine.kinds.fields import fill, part
from armillary.engine.kinds.pod.resources import aggregate, is_huge_page, may_overcommit
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import format_quantity, settle_quantities, settle_quantity

_FILE_MODE = 0o644
_REFERENCE = re.compile(
    r"(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::[0-9]+)?/|\[[a-fA-F0-9:]+\](?::[0-9]+)?/)?"
    r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?P<digest>@[A-Za-z][A-Za-z0-9+.:_-]*)?"
)


def default_pod(pod: Json) -> None:
    """Defaults of a pod."""
    if pod.get("spec") is None:
        pod["spec"] = {}
    spec = pod["spec"]
    default_pod_spec(spec)
    for container in _ordinary(spec):
        _requests_from_limits(container)
    if resources := spec.get("resources"):
        settle_quantities(resources.get("limits"))
        settle_quantities(resources.get("requests"))
        _default_pod_resources(spec, resources)
    if spec.get("enableServiceLinks") is None:
        spec["enableServiceLinks"] = True
    if spec.get("hostNetwork"):
        _host_ports(spec)
    if (status := pod.get("status")) and status.get("podIP") and not status.get("podIPs"):
        status["podIPs"] = [{"ip": status["podIP"]}]


def default_pod_template(template: Json) -> None:
    """Defaults of a pod template; those that only pods have (requests from limits, service links) are left out."""
    if template.get("metadata") is None:
        template["metadata"] = {}
    if template.get("spec") is None:
        template["spec"] = {}
    default_pod_spec(template["spec"])


def default_pod_spec(spec: Json) -> None:
    """Defaults that pods and templates share."""
    for container in _ordinary(spec):
        _default_container(container)
    for container in spec.get("ephemeralContainers") or ():
        _default_container(container)
    for volume in spec.get("volumes") or ():
        _default_volume(volume)
    spec["dnsPolicy"] = spec.get("dnsPolicy") or "ClusterFirst"
    spec["restartPolicy"] = spec.get("restartPolicy") or "Always"
    spec["schedulerName"] = spec.get("schedulerName") or "default-scheduler"
    if spec.get("securityContext") is None:
        spec["securityContext"] = {}
    if spec.get("terminationGracePeriodSeconds") is None:
        spec["terminationGracePeriodSeconds"] = 30
    # The deprecated name stands beside the new one, whichever was given.
    if account := spec.get("serviceAccountName") or spec.get("serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    if overhead := spec.get("overhead"):
        settle_quantities(overhead)


def _ordinary(spec: Json) -> Iterable[Json]:
    yield from spec.get("containers") or ()
    yield from spec.get("initContainers") or ()


def _default_container(container: Json) -> None:
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = pull_policy(container.get("image") or "")
    container["terminationMessagePath"] = container.get("terminationMessagePath") or "/dev/termination-log"
    container["terminationMessagePolicy"] = container.get("terminationMessagePolicy") or "File"
    for port in container.get("ports") or ():
        port["protocol"] = port.get("protocol") or "TCP"
    if container.get("resources") is None:
        container["resources"] = {}
    elif resources := container["resources"]:
        settle_quantities(resources.get("limits"))
        settle_quantities(resources.get("requests"))
    for variable in container.get("env") or ():
        if source := variable.get("valueFrom"):
            _default_source(source)
    for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
        if (probe := container.get(kind)) is not None:
            _default_probe(probe)
    if lifecycle := container.get("lifecycle"):
        for hook in ("postStart", "preStop"):
            if (http := (lifecycle.get(hook) or {}).get("httpGet")) is not None:
                _default_http(http)


@lru_cache(maxsize=1024)
def pull_policy(image: str) -> str:
    """Always for `latest` (said or implied), else IfNotPresent."""
    found = _REFERENCE.fullmatch(image)
    if found is None:
        return "IfNotPresent"
    tag = found["tag"] or ("" if found["digest"] else "latest")
    return "Always" if tag == "latest" else "IfNotPresent"


def _default_source(source: Json) -> None:
    if (field := source.get("fieldRef")) is not None:
        field["apiVersion"] = field.get("apiVersion") or "v1"
    if (resource := source.get("resourceFieldRef")) is not None:
        _default_divisor(resource)
    if (file := source.get("fileKeyRef")) is not None and file.get("optional") is None:
        file["optional"] = False


def _default_divisor(resource: Json) -> None:
    if resource.get("divisor") is None:
        resource["divisor"] = "0"
    else:
        settle_quantity(resource, "divisor")


def _default_probe(probe: Json) -> None:
    probe["timeoutSeconds"] = probe.get("timeoutSeconds") or 1
    probe["periodSeconds"] = probe.get("periodSeconds") or 10
    probe["successThreshold"] = probe.get("successThreshold") or 1
    probe["failureThreshold"] = probe.get("failureThreshold") or 3
    if (http := probe.get("httpGet")) is not None:
        _default_http(http)
    if (grpc := probe.get("grpc")) is not None and grpc.get("service") is None:
        grpc["service"] = ""


def _default_http(http: Json) -> None:
    http["path"] = http.get("path") or "/"
    http["scheme"] = http.get("scheme") or "HTTP"


def _default_volume(volume: Json) -> None:
    source = next((k for k, v in volume.items() if k != "name" and v is not None), None)
    if source is None:
        volume["emptyDir"] = {}
        return
    given = volume[source]
    match source:
        case "emptyDir":
            settle_quantity(given, "sizeLimit")
        case "hostPath":
            fill(given, type="")
        case "secret" | "configMap":
            fill(given, defaultMode=_FILE_MODE)
        case "downwardAPI":
            fill(given, defaultMode=_FILE_MODE)
            _default_files(given)
        case "projected":
            fill(given, defaultMode=_FILE_MODE)
            _default_projections(given)
        case "image":
            given["pullPolicy"] = given.get("pullPolicy") or pull_policy(given.get("reference") or "")
        case "ephemeral":
            if (template := given.get("volumeClaimTemplate")) is not None:
                default_claim_spec(part(template, "spec"))
        case _:
            default_rare_volume(source, given)


def _default_files(downward: Json) -> None:
    for file in downward.get("items") or ():
        _default_source(file)


def _default_projections(projected: Json) -> None:
    for source in projected.get("sources") or ():
        if downward := source.get("downwardAPI"):
            _default_files(downward)
        if (token := source.get("serviceAccountToken")) is not None and token.get("expirationSeconds") is None:
            token["expirationSeconds"] = 3600


def default_rare_volume(source: str, given: Json) -> None:
    """Defaults of volume types that a plugin of old brought; pods and PersistentVolumes share them."""
    match source:
        case "iscsi":
            fill(given, iscsiInterface="default")
        case "rbd":
            fill(given, pool="rbd", user="admin", keyring="/etc/ceph/keyring")
        case "azureDisk":
            fill(given, cachingMode="ReadWrite", fsType="ext4", readOnly=False, kind="Shared")
        case "scaleIO":
            fill(given, storageMode="ThinProvisioned", fsType="xfs")


def _requests_from_limits(container: Json) -> None:
    resources = container.get("resources") or {}
    if limits := resources.get("limits"):
        requests = resources.get("requests") or {}
        resources["requests"] = {**limits, **requests} if requests else dict(limits)


def _default_pod_resources(spec: Json, own: Json) -> None:
    """Pod-level requests and limits that follow from those of the containers."""
    limits, requests = own.get("limits") or {}, own.get("requests") or {}
    if not limits and not requests:
        return
    for name, total in aggregate(spec, "limits").items():
        if is_huge_page(name) and name not in requests and name not in limits:
            limits[name] = format_quantity(total)
    if limits:
        own["limits"] = limits
        for name, total in aggregate(spec, "requests").items():
            if name in ("cpu", "memory") and may_overcommit(name) and name not in requests:
                requests[name] = format_quantity(total, binary=name == "memory")
        for name, value in limits.items():
            if name in ("cpu", "memory") or is_huge_page(name):
                requests.setdefault(name, value)
    if requests:
        own["requests"] = requests


def _host_ports(spec: Json) -> None:
    for container in _ordinary(spec):
        for port in container.get("ports") or ():
            if not port.get("hostPort") and port.get("containerPort"):
                port["hostPort"] = port["containerPort"]
