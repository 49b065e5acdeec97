"""What holds for every object: its metadata, its label selectors, its conditions.

Rules and wording: k8s.io/apimachinery, api/validation "ObjectMeta" and apis/meta/v1/validation. Which fields a
client may set at all, and what the server fills in, is the API server's business and done before this.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import (
    duplicate,
    forbidden,
    immutable,
    invalid,
    not_supported,
    required,
    too_long,
    under,
    wrong,
)
from armillary.engine.kinds.names import NameRule
from armillary.engine.kinds.resource import Json

ANNOTATIONS_LIMIT = 256 * 1024  # bytes, keys and values together
STANDARD_FINALIZERS = frozenset({"kubernetes", "orphan", "foregroundDeletion"})
_FIXED = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")

Validate = Callable[[Json, Json | None], Sequence[Cause]]


def validator(
    rule: NameRule, rest: Validate | None = None, *, namespaced: bool = True, built_in: bool = True
) -> Validate:
    """A resource's `validate`: its metadata, then the `rest`."""

    def validate(new: Json, old: Json | None) -> Sequence[Cause]:
        found = validate_meta(new, old, rule, namespaced=namespaced, built_in=built_in)
        if rest is not None:
            found.extend(rest(new, old))
        return found

    return validate


def status_validator(
    rest: Callable[[Json, Json], Sequence[Cause]], *, built_in: bool = True
) -> Callable[[Json, Json], Sequence[Cause]]:
    """A resource's `validate_status`: its metadata as for an update, then the `rest`."""

    def validate(new: Json, old: Json) -> Sequence[Cause]:
        found = validate_meta(new, old, names.path_segment, built_in=built_in)
        found.extend(rest(new, old))
        return found

    return validate


def validate_meta(
    new: Json, old: Json | None, rule: NameRule, *, namespaced: bool = True, built_in: bool = True
) -> list[Cause]:
    """The faults of an object's metadata, for a creation (`old` is None) or an update.

    Finalizers of kinds that are not `built_in` may do without a domain.
    """
    meta = new.get("metadata") or {}
    found = _check_created(meta, rule, namespaced=namespaced) if old is None else []
    if old is not None:
        found.extend(_check_updated(meta, old.get("metadata") or {}))
    if labels := meta.get("labels"):
        found.extend(check_labels(labels, "metadata.labels"))
    if annotations := meta.get("annotations"):
        found.extend(check_annotations(annotations, "metadata.annotations"))
    if owners := meta.get("ownerReferences"):
        found.extend(_check_owners(owners, "metadata.ownerReferences"))
    if finalizers := meta.get("finalizers"):
        found.extend(_check_finalizers(finalizers, built_in=built_in))
    if managed := meta.get("managedFields"):
        found.extend(_check_managed(managed))
    return found


def _check_created(meta: Json, rule: NameRule, *, namespaced: bool) -> list[Cause]:
    found: list[Cause] = []
    name, prefix, namespace = meta.get("name") or "", meta.get("generateName") or "", meta.get("namespace") or ""
    if prefix:
        found += wrong("metadata.generateName", prefix, rule(names.masked(prefix)))
    if not name:
        found.append(required("metadata.name", "name or generateName is required"))
    else:
        found += wrong("metadata.name", name, rule(name))
    if not namespaced and namespace:
        found.append(forbidden("metadata.namespace", "not allowed on this type"))
    elif namespaced and not namespace:
        found.append(required("metadata.namespace"))
    elif namespaced:
        found += wrong("metadata.namespace", namespace, names.dns_label(namespace))
    if (meta.get("generation") or 0) < 0:
        found.append(invalid("metadata.generation", meta["generation"], "must be greater than or equal to 0"))
    return found


