"""What the console remembers of somebody."""

import pytest
from tests.component.platform.identity.conftest import World

from armillary.kube.kinds.core import CONFIG_MAP
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.capabilities.identity.preferences import MOST_BYTES

PATH = "/platform/v1/me/preferences"


async def test_each_has_their_own(world: World) -> None:
    for name in ("ann", "bob"):
        await world.user(name)
    ann, _ = await world.signed_in("ann")
    bob, _ = await world.signed_in("bob")
    assert (await ann.get(PATH)).json == {}
    wanted = {"theme": "dark", "pinned": ["/w/shop"], "deep": {"a": [1, None, "b"]}}
    assert (await ann.put(PATH, wanted)).json == wanted
    assert (await ann.get(PATH)).json == wanted
    assert (await ann.put(PATH, {"theme": "light"})).json == {"theme": "light"}
    assert (await ann.get(PATH)).json == {"theme": "light"}
    assert (await bob.get(PATH)).json == {}


@pytest.mark.parametrize(
    ("body", "code"),
    [({"text": "x" * MOST_BYTES}, 413), ({"text": "图" * (MOST_BYTES // 3)}, 413), ([1], 422), (b"{", 400)],
)
async def test_what_is_too_much_or_no_document(world: World, body: object, code: int) -> None:
    await world.user("ann")
    ann, _ = await world.signed_in("ann")
    answer = await ann("PUT", PATH, body, headers={"content-type": "application/json"})
    assert answer.status == code
    assert (await ann.get(PATH)).json == {}


async def test_a_name_used_again_inherits_nothing(world: World) -> None:
    await world.user("ann")
    before, _ = await world.signed_in("ann")
    await before.put(PATH, {"theme": "dark"})
    await world.running.admin.delete(USER, "ann")
    await world.settled(lambda: world.deps.reads.get(USER, "ann") is None)
    await world.user("ann")
    ann, _ = await world.signed_in("ann")
    assert (await ann.get(PATH)).json == {}
    assert (await ann.put(PATH, {"theme": "light"})).json == {"theme": "light"}
    kept = await world.running.admin.get(CONFIG_MAP, "preferences-ann", world.deps.settings.namespace)
    account = await world.running.admin.get(USER, "ann")
    assert [owner.uid for owner in kept.metadata.owner_references] == [account.metadata.uid]
