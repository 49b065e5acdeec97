"""Shells, declared."""

from armillary.base.words import Words
from armillary.platform.capabilities.shell.ports import Credentials
from armillary.platform.capabilities.shell.routes import ROUTES, Deps
from armillary.platform.capabilities.shell.shells import Shells, ShellSettings
from armillary.platform.frame.capability import Capability, Task
from armillary.platform.frame.parts import Parts

SWEEP_SECONDS = 15.0


async def sweep(deps: Deps) -> None:
    while True:
        await deps.shells.sweep()
        await deps.shells.clock.sleep(SWEEP_SECONDS)


def shell(credentials: Credentials, settings: ShellSettings) -> Capability[Deps]:
    def connect(parts: Parts) -> Deps:
        return Deps(Shells(parts.client, parts.clusters, parts.rights, parts.clock, credentials, settings), parts.audit)

    return Capability(
        name="shell",
        summary=Words("kubectl in the browser, with one's own rights.", "网页 kubectl：以本人权限运行。"),
        connect=connect,
        routes=ROUTES,
        tasks=(Task("shell sweep", sweep, leads=True),),
    )
