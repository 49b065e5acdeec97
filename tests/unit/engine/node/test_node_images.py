"""Images are pulled when they must be, with the credentials that fit, and deleted when the disk is full."""

import asyncio
import base64
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from tests.unit.engine.node.build import secret
from tests.unit.engine.node.clock import TestClock

from armillary.base.errors import Unavailable
from armillary.base.image_names import parse_image_name, with_default_tag
from armillary.engine.node.image_gc import Disk, ImageCollector, Known, bytes_to_free, images_to_delete
from armillary.engine.node.images import (
    Access,
    ErrImageNeverPull,
    ErrImagePull,
    Image,
    ImageError,
    Images,
    InvalidImageName,
    RegistryUnavailable,
    format_duration,
    node_images,
)
from armillary.kube.image_credentials import Credential, Keyring, keyring_of, parse_keyring

DIGEST = "sha256:" + "a" * 64
GIB = 1 << 30


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("me/app:1.2", "docker.io/me/app:1.2"),
        ("index.docker.io/nginx", "docker.io/library/nginx:latest"),
        ("localhost/a", "localhost/a:latest"),
        ("localhost:5000/a/b:1", "localhost:5000/a/b:1"),
        ("reg.io/a__b/c-d.e", "reg.io/a__b/c-d.e:latest"),
        (f"reg.io/a@{DIGEST}", f"reg.io/a@{DIGEST}"),
        (f"reg.io/a:1@{DIGEST}", f"reg.io/a:1@{DIGEST}"),
        ("[::1]:5000/a", "[::1]:5000/a:latest"),
    ],
)
def test_image_names(text: str, full: str):
    assert str(parse_image_name(text)) == full


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid reference format"),
        ("a b", "invalid reference format"),
        ("a:", "invalid reference format"),
        ("a@sha256:1", "invalid reference format"),
        ("Nginx", "invalid reference format: repository name (library/Nginx) must be lowercase"),
        ("a" * 64, f"invalid repository name ({'a' * 64}), cannot specify 64-byte hexadecimal strings"),
    ],
)
def test_bad_image_names(text: str, message: str):
    with pytest.raises(ValueError, match="invalid") as wrong:
        parse_image_name(text)
    assert str(wrong.value) == message


@pytest.mark.parametrize(
    ("text", "tagged"), [("nginx", "nginx:latest"), ("nginx:1", "nginx:1"), (f"a@{DIGEST}", f"a@{DIGEST}")]
)
def test_the_default_tag(text: str, tagged: str):
    assert with_default_tag(text) == tagged


@pytest.mark.parametrize(
    ("locations", "image", "users"),
    [
        (["reg.io"], "reg.io/a/b", ["reg.io"]),
        (["reg.io"], "other.io/a", []),
        (["reg.io/a", "reg.io"], "reg.io/a/b", ["reg.io/a", "reg.io"]),
        (["reg.io/a"], "reg.io/b", []),
        (["*.reg.io"], "x.reg.io/a", ["*.reg.io"]),
        (["*.reg.io"], "x.y.reg.io/a", []),
        (["reg.io:5000"], "reg.io/a", []),
        (["reg.io:5000"], "reg.io:5000/a", ["reg.io:5000"]),
        (["index.docker.io"], "nginx", ["index.docker.io"]),
        (["docker.io"], "nginx", ["docker.io"]),
    ],
)
def test_credentials_fit_by_location(locations, image, users):
    ring = Keyring(tuple((location, Credential(location, "p")) for location in locations))
    assert [credential.username for credential in ring.lookup(image)] == users


def test_pull_secrets_of_both_kinds_are_read():
    auths = {
        "https://index.docker.io/v1/": {"auth": base64.b64encode(b"me:pass:word").decode()},
        "reg.io/x": {"username": "u", "password": "p"},
    }
    new = secret("a", "kubernetes.io/dockerconfigjson", __dockerconfigjson=orjson.dumps({"auths": auths}))
    old = secret("b", "kubernetes.io/dockercfg", __dockercfg=orjson.dumps({"old.io": {"username": "o"}}))
    bad = secret("c", "kubernetes.io/dockerconfigjson", __dockerconfigjson="{")
    ring = keyring_of([new, old, bad, secret("d")])
    assert dict(ring.entries) == {
        "index.docker.io": Credential("me", "pass:word"),
        "reg.io/x": Credential("u", "p"),
        "old.io": Credential("o", ""),
    }


