"""What the console remembers of somebody: theme, pinned and recent things, where they like to begin.

One small JSON document for each account, in a ConfigMap that goes with the account. What is in it is the console's.
"""

from typing import Any

import msgspec

from armillary.base.errors import NotFound, TooLarge
from armillary.kube.client import PatchType
from armillary.kube.kinds.core import CONFIG_MAP
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.frame.capability import Call

MOST_BYTES = 16 << 10
KEY = "preferences.json"
MANAGER = "armillary"

Preferences = dict[str, Any]


async def show(call: Call, deps: Deps) -> Preferences:
    """Empty at first."""
    found = await deps.client.find(CONFIG_MAP, _name(call), deps.settings.namespace)
    if found is None or all(owner.uid != _uid(call, deps) for owner in found.metadata.owner_references):
        return {}  # of somebody who had the name before
    kept: Preferences = msgspec.json.decode(found.data.get(KEY) or "{}", type=dict[str, Any])
    return kept


async def replace(call: Call, deps: Deps) -> Preferences:
    body: Preferences = call.body
    text = msgspec.json.encode(body).decode()
    if len(text.encode()) > MOST_BYTES:
        raise TooLarge(f"preferences may have {MOST_BYTES} bytes, and these have {len(text.encode())}")
    owner = {"apiVersion": USER.api_version, "kind": USER.name, "name": call.user.user, "uid": _uid(call, deps)}
    wanted = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"ownerReferences": [owner]},
        "data": {KEY: text},
    }
    namespace = deps.settings.namespace
    await deps.client.patch(
        CONFIG_MAP, _name(call), namespace, wanted, type=PatchType.APPLY, manager=MANAGER, force=True
    )
    return body


def _name(call: Call) -> str:
    return f"preferences-{call.user.user}"


def _uid(call: Call, deps: Deps) -> str:
    """Of the account. Raises NotFound."""
    found = deps.reads.get(USER, call.user.user)
    if found is None:
        raise NotFound("the account is gone")
    return found.metadata.uid
