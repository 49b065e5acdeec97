"""The patch verb: read a patch in any of its forms, and write what it makes of the object."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import orjson

from armillary.base.errors import ApiError, BadRequest, Cause, Invalid, TooLarge
from armillary.engine.apiserver.decode import check_name
from armillary.engine.apiserver.exchange import Asked
from armillary.engine.apiserver.objects import key_of
from armillary.engine.apiserver.options import META_GROUP, WriteOptions, write_options
from armillary.engine.apiserver.patch.apply import Applier, apply
from armillary.engine.apiserver.patch.json_patch import apply_json_patch
from armillary.engine.apiserver.patch.media import PatchFailed, PatchForm, patch_form
from armillary.engine.apiserver.patch.merge_patch import apply_merge_patch
from armillary.engine.apiserver.patch.strategic import apply_strategic
from armillary.engine.apiserver.schema.body import (
    Malformed,
    Validation,
    check_kind,
    conform,
    duplicates,
    parse,
    read_object,
    type_word,
)
from armillary.engine.apiserver.schema.fit import Unfit, fit
from armillary.engine.apiserver.verbs.core import Core, Request, drive
from armillary.engine.apiserver.verbs.scale import SCALE, rescale, scale_of
from armillary.engine.apiserver.verbs.write import Change, Submitted, submit_update
from armillary.engine.kinds.faults import forbidden, invalid, refusal, required
from armillary.engine.kinds.resource import Json, Resource

MOST_OPERATIONS = 10_000  # in a JSON patch; k8s.io/apiserver, "maxJSONPatchOperations"
REJECTED = "the server rejected our request due to an error in our request"

Patch = Callable[[Json], Json]  # gets a copy, gives the patched object, still to be fit to its type


async def submit_patch(core: Core, asked: Asked, request: Request, may: Callable[[str], Awaitable[None]]) -> Submitted:
    """Write what a patch makes of an object. Raises what reading, patching and writing raise."""
    form = patch_form(asked.headers.get("content-type", ""), custom=request.served.resource.custom)
    options = _options(asked, form)
    request.dry_run, request.options = options.dry_run, options.told()
    body = await asked.body()
    resource = SCALE if request.subresource == "scale" else request.served.resource
    if form is PatchForm.APPLY:
        applied = _read_applied(core, request, resource, body, options)
        key = key_of(request.served.stored, request.namespace, request.name)
        creates = core.store.head(key) is None and not request.subresource
        if creates:
            await may("create")
        patch = _applies(core, resource, request, applied, options)
        fresh = _fresh(core, resource, patch, applied, options, asked.warnings) if creates else None
        change = _change(core, request, resource, patch, options)
        return await drive(lambda: submit_update(core, request, change, fresh))
    change = _change(core, request, resource, _reads(core, resource, form, body, options, asked.warnings), options)
    return await drive(lambda: submit_update(core, request, change))


def _options(asked: Asked, form: PatchForm) -> WriteOptions:
    options = write_options(asked.query, "PatchOptions")
    causes: list[Cause] = []
    if form is PatchForm.APPLY and not options.manager:
        causes.append(required("fieldManager", "is required for apply patch"))
    if form is not PatchForm.APPLY and options.force is not None:
        causes.append(forbidden("force", "may not be specified for non-apply patch"))
    if causes:
        raise refusal(META_GROUP, "PatchOptions", "", causes)
    return options


def _change(core: Core, request: Request, resource: Resource, patch: Patch, options: WriteOptions) -> Change:
    def change(copy: Callable[[], Json]) -> Json:
        changed = _fit(core, resource, lambda: patch(copy()), options, request.warnings)
        check_name(changed, request.name)
        return changed

    if resource is not SCALE:
        return change

    def change_scale(copy: Callable[[], Json]) -> Json:
        served = request.served.resource
        scale = _fit(core, SCALE, lambda: patch(scale_of(served, copy())), options, request.warnings)
        return rescale(served, request.name, scale)(copy)

    return change_scale


def _fresh(
    core: Core, resource: Resource, patch: Patch, applied: Json, options: WriteOptions, warnings: list[str]
) -> Callable[[], Json]:
    """What an apply creates where nothing is."""

    def fresh() -> Json:
        empty = {"kind": applied["kind"], "apiVersion": applied["apiVersion"], "metadata": {}}
        return _fit(core, resource, lambda: patch(dict(empty)), options, warnings)

    return fresh


def _fit(core: Core, resource: Resource, make: Callable[[], Any], options: WriteOptions, warnings: list[str]) -> Json:
    """The patched object, fit to its type. Raises Invalid as upstream: the fault is the patch's."""
    patched = make()
    if not isinstance(patched, dict):
        raise _unfit(patched, f"json: cannot unmarshal into Go value of type {resource.version}.{resource.kind}")
    if (patched.get("apiVersion"), patched.get("kind")) != (resource.api_version, resource.kind):
        told = f"{patched.get('apiVersion')}, Kind={patched.get('kind')}"
        raise _unfit(patched, f"the patched object is of another kind: {told}")
    try:
        found = fit(patched, core.node(resource))
    except (Unfit, RecursionError) as exc:
        raise _unfit(make(), str(exc)) from exc
    if options.validation is Validation.STRICT and found.unknown:
        # Made anew: what is unknown was taken out.
        raise _unfit(make(), f"strict decoding error: {', '.join(found.faults())}")
    if options.validation is Validation.WARN:
        warnings += found.faults()
    patched.setdefault("metadata", {})
    return patched


