"""History, declared."""

from collections.abc import Callable

from armillary.base.words import Words
from armillary.platform.capabilities.history.look import Deps
from armillary.platform.capabilities.history.ports import Authors
from armillary.platform.capabilities.history.recorder import Recorder
from armillary.platform.capabilities.history.retention import forget
from armillary.platform.capabilities.history.routes import ROUTES
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE
from armillary.platform.frame.capability import Capability, Task
from armillary.platform.frame.database import finished
from armillary.platform.frame.parts import Database, Parts

FORGET_EVERY_SECONDS = 3600


def history(authors: Callable[[Database], Authors]) -> Capability[Deps]:
    """`authors` makes what knows who wrote through the platform."""

    def connect(parts: Parts) -> Deps:
        return Deps(
            clock=parts.clock,
            reads=parts.reads,
            clusters=parts.clusters,
            rights=parts.rights,
            database=parts.database,
            audit=parts.audit,
            authors=authors(parts.database),
            days=parts.settings.history_days,
        )

    return Capability(
        name="history",
        summary=Words("Keeps what objects were, and makes them so again.", "保留对象的历史版本，并可恢复到任一版本。"),
        connect=connect,
        routes=ROUTES,
        tasks=(Task("recorder", _record, leads=True), Task("history retention", _keep_short, leads=True)),
        reads=(WORKSPACE,),
    )


async def _record(deps: Deps) -> None:
    await Recorder(deps.clusters, deps.database, deps.clock).run()


async def _keep_short(deps: Deps) -> None:
    while True:
        await finished(forget(deps.database, deps.clock.now(), deps.days))
        await deps.clock.sleep(FORGET_EVERY_SECONDS)