def _check_updated(new: Json, old: Json) -> list[Cause]:
    found: list[Cause] = []
    if old.get("deletionTimestamp"):
        added = sorted(set(new.get("finalizers") or ()) - set(old.get("finalizers") or ()))
        if added:
            text = "[]string{" + ", ".join(orjson.dumps(a).decode() for a in added) + "}"
            fault = f"no new finalizers can be added if the object is being deleted, found new finalizers {text}"
            found.append(forbidden("metadata.finalizers", fault))
    if (new.get("generation") or 0) < (old.get("generation") or 0):
        found.append(invalid("metadata.generation", new.get("generation") or 0, "must not be decremented"))
    changed = (field for field in _FIXED if (new.get(field) or None) != (old.get(field) or None))
    return found + [immutable(f"metadata.{field}", new.get(field)) for field in changed]


def check_labels(labels: Mapping[str, str], field: str) -> list[Cause]:
    """Keys and values of labels, all named by the same `field`."""
    found: list[Cause] = []
    for key, value in labels.items():
        if problems := names.label_key(key):
            found += wrong(field, key, problems)
        if value and (problems := names.label_value(value)):
            found += wrong(field, value, problems)
    return found


def check_annotations(annotations: Mapping[str, str], field: str) -> list[Cause]:
    """Keys of annotations, and the size of all together."""
    found: list[Cause] = []
    total = 0
    for key, value in annotations.items():
        if problems := names.label_key(key.lower()):
            found += wrong(field, key, problems)
        total += names.size(key) + names.size(value or "")
    if total > ANNOTATIONS_LIMIT:
        found.append(too_long(field, ANNOTATIONS_LIMIT))
    return found


def _check_owners(owners: Sequence[Json], field: str) -> list[Cause]:
    found: list[Cause] = []
    controller = ""
    for owner in owners:
        group, _, version = (owner.get("apiVersion") or "").rpartition("/")
        kind = owner.get("kind") or ""
        if not version:
            found.append(invalid(f"{field}.apiVersion", owner.get("apiVersion") or "", "version must not be empty"))
        absent = (part for part in ("kind", "name", "uid") if not owner.get(part))
        found += [invalid(f"{field}.{part}", "", "must not be empty") for part in absent]
        if (group, version, kind) == ("", "v1", "Event"):
            found.append(invalid(field, owner, "/v1, Kind=Event is disallowed from being an owner"))
        if owner.get("controller"):
            this = f"{kind}/{owner.get('name') or ''}"
            if controller:
                fault = (
                    "Only one reference can have Controller set to true. "
                    f'Found "true" in references for {controller} and {this}'
                )
                found.append(invalid(field, list(owners), fault))
            else:
                controller = this
    return found


def _check_finalizers(finalizers: Sequence[str], *, built_in: bool) -> list[Cause]:
    field = "metadata.finalizers"
    found: list[Cause] = []
    for finalizer in finalizers:
        found += wrong(field, finalizer, names.label_key(finalizer))
    if "orphan" in finalizers and "foregroundDeletion" in finalizers:
        fault = "finalizer orphan and foregroundDeletion cannot be both set"
        found.append(invalid(field, list(finalizers), fault))
    return found + (check_finalizer_names(finalizers, field) if built_in else [])


def check_finalizer_names(finalizers: Iterable[str], field: str) -> list[Cause]:
    """Finalizers of built-in kinds are the standard ones or carry a domain."""
    fault = "name is neither a standard finalizer name nor is it fully qualified"
    return [
        invalid(f"{field}[{i}]", name, fault)
        for i, name in enumerate(finalizers)
        if "/" not in name and name not in STANDARD_FINALIZERS
    ]


def _check_managed(managed: Sequence[Json]) -> list[Cause]:
    found: list[Cause] = []
    for i, entry in enumerate(managed):
        field = f"metadata.managedFields[{i}]"
        if entry.get("operation") not in ("Apply", "Update"):
            found.append(invalid(f"{field}.operation", entry.get("operation") or "", "must be `Apply` or `Update`"))
        if entry.get("fieldsType") not in (None, "", "FieldsV1"):
            found.append(invalid(f"{field}.fieldsType", entry["fieldsType"], "must be `FieldsV1`"))
        found += check_field_manager(entry.get("manager") or "", f"{field}.manager")
        if names.size(entry.get("subresource") or "") > 256:
            found.append(too_long(f"{field}.subresource", 256))
    return found


