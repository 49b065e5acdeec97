"""What a caller may do in a cluster: asked of the cluster itself (SubjectAccessReview), and remembered for a moment.

An answer counts until that cluster's RBAC changes, which watches tell at once, and never longer than a few seconds:
a cluster may have other authorizers as well.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from armillary.base.clock import Clock
from armillary.base.errors import ApiError, Denied, Unavailable
from armillary.base.tasks import supervise
from armillary.kube.cache import Cache
from armillary.kube.client import Client
from armillary.kube.kind import Kind
from armillary.kube.kinds.authorization import (
    SUBJECT_ACCESS_REVIEW,
    ResourceAttributes,
    SubjectAccessReview,
    SubjectAccessReviewSpec,
)
from armillary.kube.kinds.rbac import CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING, RoleBinding, Subject
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.parts import HOST, Asked, Clusters, Verdict

KEPT_SECONDS = 5.0
FIRST_LIST_SECONDS = 5.0
MOST_KEPT = 20_000
AT_ONCE = 16  # questions about namespaces that are under way together

_Key = tuple[str, tuple[str, ...], str, Asked]


@dataclass(slots=True)
class _Rbac:
    """One cluster's RBAC, watched by one connection: `generation` is another after each change."""

    client: Client
    bindings: Cache[RoleBinding]
    numbers: Iterator[int]
    generation: int
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    def changed(self, old: object, new: object) -> None:
        self.generation = next(self.numbers)


@dataclass(frozen=True, slots=True)
class _Kept:
    verdict: Verdict
    generation: int
    until: float


