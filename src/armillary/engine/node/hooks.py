"""Lifecycle hooks: what runs right after a container's start and before its end."""

import asyncio

import aiohttp
from yarl import URL

from armillary.base.clock import Clock
from armillary.base.errors import ArmillaryError
from armillary.engine.node.probes import ProbeFault, Target, headers_of, url_of
from armillary.engine.node.runtime.port import Runtime, RuntimeFault
from armillary.kube.kinds.core import HTTPGetAction, LifecycleHandler

USER_AGENT = "kube-lifecycle/1.36"


class HookFailed(ArmillaryError):
    """With the text that a waiting container shows."""


async def run_hook(hook: LifecycleHandler, target: Target, pod_key: str, runtime: Runtime, clock: Clock) -> None:
    """Returns when it is through; raises HookFailed. The caller sets a limit if there is one."""
    name = target.container.name
    if hook.exec is not None:
        words = " ".join(hook.exec.command)
        head = f'Exec lifecycle hook ([{words}]) for Container "{name}" in Pod "{pod_key}" failed - error:'
        try:
            done = await runtime.execute(target.id, hook.exec.command, 0)
        except RuntimeFault as exc:
            raise HookFailed(f'{head} rpc error: code = {exc.code} desc = {exc.message}, message: ""') from exc
        if done.exit_code:
            text = (done.stdout + done.stderr).decode(errors="replace")
            raise HookFailed(f"{head} command '{words}' exited with {done.exit_code}: {text}, message: \"{text}\"")
    elif hook.http_get is not None:
        try:
            await _get(hook.http_get, target)
        except (aiohttp.ClientError, OSError, ProbeFault) as exc:
            raise HookFailed(
                f'HTTP lifecycle hook ({hook.http_get.path}) for Container "{name}" in Pod "{pod_key}" failed'
                f" - error: {exc}"
            ) from exc
    elif hook.sleep is not None:
        await clock.sleep(hook.sleep.seconds)
    else:
        raise HookFailed("Cannot run handler: invalid handler")


async def _get(action: HTTPGetAction, target: Target) -> None:
    """Whatever it answers: that it answers is enough."""
    url = URL(url_of(action, target), encoded=True)
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers=headers_of(action, USER_AGENT), ssl=False) as answer,
    ):
        await answer.read()


async def run_bounded(seconds: float, hook: LifecycleHandler, target: Target, pod_key: str, runtime: Runtime,
                      clock: Clock) -> None:  # fmt: skip
    """As `run_hook`, but for so long at most; running out of time is not a failure."""
    try:
        async with asyncio.timeout(seconds):
            await run_hook(hook, target, pod_key, runtime, clock)
    except TimeoutError:
        return
