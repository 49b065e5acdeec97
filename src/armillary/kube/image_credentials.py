"""Credentials for registries: read from pull secrets, matched to images as kubelet's keyring does. Pure."""

import base64
import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

import orjson

from armillary.base.image_names import DEFAULT_REGISTRY, parse_image_name
from armillary.kube.kinds.core import Secret

log = logging.getLogger(__name__)

_DEFAULT_LOCATION = "index.docker.io"


@dataclass(frozen=True, slots=True)
class Credential:
    """What to show a registry. `private` ones belong to a pod; the others to the node, for all its pods."""

    username: str
    password: str
    private: bool = True

    def fingerprint(self) -> str:
        """Tells credentials apart without telling them."""
        return hashlib.sha256(f"{self.username}\0{self.password}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Keyring:
    """Credentials by location (`host[:port][/path]`; a host may have `*`)."""

    entries: tuple[tuple[str, Credential], ...] = ()

    def __add__(self, other: "Keyring") -> "Keyring":
        return Keyring(self.entries + other.entries)

    def lookup(self, image: str) -> tuple[Credential, ...]:
        """Those that fit an image, the most particular location first."""
        name = parse_image_name(image)
        ordered = sorted(self.entries, key=lambda entry: entry[0], reverse=True)
        found = [credential for location, credential in ordered if _matches(location, name.repository)]
        if not found and name.registry == DEFAULT_REGISTRY:
            found = [credential for location, credential in ordered if location == _DEFAULT_LOCATION]
        return tuple(dict.fromkeys(found))


def keyring_of(secrets: Iterable[Secret]) -> Keyring:
    """From a pod's pull secrets; what can't be read is left out and logged."""
    entries: list[tuple[str, Credential]] = []
    for secret in secrets:
        try:
            entries += _entries(secret)
        except (ValueError, TypeError, AttributeError) as exc:
            log.warning("pull secret not readable", extra={"secret": secret.metadata.name, "error": str(exc)})
    return Keyring(tuple(entries))


def parse_keyring(text: bytes, *, private: bool = True) -> Keyring:
    """A docker `config.json`; raises ValueError."""
    return Keyring(tuple(_of_config(orjson.loads(text).get("auths") or {}, private)))


def _entries(secret: Secret) -> tuple[tuple[str, Credential], ...]:
    match secret.type:
        case "kubernetes.io/dockerconfigjson":
            return parse_keyring(base64.b64decode(secret.data.get(".dockerconfigjson", ""))).entries
        case "kubernetes.io/dockercfg":
            config = orjson.loads(base64.b64decode(secret.data.get(".dockercfg", "")))
            return tuple(_of_config(config, private=True))
    return ()


def _of_config(auths: Mapping[str, Mapping[str, Any]], private: bool) -> Iterable[tuple[str, Credential]]:
    for location, given in auths.items():
        username, password = str(given.get("username") or ""), str(given.get("password") or "")
        if given.get("auth"):
            username, _, password = base64.b64decode(given["auth"]).decode().partition(":")
        yield _location(location), Credential(username, password.rstrip("\0"), private)


def _location(text: str) -> str:
    url = urlsplit(text if text.startswith(("https://", "http://")) else f"https://{text}")
    path = url.path
    if path.startswith(("/v1/", "/v2/")):  # docker's own name for the whole registry
        path = path[3:]
    return url.netloc + (path if path != "/" else "")


def _matches(location: str, repository: str) -> bool:
    pattern, target = urlsplit(f"//{location}"), urlsplit(f"//{repository}")
    pattern_host, _, pattern_port = pattern.netloc.partition(":")
    host, _, port = target.netloc.partition(":")
    patterns, labels = pattern_host.split("."), host.split(".")
    return (
        pattern_port == port
        and len(patterns) == len(labels)
        and target.path.startswith(pattern.path)
        and all(fnmatchcase(label, glob) for label, glob in zip(labels, patterns, strict=True))
    )