def check_field_manager(manager: str, field: str = "fieldManager") -> list[Cause]:
    """The name under which a client's fields are kept."""
    found = [too_long(field, 128)] if names.size(manager) > 128 else []
    for i, char in enumerate(manager):
        if not char.isprintable():
            code = f"U+{ord(char):04X}"
            found.append(invalid(field, manager, f"invalid character {code} (at position {i})"))
    return found


def check_label_selector(selector: Json | None, field: str) -> list[Cause]:
    """A LabelSelector, `field` naming it."""
    if not selector:
        return []
    found: list[Cause] = []
    if labels := selector.get("matchLabels"):
        found += check_labels(labels, f"{field}.matchLabels")
    for i, requirement in enumerate(selector.get("matchExpressions") or ()):
        if faults := _check_requirement(requirement):
            found.extend(under(f"{field}.matchExpressions[{i}]", faults))
    return found


def _check_requirement(requirement: Json) -> list[Cause]:
    found: list[Cause] = []
    operator, values = requirement.get("operator") or "", requirement.get("values") or ()
    if operator in ("In", "NotIn"):
        if not values:
            found.append(required("values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            found.append(forbidden("values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    else:
        found.append(invalid("operator", operator, "not a valid selector operator"))
    key = requirement.get("key") or ""
    found += wrong("key", key, names.label_key(key))
    for i, value in enumerate(values):
        if problems := names.label_value(value):
            found += wrong(f"values[{i}]", value, problems)
    return found


def is_empty_selector(selector: Json | None) -> bool:
    """Whether a LabelSelector asks for nothing (and so selects everything)."""
    return not selector or not (selector.get("matchLabels") or selector.get("matchExpressions"))


def selector_matches(selector: Json | None, labels: Mapping[str, str] | None) -> bool:
    """Whether these labels are selected; a selector that is absent selects nothing."""
    if selector is None:
        return False
    have = labels or {}
    if any(have.get(k) != v for k, v in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_requirement_matches(r, have) for r in selector.get("matchExpressions") or ())


def _requirement_matches(requirement: Json, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(requirement.get("key") or ""), requirement.get("values") or ()
    match requirement.get("operator"):
        case "In":
            return value is not None and value in values
        case "NotIn":
            return value is None or value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False


def check_conditions(conditions: Sequence[Json] | None, field: str) -> list[Cause]:
    """Conditions of the common type (meta/v1 Condition)."""
    found: list[Cause] = []
    seen: set[str] = set()
    for i, condition in enumerate(conditions or ()):
        kind = condition.get("type") or ""
        if kind in seen:
            found.append(duplicate(f"{field}[{i}].type", kind))
        seen.add(kind)
        if faults := check_condition(condition):
            found.extend(under(f"{field}[{i}]", faults))
    return found


def check_condition(condition: Json) -> list[Cause]:
    """One condition; fields are relative to it."""
    kind = condition.get("type") or ""
    found = wrong("type", kind, names.label_key(kind))
    if condition.get("status") not in ("True", "False", "Unknown"):
        found.append(not_supported("status", condition.get("status") or "", ("True", "False", "Unknown")))
    if (condition.get("observedGeneration") or 0) < 0:
        fault = "must be greater than or equal to zero"
        found.append(invalid("observedGeneration", condition["observedGeneration"], fault))
    if not condition.get("lastTransitionTime"):
        found.append(required("lastTransitionTime"))
    reason = condition.get("reason") or ""
    if not reason:
        found.append(required("reason"))
    else:
        found += wrong("reason", reason, names.condition_reason(reason))
        if names.size(reason) > 1024:
            found.append(too_long("reason", 1024))
    if names.size(condition.get("message") or "") > 32 * 1024:
        found.append(too_long("message", 32 * 1024))
    return found


_SEGMENT = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def at(obj: Json, path: str) -> Any:
    """The value at a path such as `spec.ports[0].name`; None when there is none."""
    found: Any = obj
    for key, index in _SEGMENT.findall(path):
        if index:
            found = found[int(index)] if isinstance(found, list) and int(index) < len(found) else None
        else:
            found = found.get(key) if isinstance(found, dict) else None
    return found
