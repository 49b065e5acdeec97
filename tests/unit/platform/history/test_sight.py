"""Who may see a record; and what the recycle bin shows of what was deleted."""

import pytest

from armillary.platform.capabilities.history.decide.bin import collapse
from armillary.platform.capabilities.history.decide.sight import Recorded, Sight


def recorded(
    uid: str = "u", *, namespace: str = "shop", created: int = 10, deleted: int = 0, workspace: str = "w"
) -> Recorded:
    number = int.from_bytes(uid.encode(), "big")
    return Recorded(
        number, "", "v1", "ConfigMap", "configmaps", namespace, uid, uid, workspace, created, deleted, False, 1
    )


HERE = Sight(here=True, here_since=5)
ADMIN = Sight(here_since=None, administered={"w": 5})


@pytest.mark.parametrize(
    ("sight", "item", "workspace", "is_shown"),
    [
        (Sight(everywhere=True), recorded(created=0), "", True),
        (Sight(), recorded(), "w", False),
        (HERE, recorded(), "", True),
        (HERE, recorded(deleted=11), "", True),
        (HERE, recorded(created=4), "w", False),  # in a namespace of that name before
        (Sight(here=True), recorded(), "w", False),  # the namespace is gone
        (Sight(here_since=5, administered={"w": 5}), recorded(), "w", False),  # there, and they may not
        (ADMIN, recorded(), "w", True),
        (ADMIN, recorded(), "v", False),
        (ADMIN, recorded(), "", False),
        (ADMIN, recorded(created=4), "w", False),  # of a workspace of that name before
        (Sight(here_since=12, administered={"w": 5}), recorded(), "w", True),
        (Sight(here=True), recorded(namespace=""), "", True),
        (Sight(here=True), recorded(namespace="", deleted=11), "", False),
        (ADMIN, recorded(namespace=""), "w", False),
    ],
)
def test_who_sees_what(sight: Sight, item: Recorded, workspace: str, is_shown: bool) -> None:
    assert sight.shows(item, workspace) is is_shown


def told(uids: str, owners: dict[str, str], alive: str = "") -> list[tuple[str, str]]:
    items = [recorded(uid, deleted=100 + n) for n, uid in enumerate(uids)]
    by_id = {recorded(uid).id: list(above) for uid, above in owners.items()}
    return [(one.root.uid, "".join(item.uid for item in one.dependants)) for one in collapse(items, by_id, set(alive))]


@pytest.mark.parametrize(
    ("uids", "owners", "alive", "expected"),
    [
        ("", {}, "", []),
        ("ab", {}, "", [("b", ""), ("a", "")]),
        ("drp", {"r": "d", "p": "r"}, "", [("d", "pr")]),
        ("p", {"p": "r"}, "r", []),
        ("rp", {"r": "d", "p": "r"}, "d", []),
        ("p", {"p": "x"}, "", [("p", "")]),
        ("ab", {"a": "b", "b": "a"}, "", [("b", "a"), ("a", "b")]),  # a circle, which nobody meant
    ],
)
def test_what_went_together_is_one(
    uids: str, owners: dict[str, str], alive: str, expected: list[tuple[str, str]]
) -> None:
    assert told(uids, owners, alive) == expected
