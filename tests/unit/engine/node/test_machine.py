from dataclasses import replace

import pytest
from msgspec import structs
from tests.unit.engine.node.pods import Life, box, pod, sidecar

from armillary.engine.node import record as r
from armillary.engine.node.record import Doing

HOOK = {"exec": {"command": ["true"]}}


def test_a_pod_comes_up_in_order() -> None:
    life = Life(pod())
    assert life.orders == [r.Prepare()]
    assert (life.status().phase, life.waiting()) == ("Pending", "ContainerCreating")
    life.up()
    assert life.condition("PodReadyToStartContainers") == "True"
    assert life.take(r.StartContainer) == r.StartContainer("main", 0)


def test_a_running_pod_is_ready() -> None:
    life = Life(pod()).up()
    life.start()
    status = life.status()
    assert (status.phase, status.pod_ip, life.condition("Ready")) == ("Running", "10.0.0.1", "True")
    assert life.orders == []


def test_init_containers_run_one_after_the_other() -> None:
    life = Life(pod(init=[box("a"), box("b")])).up()
    assert (life.status().phase, life.waiting()) == ("Pending", "PodInitializing")
    for name in ("a", "b"):
        life.start(name)
        assert life.orders == []
        life.exit(name)
    assert life.condition("Initialized") == "True"
    life.start("main")
    assert life.status().phase == "Running"


@pytest.mark.parametrize(("policy", "phase", "again"), [("Never", "Failed", False), ("Always", "Pending", True)])
def test_a_failing_init_container(policy: str, phase: str, again: bool) -> None:
    life = Life(pod(init=[box("a")], restartPolicy=policy)).up()
    life.start("a")
    life.exit("a", 1)
    assert life.status().phase == phase
    assert (r.StartContainer("a", 1) in life.orders) == again


def test_sidecars_hold_back_what_follows_until_they_have_started() -> None:
    probe = {"startupProbe": {"exec": {"command": ["true"]}}}
    life = Life(pod(init=[sidecar("proxy", **probe), box("a")])).up()
    run = life.start("proxy")
    assert life.orders == []
    life.happen(r.Probed("proxy", run.id, "startup", True))
    life.start("a")
    life.exit("a")
    life.start("main")
    assert life.condition("Ready") == "True"


def test_a_sidecar_restarts_without_disturbing_the_others() -> None:
    life = Life(pod(init=[sidecar("proxy")], restartPolicy="Never")).up()
    life.start("proxy")
    life.start("main")
    life.exit("proxy", 1)
    assert life.take(r.StartContainer) == r.StartContainer("proxy", 1)
    assert life.status().phase == "Running"


def test_containers_start_one_after_the_other_and_a_hook_holds_back_the_next() -> None:
    life = Life(pod(box("a", lifecycle={"postStart": HOOK}), box("b"))).up()
    run = life.start("a")
    assert life.orders == [r.PostStart("a", run.id)]
    assert life.waiting("a") == "ContainerCreating"
    life.happen(r.PostStartDone("a", run.id))
    life.start("b")
    assert life.status().phase == "Running"


def test_a_failed_post_start_hook_kills_the_container() -> None:
    life = Life(pod(box(lifecycle={"postStart": HOOK}))).up()
    run = life.start()
    life.orders.clear()
    life.happen(r.PostStartDone("main", run.id, "exit 1"))
    assert life.take(r.StopContainer) == r.StopContainer("main", run.id, 30)
    assert life.reasons() == ["FailedPostStartHook", "Killing"]


def test_crashes_wait_longer_each_time_and_are_forgiven_after_ten_minutes() -> None:
    life = Life(pod()).up()
    waits = []
    for _ in range(8):
        life.start()
        life.exit(code=1)
        if life.waiting() == "CrashLoopBackOff":
            waits.append(life.wake())
    assert waits == [10, 20, 40, 80, 160, 300, 300]
    life.start()
    life.pass_seconds(601)
    life.exit(code=1)
    assert life.waiting() == ""
    assert life.shown().restart_count == 8


