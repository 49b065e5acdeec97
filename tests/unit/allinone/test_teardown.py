"""Which mounts belong to a data directory, and in which order they go."""

from pathlib import Path

from armillary.allinone.teardown import mounts_below, parse_mounts

INFO = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 22 0:30 / /data/pods rw shared:5 - ext4 /dev/vda rw
41 40 0:31 / /data/pods/a\\040b/tmp rw - tmpfs tmpfs rw
42 22 0:32 / /data-other rw - tmpfs tmpfs rw
43 22 0:4 net:[4026532] /run/netns/cni-1 rw - nsfs nsfs rw
"""


def test_only_what_is_below_and_the_last_first() -> None:
    mounts = parse_mounts(INFO)
    assert mounts_below(mounts, Path("/data")) == ("/data/pods/a b/tmp", "/data/pods")


def test_a_network_namespace_is_known_by_its_number() -> None:
    (namespace,) = (m for m in parse_mounts(INFO) if m.kind == "nsfs")
    assert (namespace.path, namespace.root) == ("/run/netns/cni-1", "net:[4026532]")
