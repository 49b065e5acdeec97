"""What others may ask of why: the cause of a trouble, in one sentence, from objects that they hold already. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from armillary.base.words import Language
from armillary.kube.client import decode
from armillary.kube.kind import Kind, Ref
from armillary.kube.kinds.apps import DAEMON_SET, DEPLOYMENT, REPLICA_SET, STATEFUL_SET
from armillary.kube.kinds.batch import CRON_JOB, JOB
from armillary.kube.kinds.core import EVENT, PERSISTENT_VOLUME_CLAIM, POD
from armillary.platform.capabilities.why.decide.explain import explain
from armillary.platform.capabilities.why.facts import Facts

_WORKLOADS: tuple[Kind[Any], ...] = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET, CRON_JOB, JOB, REPLICA_SET)
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cause:
    """`code` is stable, for programs."""

    code: str
    says: str


def cause_of(subject: Ref, objects: Mapping[str, Sequence[Json]], language: Language) -> Cause | None:
    """`objects` by kind: workloads from the top down, pods, claims, events (the newest last). None if none is found."""
    facts = Facts(
        subject=subject,
        workloads=tuple(found for kind in _WORKLOADS for found in _typed(kind, objects)),
        pods=tuple(_typed(POD, objects)),
        claims=tuple(_typed(PERSISTENT_VOLUME_CLAIM, objects)),
        events=tuple(_typed(EVENT, objects)),
    )
    cause = explain(facts).cause
    return Cause(cause.code, cause.said(language)) if cause is not None else None


def _typed(kind: Kind[Any], objects: Mapping[str, Sequence[Json]]) -> list[Any]:
    return [decode(kind, orjson.dumps(found)) for found in objects.get(kind.name, ())]
