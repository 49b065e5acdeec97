"""Where API servers ask the guard."""

import msgspec
import orjson

from armillary.base.errors import BadRequest, NotFound
from armillary.platform.capabilities.tenancy.deps import Tenancy
from armillary.platform.capabilities.tenancy.guard.review import Review, answer
from armillary.platform.frame.capability import Call, Open, Reply, Route


async def guard(call: Call, tenancy: Tenancy) -> Reply:
    return await _answer(call, tenancy, by_quota=False)


async def quota(call: Call, tenancy: Tenancy) -> Reply:
    return await _answer(call, tenancy, by_quota=True)


async def _answer(call: Call, tenancy: Tenancy, *, by_quota: bool) -> Reply:
    if not await tenancy.door.opens(call.path["secret"]):
        raise NotFound("there is nothing at this path")
    try:
        review = msgspec.json.decode(call.body, type=Review)
    except msgspec.MsgspecError as exc:
        raise BadRequest(f"this is no AdmissionReview: {exc}") from exc
    judge = tenancy.gate.judge if by_quota else tenancy.guard.judge
    refusal = await judge(review.request)
    return Reply(orjson.dumps(answer(review.request, refusal)))


ROUTES: tuple[Route[Tenancy], ...] = (
    Route(
        "POST",
        "//admission/{secret}/v1/guard",
        guard,
        Open.ANYBODY,
        "Judge a write to what tenancy guards (for API servers).",
        body=bytes,
    ),
    Route(
        "POST",
        "//admission/{secret}/v1/quota",
        quota,
        Open.ANYBODY,
        "Judge a write by its workspace's quota, and charge it (for API servers).",
        body=bytes,
    ),
)
