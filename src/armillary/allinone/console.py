"""Where the console's files are, which are built from `console/` and come with the package."""

from pathlib import Path

_BUILT = Path(__file__).resolve().parent.parent / "console"


def console_dir() -> Path | None:
    """None where they have not been built."""
    return _BUILT if (_BUILT / "index.html").exists() else None