def test_a_nodes_credentials_are_for_all():
    ring = parse_keyring(b'{"auths":{"reg.io":{"username":"u","password":"p"}}}', private=False)
    assert not ring.lookup("reg.io/a")[0].private


class Registry:
    """A runtime's image service; wants password `p` for `private/...`."""

    def __init__(self) -> None:
        self.images: dict[str, Image] = {}
        self.pulls: list[tuple[str, str]] = []
        self.fault = ""
        self.gate: asyncio.Event | None = None

    async def pull(self, image: str, credential: Credential | None) -> str:
        self.pulls.append((image, credential.username if credential else ""))
        if self.gate:
            await self.gate.wait()
        if self.fault:
            raise Unavailable(self.fault)
        if "private/" in image and (credential is None or credential.password != "p"):
            raise Unavailable("denied")
        self.images[image] = Image(f"id of {image}", (image,), size_bytes=10)
        return f"id of {image}"

    async def image_status(self, image: str) -> Image | None:
        return self.images.get(image)

    async def list_images(self):
        return tuple(self.images.values())

    async def remove_image(self, image: str) -> None:
        self.images = {name: found for name, found in self.images.items() if found.id != image}


class Node:
    def __init__(self, path: Path) -> None:
        self.registry, self.events = Registry(), []
        self.images = Images(self.registry, TestClock(), Access(path / "images.json"))

    async def ensure(self, image: str = "reg.io/a:1", policy: str = "IfNotPresent", ring: Keyring | None = None) -> str:
        return await self.images.ensure(image, policy, ring or Keyring(), lambda *event: self.events.append(event))


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


async def test_an_image_is_pulled_once_unless_always(node: Node):
    assert await node.ensure() == "id of reg.io/a:1"
    assert [message for _, _, message in node.events] == [
        'Pulling image "reg.io/a:1"',
        'Successfully pulled image "reg.io/a:1" in 0s (0s including waiting). Image size: 10 bytes.',
    ]
    await node.ensure()
    assert node.events[-1] == (
        "Normal",
        "Pulled",
        'Container image "reg.io/a:1" already present on machine and can be accessed by the pod',
    )
    await node.ensure(policy="Always")
    assert len(node.registry.pulls) == 2


async def test_never_means_never(node: Node):
    with pytest.raises(ErrImageNeverPull, match="is not present with pull policy of Never"):
        await node.ensure(policy="Never")
    assert node.registry.pulls == []
    await node.ensure()
    assert await node.ensure(policy="Never") == "id of reg.io/a:1"


async def test_those_who_wait_for_the_same_image_share_one_pull(node: Node):
    node.registry.gate = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(node.ensure())
        await asyncio.sleep(0)
        node.registry.gate.set()
    assert len(node.registry.pulls) == 1


@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [
        ("not found", ErrImagePull, "not found"),
        (
            "RegistryUnavailable: refused",
            RegistryUnavailable,
            "image pull failed for reg.io/a:1 because the registry is unavailable: refused",
        ),
    ],
)
async def test_what_went_wrong_is_told(node: Node, fault: str, kind: type[ImageError], message: str):
    node.registry.fault = fault
    with pytest.raises(kind) as failed:
        await node.ensure()
    assert (str(failed.value), failed.value.reason) == (message, kind.__name__)
    assert node.events[-1] == ("Warning", "Failed", f'Failed to pull image "reg.io/a:1": {fault}')


async def test_a_bad_name_is_told(node: Node):
    with pytest.raises(InvalidImageName) as failed:
        await node.ensure("A b")
    assert str(failed.value) == (
        'Failed to apply default image tag "A b": couldn\'t parse image name "A b": invalid reference format'
    )


