"""Whether it is meant to run at all: ending, paused, scaled to nothing, suspended, done for. Pure."""

from collections.abc import Iterator, Mapping

from armillary.base.words import Words
from armillary.kube.kind import Ref
from armillary.kube.kinds.apps import DaemonSet, Deployment, ReplicaSet, StatefulSet
from armillary.kube.kinds.batch import CronJob, Job
from armillary.platform.capabilities.why.facts import Facts, Workload, ref_of
from armillary.platform.capabilities.why.finding import Finding, Step

ABSENT = Words("it does not exist, or you may not see it", "它不存在，或您无权查看")
ABSENT_FIX = Words("Check the name and the namespace", "请检查名称和命名空间")
ENDING = Words("it has been being deleted since {since}", "它自 {since} 起正在删除")
ENDING_FIX = Words("Wait until its containers have stopped", "请等待其容器停止")
HELD = Words("it has been being deleted since {since}, held by {holders}", "它自 {since} 起正在删除，被 {holders} 阻止")
HELD_FIX = Words(
    "See why the owner of that finalizer does not finish; if it is gone for good, remove the finalizer",
    "请查明该 finalizer 的所有者为何未完成；若其已不复存在，可移除该 finalizer",
)
NAMESPACE_ENDING = Words("the namespace {namespace} is being deleted", "命名空间 {namespace} 正在删除")
NAMESPACE_ENDING_FIX = Words(
    "Nothing new can start there; use another namespace", "其中无法启动新的对象；请使用其他命名空间"
)
PAUSED = Words("its rollout is paused, so that changes wait", "其发布已暂停，更改不会生效")
PAUSED_FIX = Words("Resume it", "请恢复发布")
NONE_WANTED = Words("it is scaled to 0 replicas", "其副本数为 0")
NONE_WANTED_FIX = Words("Scale it up", "请扩容")
SUSPENDED = Words("it is suspended", "它已被挂起")
SUSPENDED_FIX = Words("Resume it", "请恢复运行")
FAILED_OFTEN = Words(
    "its pods failed more often than backoffLimit ({limit}) allows", "其 Pod 失败次数超过 backoffLimit（{limit}）"
)
FAILED_OFTEN_FIX = Words("See the pods' logs; then create the job anew", "请查看 Pod 日志，然后重新创建任务")
TOO_SLOW = Words(
    "it ran longer than activeDeadlineSeconds ({seconds} s)", "其运行时间超过 activeDeadlineSeconds（{seconds} 秒）"
)
TOO_SLOW_FIX = Words("Allow it more time, or find out what is slow", "请延长时限，或查明耗时原因")
NO_METRICS = Words("its autoscaler can't read metrics: {message}", "其自动伸缩器无法读取指标：{message}")
NO_METRICS_FIX = Words(
    "Set requests for the scaled resource, and see that the metrics API answers",
    "请为伸缩的资源设置 requests，并确认指标 API 可用",
)
NO_TARGET = Words("its autoscaler does not find what to scale: {message}", "自动伸缩器找不到目标：{message}")
NO_TARGET_FIX = Words("Correct scaleTargetRef", "请更正 scaleTargetRef")
NO_NODE = Words("no node is meant to run it", "没有节点符合其运行条件")
NO_NODE_FIX = Words(
    "Correct nodeSelector, affinity or tolerations, or label a node",
    "请更正 nodeSelector、亲和性或容忍度，或为节点添加标签",
)

RESUMED: Mapping[str, object] = {"spec": {"paused": False}}
ONE_WANTED: Mapping[str, object] = {"spec": {"replicas": 1}}
UNSUSPENDED: Mapping[str, object] = {"spec": {"suspend": False}}


