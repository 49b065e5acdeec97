"""What is served, told to clients: legacy discovery and the aggregated form (apidiscovery.k8s.io/v2)."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property

import orjson

from armillary.engine.apiserver.registry import Table
from armillary.engine.kinds.resource import Json, Resource

_WRITES = ("get", "patch", "update")
_PROXY = ("create", "delete", "get", "patch", "update")
# Subresources whose kind is not their resource's: kind, group, version and verbs.
_SUBRESOURCES: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "scale": ("Scale", "autoscaling", "v1", _WRITES),
    "pods/attach": ("PodAttachOptions", "", "v1", ("create", "get")),
    "pods/exec": ("PodExecOptions", "", "v1", ("create", "get")),
    "pods/portforward": ("PodPortForwardOptions", "", "v1", ("create", "get")),
    "pods/proxy": ("PodProxyOptions", "", "v1", _PROXY),
    "services/proxy": ("ServiceProxyOptions", "", "v1", _PROXY),
    "nodes/proxy": ("NodeProxyOptions", "", "v1", _PROXY),
    "pods/binding": ("Binding", "", "v1", ("create",)),
    "pods/eviction": ("Eviction", "policy", "v1", ("create",)),
    "serviceaccounts/token": ("TokenRequest", "authentication.k8s.io", "v1", ("create",)),
}
_OWN_KIND = {"log": ("get",), "finalize": ("update",)}


def subresource_verbs(resource: Resource, subresource: str) -> tuple[str, ...]:
    return _subresource(resource, subresource)[3]


def subresource_kind(resource: Resource, subresource: str) -> tuple[str, str, str]:
    """Kind, group and version of what a subresource speaks."""
    return _subresource(resource, subresource)[:3]


def _subresource(resource: Resource, name: str) -> tuple[str, str, str, tuple[str, ...]]:
    for key in (f"{resource.plural}/{name}", name):
        if key in _SUBRESOURCES:
            return _SUBRESOURCES[key]
    return resource.kind, resource.group, resource.version, _OWN_KIND.get(name, _WRITES)


def _singular(resource: Resource) -> str:
    return resource.singular or resource.kind.lower()


class Discovery:
    """The answers for one table of resources, each made when first asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._lists: dict[tuple[str, str], bytes] = {}

    @cached_property
    def versions(self) -> bytes:
        """/api"""
        return orjson.dumps({
            "kind": "APIVersions",
            "versions": self._table.groups.get("", ["v1"]),
            "serverAddressByClientCIDRs": [],
        })  # fmt: skip

    @cached_property
    def groups(self) -> bytes:
        """/apis"""
        return orjson.dumps({
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": [_group(name, versions) for name, versions in self._table.groups.items() if name],
        })  # fmt: skip

    def group(self, name: str) -> bytes | None:
        """/apis/<group>"""
        versions = self._table.groups.get(name)
        if not name or versions is None:
            return None
        return orjson.dumps({"kind": "APIGroup", "apiVersion": "v1"} | _group(name, versions))

    def resources(self, group: str, version: str) -> bytes | None:
        """/api/v1, /apis/<group>/<version>"""
        if version not in self._table.groups.get(group, ()):
            return None
        if (group, version) not in self._lists:
            self._lists[group, version] = self._resource_list(group, version)
        return self._lists[group, version]

    def _resource_list(self, group: str, version: str) -> bytes:
        found: list[Json] = []
        for resource in self._table.of(group, version):
            found.append(_legacy(resource))
            for sub in sorted(resource.subresources):
                kind, sub_group, sub_version, verbs = _subresource(resource, sub)
                named = {
                    "name": f"{resource.plural}/{sub}",
                    "singularName": "",
                    "namespaced": resource.namespaced,
                    "kind": kind,
                    "verbs": list(verbs),
                }
                elsewhere = (sub_group, sub_version) != (group, version)
                found.append(named | ({"group": sub_group, "version": sub_version} if elsewhere else {}))
        found.sort(key=lambda r: r["name"])
        full = f"{group}/{version}" if group else version
        return orjson.dumps({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": full, "resources": found})

    @cached_property
    def aggregated_core(self) -> bytes:
        return self._aggregated([""])

    @cached_property
    def aggregated_groups(self) -> bytes:
        return self._aggregated([name for name in self._table.groups if name])

    def _aggregated(self, groups: Sequence[str]) -> bytes:
        items = [
            {
                "metadata": {"name": name, "creationTimestamp": None} if name else {"creationTimestamp": None},
                "versions": [self._version(name, version) for version in self._table.groups.get(name, ())],
            }
            for name in groups
        ]
        return orjson.dumps(
            {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}
        )

    def _version(self, group: str, version: str) -> Json:
        resources = sorted(self._table.of(group, version), key=lambda r: r.plural)
        return {"version": version, "resources": [_aggregate(r) for r in resources], "freshness": "Current"}


def _group(name: str, versions: Sequence[str]) -> Json:
    told = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": told, "preferredVersion": told[0]}


def _legacy(resource: Resource) -> Json:
    found: Json = {
        "name": resource.plural,
        "singularName": _singular(resource),
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": sorted(resource.verbs),
    }
    if resource.short_names:
        found["shortNames"] = list(resource.short_names)
    if resource.categories:
        found["categories"] = list(resource.categories)
    digest = hashlib.sha256(f"{resource.group}/{resource.version}/{resource.kind}".encode()).digest()
    return found | {"storageVersionHash": base64.b64encode(digest[:8]).decode()}


def _kind(group: str, version: str, kind: str) -> Mapping[str, str]:
    return {"group": group, "version": version, "kind": kind}


def _aggregate(resource: Resource) -> Json:
    found: Json = {
        "resource": resource.plural,
        "responseKind": _kind(resource.group, resource.version, resource.kind),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": _singular(resource),
        "verbs": sorted(resource.verbs),
    }
    if resource.short_names:
        found["shortNames"] = list(resource.short_names)
    if resource.categories:
        found["categories"] = list(resource.categories)
    if resource.subresources:
        found["subresources"] = [_aggregate_subresource(resource, sub) for sub in sorted(resource.subresources)]
    return found


def _aggregate_subresource(resource: Resource, name: str) -> Json:
    kind, group, version, verbs = _subresource(resource, name)
    return {"subresource": name, "responseKind": _kind(group, version, kind), "verbs": list(verbs)}
