from datetime import timedelta

from msgspec import structs
from tests.unit.engine.node.pods import START, Life, box, pod, sidecar

from armillary.engine.node import record as r
from armillary.engine.node.writer import status_patch
from armillary.kube.kinds.core import PodCondition, PodStatus


def conditions(status: PodStatus) -> dict[str, tuple[str, str, str]]:
    return {c.type: (c.status, c.reason, c.message) for c in status.conditions}


def test_a_pod_that_was_just_seen() -> None:
    status = Life(pod(init=[box("a")])).status()
    assert (status.phase, status.host_ip, status.start_time) == ("Pending", "192.0.2.1", "2026-01-01T00:00:00Z")
    assert conditions(status) == {
        "PodReadyToStartContainers": ("False", "", ""),
        "Initialized": ("False", "ContainersNotInitialized", "containers with incomplete status: [a]"),
        "Ready": ("False", "ContainersNotReady", "containers with unready status: [main]"),
        "ContainersReady": ("False", "ContainersNotReady", "containers with unready status: [main]"),
        "PodScheduled": ("True", "", ""),
    }


def test_moments_of_change_are_kept_while_nothing_changes() -> None:
    life = Life(pod()).up()
    first = life.status()
    life.now += timedelta(minutes=1)
    life.start()
    second = life.status(first)
    moments = {c.type: c.last_transition_time for c in second.conditions}
    assert moments["Ready"] == "2026-01-01T00:01:00Z"
    assert moments["PodScheduled"] == "2026-01-01T00:00:00Z"


def test_conditions_of_others_stay_and_gates_count() -> None:
    made = pod(readinessGates=[{"conditionType": "example.com/up"}])
    life = Life(made).up()
    life.start()
    ready = conditions(life.status())["Ready"]
    assert ready[:2] == ("False", "ReadinessGatesNotReady")
    gate = PodCondition(type="example.com/up", status="True")
    changed = structs.replace(made, status=PodStatus(conditions=(gate,)))
    life.happen(r.PodChanged(changed))
    status = life.status()
    assert status.conditions[0] == gate
    assert conditions(status)["Ready"][0] == "True"


def test_a_pod_that_has_succeeded() -> None:
    life = Life(pod(restartPolicy="Never")).up()
    life.start()
    life.exit()
    told = conditions(life.status())
    assert told["Ready"] == ("False", "PodCompleted", "")
    assert told["Initialized"] == ("True", "PodCompleted", "")


def test_statuses_are_sorted_and_say_what_ran() -> None:
    life = Life(pod(box("b"), box("a"), init=[sidecar("s")])).up()
    for name in ("s", "b", "a"):
        life.start(name)
    status = life.status()
    assert [s.name for s in status.container_statuses] == ["a", "b"]
    assert all(s.started and s.ready and s.container_id.startswith("containerd://c") for s in status.container_statuses)
    assert status.init_container_statuses[0].ready


def test_a_pod_on_the_hosts_network_has_the_nodes_address() -> None:
    status = Life(pod(hostNetwork=True)).status()
    assert (status.pod_ip, status.pod_ips[0].ip) == ("192.0.2.1", "192.0.2.1")


def test_a_patch_holds_only_what_changed() -> None:
    life = Life(pod()).up()
    before = life.status()
    assert status_patch(before, life.status(before)) == {}
    life.start()
    patch = status_patch(before, life.status(before))
    assert set(patch) == {"phase", "containerStatuses", "conditions"}
    assert {c["type"] for c in patch["conditions"]} == {"Ready", "ContainersReady"}
    ready = next(c for c in patch["conditions"] if c["type"] == "Ready")
    assert (ready["status"], ready["reason"], ready["message"]) == ("True", None, None)


def test_addresses_are_replaced_not_added_to() -> None:
    life = Life(pod())
    before = life.status()
    life.up()
    patch = status_patch(before, life.status(before))
    assert patch["podIPs"] == [{"$patch": "replace"}, {"ip": "10.0.0.1"}]


def test_what_is_gone_is_taken_away() -> None:
    assert status_patch(PodStatus(reason="Evicted"), PodStatus()) == {"reason": None}


def test_ephemeral_containers_are_told() -> None:
    life = Life(pod()).up()
    life.happen(r.PodChanged(pod(ephemeralContainers=[box("debug")])))
    life.start("debug")
    shown = life.status().ephemeral_container_statuses[0]
    assert shown.state is not None
    assert shown.state.running is not None
    assert life.now == START
