"""What on the machine belongs to a data directory."""

import base64
import json
from pathlib import Path

import pytest

from armillary.allinone.teardown import mounts_below, network_namespaces, parse_mounts

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


def cni_result(config: str) -> bytes:
    interfaces = [{"name": "cni0"}, {"name": "eth0", "sandbox": "/run/netns/cni-1"}]
    encoded = base64.b64encode(config.encode()).decode()
    return json.dumps({"config": encoded, "result": {"interfaces": interfaces}}).encode()


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (cni_result('{"dataDir": "/data/containerd/leases"}'), ("/run/netns/cni-1",)),
        (cni_result('{"dataDir": "/data-other/containerd/leases"}'), None),
        (b"not even JSON", None),
        (b"{}", None),
    ],
    ids=["ours", "another cluster's", "damaged", "of another kind"],
)
def test_network_namespaces_by_what_libcni_remembers(result: bytes, found: tuple[str, ...] | None) -> None:
    assert network_namespaces(result, Path("/data")) == found
