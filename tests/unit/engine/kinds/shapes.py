"""Random objects of the right shape: every field of a kind, each of the type that its schema gives it."""

import re
from typing import Any

import kubernetes.client
from hypothesis import strategies as st

# Words that rules look for, so that random objects get past the first check.
_WORDS = [
    "", "a", "b", "Always", "Never", "OnFailure", "TCP", "UDP", "None", "ClientIP", "ClusterIP", "NodePort", "In",
    "LoadBalancer", "ExternalName", "Exists", "10.0.0.1", "fd00::1", "10.0.0.0/8", "cpu", "memory", "metadata.name",
    "linux", "windows", "Localhost", "ReadWriteOnce", "Bound", "v1", "../x", "/abs", "é", "A" * 300, "Terminating",
    "2026-01-01T00:00:00Z", "iqn.2001-04.com.example:x", "Local", "Guaranteed", "Running", "Container", "storage",
]  # fmt: skip
_QUANTITIES = ["0", "1", "100m", "1Gi", "-1", "1.5", "x", "1e3"]
_NUMBERS = [-1, 0, 1, 2, 30, 80, 443, 70000, 1 << 31, 1 << 40]
_QUANTITY_FIELDS = {"sizeLimit", "divisor"}
_RESOURCE_LISTS = {
    "limits", "requests", "capacity", "allocatable", "overhead", "hard", "used", "max", "min", "default",
    "defaultRequest", "maxLimitRequestRatio", "allocatedResources",
}  # fmt: skip
_RARELY = st.integers(0, 19).map(lambda n: n == 19)
_MOMENT = st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z"])


def objects(model: str) -> st.SearchStrategy[dict[str, Any]]:
    """JSON objects of the kind that the client calls `model` (`V1Pod`)."""
    return st.deferred(lambda: _object(model, 0))


def _object(model: str, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    kind = getattr(kubernetes.client, model)
    fields = {kind.attribute_map[name]: given for name, given in kind.openapi_types.items()}
    optional = {field: _value(field, given, depth) for field, given in fields.items()}

    @st.composite
    def some(draw: st.DrawFn) -> dict[str, Any]:
        # A few fields of each object: all of them at once would be too large to say anything quickly.
        most = 4 if depth > 1 else 8
        chosen = draw(st.lists(st.sampled_from(sorted(optional)), max_size=most, unique=True)) if optional else []
        if depth < 2:
            chosen = [*{*chosen, *({"metadata", "spec", "status", "containers"} & optional.keys())}]
        # The API takes null for absent.
        return {field: None if draw(_RARELY) else draw(optional[field]) for field in chosen}

    return some()


def _value(field: str, given: str, depth: int) -> st.SearchStrategy[Any]:
    if found := re.fullmatch(r"[Ll]ist\[(.+)\]", given):
        inner = _value(field, found[1], depth)
        return st.just([]) if depth > 7 else st.lists(inner, max_size=2)
    if found := re.fullmatch(r"[Dd]ict[\[(]str, (.+)[\])]", given):
        inner = st.sampled_from(_QUANTITIES) if field in _RESOURCE_LISTS else _value(field, found[1], depth)
        return st.dictionaries(st.sampled_from(_WORDS), inner, max_size=2)
    match given:
        case "str":
            return st.sampled_from(_QUANTITIES if field in _QUANTITY_FIELDS else _WORDS)
        case "bytes":
            return st.sampled_from(["", "YQ==", "e30=", "!"])
        case "int":
            return st.sampled_from(_NUMBERS)
        case "float":
            return st.sampled_from([0.0, 1.5])
        case "bool":
            return st.booleans()
        case "datetime":
            return _MOMENT
        case "object":
            return st.one_of(st.sampled_from(_WORDS), st.sampled_from(_NUMBERS))
    return st.just({}) if depth > 7 else st.deferred(lambda: _object(given, depth + 1))
