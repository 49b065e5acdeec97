"""The gate at which quotas are held: one write that may use more, and whether its workspace has as much left."""

from dataclasses import dataclass
from typing import Any

from armillary.base.errors import ApiError, Denied, NotFound
from armillary.base.words import Language, Words
from armillary.kube.client import Client, decode
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import NAMESPACE, PERSISTENT_VOLUME_CLAIM, POD, SERVICE
from armillary.kube.kinds.rbac import CLUSTER_ROLE, CLUSTER_ROLE_BINDING
from armillary.kube.reconcile import Reads
from armillary.platform.capabilities.tenancy.guard.review import Request
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE, WORKSPACE_LABEL
from armillary.platform.capabilities.tenancy.quota import slim
from armillary.platform.capabilities.tenancy.quota.charges import Charges
from armillary.platform.capabilities.tenancy.quota.ledger import Ask, refusal_text
from armillary.platform.capabilities.tenancy.quota.people import may_change_workspaces, named
from armillary.platform.capabilities.tenancy.quota.usage import unspecified, usage

ADMINISTRATOR = Words("a platform administrator", "平台管理员")

_LOOKED_INTO: dict[str, Kind[Any]] = {
    "pods": POD,
    "persistentvolumeclaims": PERSISTENT_VOLUME_CLAIM,
    "services": SERVICE,
}
_ANY: Kind[Any] = Kind("", "", "", "", True, slim.Slim)


@dataclass(frozen=True, slots=True)
class Gate:
    client: Client
    reads: Reads
    charges: Charges

    async def judge(self, request: Request) -> ApiError | None:
        """None if it may be; then it is charged, unless it is only tried."""
        namespace = self.reads.get(NAMESPACE, request.namespace)
        if namespace is None:
            namespace = await self.client.get(NAMESPACE, request.namespace)
        workspace = namespace.metadata.labels.get(WORKSPACE_LABEL, "")
        if not workspace or request.operation not in ("CREATE", "UPDATE"):
            return None
        try:
            return await self._judge(request, workspace)
        except NotFound:  # the workspace is no more
            return None

    async def _judge(self, request: Request, workspace: str) -> ApiError | None:
        resource = str(request.resource)
        kind = _LOOKED_INTO.get(resource, _ANY)
        new = decode(kind, request.object)
        if resource == "pods" and (refusal := await self._unspecified(workspace, new)) is not None:
            return refusal
        old = decode(kind, request.old_object) if bytes(request.old_object) not in (b"", b"null") else None
        before = usage(resource, old) if old is not None else {}
        ask = Ask(new.metadata.uid or request.uid, usage(resource, new), before)
        refused = await (self.charges.look if request.dry_run else self.charges.charge)(workspace, ask)
        return Denied(refusal_text(workspace, refused, self.people())) if refused is not None else None

    async def _unspecified(self, workspace: str, pod: Any) -> ApiError | None:
        known = self.reads.get(WORKSPACE, workspace)
        if known is None:
            known = await self.client.get(WORKSPACE, workspace)
        missing = unspecified(known.spec.quota.hard, pod)
        if not missing:
            return None
        return Denied(
            f"workspace quota {workspace}: must specify {missing}; "
            "limits of the project (spec.limits) give defaults to containers that specify nothing"
        )

    def people(self, language: Language = Language.ENGLISH) -> str:
        """Who can raise a workspace's quota."""
        roles = {role.metadata.name: role for role in self.reads.list(CLUSTER_ROLE)}
        return named(may_change_workspaces(self.reads.list(CLUSTER_ROLE_BINDING), roles), ADMINISTRATOR, language)
