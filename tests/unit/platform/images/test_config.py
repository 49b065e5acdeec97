"""What is made of an index and of a configuration, well-formed or not."""

from typing import Any

import pytest

from armillary.platform.capabilities.images.config import Variable, chosen, told


def manifest(digest: str, system: str = "linux", architecture: str = "amd64") -> dict[str, Any]:
    return {"digest": digest, "platform": {"os": system, "architecture": architecture}}


@pytest.mark.parametrize(
    ("manifests", "digest"),
    [
        ([manifest("a", architecture="arm64"), manifest("b")], "b"),
        ([manifest("a", system="windows"), manifest("b", architecture="arm64")], "a"),
        ([{"digest": "a"}], "a"),
        (["nonsense", {}], ""),
        (None, ""),
    ],
)
def test_which_of_an_index(manifests: Any, digest: str) -> None:
    assert chosen({"manifests": manifests}) == digest


def test_all_that_is_said() -> None:
    config = {
        "created": "2026-01-02T03:04:05Z",
        "config": {
            "ExposedPorts": {"8080/tcp": {}, "443/tcp": {}, "odd": {}},
            "Env": ["PATH=/bin", "MODE=a=b", "EMPTY"],
            "Entrypoint": ["/run"],
            "Cmd": ["--all"],
            "User": "web",
            "WorkingDir": "/srv",
            "Volumes": {"/data": {}},
        },
    }
    found = told("web:1", "sha256:a", {"layers": [{"size": 3}, {"size": 4}, {}]}, config)
    assert found.ports == ("443/tcp", "8080/tcp", "odd")
    assert found.environment[1:] == (Variable(name="MODE", value="a=b"), Variable(name="EMPTY", value=""))
    assert (found.entrypoint, found.command, found.volumes) == (("/run",), ("--all",), ("/data",))
    assert (found.user, found.working_dir, found.size_bytes) == ("web", "/srv", 7)


@pytest.mark.parametrize("said", [None, [], {"ExposedPorts": [], "Env": "x", "Cmd": [1], "User": 3, "Volumes": "y"}])
def test_what_is_not_as_specified_is_left_out(said: Any) -> None:
    found = told("web:1", "", {"layers": ["x"]}, {"config": said})
    assert (found.ports, found.environment, found.command, found.user, found.volumes) == ((), (), (), "", ())
