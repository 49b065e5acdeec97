"""scheduling: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.wire import wire_name


class PriorityClass(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    description: str = ""
    global_default: bool | None = None
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    preemption_policy: str = ""
    value: int | None = None


PRIORITY_CLASS = Kind("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", False, PriorityClass)
