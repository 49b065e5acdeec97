"""What a shell is made of, when it ends, and what is said of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import yaml

from armillary.base.clock import format_time
from armillary.base.words import Language
from armillary.kube.kinds.core import (
    Container,
    ContainerState,
    ContainerStateWaiting,
    ContainerStatus,
    Pod,
    PodCondition,
    PodSpec,
    PodStatus,
    Secret,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.shell import objects
from armillary.platform.capabilities.shell.record import (
    Over,
    Record,
    annotations,
    is_to_note,
    name_of,
    over,
    owner_of,
    record_of,
)
from armillary.platform.capabilities.shell.state import shell_of
from armillary.platform.frame.kubeconfig import context_of, kubeconfig_of

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def ago(**past: float) -> str:
    return format_time(NOW - timedelta(**past))


@pytest.mark.parametrize(
    ("used", "expires", "is_signed_in", "ends"),
    [
        (ago(minutes=1), ago(hours=-1), True, None),
        (ago(minutes=15), ago(hours=-1), True, None),
        (ago(minutes=16), ago(hours=-1), True, Over.IDLE),
        (ago(minutes=1), ago(seconds=0), True, Over.OLD),
        (ago(minutes=1), ago(hours=-1), False, Over.SIGNED_OUT),
    ],
)
def test_when_it_ends(used: str, expires: str, is_signed_in: bool, ends: Over | None) -> None:
    assert over(Record("shell-1", "ann", "session-1", used, expires), NOW, is_signed_in=is_signed_in) is ends


def test_a_record_is_read_as_it_was_written() -> None:
    said = annotations("ann", "session-1", NOW, NOW + timedelta(hours=12))
    secret = Secret(metadata=ObjectMeta(name="shell-1", annotations=said, creation_timestamp=ago(days=1)))
    assert record_of(secret) == Record("shell-1", "ann", "session-1", ago(), ago(hours=-12))


def test_one_that_somebody_has_emptied_is_over() -> None:
    record = record_of(Secret(metadata=ObjectMeta(name="shell-1", creation_timestamp=ago(hours=1))))
    assert over(record, NOW, is_signed_in=True) is Over.OLD


@pytest.mark.parametrize(("used", "noted"), [(ago(seconds=59), False), (ago(seconds=61), True)])
def test_use_is_not_written_down_every_time(used: str, noted: bool) -> None:
    assert is_to_note(Record("shell-1", "ann", "s", used, ago()), NOW) is noted


def test_names_tell_nothing_and_fit() -> None:
    assert name_of("session-1") != name_of("session-2")
    assert "session" not in name_of("session-1")
    assert len(owner_of("a" * 253)) <= 63


@pytest.mark.parametrize(
    ("server", "egress"),
    [
        (
            "https://10.244.0.1:9443",
            [{"ports": [{"port": 9443, "protocol": "TCP"}], "to": [{"ipBlock": {"cidr": "10.244.0.1/32"}}]}],
        ),
        (
            "https://[fd00::1]",
            [{"ports": [{"port": 443, "protocol": "TCP"}], "to": [{"ipBlock": {"cidr": "fd00::1/128"}}]}],
        ),
        (
            "https://platform.example",
            [
                {
                    "ports": [
                        {"port": 53, "protocol": "UDP"},
                        {"port": 53, "protocol": "TCP"},
                        {"port": 443, "protocol": "TCP"},
                    ]
                }
            ],
        ),
    ],
)
def test_it_reaches_the_platform_alone(server: str, egress: list[Any]) -> None:
    spec = msgspec.json.decode(msgspec.json.encode(objects.policy(server).spec))
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in spec
    assert spec["egress"] == egress


def test_only_its_user_may_enter_and_only_this_pod() -> None:
    role, binding = objects.entrance(ObjectMeta(name="shell-1"), "ann")
    assert all(rule.resource_names == ("shell-1",) for rule in role.rules)
    assert {resource for rule in role.rules for resource in rule.resources} == {"pods", "pods/exec"}
    assert [(subject.kind, subject.name) for subject in binding.subjects] == [("User", "armillary:ann")]


def test_a_kubeconfig_has_a_context_for_each_cluster() -> None:
    text = kubeconfig_of("https://p.example", "PEM", ("host", "east"), "ann", {"tokenFile": "/run/token"})
    found = yaml.safe_load(text)
    assert found["current-context"] == context_of("ann", "host") == "ann@armillary-host"
    assert [one["name"] for one in found["contexts"]] == ["ann@armillary-host", "ann@armillary-east"]
    assert found["clusters"][1]["cluster"] == {
        "server": "https://p.example/clusters/east",
        "certificate-authority-data": "UEVN",
    }
    assert found["users"] == [{"name": "ann", "user": {"tokenFile": "/run/token"}}]


def pod(phase: str, waiting: ContainerStateWaiting | None = None, **status: Any) -> Pod:
    state = ContainerState(waiting=waiting)
    container = ContainerStatus(
        name="kubectl", ready=phase == "Running", state=state, image="", image_id="", restart_count=0
    )
    return Pod(
        metadata=ObjectMeta(name="shell-1"),
        spec=PodSpec(containers=(Container(name="kubectl", image="kubectl:1.36"),)),
        status=PodStatus(phase=phase, container_statuses=(container,), **status),
    )


UNMET = PodCondition(type="PodScheduled", status="False", message="0/1 nodes are available")


@pytest.mark.parametrize(
    ("found", "state", "says"),
    [
        (None, "Absent", ""),
        (pod("Running"), "Ready", ""),
        (pod("Pending"), "Starting", ""),
        (pod("Pending", ContainerStateWaiting(reason="ImagePullBackOff")), "Starting", "armillary image bake kubectl"),
        (pod("Pending", ContainerStateWaiting(reason="X", message="no such key")), "Starting", "no such key"),
        (pod("Pending", conditions=(UNMET,)), "Starting", "0/1 nodes are available"),
    ],
)
def test_what_is_said_of_it(found: Pod | None, state: str, says: str) -> None:
    shell = shell_of(found, {}, Language.ENGLISH)
    assert shell.state == state
    assert says in shell.message
    assert bool(says) is bool(shell.message)
