"""The Kubernetes schemas: read from the file that tools/gen_schemas.py made, types compiled when first asked for.

Descriptions take most of the room and only OpenAPI wants them, so they are not kept.
"""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from armillary.base.errors import SetupError
from armillary.engine.apiserver.schema.node import Node, Types
from armillary.engine.kinds.metrics import SCHEMAS

DEFAULT_FILE = Path(__file__).parent / "schemas.json.gz"
META = "io.k8s.apimachinery.pkg.apis.meta.v1"


def read_definitions(file: Path) -> dict[str, Any]:
    """Every schema by name, with its descriptions. Raises SetupError."""
    try:
        found: dict[str, Any] = orjson.loads(gzip.decompress(file.read_bytes()))
    except FileNotFoundError as exc:
        raise SetupError(f"{file} is missing: run `make gen-schemas`") from exc
    return found | SCHEMAS


class Schemas:
    """Types by schema name. Those of custom resources come and go."""

    def __init__(self, file: Path = DEFAULT_FILE) -> None:
        self.file = file
        self.built_in = Types(_bare(read_definitions(file)))
        self._custom: dict[str, Node] = {}
        self._custom_schemas: dict[str, Any] = {}

    def node(self, name: str) -> Node:
        """The root type of that name; a KeyError is a bug in a resource's declaration."""
        return self._custom.get(name) or self.built_in.named(name)

    def __contains__(self, name: str) -> bool:
        return name in self._custom or name in self.built_in

    def serve_custom(self, nodes: Mapping[str, Node], schemas: Mapping[str, Any]) -> None:
        """Know these types of custom resources. Types of before stay known: requests under way may need them."""
        self._custom |= nodes
        self._custom_schemas = dict(schemas)

    def definitions(self) -> dict[str, Any]:
        """All schemas as OpenAPI wants them. Read anew each time: ask seldom."""
        return read_definitions(self.file) | self._custom_schemas


def _bare(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {k: _bare(v) for k, v in schema.items() if k not in ("description", "properties")}
    if "properties" in schema:
        found["properties"] = {name: _bare(sub) for name, sub in schema["properties"].items()}
    return found
