"""What a webhook is asked and what its answer means: AdmissionReview of admission.k8s.io/v1. Pure.

Semantics and wording: k8s.io/apiserver, admission/plugin/webhook/{request,errors}.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import orjson

from armillary.base.errors import ApiError, Internal, error_of
from armillary.engine.apiserver.patch.json_patch import apply_json_patch
from armillary.engine.apiserver.patch.media import PatchFailed
from armillary.engine.apiserver.ports import AdmissionRequest, Operation
from armillary.engine.kinds.resource import Json

API_VERSION = "admission.k8s.io/v1"
_OPTIONS = {Operation.CREATE: "CreateOptions", Operation.UPDATE: "UpdateOptions", Operation.DELETE: "DeleteOptions"}


class Unanswered(Exception):
    """A hook gave no answer that counts; the message says why."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A hook's answer. `patched` is the object as it wants it, None if it leaves it."""

    refusal: ApiError | None
    patched: Json | None
    warnings: tuple[str, ...]


def review_of(request: AdmissionRequest, uid: str) -> bytes:
    """The body that a hook is sent."""
    resource, user = request.resource, request.user
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    plural = {"group": resource.group, "version": resource.version, "resource": resource.plural}
    asked: dict[str, Any] = {
        "uid": uid,
        "kind": kind,
        "resource": plural,
        "requestKind": kind,
        "requestResource": plural,
        "name": request.name,
        "namespace": request.namespace,
        "operation": request.operation.value,
        "userInfo": {
            "username": user.name,
            "uid": user.uid,
            "groups": list(user.groups),
            "extra": {key: list(values) for key, values in user.extra.items()},
        },
        "object": request.object,
        "oldObject": request.old,
        "dryRun": request.dry_run,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": _OPTIONS[request.operation]},
    }
    if request.subresource:
        asked |= {"subResource": request.subresource, "requestSubResource": request.subresource}
    return orjson.dumps({"apiVersion": API_VERSION, "kind": "AdmissionReview", "request": asked})


def opinion_of(body: bytes, uid: str, name: str, obj: Json | None) -> Opinion:
    """What the hook `name` answered about `obj`. Raises Unanswered for what is no answer."""
    try:
        review = orjson.loads(body)
        response = review["response"]
        allowed = response["allowed"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as exc:
        raise Unanswered("the answer is no AdmissionReview with a response") from exc
    if review.get("apiVersion") != API_VERSION or review.get("kind") != "AdmissionReview":
        raise Unanswered(f"expected webhook response of {API_VERSION}, Kind=AdmissionReview")
    if response.get("uid") != uid:
        raise Unanswered(f'expected response.uid="{uid}", got "{response.get("uid")}"')
    if not allowed:
        return Opinion(_refused(name, response.get("status") or {}), None, tuple(response.get("warnings") or ()))
    return Opinion(None, _patched(name, response, obj), tuple(response.get("warnings") or ()))


def _refused(name: str, status: Json) -> ApiError:
    denied = f'admission webhook "{name}" denied the request'
    code = int(status.get("code") or 0)
    said = status.get("message") or status.get("reason")
    told = status | {"message": f"{denied}: {said}" if said else f"{denied} without explanation"}
    return error_of(code if code >= 400 else 400, told)


def _patched(name: str, response: Json, obj: Json | None) -> Json | None:
    patch = response.get("patch")
    if not patch or obj is None:
        return None
    if response.get("patchType") != "JSONPatch":
        raise Unanswered(f'unsupported patch type "{response.get("patchType")}"')
    try:
        operations = orjson.loads(base64.b64decode(patch))
        # A copy: the object is somebody else's, and what is patched in becomes part of it.
        found: Json = apply_json_patch(orjson.loads(orjson.dumps(obj)), operations)
    except (binascii.Error, orjson.JSONDecodeError, PatchFailed, TypeError, AttributeError) as exc:
        raise Unanswered(f"its patch can't be applied: {exc}") from exc
    return found


def failed(name: str, why: str) -> ApiError:
    """For a hook that must answer and did not."""
    return Internal(f'Internal error occurred: failed calling webhook "{name}": {why}')
