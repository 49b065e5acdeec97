"""Namespaces: rules, defaults, columns.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateNamespace*", pkg/registry/core/namespace.
"""

from collections.abc import Mapping, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.columns import AGE
from armillary.engine.kinds.faults import invalid, wrong
from armillary.engine.kinds.fields import fill_empty, part, spec_of, status_of
from armillary.engine.kinds.meta import STANDARD_FINALIZERS, status_validator, validate_meta, validator
from armillary.engine.kinds.resource import Column, Json, Resource

_FINALIZER = "kubernetes"
_NAME_LABEL = "kubernetes.io/metadata.name"


def _check_finalizers(namespace: Json) -> list[Cause]:
    found: list[Cause] = []
    for name in spec_of(namespace).get("finalizers") or ():
        found += wrong("spec.finalizers", name, names.label_key(name))
        if "/" not in name and name not in STANDARD_FINALIZERS:
            fault = "name is neither a standard finalizer name nor is it fully qualified"
            found.append(invalid("spec.finalizers", name, fault))
    return found


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    return _check_finalizers(new)


def _validate_status(new: Json, old: Json) -> Sequence[Cause]:
    phase = status_of(new).get("phase") or ""
    ending = bool((new.get("metadata") or {}).get("deletionTimestamp"))
    if phase == ("Terminating" if ending else "Active"):
        return ()
    fault = f"may only be {'Terminating' if ending else 'Active'!r} if `deletionTimestamp` is {'not ' * ending}empty"
    return (invalid("status.Phase", phase, fault),)


def validate_finalize(new: Json, old: Json) -> Sequence[Cause]:
    """For `namespaces/finalize`, which alone may change `spec.finalizers`."""
    return validate_meta(new, old, names.dns_label, namespaced=False) + _check_finalizers(new)


def _default(namespace: Json) -> None:
    meta = part(namespace, "metadata")
    if name := meta.get("name"):
        part(meta, "labels")[_NAME_LABEL] = name
    part(namespace, "spec")
    fill_empty(part(namespace, "status"), phase="Active")


def _prepare_create(namespace: Json) -> None:
    namespace["status"] = {"phase": "Active"}
    spec = part(namespace, "spec")
    finalizers = spec.get("finalizers") or []
    if _FINALIZER not in finalizers:
        spec["finalizers"] = [*finalizers, _FINALIZER]
    meta = part(namespace, "metadata")
    # Said again: a generated name was not known when defaults were set.
    if name := meta.get("name"):
        part(meta, "labels")[_NAME_LABEL] = name


def _prepare_update(new: Json, old: Json) -> None:
    finalizers = spec_of(old).get("finalizers")
    if finalizers is None:
        part(new, "spec").pop("finalizers", None)
    else:
        part(new, "spec")["finalizers"] = finalizers


def _fields(namespace: Json) -> Mapping[str, str]:
    return {"status.phase": status_of(namespace).get("phase") or ""}


NAMESPACES = Resource(
    group="",
    version="v1",
    kind="Namespace",
    plural="namespaces",
    schema="io.k8s.api.core.v1.Namespace",
    namespaced=False,
    singular="namespace",
    short_names=("ns",),
    # Namespaces go one by one: each deletion starts a life cycle of its own.
    verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
    subresources=("status", "finalize"),
    default=_default,
    validate=validator(names.dns_label, _validate, namespaced=False),
    validate_status=status_validator(_validate_status),
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    fields=_fields,
    selectable=("status.phase",),
    counts_generation=False,
    columns=(
        Column("Status", "string", lambda ns, now: status_of(ns).get("phase") or "", "The status of the namespace"),
        AGE,
    ),
)
