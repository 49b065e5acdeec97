"""The resources of the API group coordination.

Rules: k8s.io/kubernetes, pkg/apis/coordination/validation, pkg/registry/coordination/lease.
"""

from collections.abc import Iterator, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import text
from armillary.engine.kinds.columns import AGE
from armillary.engine.kinds.faults import forbidden, invalid, under, unsupported, wrong
from armillary.engine.kinds.fields import part, spec_of
from armillary.engine.kinds.meta import validator
from armillary.engine.kinds.resource import Json, Resource


def _default(obj: Json) -> None:
    part(obj, "spec")


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    return list(under("spec", _check_spec(spec_of(new))))


def _check_spec(spec: Json) -> Iterator[Cause]:
    duration, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if duration is not None and duration <= 0:
        yield invalid("leaseDurationSeconds", duration, "must be greater than 0")
    if transitions is not None and transitions < 0:
        yield invalid("leaseTransitions", transitions, "must be greater than or equal to 0")
    strategy = spec.get("strategy")
    if strategy is not None and "/" in strategy:
        yield from wrong("strategy.strategy", strategy, names.label_key(strategy))
    elif strategy is not None and strategy != "OldestEmulationVersion":
        yield unsupported("strategy.strategy", strategy, ("OldestEmulationVersion",))
    if spec.get("preferredHolder") and not strategy:
        yield forbidden("preferredHolder", "may only be specified if `strategy` is defined")


def _drop_disabled(new: Json, old: Json | None = None) -> None:
    """Coordinated leader election is a feature that is off: its fields stay only where they already are."""
    spec, before = spec_of(new), spec_of(old) if old else {}
    for field in ("strategy", "preferredHolder"):
        if field in spec and before.get(field) is None:
            del spec[field]


RESOURCES: tuple[Resource, ...] = (
    Resource(
        group="coordination.k8s.io",
        version="v1",
        kind="Lease",
        plural="leases",
        schema="io.k8s.api.coordination.v1.Lease",
        singular="lease",
        columns=(text("Holder", "spec", "holderIdentity"), AGE),
        default=_default,
        prepare_create=_drop_disabled,
        prepare_update=_drop_disabled,
        validate=validator(names.dns_subdomain, _validate, built_in=False),
        counts_generation=False,
        has_status=False,
    ),
)
