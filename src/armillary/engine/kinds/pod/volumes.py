"""A pod's volumes.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateVolumes" and what it calls.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.claim import check_claim_template
from armillary.engine.kinds.faults import duplicate, forbidden, invalid, not_supported, required, too_long, under, wrong
from armillary.engine.kinds.meta import ANNOTATIONS_LIMIT, check_label_selector
from armillary.engine.kinds.pod.environment import VOLUME_FIELDS, check_field_ref, check_resource_ref
from armillary.engine.kinds.pod.plugins import REQUIRED, check_csi, check_plugin
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.signers import check_signer_name, is_kubernetes_signer
from armillary.engine.kinds.values import quantity

_MODE = "must be a number between 0 and 0777 (octal), both inclusive"
_HOST_PATH_TYPES = (
    "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
)  # fmt: skip
# The order in which the API looks for a source: the first one is checked, each further one refused.
_SOURCES = (
    "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi",
    "glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc",
    "flexVolume", "configMap", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk",
    "storageos", "projected", "scaleIO", "csi", "ephemeral", "image",
)  # fmt: skip
_KEY_TYPES = ("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")
_DAY = 86400


def check_volumes(volumes: Sequence[Json], pod_name: str, *, is_pod: bool) -> tuple[dict[str, Json], list[Cause]]:
    """The volumes by name, those with faults left out, and the faults; relative to the pod's spec."""
    found: list[Cause] = []
    good: dict[str, Json] = {}
    made = {f"{pod_name}-{v.get('name')}" for v in volumes if v.get("ephemeral") is not None} if pod_name else ()
    for i, volume in enumerate(volumes):
        name = volume.get("name") or ""
        faults = _check_volume(volume, name, pod_name, is_pod=is_pod)
        if not name:
            faults.append(required("name"))
        elif problems := names.dns_label(name):
            faults += wrong("name", name, problems)
        if name in good:
            faults.append(duplicate("name", name))
        if faults:
            found += under(f"volumes[{i}]", faults)
        else:
            good[name] = volume
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName") if made else None
        if claim in made:
            fault = "must not reference a PVC that gets created for an ephemeral volume"
            found.append(invalid(f"volumes[{i}].persistentVolumeClaim.claimName", claim, fault))
    return good, found


def _check_volume(volume: Json, name: str, pod_name: str, *, is_pod: bool) -> list[Cause]:
    given = [kind for kind in volume if kind != "name" and volume[kind] is not None]
    if len(given) > 1:
        given = [kind for kind in _SOURCES if volume.get(kind) is not None]
    if not given:
        return [required("", "must specify a volume type")]
    first = given[0]
    found = _check_source(first, volume[first], name, pod_name, is_pod=is_pod)
    return found + [forbidden(_MISNAMED.get(k, k), "may not specify more than 1 volume type") for k in given[1:]]


# Upstream spells these two otherwise in this message.
_MISNAMED = {"cephfs": "cephFS", "downwardAPI": "downwarAPI"}


def _check_source(kind: str, source: Json, name: str, pod_name: str, *, is_pod: bool) -> list[Cause]:
    match kind:
        case "emptyDir":
            limit = source.get("sizeLimit")
            number = quantity(limit) if limit is not None else None
            if limit is None or (number is not None and number >= 0):
                return []
            return [forbidden("emptyDir.sizeLimit", "SizeLimit field must be a valid resource quantity")]
        case "secret" | "configMap":
            holder = "secretName" if kind == "secret" else "name"
            faults = [] if source.get(holder) else [required(holder)]
            faults += _check_mode(source, "defaultMode")
            faults += _check_items(source.get("items") or ())
        case "persistentVolumeClaim":
            return [] if source.get("claimName") else [required("persistentVolumeClaim.claimName")]
        case "hostPath":
            faults = check_host_path(source)
        case "projected":
            faults = _check_mode(source, "defaultMode") + _check_projected(source)
        case "downwardAPI":
            faults = _check_mode(source, "defaultMode")
            faults += [f for file in source.get("items") or () for f in _check_file(file)]
        case "csi":
            faults = check_csi(source)
        case "ephemeral":
            return _check_ephemeral(source, name, pod_name)
        case "image":
            faults = _check_image(source, is_pod=is_pod)
        case "gitRepo":
            faults = [] if source.get("repository") else [required("repository")]
            faults += check_descending_path(source.get("directory") or "", "directory")
        case _:
            faults = _check_plugin(kind, source, name)
            return list(under("persistentDisk" if kind == "gcePersistentDisk" else kind, faults))
    return list(under(kind, faults)) if faults else []


