"""The call that opens the live channel."""

from functools import partial

from armillary.platform.capabilities.resources.asking import Deps
from armillary.platform.capabilities.resources.live import conversation
from armillary.platform.capabilities.resources.live.conversation import converse
from armillary.platform.frame.capability import Call, Conversation

PROTOCOL = (conversation.__doc__ or "").partition("\n\n")[2]  # for people who read the API's description


async def live(call: Call, deps: Deps) -> Conversation:
    return partial(converse, deps=deps)
