"""Subresources that are a part of the object itself: what a PUT or PATCH there may change. Pure.

Each function is given the object as the client wants it and as it is, and puts back in the first whatever is no
business of the subresource. Whether what is left may be is the validation's question. Rules: k8s.io/kubernetes, the
strategies of pods and of certificatesigningrequests.
"""

from collections.abc import Callable, Mapping

from armillary.engine.kinds.certificates import prepare_approval, prepare_status
from armillary.engine.kinds.pod.update import prepare_ephemeral_containers, prepare_resize
from armillary.engine.kinds.resource import Json

Narrow = Callable[[Json, Json, str], None]  # wanted (changed in place), as it is, now


def _keep_meta(new: Json, old: Json) -> None:
    """All that a subresource may not say of an object's metadata; a resourceVersion stays, to be compared."""
    meta = dict(old["metadata"])
    if new["metadata"].get("resourceVersion"):
        meta["resourceVersion"] = new["metadata"]["resourceVersion"]
    if "managedFields" in new["metadata"]:
        meta["managedFields"] = new["metadata"]["managedFields"]
    new["metadata"] = meta


def ephemeral_containers(new: Json, old: Json, now: str) -> None:
    prepare_ephemeral_containers(new, old)
    _finish_pod(new, old)


def resize(new: Json, old: Json, now: str) -> None:
    prepare_resize(new, old)
    _finish_pod(new, old)


def _finish_pod(new: Json, old: Json) -> None:
    _keep_meta(new, old)
    if new["spec"] != old["spec"]:
        new["metadata"]["generation"] = (old["metadata"].get("generation") or 0) + 1


def approval(new: Json, old: Json, now: str) -> None:
    """Only the conditions of a CertificateSigningRequest; when they were set is filled in."""
    prepare_approval(new, old, now)
    _keep_meta(new, old)


PARTS: Mapping[tuple[str, str], Narrow] = {
    ("pods", "ephemeralcontainers"): ephemeral_containers,
    ("pods", "resize"): resize,
    ("certificatesigningrequests.certificates.k8s.io", "approval"): approval,
    ("certificatesigningrequests.certificates.k8s.io", "status"): prepare_status,
}
