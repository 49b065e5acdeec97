"""Typed kinds keep what they are given."""

import msgspec

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
