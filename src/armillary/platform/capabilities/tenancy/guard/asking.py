"""What the guard asks the cluster about whoever writes: rights, and whether a grant would be theirs to give."""

from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from armillary.base.errors import ApiError
from armillary.kube.client import Client, encode
from armillary.kube.kind import Kind
from armillary.kube.kinds.authentication import SelfSubjectReview
from armillary.kube.kinds.authorization import (
    SUBJECT_ACCESS_REVIEW,
    ResourceAttributes,
    SubjectAccessReview,
    SubjectAccessReviewSpec,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.transport.impersonating import Impersonating
from armillary.platform.capabilities.tenancy.guard.review import UserInfo

CHECK_NAME = "armillary-check"  # of bindings that are never made


@dataclass(slots=True)
class Asking:
    """`client` is the platform's: it may ask about anybody, and act in anybody's name."""

    client: Client
    _platform: str = field(default="")

    async def is_platform(self, who: UserInfo) -> bool:
        """Whether it is ourselves who write."""
        if not self._platform:
            self._platform = await _own_name(self.client)
        return who.username == self._platform

    async def may(
        self, who: UserInfo, verb: str, group: str, resource: str, *, namespace: str = "", name: str = ""
    ) -> bool:
        plain, _, sub = resource.partition("/")
        attributes = ResourceAttributes(
            verb=verb, group=group, resource=plain, subresource=sub, namespace=namespace, name=name
        )
        spec = SubjectAccessReviewSpec(user=who.username, groups=who.groups or (), resource_attributes=attributes)
        answer = await self.client.create(SUBJECT_ACCESS_REVIEW, SubjectAccessReview(spec=spec))
        return bool(answer.status.allowed)

    async def is_cluster_admin(self, who: UserInfo) -> bool:
        """May do everything: no rule but one of wildcards allows the verb `*`."""
        return await self.may(who, "*", "*", "*")

    async def could_bind(self, who: UserInfo, kind: Kind[Any], binding: Any) -> bool:
        """Whether they could make such a binding themselves: tried, without making it."""
        namespace = binding.metadata.namespace
        tried = structs.replace(binding, metadata=ObjectMeta(generate_name=CHECK_NAME, namespace=namespace))
        client = Client(Impersonating(self.client.transport, who.username, who.groups or ()))
        try:
            await client.call("POST", kind.path(namespace), query={"dryRun": "All"}, body=encode(kind, tried))
        except ApiError:
            return False
        return True


async def _own_name(client: Client) -> str:
    kind = Kind("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", False, SelfSubjectReview)
    info = (await client.create(kind, SelfSubjectReview())).status.user_info
    return info.username if info is not None else ""
