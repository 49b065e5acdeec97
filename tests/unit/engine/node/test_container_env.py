"""A container's environment is what its pod says, in kubelet's order of precedence and wording."""

import pytest
from tests.unit.engine.node.build import config_map, container, pod, secret, service

from armillary.engine.node.env import environment, expand, expand_sub_path, references
from armillary.engine.node.faults import ConfigError

KUBERNETES = service("kubernetes", "10.96.0.1", ("https", 443), namespace="default")


def env_of(spec, *, the_pod=None, maps=(), secrets=(), services=(), allocatable=None):
    found = environment(
        container(**spec),
        the_pod or pod({"nodeName": "n1", "serviceAccountName": "sa"}, labels={"a": "1", "b": 'x"y'}),
        config_maps={m.metadata.name: m for m in maps},
        secrets={s.metadata.name: s for s in secrets},
        services=services,
        allocatable=allocatable or {"cpu": "2", "memory": "1Gi"},
        host_ips=["10.0.0.1"],
        pod_ips=["10.244.0.5", "fd00::5"],
    )
    assert len({name for name, _ in found}) == len(found)
    return dict(found)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("plain", "plain"),
        ("$(A)-$(B)", "1-2"),
        ("$(NO)", "$(NO)"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$A $", "$A $"),
        ("$(A", "$(A"),
        ("$()", "$()"),
        ("$($$", "$($"),
    ],
)
def test_references_are_replaced(text, meant):
    assert expand(text, {"A": "1", "B": "2"}) == meant


def test_a_sub_path_needs_all_its_values():
    assert expand_sub_path("$(A)/$$x", {"A": "1"}) == "1/$x"
    with pytest.raises(ConfigError, match="missing value for B, C"):
        expand_sub_path("$(C)/$(B)/$(A)", {"A": "1", "C": ""})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "web"),
        ("metadata.namespace", "shop"),
        ("metadata.uid", "u1"),
        ("metadata.labels['a']", "1"),
        ("metadata.labels['none']", ""),
        ("metadata.annotations", ""),
        ("spec.nodeName", "n1"),
        ("spec.serviceAccountName", "sa"),
        ("status.hostIP", "10.0.0.1"),
        ("status.podIP", "10.244.0.5"),
        ("status.podIPs", "10.244.0.5,fd00::5"),
    ],
)
def test_a_field_ref_gives_the_field(path, value):
    assert env_of({"env": [{"name": "X", "valueFrom": {"fieldRef": {"fieldPath": path}}}]})["X"] == value


@pytest.mark.parametrize(
    ("resource", "divisor", "value"),
    [
        ("limits.cpu", "", "1"),
        ("limits.cpu", "1m", "500"),
        ("requests.cpu", "1m", "250"),
        ("limits.memory", "1Mi", "1024"),  # no limit: what the node has
        ("requests.memory", "0", "67108864"),
        ("requests.memory", "1Gi", "1"),
        ("requests.ephemeral-storage", "1", "0"),
    ],
)
def test_a_resource_field_ref_is_rounded_up(resource, divisor, value):
    ref = {"resource": resource} | ({"divisor": divisor} if divisor else {})
    spec = {
        "resources": {"requests": {"cpu": "250m", "memory": "64Mi"}, "limits": {"cpu": "500m"}},
        "env": [{"name": "X", "valueFrom": {"resourceFieldRef": ref}}],
    }
    assert env_of(spec)["X"] == value


def test_env_wins_over_env_from_which_wins_over_services():
    spec = {
        "envFrom": [{"configMapRef": {"name": "m"}}, {"prefix": "S_", "secretRef": {"name": "s"}}],
        "env": [{"name": "A", "value": "env"}, {"name": "C", "value": "$(A) $(B) $(S_K) $(DB_SERVICE_HOST)"}],
    }
    found = env_of(
        spec,
        maps=[config_map("m", A="map", B="map", DB_SERVICE_PORT="mine")],
        secrets=[secret("s", K="secret")],
        services=[service("db", "10.96.0.9", ("sql", 5432))],
    )
    assert found["A"] == "env"
    assert found["C"] == "env map secret 10.96.0.9"
    assert found["DB_SERVICE_PORT"] == "mine"


