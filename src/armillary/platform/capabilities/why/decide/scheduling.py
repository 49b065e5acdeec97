"""Why a pod has no node: what the scheduler says, and the claims it waits for. Pure.

The scheduler's words: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}. ...`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from armillary.base.words import Words
from armillary.kube.kinds.core import Node, PersistentVolumeClaim, Pod
from armillary.kube.kinds.storage import StorageClass
from armillary.kube.requests import amounts, pod_amounts
from armillary.platform.capabilities.why.facts import Facts, first, pod_ref, ref_of
from armillary.platform.capabilities.why.finding import Finding, Step

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
DEFAULT_SCHEDULER = "default-scheduler"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """How the scheduler words what keeps a pod off a node."""

    code: str
    pattern: re.Pattern[str]
    says: Words
    fix: Words


def _obstacle(code: str, pattern: str, says: tuple[str, str], fix: tuple[str, str]) -> Obstacle:
    return Obstacle(code, re.compile(pattern), Words(*says), Words(*fix))


TOO_LARGE = Words(
    "it asks for {asked} of {resource}, and the largest node has {most}",
    "它请求 {resource} {asked}，而最大的节点仅有 {most}",
)
TOO_LARGE_FIX = Words("Ask for less, or add a larger node", "请降低请求，或添加更大的节点")

OBSTACLES = (
    _obstacle(
        "claim-missing",
        r'persistentvolumeclaim "(?P<claim>[^"]+)" not found',
        ("the volume claim {claim} does not exist", "存储卷声明 {claim} 不存在"),
        ("Create it, or correct claimName", "请创建它，或更正 claimName"),
    ),
    _obstacle(
        "insufficient",
        r"Insufficient (?P<resource>[\w./-]*\w)",
        ("no node has enough {resource} left", "没有节点剩余足够的 {resource}"),
        ("Ask for less, free some, or add a node", "请降低请求、释放资源或添加节点"),
    ),
    _obstacle(
        "no-matching-node",
        r"didn't match Pod's node (?:affinity/selector|affinity|selector)",
        (
            "no node has the labels that its nodeSelector or affinity asks for",
            "没有节点具备其 nodeSelector 或亲和性要求的标签",
        ),
        ("Correct the selector, or label a node", "请更正选择器，或为节点添加标签"),
    ),
    _obstacle(
        "untolerated-taint",
        r"had untolerated taint(?:\(s\)| (?P<taint>\{[^}]*\}))",
        ("the nodes have a taint {taint} that it does not tolerate", "节点带有其不容忍的污点 {taint}"),
        ("Add a toleration, or remove the taint", "请添加容忍度，或移除污点"),
    ),
    _obstacle(
        "cordoned",
        r"node\(s\) were unschedulable",
        ("the nodes are cordoned", "节点已被停止调度"),
        ("Uncordon one: kubectl uncordon NODE", "请恢复调度：kubectl uncordon NODE"),
    ),
    _obstacle(
        "anti-affinity",
        r"didn't (?:match|satisfy existing) pods? anti-affinity rules",
        ("a pod it must keep away from is on every node", "每个节点上都有与其反亲和的 Pod"),
        ("Add a node, or make the rule preferred", "请添加节点，或将规则改为优先满足"),
    ),
    _obstacle(
        "affinity",
        r"didn't match pod affinity rules",
        ("no node runs a pod that it must be beside", "没有节点运行与其亲和的 Pod"),
        ("Start that pod first, or correct podAffinity", "请先启动该 Pod，或更正 podAffinity"),
    ),
    _obstacle(
        "host-port-taken",
        r"didn't have free ports",
        ("the hostPort it wants is taken on every node", "每个节点上其所需的 hostPort 均被占用"),
        ("Use a Service instead of hostPort, or another port", "请改用 Service 或其他端口"),
    ),
    _obstacle(
        "spread",
        r"didn't match pod topology spread constraints",
        ("spreading it over the topology as it asks is not possible", "无法满足其拓扑分布约束"),
        ("Add nodes in the missing zones, or allow ScheduleAnyway", "请在缺少的区域添加节点，或使用 ScheduleAnyway"),
    ),
    _obstacle(
        "volume-elsewhere",
        r"volume node affinity conflict",
        ("its volume is on a node where it can't run", "其存储卷位于无法运行它的节点上"),
        ("Let it run there, or move the data", "请允许其在该节点运行，或迁移数据"),
    ),
    _obstacle(
        "too-many-pods",
        r"Too many pods",
        ("the nodes hold as many pods as they may", "节点上的 Pod 数量已达上限"),
        ("Remove pods, or add a node", "请删除部分 Pod，或添加节点"),
    ),
    _obstacle(
        "claim-unbound",
        r"unbound immediate PersistentVolumeClaims",
        ("it waits for a volume claim that is not bound", "它在等待尚未绑定的存储卷声明"),
        ("See what the claim waits for", "请查看该声明在等待什么"),
    ),
    _obstacle(
        "unschedulable",
        r"(?P<message>.*)",
        ("the scheduler finds no node: {message}", "调度器找不到合适的节点：{message}"),
        ("Change the pod as told", "请按提示修改 Pod"),
    ),
)

GATED = Words("it is held back by the scheduling gates {gates}", "它被调度门控 {gates} 阻止")
GATED_FIX = Words("Whoever set them must take them off", "请由设置者移除")
NO_SCHEDULER = Words(
    "it asks for the scheduler {name}, and nobody by that name has taken it",
    "它指定了调度器 {name}，但没有该调度器在工作",
)
NO_SCHEDULER_FIX = Words("Run that scheduler, or leave schedulerName out", "请运行该调度器，或去掉 schedulerName")
NO_CLASS = Words(
    "the volume claim {claim} asks for the storage class {name}, which does not exist",
    "存储卷声明 {claim} 指定的存储类 {name} 不存在",
)
NO_CLASS_FIX = Words("Use one that exists ({there}), or create it", "请使用已有的存储类（{there}），或创建它")
NO_DEFAULT = Words(
    "the volume claim {claim} names no storage class, and none is the default",
    "存储卷声明 {claim} 未指定存储类，且没有默认存储类",
)
NO_DEFAULT_FIX = Words("Name one ({there}), or make one the default", "请指定存储类（{there}），或设置默认存储类")
NOT_PROVISIONED = Words(
    "no volume could be made for the claim {claim}: {message}", "无法为声明 {claim} 创建存储卷：{message}"
)
NOT_PROVISIONED_FIX = Words("See the provisioner's logs", "请查看存储供应器的日志")


def find(facts: Facts) -> Iterator[Finding]:
    for claim in facts.claims:
        if claim.status.phase == "Pending" and _is_wanted(claim, facts):
            yield from _claim(claim, facts)
    for pod in facts.pods:
        if not pod.spec.node_name and pod.status.phase in ("", "Pending"):
            yield from _pod(pod, facts)


def _pod(pod: Pod, facts: Facts) -> Iterator[Finding]:
    ref = pod_ref(pod)
    if pod.spec.scheduling_gates:
        values = {"gates": ", ".join(gate.name for gate in pod.spec.scheduling_gates)}
        yield Finding("scheduling-gated", Step.SCHEDULER, ref, GATED, GATED_FIX, values)
        return
    said = first(c.message for c in pod.status.conditions if c.type == "PodScheduled" and c.status == "False")
    said = said or first(e.message for e in facts.events_of("Pod", ref.name, "FailedScheduling"))
    if said:
        yield from _obstacles(pod, said, facts.nodes)
    elif pod.spec.scheduler_name not in ("", DEFAULT_SCHEDULER):
        values = {"name": pod.spec.scheduler_name}
        yield Finding("no-scheduler", Step.SCHEDULER, ref, NO_SCHEDULER, NO_SCHEDULER_FIX, values)


def _obstacles(pod: Pod, said: str, nodes: tuple[Node, ...] | None) -> Iterator[Finding]:
    # What follows is about preemption, which is no cause.
    why = said.partition("preemption:")[0]
    matches = [(o, match) for o in OBSTACLES[:-1] if (match := o.pattern.search(why))]
    if not matches and (match := OBSTACLES[-1].pattern.search(why)):
        matches = [(OBSTACLES[-1], match)]
    for obstacle, match in matches:
        values = {key: value or "" for key, value in match.groupdict().items()}
        if obstacle.code == "insufficient":
            yield _insufficient(pod, values["resource"], said, nodes, obstacle)
        else:
            yield Finding(obstacle.code, Step.SCHEDULER, pod_ref(pod), obstacle.says, obstacle.fix, values, (said,))


def _insufficient(pod: Pod, resource: str, said: str, nodes: tuple[Node, ...] | None, obstacle: Obstacle) -> Finding:
    """Whether any node could ever hold it makes a difference to what one does about it."""
    code = f"insufficient-{resource.rpartition('/')[2]}"
    asked = pod_amounts(pod.spec).get(resource, 0)
    most = max((amounts(node.status.allocatable).get(resource, 0) for node in nodes or ()), default=0)
    if nodes and asked > most:
        values = {"resource": resource, "asked": shown(resource, asked), "most": shown(resource, most)}
        return Finding(code, Step.SCHEDULER, pod_ref(pod), TOO_LARGE, TOO_LARGE_FIX, values, (said,))
    return Finding(code, Step.SCHEDULER, pod_ref(pod), obstacle.says, obstacle.fix, {"resource": resource}, (said,))


def shown(resource: str, amount: int) -> str:
    """An amount as people write it: CPU in cores, bytes in Mi."""
    if resource == "cpu":
        return f"{amount / 1000:g}"
    return f"{amount / (1 << 20):.0f}Mi" if resource in ("memory", "ephemeral-storage") else str(amount)


def _is_wanted(claim: PersistentVolumeClaim, facts: Facts) -> bool:
    if facts.subject.kind == "PersistentVolumeClaim":
        return claim.metadata.name == facts.subject.name
    sources = (volume.persistent_volume_claim for pod in facts.pods for volume in pod.spec.volumes)
    return any(source is not None and source.claim_name == claim.metadata.name for source in sources)


def _claim(claim: PersistentVolumeClaim, facts: Facts) -> Iterator[Finding]:
    ref, classes = ref_of(claim), facts.classes
    there = ", ".join(c.metadata.name for c in classes or ()) or "-"
    values: dict[str, object] = {"claim": ref.name, "there": there, "name": claim.spec.storage_class_name}
    wanted = next((c for c in classes or () if c.metadata.name == claim.spec.storage_class_name), None)
    if classes is not None and claim.spec.storage_class_name and wanted is None:
        yield Finding("storage-class-missing", Step.SCHEDULER, ref, NO_CLASS, NO_CLASS_FIX, values)
    elif classes is not None and not claim.spec.storage_class_name and not any(map(_is_default, classes)):
        yield Finding("no-default-storage-class", Step.SCHEDULER, ref, NO_DEFAULT, NO_DEFAULT_FIX, values)
    for event in facts.events_of("PersistentVolumeClaim", ref.name, "ProvisioningFailed"):
        if wanted is not None:
            told = values | {"message": event.message}
            evidence = (event.message,)
            yield Finding("not-provisioned", Step.SCHEDULER, ref, NOT_PROVISIONED, NOT_PROVISIONED_FIX, told, evidence)
        return


def _is_default(storage_class: StorageClass) -> bool:
    return storage_class.metadata.annotations.get(DEFAULT_CLASS) == "true"
