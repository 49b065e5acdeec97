"""Why an image is not there: its name, its registry, the right to pull it. Pure."""

import re
from collections.abc import Iterator

from armillary.base.words import Words
from armillary.kube.kinds.core import Container, Pod
from armillary.platform.capabilities.why.facts import Facts, first, pod_ref, statuses, waiting
from armillary.platform.capabilities.why.finding import Finding, Step

PULLING = frozenset({"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError"})

INVALID = Words("{image} is not an image's name", "{image} 不是有效的镜像名称")
INVALID_FIX = Words("Write it as registry/name:tag, in lower case", "请写作 registry/name:tag，使用小写字母")
NEVER = Words(
    "the image {image} is not on the node, and imagePullPolicy forbids pulling it",
    "节点上没有镜像 {image}，且 imagePullPolicy 禁止拉取",
)
NEVER_FIX = Words("Use IfNotPresent, or bring the image to the node", "请使用 IfNotPresent，或将镜像导入节点")
UNAUTHORIZED = Words("the registry does not let it pull {image}", "仓库拒绝拉取镜像 {image}")
UNAUTHORIZED_FIX = Words("Give the pod an imagePullSecret that may", "请为 Pod 配置有权限的 imagePullSecret")
NO_PULL_SECRET = Words(
    "the registry does not let it pull {image}, and its imagePullSecret {secret} does not exist",
    "仓库拒绝拉取镜像 {image}，且其 imagePullSecret {secret} 不存在",
)
NO_PULL_SECRET_FIX = Words(
    "Create the secret, of type kubernetes.io/dockerconfigjson", "请创建类型为 kubernetes.io/dockerconfigjson 的密钥"
)
UNREACHABLE = Words("the registry of {image} can't be reached: {message}", "无法访问 {image} 的仓库：{message}")
UNREACHABLE_FIX = Words(
    "See whether its name and address are right, and the network lets it through", "请检查仓库的名称、地址和网络连通性"
)
UNTRUSTED = Words("the certificate of {image}'s registry is not trusted", "{image} 的仓库证书不受信任")
UNTRUSTED_FIX = Words("Have the node trust the registry's authority", "请让节点信任该仓库的证书颁发机构")
MISSING = Words("the image {image} does not exist", "镜像 {image} 不存在")
MISSING_FIX = Words("Correct the name or the tag, or push the image", "请更正名称或标签，或推送该镜像")
UNPULLED = Words("the image {image} can't be pulled: {message}", "无法拉取镜像 {image}：{message}")
UNPULLED_FIX = Words("See what the registry says", "请查看仓库的返回信息")

_REASONS = (  # the first that matches the runtime's words
    ("image-registry-untrusted", re.compile(r"x509|certificate", re.I), UNTRUSTED, UNTRUSTED_FIX),
    (
        "image-registry-unreachable",
        re.compile(r"no such host|connection refused|timeout|deadline exceeded|network is unreachable|dial tcp", re.I),
        UNREACHABLE,
        UNREACHABLE_FIX,
    ),
    (
        "image-unauthorized",
        re.compile(r"unauthorized|authentication required|401|403|no basic auth", re.I),
        UNAUTHORIZED,
        UNAUTHORIZED_FIX,
    ),
    ("image-missing", re.compile(r"not found|manifest unknown|does not exist|404", re.I), MISSING, MISSING_FIX),
)  # fmt: skip


def find(facts: Facts) -> Iterator[Finding]:
    for pod in facts.pods:
        for status, container, _ in statuses(pod):
            reason, message = waiting(status)
            if reason == "InvalidImageName":
                values = {"image": container.image}
                yield Finding("image-name-invalid", Step.IMAGE, pod_ref(pod), INVALID, INVALID_FIX, values, (message,))
            elif reason == "ErrImageNeverPull":
                values = {"image": container.image}
                yield Finding("image-never-pulled", Step.IMAGE, pod_ref(pod), NEVER, NEVER_FIX, values, (message,))
            elif reason in PULLING:
                yield _unpulled(facts, pod, container, message)


def _unpulled(facts: Facts, pod: Pod, container: Container, message: str) -> Finding:
    """While it backs off the state says no more than that: the reason is in the event of the last try."""
    events = facts.events_of("Pod", pod.metadata.name, "Failed")
    failed = first(e.message for e in events if "Failed to pull image" in e.message and container.image in e.message)
    said = failed or message
    values: dict[str, object] = {"image": container.image, "message": said}
    for code, pattern, says, fix in _REASONS:
        if not pattern.search(said):
            continue
        absent = _absent_secret(facts, pod)
        if code == "image-unauthorized" and absent:
            code, says, fix = "image-pull-secret-missing", NO_PULL_SECRET, NO_PULL_SECRET_FIX
            values["secret"] = absent
        return Finding(code, Step.IMAGE, pod_ref(pod), says, fix, values, (said,))
    return Finding("image-not-pulled", Step.IMAGE, pod_ref(pod), UNPULLED, UNPULLED_FIX, values, (said,))


def _absent_secret(facts: Facts, pod: Pod) -> str:
    return first(secret.name for secret in pod.spec.image_pull_secrets if secret.name in facts.absent_secrets)
