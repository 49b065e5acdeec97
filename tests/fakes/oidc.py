"""An OpenID Connect provider that can be made to lie: what a certified one never does.

Held to the real one by tests/contracts/providers: told nothing, it is accepted as that is.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import Key, RSAKey
from tests.harness.slapd import free_port


@dataclass
class LyingProvider:
    """`claims` go over those of the ID token; `answers` over whole answers, by path."""

    issuer: str
    nonce: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    key: Key = field(default_factory=lambda: RSAKey.generate_key(2048, {"use": "sig", "kid": "one"}))
    signing: Key | None = None  # another than the published one
    userinfo: dict[str, Any] = field(default_factory=lambda: {"sub": "ann", "name": "Ann"})
    document: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, web.Response] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if request.path in self.answers:
            return self.answers[request.path]
        match request.path:
            case "/.well-known/openid-configuration":
                return web.json_response(self._document() | self.document)
            case "/keys":
                return web.json_response({"keys": [self.key.as_dict(private=False)]})
            case "/token":
                form = await request.post()
                self.forms.append(dict(form) | {"authorization": request.headers.get("authorization", "")})
                return web.json_response({"access_token": "at", "token_type": "Bearer", "id_token": self._token()})
            case "/me":
                return web.json_response(self.userinfo)
        return web.Response(status=404)

    def _document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/me",
        }

    def _token(self) -> str:
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": "armillary", "sub": "ann", "nonce": self.nonce, "iat": now, "exp": now + 60}
        header = {"alg": "RS256", "kid": "one"} | self.header
        return jwt.encode(header, usual | self.claims, self.signing or self.key, algorithms=[header["alg"]])


@asynccontextmanager
async def lying_provider() -> AsyncIterator[LyingProvider]:
    """On loopback, over HTTP."""
    port = free_port()
    provider = LyingProvider(f"http://127.0.0.1:{port}")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provider.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield provider
    finally:
        await runner.cleanup()
