"""coordination: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.wire import wire_name


class Lease(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: LeaseSpec = field(default_factory=lambda: LeaseSpec())


class LeaseSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    acquire_time: str = ""
    holder_identity: str = ""
    lease_duration_seconds: int | None = None
    lease_transitions: int | None = None
    preferred_holder: str = ""
    renew_time: str = ""
    strategy: str = ""


LEASE = Kind("coordination.k8s.io", "v1", "Lease", "leases", True, Lease)
