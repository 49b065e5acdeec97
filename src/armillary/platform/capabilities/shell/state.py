"""How far a shell is, told from its pod. Pure."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from armillary.base.words import Language
from armillary.kube.kinds.core import Pod
from armillary.kube.object import is_ending
from armillary.platform.capabilities.shell import words
from armillary.platform.capabilities.shell.objects import CONTAINER, GIVEN, SCRIPT, SHELLS
from armillary.platform.frame.parts import HOST

DONE = ("Succeeded", "Failed")
_NO_IMAGE = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")


class Shell(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """kubectl in a pod, for the session that asks. Terminals are opened by the Kubernetes API: `exec` in that pod."""

    state: Annotated[
        Literal["Off", "Absent", "Starting", "Ready"], Meta(description="Off: the administrator has set none up.")
    ]
    message: Annotated[str, Meta(description="Why it is not ready, where that can be told.")] = ""
    cluster: str = ""
    namespace: str = ""
    pod: str = ""
    container: str = ""
    command: Annotated[
        tuple[str, ...],
        Meta(description="To be run for a terminal; a context and a namespace may follow as further words."),
    ] = ()
    contexts: Annotated[dict[str, str], Meta(description="The kubeconfig's context of each cluster.")] = {}


def shell_of(pod: Pod | None, contexts: dict[str, str], language: Language) -> Shell:
    if pod is None:
        return Shell(state="Absent")
    is_ready = pod.status.phase == "Running" and all(c.ready for c in pod.status.container_statuses)
    return Shell(
        state="Ready" if is_ready and not is_ending(pod) else "Starting",
        message=_message(pod, language),
        cluster=HOST,
        namespace=SHELLS,
        pod=pod.metadata.name,
        container=CONTAINER,
        command=(f"{GIVEN}/{SCRIPT}",),
        contexts=contexts,
    )


def _message(pod: Pod, language: Language) -> str:
    for status in pod.status.container_statuses:
        waiting = status.state.waiting if status.state is not None else None
        if waiting is not None and waiting.reason in _NO_IMAGE:
            return words.NO_IMAGE.say(language, image=pod.spec.containers[0].image, why=waiting.reason)
        if waiting is not None and waiting.message:
            return waiting.message
    unmet = (c.message for c in pod.status.conditions if c.type == "PodScheduled" and c.status == "False")
    return next(unmet, "")


def is_done(pod: Pod) -> bool:
    """Whether it ran and does not any more."""
    return pod.status.phase in DONE
