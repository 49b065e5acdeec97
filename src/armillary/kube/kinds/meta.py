"""meta: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


from armillary.kube.wire import wire_name


class Condition(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_transition_time: str
    message: str
    observed_generation: int | None = None
    reason: str
    status: str
    type: str


class DeleteOptions(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    dry_run: tuple[str, ...] = ()
    grace_period_seconds: int | None = None
    ignore_store_read_error_with_cluster_breaking_potential: bool | None = None
    orphan_dependents: bool | None = None
    preconditions: Preconditions | None = None
    propagation_policy: str = ""


class FieldSelectorRequirement(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    key: str
    operator: str
    values: tuple[str, ...] = ()


class LabelSelector(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()
    match_labels: dict[str, str] = field(default_factory=dict)


class LabelSelectorRequirement(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    key: str
    operator: str
    values: tuple[str, ...] = ()


class ListMeta(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    continue_: str = ""
    remaining_item_count: int | None = None
    resource_version: str = ""
    self_link: str = ""
    shard_info: ShardInfo | None = None


class ManagedFieldsEntry(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    api_version: str = ""
    fields_type: str = ""
    fields_v1: Any = None
    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: str = ""


class ObjectMeta(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    annotations: dict[str, str] = field(default_factory=dict)
    creation_timestamp: str = ""
    deletion_grace_period_seconds: int | None = None
    deletion_timestamp: str = ""
    finalizers: tuple[str, ...] = ()
    generate_name: str = ""
    generation: int | None = None
    labels: dict[str, str] = field(default_factory=dict)
    managed_fields: tuple[ManagedFieldsEntry, ...] = ()
    name: str = ""
    namespace: str = ""
    owner_references: tuple[OwnerReference, ...] = ()
    resource_version: str = ""
    self_link: str = ""
    uid: str = ""


class OwnerReference(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    api_version: str
    block_owner_deletion: bool | None = None
    controller: bool | None = None
    kind: str
    name: str
    uid: str


class Preconditions(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    resource_version: str = ""
    uid: str = ""


class ShardInfo(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    selector: str
