"""Debian's docker-registry on a free port of the loopback, and a way to put images into it."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.harness.slapd import free_port, wait_port

from armillary.base.pki import ensure_pki
from armillary.base.pki_files import Pki
from armillary.kube.transport.http import Http

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
_CONFIG = """version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: "{directory}"}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""
IN_IT = ("public/web", "team/web")  # what may be put into one that wants tokens
USER, PASSWORD = "robot", "a-password"
_HTPASSWD = f"{USER}:$2b$05$abcdefghijklmnopqrstuubsRD.Ffj/ka0r3BpAjv57rF8oK.y5YW\n"  # bcrypt of it


@dataclass(frozen=True)
class Registry:
    """`headers` are shown when images are put into it."""

    origin: str
    headers: Mapping[str, str] = field(default_factory=dict)

    async def put(self, name: str, tag: str, config: Mapping[str, Any], *, indexed: bool = False) -> str:
        """An image of no layers (OCI distribution specification, "Push"); its manifest's digest."""
        blob = orjson.dumps(config)
        described = {"mediaType": "application/vnd.oci.image.config.v1+json", **_descriptor(blob)}
        manifest = orjson.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": described, "layers": []})
        digest = _descriptor(manifest)["digest"]
        async with Http(self.origin) as http:
            begun = await http.request("POST", f"/v2/{name}/blobs/uploads/", query={}, body=None, headers=self.headers)
            place = begun.headers["location"].removeprefix(self.origin)
            path, _, query = place.partition("?")
            asked = {**dict(parse_qsl(query)), "digest": described["digest"]}
            kind = {"content-type": "application/octet-stream", **self.headers}
            done = await http.request("PUT", path, query=asked, body=blob, headers=kind)
            assert done.status == 201, done.body
            await self._manifest(http, f"/v2/{name}/manifests/{digest if indexed else tag}", manifest, MANIFEST)
            if indexed:
                one = {"mediaType": MANIFEST, **_descriptor(manifest)}
                one["platform"] = {"os": "linux", "architecture": "amd64"}
                index = orjson.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [one]})
                await self._manifest(http, f"/v2/{name}/manifests/{tag}", index, INDEX)
        return str(digest)

    async def _manifest(self, http: Http, path: str, body: bytes, kind: str) -> None:
        done = await http.request("PUT", path, query={}, body=body, headers={"content-type": kind, **self.headers})
        assert done.status == 201, done.body


def _descriptor(content: bytes) -> dict[str, Any]:
    return {"digest": f"sha256:{hashlib.sha256(content).hexdigest()}", "size": len(content)}


@asynccontextmanager
async def running_registry(directory: Path, auth: str = "") -> AsyncIterator[Registry]:
    """`auth` is more of its configuration."""
    port = free_port()
    config = directory / "registry.yml"
    config.write_text(_CONFIG.format(directory=directory / "registry", port=port) + auth)
    process = await asyncio.create_subprocess_exec("docker-registry", "serve", str(config))
    try:
        await wait_port(port)
        yield Registry(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def locked_registry(directory: Path) -> AsyncIterator[Registry]:
    """It lets in USER with PASSWORD, and nobody else."""
    people = directory / "htpasswd"
    people.write_text(_HTPASSWD)
    shown = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    async with running_registry(directory, f'auth: {{htpasswd: {{realm: here, path: "{people}"}}}}\n') as found:
        yield Registry(found.origin, {"authorization": f"Basic {shown}"})


@asynccontextmanager
async def token_registry(directory: Path) -> AsyncIterator[Registry]:
    """As the hubs do, it wants a token for each repository, of a server beside it that gives USER one to pull and push,
    and everybody one to pull what begins with `public/` (the distribution project's token authentication).
    """
    pki = ensure_pki(directory / "tokens", ["localhost"], ["127.0.0.1"], datetime.now(UTC), node="one")
    shown = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"

    async def give(request: web.Request) -> web.Response:
        kind, name, _ = request.query["scope"].split(":")
        is_known = request.headers.get("authorization") == shown
        actions = ["pull", "push"] if is_known else ["pull"] if name.startswith("public/") else []
        access = [{"type": kind, "name": name, "actions": actions}]
        return web.json_response({"token": _token(pki, request.query["service"], access)})

    app = web.Application()
    app.router.add_get("/token", give)
    runner, port = web.AppRunner(app), free_port()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    told = f'realm: "http://127.0.0.1:{port}/token", service: tests, issuer: tests, rootcertbundle: "{pki.ca}"'
    try:
        async with running_registry(directory, f"auth: {{token: {{{told}}}}}\n") as found:
            ours = [{"type": "repository", "name": name, "actions": ["pull", "push"]} for name in IN_IT]
            pushed = _token(pki, "tests", ours)
            yield Registry(found.origin, {"authorization": f"Bearer {pushed}"})
    finally:
        await runner.cleanup()


def _token(pki: Pki, service: str, access: Sequence[Mapping[str, Any]]) -> str:
    certificate = x509.load_pem_x509_certificate(pki.crt("apiserver").read_bytes())
    chain = [base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()]
    key = ECKey.import_key(pki.key("apiserver").read_text())
    now = int(datetime.now(UTC).timestamp())
    times = {"nbf": now - 5, "iat": now, "exp": now + 300}
    claims = {"iss": "tests", "sub": USER, "aud": service, "jti": f"{now}", **times}
    header = {"alg": "ES256", "x5c": chain}
    return jwt.encode(header, {**claims, "access": list(access)}, key, algorithms=["ES256"])
