"""Why a container does not start, or does not stay: its configuration, its command, its memory, its own end. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from armillary.base.words import Words
from armillary.kube.kinds.core import Container, ContainerStateTerminated, ContainerStatus, Pod
from armillary.platform.capabilities.why.facts import Facts, pod_ref, statuses, waiting, was_killed_by_probe
from armillary.platform.capabilities.why.finding import Finding, Step


@dataclass(frozen=True, slots=True)
class Fault:
    """How the node agent or the runtime words it; groups of `pattern` are values of the sentences."""

    code: str
    pattern: re.Pattern[str]
    says: Words
    fix: Words


def _fault(code: str, pattern: str, says: tuple[str, str], fix: tuple[str, str]) -> Fault:
    return Fault(code, re.compile(pattern), Words(*says), Words(*fix))


CONFIGURATION = (  # states CreateContainerConfigError, CreateContainerError; events FailedMount
    _fault(
        "config-map-missing",
        r'configmap "(?P<name>[^"]+)" not found',
        ("the config map {name} does not exist", "配置字典 {name} 不存在"),
        ("Create it, or correct its name", "请创建它，或更正名称"),
    ),
    _fault(
        "secret-missing",
        r'secret "(?P<name>[^"]+)" not found',
        ("the secret {name} does not exist", "密钥 {name} 不存在"),
        ("Create it, or correct its name", "请创建它，或更正名称"),
    ),
    _fault(
        "key-missing",
        r"couldn't find key (?P<key>\S+) in (?P<kind>ConfigMap|Secret) (?:\S+/)?(?P<name>[\w.-]+)",
        ("the {kind} {name} has no key {key}", "{kind} {name} 中没有键 {key}"),
        ("Add the key, or correct the reference", "请添加该键，或更正引用"),
    ),
    _fault(
        "key-missing",
        r"references non-existent (?P<kind>config|secret) key: (?P<key>\S+)",
        (
            "a volume asks for the key {key}, which its {kind} does not have",
            "存储卷引用的键 {key} 在其 {kind} 中不存在",
        ),
        ("Add the key, or correct the volume's items", "请添加该键，或更正存储卷的 items"),
    ),
    _fault(
        "runs-as-root",
        r"runAsNonRoot and image will run as root|has non-numeric user|breaks non-root policy",
        (
            "it must not run as root (runAsNonRoot), and its image does",
            "它不允许以 root 运行（runAsNonRoot），但镜像以 root 运行",
        ),
        (
            "Set runAsUser to a number other than 0, or use an image with a user",
            "请将 runAsUser 设为非 0 的数字，或使用带普通用户的镜像",
        ),
    ),
    _fault(
        "mount-failed",
        r'MountVolume\.SetUp failed for volume "(?P<name>[^"]+)"\s*:\s*(?P<message>.*)',
        ("its volume {name} can't be mounted: {message}", "其存储卷 {name} 无法挂载：{message}"),
        ("Mend what the volume refers to", "请修正存储卷所引用的对象"),
    ),
)
COMMAND = (  # what the OCI runtime says when the process can't be started
    _fault(
        "command-not-found",
        r"executable file .* not found|exec.* not found|[Nn]o such file or directory",
        ("its command {command} is not in the image", "镜像中没有命令 {command}"),
        ("Correct command, or use an image that has it", "请更正 command，或使用包含该命令的镜像"),
    ),
    _fault(
        "command-not-executable",
        r"[Pp]ermission denied",
        ("its command {command} may not be executed", "其命令 {command} 没有执行权限"),
        (
            "Make the file executable in the image (chmod +x), or call it by an interpreter",
            "请在镜像中添加执行权限（chmod +x），或通过解释器调用",
        ),
    ),
    _fault(
        "not-started",
        r"(?P<message>.*)",
        ("its container can't be started: {message}", "其容器无法启动：{message}"),
        ("Change the container as told", "请按提示修改容器配置"),
    ),
)

OUT_OF_MEMORY = Words(
    "the container {container} used more memory than its limit ({limit}) and was killed",
    "容器 {container} 的内存用量超过限制（{limit}），已被终止",
)
OUT_OF_MEMORY_FIX = Words(
    "Raise resources.limits.memory, or find out what it keeps", "请提高 resources.limits.memory，或排查内存占用"
)
ENDED = Words(
    "the container {container} ends by itself with success, and is started again and again",
    "容器 {container} 正常退出后被反复重启",
)
ENDED_FIX = Words(
    "Its command must stay in the foreground; for work that ends use a Job",
    "其命令应保持前台运行；一次性任务请使用 Job",
)
CRASHED = Words(
    "the container {container} ends with exit code {exit_code}; it last said: {last}",
    "容器 {container} 以退出码 {exit_code} 结束；最后输出：{last}",
)
CRASHED_FIX = Words("See its log", "请查看其日志")
INIT_FAILED = Words(
    "its init container {container} ends with exit code {exit_code}, and the others wait for it; it last said: {last}",
    "其初始化容器 {container} 以退出码 {exit_code} 结束，其他容器在等待；最后输出：{last}",
)
EVICTED = Words("the pod was evicted: {message}", "Pod 已被驱逐：{message}")
EVICTED_FIX = Words("Set requests that match what it needs", "请设置与实际需求相符的 requests")
DEADLINE = Words("the pod ran longer than its activeDeadlineSeconds", "Pod 运行时间超过 activeDeadlineSeconds")
DEADLINE_FIX = Words("Allow it more time", "请延长时限")
NO_SANDBOX = Words("the pod's network or sandbox can't be made: {message}", "无法创建 Pod 的网络或沙箱：{message}")
NO_SANDBOX_FIX = Words("See the node's container runtime and CNI plugins", "请检查节点的容器运行时和 CNI 插件")

SILENT = Words("nothing", "无输出")
# Of a process that shell or runtime could not find or execute.
NOT_FOUND_CODE, NOT_EXECUTABLE_CODE = 127, 126
STOPPED_CODES = (0, 137, 143)  # by SIGKILL and SIGTERM, or in good order after it


def find(facts: Facts) -> Iterator[Finding]:
    for pod in facts.pods:
        if pod.status.phase == "Failed" and pod.status.reason == "Evicted":
            values = {"message": pod.status.message}
            yield Finding("evicted", Step.START, pod_ref(pod), EVICTED, EVICTED_FIX, values)
        elif pod.status.phase == "Failed" and pod.status.reason == "DeadlineExceeded":
            yield Finding("deadline-exceeded", Step.START, pod_ref(pod), DEADLINE, DEADLINE_FIX)
        else:
            yield from _containers(facts, pod)


def _containers(facts: Facts, pod: Pod) -> Iterator[Finding]:
    creating = False
    for status, container, is_init in statuses(pod):
        reason, message = waiting(status)
        creating = creating or reason in ("ContainerCreating", "PodInitializing")
        if reason in ("CreateContainerConfigError", "CreateContainerError", "RunContainerError"):
            yield _refused(pod, container, message)
        elif (ended := _last_end(status, pod)) is not None and not _was_ended(facts, pod, ended):
            yield _ended(facts, pod, container, ended, is_init=is_init)
    if creating:
        yield from _not_created(facts, pod)


def _refused(pod: Pod, container: Container, message: str) -> Finding:
    for fault in (*CONFIGURATION, *COMMAND):
        if match := fault.pattern.search(message):
            return _told(fault, match, pod, container, message)
    raise AssertionError("the last row matches everything")


def _told(fault: Fault, match: re.Match[str], pod: Pod, container: Container, message: str) -> Finding:
    values = {key: value or "" for key, value in match.groupdict().items()}
    values["command"] = (container.command or container.args or ("",))[0]
    return Finding(fault.code, Step.START, pod_ref(pod), fault.says, fault.fix, values, (message,))


def _not_created(facts: Facts, pod: Pod) -> Iterator[Finding]:
    """Volumes and the sandbox come before any container: only events tell of them."""
    for event in facts.events_of("Pod", pod.metadata.name, "FailedMount", "FailedAttachVolume"):
        for fault in CONFIGURATION:
            if match := fault.pattern.search(event.message):
                yield _told(fault, match, pod, pod.spec.containers[0], event.message)
                return
    for event in facts.events_of("Pod", pod.metadata.name, "FailedCreatePodSandBox"):
        values = {"message": event.message}
        yield Finding("sandbox-failed", Step.START, pod_ref(pod), NO_SANDBOX, NO_SANDBOX_FIX, values, (event.message,))
        return


def _last_end(status: ContainerStatus, pod: Pod) -> ContainerStateTerminated | None:
    """How it ended, if that is a fault: it waits to be started again, has just ended, or failed for good."""
    now = status.state.terminated if status.state is not None else None
    if now is not None:
        is_over = now.exit_code == 0 and pod.spec.restart_policy != "Always"
        is_done_init = now.exit_code == 0 and status.ready
        return None if is_over or is_done_init else now
    last = status.last_state.terminated if status.last_state is not None else None
    reason, _ = waiting(status)
    is_running = status.state is not None and status.state.running is not None
    killed = last is not None and last.reason == "OOMKilled"
    return last if reason == "CrashLoopBackOff" or (is_running and (killed or not status.ready)) else None


def _was_ended(facts: Facts, pod: Pod, ended: ContainerStateTerminated) -> bool:
    """By the node agent, for a probe's sake: that is told with the probes."""
    return ended.exit_code in STOPPED_CODES and ended.reason != "OOMKilled" and was_killed_by_probe(facts, pod)


