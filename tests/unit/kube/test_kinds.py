"""Typed kinds keep what they are given."""

import msgspec
import pytest

from armillary.kube.client import decode, encode
from armillary.kube.kinds.core import POD


def test_a_pod_comes_back_as_it_went() -> None:
    sent = (
        b'{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","ports":[{"containerPort":80}]}],"hostIPC":true,'
        b'"volumes":[{"emptyDir":{},"name":"v"}]},"status":{"podIP":"10.0.0.1"}}'
    )
    pod = decode(POD, sent)
    assert pod.status.pod_ip == "10.0.0.1"
    assert msgspec.json.decode(encode(POD, pod)) == {"apiVersion": "v1", "kind": "Pod"} | msgspec.json.decode(sent)


def test_nulls_count_as_absent() -> None:
    assert decode(POD, b'{"metadata":{"name":"a"},"spec":{"containers":null}}').spec.containers == ()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("web", "/api/v1/namespaces/shop/pods/web/log"),
        ("system:node:one", "/api/v1/namespaces/shop/pods/system:node:one/log"),
        ("../secrets/key", "/api/v1/namespaces/shop/pods/..%2Fsecrets%2Fkey/log"),
        ("..", "/api/v1/namespaces/shop/pods/%2E%2E/log"),
        ("a?b#c", "/api/v1/namespaces/shop/pods/a%3Fb%23c/log"),
        ("开发", "/api/v1/namespaces/shop/pods/%E5%BC%80%E5%8F%91/log"),
    ],
)
def test_a_name_is_one_segment_of_a_path_whatever_is_in_it(name: str, path: str) -> None:
    assert POD.path("shop", name, "log") == path
