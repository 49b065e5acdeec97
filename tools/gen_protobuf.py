"""Write `src/armillary/engine/apiserver/protobuf/messages.txt`: how built-in kinds look in Kubernetes' protobuf.

Clients in Go send built-in kinds so. Field numbers stand in the struct tags of the Go types; no package that we use
has them, so this table is committed. To make it anew for another version:

    python tools/gen_protobuf.py <kubernetes>/staging/src/k8s.io
"""

import re
import sys
from pathlib import Path

OUT = Path(__file__).parent.parent / "src/armillary/engine/apiserver/protobuf/messages.txt"
HEAD = """\
# Kubernetes 1.36 messages: `package.Message field#number:type ...`. Made by tools/gen_protobuf.py; do not edit.
# Types: s string, b boolean, i integer, y bytes, d double, T time, M micro time, Q quantity, N int or string, R raw
# JSON, V a list of strings in a message, A B P a JSON schema or an array, a boolean, strings; or a message. Before
# the type: ? may be told apart from zero, * repeated, {} map, + its fields stand in the object around it.
"""
GROUPS = (
    "admissionregistration/v1", "apps/v1", "authentication/v1", "authorization/v1", "autoscaling/v1", "autoscaling/v2",
    "batch/v1", "certificates/v1", "coordination/v1", "core/v1", "discovery/v1", "events/v1", "flowcontrol/v1",
    "networking/v1", "node/v1", "policy/v1", "rbac/v1", "resource/v1", "scheduling/v1", "storage/v1",
)  # fmt: skip
META = "meta/v1"
EXTENSIONS = "apiextensions/v1"
SCALARS = {
    "string": "s", "bool": "b", "int": "i", "int32": "i", "int64": "i", "uint16": "i", "uint32": "i", "byte": "i",
    "float64": "d", f"{META}.Time": "T", f"{META}.MicroTime": "M", f"{META}.FieldsV1": "R", "resource.Quantity": "Q",
    "intstr.IntOrString": "N", "runtime.RawExtension": "R", "types.UID": "s", "types.NodeName": "s",
    f"{EXTENSIONS}.JSON": "R", f"{EXTENSIONS}.JSONSchemaPropsOrArray": "A", f"{EXTENSIONS}.JSONSchemaPropsOrBool": "B",
    f"{EXTENSIONS}.JSONSchemaPropsOrStringArray": "P",
}  # fmt: skip
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.M | re.S)
_NAMED = re.compile(r"^type (\w+) ((?:\[\]|map\[\w+\])?[\w.]+)\s*$", re.M)
_FIELD = re.compile(r'^\t(?:(\w+)\s+)?([\w.*\[\]]+)\s+`json:"([^"]*)"[^`]*protobuf:"\w+,(\d+),')
_IMPORT = re.compile(r'^\s+(\w+)? ?"k8s\.io/([^"]+)"', re.M)


def sources(root: Path) -> dict[str, str]:
    """The Go text of each package."""
    found = {group: (root / "api" / group / "types.go").read_text() for group in GROUPS}
    found[META] = (root / "apimachinery/pkg/apis/meta/v1/types.go").read_text()
    extensions = root / "apiextensions-apiserver/pkg/apis/apiextensions/v1"
    found[EXTENSIONS] = "".join((extensions / name).read_text() for name in ("types.go", "types_jsonschema.go"))
    return found


def aliases(package: str, text: str) -> dict[str, str]:
    """What package a qualifier stands for."""
    found = {"resource": "resource", "intstr": "intstr", "runtime": "runtime", "types": "types"}
    for alias, path in _IMPORT.findall(text):
        short = "/".join(path.split("/")[-2:])
        if short in (*GROUPS, META):
            found[alias or short.split("/")[-1]] = short
    return found


class Types:
    """All declared types, to look names up in."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.structs = {f"{p}.{name}": body for p, text in texts.items() for name, body in _STRUCT.findall(text)}
        self.named = {f"{p}.{name}": (p, kind) for p, text in texts.items() for name, kind in _NAMED.findall(text)}
        self.aliases = {package: aliases(package, text) for package, text in texts.items()}

    def full(self, package: str, name: str) -> str:
        if "." not in name:
            return name if name in SCALARS else f"{package}.{name}"
        qualifier, _, bare = name.partition(".")
        return f"{self.aliases[package].get(qualifier, qualifier)}.{bare}"

    def code(self, package: str, kind: str) -> str:
        if kind.startswith("*"):
            return "?" + self.code(package, kind[1:])
        if kind == "[]byte":
            return "y"
        if kind.startswith("[]"):
            return "*" + self.code(package, kind[2:])
        if kind.startswith("map["):
            return "{}" + self.code(package, kind.partition("]")[2])
        full = self.full(package, kind)
        if full in SCALARS:
            return SCALARS[full]
        if full in self.named:
            owner, inner = self.named[full]
            # A named list is a message with one field; lists of a message are told apart by their tag.
            return "V" if inner == "[]string" else self.code(owner, inner)
        return full


def line(types: Types, name: str) -> str:
    package, found = name.rpartition(".")[0], [name]
    for text in types.structs[name].splitlines():
        field = _FIELD.match(text)
        if field is None:
            continue
        _, kind, json, number = field.groups()
        wire, *options = json.split(",")
        code = types.code(package, kind)
        if not wire:
            assert "inline" in options, text
            wire, code = kind.rpartition(".")[2].lstrip("*"), "+" + code.lstrip("?")
        found.append(f"{wire}#{number}:{code}")
    return " ".join(found)


def main() -> None:
    types = Types(sources(Path(sys.argv[1])))
    lines = [line(types, name) for name in sorted(types.structs) if name not in SCALARS]
    OUT.write_text(HEAD + "\n".join(text for text in lines if " " in text) + "\n")


if __name__ == "__main__":
    main()
