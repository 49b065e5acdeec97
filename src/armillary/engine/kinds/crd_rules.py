"""CustomResourceDefinitions: defaults and rules.

Rules: k8s.io/apiextensions-apiserver, pkg/apis/apiextensions/v1/defaults.go, pkg/apis/apiextensions/validation,
pkg/registry/customresourcedefinition. What versions have in common is named where it was before there were versions
(`spec.validation`, `spec.subresources`), as upstream does it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.checks import check_required_choice, check_same
from armillary.engine.kinds.faults import duplicate, forbidden, invalid, required, too_many, under
from armillary.engine.kinds.fields import dig, fill, fill_empty, part, spec_of, status_of
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.schema_shape import shape_fault
from armillary.engine.kinds.structural import check_schema, properties_of
from armillary.engine.kinds.webhook_configuration import check_review_versions
from armillary.engine.kinds.webhooks import check_client_config

CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
_APPROVED = "api-approved.kubernetes.io"
_SEE = "see https://github.com/kubernetes/enhancements/pull/1111"
_SCOPES = ("Cluster", "Namespaced")
_STRATEGIES = ("None", "Webhook")
_REVIEW_VERSIONS = ("v1", "v1beta1")
_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_MOST_WARNING = 256
_MOST_SELECTABLE = 8
_SELECTABLE_TYPES = ("string", "boolean", "integer")


def default_definition(obj: Json) -> None:
    spec = part(obj, "spec")
    chosen = part(spec, "names")
    if kind := chosen.get("kind"):
        fill_empty(chosen, singular=kind.lower(), listKind=f"{kind}List")
    fill(spec, conversion={"strategy": "None"})
    if service := dig(spec, "conversion", "webhook", "clientConfig", "service"):
        fill(service, port=443)
    status = part(obj, "status")
    if not status.get("storedVersions") and (storage := storage_version(spec)):
        status["storedVersions"] = [storage]


def storage_version(spec: Json) -> str:
    """The version in which objects are stored."""
    chosen = (v.get("name") or "" for v in spec.get("versions") or () if v.get("storage"))
    return next(chosen, "")


def prepare_definition(obj: Json) -> None:
    storage = storage_version(spec_of(obj))
    stored = [storage] if storage else []
    obj["status"] = {"acceptedNames": {"kind": "", "plural": ""}, "conditions": [], "storedVersions": stored}


def update_definition(new: Json, old: Json) -> None:
    storage = storage_version(spec_of(new))
    stored = status_of(new).get("storedVersions") or []
    if storage and storage not in stored:
        new["status"] = {**status_of(new), "storedVersions": [*stored, storage]}


def hold_definition(obj: Json) -> None:
    """Before a deletion: the instances have to go first."""
    meta = part(obj, "metadata")
    finalizers = meta.get("finalizers") or []
    if CLEANUP not in finalizers:
        meta["finalizers"] = [*finalizers, CLEANUP]


def is_true(obj: Json, kind: str) -> bool:
    """Whether a condition of the definition is True."""
    conditions = status_of(obj).get("conditions") or ()
    return any(c.get("type") == kind and c.get("status") == "True" for c in conditions)


def validate_definition(new: Json, old: Json | None) -> Sequence[Cause]:
    spec, before = spec_of(new), spec_of(old) if old else {}
    found: list[Cause] = []
    name, chosen = dig(new, "metadata", "name") or "", spec.get("names") or {}
    if old is None and name != f"{chosen.get('plural') or ''}.{spec.get('group') or ''}":
        found.append(invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group'))
    found += under("spec", _check_spec(spec, before))
    if old is not None:
        if is_true(old, "Established"):
            found += under("spec", check_same(spec, before, "scope"))
            found += under("spec.names", check_same(chosen, before.get("names") or {}, "kind"))
        found += under("spec", check_same(spec, before, "group"))
        found += under("spec.names", check_same(chosen, before.get("names") or {}, "plural"))
    found += check_definition_status(new)
    found += under("status", _check_stored(status_of(new).get("storedVersions") or [], spec))
    found += _check_approval(new, old)
    if spec.get("preserveUnknownFields") and not before.get("preserveUnknownFields"):
        fault = (
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        )
        found.append(invalid("spec.preserveUnknownFields", True, fault))
    return found


def check_definition_status(obj: Json) -> Iterable[Cause]:
    return under("status.acceptedNames", _check_names(status_of(obj).get("acceptedNames") or {}))


def _check_stored(stored: Sequence[str], spec: Json) -> Iterator[Cause]:
    if not stored:
        yield invalid("storedVersions", stored, "must have at least one stored version")
        return
    storage, known = storage_version(spec), {v.get("name") or "" for v in spec.get("versions") or ()}
    if storage and storage not in stored:
        yield invalid("storedVersions", stored, f"must have the storage version {storage}")
    for i, version in enumerate(stored):
        if version not in known:
            fault = (
                f"missing from spec.versions; {version} was previously a storage version, and must remain in "
                "spec.versions until a storage migration ensures no data remains persisted in "
                f"{version} and removes {version} from status.storedVersions"
            )
            yield invalid(f"storedVersions[{i}]", version, fault)


def _check_approval(new: Json, old: Json | None) -> Iterator[Cause]:
    group = spec_of(new).get("group") or ""
    if not (group in ("k8s.io", "kubernetes.io") or group.endswith((".k8s.io", ".kubernetes.io"))):
        return
    told = dig(new, "metadata", "annotations", _APPROVED)
    if old is not None and _is_approved(told) == _is_approved(dig(old, "metadata", "annotations", _APPROVED)):
        return
    field = f"metadata.annotations[{_APPROVED}]"
    if not told:
        yield required(field, f'protected groups must have approval annotation "{_APPROVED}", {_SEE}')
    elif not _is_approved(told):
        fault = (
            f'protected groups must have approval annotation "{_APPROVED}" with either a URL or a reason starting '
            f'with "unapproved", {_SEE}'
        )
        yield invalid(field, told, fault)


def _is_approved(text: str | None) -> bool:
    if not text or text.startswith("unapproved"):
        return bool(text)
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return bool(url.scheme and url.netloc)


def _check_spec(spec: Json, before: Json) -> Iterator[Cause]:
    group, versions = spec.get("group") or "", spec.get("versions") or []
    if not group:
        yield required("group")
    elif problems := names.dns_subdomain(group):
        yield invalid("group", group, ",".join(problems))
    elif "." not in group:
        yield invalid("group", group, "should be a domain with at least one dot")
    yield from check_required_choice("scope", spec.get("scope"), _SCOPES)
    yield from _check_versions(versions, before.get("versions") or [])
    chosen = spec.get("names") or {}
    for field in ("plural", "singular", "kind", "listKind"):
        if not chosen.get(field):
            yield required(f"names.{field}")
    yield from under("names", _check_names(chosen))
    yield from under("conversion", _check_conversion(spec.get("conversion") or {}, before.get("conversion") or {}))


def _check_versions(versions: Sequence[Json], before: Sequence[Json]) -> Iterator[Cause]:
    shared = {field for field in ("schema", "subresources", "additionalPrinterColumns") if _is_shared(versions, field)}
    known = {v.get("name"): v.get("schema") for v in before}
    has_schema = [bool(dig(v, "schema", "openAPIV3Schema")) for v in versions]
    for i, found in enumerate(has_schema):
        if not found and "schema" not in shared:
            yield required(f"versions[{i}].schema.openAPIV3Schema")
    for i, version in enumerate(versions):
        name = version.get("name") or ""
        if problems := names.dns_1035_label(name):
            yield invalid(f"versions[{i}].name", name, ",".join(problems))
        unchanged = bool(known) and version.get("schema") == known.get(name)
        yield from under(f"versions[{i}]", _check_version(version, shared, judged=not unchanged))
    if versions and shared:
        unchanged = bool(known) and versions[0].get("schema") == known.get(versions[0].get("name"))
        yield from _check_shared(versions[0], shared, judged=not unchanged)
    if len({v.get("name") for v in versions}) != len(versions):
        yield invalid("versions", versions, "must contain unique version names")
    if sum(bool(v.get("storage")) for v in versions) != 1:
        yield invalid("versions", versions, "must have exactly one version marked as storage version")


def _is_shared(versions: Sequence[Json], field: str) -> bool:
    """Whether all versions say the same (and something)."""
    first = versions[0].get(field) if versions else None
    return bool(first) and all(v.get(field) == first for v in versions)


def _check_version(version: Json, shared: set[str], *, judged: bool) -> Iterator[Cause]:
    yield from _check_warning(version)
    parts = {field: version[field] for field in version if field not in shared}
    yield from _check_parts(parts, version, "schema", judged=judged)
    yield from _check_selectable(version)


def _check_shared(version: Json, shared: set[str], *, judged: bool) -> Iterator[Cause]:
    parts = {field: version[field] for field in version if field in shared}
    yield from _check_parts(parts, version, "validation", judged=judged)


def _check_parts(parts: Json, version: Json, schema_field: str, *, judged: bool) -> Iterator[Cause]:
    schema = dig(parts, "schema", "openAPIV3Schema")
    if schema and judged:
        has_status = dig(version, "subresources", "status") is not None
        fault = shape_fault(schema)
        faults = check_schema(schema, has_status=has_status) if fault is None else [fault]
        yield from under(f"{schema_field}.openAPIV3Schema", faults)
    if scale := dig(parts, "subresources", "scale"):
        yield from under("subresources", _check_scale(scale))
    for i, column in enumerate(parts.get("additionalPrinterColumns") or ()):
        yield from under(f"additionalPrinterColumns[{i}]", _check_column(column))


def _check_warning(version: Json) -> Iterator[Cause]:
    warning = version.get("deprecationWarning")
    if warning is None:
        return
    problems = []
    if not version.get("deprecated"):
        problems = ["can only be set for deprecated versions"]
    else:
        if names.size(warning) > _MOST_WARNING:
            problems.append(f"must be <= {_MOST_WARNING} characters long")
        if not warning:
            problems.append("must not be an empty string")
        bad = next((i for i, char in enumerate(warning) if not char.isprintable()), None)
        if bad is not None:
            what = "non-printable character"
            problems.append(f"must only contain printable UTF-8 characters; {what} found at index {bad}")
    for problem in problems:
        yield invalid("deprecationWarning", warning, problem)


def _check_scale(scale: Json) -> Iterator[Cause]:
    places = (
        ("specReplicasPath", (".spec.",), "should be a json path under .spec"),
        ("statusReplicasPath", (".status.",), "should be a json path under .status"),
        ("labelSelectorPath", (".spec.", ".status."), "should be a json path under either .spec or .status"),
    )
    for field, roots, fault in places:
        path, at = scale.get(field), f"scale.{field}"
        if not path:
            if field != "labelSelectorPath":
                yield required(at)
        elif not path.startswith("."):
            yield invalid(at, path, "must be a simple json path starting with .")
        elif not path.startswith(roots):
            yield invalid(at, path, fault)


def _check_column(column: Json) -> Iterator[Cause]:
    kind, form, path = column.get("type") or "", column.get("format") or "", column.get("jsonPath") or ""
    if not column.get("name"):
        yield required("name")
    fault = f"must be one of {','.join(_COLUMN_TYPES)}"
    if not kind:
        yield required("type", fault)
    elif kind not in _COLUMN_TYPES:
        yield invalid("type", kind, fault)
    if form and form not in _COLUMN_FORMATS:
        yield invalid("format", form, f"must be one of {','.join(_COLUMN_FORMATS)}")
    if not path:
        yield required("JSONPath")
    elif not path.startswith("."):
        yield invalid("JSONPath", path, "must be a simple json path starting with .")


def _check_selectable(version: Json) -> Iterator[Cause]:
    fields, schema = version.get("selectableFields") or (), dig(version, "schema", "openAPIV3Schema")
    if fields and not isinstance(schema, dict):
        fault = "may only be set when `version.schema.openAPIV3Schema` is not included"
        yield invalid("selectableFields", "", fault)
        return
    seen: set[str] = set()
    for i, field in enumerate(fields):
        at, path = f"selectableFields[{i}].jsonPath", field.get("jsonPath") or ""
        if not path:
            yield required(at)
            continue
        target = _target(schema, path)
        if target is None:
            yield invalid(at, path, f"is an invalid path: does not refer to a valid field: {path}")
            continue
        if path.startswith(".metadata"):
            yield invalid(at, path, "must not point to fields in metadata")
        if target.get("type") not in _SELECTABLE_TYPES:
            fault = (
                "must point to a field of type string, boolean or integer. "
                "Enum string fields and strings with formats are allowed."
            )
            yield invalid(at, path, fault)
        if path in seen:
            yield duplicate(at, path)
        seen.add(path)
    if len(seen) > _MOST_SELECTABLE:
        yield too_many("selectableFields", len(seen), _MOST_SELECTABLE)


def _target(schema: Any, path: str) -> Json | None:
    """The schema of the field at a simple path."""
    if not path.startswith("."):
        return None
    found: Any = schema
    for step in path[1:].split("."):
        found = properties_of(found).get(step) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _check_names(chosen: Json) -> Iterator[Cause]:
    mixed = "may have mixed case, but should otherwise match: "
    for field, intro in (("plural", ""), ("singular", ""), ("kind", mixed), ("listKind", mixed)):
        name = chosen.get(field) or ""
        if name and (problems := names.dns_1035_label(name.lower() if intro else name)):
            yield invalid(field, name, intro + ",".join(problems))
    for field in ("shortNames", "categories"):
        for i, name in enumerate(chosen.get(field) or ()):
            if problems := names.dns_1035_label(name):
                yield invalid(f"{field}[{i}]", name, ",".join(problems))
    kind = chosen.get("kind")
    if kind and kind == chosen.get("listKind"):
        yield invalid("listKind", kind, "kind and listKind may not be the same")


def _check_conversion(conversion: Json, before: Json) -> Iterator[Cause]:
    strategy, webhook = conversion.get("strategy"), conversion.get("webhook")
    yield from check_required_choice("strategy", strategy, _STRATEGIES)
    config, versions = (webhook or {}).get("clientConfig"), (webhook or {}).get("conversionReviewVersions") or ()
    if strategy == "Webhook":
        if config is None:
            yield required("webhookClientConfig", "required when strategy is set to Webhook")
        else:
            yield from check_client_config(config, "webhookClientConfig")
        known = dig(before, "webhook", "conversionReviewVersions") or ()
        lenient = known and not any(version in _REVIEW_VERSIONS for version in known)
        if versions:
            field = "conversionReviewVersions"
            yield from check_review_versions(versions, _REVIEW_VERSIONS, field, known=not lenient)
        else:
            yield required("conversionReviewVersions")
        return
    if config is not None:
        yield forbidden("webhookClientConfig", "should not be set when strategy is not set to Webhook")
    if versions:
        yield forbidden("conversionReviewVersions", "should not be set when strategy is not set to Webhook")
