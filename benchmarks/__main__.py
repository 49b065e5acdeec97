"""`python -m benchmarks`: measure a cluster, its own or a given one, beside a competitor, and print a report."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from tests.harness.cluster import Cluster, bake, network_namespace

from benchmarks import api, console, lists, platform, platform_signin, pods, scheduler, start, store, watches
from benchmarks.report import Figure, medians, plain, show

ROOT = Path(__file__).parents[1]
OF_A_CLUSTER: dict[str, Callable[[Path], list[Figure]]] = {
    "api": api.measure,
    "watches": watches.measure,
    "lists": lists.measure,
    "pods": pods.measure,
    "platform": platform.measure,
    "console": console.measure,
}
OF_THIS_MACHINE = ("start", "scheduler", "store", "sign-in")
ROUNDS = 3  # with a competitor: ours, theirs, ours, theirs, ...
STARTS = 3


@dataclass(frozen=True, slots=True)
class Target:
    """A cluster to measure; `prefix` is the command that runs others where it can be reached."""

    kubeconfig: Path
    prefix: tuple[str, ...] = ()

    def measure(self, section: str) -> list[Figure]:
        """In a process of its own: each figure has a fresh client."""
        command = [*self.prefix, sys.executable, "-m", "benchmarks", "--child", section]
        env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        done = subprocess.run(
            [*command, "--kubeconfig", str(self.kubeconfig)], cwd=ROOT, env=env, stdout=subprocess.PIPE, check=True
        )
        return [Figure(**figure) for figure in orjson.loads(done.stdout)]


class Report:
    """Prints sections as they come, or all at the end for programs."""

    def __init__(self, form: str) -> None:
        self._form = form
        if form == "table":
            load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
            print(f"{cores} cores, at load {load:.1f} before: what others do on this machine lowers every figure.")
        self._told: list[dict[str, object]] = []

    def add(self, section: str, ours: Sequence[Figure], theirs: Sequence[Figure] = ()) -> None:
        if self._form == "table":
            show(section, ours, theirs)
        self._told += plain(section, ours, theirs)

    def end(self, *, compared: bool) -> None:
        if self._form == "json":
            print(orjson.dumps(self._told, option=orjson.OPT_INDENT_2).decode())
        elif not compared:
            print("\n\\* on another machine of this kind; `--against KUBECONFIG` measures a competitor beside it.")


def main() -> None:
    told = _arguments()
    if told.child:
        print(orjson.dumps(OF_A_CLUSTER[told.child](told.kubeconfig)).decode())
        return
    wanted = told.only or [*OF_THIS_MACHINE, *OF_A_CLUSTER]
    if told.kubeconfig is not None:
        wanted = [name for name in wanted if name != "start"]
    other = Target(told.against.absolute()) if told.against is not None else None
    shown = Report(told.output)
    if "scheduler" in wanted:
        shown.add("scheduler", scheduler.measure())
    if "store" in wanted:
        shown.add("store (competitor: plain SQLite)", *store.measure())
    if "sign-in" in wanted:
        shown.add("sign-in", platform_signin.measure())
    if told.kubeconfig is not None:
        _of_a_cluster(shown, wanted, Target(told.kubeconfig.absolute()), other)
    elif set(wanted) & {"start", *OF_A_CLUSTER}:
        with own_cluster(shown if "start" in wanted else None) as target:
            _of_a_cluster(shown, wanted, target, other)
    shown.end(compared=other is not None)


def _of_a_cluster(shown: Report, wanted: Sequence[str], ours: Target, theirs: Target | None) -> None:
    for section in OF_A_CLUSTER:
        if section not in wanted:
            continue
        rounds = [
            (ours.measure(section), theirs.measure(section) if theirs is not None else [])
            for _ in range(ROUNDS if theirs is not None else 1)
        ]
        shown.add(section, medians(mine for mine, _ in rounds), medians(other for _, other in rounds))


@contextmanager
def own_cluster(shown: Report | None) -> Iterator[Target]:
    """A cluster in a network namespace and a data directory of its own; purged at the end. `shown` gets its start."""
    (image,) = bake("busybox")
    name = f"arm-bench-{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="armillary-bench-") as directory, network_namespace(name):
        cluster = Cluster(name, Path(directory) / "data", environment={"PYTHONPATH": str(ROOT / "src")})
        try:
            rounds = []
            for number in range(STARTS if shown is not None else 1):
                if number:
                    _purge(cluster)
                rounds.append(start.start(cluster, lambda: _up(cluster)))
            if shown is not None:
                shown.add("start", [*medians(rounds), *start.idle(cluster)])
            cluster.armillary("image", "import", str(image))
            kubeconfig = cluster.data_dir / "pki/admin.kubeconfig"
            yield Target(kubeconfig, tuple(cluster.command()))
        finally:
            _purge(cluster)


def _up(cluster: Cluster) -> subprocess.Popen[str]:
    return cluster.spawn(sys.executable, "-m", "armillary.allinone.main", "up", "--detach", "--node-name", "node-1")


def _purge(cluster: Cluster) -> None:
    cluster.armillary("down", "--purge", "--yes")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, help="the cluster to measure; without it, one is started and purged")
    parser.add_argument("--against", type=Path, metavar="KUBECONFIG", help="a competitor, measured in turns with ours")
    parser.add_argument("--only", action="append", choices=[*OF_THIS_MACHINE, *OF_A_CLUSTER], help="may be repeated")
    parser.add_argument("-o", "--output", choices=["table", "json"], default="table")
    parser.add_argument("--child", choices=list(OF_A_CLUSTER), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
