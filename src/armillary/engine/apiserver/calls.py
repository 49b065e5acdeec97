"""Requests on resources: from what was asked to the verbs, and back to an answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson

from armillary.base.errors import BadRequest
from armillary.engine.apiserver import faults
from armillary.engine.apiserver.admission.service_accounts import wait_for_account
from armillary.engine.apiserver.decode import check_name, decode
from armillary.engine.apiserver.discovery import subresource_verbs
from armillary.engine.apiserver.exchange import Asked
from armillary.engine.apiserver.negotiation import Shape, wanted
from armillary.engine.apiserver.objects import key_of
from armillary.engine.apiserver.options import (
    DeleteOptions,
    WriteOptions,
    delete_options,
    list_options,
    write_options,
)
from armillary.engine.apiserver.patching import submit_patch
from armillary.engine.apiserver.ports import Answer
from armillary.engine.apiserver.registry import Served
from armillary.engine.apiserver.render import LIST_SHAPES, OBJECT_SHAPES, View, encoded, include_of
from armillary.engine.apiserver.routes import Target
from armillary.engine.apiserver.selection import selection_of
from armillary.engine.apiserver.traits import CREATED_BY_UPDATE, RETURNED_WHEN_DELETED
from armillary.engine.apiserver.verbs.core import Core, Request, Result, drive
from armillary.engine.apiserver.verbs.delete import submit_delete
from armillary.engine.apiserver.verbs.listing import Listed, listed
from armillary.engine.apiserver.verbs.scale import SCALE, rescale, scale_of
from armillary.engine.apiserver.verbs.write import Submitted, submit_create, submit_update
from armillary.engine.kinds.resource import Json
from armillary.engine.store.port import Entry

CREATED, OK, ACCEPTED = 201, 200, 202
WRITABLE_PARTS = ("", "status", "finalize", "scale", "ephemeralcontainers", "resize", "approval")


@dataclass(frozen=True, slots=True)
class Call:
    """One authorized request on a resource."""

    core: Core
    asked: Asked
    served: Served
    target: Target
    verb: str
    # Asks for one more permission: to create what an update or an apply would make.
    may: Callable[[str], Awaitable[None]]

    def view(self, shapes: frozenset[Shape]) -> View:
        form = wanted(self.asked.headers.get("accept", ""), shapes)
        include = include_of(self.asked.query) if form.shape is Shape.TABLE else ""
        return View(self.served, form, include, self.core.clock)

    def request(self, options: WriteOptions | DeleteOptions | None = None) -> Request:
        target = self.target
        namespace = target.namespace if self.served.resource.namespaced else ""
        return Request(
            self.asked.user,
            self.served,
            namespace,
            target.name,
            target.subresource,
            options is not None and options.dry_run,
            self.asked.warnings,
            options.told() if options is not None else {},
        )


async def serve(call: Call) -> Answer:
    """The answer to any request on a resource but a watch. Raises what the verbs raise."""
    resource, target = call.served.resource, call.target
    if target.subresource:
        if target.subresource not in resource.subresources or target.subresource not in WRITABLE_PARTS:
            raise faults.no_resource()
        if call.verb not in subresource_verbs(resource, target.subresource) or target.rest:
            raise faults.no_method()
    elif call.verb not in resource.verbs or (call.verb in ("update", "patch") and not target.name):
        raise faults.no_method()
    if target.subresource == "scale":
        return await _SCALE_VERBS[call.verb](call)
    return await _VERBS[call.verb](call)


def _answer(view: View, result: Result) -> Answer:
    body, media = encoded(view.bytes_of(result.body), view.wanted)
    return Answer(body, CREATED if result.created else OK, media)


async def _get(call: Call) -> Answer:
    view = call.view(OBJECT_SHAPES)
    target = call.target
    entry = call.core.store.get(key_of(call.served.stored, target.namespace, target.name))
    if entry is None:
        raise faults.not_found(call.served.resource, target.name)
    if view.as_stored and not view.wanted.yaml:
        return Answer(entry.body)
    return _answer(view, Result(entry.body))


async def _list(call: Call) -> Answer:
    view = call.view(LIST_SHAPES)
    found = _find(call)
    body, media = encoded(view.list(found), view.wanted)
    return Answer(body, OK, media)


def _find(call: Call) -> Listed:
    query, resource = call.asked.query, call.served.resource
    options = list_options(query, watch=False)
    selection = selection_of(query, resource)
    namespace = call.target.namespace if resource.namespaced else ""
    return listed(call.core.store, call.served.stored, namespace, options, selection)


async def _create(call: Call) -> Answer:
    if call.target.name:
        raise faults.no_method()
    view = call.view(OBJECT_SHAPES)
    options = write_options(call.asked.query, "CreateOptions")
    obj = await _body(call)
    if call.served.resource.namespaced and not call.target.namespace:
        raise BadRequest("an empty namespace may not be set during creation")
    if call.served.resource.name == "pods":
        await wait_for_account(call.core.objects, call.target.namespace, obj, call.core.clock)
    request = call.request(options)
    write = await drive(lambda: submit_create(call.core, request, obj))
    return _answer(view, await write.done())


async def _body(call: Call) -> Json:
    asked, kind = call.asked, "CreateOptions" if call.verb == "create" else "UpdateOptions"
    options = write_options(asked.query, kind)
    body = await asked.body()
    content_type = asked.headers.get("content-type", "")
    return decode(call.core, call.served.resource, body, content_type, options, asked.warnings)


async def _update(call: Call) -> Answer:
    view = call.view(OBJECT_SHAPES)
    options = write_options(call.asked.query, "UpdateOptions")
    obj = await _body(call)
    check_name(obj, call.target.name, call.target.namespace if call.served.resource.name != "namespaces" else "")
    request = call.request(options)
    creates = not call.target.subresource and call.served.stored.name in CREATED_BY_UPDATE
    if creates and call.core.store.head(key_of(call.served.stored, request.namespace, request.name)) is None:
        await call.may("create")
    given = _given(call.core, obj)
    write = await drive(lambda: submit_update(call.core, request, lambda _: given(), given if creates else None))
    return _answer(view, await write.done())


def _given(core: Core, obj: Json) -> Callable[[], Json]:
    """The object for each attempt at an update: a write may be overtaken only where webhooks are asked."""
    if core.webhooks is None or not core.webhooks.any:
        return lambda: obj
    kept = orjson.dumps(obj)
    return lambda: orjson.loads(kept)


async def _patch(call: Call) -> Answer:
    view = call.view(OBJECT_SHAPES)
    write = await submit_patch(call.core, call.asked, call.request(), call.may)
    return _answer(view, await write.done())


async def _delete_options(call: Call) -> DeleteOptions:
    asked = call.asked
    return delete_options(await asked.body(), asked.headers.get("content-type", ""), asked.query)


async def _delete(call: Call) -> Answer:
    view = call.view(OBJECT_SHAPES)
    options = await _delete_options(call)
    request = call.request(options)
    write = await drive(lambda: submit_delete(call.core, request, options))
    result = await write.done()
    resource = call.served.resource
    code = ACCEPTED if not result.deleted and options.orphan is False else OK
    if not result.deleted or resource.name in RETURNED_WHEN_DELETED:
        body, media = encoded(view.bytes_of(result.body), view.wanted)
        return Answer(body, code, media)
    meta = view.object(result.body)["metadata"]
    details = {"name": call.target.name, "group": resource.group, "kind": resource.plural, "uid": meta.get("uid", "")}
    return Answer(
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": {key: value for key, value in details.items() if value},
        },
        code,
    )


async def _delete_collection(call: Call) -> Answer:
    view = call.view(LIST_SHAPES)
    options = await _delete_options(call)
    found = _find(call)
    writes = [await _submit_delete(call, entry, options) for entry in found.entries]
    for write in writes:
        await write.done()
    body, media = encoded(view.list(found), view.wanted)
    return Answer(body, OK, media)


async def _submit_delete(call: Call, entry: Entry, options: DeleteOptions) -> Submitted:
    request = call.request(options)
    request.namespace, request.name = entry.key.namespace, entry.key.name
    return await drive(lambda: submit_delete(call.core, request, options))


async def _get_scale(call: Call) -> Answer:
    target = call.target
    entry = call.core.store.get(key_of(call.served.stored, target.namespace, target.name))
    if entry is None:
        raise faults.not_found(call.served.resource, target.name)
    return _scale_answer(call, Result(entry.body))


def _scale_answer(call: Call, result: Result) -> Answer:
    view = call.view(frozenset())
    return Answer(scale_of(call.served.resource, view.object(result.body)))


async def _update_scale(call: Call) -> Answer:
    asked = call.asked
    options = write_options(asked.query, "UpdateOptions")
    body = await asked.body()
    scale = decode(call.core, SCALE, body, asked.headers.get("content-type", ""), options, asked.warnings)
    change = rescale(call.served.resource, call.target.name, scale)
    request = call.request(options)
    write = await drive(lambda: submit_update(call.core, request, change))
    return _scale_answer(call, await write.done())


async def _patch_scale(call: Call) -> Answer:
    write = await submit_patch(call.core, call.asked, call.request(), call.may)
    return _scale_answer(call, await write.done())


_VERBS: dict[str, Callable[[Call], Awaitable[Answer]]] = {
    "get": _get,
    "list": _list,
    "create": _create,
    "update": _update,
    "patch": _patch,
    "delete": _delete,
    "deletecollection": _delete_collection,
}
_SCALE_VERBS: dict[str, Callable[[Call], Awaitable[Answer]]] = {
    "get": _get_scale,
    "update": _update_scale,
    "patch": _patch_scale,
}