def _check_plugin(kind: str, source: Json, name: str) -> list[Cause]:
    found = check_plugin(kind, source, persistent=False) if kind in REQUIRED or kind in ("fc", "flocker") else []
    portal = f"{name}:{source.get('targetPortal') or ''}"
    if kind == "iscsi" and source.get("initiatorName") is not None and len(portal) > 64:
        fault = (
            "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters "
            "if iscsi.initiatorName is specified."
        )
        found.append(invalid("name", name, fault))
    return found


def _check_mode(holder: Json, field: str) -> list[Cause]:
    mode = holder.get(field)
    return [] if mode is None or 0 <= mode <= 0o777 else [invalid(field, mode, _MODE)]


def check_no_backsteps(path: str, field: str) -> list[Cause]:
    """No `..` on the way."""
    return [invalid(field, path, "must not contain '..'")] if ".." in path.split("/") else []


def check_descending_path(path: str, field: str) -> list[Cause]:
    """A path below something."""
    found = [invalid(field, path, "must be a relative path")] if path.startswith("/") else []
    return found + check_no_backsteps(path, field)


def check_unreserved_path(path: str, field: str) -> list[Cause]:
    """A path below something whose first part does not begin with dots: those names are the volume's own."""
    found = check_descending_path(path, field)
    if path.startswith("..") and not path.startswith("../"):
        found.append(invalid(field, path, "must not start with '..'"))
    return found


def check_host_path(source: Json) -> list[Cause]:
    """A path on the node; relative to the source."""
    path = source.get("path") or ""
    if not path:
        return [required("path")]
    found = check_no_backsteps(path, "path")
    kind = source.get("type")
    if kind is not None and kind not in _HOST_PATH_TYPES:
        found.append(not_supported("type", kind, _HOST_PATH_TYPES))
    return found


def _check_items(items: Iterable[Json]) -> list[Cause]:
    found: list[Cause] = []
    for i, item in enumerate(items):
        path = item.get("path") or ""
        faults = [required(part) for part in ("key", "path") if not item.get(part)]
        faults += check_unreserved_path(path, "path") + _check_mode(item, "mode")
        found += under(f"items[{i}]", faults)
    return found


def _check_file(file: Json) -> list[Cause]:
    path = file.get("path") or ""
    found = [] if path else [required("path")]
    found += check_unreserved_path(path, "path")
    field, resource = file.get("fieldRef"), file.get("resourceFieldRef")
    if field is not None:
        found += under("fieldRef", check_field_ref(field, VOLUME_FIELDS))
        if resource is not None:
            fault = "fieldRef and resourceFieldRef can not be specified simultaneously"
            found.append(invalid("", "resource", fault))
    elif resource is not None:
        found += under("resourceFieldRef", check_resource_ref(resource, volume=True))
    else:
        found.append(required("", "one of fieldRef and resourceFieldRef is required"))
    return found + _check_mode(file, "mode")


def _check_image(source: Json, *, is_pod: bool) -> list[Cause]:
    found = [required("reference")] if is_pod and not source.get("reference") else []
    policy, allowed = source.get("pullPolicy") or "", ("Always", "IfNotPresent", "Never")
    if not policy:
        found.append(required("pullPolicy"))
    elif policy not in allowed:
        found.append(not_supported("pullPolicy", policy, allowed))
    return found


def _check_ephemeral(source: Json, name: str, pod_name: str) -> list[Cause]:
    template = source.get("volumeClaimTemplate")
    if template is None:
        found = [required("ephemeral.volumeClaimTemplate")]
    else:
        found = list(under("ephemeral.volumeClaimTemplate", check_claim_template(template)))
    if pod_name and name:
        claim = f"{pod_name}-{name}"
        found += [invalid("name", name, f'PVC name "{claim}": {p}') for p in names.dns_subdomain(claim)]
    return found


def _check_projected(projected: Json) -> list[Cause]:
    found: list[Cause] = []
    taken: set[str] = set()
    for i, source in enumerate(projected.get("sources") or ()):
        given = [kind for kind in _PROJECTIONS if source.get(kind) is not None]
        for kind in given:
            # A token's path is reported without the source that it stands in, as upstream does.
            for fault in _PROJECTIONS[kind](source[kind]):
                at = "" if kind == "serviceAccountToken" and fault.field == "path" else f"sources[{i}].{kind}"
                found += under(at, (fault,))
            for path, shown in _paths(kind, source[kind]):
                if path in taken:
                    found.append(invalid("", shown, "conflicting duplicate paths"))
                taken.add(path)
        if len(given) > 1:
            found.append(forbidden(f"sources[{i}]", "may not specify more than 1 volume type per source"))
    return found


