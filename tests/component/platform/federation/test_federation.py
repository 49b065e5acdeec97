"""Providers of a running platform: who may set them up, what is told of them, and what becomes of their people."""

import base64
from typing import Any

import pytest
from tests.component.platform.federation.running import Federated
from tests.harness.slapd import PEOPLE, READER_PASSWORD

from armillary.base.errors import Unauthorized, Unavailable
from armillary.kube.kinds.core import SECRET, Secret
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.federation.kinds import (
    DISABLED_BECAUSE,
    DISABLED_BY,
    IDENTITY_PROVIDER,
    SECRET_TYPE,
)
from armillary.platform.capabilities.identity.kinds import USER, Identity, User, UserSpec
from armillary.platform.capabilities.identity.ports import Offer, Providers, Redirect

ROOT = "/platform/v1/identityproviders"
NAMESPACE = "armillary-system"


async def test_a_directory_lets_people_in(federated: Federated) -> None:
    await federated.administrator("pat")
    await federated.create("corp", display_name="Corporate", accounts="just-in-time")
    providers: Providers = federated.providers
    assert await federated.says("corp", "Ready", "False", "Invalid")  # no password yet
    await federated.set_secret("corp")
    assert await federated.says("corp", "Ready", "True", "Reachable") == f"{PEOPLE} can be read"
    assert providers.offers() == [Offer("corp", "Corporate", "ldap", True, False)]
    ann = await providers.check_password("corp", "ann", "ann's")
    assert ann is not None
    assert (ann.name, ann.groups) == ("ann", ("operators",))
    assert await providers.check_password("corp", "ann", "bob's") is None
    assert await providers.check_password("corp", "ann", "") is None
    assert await providers.check_password("elsewhere", "ann", "ann's") is None
    with pytest.raises(Unauthorized):
        await providers.finish("corp", "https://x", "code", Redirect("", "s", "n", "v"))
    await federated.platform.admin.patch(IDENTITY_PROVIDER, "corp", "", {"spec": {"disabled": True}})
    assert await federated.says("corp", "Ready", "False", "Disabled")
    assert providers.offers() == []
    assert await providers.check_password("corp", "ann", "ann's") is None


async def test_one_directory_that_is_down_does_not_stop_another(federated: Federated) -> None:
    await federated.administrator("pat")
    await federated.create("down", federated.ldap(url="ldaps://127.0.0.1:1", bind_dn=""))
    await federated.create("corp")
    await federated.set_secret("corp")
    assert "does not answer" in await federated.says("down", "Ready", "False", "Unreachable")
    for _ in range(2):  # the second time from memory
        with pytest.raises(Unavailable, match="does not answer"):
            await federated.providers.check_password("down", "ann", "ann's")
    await federated.says("corp", "Ready", "True", "Reachable")
    assert await federated.providers.check_password("corp", "ann", "ann's") is not None


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/corp/test", {"login": "ann"}), ("PUT", "/corp/secret", {"value": "x"})],
)
async def test_who_may_not_change_a_provider_may_not_try_it(
    federated: Federated, method: str, path: str, body: Any
) -> None:
    await federated.create("corp")
    await federated.may("reads", "get", "list")
    missing = path.replace("corp", "missing")
    assert (await federated.platform.nobody()(method, ROOT + path, body)).status == 401
    for user in ("reads", "stranger"):
        asking = federated.platform.as_user(user)
        refused, absent = await asking(method, ROOT + path, body), await asking(method, ROOT + missing, body)
        assert (refused.status, absent.status) == (403, 403)
    await federated.administrator("pat")
    asking = federated.platform.as_user("pat")
    assert (await asking(method, ROOT + missing, body)).status == 404
    assert (await asking(method, ROOT + path, {"login": 7})).status in (400, 422)
    assert await federated.platform.admin.find(SECRET, "identity-provider-missing", NAMESPACE) is None


async def test_anybody_is_told_names_and_nothing_else(federated: Federated) -> None:
    await federated.administrator("pat")
    await federated.create("corp", display_name="Corporate")
    await federated.set_secret("corp")
    await federated.says("corp", "Ready", "True", "Reachable")
    answer = await federated.platform.nobody().get(f"{ROOT}/offers")
    assert answer.status == 200
    assert answer.json == {"items": [{"name": "corp", "displayName": "Corporate", "type": "ldap"}]}


