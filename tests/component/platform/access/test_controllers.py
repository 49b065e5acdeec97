"""Built-in roles are written where they belong and put right; memberships go with their user."""

from typing import Any

import pytest
from msgspec import structs
from tests.component.platform.access.running import Access

from armillary.kube.kinds.core import NAMESPACE, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import CLUSTER_ROLE, ROLE, PolicyRule
from armillary.platform.capabilities.access.decide.keep import built_in_roles
from armillary.platform.capabilities.access.kinds import BUILT_IN_LABEL, Level

ANYTHING = (PolicyRule(api_groups=("*",), resources=("*",), verbs=("*",)),)


@pytest.mark.parametrize("level", ["project", "devopsproject"])
async def test_each_place_has_the_roles_of_its_level(access: Access, level: Level) -> None:
    await access.workspace("team")
    space = await access.project("team", "web", level)
    for place, of in (("workspace-team", "workspace"), (space, level)):
        found = {
            role.metadata.name: role.rules for role in (await access.own.list(ROLE, place, labels=BUILT_IN_LABEL)).items
        }
        assert found == {role.metadata.name: role.rules for role in built_in_roles(of, place)}  # type: ignore[arg-type]


async def test_other_namespaces_get_none(access: Access) -> None:
    await access.own.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="theirs")))
    await access.workspace("team")  # later, and done
    assert not (await access.own.list(ROLE, "theirs")).items


async def test_an_edited_role_is_put_right(access: Access) -> None:
    home = await access.workspace("team")
    role = await access.own.get(ROLE, "viewer", home)
    meta = structs.replace(role.metadata, labels={})
    await access.own.update(ROLE, structs.replace(role, metadata=meta, rules=ANYTHING), "viewer", home)

    async def holds() -> bool:
        found = await access.own.get(ROLE, "viewer", home)
        return found.rules == role.rules and BUILT_IN_LABEL in found.metadata.labels

    await access.until("the role is as it was", holds)


async def test_a_deleted_role_comes_back(access: Access) -> None:
    home = await access.workspace("team")
    for kind, name, namespace in ((ROLE, "admin", home), (CLUSTER_ROLE, "armillary:platform:users-manager", "")):
        await access.own.delete(kind, name, namespace)

        async def holds(kind: Any = kind, name: str = name, namespace: str = namespace) -> Any:
            return await access.own.find(kind, name, namespace)

        await access.until(f"{name} is back", holds)
