"""Service account tokens for pods: kept while good, asked for anew at four fifths of their life.

As kubelet's pkg/kubelet/token.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from armillary.base.clock import Clock, parse_time
from armillary.base.errors import ApiError
from armillary.engine.node.faults import MountError
from armillary.kube.kinds.authentication import BoundObjectReference, TokenRequestSpec

log = logging.getLogger(__name__)

LONGEST = timedelta(hours=24)  # a token that lives for longer is renewed daily all the same


@dataclass(frozen=True, slots=True)
class TokenWish:
    """Which token: bound to a pod, it dies with it."""

    namespace: str
    account: str
    audience: str
    seconds: int
    pod_name: str
    pod_uid: str

    def spec(self) -> TokenRequestSpec:
        bound = BoundObjectReference(api_version="v1", kind="Pod", name=self.pod_name, uid=self.pod_uid)
        audiences = (self.audience,) if self.audience else ()
        return TokenRequestSpec(audiences=audiences, expiration_seconds=self.seconds, bound_object_ref=bound)


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    expires: str  # RFC 3339


class Tokens:
    """Tokens that were asked for with `request`."""

    def __init__(self, request: Callable[[TokenWish], Awaitable[Token]], clock: Clock) -> None:
        self._request, self._clock = request, clock
        self._kept: dict[TokenWish, Token] = {}

    async def get(self, wish: TokenWish) -> str:
        """A token that is good for a while. Raises MountError if there is none to be had."""
        kept = self._kept.get(wish)
        now = self._clock.now()
        if kept is not None and not is_due(wish, kept, now):
            return kept.text
        try:
            fresh = await self._request(wish)
        except ApiError as exc:
            if kept is None:
                raise MountError(f"failed to fetch token: {exc}") from exc
            if parse_time(kept.expires) < now:
                raise MountError(f"token expired and refresh failed: {exc}") from exc
            log.warning("token not renewed", extra={"account": wish.account, "error": str(exc)})
            return kept.text
        self._kept[wish] = fresh
        return fresh.text

    def forget(self, pod_uid: str) -> None:
        for wish in [wish for wish in self._kept if wish.pod_uid == pod_uid]:
            del self._kept[wish]


def is_due(wish: TokenWish, token: Token, now: datetime) -> bool:
    """Whether it is time for a new one."""
    expires, life = parse_time(token.expires), timedelta(seconds=wish.seconds)
    return now > expires - life / 5 or now > expires - life + LONGEST
