"""The process of controllers and scheduler."""

import asyncio
from random import SystemRandom

from armillary.allinone.layout import Layout
from armillary.allinone.notify import notify
from armillary.allinone.process import api_client, run_part, wait_for_api
from armillary.allinone.settings import Settings
from armillary.base.clock import SystemClock
from armillary.base.tasks import supervise
from armillary.engine.controllers.all import ControllerSettings, run_built_in
from armillary.engine.node.provisioner import provisioner, reclaimer
from armillary.engine.scheduler.loop import Scheduler
from armillary.kube.journal import Journal
from armillary.kube.runner import run_controllers


async def control(settings: Settings, layout: Layout) -> None:
    """Until cancelled."""
    clock = SystemClock()
    manager = api_client(settings, layout, "system:kube-controller-manager")
    placing = api_client(settings, layout, "system:kube-scheduler")
    told = ControllerSettings(root_ca=(layout.pki / "ca.crt").read_text(), signing_key=layout.pki / "sa.key")
    # Nodes may not create volumes: their directories are made here, on the one machine there is.
    volumes = (provisioner(layout.volumes, settings.node_name), reclaimer(layout.volumes))
    try:
        await wait_for_api(manager)
        async with asyncio.TaskGroup() as group:
            for name, work in (
                ("controllers", lambda: run_built_in(told, manager, clock)),
                ("local volumes", lambda: run_controllers(volumes, manager, clock, Journal())),
                ("scheduler", lambda: Scheduler(placing, clock, SystemRandom()).run()),
            ):
                group.create_task(supervise(name, work), name=name)
            notify("READY=1")
    finally:
        await asyncio.gather(manager.transport.close(), placing.transport.close())


if __name__ == "__main__":
    run_part(control)
