"""NamespaceLifecycle: nothing is made where there is no namespace, or one that is ending."""

from armillary.base.errors import Cause, NotFound
from armillary.engine.apiserver.admission.plugin import CREATE, DELETE, Plugin
from armillary.engine.apiserver.auth.refusal import forbidden, not_admitted
from armillary.engine.apiserver.ports import AdmissionRequest, Objects
from armillary.engine.kinds.faults import shown

PROTECTED = ("default", "kube-system", "kube-public")


def namespace_lifecycle(objects: Objects) -> Plugin:
    def change(request: AdmissionRequest) -> None:
        if request.resource.name == "namespaces":
            if request.operation is DELETE and request.name in PROTECTED:
                raise forbidden("", "namespaces", request.name, "this namespace may not be deleted")
            return
        if not request.namespace or request.operation is DELETE:
            return
        namespace = objects.get("namespaces", "", request.namespace)
        if namespace is None:
            said = f"namespaces {shown(request.namespace)} not found"
            raise NotFound(said, kind="namespaces", name=request.namespace)
        if request.operation is CREATE and (namespace.get("status") or {}).get("phase") == "Terminating":
            why = f"namespace {request.namespace} is being terminated"
            raise not_admitted(
                request,
                f"unable to create new content in namespace {request.namespace} because it is being terminated",
                (Cause("NamespaceTerminating", "metadata.namespace", why),),
            )

    return Plugin("NamespaceLifecycle", change)
