"""A container's variables and where their values come from.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateEnv", "ValidateEnvFrom" and what they call.
"""

from collections.abc import Collection, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import invalid, not_supported, required, under, wrong
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import quantity

ENV_FIELDS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
)  # fmt: skip
VOLUME_FIELDS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
_KNOWN_FIELDS = frozenset(
    {*ENV_FIELDS, *VOLUME_FIELDS, "status.phase", "spec.restartPolicy", "spec.schedulerName", "spec.host"}
)
_RESOURCES = tuple(
    f"{kind}.{what}" for kind in ("limits", "requests") for what in ("cpu", "ephemeral-storage", "memory")
)
_SIZES = frozenset(["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"])
_SIZES_TEXT = (
    "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the {} resource"
)
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")


def check_env(variables: Sequence[Json]) -> list[Cause]:
    """`env`; fields are relative to the container."""
    found: list[Cause] = []
    for i, variable in enumerate(variables):
        name = variable.get("name") or ""
        if not name:
            found.append(required(f"env[{i}].name"))
        elif problems := names.relaxed_env_name(name):
            found += wrong(f"env[{i}].name", name, problems)
        source = variable.get("valueFrom")
        if source is not None and (faults := _check_source(source, variable.get("value") or "")):
            found += under(f"env[{i}].valueFrom", faults)
    return found


def _check_source(source: Json, value: str) -> list[Cause]:
    given = [kind for kind in _SOURCES if source.get(kind) is not None]
    found: list[Cause] = []
    for kind in given:
        found += under(kind, _check_one_source(kind, source[kind]))
    if not given:
        fault = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        found.append(invalid("", "", fault))
    elif value:
        found.append(invalid("", "", "may not be specified when `value` is not empty"))
    elif len(given) > 1:
        found.append(invalid("", "", "may not have more than one field specified at a time"))
    return found


def _check_one_source(kind: str, ref: Json) -> list[Cause]:
    match kind:
        case "fieldRef":
            return check_field_ref(ref, ENV_FIELDS)
        case "resourceFieldRef":
            return check_resource_ref(ref, volume=False)
        case "fileKeyRef":
            return _check_file_key(ref)
    name, key = ref.get("name") or "", ref.get("key") or ""
    found = wrong("name", name, names.dns_subdomain(name))
    return found + (wrong("key", key, names.config_key(key)) if key else [required("key")])


def check_field_ref(ref: Json, allowed: Collection[str]) -> list[Cause]:
    """A field of the pod, as the downward API names it; fields are relative to the reference."""
    if not ref.get("apiVersion"):
        return [required("apiVersion")]
    path = ref.get("fieldPath") or ""
    if not path:
        return [required("fieldPath")]
    if ref["apiVersion"] != "v1":
        fault = f"error converting fieldPath: unsupported pod version: {ref['apiVersion']}"
        return [invalid("fieldPath", path, fault)]
    whole, bracket, key = path.removesuffix("']").partition("['")
    if whole and bracket and path.endswith("']"):
        if whole == "metadata.annotations":
            return wrong("", key.lower(), names.label_key(key.lower()))
        if whole == "metadata.labels":
            return wrong("", key, names.label_key(key))
        fault = f"error converting fieldPath: field label does not support subscript: {path}"
        return [invalid("fieldPath", path, fault)]
    if path not in _KNOWN_FIELDS:
        return [invalid("fieldPath", path, f"error converting fieldPath: field label not supported: {path}")]
    path = "spec.nodeName" if path == "spec.host" else path
    return [] if path in allowed else [not_supported("fieldPath", path, allowed)]


def check_resource_ref(ref: Json, *, volume: bool) -> list[Cause]:
    """A container's request or limit; fields are relative to the reference."""
    resource = ref.get("resource") or ""
    found: list[Cause] = []
    huge = resource.startswith(("requests.hugepages-", "limits.hugepages-"))
    if volume and not ref.get("containerName"):
        found.append(required("containerName"))
    elif not resource:
        found.append(required("resource"))
    elif resource not in _RESOURCES and not huge:
        found.append(not_supported("resource", resource, _RESOURCES))
    divisor = ref.get("divisor")
    if divisor is None or quantity(divisor) == 0:
        return found
    what = "hugepages" if huge else resource.partition(".")[2]
    if what == "cpu" and str(divisor) not in ("1m", "1"):
        fault = "only divisor's values 1m and 1 are supported with the cpu resource"
        found.append(invalid("divisor", resource, fault))
    elif what in ("memory", "ephemeral-storage", "hugepages") and str(divisor) not in _SIZES:
        shown = "local ephemeral storage" if what == "ephemeral-storage" else what
        found.append(invalid("divisor", resource, _SIZES_TEXT.format(shown)))
    return found


def _check_file_key(ref: Json) -> list[Cause]:
    key, volume, path = ref.get("key") or "", ref.get("volumeName") or "", ref.get("path") or ""
    found = wrong("key", key, names.relaxed_env_name(key)) if key else [required("key")]
    found += wrong("volumeName", volume, names.dns_label(volume)) if volume else [required("volumeName")]
    if not path:
        found.append(required("path"))
    elif ".." in path.split("/"):
        found.append(invalid("path", path, "must not contain '..'"))
    return found


def check_env_from(sources: Sequence[Json]) -> list[Cause]:
    """`envFrom`; fields are relative to the container."""
    found: list[Cause] = []
    for i, source in enumerate(sources):
        if prefix := source.get("prefix"):
            found += wrong(f"envFrom[{i}].prefix", prefix, names.relaxed_env_name(prefix))
        given = [kind for kind in ("configMapRef", "secretRef") if source.get(kind) is not None]
        for kind in given:
            field, name = f"envFrom[{i}].{kind}.name", source[kind].get("name") or ""
            found += wrong(field, name, names.dns_subdomain(names.masked(name))) if name else [required(field)]
        if not given:
            found.append(invalid("envFrom", "", "must specify one of: `configMapRef` or `secretRef`"))
        elif len(given) > 1:
            found.append(invalid("envFrom", "", "may not have more than one field specified at a time"))
    return found