def _paths(kind: str, source: Json) -> Iterator[tuple[str, str]]:
    """The files that a projection makes, and what a conflict is reported with."""
    match kind:
        case "secret" | "configMap" | "downwardAPI":
            for item in source.get("items") or ():
                if path := item.get("path"):
                    yield path, path if kind == "downwardAPI" else source.get("name") or ""
        case "clusterTrustBundle":
            path = source.get("path") or ""
            yield path, path
        case "podCertificate":
            for field in _CERTIFICATE_PATHS:
                if path := source.get(field):
                    yield path, path


def _project_keys(source: Json) -> list[Cause]:
    found = [] if source.get("name") else [required("name")]
    return found + _check_items(source.get("items") or ())


def _project_fields(source: Json) -> list[Cause]:
    return [fault for file in source.get("items") or () for fault in _check_file(file)]


def _project_token(source: Json) -> list[Cause]:
    found: list[Cause] = []
    seconds = source.get("expirationSeconds") or 0
    if seconds < 600:
        found.append(invalid("expirationSeconds", seconds, "may not specify a duration less than 10 minutes"))
    if seconds > 1 << 32:
        found.append(invalid("expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds"))
    path = source.get("path") or ""
    return found + (check_unreserved_path(path, "path") if path else [required("path")])


def _project_bundle(source: Json) -> list[Cause]:
    name, signer, path = source.get("name"), source.get("signerName"), source.get("path") or ""
    found: list[Cause] = []
    if name is not None and signer is not None:
        found.append(invalid("", source, "only one of name and signerName may be used"))
    elif name is not None:
        if not name:
            found.append(required("name", "must be a valid object name"))
        problems = names.dns_subdomain(name.rpartition(":")[2])
        found += [invalid("name", name, f"not a valid clustertrustbundlename: {p}") for p in problems]
        if source.get("labelSelector") is not None:
            fault = "labelSelector must be unset if name is specified"
            found.append(invalid("labelSelector", source["labelSelector"], fault))
    elif signer is not None:
        found += [] if signer else [required("signerName", "must be a valid signer name")]
        found += check_signer_name(signer, "signerName")
        found += check_label_selector(source.get("labelSelector"), "labelSelector")
    else:
        found.append(required("", "either name or signerName must be specified"))
    return found + ([] if path else [required("path")]) + check_unreserved_path(path, "path")


_CERTIFICATE_PATHS = ("credentialBundlePath", "keyPath", "certificateChainPath")


def _project_certificate(source: Json) -> list[Cause]:
    signer, key = source.get("signerName") or "", source.get("keyType") or ""
    found = check_signer_name(signer, "signerName")
    annotations = source.get("userAnnotations") or {}
    for name in annotations:
        found += wrong("userAnnotations", name, names.domain_prefixed_key(name.lower()))
    if sum(names.size(k) + names.size(v or "") for k, v in annotations.items()) > ANNOTATIONS_LIMIT:
        found.append(too_long("userAnnotations", ANNOTATIONS_LIMIT))
    if key not in _KEY_TYPES:
        words = ", ".join(f'"{k}"' for k in _KEY_TYPES)
        found.append(
            Cause("FieldValueNotSupported", "keyType", f'Unsupported value: "{key}": supported values: {words}')
        )
    seconds = source.get("maxExpirationSeconds")
    if seconds is not None:
        most = _DAY if is_kubernetes_signer(signer) else 91 * _DAY
        if seconds < 3600:
            fault = "if provided, maxExpirationSeconds must be >= 3600"
            found.append(invalid("maxExpirationSeconds", seconds, fault))
        if seconds > most:
            fault = f"if provided, maxExpirationSeconds must be <= {most}"
            found.append(invalid("maxExpirationSeconds", seconds, fault))
    given = [field for field in _CERTIFICATE_PATHS if source.get(field)]
    for field in given:
        found += check_unreserved_path(source[field], field)
    if not given:
        fault = "specify at least one of credentialBundlePath, keyPath, and certificateChainPath"
        found.append(required("", fault))
    return found


_PROJECTIONS = {
    "secret": _project_keys,
    "configMap": _project_keys,
    "downwardAPI": _project_fields,
    "serviceAccountToken": _project_token,
    "clusterTrustBundle": _project_bundle,
    "podCertificate": _project_certificate,
}


def is_claim(volume: Mapping[str, object]) -> bool:
    """Whether a volume may be given to a container as a device."""
    return volume.get("persistentVolumeClaim") is not None or volume.get("ephemeral") is not None
