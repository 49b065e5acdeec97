"""Images made here: by mmdebstrap from Debian's packages, by buildah from a Containerfile. Nothing runs as a daemon."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from armillary.base.errors import SetupError
from armillary.engine.images.programs import fetch
from armillary.engine.images.recipes import LEFT_OUT, SUITE, Recipe, containerfile

CA_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
APT_SOURCES = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d/debian.sources"))

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Builder:
    """Where images are made. `storage` holds layers between builds; `cache` packages that were downloaded.

    `registry` (host:port) is where base images that a Containerfile names are looked for first.
    """

    storage: Path
    cache: Path
    run: Path
    registry: str
    progress: Progress

    def bake(self, recipe: Recipe) -> None:
        """Make `localhost/<name>:latest`. Its base must have been made. Raises SetupError with the tool's words."""
        with tempfile.TemporaryDirectory(dir=self._made(self.run)) as work:
            context = Path(work)
            (context / "Containerfile").write_text(containerfile(recipe))
            for name, text in recipe.files.items():
                (context / name).write_text(text)
                (context / name).chmod(0o755)
            if recipe.package is not None:
                fetch(recipe.package, context)
            if not recipe.base:
                self._bootstrap(recipe, context / "root.tar")
            self.build(context, context / "Containerfile", f"localhost/{recipe.name}:latest")

    def build(self, context: Path, file: Path, name: str, arguments: Sequence[str] = ()) -> None:
        """Build a Containerfile. `arguments` are `NAME=value` for its ARG lines."""
        volumes = [f"{self._made(self.cache)}:/var/cache/apt/archives"]
        if CA_CERTIFICATES.exists():
            # Sites with a CA of their own: what builds inside must trust it, and the image must not contain it.
            volumes.append(f"{CA_CERTIFICATES}:{CA_CERTIFICATES}:ro")
        options = [word for volume in volumes for word in ("--volume", volume)]
        options += [word for argument in arguments for word in ("--build-arg", argument)]
        command = [
            "bud",
            "--isolation",
            "chroot",
            "--layers",
            "--file",
            str(file),
            "--tag",
            name,
            *options,
            str(context),
        ]
        self._buildah(*command)

    def push(self, name: str, target: str) -> None:
        """Copy a built image to a registry (`docker://...`) or an archive (`oci-archive:...`)."""
        # zstd at its lowest level: a fraction of gzip's time, here and when containerd unpacks.
        self._buildah(
            "push", "--tls-verify=false", "--compression-format", "zstd", "--compression-level", "1", name, target
        )

    def has(self, name: str) -> bool:
        done = subprocess.run([*self._base(), "inspect", "--type", "image", name], capture_output=True, check=False)
        return done.returncode == 0

    def _base(self) -> list[str]:
        storage, run = self._made(self.storage), self._made(self.run)
        registries = run / "registries.conf"
        registries.write_text(registries_conf(self.registry))
        places = ["--root", str(storage), "--runroot", str(run), "--registries-conf", str(registries)]
        return ["buildah", *places, "--storage-driver", "overlay"]

    def _buildah(self, *words: str) -> None:
        self._run([*self._base(), *words])

    def _bootstrap(self, recipe: Recipe, target: Path) -> None:
        excludes = [f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT]
        sources = [str(path) for path in APT_SOURCES if path.exists()]
        packages = f"--include={','.join(recipe.packages)}"
        variant = f"--variant={recipe.variant}"
        # Without sources of its own mmdebstrap falls back to Debian's public mirror.
        command = ["mmdebstrap", variant, *excludes, packages, "--skip=output/dev", SUITE, str(target), *sources[-1:]]
        self._run(command)

    def _run(self, command: Sequence[str]) -> None:
        """Run to the end; its last words become the error's."""
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        last: list[str] = []
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        with process:
            if process.stdout is not None:
                for line in process.stdout:
                    last = [*last[-9:], line.rstrip()]
                    self.progress(line.rstrip())
        if process.returncode:
            tail = "\n".join(last)
            raise SetupError(f"{command[0]} failed (exit code {process.returncode}):\n{tail}")

    def _made(self, path: Path) -> Path:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path


def registries_conf(registry: str) -> str:
    """containers-registries.conf(5): the hub's names are looked for in the registry at `registry` first."""
    return f'''unqualified-search-registries = ["docker.io"]
short-name-mode = "disabled"

[[registry]]
prefix = "docker.io"
location = "docker.io"

[[registry.mirror]]
location = "{registry}"
insecure = true
'''
