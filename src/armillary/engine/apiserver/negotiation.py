"""In what form an answer is wanted. Rules: k8s.io/apiserver, endpoints/handlers/negotiation."""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from armillary.base.errors import NotAcceptable

JSON = "application/json"
YAML = "application/yaml"
_OFFERED = f"{JSON}, {YAML}"


class Shape(Enum):
    """What objects are turned into before they are sent."""

    OBJECT = ""
    TABLE = "Table"
    PARTIAL = "PartialObjectMetadata"
    PARTIAL_LIST = "PartialObjectMetadataList"
    DISCOVERY = "APIGroupDiscoveryList"


_OF_META = {Shape.TABLE, Shape.PARTIAL, Shape.PARTIAL_LIST}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A form that we can give. `version` is that of the shape's own API group."""

    shape: Shape = Shape.OBJECT
    version: str = ""
    yaml: bool = False


PLAIN = Wanted()


@lru_cache(maxsize=256)
def wanted(accept: str, shapes: frozenset[Shape]) -> Wanted:
    """The first acceptable form among those possible here. Raises NotAcceptable."""
    if not accept:
        return PLAIN
    ranked = sorted((_parse(clause) for clause in accept.split(",")), key=lambda c: -c[1])
    for media, _, params in ranked:
        if media not in (JSON, YAML, "*/*", "application/*"):
            continue
        found = _shape(params)
        if found is not None and (found[0] is Shape.OBJECT or found[0] in shapes):
            return Wanted(*found, yaml=media == YAML)
    raise NotAcceptable(f"only the following media types are accepted: {_OFFERED}")


def _parse(clause: str) -> tuple[str, float, dict[str, str]]:
    media, *rest = (part.strip() for part in clause.split(";"))
    params = dict(part.partition("=")[::2] for part in rest if "=" in part)
    try:
        quality = float(params.get("q", "1"))
    except ValueError:
        quality = 1.0
    return media.lower(), quality, params


def _shape(params: dict[str, str]) -> tuple[Shape, str] | None:
    kind, group, version = params.get("as", ""), params.get("g", ""), params.get("v", "")
    if not kind:
        return Shape.OBJECT, ""
    try:
        shape = Shape(kind)
    except ValueError:
        return None
    if shape in _OF_META and group == "meta.k8s.io" and version in ("v1", "v1beta1"):
        return shape, version
    if shape is Shape.DISCOVERY and group == "apidiscovery.k8s.io" and version in ("v2", "v2beta1"):
        return shape, version
    return None
