"""Several replicas on one cluster: all answer, one leads, and another does when it is gone."""

import asyncio
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from tests.harness.platform import Asking, People, running_platform

from armillary.base.words import Words
from armillary.platform.frame.assembly import Platform, assemble
from armillary.platform.frame.capability import Call, Capability, Open, Route, Task
from armillary.platform.frame.parts import Parts


class Replica:
    def __init__(self) -> None:
        self.works, self.leads = asyncio.Event(), asyncio.Event()

    @property
    def capability(self) -> Capability[Parts]:
        return Capability(
            "tried",
            Words("Tried.", "试。"),
            connect=lambda parts: parts,
            routes=(Route("GET", "/hello", self._hello, Open.SIGNED_IN, "Hello.", returns=dict[str, str]),),
            tasks=(Task("works", self._work), Task("leads", self._lead, leads=True)),
        )

    async def _hello(self, call: Call, parts: Parts) -> dict[str, str]:
        return {"hello": call.user.user}

    async def _work(self, parts: Parts) -> None:
        self.works.set()
        await asyncio.get_running_loop().create_future()

    async def _lead(self, parts: Parts) -> None:
        self.leads.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.leads.clear()


@pytest.mark.timeout(60)
async def test_one_leads_and_all_answer(tmp_path: Path) -> None:
    first, second = Replica(), Replica()
    async with asyncio.timeout(40), running_platform(tmp_path, first.capability) as running:
        await first.leads.wait()
        parts = replace(running.parts, random=Random(2))
        clusters = running.parts.clusters
        platform: Platform = assemble([second.capability], parts, People(), clusters)  # type: ignore[arg-type]
        async with asyncio.TaskGroup() as group:
            running_second = group.create_task(_run(platform))
            await second.works.wait()
            answer = await Asking(platform.door, {"authorization": "Bearer ann"}).get("/platform/v1/hello")
            assert answer.json == {"hello": "ann"}
            assert (first.leads.is_set(), second.leads.is_set()) == (True, False)
            running.stop()
            await second.leads.wait()
            assert not first.leads.is_set()
            running_second.cancel()


async def _run(platform: Platform) -> None:
    """Without the caches, which both replicas of this test share."""
    async with asyncio.TaskGroup() as group:
        for work in platform.work:
            if not work.task.leads:
                group.create_task(work.run())
        group.create_task(platform.stand())