async def test_a_trial_tells_steps_and_no_credential(federated: Federated) -> None:
    await federated.administrator("pat")
    await federated.create("corp")
    await federated.set_secret("corp")
    pat = federated.platform.as_user("pat")

    async def trial(**body: str) -> tuple[list[str], bytes]:
        answer = await pat.post(f"{ROOT}/corp/test", body)
        assert answer.status == 200
        return [f"{s['name']} {s['succeeded']}" for s in answer.json["steps"]], answer.body

    begun = ["connect True", "tls True", "bind True"]
    assert (await trial())[0] == [*begun, "search True"]
    assert (await trial(login="ann"))[0] == [*begun, "search True", "groups True"]
    assert (await trial(login="nobody"))[0] == [*begun, "search False"]
    assert (await trial(login="ann", password="wrong"))[0] == [*begun, "search True", "password False"]
    steps, body = await trial(login="ann", password="ann's")
    assert steps == [*begun, "search True", "password True", "groups True"]
    assert b"ann's" not in body
    assert READER_PASSWORD.encode() not in body
    (deed,) = [deed for deed in federated.platform.audit.noted if deed.subresource == "secret"]
    assert (deed.user, deed.name) == ("pat", "corp")
    assert READER_PASSWORD not in str(deed)


async def test_no_other_secret_is_shown_to_a_server_that_somebody_names(federated: Federated) -> None:
    """A confused deputy: who may name a Secret need not be allowed to read it."""
    admin = federated.platform.admin
    data = {"password": base64.b64encode(READER_PASSWORD.encode()).decode()}
    await admin.create(SECRET, Secret(metadata=ObjectMeta(name="initial-admin-password"), data=data), NAMESPACE)
    await federated.administrator("pat")
    await federated.create("corp", secret="initial-admin-password")
    assert SECRET_TYPE in await federated.says("corp", "Ready", "False", "SecretMissing")
    with pytest.raises(Unavailable, match="there is no Secret"):
        await federated.providers.check_password("corp", "ann", "ann's")
    tried = await federated.platform.as_user("pat").post(f"{ROOT}/corp/test", {"login": "ann"})
    assert [step["name"] for step in tried.json["steps"]] == ["secret"]


async def test_a_secret_of_another_kind_is_not_overwritten(federated: Federated) -> None:
    admin, name = federated.platform.admin, "identity-provider-corp"
    await admin.create(SECRET, Secret(metadata=ObjectMeta(name=name), data={"x": "eA=="}), NAMESPACE)
    await federated.administrator("pat")
    await federated.create("corp")
    answer = await federated.platform.as_user("pat").put(f"{ROOT}/corp/secret", {"value": "v"})
    assert answer.status == 409
    assert (await admin.get(SECRET, name, NAMESPACE)).data == {"x": "eA=="}


async def user(federated: Federated, name: str, subject: str = "", **spec: Any) -> None:
    vouched = None if subject else await federated.providers.check_password("corp", name, f"{name}'s")
    subject = subject or (vouched.subject if vouched is not None else "")
    assert subject
    identities = (Identity(provider="corp", subject=subject),)
    made = User(metadata=ObjectMeta(name=name), spec=UserSpec(identities=identities, **spec))
    await federated.platform.admin.create(USER, made)


async def test_people_follow_their_directory(federated: Federated) -> None:
    await federated.administrator("pat")
    await federated.create("corp", federated.ldap(sync_seconds=0))
    await federated.set_secret("corp")
    await federated.says("corp", "Ready", "True", "Reachable")
    await user(federated, "ann")
    await user(federated, "bob", disabled=True)
    admin = federated.platform.admin
    await admin.patch(IDENTITY_PROVIDER, "corp", "", {"spec": {"ldap": {"syncSeconds": 1}}})

    async def has(name: str, disabled: bool, groups: tuple[str, ...]) -> User:
        async def holds() -> User | None:
            found = await admin.get(USER, name)
            return found if (found.spec.disabled, found.spec.groups) == (disabled, groups) else None

        found: User = await federated.until(f"{name}: {disabled=} {groups=}", holds)
        return found

    await has("ann", False, ("operators",))
    account = f"dn: uid=ann,{PEOPLE}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: "
    federated.slapd.change(account + "514\n")
    marks = (await has("ann", True, ("operators",))).metadata.annotations
    assert (marks[DISABLED_BY], marks[DISABLED_BECAUSE]) == ("corp", "disabled in the directory: corp")
    federated.slapd.change(account + "512\n")
    assert DISABLED_BY not in (await has("ann", False, ("operators",))).metadata.annotations
    federated.slapd.delete(f"uid=ann,{PEOPLE}")
    marks = (await has("ann", True, ("operators",))).metadata.annotations
    assert marks[DISABLED_BECAUSE] == "not in the directory any more: corp"
    await has("bob", True, ())  # an administrator's word: the directory does not undo it
    assert await federated.says("corp", "Synced", "True", "Synced")


async def test_a_directory_that_knows_nobody_disables_nobody(federated: Federated) -> None:
    await federated.administrator("pat")
    for name in ("eve", "zoe"):
        await user(federated, name, subject=f"uid={name},{PEOPLE}")
    await federated.create("corp", federated.ldap(sync_seconds=1))
    await federated.set_secret("corp")
    assert "none was disabled" in await federated.says("corp", "Synced", "False", "NobodyFound")
    assert not any(item.spec.disabled for item in (await federated.platform.admin.list(USER)).items)
