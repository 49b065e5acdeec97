"""A relying party of one OpenID Connect provider: authorization code with PKCE, state and nonce.

Redirects are never followed, so that neither a code nor our secret can be led elsewhere.
"""

import hashlib
import re
import secrets
import ssl
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
import orjson
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from yarl import URL

from armillary.base.clock import Clock
from armillary.base.errors import Unauthorized, Unavailable
from armillary.platform.capabilities.federation.decide.people import merged, vouched_of
from armillary.platform.capabilities.federation.decide.tokens import ALGORITHMS, Endpoints, endpoints_of, fault_of
from armillary.platform.capabilities.federation.kinds import GroupMapping, Oidc
from armillary.platform.capabilities.federation.trial import Steps
from armillary.platform.capabilities.identity.ports import Redirect, Vouched

TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=5)
DISCOVERED_SECONDS = 3600.0
KEYS_AGAIN_SECONDS = 60.0  # at the earliest, for a key that is not known here
MOST_BYTES = 1 << 20  # of any answer
_CODE = re.compile(r"^[a-z_]{1,64}$")  # an error's code (RFC 6749, 5.2): the only part of it that is repeated


@dataclass(slots=True)
class RelyingParty:
    """Raises Unavailable where the provider can't be asked, Unauthorized for what is not to be believed."""

    name: str
    spec: Oidc
    secret: str
    mapping: Sequence[GroupMapping]
    clock: Clock
    _endpoints: Endpoints | None = None
    _discovered_at: float = 0.0
    _keys: KeySet = field(default_factory=lambda: KeySet([]))
    _keys_at: float | None = None

    async def begin(self, callback: str) -> Redirect:
        endpoints = await self.discover()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.spec.client_id,
            "redirect_uri": callback,
            "scope": " ".join(self.spec.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        join = "&" if urlsplit(endpoints.authorization).query else "?"
        return Redirect(endpoints.authorization + join + urlencode(query), state, nonce, verifier)

    async def finish(self, callback: str, code: str, begun: Redirect) -> Vouched:
        if not code or not begun.nonce or not begun.verifier:
            raise Unauthorized("this sign-in was not begun here; begin again")
        endpoints = await self.discover()
        got = await self._redeem(endpoints, callback, code, begun.verifier)
        token = got.get("id_token")
        if not isinstance(token, str):
            raise Unauthorized("the provider does not say who has signed in: there is no ID token")
        claims = await self._verified(endpoints, token, begun.nonce)
        userinfo = await self._userinfo(endpoints, got.get("access_token"))
        return vouched_of(self.name, merged(claims, userinfo, self.spec), self.spec, self.mapping)

    async def discover(self) -> Endpoints:
        """Where its endpoints are; remembered for a while."""
        now = self.clock.monotonic()
        if self._endpoints is not None and now - self._discovered_at < DISCOVERED_SECONDS:
            return self._endpoints
        url = self.spec.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = endpoints_of(await self._document(url), self.spec.issuer, insecure=self.spec.insecure)
        if isinstance(found, str):
            raise Unavailable(found)
        self._endpoints, self._discovered_at = found, now
        return found

    async def look(self, callback: str, steps: Steps, *, asks_client: bool) -> None:
        """Whether a sign-in could work, as far as that shows without a person."""
        with steps.failing_as("discovery"):
            endpoints = await self.discover()
        steps.note("discovery", f"{endpoints.issuer} describes itself")
        with steps.failing_as("keys"):
            await self._fetch_keys(endpoints)
        steps.note("keys", f"{len(self._keys.keys)} keys that sign")
        if not asks_client:
            return
        with steps.failing_as("client"):
            try:
                await self._redeem(endpoints, callback, "not-a-code", secrets.token_urlsafe(32))
            except Unauthorized:  # it has looked at the code: so it knows us
                steps.note("client", f"the provider knows the client {self.spec.client_id}")
                return
        steps.note("client", "the provider gives tokens for a made-up code", succeeded=False)

    async def _redeem(self, endpoints: Endpoints, callback: str, code: str, verifier: str) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback, "code_verifier": verifier}
        headers = {"accept": "application/json"}
        if self.secret and not endpoints.secret_in_body:
            pair = f"{quote_plus(self.spec.client_id)}:{quote_plus(self.secret)}"  # RFC 6749, 2.3.1
            headers["authorization"] = "Basic " + b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": self.spec.client_id} | ({"client_secret": self.secret} if self.secret else {})
        status, body = await self._ask("POST", endpoints.token, form=form, headers=headers)
        answer = _object(body)
        if status == 200 and answer is not None:
            return answer
        error = str((answer or {}).get("error", ""))
        if error == "invalid_grant":
            raise Unauthorized("the provider does not accept this sign-in any more; begin again")
        said = error if _CODE.match(error) else f"status {status}"
        raise Unavailable(f"the provider refuses our request for tokens: {said}")

    async def _verified(self, endpoints: Endpoints, token: str, nonce: str) -> dict[str, Any]:
        try:
            claims = await self._decoded(endpoints, token)
        except (JoseError, ValueError, TypeError) as exc:
            raise Unauthorized("the provider's ID token is not signed by one of its keys") from exc
        now = self.clock.now().timestamp()
        issuer, client_id = endpoints.issuer, self.spec.client_id
        fault = fault_of(claims, issuer=issuer, client_id=client_id, nonce=nonce, now=now)
        if fault:
            raise Unauthorized(f"the provider's ID token is not accepted: {fault}")
        return claims

    async def _decoded(self, endpoints: Endpoints, token: str) -> dict[str, Any]:
        try:
            return dict(jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims)
        except InvalidKeyIdError:
            now = self.clock.monotonic()
            if self._keys_at is not None and now - self._keys_at < KEYS_AGAIN_SECONDS:
                raise
        await self._fetch_keys(endpoints)
        return dict(jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims)

    async def _fetch_keys(self, endpoints: Endpoints) -> None:
        self._keys_at = self.clock.monotonic()  # before asking: a provider that is down is not asked again and again
        document = await self._document(endpoints.jwks)
        given = document.get("keys")
        usable = [
            key
            for key in (given if isinstance(given, list) else [])
            if isinstance(key, dict) and key.get("kty") != "oct" and key.get("use", "sig") == "sig"
        ]
        try:
            self._keys = KeySet.import_key_set({"keys": usable})
        except (JoseError, ValueError, TypeError, KeyError) as exc:
            raise Unavailable(f"{endpoints.jwks}: there are no keys that can be read") from exc

    async def _userinfo(self, endpoints: Endpoints, access_token: object) -> dict[str, Any]:
        if not endpoints.userinfo or not isinstance(access_token, str):
            return {}
        headers = {"accept": "application/json", "authorization": f"Bearer {access_token}"}
        status, body = await self._ask("GET", endpoints.userinfo, headers=headers)
        if status != 200:
            raise Unavailable(f"the provider does not tell about the person who has signed in: status {status}")
        return _object(body) or {}

    async def _document(self, url: str) -> dict[str, Any]:
        status, body = await self._ask("GET", url, headers={"accept": "application/json"})
        found = _object(body)
        if status != 200 or found is None:
            raise Unavailable(f"{url}: no JSON document, but status {status}")
        return found

    async def _ask(
        self, method: str, url: str, *, headers: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        try:
            tls = ssl.create_default_context(cadata=self.spec.ca or None)
        except (ssl.SSLError, ValueError) as exc:
            raise Unavailable(f"spec.oidc.ca can't be read: {exc}") from exc
        connector = aiohttp.TCPConnector(ssl=tls)
        jar = aiohttp.DummyCookieJar()
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=TIMEOUT, cookie_jar=jar) as session,
                session.request(method, URL(url), data=form, headers=headers, allow_redirects=False) as answer,
            ):
                body = b""
                async for chunk in answer.content.iter_chunked(1 << 16):
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise Unavailable(f"{url}: the answer is too long")
                return answer.status, body
        except (aiohttp.ClientError, OSError) as exc:  # TimeoutError is an OSError
            raise Unavailable(f"{url} does not answer: {_short(exc)}") from exc


def _short(exc: BaseException) -> str:
    """What went wrong, without the request it went wrong with."""
    return str(exc) if isinstance(exc, aiohttp.ClientConnectorError | OSError) and str(exc) else type(exc).__name__


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
