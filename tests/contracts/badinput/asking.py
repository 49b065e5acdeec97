"""Short ways to ask the server under test, and the valid object of every kind."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.harness.server import Server

from armillary.engine.kinds.resource import Resource
from armillary.engine.store.port import Entry, Key
from armillary.kube.transport.port import Response

NAMESPACE = "default"
MEDIA = {
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
Json = dict[str, Any]


class Asking:
    """As the administrator, in process."""

    def __init__(self, server: Server) -> None:
        self.server, self.store = server, server.store
        self._transport = server.admin().transport

    async def prepare(self) -> None:
        """What the service account controller would make, and a pod to bind."""
        base = f"/api/v1/namespaces/{NAMESPACE}"
        account = {"metadata": {"name": "default"}}
        pod = {"metadata": {"name": "pods-1"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
        for path, obj in ((f"{base}/serviceaccounts", account), (f"{base}/pods", pod)):
            answer = await self.ask("POST", path, obj)
            assert answer.status == 201, answer.body

    async def ask(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, **query: str
    ) -> Response:
        """`body` is sent as it stands if it is bytes, as JSON otherwise."""
        sent = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
        said = {"content-type": "application/json"} | dict(headers or {})
        return await self._transport.request(method, path, query=query, body=sent, headers=said)

    def stored(self, resource: Resource, name: str) -> Entry | None:
        served = self.server.app.table.paths[resource.group, resource.version, resource.plural]
        return self.store.head(Key(served.stored.name, NAMESPACE if resource.namespaced else "", name))


def collection(resource: Resource) -> str:
    """The path that creations go to."""
    root = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.api_version}"
    return f"{root}/namespaces/{NAMESPACE}/{resource.plural}" if resource.namespaced else f"{root}/{resource.plural}"


@cache
def _valid() -> Json:
    text = Path(__file__).with_name("valid.yaml").read_text()
    found: Json = yaml.safe_load(text.replace("{csr}", _signing_request()))
    return found


def valid(resource: Resource) -> Json:
    """A new object of that kind that is accepted."""
    found = json.loads(json.dumps(_valid()[f"{resource.api_version}/{resource.plural}"]))
    meta = {"name": found.pop("name", "t-1"), "labels": {"a": "b"}, "annotations": {"note": "x"}}
    if resource.plural.endswith("reviews"):
        meta = {}  # those may have none
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": meta} | found


def _signing_request() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "somebody")])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return base64.b64encode(made.public_bytes(serialization.Encoding.PEM)).decode()
