"""Audit, declared: around the log that all parts of the platform note their deeds in."""

from collections.abc import Callable
from functools import partial

from armillary.base.words import Words
from armillary.kube.kinds.core import NAMESPACE
from armillary.platform.capabilities.audit.complete import Completer
from armillary.platform.capabilities.audit.log import AuditLog, forget
from armillary.platform.capabilities.audit.ports import Changed
from armillary.platform.capabilities.audit.routes import ROUTES
from armillary.platform.capabilities.audit.scope import Deps
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE
from armillary.platform.frame.capability import Capability, Task
from armillary.platform.frame.database import finished
from armillary.platform.frame.parts import Database, Parts

FORGET_EVERY_SECONDS = 3600


def audit(log: AuditLog, changed: Callable[[Database], Changed] | None = None) -> Capability[Deps]:
    """`log` is `Parts.audit` too. `changed` makes what knows which fields a write changed, where the deed does not."""

    def connect(parts: Parts) -> Deps:
        return Deps(parts.clock, parts.reads, parts.clusters, parts.rights, parts.database, parts.settings.audit_days)

    async def write(deps: Deps) -> None:
        await log.run(deps.database, deps.workspace_of)

    async def keep_short(deps: Deps) -> None:
        while True:
            await finished(forget(deps.database, deps.clock.now(), deps.days))
            await deps.clock.sleep(FORGET_EVERY_SECONDS)

    tasks = [Task("audit log", write), Task("audit retention", keep_short, leads=True)]
    if changed is not None:
        tasks.append(Task("audit changes", partial(_complete, changed), leads=True))
    return Capability(
        name="audit",
        summary=Words("Tells who did what, when and from where.", "记录谁在何时、从何处执行了何种操作。"),
        connect=connect,
        routes=ROUTES,
        tasks=tuple(tasks),
        reads=(NAMESPACE, WORKSPACE, USER),
    )


async def _complete(changed: Callable[[Database], Changed], deps: Deps) -> None:
    await Completer(deps.database, changed(deps.database), deps.clock).run()
