"""What a webhook is asked and what its answer means: AdmissionReview of admission.k8s.io. Pure.

Semantics and wording: k8s.io/apiserver, admission/plugin/webhook/{request,errors}.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

from armillary.base.errors import ApiError, Internal, error_of
from armillary.engine.apiserver.admission.webhooks.face import Face
from armillary.engine.apiserver.patch.json_patch import apply_json_patch
from armillary.engine.apiserver.patch.media import PatchFailed
from armillary.engine.apiserver.ports import Operation
from armillary.engine.kinds.resource import Json, Resource

V1, V1BETA1 = "v1", "v1beta1"
VERSIONS = (V1, V1BETA1)  # of reviews, that are spoken
_OPTIONS = {Operation.CREATE: "CreateOptions", Operation.UPDATE: "UpdateOptions", Operation.DELETE: "DeleteOptions"}
_INVALID = "received invalid webhook response: "


class Unanswered(Exception):
    """A hook gave no answer that counts; the message says why."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A hook's answer. `patch` are the operations of a JSON patch, none if it leaves the object as it is."""

    refusal: ApiError | None
    patch: tuple[Json, ...]
    warnings: tuple[str, ...]


class _Cause(msgspec.Struct, omit_defaults=True):
    reason: str | None = None
    field: str | None = None
    message: str | None = None


class _Details(msgspec.Struct, rename="camel", omit_defaults=True):
    name: str | None = None
    group: str | None = None
    kind: str | None = None
    causes: list[_Cause] | None = None
    retry_after_seconds: int | None = None


class _Status(msgspec.Struct, omit_defaults=True):
    code: int | None = None
    message: str | None = None
    reason: str | None = None
    details: _Details | None = None


class _Response(msgspec.Struct, rename="camel"):
    uid: str | None = None
    allowed: bool | None = None
    status: _Status | None = None
    patch: bytes | None = None
    patch_type: str | None = None
    warnings: list[str] | None = None


class _Review(msgspec.Struct, rename="camel"):
    api_version: str | None = None
    kind: str | None = None
    response: _Response | None = None


def review_of(face: Face, uid: str, version: str = V1) -> bytes:
    """The body that a hook is sent, as a review of that version."""
    request, user = face.request, face.request.user
    as_asked = Face(request, request.asked or request.resource)
    # A Namespace is taken to be in itself.
    namespace = request.name if request.resource.name == "namespaces" else request.namespace
    asked: dict[str, Any] = {
        "uid": uid,
        "kind": _kind(face.kind),
        "resource": _plural(face.version),
        "requestKind": _kind(as_asked.kind),
        "requestResource": _plural(as_asked.version),
        "name": request.name,
        "namespace": namespace,
        "operation": request.operation.value,
        "userInfo": {
            "username": user.name,
            "uid": user.uid,
            "groups": list(user.groups),
            "extra": {key: list(values) for key, values in user.extra.items()},
        },
        "object": face.show(request.object),
        "oldObject": face.show(request.old),
        "dryRun": request.dry_run,
        "options": None,
    }
    if kind := _OPTIONS.get(request.operation):
        asked["options"] = {"apiVersion": "meta.k8s.io/v1", "kind": kind} | request.options
    if request.subresource:
        asked |= {"subResource": request.subresource, "requestSubResource": request.subresource}
    return orjson.dumps({"apiVersion": f"admission.k8s.io/{version}", "kind": "AdmissionReview", "request": asked})


def _kind(resource: Resource) -> Json:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _plural(resource: Resource) -> Json:
    return {"group": resource.group, "version": resource.version, "resource": resource.plural}


def opinion_of(body: bytes, uid: str, name: str, version: str = V1, *, mutating: bool = True) -> Opinion:
    """What the hook `name` answered. Raises Unanswered for what is no answer."""
    try:
        review = msgspec.json.decode(body, type=_Review)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise Unanswered(f"failed to call webhook: its answer can't be read: {exc}") from exc
    response = review.response
    if response is None:
        raise Unanswered(f"{_INVALID}webhook response was absent")
    if version == V1:
        _verify(review, response, uid, mutating=mutating)
    warnings = tuple(response.warnings or ())
    if not response.allowed:
        return Opinion(_refused(name, response.status or _Status()), (), warnings)
    return Opinion(None, _operations(response, version) if mutating else (), warnings)


def _verify(review: _Review, response: _Response, uid: str, *, mutating: bool) -> None:
    if response.uid != uid:
        raise Unanswered(f'{_INVALID}expected response.uid="{uid}", got "{response.uid or ""}"')
    if (review.api_version, review.kind) != (f"admission.k8s.io/{V1}", "AdmissionReview"):
        told = f"{review.api_version or ''}, Kind={review.kind or ''}"
        raise Unanswered(
            f"{_INVALID}expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got {told}"
        )
    said = ""
    if not mutating:
        if response.patch:
            said = "validating webhook may not return response.patch"
        elif response.patch_type is not None:
            said = "validating webhook may not return response.patchType"
    elif response.patch and response.patch_type is None:
        said = "webhook returned response.patch but not response.patchType"
    elif not response.patch and response.patch_type is not None:
        said = "webhook returned response.patchType but not response.patch"
    if said:
        raise Unanswered(_INVALID + said)


def _refused(name: str, status: _Status) -> ApiError:
    denied = f'admission webhook "{name}" denied the request'
    said = status.message or status.reason
    told = msgspec.to_builtins(status) | {"message": f"{denied}: {said}" if said else f"{denied} without explanation"}
    code = status.code or 0
    refusal = error_of(code if 400 <= code < 600 else 400, told)
    refusal.reason = status.reason or ""  # what the hook says and no more
    return refusal


def _operations(response: _Response, version: str) -> tuple[Json, ...]:
    if not response.patch:
        return ()
    if version == V1 and response.patch_type != "JSONPatch":
        raise Unanswered(f'unsupported patch type "{response.patch_type}"')
    try:
        return tuple(msgspec.json.decode(response.patch, type=list[dict[str, Any]]))
    except (msgspec.DecodeError, RecursionError) as exc:
        raise Unanswered(f"received undecodable patch in webhook response: {exc}") from exc


def patched(opinion: Opinion, name: str, obj: Json | None) -> Json:
    """The object as the hook `name` wants it: a new one. Raises Internal, as upstream does for an unfit patch."""
    if obj is None:
        said = f'admission webhook "{name}" attempted to modify the object, which is not supported for this operation'
        raise Internal(f"Internal error occurred: {said}")
    try:
        # A copy: the object is somebody else's, and what is patched in becomes part of it.
        found = apply_json_patch(orjson.loads(orjson.dumps(obj)), list(opinion.patch))
        again = orjson.loads(orjson.dumps(found))
    except (PatchFailed, orjson.JSONEncodeError, RecursionError) as exc:
        raise Internal(f'Internal error occurred: the patch of webhook "{name}" can\'t be applied: {exc}') from exc
    if not isinstance(again, dict) or (again.get("kind"), again.get("apiVersion")) != (obj["kind"], obj["apiVersion"]):
        raise Internal(f'Internal error occurred: the patch of webhook "{name}" makes an object of another kind')
    return again


def failed(name: str, why: str) -> ApiError:
    """For a hook that must answer and did not."""
    return Internal(f'Internal error occurred: failed calling webhook "{name}": {why}')
