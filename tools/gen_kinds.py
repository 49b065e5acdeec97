"""Write `src/armillary/kube/kinds/`: typed views of the built-in kinds, one module per API group.

Names and types of fields come from the Kubernetes schemas of the package `kubernetes-validate` (a
build-time dependency). Run it with `make gen`; `make lint` checks that its output is what is committed.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

VERSION = "1.36.0"
OUT = Path(__file__).parent.parent / "src/armillary/kube/kinds"
CORE = "io.k8s.api.core.v1"
META = "io.k8s.apimachinery.pkg.apis.meta.v1"

# module -> (schema prefix, API group, version)
GROUPS = {
    "core": (CORE, "", "v1"),
    "apps": ("io.k8s.api.apps.v1", "apps", "v1"),
    "autoscaling": ("io.k8s.api.autoscaling.v2", "autoscaling", "v2"),
    "batch": ("io.k8s.api.batch.v1", "batch", "v1"),
    "coordination": ("io.k8s.api.coordination.v1", "coordination.k8s.io", "v1"),
    "discovery": ("io.k8s.api.discovery.v1", "discovery.k8s.io", "v1"),
    "networking": ("io.k8s.api.networking.v1", "networking.k8s.io", "v1"),
    "policy": ("io.k8s.api.policy.v1", "policy", "v1"),
    "rbac": ("io.k8s.api.rbac.v1", "rbac.authorization.k8s.io", "v1"),
    "scheduling": ("io.k8s.api.scheduling.v1", "scheduling.k8s.io", "v1"),
    "storage": ("io.k8s.api.storage.v1", "storage.k8s.io", "v1"),
    "authentication": ("io.k8s.api.authentication.v1", "authentication.k8s.io", "v1"),
    "authorization": ("io.k8s.api.authorization.v1", "authorization.k8s.io", "v1"),
}
CLUSTER_SCOPED = {
    "ClusterRole", "ClusterRoleBinding", "CSIDriver", "CSINode", "IngressClass", "IPAddress", "Namespace",
    "Node", "PersistentVolume", "PriorityClass", "SelfSubjectAccessReview", "SelfSubjectReview",
    "SelfSubjectRulesReview", "ServiceCIDR", "StorageClass", "SubjectAccessReview", "TokenReview",
    "VolumeAttachment", "VolumeAttributesClass",
}  # fmt: skip
# Strings for which "" says something else than absence.
NULLABLE_STRINGS = {"storageClassName"}
SCALARS = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "str",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int | str",
    f"{META}.Time": "str",
    f"{META}.MicroTime": "str",
    f"{META}.FieldsV1": "Any",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "Any",
}
PYTHON_WORDS = {"from", "continue", "not", "except", "global", "type_"}


@dataclass(frozen=True)
class Names:
    """Where a schema's Struct lives."""

    modules: dict[str, str]  # schema name -> module

    def owner(self, ref: str) -> str | None:
        return self.modules.get(ref)


def load() -> dict[str, Any]:
    root = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{VERSION}-local"
    definitions: dict[str, Any] = json.loads((root / "_definitions.json").read_text())["$defs"]
    return definitions


# Acronyms in the plural, and one field of the API that begins with a capital.
SNAKE = {
    "nonResourceURLs": "non_resource_urls",
    "podCIDRs": "pod_cidrs",
    "targetWWNs": "target_wwns",
    "Port": "daemon_port",
}


def snake(name: str) -> str:
    if name in SNAKE:
        return SNAKE[name]
    plain = re.sub(r"IPs$", "Ips", name)
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain).lower()
    return f"{plain}_" if plain in PYTHON_WORDS else plain


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)


