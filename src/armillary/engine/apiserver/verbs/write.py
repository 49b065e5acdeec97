"""Create and update: from the last look at the store's head to the submitted write there is no wait."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import orjson

from armillary.base.errors import BadRequest, Cause
from armillary.engine.apiserver import faults
from armillary.engine.apiserver.objects import encode, key_of
from armillary.engine.apiserver.options import version_fault
from armillary.engine.apiserver.ports import AdmissionRequest, Operation
from armillary.engine.apiserver.registry import from_stored, to_stored
from armillary.engine.apiserver.subresources.parts import PARTS
from armillary.engine.apiserver.traits import NEEDS_RESOURCE_VERSION
from armillary.engine.apiserver.verbs import strategy
from armillary.engine.apiserver.verbs.core import Core, Overtaken, Request, Result, Steps
from armillary.engine.kinds.certificates import validate_approval, validate_signed
from armillary.engine.kinds.faults import invalid, refusal, required
from armillary.engine.kinds.pod.pod import validate_ephemeral_containers, validate_resize
from armillary.engine.kinds.resource import Json, Resource
from armillary.engine.store.port import Entry, Key

PART_RULES: Mapping[tuple[str, str], Callable[[Json, Json], Sequence[Cause]]] = {
    ("pods", "ephemeralcontainers"): validate_ephemeral_containers,
    ("pods", "resize"): validate_resize,
    ("certificatesigningrequests.certificates.k8s.io", "approval"): validate_approval,
    ("certificatesigningrequests.certificates.k8s.io", "status"): validate_signed,
}
NAME_ATTEMPTS = 8  # at generateName, as upstream

# Makes the new object of an update. It is given a function that makes copies of the present one, for most
# updates replace it and need none.
Change = Callable[[Callable[[], Json]], Json]


class Submitted:
    """A write on its way to the disk, or its answer when there is nothing to write."""

    __slots__ = ("_answer", "_write", "created", "deleted")

    def __init__(
        self,
        write: Awaitable[Entry] | None = None,
        answer: bytes = b"",
        *,
        created: bool = False,
        deleted: bool = False,
    ) -> None:
        self._write, self._answer = write, answer
        self.created, self.deleted = created, deleted

    async def done(self) -> Result:
        body = self._answer if self._write is None else (await self._write).body
        return Result(body, created=self.created, deleted=self.deleted)


def refuse(resource: Resource, obj: Json, causes: Sequence[Cause]) -> None:
    """Raises Invalid when there are causes."""
    if causes:
        raise refusal(resource.group, resource.kind, obj["metadata"].get("name") or "", causes)


def submit_create(core: Core, request: Request, obj: Json) -> Steps[Submitted]:
    """`obj` is in the served version, fits its schema, and is ours to change."""
    stored = request.served.stored
    obj = to_stored(request.served, obj)
    strategy.begin_create(stored, obj, request.namespace)
    meta = obj["metadata"]
    _fill(core, stored, request.namespace, meta)
    request.warnings += filter(None, [strategy.without_repeated_owners(meta)])
    asked = admission_of(request, Operation.CREATE, obj, None, meta.get("name") or "")
    said = {name: meta[name] for name in ("uid", "creationTimestamp")}
    if (yield from core.admit(asked)):
        strategy.begin_create(stored, obj, request.namespace)
        meta = obj["metadata"]
        meta |= said
        asked.name = meta.get("name") or ""
    strategy.prepare_create(stored, core.node(stored), obj)
    causes = stored.validate(obj, None)
    if not causes and not meta.get("name"):
        causes = [required("metadata.name", "name or generateName is required")]
    refuse(stored, obj, causes)
    yield from core.validate(asked)
    key = key_of(stored, request.namespace, meta["name"])
    taken = core.store.head(key)
    if taken is not None:
        ending = b'"deletionTimestamp"' in taken.body and bool(_meta(taken).get("deletionTimestamp"))
        raise faults.already_exists(request.served.resource, key.name, ending=ending)
    if request.dry_run:
        return Submitted(answer=encode(obj), created=True)
    return Submitted(core.put(stored, key, obj), created=True)


def _fill(core: Core, resource: Resource, namespace: str, meta: Json) -> None:
    generates = bool(meta.get("generateName")) and not meta.get("name")
    strategy.fill_meta(meta, uid=core.new_uid(), timestamp=core.timestamp(), new_suffix=core.new_suffix)
    attempts = NAME_ATTEMPTS if generates else 0
    while attempts > 1 and core.store.head(key_of(resource, namespace, meta["name"])) is not None:
        meta["name"] = ""
        strategy.fill_meta(meta, uid=meta["uid"], timestamp=meta["creationTimestamp"], new_suffix=core.new_suffix)
        attempts -= 1


def _meta(entry: Entry) -> Json:
    meta: Json = orjson.loads(entry.body)["metadata"]
    return meta


def admission_of(
    request: Request, operation: Operation, obj: Json | None, old: Json | None, name: str
) -> AdmissionRequest:
    return AdmissionRequest(
        user=request.user,
        operation=operation,
        resource=request.served.stored,
        path_name=request.name,
        asked=request.served.resource,
        options=request.options,
        consults=request.consults,
        subresource=request.subresource,
        namespace=request.namespace,
        name=name,
        object=obj,
        old=old,
        dry_run=request.dry_run,
        warnings=request.warnings,
    )


def submit_update(
    core: Core, request: Request, change: Change, fresh: Callable[[], Json] | None = None
) -> Steps[Submitted]:
    """Read, change, write. `fresh` gives the object to create when there is none yet, if that is allowed."""
    served, stored = request.served, request.served.stored
    key = key_of(stored, request.namespace, request.name)
    entry = core.store.head(key)
    if entry is None:
        if fresh is None:
            raise faults.not_found(served.resource, request.name)
        return (yield from submit_create(core, request, fresh()))
    old: Json = orjson.loads(entry.body)
    new = to_stored(served, change(lambda: from_stored(served, orjson.loads(entry.body))))
    _begin_update(request, new, old, entry)
    if warning := strategy.without_repeated_owners(new["metadata"]):
        request.warnings.append(warning)
    asked = admission_of(request, Operation.UPDATE, new, old, request.name)
    if (yield from core.admit(asked)):
        # What is not the client's to say is no webhook's either.
        strategy.settle_namespace(stored, new["metadata"], request.namespace)
        new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
        strategy.carry_meta(new, old)
    _prepare_update(core, request, new, old)
    yield from core.validate(asked)
    if core.store.head(key) is not entry:
        raise Overtaken
    return _submit_changed(core, request, key, entry, new, old)


def _prepare_update(core: Core, request: Request, new: Json, old: Json) -> None:
    """Narrow an update to what its subresource is about, and judge it."""
    stored, subresource = request.served.stored, request.subresource
    part = (stored.name, subresource)
    judge: Callable[[Json, Json], Sequence[Cause]] = stored.validate
    if part in PARTS:
        PARTS[part](new, old, core.timestamp())
        judge = PART_RULES.get(part, judge)
    elif subresource in strategy.GENERIC:
        strategy.prepare_update(stored, new, old, subresource)
        if subresource == "status" and stored.validate_status is not None:
            judge = stored.validate_status
    else:
        return  # its handler has judged it
    refuse(stored, new, judge(new, old))


def _begin_update(request: Request, new: Json, old: Json, entry: Entry) -> None:
    stored, meta = request.served.stored, strategy.meta_of(new)
    uid = meta.get("uid")
    if uid and uid != old["metadata"].get("uid"):
        where = "/".join(("/registry", stored.plural, *filter(None, (request.namespace, request.name))))
        why = (
            f"StorageError: invalid object, Code: 4, Key: {where}, ResourceVersion: 0, AdditionalErrorMsg: "
            f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old['metadata'].get('uid')}"
        )
        raise faults.conflict(request.served.resource, request.name, why)
    strategy.settle_namespace(stored, meta, request.namespace)
    version = meta.get("resourceVersion") or ""
    if version in ("", "0"):
        if stored.custom or stored.name in NEEDS_RESOURCE_VERSION:
            fault = invalid("metadata.resourceVersion", 0, "must be specified for an update")
            raise refusal(stored.group, stored.plural, request.name, [fault])
    elif why := version_fault(version):
        raise BadRequest(f'invalid resource version "{version}": {why}')
    elif int(version) != entry.revision:
        raise faults.conflict(request.served.resource, request.name)
    meta["resourceVersion"] = old["metadata"]["resourceVersion"]
    strategy.carry_meta(new, old)


def _submit_changed(core: Core, request: Request, key: Key, entry: Entry, new: Json, old: Json) -> Submitted:
    if is_finished(new, old):
        if request.dry_run:
            return Submitted(answer=encode(new), deleted=True)
        return Submitted(core.remove(request.served.stored, key, new), deleted=True)
    if new == old:
        return Submitted(answer=entry.body)
    if request.dry_run:
        return Submitted(answer=encode(new))
    return Submitted(core.put(request.served.stored, key, new))


def is_finished(new: Json, old: Json) -> bool:
    """Whether an update took away the last thing that kept an ending object."""
    before = old["metadata"]
    if new["metadata"].get("finalizers") or not before.get("deletionTimestamp"):
        return False
    if before.get("deletionGracePeriodSeconds"):
        return False
    return not (new["kind"] == "Namespace" and (new.get("spec") or {}).get("finalizers"))
