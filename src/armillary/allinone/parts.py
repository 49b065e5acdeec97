"""The parts of a cluster as processes: what is run, and how each tells that it is ready."""

import sys
from collections.abc import Sequence
from pathlib import Path

from armillary.allinone.layout import Layout
from armillary.allinone.prepare import REGISTRY_HOST
from armillary.allinone.runtime import containerd_settings
from armillary.allinone.settings import Settings
from armillary.allinone.supervisor import Part
from armillary.engine.node.runtime.containerd import hides_unified, start_command


def parts_of(settings: Settings, layout: Layout) -> Sequence[Part]:
    """All parts. They start together; each waits by itself for what it needs of the others."""
    mounts = Path("/proc/self/mounts").read_text()
    hide = settings.runtime == "crun" and hides_unified(mounts)
    runtime = containerd_settings(settings, layout)
    platform = (Part("platform", _own("platform", layout)),) if settings.platform else ()
    return (
        Part("apiserver", _own("apiserver", layout), stop_order=1),
        Part("controllers", _own("controllers", layout)),
        Part("node", _own("node", layout)),
        Part("containerd", start_command(runtime, hide_unified_cgroups=hide), stop_order=1),
        Part(
            "registry",
            ["docker-registry", "serve", str(layout.registry / "config.yml")],
            probe=(REGISTRY_HOST, settings.registry_port),
            stop_order=1,
        ),
        *platform,
    )


def _own(name: str, layout: Layout) -> list[str]:
    return [sys.executable, "-m", "armillary.allinone.part", name, str(layout.root)]
