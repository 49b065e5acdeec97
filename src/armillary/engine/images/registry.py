"""The local OCI registry's contents: list, remove (OCI distribution specification 1.1)."""

import http.client
from dataclasses import dataclass
from typing import Any

import orjson

from armillary.base.errors import NotFound, SetupError

MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
)
PAGE = 1000


@dataclass(frozen=True, slots=True)
class StoredImage:
    """A tag in the registry. `size_bytes` is that of its layers as stored."""

    name: str
    tag: str
    digest: str
    size_bytes: int


class Registry:
    """A registry on this machine, spoken to by plain HTTP."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    def images(self) -> list[StoredImage]:
        """All tags of all names. Raises SetupError when the registry does not answer."""
        found = []
        for name in self._json("GET", f"/v2/_catalog?n={PAGE}").get("repositories") or ():
            for tag in self._json("GET", f"/v2/{name}/tags/list").get("tags") or ():
                try:
                    found.append(self._image(name, tag))
                except NotFound:  # removed since the list was made
                    continue
        return sorted(found, key=lambda image: (image.name, image.tag))

    def _image(self, name: str, tag: str) -> StoredImage:
        status, headers, body = self._call("GET", f"/v2/{name}/manifests/{tag}")
        if status == 404:
            raise NotFound(f"image {name}:{tag} not found")
        manifest = orjson.loads(body)
        size = sum(layer.get("size", 0) for layer in manifest.get("layers", ()))
        return StoredImage(name, tag, headers.get("docker-content-digest", ""), size)

    def remove(self, name: str, tag: str) -> None:
        """Remove a tag's manifest, and with it every tag that names the same; raises NotFound."""
        image = self._image(name, tag)
        status, _, body = self._call("DELETE", f"/v2/{name}/manifests/{image.digest}")
        if status >= 400:
            raise SetupError(f"the registry refused to remove {name}:{tag}: {body.decode(errors='replace').strip()}")

    def _json(self, method: str, path: str) -> dict[str, Any]:
        status, _, body = self._call(method, path)
        answer: dict[str, Any] = orjson.loads(body) if status < 400 else {}
        return answer

    def _call(self, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=30)
        try:
            connection.request(method, path, headers={"accept": MANIFESTS})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        except OSError as exc:
            raise SetupError(
                f"the registry on {self._host}:{self._port} does not answer ({exc}); start it with: armillary up"
            ) from exc
        finally:
            connection.close()