async def test_each_credential_is_tried(node: Node):
    ring = Keyring((("reg.io/private", Credential("old", "x")), ("reg.io", Credential("new", "p"))))
    await node.ensure("reg.io/private/a", ring=ring)
    assert [user for _, user in node.registry.pulls] == ["old", "new"]


async def test_an_image_pulled_with_credentials_is_not_open_to_others(node: Node, tmp_path: Path):
    mine = Keyring((("reg.io", Credential("me", "p")),))
    await node.ensure("reg.io/private/a", ring=mine)
    await node.ensure("reg.io/private/a", ring=mine)
    assert len(node.registry.pulls) == 1
    with pytest.raises(ErrImagePull):
        await node.ensure("reg.io/private/a")
    with pytest.raises(ErrImageNeverPull):
        await node.ensure("reg.io/private/a", policy="Never")
    again = Node(tmp_path)
    again.registry = node.registry
    again.images = Images(node.registry, TestClock(), Access(tmp_path / "images.json"))
    with pytest.raises(ErrImagePull):
        await again.ensure("reg.io/private/a")
    other = Keyring((("reg.io", Credential("other", "p")),))
    await again.ensure("reg.io/private/a", ring=other)
    await again.ensure("reg.io/private/a", policy="Never", ring=mine)
    await again.ensure("reg.io/private/a", policy="Never", ring=other)


async def test_images_that_were_there_before_are_open_to_all(node: Node):
    node.registry.images["baked:1"] = Image("baked")
    assert await node.ensure("baked:1", policy="Never") == "baked"


def test_the_nodes_status_shows_the_largest():
    images = [Image(str(n), ("t",), ("d",) * 5, size_bytes=n) for n in range(60)]
    shown = node_images(images)
    assert len(shown) == 50
    assert shown[0].size_bytes == 59
    assert shown[0].names == ("d",) * 5


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.1549, "154ms"), (1.2, "1.2s"), (12.345, "12.345s"), (63, "1m3s"), (3600, "1h0m0s")],
)
def test_durations(seconds: float, text: str):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(("available", "expected"), [(100, 0), (16, 0), (15, 5), (0, 20), (200, 0)])
def test_how_much_to_free(available: int, expected: int):
    assert bytes_to_free(Disk(100, available)) == expected
    assert bytes_to_free(Disk(0, 0)) == 0


def test_the_longest_unused_images_go_first():
    now = TestClock().now()
    old, new = now - timedelta(days=2), now - timedelta(seconds=30)
    known = [
        Known(Image("young", size_bytes=5), new),
        Known(Image("used", size_bytes=5), old),
        Known(Image("pinned", size_bytes=5, pinned=True), old),
        Known(Image("recent", size_bytes=5), old, now - timedelta(hours=1)),
        Known(Image("stale", size_bytes=5), old, now - timedelta(days=1)),
        Known(Image("never", size_bytes=5), old),
    ]
    order = [image.id for image in images_to_delete(known, {"used"}, 99, now)]
    assert order == ["never", "stale", "recent"]
    assert len(images_to_delete(known, {"used"}, 6, now)) == 2


async def test_a_full_disk_loses_unused_images(tmp_path: Path):
    registry, clock, told = Registry(), TestClock(), []
    registry.images = {name: Image(name, size_bytes=2 * GIB) for name in "abc"}
    collector = ImageCollector(
        registry,
        clock,
        Access(tmp_path / "images.json"),
        in_use=lambda: asyncio.sleep(0, {"a"}),
        disk=lambda: Disk(100 * GIB, 10 * GIB),
        tell=lambda reason, message: told.append((reason, message)),
    )
    assert await collector.collect() == 0
    clock.pass_seconds(121)
    assert await collector.collect() == 4 * GIB
    assert set(registry.images) == {"a"}
    assert told[-1][0] == "FreeDiskSpaceFailed"
    assert "(90% of 100.0 GiB used)" in told[-1][1]
