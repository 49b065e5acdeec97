"""The replica sets of a deployment: which is the new one, their revisions, and how large each may be.

Pure sums over frozen values. Upstream: pkg/controller/deployment/{rolling,sync}.go and util.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec import structs

from armillary.engine.controllers.naming import short_hash
from armillary.engine.controllers.portions import portion
from armillary.kube.kinds.apps import DEPLOYMENT, Deployment, ReplicaSet, ReplicaSetSpec
from armillary.kube.kinds.core import PodTemplateSpec
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.object import is_ending, owned_by

HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
_NOT_COPIED = {
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    DESIRED,
    MAXIMUM,
    "deprecated.deployment.rollback.to",
}
HISTORY_LENGTH = 2000  # characters of the revision-history annotation, as upstream
UNLIMITED = 2**31 - 1  # a limit or deadline of this size means none
LONGEST_NAME = 253


@dataclass(frozen=True)
class Sets:
    """A deployment and the replica sets it controls."""

    deployment: Deployment
    all: tuple[ReplicaSet, ...]

    @cached_property
    def new(self) -> ReplicaSet | None:
        """The oldest one whose template is the deployment's."""
        wanted = without_hash(self.deployment.spec.template)
        fitting = (s for s in by_age(self.all) if without_hash(s.spec.template) == wanted)
        return next(fitting, None)

    @cached_property
    def old(self) -> tuple[ReplicaSet, ...]:
        return tuple(s for s in by_age(self.all) if s is not self.new)

    @cached_property
    def active(self) -> tuple[ReplicaSet, ...]:
        return tuple(s for s in (*self.old, *((self.new,) if self.new else ())) if size(s) > 0)

    @property
    def wanted(self) -> int:
        replicas = self.deployment.spec.replicas
        return 1 if replicas is None else replicas

    @property
    def is_rolling(self) -> bool:
        strategy = self.deployment.spec.strategy
        return strategy is None or strategy.type in ("", "RollingUpdate")

    @cached_property
    def _fences(self) -> tuple[int, int]:
        strategy = self.deployment.spec.strategy
        rolling = strategy.rolling_update if strategy else None
        if not self.is_rolling or rolling is None:
            return 0, 0
        surge = portion(rolling.max_surge, self.wanted, up=True)
        unavailable = portion(rolling.max_unavailable, self.wanted, up=False)
        # Percentages may both round to nothing; then one may be missing, since surge might fail by quota.
        return surge, unavailable or (0 if surge else 1)

    @property
    def max_surge(self) -> int:
        return self._fences[0]

    @property
    def max_unavailable(self) -> int:
        return min(self._fences[1], self.wanted)


def size(replica_set: ReplicaSet) -> int:
    replicas = replica_set.spec.replicas
    return 1 if replicas is None else replicas


def available(replica_set: ReplicaSet) -> int:
    return replica_set.status.available_replicas or 0


def total(sets: Iterable[ReplicaSet]) -> int:
    return sum(size(s) for s in sets)


