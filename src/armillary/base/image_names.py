"""Image references, as the distribution project's grammar has them. Pure."""

import re
from dataclasses import dataclass

DEFAULT_REGISTRY = "docker.io"
_REPOSITORY_LENGTH = 255

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")


@dataclass(frozen=True, slots=True)
class ImageName:
    """A reference in full: registry, path, and a tag or a digest or both."""

    registry: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def repository(self) -> str:
        return f"{self.registry}/{self.path}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return self.repository + tag + (f"@{self.digest}" if self.digest else "")


def parse_image_name(text: str) -> ImageName:
    """Raises ValueError with the registry clients' own wording. No tag and no digest mean `latest`."""
    if _IDENTIFIER.fullmatch(text):
        raise ValueError(f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings")
    head, _, digest = text.partition("@")
    slash = head.rfind("/")
    colon = head.find(":", slash + 1)
    name, tag = (head[:colon], head[colon + 1 :]) if colon >= 0 else (head, "")
    registry, path = _split(name)
    if path.lower() != path and _PATH.fullmatch(path.lower()):
        raise ValueError(f"invalid reference format: repository name ({path}) must be lowercase")
    fits = (
        _DOMAIN.fullmatch(registry)
        and _PATH.fullmatch(path)
        and (colon < 0 or _TAG.fullmatch(tag))
        and ("@" not in text or _DIGEST.fullmatch(digest))
    )
    if not fits:
        raise ValueError("invalid reference format")
    if len(path) > _REPOSITORY_LENGTH:
        raise ValueError(f"repository name must not be more than {_REPOSITORY_LENGTH} characters")
    return ImageName(registry, path, tag or ("" if digest else "latest"), digest)


def with_default_tag(text: str) -> str:
    """The reference as written, with `:latest` if it says nothing. Raises ValueError."""
    name = parse_image_name(text)
    return text if name.digest or text.endswith(f":{name.tag}") else f"{text}:{name.tag}"


def _split(name: str) -> tuple[str, str]:
    """Registry and path: the first part is a registry only if it looks like a host."""
    first, slash, rest = name.partition("/")
    if not slash or not (set(first) & {".", ":"} or first == "localhost" or first.lower() != first):
        registry, path = DEFAULT_REGISTRY, name
    else:
        registry, path = first, rest
    if registry == "index.docker.io":
        registry = DEFAULT_REGISTRY
    if registry == DEFAULT_REGISTRY and "/" not in path:
        path = f"library/{path}"
    return registry, path
