"""What a container mounts, and which block devices it is given.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateVolumeMounts", "ValidateVolumeDevices".
"""

from collections.abc import Mapping, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds.faults import forbidden, invalid, not_found, not_supported, required
from armillary.engine.kinds.pod.volumes import check_descending_path, is_claim
from armillary.engine.kinds.resource import Json

_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")


def check_mounts(container: Json, mounts: Sequence[Json], volumes: Mapping[str, Json]) -> list[Cause]:
    """`volumeMounts`; fields are relative to the container."""
    found: list[Cause] = []
    devices = {d.get("name") or "": d.get("devicePath") or "" for d in container.get("volumeDevices") or ()}
    seen: set[str] = set()
    for i, mount in enumerate(mounts):
        name, path = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            found.append(required(f"volumeMounts[{i}].name"))
        if name not in volumes:
            found.append(not_found(f"volumeMounts[{i}].name", name))
        if not path:
            found.append(required(f"volumeMounts[{i}].mountPath"))
        if path in seen:
            found.append(invalid(f"volumeMounts[{i}].mountPath", path, "must be unique"))
        seen.add(path)
        if devices and name in devices:
            found.append(invalid(f"volumeMounts[{i}].name", name, "must not already exist in volumeDevices"))
        if devices and path in devices.values():
            fault = "must not already exist as a path in volumeDevices"
            found.append(invalid(f"volumeMounts[{i}].mountPath", path, fault))
        if len(mount) > 2:
            found += _check_options(container, mount, f"volumeMounts[{i}]")
    return found


def _check_options(container: Json, mount: Json, field: str) -> list[Cause]:
    # Several of these faults are reported without the mount's index, as upstream does.
    found: list[Cause] = []
    path, expression = mount.get("subPath") or "", mount.get("subPathExpr") or ""
    if path:
        found += check_descending_path(path, "volumeMounts.subPath")
    if expression:
        if path:
            fault = "subPathExpr and subPath are mutually exclusive"
            found.append(invalid(f"{field}.subPathExpr", expression, fault))
        found += check_descending_path(expression, "volumeMounts.subPathExpr")
    propagation = mount.get("mountPropagation")
    if propagation is not None:
        if propagation not in _PROPAGATIONS:
            found.append(not_supported("volumeMounts.mountPropagation", propagation, _PROPAGATIONS))
        if propagation == "Bidirectional" and not (container.get("securityContext") or {}).get("privileged"):
            fault = "Bidirectional mount propagation is available only to privileged containers"
            found.append(forbidden("volumeMounts.mountPropagation", fault))
    recursive = mount.get("recursiveReadOnly")
    if recursive is None or recursive == "Disabled":
        return found
    if recursive not in _RECURSIVE:
        return [*found, not_supported("volumeMounts.recursiveReadOnly", recursive, _RECURSIVE)]
    if not mount.get("readOnly"):
        found.append(forbidden("volumeMounts.recursiveReadOnly", "may only be specified when readOnly is true"))
    if propagation not in (None, "None"):
        fault = "may only be specified when mountPropagation is None or not specified"
        found.append(forbidden("volumeMounts.recursiveReadOnly", fault))
    return found


def check_devices(container: Json, devices: Sequence[Json], volumes: Mapping[str, Json]) -> list[Cause]:
    """`volumeDevices`; fields are relative to the container."""
    found: list[Cause] = []
    mounts = {m.get("name") or "": m.get("mountPath") or "" for m in container.get("volumeMounts") or ()}
    names: set[str] = set()
    paths: set[str] = set()
    for i, device in enumerate(devices):
        field, name, path = f"volumeDevices[{i}]", device.get("name") or "", device.get("devicePath") or ""
        if not name:
            found.append(required(f"{field}.name"))
        if name in names:
            found.append(invalid(f"{field}.name", name, "must be unique"))
        if name not in volumes:
            found.append(not_found(f"{field}.name", name))
        elif not is_claim(volumes[name]):
            fault = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            found.append(invalid(f"{field}.name", name, fault))
        if not path:
            found.append(required(f"{field}.devicePath"))
        if path in paths:
            found.append(invalid(f"{field}.devicePath", path, "must be unique"))
        if ".." in path.split("/"):
            found.append(invalid(f"{field}.devicePath", path, "can not contain backsteps ('..')"))
        else:
            paths.add(path)
        if name in mounts:
            found.append(invalid(f"{field}.name", name, "must not already exist in volumeMounts"))
        if path in mounts.values():
            fault = "must not already exist as a path in volumeMounts"
            found.append(invalid(f"{field}.devicePath", path, fault))
        names |= {name} - {""}
    return found
