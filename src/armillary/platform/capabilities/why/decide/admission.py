"""What keeps pods from being created: quotas, limits, security standards, missing accounts, webhooks. Pure.

Refusals are known by the words that Kubernetes' admission plugins use; they stand in events of the pods' controllers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from armillary.base.words import Words
from armillary.kube.kinds.apps import DaemonSet, ReplicaSet, StatefulSet
from armillary.kube.kinds.batch import Job
from armillary.platform.capabilities.why.facts import Facts, Workload, ref_of
from armillary.platform.capabilities.why.finding import Finding, Step


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a refusal reads; groups of `pattern` are the sentences' values."""

    code: str
    step: Step
    pattern: re.Pattern[str]
    says: Words
    fix: Words


def _refusal(code: str, step: Step, pattern: str, says: tuple[str, str], fix: tuple[str, str]) -> Refusal:
    return Refusal(code, step, re.compile(pattern, re.DOTALL), Words(*says), Words(*fix))


REFUSALS = (
    _refusal(
        "workspace-quota",
        Step.QUOTA,
        r"(?P<message>workspace quota .*)",
        ("the workspace's quota is used up: {message}", "企业空间配额不足：{message}"),
        ("Free some of it, or ask whoever is named to raise the quota", "请释放部分资源，或请上述人员提高配额"),
    ),
    _refusal(
        "quota-exceeded",
        Step.QUOTA,
        r"exceeded quota: (?P<quota>[^,]+), requested: (?P<asked>.*), used: (?P<used>.*), limited: (?P<hard>.*)$",
        (
            "the quota {quota} is used up: asked {asked}, used {used} of {hard}",
            "配额 {quota} 不足：请求 {asked}，已用 {used}，上限 {hard}",
        ),
        ("Free some of it, ask for less, or have the quota raised", "请释放资源、降低请求或提高配额"),
    ),
    _refusal(
        "quota-needs-requests",
        Step.QUOTA,
        r"failed quota: (?P<quota>[^:]+): must specify (?P<what>.*)$",
        ("the quota {quota} asks each container to set {what}", "配额 {quota} 要求每个容器设置 {what}"),
        (
            "Set them in the pod template, or give the project default limits",
            "请在 Pod 模板中设置，或为项目配置默认限制",
        ),
    ),
    _refusal(
        "limit-range",
        Step.ADMISSION,
        r"(?P<message>(?:maximum|minimum) \S+ usage per .*|\S+ max limit to request ratio per .*)",
        ("the namespace's limits refuse it: {message}", "命名空间的限制范围拒绝了它：{message}"),
        ("Ask for an amount within the limits, or change the LimitRange", "请在限制范围内设置资源，或修改 LimitRange"),
    ),
    _refusal(
        "pod-security",
        Step.ADMISSION,
        r'violates PodSecurity "(?P<standard>[^"]+)": (?P<message>.*)$',
        ("its pods break the security standard {standard}: {message}", "其 Pod 违反安全标准 {standard}：{message}"),
        (
            "Change the security context as told, or the namespace's standard",
            "请按提示修改安全上下文，或调整命名空间的安全标准",
        ),
    ),
    _refusal(
        "service-account-missing",
        Step.ADMISSION,
        r'serviceaccount "(?P<name>[^"]+)" not found',
        ("the service account {name} does not exist", "服务账户 {name} 不存在"),
        ("Create it, or name another in serviceAccountName", "请创建它，或在 serviceAccountName 中指定其他账户"),
    ),
    _refusal(
        "priority-class-missing",
        Step.ADMISSION,
        r"no PriorityClass with name (?P<name>\S+) was found",
        ("the priority class {name} does not exist", "优先级类 {name} 不存在"),
        ("Create it, or name another in priorityClassName", "请创建它，或在 priorityClassName 中指定其他类"),
    ),
    _refusal(
        "webhook-denied",
        Step.ADMISSION,
        r'admission webhook "(?P<name>[^"]+)" denied the request: (?P<message>.*)$',
        ("the admission webhook {name} refuses it: {message}", "准入 Webhook {name} 拒绝了它：{message}"),
        ("Do as it says, or ask who runs it", "请按其提示处理，或联系其管理者"),
    ),
    _refusal(
        "webhook-down",
        Step.ADMISSION,
        r'failed calling webhook "(?P<name>[^"]+)": (?P<message>.*)$',
        ("the admission webhook {name} does not answer: {message}", "准入 Webhook {name} 无响应：{message}"),
        (
            "See that its service runs; until then nothing it watches can be created",
            "请确认其服务正在运行；在此之前无法创建相关对象",
        ),
    ),
    _refusal(
        "pod-refused",
        Step.ADMISSION,
        r"(?P<message>.*)",
        ("its pods are refused: {message}", "其 Pod 被拒绝：{message}"),
        ("Change the pod template as told", "请按提示修改 Pod 模板"),
    ),
)


def find(facts: Facts) -> Iterator[Finding]:
    for workload in facts.workloads:
        if _lacks_pods(workload):
            yield from _refused(facts, workload)


def _lacks_pods(workload: Workload) -> bool:
    """Whether it has fewer pods than it wants: an old refusal is no matter once they are there."""
    match workload:
        case ReplicaSet():
            return (workload.status.replicas or 0) < (workload.spec.replicas or 0)
        case StatefulSet():
            return (workload.status.replicas or 0) < (1 if workload.spec.replicas is None else workload.spec.replicas)
        case DaemonSet():
            return (workload.status.current_number_scheduled or 0) < (workload.status.desired_number_scheduled or 0)
        case Job():
            return not workload.status.active and not workload.status.succeeded
    return False


def _refused(facts: Facts, workload: Workload) -> Iterator[Finding]:
    ref = ref_of(workload)
    for event in facts.events_of(ref.kind, ref.name, "FailedCreate"):
        for refusal in REFUSALS:
            if match := refusal.pattern.search(event.message):
                evidence = (event.message,)
                yield Finding(refusal.code, refusal.step, ref, refusal.says, refusal.fix, match.groupdict(), evidence)
                return
