"""Names of images, as people write them and as a registry stores them. Pure."""

import re

from armillary.base.errors import SetupError

HUB = "docker.io"
_NAME = re.compile(r"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$")
_TAG = re.compile(r"^\w[\w.-]{0,127}$", re.ASCII)


def local_name(reference: str) -> tuple[str, str]:
    """Name and tag under which the local registry holds an image, whatever registry its full name speaks of.

    `nginx` and `docker.io/library/nginx:latest` are both (`library/nginx`, `latest`). Raises SetupError.
    """
    name, _, tag = reference.rpartition(":") if ":" in reference.rsplit("/", 1)[-1] else (reference, "", "")
    tag = tag or "latest"
    first, _, rest = name.partition("/")
    if rest and ("." in first or ":" in first or first == "localhost"):
        name = rest if first != HUB or "/" in rest else f"library/{rest}"
    elif not rest:
        name = f"library/{name}"
    if not _NAME.match(name) or not _TAG.match(tag):
        raise SetupError(f"image name {reference!r}: write it as name:tag, in lower case, such as shop/api:1.0")
    return name, tag