def refs(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].removeprefix("#/$defs/")
        for value in schema.values():
            yield from refs(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from refs(value)


def type_of(schema: dict[str, Any], names: Names) -> str:
    if "$ref" in schema:
        ref = schema["$ref"].removeprefix("#/$defs/")
        if ref in SCALARS:
            return SCALARS[ref]
        return ref.rsplit(".", 1)[1] if names.owner(ref) else "Any"
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next(k for k in kind if k != "null")
    match kind:
        case "string":
            return "str"
        case "integer":
            return "int"
        case "number":
            return "float"
        case "boolean":
            return "bool"
        case "array":
            return f"tuple[{type_of(schema['items'], names)}, ...]"
        case "object" if "additionalProperties" in schema:
            return f"dict[str, {type_of(schema['additionalProperties'], names)}]"
    return "Any"


def field(wire: str, schema: dict[str, Any], *, required: bool, top: bool, names: Names) -> str:
    name, kind = snake(wire), type_of(schema, names)
    if (top and wire in ("metadata", "spec", "status")) or kind.endswith("TemplateSpec"):
        return f"    {name}: {kind} = field(default_factory=lambda: {kind}())"
    if kind == "str" and wire in NULLABLE_STRINGS:
        return f"    {name}: str | None = None"
    if required:
        return f"    {name}: {kind}"
    if kind == "str":
        return f'    {name}: str = ""'
    if kind.startswith("tuple"):
        return f"    {name}: {kind} = ()"
    if kind.startswith("dict"):
        return f"    {name}: {kind} = field(default_factory=dict)"
    return f"    {name}: Any = None" if kind == "Any" else f"    {name}: {kind} | None = None"


def plural(kind: str) -> str:
    lower = kind.lower()
    if lower == "endpoints":
        return lower
    if lower.endswith(("s", "x", "ch")):
        return lower + "es"
    return lower[:-1] + "ies" if lower.endswith("y") else lower + "s"


def constant(kind: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).upper()


def is_kind(schema: dict[str, Any]) -> bool:
    props = schema.get("properties", {})
    return "kind" in props and "apiVersion" in props and bool(schema.get("x-kubernetes-group-version-kind"))


def struct(ref: str, schema: dict[str, Any], names: Names) -> list[str]:
    kind = ref.rsplit(".", 1)[1]
    top = is_kind(schema)
    required = set() if top else set(schema.get("required", ()))
    if kind.endswith(("Spec", "Status")) and kind != "ContainerStatus":
        required = set()  # an object without its spec or status is still an object
    lines = [f"class {kind}(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):"]
    for wire, sub in schema.get("properties", {}).items():
        if wire in ("kind", "apiVersion") and top:
            continue
        if wire.startswith("$"):
            continue
        lines.append(field(wire, sub, required=wire in required, top=top or kind.endswith("TemplateSpec"), names=names))
    if len(lines) == 1:
        lines.append("    pass")
    return [*lines, "", ""]


def wanted(definitions: dict[str, Any]) -> dict[str, str]:
    """Schema names to write, each with its module: all of a group's own, and what they use of meta."""
    modules = {}
    for module, (prefix, *_) in GROUPS.items():
        for ref in definitions:
            if ref.rsplit(".", 1)[0] == prefix and not ref.endswith("List"):
                modules[ref] = module
    for ref in list(modules):
        for used in refs(definitions[ref]):
            if used.startswith(META) and used not in SCALARS:
                modules[used] = "meta"
    modules[f"{META}.ListMeta"] = "meta"
    for ref in [r for r, m in modules.items() if m == "meta"]:
        for used in refs(definitions[ref]):
            if used.startswith(META) and used not in SCALARS:
                modules[used] = "meta"
    modules["io.k8s.api.autoscaling.v1.Scale"] = "autoscaling"
    modules["io.k8s.api.autoscaling.v1.ScaleSpec"] = "autoscaling"
    modules["io.k8s.api.autoscaling.v1.ScaleStatus"] = "autoscaling"
    return modules


def write(module: str, definitions: dict[str, Any], names: Names) -> str:
    own = sorted(ref for ref, m in names.modules.items() if m == module)
    imports: dict[str, set[str]] = {}
    body: list[str] = []
    kinds: list[str] = []
    for ref in own:
        body += struct(ref, definitions[ref], names)
        for used in refs(definitions[ref].get("properties", {})):
            where = names.owner(used)
            if where and where != module and used not in SCALARS:
                imports.setdefault(where, set()).add(used.rsplit(".", 1)[1])
        name = ref.rsplit(".", 1)[1]
        if module != "meta" and is_kind(definitions[ref]):
            for gvk in definitions[ref]["x-kubernetes-group-version-kind"]:
                scope = name not in CLUSTER_SCOPED
                kinds.append(
                    f'{constant(name)} = Kind("{gvk["group"]}", "{gvk["version"]}", "{name}", '
                    f'"{plural(name)}", {scope}, {name})'
                )
    head = [f'"""{module}: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""', ""]
    head += [
        "from __future__ import annotations",
        "",
        "from typing import Any",
        "",
        "from msgspec import Struct, field",
        "",
    ]
    head.append("from armillary.kube.kind import Kind" if kinds else "")
    for where, what in sorted(imports.items()):
        head.append(f"from armillary.kube.kinds.{where} import {', '.join(sorted(what))}")
    head += ["from armillary.kube.wire import wire_name", "", ""]
    text = "\n".join([*head, *body, *kinds]) + "\n"
    if "Any" not in text.split("import Any", 1)[1]:
        text = text.replace("from typing import Any\n\n", "")
    if "field(" not in text:
        text = text.replace("from msgspec import Struct, field", "from msgspec import Struct")
    return text


def irregular(definitions: dict[str, Any], names: Names) -> dict[str, str]:
    """Python name -> name on the wire, where plain camel case would miss it."""
    found = {}
    for ref in names.modules:
        for wire in definitions[ref].get("properties", {}):
            if not wire.startswith("$") and camel(snake(wire)) != wire:
                found[snake(wire)] = wire
    return dict(sorted(found.items()))


def main() -> None:
    definitions = load()
    names = Names(wanted(definitions))
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    (out / "__init__.py").write_text("")
    for module in ("meta", *GROUPS):
        (out / f"{module}.py").write_text(write(module, definitions, names))
    table = "".join(f'    "{k}": "{v}",\n' for k, v in irregular(definitions, names).items())
    (out / "irregular.py").write_text(
        '"""Field names that camel case alone would miss. Made by tools/gen_kinds.py; do not edit."""\n\n'
        f"WIRE_NAMES = {{\n{table}}}\n"
    )


if __name__ == "__main__":
    main()
