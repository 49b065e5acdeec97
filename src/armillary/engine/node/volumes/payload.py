"""What the files of configMap, secret, downwardAPI and projected volumes hold. Pure."""

import base64
from collections.abc import Iterable, Mapping

from armillary.engine.node.downward import field_value, resource_value
from armillary.engine.node.faults import ConfigError, MountError
from armillary.engine.node.volumes.atomic import File
from armillary.kube.kinds.core import ConfigMap, DownwardAPIVolumeFile, KeyToPath, Pod, Secret

DEFAULT_MODE = 0o644  # what the API server fills in where nothing is said


def config_map_files(
    found: ConfigMap | None, items: Iterable[KeyToPath], mode: int, *, name: str, optional: bool
) -> dict[str, File]:
    """Files of a config map, all keys or those that `items` choose."""
    if found is None:
        if optional:
            return {}
        raise MountError(f'configmap "{name}" not found')
    data = {key: text.encode() for key, text in found.data.items()}
    data |= {key: base64.b64decode(coded) for key, coded in found.binary_data.items()}
    return _chosen(data, items, mode, "configmap references non-existent config key", optional)


def secret_files(
    found: Secret | None, items: Iterable[KeyToPath], mode: int, *, name: str, optional: bool
) -> dict[str, File]:
    """Files of a secret, all keys or those that `items` choose."""
    if found is None:
        if optional:
            return {}
        raise MountError(f'secret "{name}" not found')
    data = {key: base64.b64decode(coded) for key, coded in found.data.items()}
    return _chosen(data, items, mode, "references non-existent secret key", optional)


def downward_files(
    items: Iterable[DownwardAPIVolumeFile], pod: Pod, mode: int, allocatable: Mapping[str, str]
) -> dict[str, File]:
    """Files that tell of the pod's own fields."""
    try:
        return {
            item.path: File(_told(item, pod, allocatable).encode(), item.mode if item.mode is not None else mode)
            for item in items
        }
    except ConfigError as exc:
        raise MountError(str(exc)) from exc


def _told(item: DownwardAPIVolumeFile, pod: Pod, allocatable: Mapping[str, str]) -> str:
    if item.field_ref is not None:
        return field_value(item.field_ref.field_path, pod)
    if item.resource_field_ref is not None:
        return resource_value(item.resource_field_ref, pod, None, allocatable)
    return ""


def _chosen(
    data: Mapping[str, bytes], items: Iterable[KeyToPath], mode: int, missing: str, optional: bool
) -> dict[str, File]:
    chosen = tuple(items)
    if not chosen:
        return {key: File(content, mode) for key, content in data.items()}
    files = {}
    for item in chosen:
        if item.key in data:
            files[item.path] = File(data[item.key], item.mode if item.mode is not None else mode)
        elif not optional:
            raise MountError(f"{missing}: {item.key}")
    return files
