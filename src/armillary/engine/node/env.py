"""A container's environment: declared variables, sources, services, and `$(NAME)` references. Pure.

Order of precedence as kubelet's: `env` over `envFrom` over services.
"""

import base64
import re
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from armillary.engine.node.containers import AnyContainer
from armillary.engine.node.downward import field_value, resource_value
from armillary.engine.node.faults import ConfigError
from armillary.kube.kinds.core import (
    ConfigMap,
    EnvFromSource,
    EnvVarSource,
    Pod,
    Secret,
    Service,
)

_REFERENCE = re.compile(r"\$(?:(\$)|\(([^)]*)\))")


@dataclass(frozen=True, slots=True)
class References:
    """Names of the objects that a container's environment is made of, all in the pod's namespace."""

    config_maps: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()


def references(container: AnyContainer) -> References:
    """What must be read before `environment` can be told."""
    maps, secrets = set(), set()
    for source in container.env_from:
        maps |= {source.config_map_ref.name} if source.config_map_ref else set()
        secrets |= {source.secret_ref.name} if source.secret_ref else set()
    for variable in container.env:
        value = variable.value_from
        maps |= {value.config_map_key_ref.name} if value and value.config_map_key_ref else set()
        secrets |= {value.secret_key_ref.name} if value and value.secret_key_ref else set()
    return References(frozenset(maps), frozenset(secrets))


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where values come from."""

    pod: Pod
    container: AnyContainer
    config_maps: Mapping[str, ConfigMap]
    secrets: Mapping[str, Secret]
    allocatable: Mapping[str, str]
    host_ips: Sequence[str]
    pod_ips: Sequence[str]
    opened: dict[str, dict[str, str]] = field(default_factory=dict)

    def config_map(self, name: str, optional: bool) -> Mapping[str, str] | None:
        found = self.config_maps.get(name)
        if found is None and not optional:
            raise ConfigError(f'configmap "{name}" not found')
        return found.data if found is not None else None

    def secret(self, name: str, optional: bool) -> Mapping[str, str] | None:
        found = self.secrets.get(name)
        if found is None and not optional:
            raise ConfigError(f'secret "{name}" not found')
        if found is None:
            return None
        if name not in self.opened:
            self.opened[name] = {key: self._text(name, key, value) for key, value in found.data.items()}
        return self.opened[name]

    def _text(self, name: str, key: str, value: str) -> str:
        try:
            return base64.b64decode(value).decode()
        except UnicodeDecodeError:
            # A variable crosses the runtime's API as text.
            where = f"{self.pod.metadata.namespace}/{name}"
            raise ConfigError(f"key {key} in Secret {where} is not valid UTF-8") from None


def environment(
    container: AnyContainer,
    pod: Pod,
    *,
    config_maps: Mapping[str, ConfigMap],
    secrets: Mapping[str, Secret],
    services: Iterable[Service],
    allocatable: Mapping[str, str],
    host_ips: Sequence[str],
    pod_ips: Sequence[str],
) -> tuple[tuple[str, str], ...]:
    """The variables of a container. Maps and secrets are those of the pod's namespace, by name.

    `services` may hold any; those that concern the pod are picked. Raises ConfigError.
    """
    sources = _Sources(pod, container, config_maps, secrets, allocatable, host_ips, pod_ips)
    links = dict(service_variables(services, pod.metadata.namespace, pod.spec.enable_service_links is not False))
    values: dict[str, str] = {}
    known = ChainMap(values, links)
    for source in container.env_from:
        for key, value in (_all_of(source, sources) or {}).items():
            values[source.prefix + key] = value
    for variable in container.env:
        if variable.value or variable.value_from is None:
            values[variable.name] = expand(variable.value, known)
            continue
        found = _one_of(variable.value_from, sources)
        if found is not None:
            values[variable.name] = found
    return (*values.items(), *((name, value) for name, value in links.items() if name not in values))


def expand(text: str, values: Mapping[str, str]) -> str:
    """Replace `$(NAME)`; what is not known stays as written, and `$$` stands for `$`."""
    if "$" not in text:
        return text
    return _REFERENCE.sub(lambda m: m[1] or values.get(m[2], m[0]), text)


def expand_sub_path(text: str, values: Mapping[str, str]) -> str:
    """Replace `$(NAME)` in a subPathExpr, where every name must have a value."""
    missing = sorted({name for dollar, name in _REFERENCE.findall(text) if not dollar and not values.get(name)})
    if missing:
        raise ConfigError(f"missing value for {', '.join(missing)}")
    return expand(text, values)


def _all_of(source: EnvFromSource, sources: _Sources) -> Mapping[str, str] | None:
    if source.config_map_ref is not None:
        return sources.config_map(source.config_map_ref.name, source.config_map_ref.optional is True)
    if source.secret_ref is not None:
        return sources.secret(source.secret_ref.name, source.secret_ref.optional is True)
    return None


def _one_of(source: EnvVarSource, sources: _Sources) -> str | None:
    """The value, or None if the variable is to be left out."""
    if source.field_ref is not None:
        return field_value(source.field_ref.field_path, sources.pod, sources.host_ips, sources.pod_ips)
    if source.resource_field_ref is not None:
        return resource_value(source.resource_field_ref, sources.pod, sources.container, sources.allocatable)
    if source.config_map_key_ref is not None:
        ref = source.config_map_key_ref
        return _key(ref, sources.config_map(ref.name, ref.optional is True), "ConfigMap", sources.pod)
    if source.secret_key_ref is not None:
        secret = source.secret_key_ref
        return _key(secret, sources.secret(secret.name, secret.optional is True), "Secret", sources.pod)
    return None


def _key(ref: Any, data: Mapping[str, str] | None, kind: str, pod: Pod) -> str | None:
    if data is None:
        return None
    if ref.key not in data and not ref.optional:
        raise ConfigError(f"couldn't find key {ref.key} in {kind} {pod.metadata.namespace}/{ref.name}")
    return data.get(ref.key)


def service_variables(services: Iterable[Service], namespace: str, links: bool) -> Iterator[tuple[str, str]]:
    """Variables that tell where services are: `kubernetes` always, those of the namespace if `links`."""
    chosen: dict[str, Service] = {}
    for service in services:
        meta = service.metadata
        if service.spec.cluster_ip in ("", "None") or not service.spec.ports:
            continue
        if (meta.namespace, meta.name) == ("default", "kubernetes"):
            chosen.setdefault(meta.name, service)
        elif links and meta.namespace == namespace:
            chosen[meta.name] = service
    for name in sorted(chosen):
        yield from _of_service(chosen[name])


def _of_service(service: Service) -> Iterator[tuple[str, str]]:
    prefix, address = _variable(service.metadata.name), service.spec.cluster_ip
    host = f"[{address}]" if ":" in address else address
    yield f"{prefix}_SERVICE_HOST", address
    yield f"{prefix}_SERVICE_PORT", str(service.spec.ports[0].port)
    for port in service.spec.ports:
        if port.name:
            yield f"{prefix}_SERVICE_PORT_{_variable(port.name)}", str(port.port)
    for number, port in enumerate(service.spec.ports):
        protocol = port.protocol or "TCP"
        url = f"{protocol.lower()}://{host}:{port.port}"
        if number == 0:
            yield f"{prefix}_PORT", url
        base = f"{prefix}_PORT_{port.port}_{protocol.upper()}"
        yield base, url
        yield f"{base}_PROTO", protocol.lower()
        yield f"{base}_PORT", str(port.port)
        yield f"{base}_ADDR", address


def _variable(name: str) -> str:
    return name.replace("-", "_").upper()
