"""Debian's docker-registry on a free port of the loopback, and a way to put images into it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
from tests.harness.slapd import free_port, wait_port

from armillary.kube.transport.http import Http

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
_CONFIG = """version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: "{directory}"}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@dataclass(frozen=True)
class Registry:
    origin: str

    async def put(self, name: str, tag: str, config: Mapping[str, Any], *, indexed: bool = False) -> str:
        """An image of no layers (OCI distribution specification, "Push"); its manifest's digest."""
        blob = orjson.dumps(config)
        described = {"mediaType": "application/vnd.oci.image.config.v1+json", **_descriptor(blob)}
        manifest = orjson.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": described, "layers": []})
        digest = _descriptor(manifest)["digest"]
        async with Http(self.origin) as http:
            begun = await http.request("POST", f"/v2/{name}/blobs/uploads/", query={}, body=None, headers={})
            place = begun.headers["location"].removeprefix(self.origin)
            path, _, query = place.partition("?")
            asked = {**dict(parse_qsl(query)), "digest": described["digest"]}
            kind = {"content-type": "application/octet-stream"}
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
        done = await http.request("PUT", path, query={}, body=body, headers={"content-type": kind})
        assert done.status == 201, done.body


def _descriptor(content: bytes) -> dict[str, Any]:
    return {"digest": f"sha256:{hashlib.sha256(content).hexdigest()}", "size": len(content)}


@asynccontextmanager
async def running_registry(directory: Path) -> AsyncIterator[Registry]:
    port = free_port()
    config = directory / "registry.yml"
    config.write_text(_CONFIG.format(directory=directory / "registry", port=port))
    process = await asyncio.create_subprocess_exec("docker-registry", "serve", str(config))
    try:
        await wait_port(port)
        yield Registry(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        await process.wait()