def test_the_message_of_a_crash_loop() -> None:
    life = Life(pod()).up()
    for _ in range(2):
        life.start()
        life.exit(code=1)
    shown = life.shown()
    assert shown.state is not None
    assert shown.state.waiting is not None
    assert shown.state.waiting.message == "back-off 10s restarting failed container=main pod=web_shop(u1)"
    assert shown.last_state is not None
    assert shown.last_state.terminated is not None
    assert life.told[-1].message == "Back-off restarting failed container main in pod web_shop(u1)"


@pytest.mark.parametrize(
    ("policy", "code", "phase"),
    [
        ("Never", 0, "Succeeded"),
        ("Never", 3, "Failed"),
        ("OnFailure", 0, "Succeeded"),
        ("OnFailure", 3, "Running"),
        ("Always", 0, "Running"),
    ],
)
def test_phase_after_the_only_container_ended(policy: str, code: int, phase: str) -> None:
    life = Life(pod(restartPolicy=policy)).up()
    life.start()
    life.exit(code=code)
    assert life.status().phase == phase
    assert any(isinstance(o, r.StartContainer) for o in life.orders) == (phase == "Running")


def test_a_completed_pod_gives_back_its_sandbox_and_volumes_and_stays() -> None:
    life = Life(pod(restartPolicy="Never")).up()
    life.start()
    life.exit()
    life.take(r.StopSandbox)
    life.happen(r.SandboxStopped("s1"))
    life.take(r.Unmount)
    life.happen(r.Unmounted())
    assert (life.orders, life.record.is_over) == ([], False)
    assert life.status().pod_ip == "10.0.0.1"
    life.delete()
    assert life.orders == [r.Release(), r.Remove()]


def test_a_failed_pull_turns_into_a_wait_and_is_tried_again() -> None:
    life = Life(pod()).up()
    life.take(r.StartContainer)
    life.happen(r.StartFailed("main", "ErrImagePull", "not found"))
    assert life.waiting() == "ErrImagePull"
    life.wake()
    assert life.waiting() == "ImagePullBackOff"
    assert [t.message for t in life.told] == ['Back-off pulling image "busybox:1"', "Error: ImagePullBackOff"]
    life.wake()
    life.take(r.StartContainer)
    life.happen(r.StartFailed("main", "ErrImagePull", "not found"))
    assert life.wake() + life.wake() == 20


def test_a_container_that_can_not_be_started_counts_as_a_run() -> None:
    life = Life(pod(restartPolicy="Never")).up()
    order = life.take(r.StartContainer)
    ended = life.new_run(order, finished_at=life.now, exit_code=128, reason="StartError")
    life.happen(r.StartFailed("main", "RunContainerError", "no such file", ended))
    shown = life.shown()
    assert shown.state is not None
    assert shown.state.terminated is not None
    assert (shown.state.terminated.exit_code, life.status().phase) == (128, "Failed")


def test_a_container_whose_configuration_is_missing_waits_and_is_tried_again() -> None:
    life = Life(pod()).up()
    life.take(r.StartContainer)
    life.happen(r.StartFailed("main", "CreateContainerConfigError", 'configmap "x" not found'))
    assert life.waiting() == "CreateContainerConfigError"
    assert life.wake() == 1
    life.start()
    assert life.condition("Ready") == "True"


def test_liveness_kills_and_the_container_comes_back() -> None:
    probe = {"livenessProbe": {"exec": {"command": ["true"]}, "terminationGracePeriodSeconds": 5}}
    life = Life(pod(box(**probe))).up()
    run = life.start()
    life.happen(r.Probed("main", run.id, "liveness", False))
    assert life.take(r.StopContainer) == r.StopContainer("main", run.id, 5)
    assert life.told[-1].message == "Container main failed liveness probe, will be restarted"
    life.exit(code=137)
    assert life.take(r.StartContainer) == r.StartContainer("main", 1)


