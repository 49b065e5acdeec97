"""An image as `docker save` would write it: one layer, made in memory, the same bytes every time."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, or a symbolic link if `link` says where to."""

    content: bytes = b""
    mode: int = 0o644
    link: str = ""


def image_archive(name: str, files: Mapping[str, Entry], config: Mapping[str, Any], *, architecture: str) -> bytes:
    """`config` is the image's `config` object (Entrypoint, Env, User, ...)."""
    layer = _tar(files)
    described = json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
            "history": [{"created_by": "armillary"}],
        }
    ).encode()
    config_name = f"{hashlib.sha256(described).hexdigest()}.json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": ["layer.tar"]}]).encode()
    return _tar({"layer.tar": Entry(layer), config_name: Entry(described), "manifest.json": Entry(manifest)})


def _tar(files: Mapping[str, Entry]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, entry in files.items():
            item = tarfile.TarInfo(path)
            item.mode = entry.mode
            if path.endswith("/"):
                item.type = tarfile.DIRTYPE
            elif entry.link:
                item.type, item.linkname = tarfile.SYMTYPE, entry.link
            else:
                item.size = len(entry.content)
            archive.addfile(item, io.BytesIO(entry.content) if item.size else None)
    return out.getvalue()