def _ended(facts: Facts, pod: Pod, container: Container, ended: ContainerStateTerminated, *, is_init: bool) -> Finding:
    ref, name = pod_ref(pod), container.name
    log = facts.logs.get((ref.name, name), "").strip()
    evidence = tuple(text for text in (ended.message.strip(), log) if text)
    values: dict[str, object] = {"container": name, "exit_code": ended.exit_code}
    values["last"] = log.splitlines()[-1] if log else ended.message.strip() or SILENT.en
    command = f"kubectl logs -n {ref.namespace} {ref.name} -c {name} --previous"
    if ended.reason == "OOMKilled":
        values["limit"] = (container.resources.limits if container.resources else {}).get("memory", "-")
        return Finding("out-of-memory", Step.START, ref, OUT_OF_MEMORY, OUT_OF_MEMORY_FIX, values, evidence, command)
    if ended.reason in ("StartError", "ContainerCannotRun") or ended.exit_code in (NOT_FOUND_CODE, NOT_EXECUTABLE_CODE):
        return _no_command(pod, container, ended, evidence)
    if is_init:
        return Finding("init-failed", Step.START, ref, INIT_FAILED, CRASHED_FIX, values, evidence, command)
    if ended.exit_code == 0:
        return Finding("ends-at-once", Step.START, ref, ENDED, ENDED_FIX, values, evidence, command)
    return Finding("crashes", Step.START, ref, CRASHED, CRASHED_FIX, values, evidence, command)


def _no_command(pod: Pod, container: Container, ended: ContainerStateTerminated, evidence: tuple[str, ...]) -> Finding:
    said = ended.message.strip() or (evidence[0] if evidence else "")
    if ended.exit_code == NOT_FOUND_CODE and not COMMAND[0].pattern.search(said):
        said = f"exec: '{(container.command or ('',))[0]}': not found {said}"
    elif ended.exit_code == NOT_EXECUTABLE_CODE and not COMMAND[1].pattern.search(said):
        said = f"permission denied {said}"
    finding = _refused(pod, container, said)
    return Finding(
        finding.code, finding.step, finding.about, finding.says, finding.fix, finding.values, evidence or (said,)
    )
