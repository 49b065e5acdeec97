"""CSIDrivers and CSINodes: rules, defaults, columns.

Rules: k8s.io/kubernetes, pkg/apis/storage/v1/defaults.go, pkg/apis/storage/validation, pkg/registry/storage.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import count, flag
from armillary.engine.kinds.checks import check_choice, check_counts
from armillary.engine.kinds.columns import AGE, NONE, UNSET
from armillary.engine.kinds.faults import duplicate, immutable, invalid, required, under, wrong
from armillary.engine.kinds.fields import fill, fill_empty, part, spec_of
from armillary.engine.kinds.meta import validator
from armillary.engine.kinds.pod.plugins import check_csi_driver_name
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import same
from armillary.engine.kinds.workload import count_change

_GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
_LIFECYCLES = ("Persistent", "Ephemeral")
_LEAST_TOKEN_SECONDS = 600
_LEAST_UPDATE_SECONDS = 10
_MOST_NODE_ID = 256


def _default_driver(obj: Json) -> None:
    spec = part(obj, "spec")
    fill(
        spec,
        attachRequired=True,
        podInfoOnMount=False,
        storageCapacity=False,
        fsGroupPolicy="ReadWriteOnceWithFSType",
        requiresRepublish=False,
        seLinuxMount=False,
    )
    fill_empty(spec, volumeLifecycleModes=["Persistent"])


def _drop_disabled(obj: Json) -> None:
    """Volume limit scaling is a feature that is off."""
    spec_of(obj).pop("preventPodSchedulingIfMissing", None)


def _update_driver(new: Json, old: Json) -> None:
    if spec_of(old).get("preventPodSchedulingIfMissing") is None:
        _drop_disabled(new)
    if not same(spec_of(new), spec_of(old)):
        count_change(new, old)


def _validate_driver(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    found = [required(field) for field in ("podInfoOnMount", "storageCapacity") if spec.get(field) is None]
    found += check_choice("fsGroupPolicy", spec.get("fsGroupPolicy"), _GROUP_POLICIES)
    tokens = spec.get("tokenRequests") or ()
    found += _check_tokens(tokens)
    for mode in spec.get("volumeLifecycleModes") or ():
        found += check_choice("volumeLifecycleModes", mode, _LIFECYCLES)
    period = spec.get("nodeAllocatableUpdatePeriodSeconds")
    if period is not None and period < _LEAST_UPDATE_SECONDS:
        fault = f"must be greater than or equal to {_LEAST_UPDATE_SECONDS} seconds"
        found.append(invalid("nodeAllocatableUpdatePeriodSeconds", period, fault))
    if (in_secrets := spec.get("serviceAccountTokenInSecrets")) is not None and not tokens:
        fault = "serviceAccountTokenInSecrets is set but no tokenRequests are specified"
        found.append(invalid("serviceAccountTokenInSecrets", in_secrets, fault))
    if old is not None:
        before = spec_of(old)
        for field, shown in (("attachRequired", "attachedRequired"), ("volumeLifecycleModes", "volumeLifecycleModes")):
            if not same(spec.get(field), before.get(field)):
                found.append(immutable(shown, spec.get(field)))
    return list(under("spec", found))


def _check_tokens(requests: Sequence[Json]) -> Iterator[Cause]:
    seen: set[str] = set()
    for i, request in enumerate(requests):
        audience, seconds = request.get("audience") or "", request.get("expirationSeconds")
        if audience in seen:
            yield duplicate(f"tokenRequests[{i}].audience", audience)
            continue
        seen.add(audience)
        if seconds is None:
            continue
        field = f"tokenRequests[{i}].expirationSeconds"
        if seconds < _LEAST_TOKEN_SECONDS:
            yield invalid(field, seconds, "may not specify a duration less than 10 minutes")
        if seconds > 1 << 32:
            yield invalid(field, seconds, "may not specify a duration larger than 2^32 seconds")


def _default_node(obj: Json) -> None:
    part(obj, "spec")


def _validate_node(new: Json, old: Json | None) -> Sequence[Cause]:
    drivers = spec_of(new).get("drivers") or ()
    found: list[Cause] = []
    seen: set[str] = set()
    for i, driver in enumerate(drivers):
        found += under(f"spec.drivers[{i}]", _check_driver(driver))
        name = driver.get("name") or ""
        if name in seen:
            found.append(duplicate(f"spec.drivers[{i}].name", name))
        seen.add(name)
    for before in spec_of(old).get("drivers") or () if old is not None else ():
        for driver in drivers:
            if driver.get("name") == before.get("name") and not same(_fixed(driver), _fixed(before)):
                found.append(immutable("spec.drivers", _fixed(driver)))
    return found


def _fixed(driver: Json) -> Json:
    """What may not change of a driver on a node."""
    return {field: value for field, value in driver.items() if field != "allocatable"}


def _check_driver(driver: Json) -> Iterator[Cause]:
    yield from check_csi_driver_name(driver.get("name") or "", "name")
    node = driver.get("nodeID") or ""
    if not node:
        yield required("nodeID")
    if names.size(node) > _MOST_NODE_ID:
        yield invalid("nodeID", node, f"must be {_MOST_NODE_ID} characters or less")
    yield from under("allocatable", check_counts(driver.get("allocatable") or {}, "count"))
    seen: set[str] = set()
    for key in driver.get("topologyKeys") or ():
        if not key:
            yield required("")
        if key in seen:
            yield duplicate("", key)
        seen.add(key)
        yield from wrong("", key, names.label_key(key))


def _tokens(obj: Json, now: datetime) -> str:
    requests = spec_of(obj).get("tokenRequests")
    return UNSET if requests is None else ",".join(r.get("audience") or "" for r in requests)


def _modes(obj: Json, now: datetime) -> str:
    return ",".join(spec_of(obj).get("volumeLifecycleModes") or ()) or NONE


CSI_DRIVERS = Resource(
    group="storage.k8s.io",
    version="v1",
    kind="CSIDriver",
    plural="csidrivers",
    schema="io.k8s.api.storage.v1.CSIDriver",
    singular="csidriver",
    namespaced=False,
    columns=(
        flag("AttachRequired", "spec", "attachRequired", absent=True),
        flag("PodInfoOnMount", "spec", "podInfoOnMount"),
        flag("StorageCapacity", "spec", "storageCapacity"),
        Column("TokenRequests", "string", _tokens, "The audiences of the tokens it is given."),
        flag("RequiresRepublish", "spec", "requiresRepublish"),
        Column("Modes", "string", _modes, "How long its volumes live."),
        AGE,
    ),
    default=_default_driver,
    prepare_create=_drop_disabled,
    prepare_update=_update_driver,
    validate=validator(names.dns_subdomain, _validate_driver, namespaced=False),
    counts_generation=False,  # from the first change on
    has_status=False,
)

CSI_NODES = Resource(
    group="storage.k8s.io",
    version="v1",
    kind="CSINode",
    plural="csinodes",
    schema="io.k8s.api.storage.v1.CSINode",
    singular="csinode",
    namespaced=False,
    columns=(count("Drivers", "spec", "drivers", description="How many drivers the node has."), AGE),
    default=_default_node,
    validate=validator(names.dns_subdomain, _validate_node, namespaced=False),
    counts_generation=False,
    has_status=False,
)
