"""Write the Kubernetes schemas that the API server reads: one gz file, made from `kubernetes-validate`.

The package (a build-time dependency) keeps them for validators: every type may be null there, and kinds are
enumerated. Both are taken out, so that what is left says what upstream's OpenAPI says.
"""

import gzip
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

VERSION = "1.36.0"
OUT = Path(__file__).parent.parent / "src/armillary/engine/apiserver/schemas.json.gz"
REF = "#/$defs/"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
# These two lost their form on the way into the package.
SCALARS = {
    QUANTITY: {"oneOf": [{"type": "string"}, {"type": "number"}]},
    INT_OR_STRING: {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
}


def plain(schema: Any) -> Any:
    """A schema without nulls and enumerated kinds; references by bare name."""
    if isinstance(schema, list):
        return [plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {}
    for key, value in schema.items():
        if key == "enum":
            continue
        if key == "properties":
            found[key] = {name: plain(sub) for name, sub in value.items()}
        elif key == "type" and isinstance(value, list):
            found[key] = next(kind for kind in value if kind != "null")
        elif key == "$ref":
            found[key] = value.removeprefix(REF)
        else:
            found[key] = plain(value)
    return found


def main() -> None:
    source = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{VERSION}-local" / "_definitions.json"
    definitions = orjson.loads(source.read_bytes())["$defs"]
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    schemas = {name: plain(schema) | SCALARS.get(name, {}) for name, schema in sorted(definitions.items())}
    out.parent.mkdir(parents=True, exist_ok=True)
    # No time in the header: the same schemas give the same file.
    out.write_bytes(gzip.compress(orjson.dumps(schemas), 9, mtime=0))


if __name__ == "__main__":
    main()