def by_age(sets: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    """Oldest first."""
    return sorted(sets, key=lambda s: (s.metadata.creation_timestamp, s.metadata.name))


def without_hash(template: PodTemplateSpec) -> PodTemplateSpec:
    labels = template.metadata.labels
    if HASH not in labels:
        return template
    rest = {key: value for key, value in labels.items() if key != HASH}
    return structs.replace(template, metadata=structs.replace(template.metadata, labels=rest))


# Revisions


def revision(replica_set: ReplicaSet) -> int:
    text = replica_set.metadata.annotations.get(REVISION, "")
    return int(text) if text.isdigit() else 0


def next_revision(sets: Sets) -> int:
    return max((revision(s) for s in sets.old), default=0) + 1


def annotations_for(deployment: Deployment, current: Mapping[str, str], wanted_revision: int) -> dict[str, str]:
    """What the new replica set's annotations should be, given what they are."""
    copied = {k: v for k, v in deployment.metadata.annotations.items() if k not in _NOT_COPIED}
    result = {**current, **copied}
    before = current.get(REVISION, "")
    if before and not before.isdigit():
        return result
    if int(before or 0) < wanted_revision:
        result[REVISION] = str(wanted_revision)
        if before:  # it served before: this is a rollback to it
            result[REVISION_HISTORY] = _history(current.get(REVISION_HISTORY, ""), before)
    return result


def _history(text: str, before: str) -> str:
    revisions = [*filter(None, text.split(",")), before]
    while len(",".join(revisions)) > HISTORY_LENGTH:
        revisions.pop(0)
    return ",".join(revisions)


def sizing(sets: Sets) -> dict[str, str]:
    """The annotations by which a later scaling is told from a rollout."""
    return {DESIRED: str(sets.wanted), MAXIMUM: str(sets.wanted + sets.max_surge)}


def excess_history(sets: Sets) -> list[ReplicaSet]:
    """Old sets beyond the history limit that are empty and may go."""
    limit = sets.deployment.spec.revision_history_limit
    if limit is None or limit == UNLIMITED:
        return []
    cleanable = sorted((s for s in sets.old if not is_ending(s)), key=revision)
    return [s for s in cleanable[: max(0, len(cleanable) - limit)] if _is_empty(s)]


def _is_empty(replica_set: ReplicaSet) -> bool:
    seen = (replica_set.metadata.generation or 0) <= (replica_set.status.observed_generation or 0)
    return seen and not replica_set.status.replicas and not size(replica_set)


# The new replica set


def name_and_hash(deployment: Deployment) -> tuple[str, str]:
    """The name of the replica set for the present template: always the same for the same template."""
    digest = short_hash(deployment.spec.template, deployment.status.collision_count)
    return f"{deployment.metadata.name[: LONGEST_NAME - 1 - len(digest)]}-{digest}", digest


def new_replica_set(sets: Sets) -> ReplicaSet:
    deployment = sets.deployment
    name, digest = name_and_hash(deployment)
    template = deployment.spec.template
    labels = {**template.metadata.labels, HASH: digest}
    selector = deployment.spec.selector or LabelSelector()
    annotations = annotations_for(deployment, {}, next_revision(sets)) | sizing(sets)
    return ReplicaSet(
        metadata=ObjectMeta(
            name=name,
            namespace=deployment.metadata.namespace,
            labels=labels,
            annotations=annotations,
            owner_references=(owned_by(DEPLOYMENT, deployment),),
        ),
        spec=ReplicaSetSpec(
            replicas=new_size(sets, 0),
            min_ready_seconds=deployment.spec.min_ready_seconds,
            selector=structs.replace(selector, match_labels={**selector.match_labels, HASH: digest}),
            template=structs.replace(template, metadata=structs.replace(template.metadata, labels=labels)),
        ),
    )


# Sizes


def new_size(sets: Sets, current: int) -> int:
    """How large the new set may be now."""
    if not sets.is_rolling:
        return sets.wanted
    room = sets.wanted + sets.max_surge - total(sets.all)
    return current + min(room, sets.wanted - current) if room > 0 else current


def smaller_old_sets(sets: Sets) -> dict[str, int]:
    """New sizes of old sets in a rolling update: unhealthy pods go first, then as availability permits."""
    new = sets.new
    old = [s for s in sets.old if size(s) > 0]
    if not old or new is None:
        return {}
    least_available = sets.wanted - sets.max_unavailable
    room = total(sets.all) - least_available - (size(new) - available(new))
    if room <= 0:
        return {}
    sizes = {s.metadata.name: size(s) for s in old}
    for replica_set in old:
        unhealthy = min(room, size(replica_set) - available(replica_set))
        if unhealthy > 0:
            sizes[replica_set.metadata.name] -= unhealthy
            room -= unhealthy
    spare = sum(available(s) for s in (*old, new)) - least_available
    for replica_set in old:
        fewer = min(sizes[replica_set.metadata.name], spare)
        if fewer > 0:
            sizes[replica_set.metadata.name] -= fewer
            spare -= fewer
    return {s.metadata.name: sizes[s.metadata.name] for s in old if sizes[s.metadata.name] != size(s)}


def is_saturated(sets: Sets) -> bool:
    new = sets.new
    return (
        new is not None
        and new.metadata.annotations.get(DESIRED) == str(sets.wanted)
        and size(new) == available(new) == sets.wanted
    )


def scaled_sizes(sets: Sets) -> dict[str, int]:
    """Sizes when the deployment itself was scaled: in proportion, if a rollout is under way."""
    candidates = sets.active or ((sets.new,) if sets.new else sets.old[-1:])
    if len(candidates) <= 1:
        return {s.metadata.name: sets.wanted for s in candidates}
    if is_saturated(sets):
        return {s.metadata.name: 0 for s in sets.old if size(s)}
    return _proportional(sets) if sets.is_rolling else {}


def _proportional(sets: Sets) -> dict[str, int]:
    allowed = sets.wanted + sets.max_surge if sets.wanted > 0 else 0
    to_add = allowed - total(sets.active)
    ordered = _largest_first(sets.active, newest_first=to_add > 0)
    sizes, added = {}, 0
    for replica_set in ordered:
        share = _share(sets, replica_set, to_add - added) if to_add != added else 0
        sizes[replica_set.metadata.name] = size(replica_set) + share
        added += share
    first = ordered[0].metadata.name
    sizes[first] = max(0, sizes[first] + to_add - added)
    return sizes


def _largest_first(active: Sequence[ReplicaSet], *, newest_first: bool) -> list[ReplicaSet]:
    aged = by_age(active)
    if newest_first:
        aged.reverse()
    return sorted(aged, key=size, reverse=True)


def _share(sets: Sets, replica_set: ReplicaSet, left: int) -> int:
    if sets.wanted == 0:
        return max(-size(replica_set), left)
    before = replica_set.metadata.annotations.get(MAXIMUM, "")
    base = int(before) if before.isdigit() and int(before) else sets.deployment.status.replicas or 0
    if base == 0:
        return 0
    grown = size(replica_set) * (sets.wanted + sets.max_surge) / base
    share = int(grown + 0.5) - size(replica_set)
    return min(share, left) if left > 0 else max(share, left)
