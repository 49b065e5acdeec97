"""The platform alone, in front of a cluster that is there already: what a story runs on, where one is given.

With ARMILLARY_TEST_KUBECONFIG (see `platform.py`) a story that needs no nodes is told on that cluster.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.cluster import Cluster, eventually
from tests.harness.platform import KUBECONFIG
from tests.harness.tidied import tidied

from armillary.kube.kubeconfig import access_of
from armillary.platform.frame.clusters import link_of

ORIGIN = "https://127.0.0.1:9443"
STOP_SECONDS = 30.0


def given_kubeconfig() -> Path | None:
    told = os.environ.get(KUBECONFIG)
    return Path(told) if told else None


@contextmanager
def serving(kubeconfig: Path, data_dir: Path) -> Iterator[Cluster]:
    """`armillary serve` at ORIGIN. What it and the story made in the cluster is gone at the end."""
    data_dir.mkdir(parents=True)
    with _tidied(kubeconfig), (data_dir / "serve.log").open("w") as log:
        up = Cluster("", data_dir, environment={"KUBECONFIG": str(kubeconfig)}, authority="platform/pki/ca.crt")
        words = ("serve", "--kubeconfig", str(kubeconfig), "--origin", ORIGIN, "--listen", ORIGIN.partition("//")[2])
        command = [sys.executable, "-m", "armillary.allinone.main", *words]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=up.env())
        try:
            ready = ("curl", "--silent", "--fail", "--insecure", f"{ORIGIN}/readyz")
            eventually(lambda: not up.run(*ready, check=False).returncode, "the platform is ready")
            yield up
        finally:
            process.terminate()
            process.wait(timeout=STOP_SECONDS)


@contextmanager
def _tidied(kubeconfig: Path) -> Iterator[None]:
    with asyncio.Runner() as runner:
        link = link_of(access_of(kubeconfig))
        around = tidied(link.client)
        runner.run(around.__aenter__())
        try:
            yield
        finally:
            runner.run(_left(around))
            runner.run(link.close())


async def _left(around: object) -> None:
    await around.__aexit__(None, None, None)  # type: ignore[attr-defined]  # what a contextmanager gives
