"""The Secret of a provider: written here, and never read back to anybody.

Whoever may change a provider need not hold rights on Secrets: only Secrets of this one type are written, by a name that
follows from the provider's.
"""

import base64

from armillary.base.errors import AlreadyExists, Conflict
from armillary.kube.client import Client
from armillary.kube.kinds.core import SECRET, Secret
from armillary.kube.kinds.meta import ObjectMeta, OwnerReference
from armillary.platform.capabilities.federation.kinds import (
    CLIENT_SECRET,
    IDENTITY_PROVIDER,
    PASSWORD,
    SECRET_TYPE,
    IdentityProvider,
)


def secret_name(provider: str) -> str:
    return f"identity-provider-{provider}"


async def keep(client: Client, namespace: str, item: IdentityProvider, value: str) -> str:
    """As the platform; gives the Secret's name. It goes with the provider."""
    name = secret_name(item.metadata.name)
    field = PASSWORD if item.spec.type == "ldap" else CLIENT_SECRET
    data = {field: base64.b64encode(value.encode()).decode()}
    kind = IDENTITY_PROVIDER
    owner = OwnerReference(api_version=kind.api_version, kind=kind.name, name=item.metadata.name, uid=item.metadata.uid)
    meta = ObjectMeta(name=name, namespace=namespace, owner_references=(owner,))
    try:
        await client.create(SECRET, Secret(metadata=meta, type=SECRET_TYPE, data=data), namespace)
    except AlreadyExists:
        found = await client.get(SECRET, name, namespace)
        if found.type != SECRET_TYPE:
            raise Conflict(f'Secret "{name}" is there and is no identity provider\'s') from None
        owners = [{"apiVersion": owner.api_version, "kind": owner.kind, "name": owner.name, "uid": owner.uid}]
        patch = {"metadata": {"ownerReferences": owners}, "data": data}
        await client.patch(SECRET, name, namespace, patch)
    return name
