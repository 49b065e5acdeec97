"""Small images for tests, from what the machine has."""

import platform
from pathlib import Path

from armillary.engine.node.runtime.archive import Entry, image_archive

BUSYBOX = "localhost/busybox:1"
_APPLETS = (
    "cat echo env false head hostname httpd id kill ls mkdir mount nc printf ps rm sh sleep stty tail tar test touch"
    " tr true wc yes"
)


def busybox_archive() -> bytes:
    """Debian's static busybox with the applets that tests use."""
    files = {
        "bin/": Entry(mode=0o755),
        "etc/": Entry(mode=0o755),
        "tmp/": Entry(mode=0o1777),
        "bin/busybox": Entry(Path("/bin/busybox").read_bytes(), 0o755),
        "etc/passwd": Entry(b"root:x:0:0::/:/bin/sh\nguest:x:1000:1000::/:/bin/sh\n"),
        "etc/group": Entry(b"root:x:0:\nguest:x:1000:\n"),
    }
    files |= {f"bin/{applet}": Entry(mode=0o777, link="busybox") for applet in _APPLETS.split()}
    config = {"Cmd": ["sh"], "Env": ["PATH=/bin"]}
    return image_archive(BUSYBOX, files, config, architecture={"x86_64": "amd64"}[platform.machine()])
