"""Why a running container is not ready, or is started again: its probes. Pure."""

import re
from collections.abc import Iterator
from typing import Literal

from armillary.base.words import Words
from armillary.kube.kinds.core import Container, Pod, Probe
from armillary.platform.capabilities.why.facts import Facts, first, is_ready, pod_ref, statuses, was_killed_by_probe
from armillary.platform.capabilities.why.finding import Finding, Step

Which = Literal["readiness", "liveness", "startup"]

REFUSED = Words(
    "its {which} probe finds nothing listening on port {port} of the container {container}",
    "容器 {container} 的端口 {port} 无人监听，{which} 探针失败",
)
REFUSED_FIX = Words(
    "Correct the probe's port, or have the process listen there on all addresses (0.0.0.0)",
    "请更正探针端口，或让进程在该端口监听所有地址（0.0.0.0）",
)
STATUS = Words(
    "its {which} probe is answered {answer} by the container {container} at {path}",
    "容器 {container} 对 {which} 探针（{path}）返回 {answer}",
)
STATUS_FIX = Words("Correct the probe's path, or mend what it reports", "请更正探针路径，或修复其报告的问题")
SLOW = Words(
    "its {which} probe gets no answer from the container {container} within {seconds} s",
    "容器 {container} 未在 {seconds} 秒内响应 {which} 探针",
)
SLOW_FIX = Words("Raise timeoutSeconds, or find out why it is slow", "请提高 timeoutSeconds，或查明缓慢的原因")
OTHER = Words(
    "its {which} probe fails on the container {container}: {message}", "容器 {container} 的 {which} 探针失败：{message}"
)
OTHER_FIX = Words("Run what the probe runs inside the container, and see", "请在容器内执行探针命令以查看原因")
GATE = Words("the readiness gate {gate} is not fulfilled", "就绪门控 {gate} 未满足")
GATE_FIX = Words("Whoever sets that condition has not done so yet", "等待相应控制器设置该状态")

_ANSWERED = re.compile(r"statuscode: (?P<answer>\d+)")
_SLOW = re.compile(r"timeout|deadline exceeded|Client\.Timeout", re.I)


def find(facts: Facts) -> Iterator[Finding]:
    for pod in facts.pods:
        if not pod.spec.node_name or pod.metadata.deletion_timestamp:
            continue
        was_killed = was_killed_by_probe(facts, pod)
        for status, container, is_init in statuses(pod):
            is_running = status.state is not None and status.state.running is not None
            if not is_init and (was_killed or (is_running and not status.ready)):
                yield from _probes(facts, pod, container, was_killed=was_killed)
        yield from _gates(pod)


def _probes(facts: Facts, pod: Pod, container: Container, *, was_killed: bool) -> Iterator[Finding]:
    probes: tuple[tuple[Which, Probe | None], ...] = (
        ("startup", container.startup_probe),
        ("liveness", container.liveness_probe if was_killed else None),
        ("readiness", container.readiness_probe),
    )
    for which, probe in probes:
        events = facts.events_of("Pod", pod.metadata.name, "Unhealthy")
        said = first(e.message for e in events if e.message.lower().startswith(f"{which} probe"))
        if probe is not None and said:
            yield _failed(pod, container, which, probe, said)
            return


def _failed(pod: Pod, container: Container, which: Which, probe: Probe, said: str) -> Finding:
    http, tcp = probe.http_get, probe.tcp_socket
    values: dict[str, object] = {"which": which, "container": container.name, "message": said}
    values["seconds"] = probe.timeout_seconds or 1
    values["path"] = (http.path or "/") if http is not None else "-"
    values["port"] = http.port if http is not None else tcp.port if tcp is not None else "-"
    if match := _ANSWERED.search(said):
        values["answer"] = match["answer"]
        return Finding(f"{which}-status", Step.PROBE, pod_ref(pod), STATUS, STATUS_FIX, values, (said,))
    if "connection refused" in said:
        return Finding(f"{which}-refused", Step.PROBE, pod_ref(pod), REFUSED, REFUSED_FIX, values, (said,))
    if _SLOW.search(said):
        return Finding(f"{which}-slow", Step.PROBE, pod_ref(pod), SLOW, SLOW_FIX, values, (said,))
    return Finding(f"{which}-failed", Step.PROBE, pod_ref(pod), OTHER, OTHER_FIX, values, (said,))


def _gates(pod: Pod) -> Iterator[Finding]:
    if is_ready(pod):
        return
    met = {c.type for c in pod.status.conditions if c.status == "True"}
    for gate in pod.spec.readiness_gates:
        if gate.condition_type not in met and "ContainersReady" in met:
            values = {"gate": gate.condition_type}
            yield Finding("readiness-gate", Step.PROBE, pod_ref(pod), GATE, GATE_FIX, values)