def _unfit(patched: Any, why: str) -> Invalid:
    try:
        shown = orjson.dumps(patched).decode()
    except (orjson.JSONEncodeError, RecursionError):
        shown = "..."
    return refusal("", "", "", [invalid("patch", shown, why)])


def _reads(
    core: Core, resource: Resource, form: PatchForm, body: bytes, options: WriteOptions, warnings: list[str]
) -> Patch:
    """A patch of the forms that are JSON. Raises BadRequest, TooLarge."""
    # Upstream's strategic patcher passes on what the decoder says as it stands.
    prefix = "" if form is PatchForm.STRATEGIC else "error decoding patch: "
    try:
        patch = parse(body)
    except Malformed as exc:
        raise BadRequest(f"{prefix}{exc}") from exc
    if form is PatchForm.JSON:
        return _json_patch(patch)
    if not isinstance(patch, dict):
        fault = f"json: cannot unmarshal {type_word(patch)} into Go value of type map[string]interface {{}}"
        raise BadRequest(f"{prefix}{fault}")
    _tell(duplicates(body, patch), options, warnings)
    node, kept = core.node(resource), orjson.dumps(patch)

    def apply_to(obj: Json) -> Json:
        fields = orjson.loads(kept)  # applying a patch uses it up, and a change may be asked for twice
        if form is PatchForm.MERGE:
            merged: Json = apply_merge_patch(obj, fields)
            return merged
        try:
            return apply_strategic(obj, fields, node)
        except (PatchFailed, RecursionError) as exc:
            raise BadRequest(str(exc)) from exc

    return apply_to


def _tell(doubled: Iterable[str], options: WriteOptions, warnings: list[str]) -> None:
    """Say, as validation wants it said, that a patch names a field twice."""
    found = list(doubled)
    if found and options.validation is Validation.STRICT:
        raise BadRequest(f"strict decoding error: {', '.join(found)}")
    if options.validation is Validation.WARN:
        warnings += found


def _json_patch(operations: Any) -> Patch:
    if not isinstance(operations, list):
        raise _unreadable_patch(operations, "Go value of type []handlers.jsonPatchOp")
    for operation in operations:
        if not isinstance(operation, dict):
            raise _unreadable_patch(operation, "Go value of type handlers.jsonPatchOp")
        for name in ("op", "path", "from"):
            value = operation.get(name)
            if value is not None and not isinstance(value, str):
                raise _unreadable_patch(value, f"Go struct field jsonPatchOp.{name} of type string")
    if len(operations) > MOST_OPERATIONS:
        raise TooLarge(f"The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}, got {len(operations)}")

    def apply_to(obj: Json) -> Json:
        try:
            # Values of the patch become parts of the object, so each use takes a copy.
            patched: Json = apply_json_patch(obj, orjson.loads(orjson.dumps(operations)))
        except (PatchFailed, orjson.JSONEncodeError, RecursionError) as exc:
            raise Invalid(REJECTED) from exc  # upstream keeps to itself which operation failed
        return patched

    return apply_to


def _unreadable_patch(value: Any, into: str) -> BadRequest:
    return BadRequest(f"error decoding patch: json: cannot unmarshal {type_word(value)} into {into}")


def _read_applied(core: Core, request: Request, resource: Resource, body: bytes, options: WriteOptions) -> Json:
    """The configuration that is applied, fit to its type. Raises BadRequest."""
    try:
        applied = read_object(body, "application/yaml" if body[:1] != b"{" else "", resource.kind)
    except ApiError as exc:
        raise BadRequest(f"error decoding YAML: {exc.message}") from exc
    if (version := applied.get("apiVersion") or "") != resource.api_version:
        fault = f"Specified patch version: {version}, expected: {resource.api_version}"
        raise BadRequest(f"Incorrect version specified in apply patch. {fault}")
    if not applied.get("kind"):
        raise BadRequest("kind must be set in an apply patch")
    check_kind(applied, resource.api_version, resource.kind, core.table.kinds)
    request.warnings += conform(applied, core.node(resource), options.validation)
    meta = applied.setdefault("metadata", {})
    if meta.setdefault("name", request.name) != request.name:
        fault = f"the name of the object ({meta['name']}) does not match the name on the URL ({request.name})"
        raise BadRequest(fault)
    return applied


def _applies(core: Core, resource: Resource, request: Request, applied: Json, options: WriteOptions) -> Patch:
    applier = Applier(options.manager, bool(options.force), core.timestamp(), request.subresource)
    node = core.node(resource)

    def apply_to(obj: Json) -> Json:
        return apply(obj, applied, node, applier)

    return apply_to
