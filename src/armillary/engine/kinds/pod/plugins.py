"""Volume types that plugins bring: clouds, network file systems, CSI. Pods and PersistentVolumes share most rules.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "validate*VolumeSource" and "validate*PersistentVolumeSource".
Fields are relative to the source.
"""

import re
from collections.abc import Callable

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import invalid, not_supported, required, too_long, unsupported, wrong
from armillary.engine.kinds.resource import Json

Check = Callable[[Json], list[Cause]]

REQUIRED: dict[str, tuple[str, ...]] = {
    "gcePersistentDisk": ("pdName",),
    "awsElasticBlockStore": ("volumeID",),
    "nfs": ("server", "path"),
    "iscsi": ("targetPortal", "iqn"),
    "glusterfs": ("endpoints", "path"),
    "rbd": ("monitors", "image"),
    "cinder": ("volumeID",),
    "cephfs": ("monitors",),
    "flexVolume": ("driver",),
    "azureFile": ("secretName", "shareName"),
    "vsphereVolume": ("volumePath",),
    "photonPersistentDisk": ("pdID",),
    "portworxVolume": ("volumeID",),
    "azureDisk": ("diskName", "diskURI"),
    "storageos": ("volumeName",),
    "scaleIO": ("gateway", "system", "volumeName"),
    "quobyte": ("volume",),
}
_INITIATORS = {
    "iqn": re.compile(r"iqn\.\d{4}-\d{2}\.([A-Za-z0-9.\-]+)(:[^,;*&$|\s]+)$"),
    "eui": re.compile(r"^eui.[A-Za-z0-9]{16}$"),
    "naa": re.compile(r"^naa.[A-Za-z0-9]{32}$"),
}
_MANAGED_DISK = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
_BLOB_DISK = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
_HOST_PORTS = "must be a host:port pair or multiple pairs separated by commas"


def check_plugin(kind: str, source: Json, *, persistent: bool) -> list[Cause]:
    """A source of one of the kinds in `REQUIRED`, or `fc` or `flocker`."""
    found = [required(field) for field in REQUIRED.get(kind, ()) if not source.get(field)]
    if special := _SPECIAL.get(kind):
        found += special(source)
    if persistent and (secret := source.get("secretRef")) is not None and kind in ("cinder", "storageos"):
        found += [required(f"secretRef.{part}") for part in ("name", "namespace") if not secret.get(part)]
    elif (secret := source.get("secretRef")) is not None and kind in ("cinder", "storageos"):
        found += [] if secret.get("name") else [required("secretRef.name")]
    if persistent and source.get("secretNamespace") == "":
        found.append(required("secretNamespace"))
    return found


def check_csi_driver_name(name: str, field: str = "driver") -> list[Cause]:
    """The name under which a CSI driver is known."""
    if not name:
        return [required(field)]
    found = [too_long(field, 63)] if names.size(name) > 63 else []
    return found + wrong(field, name, names.dns_subdomain(name.lower()))


def check_secret_reference(secret: Json, field: str) -> list[Cause]:
    """A Secret with its namespace."""
    name, namespace = secret.get("name") or "", secret.get("namespace") or ""
    found = wrong(f"{field}.name", name, names.dns_subdomain(name)) if name else [required(f"{field}.name")]
    if not namespace:
        return [*found, required(f"{field}.namespace")]
    return found + wrong(f"{field}.namespace", namespace, names.dns_label(namespace))


def check_csi(source: Json) -> list[Cause]:
    """The inline CSI volume of a pod."""
    found = check_csi_driver_name(source.get("driver") or "")
    if (secret := source.get("nodePublishSecretRef")) is not None:
        name = secret.get("name") or ""
        if not name:
            found.append(required("nodePublishSecretRef.name"))
        found += wrong("name", name, names.dns_subdomain(name)) if name else []
    return found


def check_persistent_csi(source: Json) -> list[Cause]:
    """The CSI source of a PersistentVolume."""
    found = check_csi_driver_name(source.get("driver") or "")
    if not source.get("volumeHandle"):
        found.append(required("volumeHandle"))
    for kind in (
        "controllerPublishSecretRef",
        "controllerExpandSecretRef",
        "nodePublishSecretRef",
        "nodeExpandSecretRef",
    ):
        if (secret := source.get(kind)) is not None:
            found += check_secret_reference(secret, kind)
    return found


def _partition(source: Json) -> list[Cause]:
    value = source.get("partition") or 0
    fault = names.range_problem(1, 255)
    return [] if 0 <= value <= 255 else [invalid("partition", value, fault)]