def test_readiness_is_shown() -> None:
    life = Life(pod(box(readinessProbe={"exec": {"command": ["true"]}}))).up()
    run = life.start()
    assert life.condition("Ready") == "False"
    life.happen(r.Probed("main", run.id, "readiness", True))
    assert life.condition("Ready") == "True"
    life.happen(r.Probed("main", run.id, "readiness", False))
    assert life.condition("ContainersReady") == "False"


def test_a_probe_of_an_earlier_run_is_not_believed() -> None:
    life = Life(pod(box(readinessProbe={"exec": {"command": ["true"]}}))).up()
    first = life.start()
    life.exit(code=1)
    life.start()
    life.happen(r.Probed("main", first.id, "readiness", True))
    assert life.condition("Ready") == "False"


def test_deletion_stops_clears_away_and_releases() -> None:
    life = Life(pod()).up()
    run = life.start()
    life.delete(grace=7)
    assert life.take(r.StopContainer) == r.StopContainer("main", run.id, 7)
    assert [t.message for t in life.told] == ["Stopping container main"]
    life.exit(code=143)
    life.take(r.StopSandbox)
    life.happen(r.SandboxStopped("s1"))
    life.take(r.Unmount)
    life.happen(r.Unmounted())
    assert life.orders == [r.Release(), r.Remove()]
    life.happen(r.Released())
    life.happen(r.Removed())
    assert life.record.is_over


def test_a_pre_stop_hook_uses_up_the_grace() -> None:
    life = Life(pod(box(lifecycle={"preStop": HOOK}))).up()
    run = life.start()
    life.delete(grace=10)
    assert life.take(r.PreStop) == r.PreStop("main", run.id, 10)
    life.pass_seconds(4)
    life.happen(r.PreStopDone("main", run.id))
    assert life.take(r.StopContainer) == r.StopContainer("main", run.id, 6)


def test_a_shorter_grace_is_passed_on() -> None:
    life = Life(pod()).up()
    run = life.start()
    life.delete(grace=30)
    life.orders.clear()
    life.delete(grace=3)
    assert life.take(r.StopContainer) == r.StopContainer("main", run.id, 3)


def test_sidecars_stop_last_in_reverse_order() -> None:
    life = Life(pod(init=[sidecar("one"), sidecar("two")])).up()
    for name in ("one", "two", "main"):
        life.start(name)
    life.delete()
    for name in ("main", "two", "one"):
        assert life.take(r.StopContainer).name == name
        life.exit(name, 143)
    life.take(r.StopSandbox)


def test_sidecars_do_not_wait_longer_than_the_grace() -> None:
    life = Life(pod(init=[sidecar("one")])).up()
    life.start("one")
    life.start("main")
    life.delete(grace=5)
    life.take(r.StopContainer)
    assert life.wake() == 5
    assert life.take(r.StopContainer).name == "one"


def test_a_pod_deleted_while_it_starts_is_stopped_once_it_is_there() -> None:
    life = Life(pod()).up()
    order = life.take(r.StartContainer)
    life.delete()
    assert life.orders == []
    life.happen(r.ContainerStarted("main", life.new_run(order)))
    life.take(r.StopContainer)


def test_a_pod_whose_object_is_gone_is_removed_without_a_word() -> None:
    life = Life(pod()).up()
    life.start()
    life.happen(r.PodGone())
    life.take(r.StopContainer)
    life.exit(code=137)
    life.take(r.StopSandbox)
    life.happen(r.SandboxStopped("s1"))
    life.take(r.Unmount)
    life.happen(r.Unmounted())
    assert life.orders == [r.Remove()]


