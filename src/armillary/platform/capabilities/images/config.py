"""What an image's configuration says. Pure.

Rules: OCI image specification 1.1, "Image Configuration" and "Image Index".
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

ARCHITECTURE = "amd64"


class Variable(Struct, frozen=True, kw_only=True):
    name: str
    value: str


class ImageConfig(Struct, frozen=True, kw_only=True, rename="camel"):
    image: str
    digest: Annotated[str, Meta(description="Of its manifest.")]
    ports: Annotated[tuple[str, ...], Meta(description="That it says it listens on: `80/tcp`.")]
    environment: tuple[Variable, ...]
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    working_dir: str
    user: Annotated[str, Meta(description="Name or number, with `:group`; root if empty.")]
    volumes: Annotated[tuple[str, ...], Meta(description="Paths that it wants kept.")]
    created: Annotated[str, Meta(description="RFC 3339; empty if it does not say.")]
    size_bytes: Annotated[int, Meta(description="Of its layers, compressed.")]


def chosen(index: Mapping[str, Any], architecture: str = ARCHITECTURE) -> str:
    """The digest of the manifest for Linux on that architecture, else of the first; "" if there is none."""
    manifests = [each for each in index.get("manifests") or () if isinstance(each, dict)]
    fitting = [
        each
        for each in manifests
        if (platform := each.get("platform") or {}).get("os") == "linux"
        and platform.get("architecture") == architecture
    ]
    return next((str(each.get("digest") or "") for each in (*fitting, *manifests)), "")


def told(image: str, digest: str, manifest: Mapping[str, Any], config: Mapping[str, Any]) -> ImageConfig:
    """What was read, in the words of this API; what is not as the specification has it is left out."""
    said = config.get("config")
    runs: Mapping[str, Any] = said if isinstance(said, dict) else {}
    return ImageConfig(
        image=image,
        digest=digest,
        ports=tuple(sorted(_keys(runs, "ExposedPorts"), key=_by_number)),
        environment=tuple(
            Variable(name=name, value=value)
            for name, _, value in (entry.partition("=") for entry in _texts(runs, "Env"))
        ),
        entrypoint=_texts(runs, "Entrypoint"),
        command=_texts(runs, "Cmd"),
        working_dir=_text(runs, "WorkingDir"),
        user=_text(runs, "User"),
        volumes=tuple(sorted(_keys(runs, "Volumes"))),
        created=_text(config, "created"),
        size_bytes=sum(_size(layer) for layer in manifest.get("layers") or ()),
    )


def _text(found: Mapping[str, Any], field: str) -> str:
    value = found.get(field)
    return value if isinstance(value, str) else ""


def _texts(found: Mapping[str, Any], field: str) -> tuple[str, ...]:
    value = found.get(field)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _keys(found: Mapping[str, Any], field: str) -> tuple[str, ...]:
    value = found.get(field)
    return tuple(value) if isinstance(value, dict) else ()


def _by_number(port: str) -> tuple[int, str]:
    number = port.partition("/")[0]
    return (int(number) if number.isascii() and number.isdigit() else 1 << 16, port)


def _size(layer: Any) -> int:
    size = layer.get("size") if isinstance(layer, dict) else 0
    return size if isinstance(size, int) else 0