def test_services_are_told_as_docker_links():
    found = env_of({}, services=[KUBERNETES, service("my-db", "10.96.0.9", ("sql", 5432)), service("h", "None")])
    assert found == {
        "KUBERNETES_SERVICE_HOST": "10.96.0.1",
        "KUBERNETES_SERVICE_PORT": "443",
        "KUBERNETES_SERVICE_PORT_HTTPS": "443",
        "KUBERNETES_PORT": "tcp://10.96.0.1:443",
        "KUBERNETES_PORT_443_TCP": "tcp://10.96.0.1:443",
        "KUBERNETES_PORT_443_TCP_PROTO": "tcp",
        "KUBERNETES_PORT_443_TCP_PORT": "443",
        "KUBERNETES_PORT_443_TCP_ADDR": "10.96.0.1",
        "MY_DB_SERVICE_HOST": "10.96.0.9",
        "MY_DB_SERVICE_PORT": "5432",
        "MY_DB_SERVICE_PORT_SQL": "5432",
        "MY_DB_PORT": "tcp://10.96.0.9:5432",
        "MY_DB_PORT_5432_TCP": "tcp://10.96.0.9:5432",
        "MY_DB_PORT_5432_TCP_PROTO": "tcp",
        "MY_DB_PORT_5432_TCP_PORT": "5432",
        "MY_DB_PORT_5432_TCP_ADDR": "10.96.0.9",
    }


def test_without_service_links_only_kubernetes_is_told():
    found = env_of(
        {}, the_pod=pod({"enableServiceLinks": False}), services=[KUBERNETES, service("db", "10.96.0.9", ("", 1))]
    )
    assert {name.partition("_")[0] for name in found} == {"KUBERNETES"}


def key_ref(kind, name, key, **more):
    return {"env": [{"name": "X", "valueFrom": {f"{kind}KeyRef": {"name": name, "key": key, **more}}}]}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (key_ref("configMap", "no", "k"), 'configmap "no" not found'),
        (key_ref("secret", "no", "k"), 'secret "no" not found'),
        (key_ref("configMap", "m", "no"), "couldn't find key no in ConfigMap shop/m"),
        (key_ref("secret", "s", "no"), "couldn't find key no in Secret shop/s"),
        ({"envFrom": [{"configMapRef": {"name": "no"}}]}, 'configmap "no" not found'),
        ({"envFrom": [{"secretRef": {"name": "no"}}]}, 'secret "no" not found'),
        (key_ref("secret", "b", "k"), "key k in Secret shop/b is not valid UTF-8"),
    ],
)
def test_what_is_missing_is_named(spec, message):
    with pytest.raises(ConfigError) as failed:
        env_of(spec, maps=[config_map("m")], secrets=[secret("s"), secret("b", k=b"\xff")])
    assert str(failed.value) == message


@pytest.mark.parametrize(
    "spec",
    [
        key_ref("configMap", "no", "k", optional=True),
        key_ref("secret", "s", "no", optional=True),
        {"envFrom": [{"secretRef": {"name": "no", "optional": True}}]},
    ],
)
def test_what_is_optional_may_be_missing(spec):
    assert env_of(spec, secrets=[secret("s")]) == {}


def test_references_name_all_that_must_be_read():
    found = references(
        container(
            envFrom=[{"configMapRef": {"name": "a"}}, {"secretRef": {"name": "b"}}],
            env=[*key_ref("configMap", "c", "k")["env"], *key_ref("secret", "d", "k")["env"]],
        )
    )
    assert (found.config_maps, found.secrets) == ({"a", "c"}, {"b", "d"})