@dataclass(slots=True)
class AskedRights:
    """`run` keeps the watches; without it answers live by time alone."""

    clusters: Clusters
    clock: Clock
    _rbac: dict[str, _Rbac] = field(default_factory=dict)
    _kept: dict[_Key, _Kept] = field(default_factory=dict)
    _asking: dict[_Key, "asyncio.Future[Verdict]"] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))  # of generations: none comes twice
    _group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self._group = None
                self._rbac.clear()

    async def may(self, caller: Caller, asked: Asked, *, cluster: str = HOST) -> Verdict:
        """The cluster's answer. Raises NotFound for a cluster there is not, Unavailable for one out of reach."""
        key = (caller.kube_user, caller.kube_groups, cluster, asked)
        generation = self.generation(cluster)
        kept = self._kept.get(key)
        if kept is not None and kept.generation == generation and kept.until > self.clock.monotonic():
            return kept.verdict
        verdict = await self._shared(key, caller, asked, cluster)
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = _Kept(verdict, generation, self.clock.monotonic() + KEPT_SECONDS)
        return verdict

    async def demand(self, caller: Caller, asked: Asked, *, cluster: str = HOST) -> None:
        """Raises Denied, as the API server words it, unless they may."""
        if not (await self.may(caller, asked, cluster=cluster)).allowed:
            raise refusal(caller, asked)

    async def namespaces(self, caller: Caller, asked: Asked, *, cluster: str = HOST) -> frozenset[str] | None:
        """Where they may; None means everywhere."""
        everywhere = Asked(asked.verb, asked.group, asked.resource, name=asked.name)
        if (await self.may(caller, everywhere, cluster=cluster)).allowed:
            return None
        gate = asyncio.Semaphore(AT_ONCE)

        async def allowed(namespace: str) -> bool:
            there = Asked(asked.verb, asked.group, asked.resource, namespace, asked.name)
            async with gate:
                return (await self.may(caller, there, cluster=cluster)).allowed

        candidates = await self._candidates(caller, cluster)
        answers = await asyncio.gather(*map(allowed, candidates))
        return frozenset(name for name, is_allowed in zip(candidates, answers, strict=True) if is_allowed)

    def generation(self, cluster: str = HOST) -> int:
        rbac = self._watched(cluster)
        return rbac.generation if rbac is not None else 0

    async def _candidates(self, caller: Caller, cluster: str) -> Sequence[str]:
        """Namespaces with a binding for them: nobody has rights in one namespace alone by other means."""
        wanted = [("User", caller.kube_user), *(("Group", group) for group in caller.kube_groups)]
        rbac = self._watched(cluster)
        if rbac is not None:
            try:
                async with asyncio.timeout(FIRST_LIST_SECONDS):
                    await rbac.bindings.wait_synced()
            except TimeoutError as exc:
                raise Unavailable(
                    f'cluster "{cluster}" has not told yet who may do what', retry_after_seconds=2
                ) from exc
            found = [b for kind, name in wanted for b in rbac.bindings.by("subject", f"{kind}/{name}")]
        else:
            everything = (await self.clusters.client(cluster).list(ROLE_BINDING)).items
            found = [b for b in everything if any((s.kind, s.name) in wanted for s in b.subjects)]
        return sorted({binding.metadata.namespace for binding in found})

    async def _shared(self, key: _Key, caller: Caller, asked: Asked, cluster: str) -> Verdict:
        """The same question is put once at a time."""
        while (under_way := self._asking.get(key)) is not None:
            await asyncio.wait((under_way,))
            if not under_way.cancelled():  # else whoever asked has left: ask again
                return under_way.result()
        answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._asking[key] = answer
        try:
            verdict = await _review(self.clusters.client(cluster), caller, asked)
            answer.set_result(verdict)
        except ApiError as exc:
            answer.set_exception(exc)
            answer.exception()  # nobody need be waiting
            raise
        finally:
            del self._asking[key]
            answer.cancel()  # if it was not given
        return verdict

    def _watched(self, cluster: str) -> _Rbac | None:
        if self._group is None:
            return None
        client, known = self.clusters.client(cluster), self._rbac.get(cluster)
        if known is not None and known.client is not client:
            # The cluster is connected anew: what the old connection last saw is nobody's right.
            for task in known.tasks:
                task.cancel()
            known = None
        if known is None:
            known = self._rbac[cluster] = self._watch(self._group, cluster, client)
        return known

    def _watch(self, group: asyncio.TaskGroup, cluster: str, client: Client) -> _Rbac:
        bindings = Cache(client, ROLE_BINDING, indexes={"subject": _subjects})
        rbac = _Rbac(client, bindings, self._numbers, next(self._numbers))
        kinds: tuple[Kind[Any], ...] = (ROLE, CLUSTER_ROLE, CLUSTER_ROLE_BINDING)
        for cache in (bindings, *(Cache(client, kind) for kind in kinds)):
            cache.listen(rbac.changed)
            name = f"rights: {cache.kind.plural} of {cluster}"
            rbac.tasks.append(group.create_task(supervise(name, cache.run), name=name))
        return rbac


def _subjects(binding: RoleBinding) -> Iterable[str]:
    return [f"{subject.kind}/{subject.name}" for subject in binding.subjects if _is_person(subject)]


def _is_person(subject: Subject) -> bool:
    return subject.kind in ("User", "Group")


async def _review(client: Client, caller: Caller, asked: Asked) -> Verdict:
    resource, _, subresource = asked.resource.partition("/")
    spec = SubjectAccessReviewSpec(
        user=caller.kube_user,
        groups=caller.kube_groups,
        resource_attributes=ResourceAttributes(
            verb=asked.verb,
            group=asked.group,
            resource=resource,
            subresource=subresource,
            namespace=asked.namespace,
            name=asked.name,
        ),
    )
    answer = await client.create(SUBJECT_ACCESS_REVIEW, SubjectAccessReview(spec=spec))
    status = answer.status
    return Verdict(bool(status.allowed), status.reason)


def refusal(caller: Caller, asked: Asked) -> Denied:
    """As the API server words it."""
    what = asked.resource.partition("/")[0] + (f".{asked.group}" if asked.group else "")
    named = f'{what} "{asked.name}"' if asked.name else what
    where = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    return Denied(
        f'{named} is forbidden: User "{caller.kube_user}" cannot {asked.verb} resource "{asked.resource}" '
        f'in API group "{asked.group}" {where}',
        group=asked.group,
        kind=asked.resource.partition("/")[0],
        name=asked.name,
    )
