"""Whether a request may come in: who asks, from which page, with which token, and what the cluster's RBAC says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from armillary.base.errors import Denied, NotFound, Unauthorized
from armillary.base.words import accepted
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.capability import Needs, Open, Route
from armillary.platform.frame.exchange import Exchange
from armillary.platform.frame.parts import Asked, Authenticator, Rights

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Area = Literal["platform", "kubernetes"]
# What a token's scope lets it be used for: the areas, and whether for more than reading.
SCOPES: Mapping[str, tuple[frozenset[Area], bool]] = {
    "all": (frozenset({"platform", "kubernetes"}), True),
    "read": (frozenset({"platform", "kubernetes"}), False),
    "platform": (frozenset({"platform"}), True),
    "kubernetes": (frozenset({"kubernetes"}), True),
}


@dataclass(frozen=True, slots=True)
class Gate:
    """`origin` is where the console is served from; pages of other origins may not use its cookie."""

    authenticator: Authenticator
    rights: Rights
    origin: str

    async def admit(self, exchange: Exchange, route: Route[Any], path: Mapping[str, str]) -> Caller | None:
        """Who calls this route. Raises Unauthorized, Denied, or NotFound where a refusal would tell too much.

        A refused read of something in the path answers as if that were not there. A refused write answers 403: it is
        decided before anything is looked up, so it is the same for what exists and what does not.
        """
        check_origin(exchange, self.origin)
        if route.needs is Open.ANYBODY:
            return await self._known(exchange)
        caller = await self.authenticated(exchange)
        if caller.must_change_password and not route.before_password_change:
            raise Denied("change your password first", reason="PasswordChangeRequired")
        if route.scope not in caller.scopes:
            check_scopes(caller, "platform", is_read=exchange.method in SAFE)
        if isinstance(route.needs, Needs):
            await self._demand(caller, _filled(route.needs, path), path, hides=exchange.method in SAFE)
        return caller

    async def authenticated(self, exchange: Exchange) -> Caller:
        caller = await self.authenticator.authenticate(exchange.headers, exchange.cookies)
        if caller is None:
            raise Unauthorized("sign in first")
        exchange.user = caller.user
        agent = exchange.headers.get("user-agent", "")
        language = accepted(exchange.headers.get("accept-language", ""))
        return replace(
            caller,
            language=language.value if language else caller.language,
            address=exchange.address,
            agent=agent,
            request_id=exchange.request_id,
        )

    async def _known(self, exchange: Exchange) -> Caller | None:
        try:
            return await self.authenticated(exchange)
        except Unauthorized:
            return None

    async def _demand(self, caller: Caller, asked: Asked, path: Mapping[str, str], *, hides: bool) -> None:
        try:
            await self.rights.demand(caller, asked)
        except Denied as exc:
            if not (hides and path):
                raise
            raise _absent(asked, path) from exc


def _filled(needs: Needs, path: Mapping[str, str]) -> Asked:
    namespace, name = needs.namespace.format_map(path), needs.name.format_map(path)
    return Asked(needs.verb, needs.group, needs.resource, namespace, name)


def _absent(asked: Asked, path: Mapping[str, str]) -> NotFound:
    if not asked.name:
        return NotFound(f'"{list(path.values())[-1]}" not found')
    resource = asked.resource.partition("/")[0]
    qualified = f"{resource}.{asked.group}" if asked.group else resource
    return NotFound(f'{qualified} "{asked.name}" not found', group=asked.group, kind=resource, name=asked.name)


def check_scopes(caller: Caller, area: Area, *, is_read: bool) -> None:
    """Raises Denied unless one of the token's scopes is for this."""
    for scope in caller.scopes:
        areas, may_write = SCOPES.get(scope, (frozenset(), False))
        if area in areas and (may_write or is_read):
            return
    held = ", ".join(sorted(caller.scopes)) or "none"
    raise Denied(f"this token's scopes do not allow it: {held}", reason="ScopeMissing")


def check_origin(exchange: Exchange, origin: str, *, is_safe: bool = True) -> None:
    """Raises Denied for what a page of another origin makes a browser send with the console's cookie.

    Browsers say themselves where a request comes from (Fetch Metadata, RFC 6454); a cookie without either header does
    not come from a browser that can be trusted with one. GET and HEAD may be asked from anywhere, unless they are not
    `is_safe`: the answer is kept from other pages, but somebody's own server may act on the question.
    """
    headers = exchange.headers
    is_upgrade = "upgrade" in headers
    shows_token = headers.get("authorization", "")[:7].lower() == "bearer "
    if shows_token or (is_safe and exchange.method in SAFE and not is_upgrade):
        return
    site = headers.get("sec-fetch-site", "")
    if is_upgrade and headers.get("origin"):  # no site is told for WebSockets by every browser; the origin always is
        is_ours = headers["origin"] == origin
    elif site:
        is_ours = site in ("same-origin", "none")
    elif exchange.cookies:
        is_ours = headers.get("origin") == origin
    else:
        is_ours = True
    # Without a cookie there is nothing to misuse, but a sign-in form: that is a navigation.
    if not is_ours and (exchange.cookies or headers.get("sec-fetch-mode") == "navigate"):
        raise Denied("this request comes from another site's page", reason="CrossSiteRequest")