def _lun(source: Json) -> list[Cause]:
    return wrong("lun", source.get("lun") or 0, names.in_range(source.get("lun") or 0, 0, 255))


def _nfs(source: Json) -> list[Cause]:
    path = source.get("path") or ""
    return [] if path.startswith("/") else [invalid("path", path, "must be an absolute path")]


def _iscsi(source: Json) -> list[Cause]:
    found: list[Cause] = []
    for field, shown in (("iqn", "iqn"), ("initiatorName", "initiatorname")):
        name = source.get(field)
        form = _INITIATORS.get((name or "")[:3])
        if name and form is None:
            found.append(invalid(shown, name, "must be valid format starting with iqn, eui, or naa"))
        elif name and form and not form.search(name):
            found.append(invalid(shown, name, "must be valid format"))
    found += _lun(source)
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        found.append(required("secretRef"))
    return found


def _fc(source: Json) -> list[Cause]:
    wwns, wwids = source.get("targetWWNs") or [], source.get("wwids") or []
    found: list[Cause] = []
    if not wwns and not wwids:
        found.append(required("targetWWNs", "must specify either targetWWNs or wwids, but not both"))
    if wwns and wwids:
        found.append(invalid("targetWWNs", wwns, "targetWWNs and wwids can not be specified simultaneously"))
    if wwns:
        missing = source.get("lun") is None
        found += [required("lun", "lun is required if targetWWNs is specified")] if missing else _lun(source)
    return found


def _flocker(source: Json) -> list[Cause]:
    name, uuid = source.get("datasetName") or "", source.get("datasetUUID") or ""
    found: list[Cause] = []
    if not name and not uuid:
        found.append(required("", "one of datasetName and datasetUUID is required"))
    if name and uuid:
        found.append(invalid("", "resource", "datasetName and datasetUUID can not be specified simultaneously"))
    if "/" in name:
        found.append(invalid("datasetName", name, "must not contain '/'"))
    return found


def _flex(source: Json) -> list[Cause]:
    fault = "kubernetes.io and k8s.io namespaces are reserved"
    return [
        invalid(f"options[{key}]", key, fault)
        for key in source.get("options") or {}
        if ("." + key.partition("/")[0].lower()).endswith((".kubernetes.io", ".k8s.io"))
    ]


def _azure_disk(source: Json) -> list[Cause]:
    found: list[Cause] = []
    modes, kinds = ("None", "ReadOnly", "ReadWrite"), ("Dedicated", "Managed", "Shared")
    mode, kind, uri = source.get("cachingMode"), source.get("kind"), source.get("diskURI") or ""
    if mode is not None and mode not in modes:
        found.append(not_supported("cachingMode", mode, modes))
    if kind is not None and kind not in kinds:
        found.append(not_supported("kind", kind, kinds))
    if kind == "Managed" and not uri.startswith("/subscriptions/"):
        found.append(unsupported("diskURI", uri, [_MANAGED_DISK]))
    if kind is not None and kind != "Managed" and not uri.startswith("https://"):
        found.append(unsupported("diskURI", uri, [_BLOB_DISK]))
    return found


def _storageos(source: Json) -> list[Cause]:
    found: list[Cause] = []
    for field in ("volumeName", "volumeNamespace"):
        if name := source.get(field):
            found += wrong(field, name, names.dns_label(name))
    return found


def _quobyte(source: Json) -> list[Cause]:
    registry = source.get("registry") or ""
    if not registry:
        return [required("registry", _HOST_PORTS)]
    if len(source.get("tenant") or "") >= 65:
        return [required("tenant", "must be a UUID and may not exceed a length of 64 characters")]
    paired = (re.fullmatch(r"[^:\[\]]*:[^:]*|\[[^\[\]]*\]:[^:]*", pair) for pair in registry.split(","))
    return [invalid("registry", registry, _HOST_PORTS) for pair in paired if pair is None]


def _endpoints_namespace(source: Json) -> list[Cause]:
    namespace = source.get("endpointsNamespace")
    if namespace is None:
        return []
    fault = "if the endpointnamespace is set, it must be a valid namespace name"
    return wrong("endpointsNamespace", namespace, names.dns_label(namespace) if namespace else (fault,))


_SPECIAL: dict[str, Check] = {
    "gcePersistentDisk": _partition,
    "awsElasticBlockStore": _partition,
    "nfs": _nfs,
    "iscsi": _iscsi,
    "fc": _fc,
    "flocker": _flocker,
    "flexVolume": _flex,
    "azureDisk": _azure_disk,
    "storageos": _storageos,
    "quobyte": _quobyte,
    "glusterfs": _endpoints_namespace,
}
