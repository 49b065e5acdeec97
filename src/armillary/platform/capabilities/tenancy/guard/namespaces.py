"""What may be written into namespaces: the marks that prove whose one is are the platform's. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from armillary.base.errors import ApiError
from armillary.kube.kinds.core import Namespace
from armillary.platform.capabilities.access.kinds import GROUP as IAM_GROUP
from armillary.platform.capabilities.tenancy.guard.write import Write, refuse
from armillary.platform.capabilities.tenancy.kinds import GROUP
from armillary.platform.capabilities.tenancy.names import owner_of

MARKS = (f"{GROUP}/", f"{IAM_GROUP}/")
POD_SECURITY_MARKS = ("pod-security.kubernetes.io/",)


@dataclass(frozen=True, slots=True)
class NamespaceFacts:
    is_cluster_admin: bool = False


def judge_namespace(write: Write[Namespace], facts: NamespaceFacts) -> ApiError | None:
    if facts.is_cluster_admin:
        return None
    what, owner = f'namespace "{write.name}"', owner_of(write.old) if write.old is not None else ""
    if write.new is None:
        return refuse(what, f"it belongs to {owner}: delete that instead") if owner else None
    marks = (*MARKS, *POD_SECURITY_MARKS) if owner else MARKS
    for part in ("labels", "annotations"):
        old: Mapping[str, str] = getattr(write.old.metadata, part) if write.old is not None else {}
        new: Mapping[str, str] = getattr(write.new.metadata, part)
        changed = sorted(k for k in old.keys() | new.keys() if k.startswith(marks) and old.get(k) != new.get(k))
        if changed:
            return refuse(what, "only the platform may change it", f"metadata.{part}[{changed[0]}]")
    return None
