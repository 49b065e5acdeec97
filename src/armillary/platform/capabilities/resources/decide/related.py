"""What hangs together with one object, and what goes with it when it is deleted. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from armillary.kube.kinds.meta import LabelSelector
from armillary.kube.selectors import selector_of
from armillary.platform.capabilities.resources.decide.graph import owned_pods
from armillary.platform.capabilities.resources.decide.thing import Thing, Things
from armillary.platform.capabilities.resources.decide.uses import (
    CLAIM,
    CONFIG_MAP,
    SECRET,
    WORKLOADS,
    leads_to,
    selects,
    shown_by,
    template_of,
    used_by,
)


@dataclass(frozen=True, slots=True)
class Related:
    """`relation` says what `thing` is to the object: owner, owned, service, route, pod, workload, claim, user, ...

    `via`: of what is owned, the uid of its own owner, so that it can be shown as a tree. `thing` is None for what is
    named and not there (or not theirs to see): then there are only `kind` and `name`.
    """

    relation: str
    kind: str
    name: str
    thing: Thing | None = None
    via: str = ""
    api_version: str = ""  # of an owner, as it is named


def related(subject: Thing, things: Things) -> tuple[Related, ...]:
    """In the order of interest; each thing once for each relation."""
    found: dict[tuple[str, str, str], Related] = {}
    for each in _all(subject, things):
        found.setdefault((each.relation, each.kind, each.name), each)
    return tuple(found.values())


def contents(things: Things) -> tuple[Related, ...]:
    """Everything: what a namespace holds goes with it."""
    return tuple(_is("content", thing) for kind in things for thing in things[kind])


def goes_with(subject: Thing, things: Things) -> tuple[Related, ...]:
    """What is deleted after it: all that it owns and whose every owner goes; of a claim, a volume made for it."""
    going, found = {subject.uid}, list[Related]()
    everything = [thing for kind in things for thing in things[kind] if thing.row.owners]
    has_grown = True
    while has_grown:
        new = [t for t in everything if t.uid not in going and going.issuperset(t.row.owners)]
        going |= {thing.uid for thing in new}
        found += [_is("owned", thing, via=thing.row.owners[0]) for thing in new]
        has_grown = bool(new)
    for volume in things.get("PersistentVolume", ()) if subject.kind == CLAIM else ():
        is_its = (volume.spec.get("claimRef") or {}).get("uid") == subject.uid
        if is_its and volume.spec.get("persistentVolumeReclaimPolicy") == "Delete":
            found.append(_is("volume", volume))
    return tuple(found)


def _is(relation: str, thing: Thing, *, via: str = "") -> Related:
    return Related(relation, thing.kind, thing.name, thing, via)


def _all(subject: Thing, things: Things) -> Iterator[Related]:
    yield from _owners(subject, things)
    yield from _owned(subject, things)
    if subject.kind in WORKLOADS:
        yield from _of_workload(subject, things)
    match subject.kind:
        case "Service":
            yield from _of_service(subject, things)
        case "Ingress":
            for name in leads_to(subject):
                yield _named("service", "Service", name, things)
            for name in shown_by(subject):
                yield _named("secret", SECRET, name, things)
        case "PersistentVolumeClaim":
            yield from _of_claim(subject, things)
        case "Secret" | "ConfigMap" | "ServiceAccount":
            for user in _using(subject, things, WORKLOADS):
                yield _is("pod" if user.kind == "Pod" else "user", user)
            yield from (_is("route", route) for route in _shows(subject, things))
        case "HorizontalPodAutoscaler":
            target = subject.spec.get("scaleTargetRef") or {}
            yield _named("workload", str(target.get("kind")), str(target.get("name")), things)


def _of_claim(subject: Thing, things: Things) -> Iterator[Related]:
    users = {workload.uid: workload for workload in _using(subject, things, WORKLOADS[:-1])}
    owners = owned_pods(things)
    for pod in things.get("Pod", ()):
        # Those of workloads that do not name it are not unpacked: there may be thousands.
        is_likely = pod.uid not in owners or owners[pod.uid] in users
        if is_likely and (CLAIM, subject.name) in used_by(pod):
            yield _is("pod", pod)
    yield from (_is("user", workload) for workload in users.values())
    if volume := subject.spec.get("volumeName"):
        yield _named("volume", "PersistentVolume", str(volume), things)
    if sort := subject.spec.get("storageClassName"):
        yield _named("class", "StorageClass", str(sort), things)


def _shows(subject: Thing, things: Things) -> Iterator[Thing]:
    """Routes whose certificate a secret holds."""
    for route in things.get("Ingress", ()) if subject.kind == SECRET else ():
        if subject.name in shown_by(route):
            yield route


def _named(relation: str, kind: str, name: str, things: Things) -> Related:
    thing = next((thing for thing in things.get(kind, ()) if thing.name == name), None)
    return Related(relation, kind, name, thing)


def _owners(subject: Thing, things: Things) -> Iterator[Related]:
    """From the nearest to the top."""
    by_uid = {thing.uid: thing for kind in things for thing in things[kind]}
    waiting: list[Mapping[str, Any]] = list(subject.object["metadata"].get("ownerReferences") or ())
    seen = {subject.uid}
    for owner in waiting:  # grows while it is walked
        uid = str(owner.get("uid"))
        if uid in seen:
            continue
        seen.add(uid)
        thing = by_uid.get(uid)
        version = str(owner.get("apiVersion") or "")
        yield Related("owner", str(owner.get("kind")), str(owner.get("name")), thing, api_version=version)
        waiting += (thing.object["metadata"].get("ownerReferences") or ()) if thing is not None else ()


def _owned(subject: Thing, things: Things) -> Iterator[Related]:
    by_owner: dict[str, list[Thing]] = {}
    for kind in things:
        for thing in things[kind]:
            for owner in thing.row.owners:
                by_owner.setdefault(owner, []).append(thing)
    waiting, seen = [subject.uid], {subject.uid}
    for uid in waiting:  # grows while it is walked
        for thing in by_owner.get(uid, ()):
            if thing.uid not in seen:
                seen.add(thing.uid)
                waiting.append(thing.uid)
                yield _is("owned", thing, via=uid)


def _of_workload(subject: Thing, things: Things) -> Iterator[Related]:
    labels, _ = template_of(subject)
    services = [s for s in things.get("Service", ()) if selects(s.spec.get("selector"), labels)]
    names = {service.name for service in services}
    yield from (_is("service", service) for service in services)
    for route in things.get("Ingress", ()):
        if names & leads_to(route).keys():
            yield _is("route", route)
    for kind, name in used_by(subject):
        yield _named(_RELATIONS.get(kind, "account"), kind, name, things)
    for scaler in things.get("HorizontalPodAutoscaler", ()):
        target = scaler.spec.get("scaleTargetRef") or {}
        if (target.get("kind"), target.get("name")) == (subject.kind, subject.name):
            yield _is("autoscaler", scaler)
    for budget in things.get("PodDisruptionBudget", ()):
        if _matches(budget.spec.get("selector"), labels):
            yield _is("budget", budget)


_RELATIONS = {CLAIM: "claim", SECRET: "secret", CONFIG_MAP: "configmap"}


def _matches(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """As a budget selects: an empty selector is everything."""
    wanted = selector_of(msgspec.convert(selector, LabelSelector)) if selector is not None else None
    return wanted is not None and wanted.matches(labels)


def _of_service(subject: Thing, things: Things) -> Iterator[Related]:
    selector = subject.spec.get("selector")
    for kind in WORKLOADS[:-1]:
        for workload in things.get(kind, ()):
            if not workload.row.owners and selects(selector, template_of(workload)[0]):
                yield _is("workload", workload)
    for pod in things.get("Pod", ()):
        if selects(selector, pod.row.labels):
            yield _is("pod", pod)
    for route in things.get("Ingress", ()):
        if subject.name in leads_to(route):
            yield _is("route", route)


def _using(subject: Thing, things: Things, kinds: Sequence[str]) -> Iterator[Thing]:
    """Who names it in a pod's template, but for what another workload has made."""
    wanted = subject.kind, subject.name
    workloads = {thing.uid for kind in WORKLOADS for thing in things.get(kind, ())}
    for kind in kinds:
        for thing in things.get(kind, ()):
            if workloads.isdisjoint(thing.row.owners) and wanted in used_by(thing):
                yield thing
