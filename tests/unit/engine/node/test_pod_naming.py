"""Hostname, resolv.conf and /etc/hosts of a pod are those kubelet would give it."""

import pytest
from tests.unit.engine.node.build import pod

from armillary.engine.node.faults import ConfigError
from armillary.engine.node.naming import (
    Resolver,
    format_resolver,
    hostname_of,
    hosts_file,
    kernel_name_of,
    parse_resolver,
    resolver_of,
)

HOST = Resolver(("1.1.1.1",), ("corp",), ("edns0",))
CLUSTER = ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local")


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, ("web", "")),
        ({"hostname": "h"}, ("h", "")),
        ({"hostname": "h", "subdomain": "s"}, ("h", "s.shop.svc.cluster.local")),
        ({"hostnameOverride": "a.b", "subdomain": "s"}, ("a.b", "")),
    ],
)
def test_hostname(spec, expected):
    assert hostname_of(pod(spec), "cluster.local") == expected


def test_a_long_hostname_is_cut_to_what_the_kernel_holds():
    assert hostname_of(pod(name="a" * 62 + "-bc"), "cluster.local")[0] == "a" * 62


def test_the_full_name_can_be_the_hostname():
    spec = {"subdomain": "s", "setHostnameAsFQDN": True}
    assert kernel_name_of(pod(spec), "cluster.local") == "web.s.shop.svc.cluster.local"
    with pytest.raises(ConfigError, match="is too long"):
        kernel_name_of(pod(spec, name="w" * 60), "cluster.local")


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, Resolver(("10.96.0.10",), (*CLUSTER, "corp"), ("ndots:5",))),
        ({"hostNetwork": True}, HOST),
        (
            {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"},
            Resolver(("10.96.0.10",), (*CLUSTER, "corp"), ("ndots:5",)),
        ),
        ({"dnsPolicy": "Default"}, HOST),
        ({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["9.9.9.9"]}}, Resolver(("9.9.9.9",))),
        (
            {"dnsConfig": {"searches": ["x", "corp"], "options": [{"name": "ndots", "value": "2"}, {"name": "tcp"}]}},
            Resolver(("10.96.0.10",), (*CLUSTER, "corp", "x"), ("ndots:2", "tcp")),
        ),
    ],
)
def test_resolver(spec, expected):
    got = resolver_of(pod(spec), host=HOST, cluster_dns=["10.96.0.10"], cluster_domain="cluster.local")
    assert got == (expected, ())


def test_what_does_not_fit_is_cut_and_told():
    many = {"dnsPolicy": "None", "dnsConfig": {"nameservers": list("abcd"), "searches": [f"s{n}" for n in range(40)]}}
    got, cut = resolver_of(pod(many), host=HOST, cluster_dns=[], cluster_domain="cluster.local")
    assert len(got.nameservers) == 3
    assert len(got.searches) == 32
    assert cut[0] == (
        "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: a b c"
    )
    assert cut[1].startswith("Search Line limits were exceeded, some search paths have been omitted,")


def test_a_resolv_conf_is_read_and_written():
    text = "# x\nnameserver 1.1.1.1\nsearch old\nsearch corp. .\noptions ndots:1 edns0\noptions ndots:2\n"
    assert parse_resolver(text) == Resolver(("1.1.1.1",), ("corp",), ("ndots:2", "edns0"))
    assert format_resolver(HOST) == "search corp\nnameserver 1.1.1.1\noptions edns0\n"


def test_hosts_file():
    aliases = {"hostAliases": [{"ip": "1.2.3.4", "hostnames": ["a", "b"]}]}
    text = hosts_file(
        pod({"subdomain": "s", **aliases}), pod_ips=["10.244.0.5"], cluster_domain="cluster.local", host_file=""
    )
    assert text.startswith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n")
    assert text.endswith(
        "10.244.0.5\tweb.s.shop.svc.cluster.local\tweb\n\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n"
    )


def test_on_the_hosts_network_the_hosts_file_is_the_hosts():
    text = hosts_file(pod({"hostNetwork": True}), pod_ips=[], cluster_domain="cluster.local", host_file="127.0.0.1 x\n")
    assert text == "# Kubernetes-managed hosts file (host network).\n127.0.0.1 x\n"
