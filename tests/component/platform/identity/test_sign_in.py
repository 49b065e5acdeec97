"""Signing in by password: what opens, what is refused, and that refusals tell nothing."""

import asyncio
from datetime import timedelta

import pytest
from tests.component.platform.identity.conftest import PASSWORD, World

from armillary.base.errors import NotFound
from armillary.kube.kinds.core import SECRET
from armillary.kube.kinds.rbac import CLUSTER_ROLE_BINDING
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.capabilities.identity.ports import Offer


async def test_a_cookie_or_tokens(world: World) -> None:
    await world.user("ann", email="Ann@example.org")
    answer = await world.login("ann", PASSWORD)
    assert answer.status == 200
    cookie = answer.header("set-cookie")
    assert cookie.startswith("__Host-armillary=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    browser = await world.browser("ann@EXAMPLE.org")
    assert (await browser.get("/platform/v1/me")).json["name"] == "ann"
    asking, _ = await world.signed_in("ann")
    assert (await asking.get("/platform/v1/me")).json["scopes"] == ["all"]


async def test_enumeration_refusals_are_the_same(world: World) -> None:
    """No account, a wrong password, a disabled and a locked account: one answer."""
    await world.user("ann")
    await world.user("bob", disabled=True)
    await world.user("eve")
    for _ in range(5):
        await world.login("eve", "wrong", address="203.0.113.1")
    tried = [("ann", "wrong"), ("nobody", PASSWORD), ("bob", PASSWORD), ("eve", PASSWORD), ("no one@x.example", "x")]
    answers = [await world.login(name, password) for name, password in tried]
    assert {(a.status, a.json["message"], a.json["reason"]) for a in answers} == {
        (401, "wrong name or password", "WrongCredentials")
    }
    assert len({tuple(sorted(name for name, _ in a.headers)) for a in answers}) == 1


async def test_enumeration_refusals_ask_a_directory_alike(world: World) -> None:
    """Once each, so that the time does not tell; and it never hears a password that is typed for an account here."""
    world.elsewhere.offered.append(Offer("corp", "Corp", "ldap", may_create=True, may_link_by_email=False))
    await world.user("ann")
    await world.user("bob", disabled=True)
    await world.user("eve")
    for _ in range(5):
        await world.login("eve", "wrong", address="203.0.113.1")
    for name, password in (("ann", "wrong"), ("nobody", "a password"), ("bob", PASSWORD), ("eve", PASSWORD)):
        world.elsewhere.asked.clear()
        assert (await world.login(name, password)).status == 401
        [(login, sent)] = world.elsewhere.asked
        assert ((login, sent) == (name, password)) is (name == "nobody")
        assert PASSWORD not in sent


async def test_an_account_is_locked_and_opens_again(world: World) -> None:
    await world.user("ann")
    for _ in range(5):
        assert (await world.login("ann", "wrong")).status == 401
    assert (await world.login("ann", PASSWORD)).status == 401
    world.clock.ahead = timedelta(seconds=31)
    assert (await world.login("ann", PASSWORD)).status == 200


async def test_guesses_at_once_count_as_many(world: World) -> None:
    await world.user("ann")
    tries = [world.login("ann", f"wrong {number}", address=f"203.0.113.{number}") for number in range(8)]
    answers = await asyncio.gather(*tries, world.login("ann", PASSWORD, address="192.0.2.1"))
    assert [a.status for a in answers] == [401] * 9


async def test_other_replicas_hear_of_a_lock(world: World) -> None:
    await world.user("ann")
    for _ in range(5):
        await world.login("ann", "wrong")
    cache = world.deps.reads.of(USER)
    assert await cache.wait_until(lambda: bool(cache.get("ann").status.locked_until), 5)  # type: ignore[union-attr]
    world.deps.sign_in.locks.forgive("ann")  # as a replica that has heard no guess
    assert (await world.login("ann", PASSWORD)).status == 401


async def test_an_address_may_not_go_on_guessing(world: World) -> None:
    answers = [await world.login(f"user-{number}", "wrong") for number in range(45)]
    assert [a.status for a in answers[:30]] == [401] * 30
    refused = [a for a in answers if a.status == 429]
    assert refused
    assert refused[0].header("retry-after") == "5"
    assert (await world.login("user-31", "wrong", address="192.0.2.9")).status == 401


async def test_every_sign_in_is_noted_and_no_password(world: World) -> None:
    await world.user("ann")
    await world.login("ann", PASSWORD)
    await world.login("ann", "wrong-secret")
    await world.login("my-password-typed-as-name", "x")
    noted = [(d.action, d.user, d.outcome) for d in world.running.audit.noted]
    assert noted == [("login", "ann", "success"), ("login", "ann", "denied"), ("login", "", "denied")]
    assert "typed" not in repr(world.running.audit.noted)
    assert "wrong-secret" not in repr(world.running.audit.noted)
    assert world.running.audit.noted[0].address == "198.51.100.7"


async def test_the_first_administrator(world: World) -> None:
    await world.settled(lambda: "admin" in world.flagged())
    binding = await world.running.admin.get(CLUSTER_ROLE_BINDING, "armillary:platform:member:admin")
    assert binding.subjects[0].name == "armillary:admin"
    asking = await world.admin()
    assert (await asking.get("/platform/v1/me")).json["mustChangePassword"] is False
    with pytest.raises(NotFound):
        await world.running.admin.get(SECRET, "initial-admin-password", "armillary-system")


async def test_a_first_password_has_to_be_changed_before_anything_else(world: World) -> None:
    await world.user("ann", must_change=True)
    asking, said = await world.signed_in("ann")
    assert said["mustChangePassword"] is True
    refused = await asking.get("/platform/v1/me/sessions")
    assert (refused.status, refused.json["reason"]) == (403, "PasswordChangeRequired")
    assert (await asking.get("/platform/v1/me")).status == 200
    changed = await asking.put("/platform/v1/me/password", {"old": PASSWORD, "new": "another fine phrase"})
    assert changed.status == 204
    assert (await asking.get("/platform/v1/me/sessions")).status == 200


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (PASSWORD, "short", "at least 10"),
        (PASSWORD, "Password123!", "first that anybody tries"),
        (PASSWORD, "hello annabel ok", "must not contain the user's name"),
        (PASSWORD, PASSWORD, "is the old one"),
        ("wrong", "another fine phrase", "not the present password"),
    ],
)
async def test_passwords_that_will_not_do(world: World, old: str, new: str, message: str) -> None:
    await world.user("annabel")
    asking, _ = await world.signed_in("annabel")
    answer = await asking.put("/platform/v1/me/password", {"old": old, "new": new})
    assert answer.status == 422
    assert message in answer.json["message"]
    assert new not in answer.json["message"]


async def test_a_password_change_ends_the_other_sessions(world: World) -> None:
    await world.user("ann")
    here, _ = await world.signed_in("ann")
    there, _ = await world.signed_in("ann")
    await here.put("/platform/v1/me/password", {"old": PASSWORD, "new": "another fine phrase"})
    assert (await here.get("/platform/v1/me")).status == 200
    assert (await there.get("/platform/v1/me")).status == 401
