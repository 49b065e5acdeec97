"""Every command on a page of the manual is run, as it stands there, in order."""

import re
from pathlib import Path

import pytest
from tests.harness.cluster import ROOT, Cluster, running_cluster

PAGES = sorted(path for path in (ROOT / "docs").rglob("*.md") if "```sh" in path.read_text())
# Baking takes minutes and the network: the images are in the registry already, baked by the same command.
ALREADY_DONE = re.compile(r"^armillary image bake .*$", re.MULTILINE)


def scripts(page: Path) -> str:
    """A page's shell blocks, one after the other."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
    return ALREADY_DONE.sub(":", "\n".join(blocks))


def needs_own(page: Path) -> bool:
    """Whether it begins with the first sign-in, which there is one of."""
    return "armillary initial-password" in scripts(page)


def test_there_are_pages() -> None:
    assert PAGES


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", [page for page in PAGES if not needs_own(page)], ids=lambda page: page.stem)
def test_what_the_page_shows(cluster: Cluster, page: Path) -> None:
    runs(cluster, page)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", [page for page in PAGES if needs_own(page)], ids=lambda page: page.stem)
def test_what_the_page_shows_from_the_start(archives: list[Path], data_dirs: Path, page: Path) -> None:
    with running_cluster("arm-page", data_dirs / page.stem) as own:
        for archive in archives[:1] + archives[-1:]:  # busybox, kubectl
            own.armillary("image", "import", str(archive))
        runs(own, page)


def runs(cluster: Cluster, page: Path) -> None:
    done = cluster.run("bash", "-euo", "pipefail", "-x", "-c", scripts(page), check=False, timeout=540)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
