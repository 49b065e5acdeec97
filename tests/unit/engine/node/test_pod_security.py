"""Security contexts become the runtime's options; root is refused where it must be."""

import pytest
from tests.unit.engine.node.build import pod

from armillary.engine.node.faults import ConfigError
from armillary.engine.node.security import (
    MASKED_PATHS,
    ImageUser,
    Namespace,
    Namespaces,
    Seccomp,
    container_security,
    forbidden_sysctl,
    namespaces_of,
    parse_image_user,
    sandbox_security,
)

ROOT = ImageUser(uid=0)
WHERE = '(pod: "web_shop(u1)", container: main)'


def security_of(own=None, shared=None, image=ROOT, **options):
    the_pod = pod({"containers": [{"name": "main", "securityContext": own or {}}], "securityContext": shared or {}})
    return container_security(the_pod.spec.containers[0], the_pod, image, seccomp_root="/seccomp", **options)


def test_a_containers_field_wins_over_its_pods():
    found = security_of({"runAsUser": 1}, {"runAsUser": 2, "runAsGroup": 3, "fsGroup": 4, "supplementalGroups": [5]})
    assert (found.run_as_user, found.run_as_group, found.supplemental_groups) == (1, 3, (4, 5))


def test_without_a_user_the_image_decides():
    assert security_of(image=ImageUser(uid=7)).run_as_user == 7
    named = security_of(image=ImageUser(name="app"))
    assert (named.run_as_user, named.run_as_username) == (None, "app")
    assert security_of({"runAsUser": 1}, image=ImageUser(name="app")).run_as_username == ""


def test_flags_and_capabilities():
    found = security_of(
        {
            "privileged": True,
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "procMount": "Unmasked",
            "capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
        }
    )
    assert found.privileged
    assert found.read_only_root
    assert found.no_new_privileges
    assert found.masked_paths == ()
    assert (found.capabilities_add, found.capabilities_drop) == (("NET_ADMIN",), ("ALL",))
    assert security_of().masked_paths == MASKED_PATHS
    assert not security_of().no_new_privileges


@pytest.mark.parametrize(
    ("own", "shared", "default", "expected"),
    [
        (None, None, False, Seccomp("Unconfined")),
        (None, None, True, Seccomp("RuntimeDefault")),
        (None, {"type": "RuntimeDefault"}, False, Seccomp("RuntimeDefault")),
        ({"type": "Unconfined"}, {"type": "RuntimeDefault"}, True, Seccomp("Unconfined")),
        ({"type": "Localhost", "localhostProfile": "a.json"}, None, False, Seccomp("Localhost", "/seccomp/a.json")),
    ],
)
def test_seccomp(own, shared, default, expected):
    wrap = lambda profile: {"seccompProfile": profile} if profile else {}  # noqa: E731
    assert security_of(wrap(own), wrap(shared), seccomp_default=default).seccomp == expected


@pytest.mark.parametrize(
    ("own", "image", "message"),
    [
        ({"runAsUser": 0}, ROOT, f"container's runAsUser breaks non-root policy {WHERE}"),
        ({}, ROOT, f"container has runAsNonRoot and image will run as root {WHERE}"),
        (
            {},
            ImageUser(name="app"),
            "container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root " + WHERE,
        ),
    ],
)
def test_root_is_refused(own, image, message):
    with pytest.raises(ConfigError) as refused:
        security_of(own, {"runAsNonRoot": True}, image)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("own", "image"), [({"runAsUser": 5}, ROOT), ({}, ImageUser(uid=5)), ({"runAsNonRoot": False}, ROOT)]
)
def test_others_may_run(own, image):
    security_of(own, {"runAsNonRoot": True}, image)


@pytest.mark.parametrize(
    ("text", "user"),
    [("", ImageUser(0)), ("1000", ImageUser(1000)), ("1000:5", ImageUser(1000)), ("app:app", ImageUser(name="app"))],
)
def test_image_user(text, user):
    assert parse_image_user(text) == user


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, Namespaces(Namespace.POD, Namespace.CONTAINER, Namespace.POD)),
        ({"shareProcessNamespace": True}, Namespaces(Namespace.POD, Namespace.POD, Namespace.POD)),
        (
            {"hostNetwork": True, "hostPID": True, "hostIPC": True, "shareProcessNamespace": True},
            Namespaces(Namespace.NODE, Namespace.NODE, Namespace.NODE),
        ),
    ],
)
def test_namespaces(spec, expected):
    assert namespaces_of(pod(spec)) == expected


def test_the_sandbox_of_a_privileged_container_is_privileged():
    found = sandbox_security(
        pod(
            {
                "containers": [{"name": "main", "securityContext": {"privileged": True}}],
                "securityContext": {"runAsUser": 5, "fsGroup": 6, "sysctls": [{"name": "a", "value": "1"}]},
            }
        )
    )
    assert found.privileged
    assert (found.run_as_user, found.supplemental_groups, found.sysctls) == (5, (6,), {"a": "1"})


@pytest.mark.parametrize(
    ("name", "spec", "message"),
    [
        ("net.ipv4.tcp_syncookies", {}, ""),
        ("net/ipv4/tcp_syncookies", {}, ""),
        ("kernel.msgmax", {}, 'forbidden sysctl: "kernel.msgmax" not allowlisted'),
        ("net.core.somaxconn", {}, ""),
        (
            "net.ipv4.tcp_syncookies",
            {"hostNetwork": True},
            'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
        ),
    ],
)
def test_sysctls(name, spec, message):
    found = pod({**spec, "securityContext": {"sysctls": [{"name": name, "value": "1"}]}})
    assert forbidden_sysctl(found, frozenset({"net.core.*"})) == message
