"""What a user was a member of goes with them, on every level."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.component.platform.access.running import Access, running_access

from armillary.base.clock import SystemClock
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import CLUSTER_ROLE_BINDING, ROLE_BINDING
from armillary.platform.capabilities.access.kinds import DEPARTMENT, Department, DepartmentSpec
from armillary.platform.capabilities.identity.kinds import USER


@dataclass
class Ahead(SystemClock):
    """Machine time, moved on by hand."""

    by: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        return super().now() + self.by


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
async def access(tmp_path: Path, clock: Ahead) -> AsyncIterator[Access]:
    async with running_access(tmp_path, clock) as running:
        yield running


async def test_memberships_and_places_in_departments_go(access: Access, clock: Ahead) -> None:
    home = await access.workspace("team")
    await access.accounts("ann", "ben")
    for user in ("ann", "ben"):
        await access.member(home, user, "admin", "workspace")
        await access.holder(user, "users-manager")
    made = Department(metadata=ObjectMeta(name="ops", namespace=home), spec=DepartmentSpec(members=("ann", "ben")))
    await access.own.create(DEPARTMENT, made, home)
    clock.by = timedelta(minutes=2)
    await access.own.delete(USER, "ben")

    async def gone() -> Any:
        department = await access.own.get(DEPARTMENT, "ops", home)
        left = [
            await access.own.find(ROLE_BINDING, "member:ben", home),
            await access.own.find(CLUSTER_ROLE_BINDING, "armillary:platform:member:ben"),
        ]
        return left == [None, None] and department.spec.members == ("ann",)

    await access.until("all that ben was is gone", gone)
    assert await access.own.find(ROLE_BINDING, "member:ann", home)
    assert await access.own.find(CLUSTER_ROLE_BINDING, "armillary:platform:member:ann")
