"""Plugins about volumes: DefaultStorageClass, StorageObjectInUseProtection, PersistentVolumeClaimResize.

DefaultIngressClass stands here too, because it chooses its default in the same way.
Facts: k8s.io/kubernetes, plugin/pkg/admission/{storage,network}.
"""

from decimal import Decimal

from armillary.base.quantity import parse_quantity
from armillary.engine.apiserver.admission.plugin import CREATE, UPDATE, Plugin, written
from armillary.engine.apiserver.auth.refusal import not_admitted
from armillary.engine.apiserver.ports import AdmissionRequest, Objects
from armillary.engine.kinds.resource import Json

STORAGE_CLASSES = "storageclasses.storage.k8s.io"
INGRESS_CLASSES = "ingressclasses.networking.k8s.io"
_IS_DEFAULT = "storageclass.kubernetes.io/is-default-class"
_IS_DEFAULT_BETA = "storageclass.beta.kubernetes.io/is-default-class"
_CLASS_BETA = "volume.beta.kubernetes.io/storage-class"
_IS_DEFAULT_INGRESS = "ingressclass.kubernetes.io/is-default-class"
_INGRESS_BETA = "kubernetes.io/ingress.class"

_FINALIZERS = {
    "persistentvolumes": "kubernetes.io/pv-protection",
    "persistentvolumeclaims": "kubernetes.io/pvc-protection",
    "volumeattributesclasses.storage.k8s.io": "kubernetes.io/vac-protection",
}


def default_storage_class(objects: Objects) -> Plugin:
    def change(request: AdmissionRequest) -> None:
        claim = written(request, "persistentvolumeclaims", CREATE)
        if claim is None or _CLASS_BETA in _annotations(claim) or claim["spec"].get("storageClassName") is not None:
            return
        name = _default_of(objects, STORAGE_CLASSES, _IS_DEFAULT, _IS_DEFAULT_BETA)
        if name is not None:
            claim["spec"]["storageClassName"] = name

    return Plugin("DefaultStorageClass", change)


def default_ingress_class(objects: Objects) -> Plugin:
    def change(request: AdmissionRequest) -> None:
        ingress = written(request, "ingresses.networking.k8s.io", CREATE)
        if ingress is None or _INGRESS_BETA in _annotations(ingress):
            return
        spec = ingress.setdefault("spec", {})
        name = _default_of(objects, INGRESS_CLASSES, _IS_DEFAULT_INGRESS)
        if spec.get("ingressClassName") is None and name is not None:
            spec["ingressClassName"] = name

    return Plugin("DefaultIngressClass", change)


def _annotations(obj: Json) -> Json:
    found: Json = obj["metadata"].get("annotations") or {}
    return found


def _default_of(objects: Objects, resource: str, *marks: str) -> str | None:
    """The newest of those marked as default; by name among equals."""
    marked = [obj for obj in objects.list(resource) if any(_annotations(obj).get(mark) == "true" for mark in marks)]
    marked.sort(key=lambda obj: str(obj["metadata"]["name"]))
    marked.sort(key=lambda obj: str(obj["metadata"].get("creationTimestamp", "")), reverse=True)
    return marked[0]["metadata"]["name"] if marked else None


def storage_object_in_use_protection() -> Plugin:
    def change(request: AdmissionRequest) -> None:
        finalizer = _FINALIZERS.get(request.resource.name)
        if finalizer is None or request.object is None or request.operation is not CREATE or request.subresource:
            return
        given = request.object["metadata"].get("finalizers") or []
        if finalizer not in given:
            request.object["metadata"]["finalizers"] = [*given, finalizer]

    return Plugin("StorageObjectInUseProtection", change)


def claim_resize(objects: Objects) -> Plugin:
    def check(request: AdmissionRequest) -> None:
        claim = written(request, "persistentvolumeclaims", UPDATE)
        if claim is None or request.old is None or _size(claim) <= _size(request.old):
            return
        if (request.old.get("status") or {}).get("phase") != "Bound":
            raise not_admitted(request, "Only bound persistent volume claims can be expanded")
        name = _class_of(claim)
        known = objects.get(STORAGE_CLASSES, "", name) if name and name == _class_of(request.old) else None
        if known is None or not known.get("allowVolumeExpansion"):
            raise not_admitted(
                request,
                "only dynamically provisioned pvc can be resized and "
                "the storageclass that provisions the pvc must support resize",
            )

    return Plugin("PersistentVolumeClaimResize", check=check)


def _size(claim: Json) -> Decimal:
    return parse_quantity(((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage", "0"))


def _class_of(claim: Json) -> str:
    found: str = _annotations(claim).get(_CLASS_BETA) or claim["spec"].get("storageClassName") or ""
    return found
