"""A certified OpenID Connect provider (npm's oidc-provider) on loopback, and a browser that signs in at it."""

import asyncio
import json
import re
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import aiohttp
from tests.harness.cluster import Cluster
from tests.harness.slapd import free_port
from yarl import URL

from armillary.base.pki import ensure_pki

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / ".venv/node"
SCRIPT = Path(__file__).with_name("oidc.mjs")
CLIENT, CLIENT_SECRET = "armillary", "a secret: of + tests"  # what stands in a header has to be encoded
CALLBACK = "https://platform.example/oauth/callback/sso"
PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "ann": {
        "name": "Ann Example",
        "preferred_username": "ann",
        "email": "ann@example.org",
        "email_verified": True,
        "groups": ["ops", "staff"],
    },
    "bob": {"name": "Bob Example", "preferred_username": "bob", "email": "bob@example.org", "email_verified": False},
}


@dataclass
class OidcServer:
    """`issuer` is its URL; `ca` the PEM of who signed its certificate, "" without TLS."""

    issuer: str
    ca: str
    process: asyncio.subprocess.Process

    async def rotate(self) -> None:
        """From now on it signs with another key, and knows nothing of the old one."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"rotate\n")
        await self._says(b"rotated")

    async def _says(self, what: bytes) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            while (line := await self.process.stdout.readline()).strip() != what:
                assert line, "the provider has ended"

    async def sign_in(self, url: str, login: str) -> dict[str, str]:
        """As a browser: sign in and consent; what the provider then sends to the callback."""
        tls = ssl.create_default_context(cadata=self.ca or None)
        jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address, too
        async with aiohttp.ClientSession(cookie_jar=jar, connector=aiohttp.TCPConnector(ssl=tls)) as browser:
            form: dict[str, str] | None = None
            for _ in range(20):
                method = "POST" if form is not None else "GET"
                async with browser.request(method, URL(url), data=form, allow_redirects=False) as answer:
                    page, onward = await answer.text(), answer.headers.get("location", "")
                if onward:
                    url, form = urljoin(url, onward), None
                    if not url.startswith(self.issuer):
                        return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
                    continue
                action = re.search(r'<form[^>]*action="([^"]+)"', page)
                prompt = re.search(r'name="prompt" value="(\w+)"', page)
                assert action, page
                assert prompt, page
                url, form = urljoin(url, action[1]), {"prompt": prompt[1]}
                if prompt[1] == "login":
                    form |= {"login": login, "password": "any will do"}
        raise AssertionError("the provider leads in a circle")


@dataclass(frozen=True)
class _Prepared:
    """What a provider is started with."""

    issuer: str
    ca: str
    command: Sequence[str]


def _prepared(directory: Path, *, tls: bool, userinfo: bool, auth: str, callback: str) -> _Prepared:
    assert PACKAGES.exists(), "oidc-provider is missing; `make setup-test` installs it"
    directory.mkdir(parents=True)
    port, pki = free_port(), ensure_pki(directory / "pki", ["localhost"], ["127.0.0.1"], datetime.now(UTC), node="oidc")
    issuer = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    client = {
        "client_id": CLIENT,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [callback],
        "token_endpoint_auth_method": auth,
        "scope": "openid profile email groups",
    }
    settings = {
        "issuer": issuer,
        "port": port,
        "clients": [client],
        "people": PEOPLE,
        "userinfo": userinfo,
        **({"certificate": str(pki.crt("apiserver")), "key": str(pki.key("apiserver"))} if tls else {}),
    }
    file = directory / "settings.json"
    file.write_text(json.dumps(settings))
    node = shutil.which("node")
    assert node is not None, "Node.js is missing"
    return _Prepared(issuer, pki.ca.read_text() if tls else "", (node, str(SCRIPT), str(PACKAGES), str(file)))


@asynccontextmanager
async def running_oidc(
    directory: Path, *, tls: bool = True, userinfo: bool = True, auth: str = "client_secret_basic"
) -> AsyncIterator[OidcServer]:
    """With `userinfo`, an ID token holds only `sub`, and the rest is told by the userinfo endpoint."""
    found = _prepared(directory, tls=tls, userinfo=userinfo, auth=auth, callback=CALLBACK)
    with (directory / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *found.command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log
        )
    server = OidcServer(found.issuer, found.ca, process)
    try:
        await server._says(b"ready")
        yield server
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@contextmanager
def oidc_beside(cluster: Cluster, directory: Path, callback: str) -> Iterator[tuple[str, str]]:
    """A provider in a cluster's network, for browsers there: its issuer and its authority's PEM."""
    found = _prepared(directory, tls=True, userinfo=True, auth="client_secret_basic", callback=callback)
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            cluster.command(*found.command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
            yield found.issuer, found.ca
        finally:
            process.terminate()