def test_a_lost_sandbox_is_made_anew_and_init_containers_run_again() -> None:
    life = Life(pod(init=[box("a")])).up()
    life.start("a")
    life.exit("a")
    life.start("main")
    life.happen(r.SandboxEnded("s1"))
    life.take(r.StopContainer)
    life.exit("main", 137)
    life.take(r.StopSandbox)
    life.happen(r.SandboxStopped("s1"))
    assert life.orders == [r.StartSandbox(1)]
    life.sandbox("s2")
    life.start("a")
    life.exit("a")
    life.start("main")
    assert life.reasons() == ["SandboxChanged", "Killing"]
    assert life.shown().restart_count == 1


def test_a_lost_sandbox_ends_a_pod_that_does_not_restart() -> None:
    life = Life(pod(restartPolicy="Never")).up()
    life.start()
    life.happen(r.SandboxEnded("s1"))
    life.exit("main", 137)
    assert life.status().phase == "Failed"


def test_the_deadline_ends_a_pod() -> None:
    life = Life(pod(activeDeadlineSeconds=60)).up()
    life.start()
    assert life.wake() == 60
    status = life.status()
    assert (status.phase, status.reason) == ("Failed", "DeadlineExceeded")
    life.take(r.StopContainer)


def test_a_refused_pod_fails_with_the_reason() -> None:
    life = Life(pod())
    life.orders.clear()
    life.happen(r.Refused("OutOfcpu", "too little"))
    life.happen(r.Prepared())
    status = life.status()
    assert (status.phase, status.reason, status.message) == ("Failed", "OutOfcpu", "too little")


def test_a_finished_pod_is_not_run_again() -> None:
    done = pod(restartPolicy="Never")
    finished = Life(done).up()
    finished.start()
    finished.exit()
    life = Life(structs.replace(done, status=finished.status()))
    assert (life.orders, life.status().phase) == ([], "Succeeded")


def test_another_image_restarts_the_container_whatever_the_policy() -> None:
    life = Life(pod(restartPolicy="Never")).up()
    run = life.start()
    life.happen(r.PodChanged(pod(box(image="busybox:2"), restartPolicy="Never")))
    assert life.take(r.StopContainer) == r.StopContainer("main", run.id, 30)
    assert life.told[-1].message == "Container main definition changed, will be restarted"
    life.exit(code=143)
    assert life.take(r.StartContainer) == r.StartContainer("main", 1)


def test_ephemeral_containers_start_beside_the_others_and_never_again() -> None:
    life = Life(pod()).up()
    life.start()
    life.happen(r.PodChanged(pod(ephemeralContainers=[box("debug")])))
    life.start("debug")
    life.exit("debug", 1)
    assert life.orders == []
    assert life.status().phase == "Running"


def test_an_end_that_is_seen_before_the_beginning_is_not_lost() -> None:
    life = Life(pod(restartPolicy="Never")).up()
    order = life.take(r.StartContainer)
    run = life.new_run(order)
    life.happen(r.ContainerExited("main", replace(run, finished_at=life.now, exit_code=4, reason="Error")))
    life.happen(r.ContainerStarted("main", run))
    shown = life.shown()
    assert shown.state is not None
    assert shown.state.terminated is not None
    assert (shown.state.terminated.exit_code, life.record.containers["main"].doing) == (4, Doing.NOTHING)


def test_volumes_that_do_not_come_are_tried_again() -> None:
    life = Life(pod())
    life.take(r.Prepare)
    life.happen(r.PrepareFailed("FailedMount", 'configmap "x" not found'))
    assert life.reasons() == ["FailedMount"]
    life.wake()
    life.take(r.Prepare)


@pytest.mark.parametrize(("code", "again"), [(42, True), (1, False)])
def test_restart_rules_of_a_container(code: int, again: bool) -> None:
    rules = [{"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]
    life = Life(pod(box(restartPolicy="Never", restartPolicyRules=rules), restartPolicy="Never")).up()
    life.start()
    life.exit(code=code)
    assert any(isinstance(o, r.StartContainer) for o in life.orders) == again