def find(facts: Facts) -> Iterator[Finding]:
    subject = facts.subject
    if not facts.exists:
        yield Finding("absent", Step.LIFE, subject, ABSENT, ABSENT_FIX)
    if facts.ending is not None:
        yield _ending(subject, *facts.ending)
    elif facts.namespace is not None and facts.namespace.metadata.deletion_timestamp:
        name = facts.namespace.metadata.name
        values = {"namespace": name}
        yield Finding("namespace-ending", Step.LIFE, subject, NAMESPACE_ENDING, NAMESPACE_ENDING_FIX, values)
    for workload in facts.workloads:
        yield from _workload(workload)
    yield from _autoscalers(facts)


def _ending(subject: Ref, since: str, finalizers: tuple[str, ...]) -> Finding:
    if finalizers:
        values = {"since": since, "holders": ", ".join(finalizers)}
        return Finding("held-by-finalizer", Step.LIFE, subject, HELD, HELD_FIX, values, evidence=finalizers)
    return Finding("ending", Step.LIFE, subject, ENDING, ENDING_FIX, {"since": since})


def _workload(workload: Workload) -> Iterator[Finding]:
    ref = ref_of(workload)
    where = f"-n {ref.namespace} {ref.kind.lower()}/{ref.name}"
    match workload:
        case Deployment() | StatefulSet() | ReplicaSet():
            if isinstance(workload, Deployment) and workload.spec.paused:
                command = f"kubectl rollout resume {where}"
                yield Finding("paused", Step.LIFE, ref, PAUSED, PAUSED_FIX, command=command, change=RESUMED)
            if workload.spec.replicas == 0 and not workload.metadata.owner_references:
                command = f"kubectl scale --replicas=1 {where}"
                yield Finding(
                    "scaled-to-zero", Step.LIFE, ref, NONE_WANTED, NONE_WANTED_FIX, command=command, change=ONE_WANTED
                )
        case DaemonSet():
            observed = workload.status.observed_generation == workload.metadata.generation
            if observed and not workload.status.desired_number_scheduled:
                yield Finding("no-node-for-daemon", Step.SCHEDULER, ref, NO_NODE, NO_NODE_FIX)
        case Job():
            yield from _job(workload, where)
        case CronJob():
            if workload.spec.suspend:
                yield _suspended(ref, where)


def _suspended(ref: Ref, where: str) -> Finding:
    command = f'kubectl patch {where} -p \'{{"spec":{{"suspend":false}}}}\''
    return Finding("suspended", Step.LIFE, ref, SUSPENDED, SUSPENDED_FIX, command=command, change=UNSUSPENDED)


def _job(job: Job, where: str) -> Iterator[Finding]:
    ref = ref_of(job)
    if job.spec.suspend:
        yield _suspended(ref, where)
    for condition in job.status.conditions:
        if condition.type != "Failed" or condition.status != "True":
            continue
        evidence = (condition.message,)
        if condition.reason == "DeadlineExceeded":
            values = {"seconds": job.spec.active_deadline_seconds}
            yield Finding("job-too-slow", Step.START, ref, TOO_SLOW, TOO_SLOW_FIX, values, evidence)
        else:
            values = {"limit": job.spec.backoff_limit}
            # Told with the steps of its pods: why they failed comes first.
            yield Finding("job-failed", Step.ROUTE, ref, FAILED_OFTEN, FAILED_OFTEN_FIX, values, evidence)


def _autoscalers(facts: Facts) -> Iterator[Finding]:
    for autoscaler in facts.autoscalers:
        for condition in autoscaler.status.conditions:
            if condition.status != "False":
                continue
            told = {"message": condition.message}, (condition.message,)
            if condition.type == "ScalingActive" and condition.reason != "ScalingDisabled":
                yield Finding("no-metrics", Step.PROBE, ref_of(autoscaler), NO_METRICS, NO_METRICS_FIX, *told)
            elif condition.type == "AbleToScale":
                yield Finding("no-scale-target", Step.LIFE, ref_of(autoscaler), NO_TARGET, NO_TARGET_FIX, *told)
